//! What can go wrong with what people fill in.

use crate::model::Invalid;
use audit::AuditError;
use consent::ConsentError;
use db::DbError;
use httpkit::StaleVersion;
use journal::JournalError;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// What was filled in breaks a rule; the detail names the part.
    FORM_INVALID = Invalid, "This cannot be kept as it is.";
    /// There is something else under the id that the client chose.
    RECORD_EXISTS = Conflict, "There is something else with this id.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum WellbeingError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// The caller has no such thing.
    #[error("no such record")]
    NotFound,
    /// Something breaks a rule.
    #[error("a record breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// The id is taken.
    #[error("the id is taken")]
    Exists,
    /// Someone has changed it.
    #[error(transparent)]
    Stale(#[from] StaleVersion),
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored record cannot be understood")]
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
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl WellbeingError {
    /// The error of a part below, which knows best how to tell it.
    fn below(&self) -> Option<&dyn Coded> {
        match self {
            Self::Stale(error) => Some(error),
            Self::Consent(error) => Some(error),
            Self::Vault(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Db(error) => Some(error),
            Self::Journal(error) => Some(error),
            Self::NotLoggedIn
            | Self::NotFound
            | Self::Invalid(_)
            | Self::Exists
            | Self::Damaged => None,
        }
    }
}

impl Coded for WellbeingError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotFound => &common::NOT_FOUND,
            Self::Invalid(_) => &FORM_INVALID,
            Self::Exists => &RECORD_EXISTS,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Stale(error) => error.code(),
            Self::Consent(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Journal(error) => error.code(),
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
