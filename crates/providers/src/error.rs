//! What can go wrong with setting up providers.

use crate::model::Invalid;
use audit::AuditError;
use db::DbError;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// The provider is part of the program or of its settings file.
    PROVIDER_FIXED = Conflict, "This provider is set up in the settings file and can only be changed there.";
    /// Something about a provider or a rule cannot be taken; the detail says what.
    PROVIDER_INVALID = Invalid, "This cannot be taken as it is.";
    /// Another provider has the name.
    PROVIDER_NAME_TAKEN = Conflict, "There is a provider of this name already.";
    /// There is no such provider.
    PROVIDER_NOT_FOUND = NotFound, "There is no such provider.";
    /// There are as many providers as there can be.
    PROVIDERS_FULL = Conflict, "There are as many providers as there can be. Remove one first.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// Only administrators may.
    #[error("only administrators may do this")]
    NotAdmin,
    /// There is no such provider.
    #[error("no such provider")]
    NotFound,
    /// The provider is part of the program or of its settings.
    #[error("the provider is set up elsewhere")]
    Fixed,
    /// Another provider has the name.
    #[error("the name of a provider is taken")]
    Taken,
    /// There are too many.
    #[error("there are too many providers")]
    Full,
    /// A rule is broken.
    #[error("a provider breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored provider cannot be understood")]
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

impl Coded for ProvidersError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotAdmin => &httpkit::codes::ADMIN_REQUIRED,
            Self::NotFound => &PROVIDER_NOT_FOUND,
            Self::Fixed => &PROVIDER_FIXED,
            Self::Taken => &PROVIDER_NAME_TAKEN,
            Self::Full => &PROVIDERS_FULL,
            Self::Invalid(_) => &PROVIDER_INVALID,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Invalid(error) => Some(error.to_string()),
            Self::Vault(error) => error.detail(),
            Self::Audit(error) => error.detail(),
            Self::Db(error) => error.detail(),
            Self::NotLoggedIn
            | Self::NotAdmin
            | Self::NotFound
            | Self::Fixed
            | Self::Taken
            | Self::Full
            | Self::Damaged => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Vault(error) => error.retry_after(),
            Self::Audit(error) => error.retry_after(),
            Self::Db(error) => error.retry_after(),
            Self::NotLoggedIn
            | Self::NotAdmin
            | Self::NotFound
            | Self::Fixed
            | Self::Taken
            | Self::Full
            | Self::Invalid(_)
            | Self::Damaged => None,
        }
    }
}
