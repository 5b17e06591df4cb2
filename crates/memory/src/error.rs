//! What can go wrong with what is remembered.

use crate::model::{FACTS, Invalid};
use audit::AuditError;
use consent::ConsentError;
use db::DbError;
use httpkit::StaleVersion;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// A field of a fact breaks a rule; the detail names both.
    FACT_INVALID = Invalid, "This cannot be remembered as it is.";
    /// The person has as many facts as anybody may have.
    FACTS_FULL = Conflict, "There is no room for more. Please delete something first.";
    /// The person has not switched memory on.
    MEMORY_OFF = Conflict, "Memory is switched off. Nothing is remembered until you switch it on.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// The caller has no such fact.
    #[error("no such fact")]
    NotFound,
    /// A field breaks a rule.
    #[error("a fact breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// The person has not switched it on.
    #[error("memory is switched off")]
    Off,
    /// There are too many facts.
    #[error("there are {FACTS} facts already")]
    Full,
    /// Someone has changed the fact.
    #[error(transparent)]
    Stale(#[from] StaleVersion),
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored fact cannot be understood")]
    Damaged,
    /// The use of the data was refused.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// A key is missing, or a value does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl MemoryError {
    /// The error of a part below, which knows best how to tell it.
    fn below(&self) -> Option<&dyn Coded> {
        match self {
            Self::Stale(error) => Some(error),
            Self::Consent(error) => Some(error),
            Self::Vault(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Db(error) => Some(error),
            Self::NotLoggedIn
            | Self::NotFound
            | Self::Invalid(_)
            | Self::Off
            | Self::Full
            | Self::Damaged => None,
        }
    }
}

impl Coded for MemoryError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotFound => &common::NOT_FOUND,
            Self::Invalid(_) => &FACT_INVALID,
            Self::Off => &MEMORY_OFF,
            Self::Full => &FACTS_FULL,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Stale(error) => error.code(),
            Self::Consent(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Invalid(error) => Some(error.to_string()),
            other => other.below().and_then(Coded::detail),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.below().and_then(Coded::retry_after)
    }
}
