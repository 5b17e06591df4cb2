//! What can go wrong with letters.

use db::jobs::JobError;
use identity::IdentityError;
use kernel::{Coded, ErrorCode};
use std::time::Duration;

kernel::error_codes! {
    /// Where mail is sent, links go to their people and to nobody else.
    MAIL_IS_ON = Conflict, "This server sends mail. The link goes to its person and is shown to nobody else.";
}

/// What went wrong with a letter.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// A link was asked for where mail is sent.
    #[error("mail is sent here")]
    MailIsOn,
    /// The server could not be reached, or not safely. The text is a word of ours.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The server could not be reached a few times; it is left alone for a while.
    #[error("the mail server is left alone for a while")]
    Resting,
    /// The server wants it later.
    #[error("the mail server wants it later: {0}")]
    Deferred(u16),
    /// The server will never take it.
    #[error("the mail server refuses it: {0}")]
    Refused(u16),
    /// The letter cannot be written: an address that no mail can go to.
    #[error("the letter cannot be written")]
    Unwritable,
    /// What it should say cannot be had.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Coded for MailError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::MailIsOn => &MAIL_IS_ON,
            Self::Unreachable(_) | Self::Resting | Self::Deferred(_) => {
                &kernel::common::UNAVAILABLE
            }
            Self::Refused(_) | Self::Unwritable => &kernel::common::INTERNAL,
            Self::Identity(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Identity(error) => error.detail(),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Identity(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<MailError> for JobError {
    fn from(error: MailError) -> Self {
        tracing::warn!(%error, "a letter was not sent");
        match error {
            MailError::Unreachable(_) => Self::Retry("mail_unreachable"),
            MailError::Resting => Self::Retry("mail_resting"),
            MailError::Deferred(_) => Self::Retry("mail_deferred"),
            MailError::Refused(_) => Self::Fail("mail_refused"),
            MailError::Unwritable | MailError::MailIsOn => Self::Fail("mail_unwritable"),
            MailError::Identity(error) => error.into(),
        }
    }
}
