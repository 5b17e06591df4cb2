//! What can go wrong on the way to a human.

use audit::AuditError;
use db::DbError;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// What was written is too long.
    CASE_INVALID = Invalid, "At most 4,000 characters can be kept here.";
    /// Another responder was faster.
    CASE_TAKEN = Conflict, "Somebody else has taken this.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// There is no such case, or it is not the caller's.
    #[error("no such case")]
    NotFound,
    /// A text is too long.
    #[error("a text is too long")]
    TooLong,
    /// Somebody else has the case.
    #[error("somebody else has the case")]
    Taken,
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored case cannot be understood")]
    Damaged,
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

impl Coded for TeamError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotFound => &common::NOT_FOUND,
            Self::TooLong => &CASE_INVALID,
            Self::Taken => &CASE_TAKEN,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Vault(error) => error.retry_after(),
            Self::Audit(error) => error.retry_after(),
            Self::Db(error) => error.retry_after(),
            Self::NotLoggedIn | Self::NotFound | Self::TooLong | Self::Taken | Self::Damaged => {
                None
            }
        }
    }
}
