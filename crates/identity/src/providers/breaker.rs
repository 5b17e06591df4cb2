//! Leaves a provider alone that did not answer a few times, so that nobody waits for it.

use kernel::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// After so many failures in a row.
const FAILURES: u32 = 3;
/// For so long; then one request tries.
const REST: Duration = Duration::from_secs(30);

#[derive(Default)]
struct State {
    failures: u32,
    rests_until: Option<Timestamp>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

impl Breaker {
    /// Whether the provider may be asked now. While it rests, one comes through each time.
    pub(super) fn admits(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        match state.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now.plus(REST));
                true
            }
            None => true,
        }
    }

    /// It answered, whatever it said.
    pub(super) fn reached(&self) {
        *self.lock() = State::default();
    }

    /// It did not.
    pub(super) fn failed(&self, now: Timestamp) {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(now.plus(REST));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn after_three_failures_one_request_each_half_minute_tries() {
        let breaker = Breaker::default();
        for second in 0..3 {
            assert!(breaker.admits(at(second)));
            breaker.failed(at(second));
        }
        assert!(!breaker.admits(at(3)));
        assert!(breaker.admits(at(33)));
        assert!(!breaker.admits(at(34)), "one is under way");
        breaker.reached();
        assert!(breaker.admits(at(35)));
    }
}
