//! What can go wrong with consent.

use crate::model::{ConsentType, TextVersion};
use audit::AuditError;
use db::DbError;
use kernel::{Coded, ErrorCode, common};

kernel::error_codes! {
    /// The person has not agreed to this use of their data; the detail names the consent.
    CONSENT_REQUIRED = ConsentRequired, "This needs your consent, which you can give in the settings.";
    /// The text has changed since the client showed it; the detail names the version in force.
    CONSENT_TEXT_CHANGED = Conflict, "The text has changed. Please read the new one.";
    /// The terms cannot be withdrawn alone.
    TERMS_BIND = Conflict, "The terms hold as long as there is an account. To withdraw them, delete the account.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// The data is not that of the caller, who may not know that it exists.
    #[error("someone else's data")]
    NotYours,
    /// The person has not agreed.
    #[error("needs the consent {}", .0.name())]
    Required(ConsentType),
    /// The text agreed to is not the one in force.
    #[error("agreed to an old text of {}", .0.name())]
    TextChanged(ConsentType, TextVersion),
    /// The terms were to be withdrawn.
    #[error("the terms cannot be withdrawn alone")]
    TermsBind,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl ConsentError {
    /// Whether it is a refusal, to be recorded, and not a fault.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::NotLoggedIn | Self::NotYours | Self::Required(_) => true,
            Self::TextChanged(..) | Self::TermsBind | Self::Db(_) | Self::Audit(_) => false,
        }
    }
}

impl Coded for ConsentError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotYours => &common::NOT_FOUND,
            Self::Required(_) => &CONSENT_REQUIRED,
            Self::TextChanged(..) => &CONSENT_TEXT_CHANGED,
            Self::TermsBind => &TERMS_BIND,
            Self::Db(error) => error.code(),
            Self::Audit(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Required(consent) => Some(consent.name().to_owned()),
            Self::TextChanged(consent, version) => Some(format!("{} {version}", consent.name())),
            Self::Db(error) => error.detail(),
            Self::Audit(error) => error.detail(),
            Self::NotLoggedIn | Self::NotYours | Self::TermsBind => None,
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Db(error) => error.retry_after(),
            Self::Audit(error) => error.retry_after(),
            Self::NotLoggedIn
            | Self::NotYours
            | Self::Required(_)
            | Self::TextChanged(..)
            | Self::TermsBind => None,
        }
    }
}
