//! What was read a moment ago of a person, bounded in time and number.

use kernel::{Subject, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Values by person. A change in this process counts at once.
pub(crate) struct Cache<T> {
    life: Duration,
    most: usize,
    state: Mutex<State<T>>,
}

struct State<T> {
    kept: HashMap<Subject, (Timestamp, Arc<T>)>,
    changes: u64,
}

/// Taken before something is read; what was read is kept only if nothing changed meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    begun: Timestamp,
    changes: u64,
}

impl<T> Cache<T> {
    /// So many values for so long.
    pub(crate) fn new(life: Duration, most: usize) -> Self {
        let state = State { kept: HashMap::new(), changes: 0 };
        Self { life, most, state: Mutex::new(state) }
    }

    pub(crate) fn get(&self, subject: &Subject, now: Timestamp) -> Option<Arc<T>> {
        let state = self.lock();
        let (at, value) = state.kept.get(subject)?;
        self.is_fresh(*at, now).then(|| Arc::clone(value))
    }

    pub(crate) fn begin(&self, now: Timestamp) -> Reading {
        Reading { begun: now, changes: self.lock().changes }
    }

    /// Keeps what was read, and hands it back to be used now.
    pub(crate) fn put(&self, subject: Subject, value: T, reading: Reading) -> Arc<T> {
        let value = Arc::new(value);
        let mut state = self.lock();
        if state.changes == reading.changes {
            if state.kept.len() >= self.most {
                state.kept.retain(|_, (at, _)| self.is_fresh(*at, reading.begun));
            }
            if state.kept.len() < self.most || state.kept.contains_key(&subject) {
                state.kept.insert(subject, (reading.begun, Arc::clone(&value)));
            }
        }
        value
    }

    /// To be called after each change, also when nobody knows whether it worked.
    pub(crate) fn forget(&self, subject: &Subject) {
        let mut state = self.lock();
        state.changes = state.changes.wrapping_add(1);
        state.kept.remove(subject);
    }

    /// Drops what is too old, so that nothing stays because nobody asks.
    pub(crate) fn tidy(&self, now: Timestamp) {
        self.lock().kept.retain(|_, (at, _)| self.is_fresh(*at, now));
    }

    /// A clock that goes back makes everything too old.
    fn is_fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        at <= now && now.since(at) < self.life
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{TenantId, UserId};
    use uuid::Uuid;

    fn someone(n: u128) -> Subject {
        Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(n)))
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1000)
    }

    fn cache() -> Cache<u8> {
        Cache::new(Duration::from_millis(500), 2)
    }

    #[test]
    fn what_was_read_is_kept_for_its_time_and_wiped_though_nobody_asks() {
        let cache = cache();
        cache.put(someone(1), 7, cache.begin(at(0)));
        assert_eq!(cache.get(&someone(1), at(499)).as_deref(), Some(&7));
        assert!(cache.get(&someone(1), at(500)).is_none());
        assert!(cache.get(&someone(1), at(-1)).is_none(), "the clock went back");
        cache.tidy(at(499));
        assert_eq!(cache.lock().kept.len(), 1);
        cache.tidy(at(500));
        assert_eq!(cache.lock().kept.len(), 0);
    }

    #[test]
    fn a_change_counts_at_once_even_while_the_old_state_is_being_read() {
        let cache = cache();
        cache.put(someone(1), 7, cache.begin(at(0)));
        let slow = cache.begin(at(1));
        cache.forget(&someone(1));
        assert_eq!(*cache.put(someone(1), 7, slow), 7);
        assert!(cache.get(&someone(1), at(2)).is_none());
    }

    #[test]
    fn it_never_grows_beyond_its_bounds() {
        let cache = cache();
        for n in 0..10 {
            cache.put(someone(n), 7, cache.begin(at(0)));
        }
        assert_eq!(cache.lock().kept.len(), 2);
        cache.put(someone(11), 7, cache.begin(at(600)));
        assert_eq!(cache.lock().kept.len(), 1);
    }
}
