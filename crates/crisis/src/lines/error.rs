//! What can go wrong with the lines of an installation.

use audit::AuditError;
use care::Flaw;
use db::DbError;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;

kernel::error_codes! {
    /// A line or a number does not fit; the detail names the field.
    CRISIS_LINES_INVALID = Invalid, "These lines cannot be used as they are.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// No country is called so.
    #[error("no such country")]
    NotFound,
    /// It does not fit. The text names the field.
    #[error("{0}")]
    Invalid(String),
    /// A stored change cannot be understood.
    #[error("a stored change of crisis lines cannot be understood")]
    Damaged,
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Flaw> for LinesError {
    fn from(flaw: Flaw) -> Self {
        Self::Invalid(format!("{}: {}", flaw.field, flaw.what))
    }
}

impl Coded for LinesError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotFound => &common::NOT_FOUND,
            Self::Invalid(_) => &CRISIS_LINES_INVALID,
            Self::Damaged => &common::INTERNAL,
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Invalid(what) => Some(what.clone()),
            Self::NotFound | Self::Damaged | Self::Audit(_) | Self::Db(_) => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Audit(error) => error.retry_after(),
            Self::Db(error) => error.retry_after(),
            Self::NotFound | Self::Invalid(_) | Self::Damaged => None,
        }
    }
}
