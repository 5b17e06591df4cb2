//! Leaves a provider alone that fails again and again.
//!
//! Closed: everyone may ask. Open: nobody, until the rest is over. Half open: a few may, to see
//! whether it is well again; the first that fails opens it anew, the first that is answered closes
//! it: an answer may take minutes, and the others do not wait for its end. Until one has come to
//! its end, the next failure opens it again.

use crate::error::LlmError;
use kernel::Timestamp;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// When a provider is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// So many failures in a row.
    pub failures: u32,
    /// The rest.
    pub rest: Duration,
    /// So many may ask at once after the rest.
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { failures: 5, rest: Duration::from_secs(20), probes: 1 }
    }
}

/// How a provider is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Everyone may ask.
    Closed,
    /// Nobody may ask before then.
    Open(Timestamp),
    /// A few may ask.
    HalfOpen,
}

/// Counts the failures of one provider.
#[derive(Debug)]
pub(super) struct Breaker {
    config: BreakerConfig,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    in_a_row: u32,
    /// The rest goes on until then; none if there is none.
    until: Option<Timestamp>,
    probing: u32,
}

impl Breaker {
    /// Nothing has failed yet.
    pub fn new(config: BreakerConfig) -> Self {
        Self { config, counts: Mutex::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Counts) -> T) -> T {
        work(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How the provider is doing.
    pub fn state(&self, now: Timestamp) -> BreakerState {
        self.with(|counts| match counts.until {
            None => BreakerState::Closed,
            Some(until) if now < until => BreakerState::Open(until),
            Some(_) => BreakerState::HalfOpen,
        })
    }

    /// Asks whether one may ask.
    pub(super) fn enter(self: &Arc<Self>, now: Timestamp) -> Result<Pass, LlmError> {
        let probe = self.with(|counts| match counts.until {
            None => Ok(false),
            Some(until) if now < until => Err(LlmError::Resting { retry_after: until.since(now) }),
            Some(_) if counts.probing >= self.config.probes => {
                Err(LlmError::Resting { retry_after: self.config.rest })
            }
            Some(_) => {
                counts.probing += 1;
                Ok(true)
            }
        })?;
        Ok(Pass { breaker: self.clone(), probe })
    }
}

/// The right to ask once. Dropped without a word it says nothing about the provider.
pub(super) struct Pass {
    breaker: Arc<Breaker>,
    probe: bool,
}

impl Pass {
    /// The answer has begun.
    pub fn began(&mut self) {
        if std::mem::take(&mut self.probe) {
            self.breaker.with(|counts| {
                counts.probing = counts.probing.saturating_sub(1);
                counts.until = None;
            });
        }
    }

    /// The answer came to its end.
    pub fn succeeded(self) {
        self.breaker.with(|counts| {
            counts.in_a_row = 0;
            counts.until = None;
        });
    }

    /// It failed, which counts if it is the provider's fault.
    pub fn failed(self, error: &LlmError, now: Timestamp) {
        if !error.blames_provider() {
            return;
        }
        let config = self.breaker.config;
        let rest = kernel::Coded::retry_after(error).unwrap_or_default().max(config.rest);
        self.breaker.with(|counts| {
            counts.in_a_row = counts.in_a_row.saturating_add(1);
            if self.probe || counts.in_a_row >= config.failures {
                counts.until = Some(now.plus(rest));
            }
        });
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.with(|counts| counts.probing = counts.probing.saturating_sub(1));
        }
    }
}
