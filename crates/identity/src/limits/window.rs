//! The arithmetic of a lane: when it was failed in, and what follows. No I/O.

use kernel::Timestamp;
use std::time::Duration;

/// Failures that slow an account down, and by how much. A person who mistypes never gets here;
/// from the last line on it stays the same, however many there are: slow, and never locked.
const LADDER: [(usize, u64); 5] = [(100, 10), (50, 5), (25, 3), (10, 1), (0, 0)];

/// More failures than this make no difference, so only the newest are kept.
const KEPT: usize = 100;

/// What a lane does about failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// How many are let through; none means all are, slower and slower.
    limit: Option<usize>,
    window: Duration,
    /// How long it stays closed after the last failure; until the window has passed if zero.
    closed: Duration,
    /// Whether success forgives what was before.
    forgiving: bool,
}

impl Rule {
    /// So many failures in so long a time.
    pub(crate) const fn few(limit: u16, window: Duration) -> Self {
        let limit = Some(limit as usize);
        Self { limit, window, closed: Duration::ZERO, forgiving: false }
    }

    /// All are let through, but each time after a longer wait.
    pub(crate) const fn slowing(window: Duration) -> Self {
        Self { limit: None, window, closed: Duration::ZERO, forgiving: false }
    }

    /// The same, closed for so long once the limit is reached.
    pub(crate) const fn closing(self, closed: Duration) -> Self {
        Self { closed, ..self }
    }

    /// The same, forgetting failures at the first success.
    pub(crate) const fn forgiving(self) -> Self {
        Self { forgiving: true, ..self }
    }

    /// The same at half the rate, for one process on its own.
    pub(crate) fn halved(self) -> Self {
        Self { limit: self.limit.map(|limit| (limit / 2).max(1)), ..self }
    }

    /// How long a failure can matter.
    pub(crate) fn memory(self) -> Duration {
        self.window.max(self.closed)
    }
}

/// When a lane was failed in, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Window(Vec<Timestamp>);

impl Window {
    /// How long a try at this moment has to wait before it is judged; or it is refused, and this
    /// is how long until the next one may come.
    pub(crate) fn admit(&mut self, rule: Rule, now: Timestamp) -> Result<Duration, Duration> {
        self.0.retain(|at| now.since(*at) < rule.memory());
        let Some(limit) = rule.limit else {
            let failures = self.0.len();
            let step = LADDER.iter().find(|(from, _)| failures >= *from);
            return Ok(Duration::from_secs(step.map_or(0, |(_, seconds)| *seconds)));
        };
        let open_at = match self.0.last() {
            Some(last) if !rule.closed.is_zero() => {
                let near = self.0.iter().filter(|at| last.since(**at) < rule.window).count();
                (near >= limit).then(|| last.plus(rule.closed))
            }
            Some(_) => self.oldest_of(limit).map(|oldest| oldest.plus(rule.window)),
            None => None,
        };
        match open_at {
            Some(open_at) if open_at > now => Err(open_at.since(now)),
            Some(_) | None => Ok(Duration::ZERO),
        }
    }

    /// The first of the last so many failures, if there are as many.
    fn oldest_of(&self, limit: usize) -> Option<Timestamp> {
        self.0.get(self.0.len().checked_sub(limit)?).copied()
    }

    pub(crate) fn count(&mut self, now: Timestamp) {
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(now);
    }

    pub(crate) fn uncount(&mut self) {
        self.0.pop();
    }

    pub(crate) fn succeeded(&mut self, rule: Rule) {
        if rule.forgiving {
            self.0.clear();
        } else {
            self.uncount();
        }
    }

    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.0.last().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As stored: microseconds, eight bytes each.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|at| at.as_micros().to_be_bytes()).collect()
    }

    /// What [`Self::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let (times, _) = bytes.as_chunks::<8>();
        Self(times.iter().map(|at| Timestamp::from_micros(i64::from_be_bytes(*at))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_stored_window_reads_back() {
        let mut window = Window::default();
        for at in [-5, 0, 7, 7] {
            window.count(second(at));
        }
        assert_eq!(Window::from_bytes(&window.to_bytes()), window);
        assert!(Window::from_bytes(&[1, 2, 3]).is_empty());
    }

    #[test]
    fn an_account_gets_slower_and_is_never_closed() {
        let rule = Rule::slowing(Duration::from_mins(15));
        let mut window = Window::default();
        let mut waits = Vec::new();
        for _ in 0..1000 {
            waits.push(window.admit(rule, second(0)).unwrap().as_secs());
            window.count(second(0));
        }
        assert_eq!([waits[9], waits[10], waits[25], waits[50], waits[100]], [0, 1, 3, 5, 10]);
        assert_eq!(waits.iter().max(), Some(&10));
    }

    #[test]
    fn a_code_is_closed_for_an_hour_after_the_fifth_failure() {
        let rule = Rule::few(5, Duration::from_mins(15)).closing(Duration::from_hours(1));
        let mut window = Window::default();
        for at in 0..5 {
            assert_eq!(window.admit(rule, second(at)), Ok(Duration::ZERO));
            window.count(second(at));
        }
        assert_eq!(window.admit(rule, second(1800)), Err(Duration::from_secs(1804)));
        assert_eq!(window.admit(rule, second(3604)), Ok(Duration::ZERO));
    }

    #[test]
    fn failures_that_lie_far_apart_close_nothing() {
        let rule = Rule::few(5, Duration::from_mins(15)).closing(Duration::from_hours(1));
        let mut window = Window::default();
        for at in 0..50 {
            assert_eq!(window.admit(rule, second(at * 600)), Ok(Duration::ZERO));
            window.count(second(at * 600));
        }
    }

    proptest! {
        #[test]
        fn no_window_of_time_sees_more_than_the_limit(
            limit in 1u16..8,
            mut times in prop::collection::vec(0i64..5_000, 1..200),
        ) {
            times.sort_unstable();
            let rule = Rule::few(limit, Duration::from_mins(15));
            let (mut window, mut through) = (Window::default(), Vec::new());
            for at in times {
                if window.admit(rule, second(at)).is_ok() {
                    window.count(second(at));
                    through.push(at);
                }
            }
            for from in &through {
                let seen = through.iter().filter(|at| (*from..from + 900).contains(at)).count();
                prop_assert!(seen <= usize::from(limit));
            }
        }

        #[test]
        fn who_waits_as_told_is_let_through(
            limit in 1u16..8, closed in 0u64..4000, times in prop::collection::vec(0i64..900, 0..9),
        ) {
            let rule = Rule::few(limit, Duration::from_mins(15)).closing(Duration::from_secs(closed));
            let mut window = Window::default();
            let mut sorted = times;
            sorted.sort_unstable();
            for at in sorted {
                window.count(second(at));
            }
            if let Err(wait) = window.clone().admit(rule, second(900)) {
                prop_assert!(window.admit(rule, second(900).plus(wait)).is_ok());
            }
        }
    }
}
