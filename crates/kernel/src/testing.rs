//! Time that passes when a test says so.

use crate::{Clock, Env, SystemRng, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(moment.as_micros())))
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        let later = self.now().plus(time);
        self.0.store(later.as_micros(), Ordering::SeqCst);
    }

    /// A world with this clock and real randomness.
    #[must_use]
    pub fn env(&self) -> Env {
        Env::new(Arc::new(self.clone()), Arc::new(SystemRng))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
