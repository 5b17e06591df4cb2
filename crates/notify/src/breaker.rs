//! Leaves a server alone that could not be reached a few times, so that nobody waits for it.

use kernel::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// After so many failures in a row.
const FAILURES: u32 = 3;
/// For so long; then one letter tries.
const REST: Duration = Duration::from_mins(1);

#[derive(Default)]
struct State {
    failures: u32,
    rests_until: Option<Timestamp>,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

impl Breaker {
    /// Whether the server may be asked now. While it rests, one comes through each minute.
    pub(crate) fn admits(&self, now: Timestamp) -> bool {
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

    /// The server was reached, whatever it said.
    pub(crate) fn reached(&self) {
        *self.lock() = State::default();
    }

    /// It was not.
    pub(crate) fn failed(&self, now: Timestamp) {
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
    fn after_three_failures_one_letter_a_minute_tries() {
        let breaker = Breaker::default();
        for second in 0..3 {
            assert!(breaker.admits(at(second)));
            breaker.failed(at(second));
        }
        assert!(!breaker.admits(at(3)));
        assert!(breaker.admits(at(62)));
        assert!(!breaker.admits(at(63)), "one is under way");
        breaker.reached();
        assert!(breaker.admits(at(64)));
    }

    #[test]
    fn a_success_between_failures_forgives_them() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed(at(0));
            breaker.failed(at(0));
            breaker.reached();
            assert!(breaker.admits(at(0)));
        }
    }
}
