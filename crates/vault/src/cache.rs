//! Unwrapped keys, kept for a while. Bounded in time and number; what falls out is wiped as soon
//! as nobody uses it any more, because all keys wipe themselves.

use kernel::Timestamp;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Values by key. Every value lives equally long, so the oldest is always the next to go.
pub(crate) struct Cache<K, V> {
    ttl: Duration,
    capacity: usize,
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    entries: HashMap<K, Kept<V>>,
    /// Every value ever put, oldest first, with its number.
    order: VecDeque<(K, Timestamp, u64)>,
    puts: u64,
}

struct Kept<V> {
    value: V,
    at: Timestamp,
    put: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// An empty cache. A capacity of zero keeps nothing.
    pub(crate) fn new(ttl: Duration, capacity: usize) -> Self {
        let state = State { entries: HashMap::new(), order: VecDeque::new(), puts: 0 };
        Self { ttl, capacity, state: Mutex::new(state) }
    }

    /// The value, unless it is too old.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut state = self.lock();
        self.tidy(&mut state, now);
        let kept = state.entries.get(key).filter(|kept| self.fresh(kept.at, now));
        kept.map(|kept| kept.value.clone())
    }

    /// Keeps a value from `now` on.
    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut state = self.lock();
        self.tidy(&mut state, now);
        state.puts += 1;
        let put = state.puts;
        state.order.push_back((key.clone(), now, put));
        state.entries.insert(key, Kept { value, at: now, put });
        while state.entries.len() > self.capacity || state.order.len() > 2 * self.capacity {
            if !state.drop_oldest() {
                break;
            }
        }
    }

    /// Forgets one value.
    pub(crate) fn remove(&self, key: &K) {
        self.lock().entries.remove(key);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.entries.clear();
        state.order.clear();
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&self, now: Timestamp) {
        self.tidy(&mut self.lock(), now);
    }

    /// How many values are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    fn fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        at <= now && now.since(at) < self.ttl
    }

    fn tidy(&self, state: &mut State<K, V>, now: Timestamp) {
        while state.order.front().is_some_and(|(_, at, _)| !self.fresh(*at, now)) {
            state.drop_oldest();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> State<K, V> {
    /// Drops the oldest value, unless it has been replaced by a newer one since.
    fn drop_oldest(&mut self) -> bool {
        let Some((key, _, put)) = self.order.pop_front() else { return false };
        if self.entries.get(&key).is_some_and(|kept| kept.put == put) {
            self.entries.remove(&key);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_value_is_kept_for_its_time_and_no_longer() {
        let cache = Cache::new(Duration::from_secs(10), 4);
        cache.put(1, "one", at(0));
        assert_eq!(cache.get(&1, at(9)), Some("one"));
        assert_eq!(cache.get(&1, at(10)), None);
        assert_eq!(cache.len(), 0, "what is too old is dropped, not only hidden");
    }

    #[test]
    fn the_oldest_value_makes_room() {
        let cache = Cache::new(Duration::from_secs(10), 2);
        for key in 0..5 {
            cache.put(key, key, at(i64::from(key)));
        }
        assert_eq!((0..5).filter_map(|key| cache.get(&key, at(5))).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn putting_a_value_again_and_again_keeps_it_and_takes_no_room() {
        let cache = Cache::new(Duration::from_secs(10), 2);
        for time in 0..100 {
            cache.put("key", time, at(0));
        }
        assert_eq!(cache.get(&"key", at(1)), Some(99));
        assert!(cache.lock().order.len() <= 4);
    }

    #[test]
    fn a_clock_that_goes_back_makes_values_too_old() {
        let cache = Cache::new(Duration::from_secs(10), 2);
        cache.put("key", 1, at(100));
        assert_eq!(cache.get(&"key", at(50)), None);
    }

    #[test]
    fn a_cache_without_room_keeps_nothing() {
        let cache = Cache::new(Duration::from_secs(10), 0);
        cache.put("key", 1, at(0));
        assert_eq!(cache.get(&"key", at(0)), None);
    }
}
