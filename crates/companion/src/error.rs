//! What can go wrong with a conversation.

use crate::{model::Invalid, portable::Unreadable};
use audit::AuditError;
use consent::ConsentError;
use db::DbError;
use httpkit::{StaleVersion, auth::AuthError};
use identity::IdentityError;
use kernel::{Coded, ErrorCode, common};
use llm::LlmError;
use std::time::Duration;
use vault::VaultError;

kernel::error_codes! {
    /// The key that was shown is not good for this.
    KEY_SCOPE_MISSING = Forbidden, "This key is not good for that. Make one that is.";
    /// The file holds no conversations that can be read; the detail says why.
    FILE_NOT_CONVERSATIONS = Invalid, "This file holds no conversations that Salus can read.";
    /// The caller has no such key.
    KEY_NOT_FOUND = NotFound, "There is no such key.";
    /// A person has as many keys as they may have.
    KEYS_FULL = Conflict, "You have as many keys as you can have. Revoke one first.";
    /// Nobody writes this answer any more.
    ANSWER_NOT_RUNNING = Conflict, "This answer is not being written any more.";
    /// What this installation may spend for models is spent for now.
    BUDGET_USED_UP = QuotaExceeded, "What this Salus may spend for models is used up for now. Models that cost nothing go on.";
    /// There are too many messages in a conversation.
    CONVERSATION_FULL = Conflict, "This conversation is full. Please begin a new one.";
    /// Seed 003: the caller has no such conversation.
    CONVERSATION_NOT_FOUND = NotFound, "There is no such conversation.";
    /// A message or a title breaks a rule; the detail names it.
    MESSAGE_INVALID = Invalid, "This message cannot be taken as it is.";
    /// The caller has no such message.
    MESSAGE_NOT_FOUND = NotFound, "There is no such message.";
    /// The caller has no such picture.
    PICTURE_NOT_FOUND = NotFound, "There is no such picture.";
    /// More messages a minute than the allowance has.
    PACE_EXCEEDED = RateLimited, "That was quick. Please wait a moment before the next message.";
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum CompanionError {
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// The caller has no such conversation.
    #[error("no such conversation")]
    NoConversation,
    /// The caller has no such message.
    #[error("no such message")]
    NoMessage,
    /// The caller has no such picture.
    #[error("no such picture")]
    NoPicture,
    /// The caller has no such key.
    #[error("no such key")]
    NoKey,
    /// The file holds no conversations that can be read.
    #[error("a file cannot be read: {0}")]
    File(#[from] Unreadable),
    /// The key is not good for this.
    #[error("a key is not good for this")]
    Scope,
    /// There are too many keys.
    #[error("a person has too many keys")]
    TooManyKeys,
    /// The key or the log-in ended meanwhile.
    #[error("a key or a log-in ended meanwhile")]
    Ended,
    /// A rule is broken.
    #[error("a message breaks a rule: {0}")]
    Invalid(#[from] Invalid),
    /// There are too many messages.
    #[error("a conversation is full")]
    Full,
    /// Nobody writes the answer any more.
    #[error("an answer is not being written any more")]
    NotRunning,
    /// Too many messages a minute, or answers at once.
    #[error("too fast")]
    Pace(Duration),
    /// The day's allowance is used up; it begins anew after this time.
    #[error("the allowance of the day is used up")]
    Allowance(Duration),
    /// The money of the installation is used up; there is some again after this time.
    #[error("the money of the installation is used up")]
    Budget(Duration),
    /// The program stops.
    #[error("the program stops")]
    Stopping,
    /// The answer took too long.
    #[error("an answer took too long")]
    TooLong,
    /// A stored value is sealed as it should be and cannot be understood.
    #[error("a stored message cannot be understood")]
    Damaged,
    /// Someone has changed the conversation.
    #[error(transparent)]
    Stale(#[from] StaleVersion),
    /// The key or the log-in could not be looked up, or is not good any more.
    #[error(transparent)]
    Key(#[from] AuthError),
    /// The account behind a log-in could not be looked up.
    #[error(transparent)]
    Account(#[from] IdentityError),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] LlmError),
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

impl CompanionError {
    /// The error of a part below, which knows best how to tell it.
    fn below(&self) -> Option<&dyn Coded> {
        match self {
            Self::Stale(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Account(error) => Some(error),
            Self::Model(error) => Some(error),
            Self::Consent(error) => Some(error),
            Self::Vault(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Db(error) => Some(error),
            Self::NotLoggedIn
            | Self::NoConversation
            | Self::NoMessage
            | Self::NoPicture
            | Self::NoKey
            | Self::Scope
            | Self::File(_)
            | Self::TooManyKeys
            | Self::Ended
            | Self::Invalid(_)
            | Self::Full
            | Self::NotRunning
            | Self::Pace(_)
            | Self::Allowance(_)
            | Self::Budget(_)
            | Self::Stopping
            | Self::TooLong
            | Self::Damaged => None,
        }
    }

    /// Whether the same may work later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        use kernel::ErrorKind::{Internal, RateLimited, Timeout, Unavailable};
        matches!(self.code().kind, Internal | RateLimited | Timeout | Unavailable)
    }
}

impl Coded for CompanionError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotLoggedIn => &common::AUTH_REQUIRED,
            Self::NoConversation => &CONVERSATION_NOT_FOUND,
            Self::NoMessage => &MESSAGE_NOT_FOUND,
            Self::NoPicture => &PICTURE_NOT_FOUND,
            Self::NoKey => &KEY_NOT_FOUND,
            Self::Scope => &KEY_SCOPE_MISSING,
            Self::File(_) => &FILE_NOT_CONVERSATIONS,
            Self::TooManyKeys => &KEYS_FULL,
            Self::Ended => &httpkit::codes::SESSION_EXPIRED,
            Self::Invalid(_) => &MESSAGE_INVALID,
            Self::Full => &CONVERSATION_FULL,
            Self::NotRunning => &ANSWER_NOT_RUNNING,
            Self::Pace(_) => &PACE_EXCEEDED,
            Self::Allowance(_) => &common::QUOTA_EXCEEDED,
            Self::Budget(_) => &BUDGET_USED_UP,
            Self::Stopping => &common::UNAVAILABLE,
            Self::TooLong => &common::TIMEOUT,
            Self::Damaged => &vault::DATA_UNREADABLE,
            Self::Stale(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Account(error) => error.code(),
            Self::Model(error) => error.code(),
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
        match self {
            Self::Pace(after) | Self::Allowance(after) | Self::Budget(after) => Some(*after),
            other => other.below().and_then(Coded::retry_after),
        }
    }
}
