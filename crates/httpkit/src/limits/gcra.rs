//! The limiter of a single process: the generic cell rate algorithm.
//!
//! Of each caller it keeps one number, the time at which its quota will be whole again. A caller
//! whose time has passed is the same as one never seen, so nothing has to be tidied in the
//! background, and the table never holds more than its capacity.

use super::{Decision, Quota, RateLimiter};
use async_trait::async_trait;
use aws_lc_rs::hmac;
use kernel::Env;
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

const CAPACITY: usize = 65_536;

/// A keyed hash of bucket and caller; nothing in memory tells an address.
type Key = [u8; 16];

/// Counts in the memory of this process.
pub struct MemoryLimiter {
    env: Env,
    hash: hmac::Key,
    capacity: usize,
    whole_at: Mutex<HashMap<Key, i64>>,
}

impl MemoryLimiter {
    /// A limiter that has seen nobody yet.
    #[must_use]
    pub fn new(env: Env) -> Self {
        Self::with_capacity(env, CAPACITY)
    }

    /// The same for at most so many callers.
    #[must_use]
    pub fn with_capacity(env: Env, capacity: usize) -> Self {
        let hash = hmac::Key::new(hmac::HMAC_SHA256, &env.random::<32>());
        Self { env, hash, capacity: capacity.max(2), whole_at: Mutex::default() }
    }

    /// How many callers it remembers.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.whole_at.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn key(&self, bucket: &str, key: &str) -> Key {
        let mut context = hmac::Context::with_key(&self.hash);
        context.update(bucket.as_bytes());
        context.update(&[0]);
        context.update(key.as_bytes());
        context.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for MemoryLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLimiter").field("remembered", &self.remembered()).finish()
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn check(&self, bucket: &'static str, key: &str, quota: Quota) -> Decision {
        let now = self.env.now().as_micros();
        let key = self.key(bucket, key);
        let mut table = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let before = table.get(&key).copied();
        let (decision, after) = decide(quota, now, before.unwrap_or(now));
        if decision.allowed {
            if before.is_none() && table.len() >= self.capacity {
                make_room(&mut table, now, self.capacity);
            }
            table.insert(key, after);
        }
        decision
    }
}

/// One request at `now` of a caller whose quota is whole at `whole_at`. Times in microseconds.
pub(super) fn decide(quota: Quota, now: i64, whole_at: i64) -> (Decision, i64) {
    let per = micros(quota.per).max(1);
    let step = (per / i64::from(quota.limit.max(1))).max(1);
    // A clock that was set back must not shut anybody out for longer than one period.
    let whole_at = whole_at.clamp(now, now.saturating_add(per));
    let after = whole_at.saturating_add(step);
    let late = after.saturating_sub(now).saturating_sub(per);
    let allowed = quota.limit > 0 && late <= 0;
    let whole_at = if allowed { after } else { whole_at };
    let free = per.saturating_sub(whole_at.saturating_sub(now));
    let decision = Decision {
        allowed,
        remaining: u32::try_from(free / step).unwrap_or(u32::MAX).min(quota.limit),
        reset: duration(whole_at.saturating_sub(now)),
        retry_after: if quota.limit == 0 { quota.per } else { duration(late) },
    };
    (decision, whole_at)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// Forgets callers whose quota is whole. If the table stays nearly full, forgets the half that used
/// least: someone who floods it with new addresses does not free those who were stopped, nor make
/// every request go through the whole table.
fn make_room(table: &mut HashMap<Key, i64>, now: i64, capacity: usize) {
    table.retain(|_, whole_at| *whole_at > now);
    if table.len() < capacity - capacity / 4 {
        return;
    }
    let mut times: Vec<(i64, Key)> = table.iter().map(|(key, at)| (*at, *key)).collect();
    let (least, _, _) = times.select_nth_unstable(table.len() / 2);
    for (_, key) in least {
        table.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Quota = Quota::per_minute(60);

    /// Sends requests at these times and says which were let through.
    fn allowed(quota: Quota, times: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut whole_at = 0;
        let mut through = Vec::new();
        for now in times {
            let (decision, after) = decide(quota, now, whole_at);
            if decision.allowed {
                through.push(now);
            }
            whole_at = after;
        }
        through
    }

    #[test]
    fn the_whole_quota_may_come_at_once_and_then_one_at_a_time() {
        assert_eq!(allowed(MINUTE, std::iter::repeat_n(0, 100)).len(), 60);
        let (decision, _) = decide(MINUTE, 0, 60_000_000);
        assert_eq!((decision.allowed, decision.retry_after), (false, Duration::from_secs(1)));
        let (decision, _) = decide(MINUTE, 1_000_000, 60_000_000);
        assert!(decision.allowed);
    }

    #[test]
    fn a_quota_of_nothing_lets_nothing_through() {
        let (decision, _) = decide(Quota::per_hour(0), 0, 0);
        assert_eq!((decision.allowed, decision.remaining), (false, 0));
        assert!(decision.retry_after > Duration::ZERO);
    }

    #[test]
    fn room_is_made_for_many_at_once_though_one_after_the_other_is_forgotten() {
        let mut table: HashMap<Key, i64> = (0..64).map(|n: u8| ([n; 16], i64::from(n))).collect();
        make_room(&mut table, 0, 64);
        assert_eq!(table.len(), 32, "one was whole, and half of the others had to go");
        assert!(table.values().all(|whole_at| *whole_at > 31), "who used most is remembered");
    }

    proptest! {
        #[test]
        fn no_period_sees_more_than_twice_the_quota(
            limit in 1u32..50,
            mut times in prop::collection::vec(0i64..10_000_000, 1..300),
        ) {
            times.sort_unstable();
            let quota = Quota { limit, per: Duration::from_secs(1) };
            let through = allowed(quota, times);
            for start in &through {
                let seen = through.iter().filter(|at| (*start..start + 1_000_000).contains(at));
                prop_assert!(seen.count() <= 2 * limit as usize);
            }
        }

        #[test]
        fn who_waits_as_told_is_let_through(limit in 1u32..1000, now in 0i64..1 << 50, used: u32) {
            let quota = Quota { limit, per: Duration::from_mins(1) };
            let whole_at = now + i64::from(used % 60_000_000);
            let (first, after) = decide(quota, now, whole_at);
            let later = now + i64::try_from(first.retry_after.as_micros()).unwrap();
            prop_assert!(first.allowed || decide(quota, later, after).0.allowed);
        }

        #[test]
        fn arithmetic_holds_at_the_edges(limit: u32, secs: u64, now: i64, whole_at: i64) {
            let quota = Quota { limit, per: Duration::from_secs(secs) };
            let now = now / 4;
            let (decision, _) = decide(quota, now, whole_at);
            prop_assert!(decision.remaining <= limit);
        }
    }
}
