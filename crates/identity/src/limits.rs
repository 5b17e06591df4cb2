//! How often something may be guessed at.
//!
//! Failures are counted in *lanes*: per network and account, per network, per account, per device
//! that the account's person was logged in on. A try counts before it is judged, so that many at
//! once are no way around a limit. What always holds: no lane that a stranger can fill shuts the
//! person out; failures of one factor never close another; and when the shared counters cannot be
//! reached, the process counts by itself at half the rate instead of letting everything through.
//!
//! Lanes are named by hashes: neither address nor account is kept in the clear.

mod memory;
mod shared;
mod window;

pub use memory::MemoryAttempts;
pub use shared::SharedAttempts;
pub(crate) use shared::{STATEMENTS, forget_attempts};

use crate::{config::AttemptConfig, ticket::hash};
use async_trait::async_trait;
use kernel::Timestamp;
use std::{net::IpAddr, time::Duration};
use window::Rule;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// What is guessed at. Each has counters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// The password of a log-in.
    Password,
    /// The password of someone who is logged in and is asked for it again.
    Confirmation,
    /// One-time codes of an app.
    Totp,
    /// Recovery codes.
    RecoveryCode,
    /// Mails that anybody can make us send to an address.
    Mail,
    /// Signatures for a label without personal data.
    Label,
}

impl Factor {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Confirmation => "confirmation",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Mail => "mail",
            Self::Label => "label",
        }
    }
}

/// One try: which lanes it counts in.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub(crate) lanes: Vec<Lane>,
}

/// A counter and its rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lane {
    pub(crate) key: [u8; 32],
    pub(crate) rule: Rule,
}

impl Attempt {
    /// A try at this factor of the account with these bytes for a name, whether there is such an
    /// account or not, from the network (/24 or /64) of this address. Who comes with a device
    /// that the account knows has a lane of their own, and no other counts.
    #[must_use]
    pub fn new(
        config: &AttemptConfig,
        factor: Factor,
        address: Option<IpAddr>,
        account: &[u8],
        device: Option<&[u8; 16]>,
    ) -> Self {
        let network = network(address);
        let lane = |kind: &str, parts: &[&[u8]], rule| Lane {
            key: hash(&named(factor, kind, parts)),
            rule,
        };
        let few = Rule::few(config.failures, config.window());
        let in_hour = Rule::few(config.mails_per_hour, HOUR);
        let guess = few.closing(MINUTE * u32::from(config.code_closed_minutes));
        let mut lanes = match (factor, device) {
            (Factor::Password, Some(device)) => {
                vec![lane("device", &[account, device], few.forgiving())]
            }
            (Factor::Password | Factor::Label, _) => vec![
                lane("pair", &[&network, account], few.forgiving()),
                lane("network", &[&network], Rule::few(config.network_failures, config.window())),
                lane("account", &[account], Rule::slowing(config.window())),
            ],
            (Factor::Confirmation, _) => vec![lane("account", &[account], few.forgiving())],
            (Factor::Totp | Factor::RecoveryCode, _) => {
                vec![lane("account", &[account], guess.forgiving())]
            }
            (Factor::Mail, _) => {
                vec![lane("account", &[account], in_hour), lane("network", &[&network], in_hour)]
            }
        };
        // Everybody takes the rows of several lanes in the same order.
        lanes.sort_by_key(|lane| lane.key);
        Self { lanes }
    }
}

impl Attempt {
    /// What is forgiven when an account is unlocked: all of it but what its network did elsewhere.
    pub(crate) fn forgiven(
        config: &AttemptConfig,
        factor: Factor,
        address: Option<IpAddr>,
        account: &[u8],
    ) -> Self {
        let elsewhere = hash(&named(factor, "network", &[&network(address)]));
        let lanes = Self::new(config, factor, address, account, None).lanes.into_iter();
        let lanes = lanes.filter(|lane| lane.key != elsewhere);
        Self { lanes: lanes.map(|lane| Lane { rule: lane.rule.forgiving(), ..lane }).collect() }
    }
}

/// Parts with their lengths, so that no two lists of parts give the same name.
fn named(factor: Factor, kind: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut text = format!("{}/{kind}", factor.name()).into_bytes();
    for part in parts {
        text.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

fn network(address: Option<IpAddr>) -> [u8; 9] {
    let (version, bits) = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(v4)) => (4, u64::from(v4.to_bits() >> 8)),
        Some(IpAddr::V6(v6)) => (6, u64::try_from(v6.to_bits() >> 64).unwrap_or_default()),
        None => (0, 0),
    };
    let mut network = [version; 9];
    let (_, rest) = network.split_at_mut(1);
    rest.copy_from_slice(&bits.to_be_bytes());
    network
}

/// Counts tries.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts a try and says how long to wait before it is judged, or refuses it without counting
    /// and says when the next one may come.
    async fn begin(&self, attempt: &Attempt, now: Timestamp) -> Result<Duration, Duration>;

    /// The try was right: it does not count, and where only its own person can have failed, the
    /// failures before it are forgiven.
    async fn succeeded(&self, attempt: &Attempt, now: Timestamp);

    /// The try could not be judged: it does not count.
    async fn withdraw(&self, attempt: &Attempt, now: Timestamp);
}

#[cfg(test)]
mod tests;
