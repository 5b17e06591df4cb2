//! How often a password may be tried.
//!
//! Failures are counted per network and account together: a stranger can never lock a person out,
//! and one network cannot go on guessing one password. An attempt counts before it is judged, so
//! that many at once are no way around the limit.

use crate::{config::AttemptConfig, ticket::hash};
use async_trait::async_trait;
use kernel::Timestamp;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// More networks and accounts than this are not remembered; the ones idle longest are forgotten.
const CAPACITY: usize = 50_000;

/// A network and an account, hashed: neither is kept in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptKey([u8; 32]);

impl AttemptKey {
    /// Attempts from the network of this address (/24 or /64) on the account with this blind
    /// index, whether there is such an account or not.
    #[must_use]
    pub fn new(address: Option<IpAddr>, account: &[u8]) -> Self {
        let network = match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(v4)) => (4_u8, u64::from(v4.to_bits() >> 8)),
            Some(IpAddr::V6(v6)) => (6, u64::try_from(v6.to_bits() >> 64).unwrap_or_default()),
            None => (0, 0),
        };
        let (version, bits) = network;
        Self(hash(&[&[version], bits.to_be_bytes().as_slice(), account].concat()))
    }
}

/// Counts attempts. One that cannot reach its store decides by what this process knows; it never
/// lets everything through.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts an attempt, or says when the next one may come.
    async fn begin(&self, key: AttemptKey, now: Timestamp) -> Result<(), Duration>;

    /// The attempt was right: those before it are forgiven.
    async fn succeeded(&self, key: AttemptKey);

    /// The attempt could not be judged: it does not count.
    async fn withdraw(&self, key: AttemptKey);
}

/// Counts within this process.
pub struct MemoryAttempts {
    config: AttemptConfig,
    failures: Mutex<HashMap<AttemptKey, Vec<Timestamp>>>,
}

impl MemoryAttempts {
    /// With this limit.
    #[must_use]
    pub fn new(config: AttemptConfig) -> Self {
        Self { config, failures: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AttemptKey, Vec<Timestamp>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_room(&self, failures: &mut HashMap<AttemptKey, Vec<Timestamp>>, now: Timestamp) {
        let window = self.config.window();
        failures.retain(|_, times| times.last().is_some_and(|last| now.since(*last) < window));
        if failures.len() >= CAPACITY {
            let mut last: Vec<_> =
                failures.values().filter_map(|times| times.last()).copied().collect();
            let (_, middle, _) = last.select_nth_unstable(CAPACITY / 2);
            let middle = *middle;
            failures.retain(|_, times| times.last().is_some_and(|last| *last > middle));
        }
    }
}

#[async_trait]
impl Attempts for MemoryAttempts {
    async fn begin(&self, key: AttemptKey, now: Timestamp) -> Result<(), Duration> {
        let window = self.config.window();
        let mut failures = self.lock();
        if failures.len() >= CAPACITY && !failures.contains_key(&key) {
            self.make_room(&mut failures, now);
        }
        let times = failures.entry(key).or_default();
        times.retain(|time| now.since(*time) < window);
        match times.first() {
            Some(first) if times.len() >= usize::from(self.config.failures) => {
                Err(first.plus(window).since(now))
            }
            Some(_) | None => {
                times.push(now);
                Ok(())
            }
        }
    }

    async fn succeeded(&self, key: AttemptKey) {
        self.lock().remove(&key);
    }

    async fn withdraw(&self, key: AttemptKey) {
        if let Some(times) = self.lock().get_mut(&key) {
            times.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str, account: &[u8]) -> AttemptKey {
        AttemptKey::new(Some(address.parse().unwrap()), account)
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_micros(minute * 60_000_000)
    }

    #[tokio::test]
    async fn the_sixth_attempt_waits_until_the_first_is_a_quarter_of_an_hour_old() {
        let attempts = MemoryAttempts::new(AttemptConfig::default());
        let key = key("192.0.2.1", b"ana");
        for at in 0..5 {
            assert_eq!(attempts.begin(key, minute(at)).await, Ok(()));
        }
        assert_eq!(attempts.begin(key, minute(5)).await, Err(Duration::from_mins(10)));
        assert_eq!(attempts.begin(key, minute(15)).await, Ok(()));
        assert!(attempts.begin(key, minute(15)).await.is_err());
    }

    #[tokio::test]
    async fn a_right_password_forgives_the_wrong_ones_before_it() {
        let attempts = MemoryAttempts::new(AttemptConfig::default());
        let key = key("192.0.2.1", b"ana");
        for _ in 0..20 {
            assert_eq!(attempts.begin(key, minute(0)).await, Ok(()));
            attempts.succeeded(key).await;
        }
    }

    #[tokio::test]
    async fn an_attempt_that_could_not_be_judged_does_not_count() {
        let attempts = MemoryAttempts::new(AttemptConfig::default());
        let key = key("192.0.2.1", b"ana");
        for _ in 0..4 {
            assert_eq!(attempts.begin(key, minute(0)).await, Ok(()));
        }
        for _ in 0..20 {
            assert_eq!(attempts.begin(key, minute(0)).await, Ok(()));
            attempts.withdraw(key).await;
        }
        assert_eq!(attempts.begin(key, minute(0)).await, Ok(()));
        assert!(attempts.begin(key, minute(0)).await.is_err());
    }

    #[tokio::test]
    async fn a_stranger_elsewhere_cannot_lock_the_owner_out() {
        let attempts = MemoryAttempts::new(AttemptConfig::default());
        for _ in 0..50 {
            let _ = attempts.begin(key("192.0.2.1", b"ana"), minute(0)).await;
        }
        assert_eq!(attempts.begin(key("198.51.100.1", b"ana"), minute(0)).await, Ok(()));
        assert_eq!(attempts.begin(key("192.0.2.1", b"ben"), minute(0)).await, Ok(()));
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        assert_eq!(key("192.0.2.1", b"a"), key("192.0.2.254", b"a"));
        assert_eq!(key("192.0.2.1", b"a"), key("::ffff:192.0.2.9", b"a"));
        assert_eq!(key("2001:db8::1", b"a"), key("2001:db8::ffff:1", b"a"));
        assert_ne!(key("2001:db8::1", b"a"), key("2001:db8:0:1::1", b"a"));
    }

    #[tokio::test]
    async fn a_flood_of_accounts_takes_bounded_room() {
        let attempts = MemoryAttempts::new(AttemptConfig::default());
        for n in 0..u32::try_from(CAPACITY + 10).unwrap() {
            let key = AttemptKey::new(None, &n.to_be_bytes());
            let _ = attempts.begin(key, Timestamp::from_micros(n.into())).await;
        }
        assert!(attempts.lock().len() <= CAPACITY);
    }
}
