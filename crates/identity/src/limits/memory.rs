//! Counters in the memory of one process.

use super::{Attempt, Attempts, Lane, window::Window};
use async_trait::async_trait;
use kernel::Timestamp;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// More lanes than this are not remembered; the ones idle longest are forgotten.
pub(super) const CAPACITY: usize = 50_000;
/// No lane remembers longer.
const LONGEST: Duration = Duration::from_hours(1);

/// Counts within this process.
#[derive(Default)]
pub struct MemoryAttempts {
    lanes: Mutex<HashMap<[u8; 32], Window>>,
}

impl MemoryAttempts {
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Window>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many lanes are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.lock().len()
    }

    fn make_room(lanes: &mut HashMap<[u8; 32], Window>, now: Timestamp) {
        lanes.retain(|_, window| window.last().is_some_and(|last| now.since(last) < LONGEST));
        if lanes.len() >= CAPACITY {
            let mut last: Vec<_> = lanes.values().filter_map(Window::last).collect();
            let (_, middle, _) = last.select_nth_unstable(CAPACITY / 2);
            let middle = *middle;
            lanes.retain(|_, window| window.last().is_some_and(|last| last > middle));
        }
    }

    /// The try was let through elsewhere; it counts here, too.
    pub(super) fn count(&self, attempt: &Attempt, now: Timestamp) {
        Self::counted(&mut self.lock(), attempt, now);
    }

    fn counted(lanes: &mut HashMap<[u8; 32], Window>, attempt: &Attempt, now: Timestamp) {
        for lane in &attempt.lanes {
            if lanes.len() >= CAPACITY && !lanes.contains_key(&lane.key) {
                Self::make_room(lanes, now);
            }
            lanes.entry(lane.key).or_default().count(now);
        }
    }

    /// Lets the try through and counts it if every lane does.
    pub(super) fn judge(
        &self,
        lanes_of: impl Iterator<Item = Lane>,
        now: Timestamp,
    ) -> Result<Duration, Duration> {
        Self::judged(&mut self.lock(), lanes_of, now)
    }

    fn judged(
        lanes: &mut HashMap<[u8; 32], Window>,
        lanes_of: impl Iterator<Item = Lane>,
        now: Timestamp,
    ) -> Result<Duration, Duration> {
        let mut verdict = Ok(Duration::ZERO);
        for lane in lanes_of {
            let window = lanes.get_mut(&lane.key);
            let own = window.map_or(Ok(Duration::ZERO), |window| window.admit(lane.rule, now));
            verdict = worse(verdict, own);
        }
        verdict
    }

    fn change(&self, attempt: &Attempt, change: impl Fn(&mut Window, &Lane)) {
        let mut lanes = self.lock();
        for lane in &attempt.lanes {
            if let Some(window) = lanes.get_mut(&lane.key) {
                change(window, lane);
                if window.is_empty() {
                    lanes.remove(&lane.key);
                }
            }
        }
    }
}

/// A refusal before a wait, and the longer of two.
pub(super) fn worse(
    one: Result<Duration, Duration>,
    other: Result<Duration, Duration>,
) -> Result<Duration, Duration> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(one.max(other)),
        (Err(one), Err(other)) => Err(one.max(other)),
        (Err(wait), Ok(_)) | (Ok(_), Err(wait)) => Err(wait),
    }
}

#[async_trait]
impl Attempts for MemoryAttempts {
    async fn begin(&self, attempt: &Attempt, now: Timestamp) -> Result<Duration, Duration> {
        // Under one lock: of many tries at once, none is let through that the others used up.
        let mut lanes = self.lock();
        let verdict = Self::judged(&mut lanes, attempt.lanes.iter().copied(), now);
        if verdict.is_ok() {
            Self::counted(&mut lanes, attempt, now);
        }
        verdict
    }

    async fn succeeded(&self, attempt: &Attempt, _now: Timestamp) {
        self.change(attempt, |window, lane| window.succeeded(lane.rule));
    }

    async fn withdraw(&self, attempt: &Attempt, _now: Timestamp) {
        self.change(attempt, |window, _| window.uncount());
    }
}
