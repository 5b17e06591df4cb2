//! What ledgers said a moment ago, so that not every request has to read one.

use crate::model::Consented;
use kernel::{Subject, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a withdrawal in another process may go unnoticed here.
const LIFE: Duration = Duration::from_millis(500);
const CAPACITY: usize = 10_000;

/// What is kept, bounded in time and number. A change in this process counts at once.
#[derive(Default)]
pub(crate) struct Cache(Mutex<State>);

#[derive(Default)]
struct State {
    kept: HashMap<Subject, (Timestamp, Arc<Consented>)>,
    changes: u64,
}

/// Taken before a ledger is read; what was read is kept only if nothing changed meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    begun: Timestamp,
    changes: u64,
}

impl Cache {
    pub(crate) fn get(&self, subject: &Subject, now: Timestamp) -> Option<Arc<Consented>> {
        let state = self.lock();
        let (at, consented) = state.kept.get(subject)?;
        fresh(*at, now).then(|| Arc::clone(consented))
    }

    pub(crate) fn begin(&self, now: Timestamp) -> Reading {
        Reading { begun: now, changes: self.lock().changes }
    }

    pub(crate) fn put(&self, subject: Subject, consented: Arc<Consented>, reading: Reading) {
        let mut state = self.lock();
        if state.changes != reading.changes {
            return;
        }
        if state.kept.len() >= CAPACITY {
            state.kept.retain(|_, (at, _)| fresh(*at, reading.begun));
        }
        if state.kept.len() < CAPACITY {
            state.kept.insert(subject, (reading.begun, consented));
        }
    }

    /// To be called after each change of a ledger, also when nobody knows whether it worked.
    pub(crate) fn forget(&self, subject: &Subject) {
        let mut state = self.lock();
        state.changes = state.changes.wrapping_add(1);
        state.kept.remove(subject);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that goes back makes everything too old.
fn fresh(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now.since(at) < LIFE
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

    fn read(cache: &Cache, subject: Subject, now: Timestamp) {
        cache.put(subject, Arc::default(), cache.begin(now));
    }

    #[test]
    fn what_was_read_is_kept_for_half_a_second() {
        let cache = Cache::default();
        read(&cache, someone(1), at(0));
        assert!(cache.get(&someone(1), at(499)).is_some());
        assert!(cache.get(&someone(1), at(500)).is_none());
        assert!(cache.get(&someone(1), at(-1)).is_none(), "the clock went back");
        assert!(cache.get(&someone(2), at(0)).is_none());
    }

    #[test]
    fn a_change_counts_at_once_even_while_the_old_state_is_being_read() {
        let cache = Cache::default();
        read(&cache, someone(1), at(0));
        let slow = cache.begin(at(1));
        cache.forget(&someone(1));
        assert!(cache.get(&someone(1), at(1)).is_none());
        cache.put(someone(1), Arc::default(), slow);
        assert!(cache.get(&someone(1), at(2)).is_none());
    }

    #[test]
    fn it_never_grows_beyond_its_bounds() {
        let cache = Cache::default();
        for n in 0..CAPACITY as u128 + 10 {
            read(&cache, someone(n), at(0));
        }
        assert_eq!(cache.lock().kept.len(), CAPACITY);
        read(&cache, someone(7), at(600));
        assert_eq!(cache.lock().kept.len(), 1);
    }
}
