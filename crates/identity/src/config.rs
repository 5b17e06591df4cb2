//! What an installation can decide about accounts, passwords and sessions.

use crate::{model::is_privileged, passkeys::PasskeyConfig, providers::ProviderConfig};
use kernel::{Acr, Role, RoleSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What an installation can decide about accounts, passwords and sessions.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// Who issues access tokens, as their `iss` says: any fixed name of this installation.
    pub issuer: String,
    /// Days in which a closed account can be opened again, 0 to 30. After that it is erased.
    pub undo_days: u8,
    /// Who may make an account, until an administrator decides otherwise.
    pub sign_up: SignUp,
    /// Roles that count only in a log-in with two factors; of `admin`, `auditor`,
    /// `crisis_responder` and `provider`.
    #[schemars(with = "Vec<String>")]
    pub second_factor_for: Vec<Role>,
    /// How passwords are hashed.
    pub password: PasswordConfig,
    /// How long log-ins last.
    pub session: SessionConfig,
    /// How often a password may be tried.
    pub attempts: AttemptConfig,
    /// What passkeys are made for.
    pub passkeys: PasskeyConfig,
    /// Others who vouch for people (OpenID Connect), by the name that they have here:
    /// `[accounts.providers.google]`.
    #[serde(skip_serializing)]
    pub providers: BTreeMap<String, ProviderConfig>,
    /// The address people use, which is no setting of this part: the program sets it.
    #[serde(skip)]
    pub public_url: Option<String>,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            issuer: "salus".to_owned(),
            undo_days: 14,
            sign_up: SignUp::Open,
            second_factor_for: vec![Role::Provider, Role::CrisisResponder, Role::Auditor],
            password: PasswordConfig::default(),
            session: SessionConfig::default(),
            attempts: AttemptConfig::default(),
            passkeys: PasskeyConfig::default(),
            providers: BTreeMap::new(),
            public_url: None,
        }
    }
}

/// Who may make an account. The set-up code of the first administrator works in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Whoever has an invitation.
    InviteOnly,
    /// Nobody.
    Closed,
}

impl SignUp {
    const ALL: [Self; 3] = [Self::Open, Self::InviteOnly, Self::Closed];

    /// The stable name, as stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InviteOnly => "invite_only",
            Self::Closed => "closed",
        }
    }

    /// The mode with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// The cost of argon2id. Below the floor of OWASP (19456 KiB, 2 passes) the program does not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// Memory per hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Hashes at once; 0 means as many as there are processors.
    pub hash_permits: u16,
    /// How many may wait for their turn; more are told to come back later.
    pub hash_queue: u16,
    /// Milliseconds that the answer to a registration with an e-mail address waits after hashing,
    /// so that its time does not tell whether the address was known.
    pub even_answer_ms: u16,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self { memory_kib: 65_536, passes: 3, hash_permits: 0, hash_queue: 64, even_answer_ms: 250 }
    }
}

/// How long log-ins last. People with a role beyond their own data (provider, crisis responder,
/// auditor, admin) have the shorter times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// Life of an access token, in minutes.
    pub access_minutes: u16,
    /// Days after which a refresh token that was not used is void.
    pub refresh_idle_days: u16,
    /// The same for the roles named above.
    pub refresh_idle_days_privileged: u16,
    /// Days after which a log-in with tokens ends in any case.
    pub refresh_days: u16,
    /// Minutes after which a cookie that was not used is void.
    pub cookie_idle_minutes: u16,
    /// The same for the roles named above.
    pub cookie_idle_minutes_privileged: u16,
    /// Hours after which a log-in with a cookie ends in any case.
    pub cookie_hours: u16,
    /// The same for the roles named above.
    pub cookie_hours_privileged: u16,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            access_minutes: 15,
            refresh_idle_days: 14,
            refresh_idle_days_privileged: 7,
            refresh_days: 30,
            cookie_idle_minutes: 12 * 60,
            cookie_idle_minutes_privileged: 15,
            cookie_hours: 24,
            cookie_hours_privileged: 12,
        }
    }
}

/// How often passwords and codes may be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AttemptConfig {
    /// How many failures from one network at one account.
    pub failures: u16,
    /// How many failures from one network at all accounts together.
    pub network_failures: u16,
    /// In how many minutes.
    pub minutes: u16,
    /// Minutes for which codes of a second factor are closed after as many failures.
    pub code_closed_minutes: u16,
    /// How many mails an hour anyone can have us send, to one address and from one network.
    pub mails_per_hour: u16,
}

impl Default for AttemptConfig {
    fn default() -> Self {
        Self {
            failures: 5,
            network_failures: 30,
            minutes: 15,
            code_closed_minutes: 60,
            mails_per_hour: 3,
        }
    }
}

/// A setting that would make the program unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Passwords would be too cheap to guess.
    #[error("identity.password: at least 19456 KiB of memory and 2 passes")]
    WeakHash,
    /// Too much for one hash.
    #[error("identity.password: at most 1048576 KiB of memory and 64 passes")]
    HugeHash,
    /// Nobody could log in.
    #[error("identity.password: hash_queue must not be 0")]
    NoQueue,
    /// Erasure would come too late.
    #[error("identity.undo_days: 0 to 30")]
    LongUndo,
    /// A time that ends log-ins before they begin, or access tokens that live too long.
    #[error("identity.session: no time may be 0, and access_minutes at most 60")]
    BadTime,
    /// It would keep people from their own data, or do nothing.
    #[error("identity.second_factor_for: admin, auditor, crisis_responder or provider")]
    FactorForAll,
    /// Nobody could log in.
    #[error("identity.attempts: no number may be 0, and no time may be over an hour")]
    NoAttempts,
    /// No passkey could be made or used.
    #[error(
        "passkeys: the origins must be https (or http://localhost), and their hosts the domain or \
         below it"
    )]
    Passkeys,
    /// Nobody could log in there.
    #[error("providers: {0}")]
    Providers(&'static str),
}

impl IdentityConfig {
    /// Holds if every setting is safe.
    pub fn check(&self) -> Result<(), ConfigError> {
        let PasswordConfig { memory_kib, passes, hash_queue, .. } = self.password;
        let fail = |when: bool, error| if when { Err(error) } else { Ok(()) };
        fail(memory_kib < 19_456 || passes < 2, ConfigError::WeakHash)?;
        fail(memory_kib > 1_048_576 || passes > 64, ConfigError::HugeHash)?;
        fail(hash_queue == 0, ConfigError::NoQueue)?;
        fail(self.undo_days > 30, ConfigError::LongUndo)?;
        fail(self.session.has_bad_time(), ConfigError::BadTime)?;
        let mut demanding = self.second_factor_for.iter();
        let plain = demanding.any(|role| !is_privileged(RoleSet::of(&[*role])));
        fail(plain, ConfigError::FactorForAll)?;
        fail(self.attempts.is_unusable(), ConfigError::NoAttempts)
    }

    /// Of these roles, those that do not count in a log-in that is only this sure.
    #[must_use]
    pub fn withheld(&self, roles: RoleSet, acr: Acr) -> RoleSet {
        let asked = RoleSet::of(&self.second_factor_for);
        if acr < Acr::Mfa { roles.minus(roles.minus(asked)) } else { RoleSet::default() }
    }

    /// How long a closed account can be opened again.
    #[must_use]
    pub fn undo(&self) -> Duration {
        Duration::from_secs(u64::from(self.undo_days) * DAY)
    }
}

impl SessionConfig {
    fn has_bad_time(&self) -> bool {
        let times = [
            self.access_minutes,
            self.refresh_idle_days,
            self.refresh_idle_days_privileged,
            self.refresh_days,
            self.cookie_idle_minutes,
            self.cookie_idle_minutes_privileged,
            self.cookie_hours,
            self.cookie_hours_privileged,
        ];
        times.contains(&0) || self.access_minutes > 60
    }

    /// Life of an access token.
    #[must_use]
    pub fn access(&self) -> Duration {
        Duration::from_secs(u64::from(self.access_minutes) * MINUTE)
    }

    /// Idle and absolute time of a log-in with tokens.
    #[must_use]
    pub fn token_life(&self, privileged: bool) -> (Duration, Duration) {
        let idle =
            if privileged { self.refresh_idle_days_privileged } else { self.refresh_idle_days };
        (
            Duration::from_secs(u64::from(idle) * DAY),
            Duration::from_secs(u64::from(self.refresh_days) * DAY),
        )
    }

    /// Idle and absolute time of a log-in with a cookie.
    #[must_use]
    pub fn cookie_life(&self, privileged: bool) -> (Duration, Duration) {
        let (idle, hours) = if privileged {
            (self.cookie_idle_minutes_privileged, self.cookie_hours_privileged)
        } else {
            (self.cookie_idle_minutes, self.cookie_hours)
        };
        (
            Duration::from_secs(u64::from(idle) * MINUTE),
            Duration::from_secs(u64::from(hours) * HOUR),
        )
    }
}

impl AttemptConfig {
    /// Counters are kept for an hour.
    fn is_unusable(&self) -> bool {
        let numbers = [self.failures, self.network_failures, self.minutes, self.mails_per_hour];
        numbers.contains(&0) || self.minutes > 60 || self.code_closed_minutes > 60
    }

    /// The time that failures count for.
    #[must_use]
    pub fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_safe() {
        assert_eq!(IdentityConfig::default().check(), Ok(()));
    }

    #[test]
    fn unsafe_settings_are_refused() {
        let cheap = PasswordConfig { memory_kib: 19_455, ..PasswordConfig::default() };
        let config = IdentityConfig { password: cheap, ..IdentityConfig::default() };
        assert_eq!(config.check(), Err(ConfigError::WeakHash));
        let config = IdentityConfig { undo_days: 31, ..IdentityConfig::default() };
        assert_eq!(config.check(), Err(ConfigError::LongUndo));
        let second_factor_for = vec![Role::Premium];
        let config = IdentityConfig { second_factor_for, ..IdentityConfig::default() };
        assert_eq!(config.check(), Err(ConfigError::FactorForAll));
        let session = SessionConfig { access_minutes: 61, ..SessionConfig::default() };
        let config = IdentityConfig { session, ..IdentityConfig::default() };
        assert_eq!(config.check(), Err(ConfigError::BadTime));
    }
}
