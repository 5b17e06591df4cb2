//! Leaves a server alone that could not be reached a few times, so that nobody waits for it.

use kernel::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// After so many failures in a row.
const FAILURES: u32 = 3;

#[derive(Default)]
struct State {
    failures: u32,
    rests_until: Option<Timestamp>,
}

/// Counts failures in a row, and says when to leave the server alone.
pub struct Breaker {
    state: Mutex<State>,
    rest: Duration,
}

impl Breaker {
    /// Leaves it alone for so long; then one request tries.
    #[must_use]
    pub fn resting(rest: Duration) -> Self {
        Self { state: Mutex::default(), rest }
    }

    /// Whether the server may be asked now. While it rests, one comes through each time.
    pub fn admits(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        match state.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now.plus(self.rest));
                true
            }
            None => true,
        }
    }

    /// The server was reached, whatever it said.
    pub fn reached(&self) {
        *self.lock() = State::default();
    }

    /// It was not.
    pub fn failed(&self, now: Timestamp) {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(now.plus(self.rest));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn after_three_failures_one_request_tries_each_time_it_has_rested() {
        let breaker = Breaker::resting(Duration::from_mins(1));
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
        let breaker = Breaker::resting(Duration::from_mins(1));
        for _ in 0..10 {
            breaker.failed(at(0));
            breaker.failed(at(0));
            breaker.reached();
            assert!(breaker.admits(at(0)));
        }
    }
}
