//! What can go wrong with consent.

use crate::model::{ConsentType, TextVersion};
use audit::AuditError;
use db::DbError;
use httpkit::StepUp;
use kernel::{Coded, CursorError, ErrorCode, common};
use vault::VaultError;

kernel::error_codes! {
    /// The person has not agreed to this use of their data; the detail names the consent.
    CONSENT_REQUIRED = ConsentRequired, "This needs your consent, which you can give in the settings.";
    /// The text has changed since the client showed it; the detail names the version in force.
    CONSENT_TEXT_CHANGED = Conflict, "The text has changed. Please read the new one.";
    /// The override waits for a second person.
    EMERGENCY_AWAITS_APPROVAL = Forbidden, "A second person has to approve this emergency access first.";
    /// A person has as many emergency cards as they can.
    EMERGENCY_CARDS_FULL = Conflict, "There are ten emergency cards already. Please take one back first.";
    /// An earlier override has not been reviewed in time.
    EMERGENCY_REVIEW_OVERDUE = Conflict, "An earlier emergency access of yours has not been reviewed. That comes first.";
    /// The emergency token opens nothing: made up, used up, expired or taken back.
    EMERGENCY_TOKEN_INVALID = Unauthenticated, "This emergency access does not hold.";
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
    /// The emergency token opens nothing.
    #[error("the emergency token does not hold")]
    EmergencyToken,
    /// A second person has to approve first.
    #[error("the override is not approved yet")]
    AwaitsApproval,
    /// An earlier override was not reviewed in time.
    #[error("an earlier override has not been reviewed")]
    ReviewOverdue,
    /// There are too many cards.
    #[error("there are too many emergency cards")]
    CardsFull,
    /// A field that does not fit; the text names it and says what would.
    #[error("{0}")]
    Invalid(&'static str),
    /// The caller has no right to this.
    #[error("not with these rights")]
    Forbidden,
    /// A surer or fresher log-in is needed.
    #[error(transparent)]
    StepUp(#[from] StepUp),
    /// A page cursor that is not ours.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What was stored cannot be read.
    #[error("what was stored cannot be read")]
    Damaged,
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
            Self::TextChanged(..)
            | Self::TermsBind
            | Self::EmergencyToken
            | Self::AwaitsApproval
            | Self::ReviewOverdue
            | Self::CardsFull
            | Self::Invalid(_)
            | Self::Forbidden
            | Self::StepUp(_)
            | Self::Cursor(_)
            | Self::Vault(_)
            | Self::Db(_)
            | Self::Damaged
            | Self::Audit(_) => false,
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
            Self::EmergencyToken => &EMERGENCY_TOKEN_INVALID,
            Self::AwaitsApproval => &EMERGENCY_AWAITS_APPROVAL,
            Self::ReviewOverdue => &EMERGENCY_REVIEW_OVERDUE,
            Self::CardsFull => &EMERGENCY_CARDS_FULL,
            Self::Invalid(_) => &common::INVALID_REQUEST,
            Self::Forbidden => &common::FORBIDDEN,
            Self::StepUp(error) => error.code(),
            Self::Cursor(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Damaged => &vault::DATA_UNREADABLE,
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
            Self::Invalid(field) => Some((*field).to_owned()),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Db(error) => error.retry_after(),
            Self::Audit(error) => error.retry_after(),
            Self::Vault(error) => error.retry_after(),
            _ => None,
        }
    }
}
