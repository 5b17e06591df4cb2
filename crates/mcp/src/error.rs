//! What can go wrong with servers of tools.

use crate::{
    client::Failure,
    model::{Invalid, SERVERS},
};
use audit::AuditError;
use db::DbError;
use kernel::{Coded, ErrorCode, common};
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// Something about a server or its tools cannot be taken; the detail says what.
    MCP_INVALID = Invalid, "This cannot be taken as it is.";
    /// Another server has the name.
    MCP_NAME_TAKEN = Conflict, "There is a server of this name already.";
    /// There is no such server.
    MCP_NOT_FOUND = NotFound, "There is no such server of tools.";
    /// There are as many servers as there can be.
    MCP_SERVERS_FULL = Conflict, "There are as many servers as there can be. Remove one first.";
    /// The server did not answer as agreed; the detail says why.
    MCP_UNREACHABLE = Unavailable, "This server of tools cannot be asked now.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// Only administrators may.
    #[error("only administrators may do this")]
    NotAdmin,
    /// There is no such server.
    #[error("no such server of tools")]
    NotFound,
    /// Another server has the name.
    #[error("the name of a server is taken")]
    Taken,
    /// There are too many.
    #[error("there are {SERVERS} servers already")]
    Full,
    /// A rule is broken.
    #[error("a server breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// The server failed.
    #[error("a server of tools failed: {0}")]
    Server(#[from] Failure),
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored server cannot be understood")]
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

impl Coded for McpError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NotAdmin => &httpkit::codes::ADMIN_REQUIRED,
            Self::NotFound => &MCP_NOT_FOUND,
            Self::Taken => &MCP_NAME_TAKEN,
            Self::Full => &MCP_SERVERS_FULL,
            Self::Invalid(_) => &MCP_INVALID,
            Self::Server(_) => &MCP_UNREACHABLE,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Invalid(error) => Some(error.to_string()),
            Self::Server(error) => Some(error.to_string()),
            Self::Vault(error) => error.detail(),
            Self::Audit(error) => error.detail(),
            Self::Db(error) => error.detail(),
            Self::NotLoggedIn
            | Self::NotAdmin
            | Self::NotFound
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
            | Self::Taken
            | Self::Full
            | Self::Invalid(_)
            | Self::Server(_)
            | Self::Damaged => None,
        }
    }
}
