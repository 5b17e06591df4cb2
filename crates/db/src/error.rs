//! What a database can answer instead of rows.

use crate::statement::Statement;
use kernel::{Coded, ErrorCode, common};

/// What went wrong below. The texts stay in the log; nothing of a statement's values is in them.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// A row with this key is there already.
    #[error("a row with this key exists: {constraint}")]
    Duplicate {
        /// The constraint or the columns that say so.
        constraint: String,
    },
    /// A rule of the schema does not allow it.
    #[error("the schema refuses it: {0}")]
    Constraint(String),
    /// Exactly one row was expected.
    #[error("no row where one was expected")]
    NoRow,
    /// A column is missing or of another type than expected.
    #[error("column {0} cannot be read")]
    Column(&'static str),
    /// A write that had to change a row changed none, so the transaction never was.
    #[error("statement {statement} found nothing to change")]
    Unmet {
        /// The statement's name.
        statement: &'static str,
    },
    /// Another transaction won; the caller of `run_tx` never sees it unless it wins every time.
    #[error("lost against other transactions too often")]
    Serialization,
    /// The database does not answer, or not in time.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The address or the settings of the database are wrong.
    #[error("the database cannot be opened: {0}")]
    Config(String),
    /// The schema of the database is not the one this program knows.
    #[error("schema: {0}")]
    Schema(String),
    /// Anything else the database says.
    #[error("the database refused statement {statement}: {reason}")]
    Refused {
        /// The statement's name.
        statement: &'static str,
        /// The class of the refusal, without values.
        reason: String,
    },
}

impl Coded for DbError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Serialization | Self::Unavailable(_) => &common::UNAVAILABLE,
            Self::Duplicate { .. }
            | Self::Unmet { .. }
            | Self::Constraint(_)
            | Self::NoRow
            | Self::Column(_)
            | Self::Config(_)
            | Self::Schema(_)
            | Self::Refused { .. } => &common::INTERNAL,
        }
    }
}

impl DbError {
    /// Whether a row with this key was there already.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate { .. })
    }

    /// Whether it was this write that had to change a row and changed none.
    #[must_use]
    pub fn is_unmet(&self, required: &Statement) -> bool {
        matches!(self, Self::Unmet { statement } if *statement == required.name())
    }

    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(self, Self::Serialization)
    }
}
