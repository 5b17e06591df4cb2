//! What can go wrong with a journal.

use crate::{codec::Unreadable, model::Invalid};
use audit::AuditError;
use consent::ConsentError;
use db::DbError;
use httpkit::StaleVersion;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// A field of an entry breaks a rule; the detail names both.
    ENTRY_INVALID = Invalid, "This entry cannot be kept as it is.";
    /// There is another entry under the id that the client chose.
    ENTRY_EXISTS = Conflict, "There is another entry with this id.";
    /// A file is not what it should be; the detail says where.
    FILE_UNREADABLE = Invalid, "This file cannot be read as a journal.";
    /// One request changes an entry twice.
    SYNC_CHANGED_TWICE = Invalid, "An entry may be changed only once in one request.";
    /// The device has seen more than the server has, which was restored from a backup.
    SYNC_RESTART = Gone, "This device is ahead of the server. Please send all entries, without a cursor.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// The caller has no such entry.
    #[error("no such entry")]
    NotFound,
    /// A field breaks a rule.
    #[error("an entry breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// The id is taken by another entry.
    #[error("the id is taken by another entry")]
    Exists,
    /// Someone has changed the entry.
    #[error(transparent)]
    Stale(#[from] StaleVersion),
    /// A file cannot be read.
    #[error("a file cannot be read: {0}")]
    File(#[from] Unreadable),
    /// A request changes an entry twice.
    #[error("a request changes an entry twice")]
    ChangedTwice,
    /// More changes than one request may have.
    #[error("more changes than one request may have")]
    TooManyChanges,
    /// The device is ahead of the server.
    #[error("a device is ahead of the server")]
    Restart,
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored entry cannot be understood")]
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

impl JournalError {
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
            | Self::Exists
            | Self::File(_)
            | Self::ChangedTwice
            | Self::TooManyChanges
            | Self::Restart
            | Self::Damaged => None,
        }
    }
}

impl Coded for JournalError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotFound => &common::NOT_FOUND,
            Self::Invalid(_) => &ENTRY_INVALID,
            Self::Exists => &ENTRY_EXISTS,
            Self::File(_) => &FILE_UNREADABLE,
            Self::ChangedTwice => &SYNC_CHANGED_TWICE,
            Self::TooManyChanges => &common::TOO_LARGE,
            Self::Restart => &SYNC_RESTART,
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
            Self::File(error) => Some(error.to_string()),
            other => other.below().and_then(Coded::detail),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.below().and_then(Coded::retry_after)
    }
}
