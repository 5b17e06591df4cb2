//! What can go wrong with a model.
//!
//! What a provider writes about an error may repeat the question, so none of it is kept but a
//! short code of the kind `rate_limit_exceeded`.

use kernel::{Coded, ErrorCode, common};
use std::{fmt, time::Duration};

kernel::error_codes! {
    /// The answer broke off or could not be read.
    ANSWER_INCOMPLETE = Unavailable, "The answer broke off. Please try again.";
    /// Someone pressed stop.
    ANSWER_STOPPED = Conflict, "The answer was stopped.";
    /// The provider's filter would not take the question or give the answer.
    CONTENT_FILTERED = Invalid, "The model's provider would not answer this.";
    /// More text than the model can read.
    CONTEXT_TOO_LONG = TooLarge, "This conversation is too long for the model. Please start a new one.";
    /// The provider has too much to do, or is left alone for a while.
    PROVIDER_BUSY = Unavailable, "The model is very busy right now. Please try again soon.";
    /// The provider lets nobody ask as often as we did. Our own limits have codes of their own.
    PROVIDER_LIMITED = RateLimited, "The model's provider takes no more questions for a moment. Please try again soon.";
    /// Key, account or address of the provider are not right.
    PROVIDER_MISCONFIGURED = Unavailable, "The model is not set up correctly. Please tell whoever runs this Salus.";
    /// Silence for too long.
    PROVIDER_TIMEOUT = Timeout, "The model took too long. Please try again.";
    /// Nobody answers there.
    PROVIDER_UNREACHABLE = Unavailable, "The model cannot be reached right now. Please try again soon.";
    /// The model cannot do what was asked: see pictures, use tools.
    MODEL_CANNOT = Invalid, "This model cannot do that. Please choose another one.";
    /// No such model, or none that may be used for this.
    MODEL_NOT_FOUND = NotFound, "There is no such model.";
}

/// The code that a provider gave an error: a short word, never a sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamCode(Box<str>);

impl UpstreamCode {
    /// Keeps it only if it is a short word of letters, digits, dots, dashes and underscores.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(harmless);
        fits.then(|| Self(text.into()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UpstreamCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// No connection: name, network, TLS.
    #[error("the provider cannot be reached: {0}")]
    Connect(&'static str),
    /// The address is one that this provider may not have.
    #[error("the provider's address is not allowed: {0}")]
    Address(&'static str),
    /// The connection took too long.
    #[error("connecting to the provider took too long")]
    ConnectTimeout,
    /// Connected, and then not one piece of an answer.
    #[error("the provider did not begin to answer in time")]
    FirstTokenTimeout,
    /// It fell silent in the middle.
    #[error("the provider fell silent")]
    IdleTimeout,
    /// We asked too often.
    #[error("the provider limits our requests")]
    RateLimited {
        /// When to come back, if it said so.
        retry_after: Option<Duration>,
    },
    /// It has too much to do.
    #[error("the provider is overloaded")]
    Overloaded {
        /// When to come back, if it said so.
        retry_after: Option<Duration>,
    },
    /// It failed so often lately that it is left alone for a while.
    #[error("the provider is left alone after failures")]
    Resting {
        /// When it is asked again.
        retry_after: Duration,
    },
    /// It does not accept our key.
    #[error("the provider does not accept the key")]
    Auth,
    /// Our account there is used up.
    #[error("the account with the provider is used up")]
    AccountEmpty,
    /// It has no such model.
    #[error("the provider has no such model")]
    ModelNotFound,
    /// No model that is set up may and can do this.
    #[error("no model fits: {0}")]
    NoModel(&'static str),
    /// The model or its provider cannot do this.
    #[error("the model cannot do this: {0}")]
    Unsupported(&'static str),
    /// It does not understand the request: a fault of ours.
    #[error("the provider refuses the request ({code:?})")]
    Rejected {
        /// Its code.
        code: Option<UpstreamCode>,
    },
    /// More text than the model can read.
    #[error("the conversation is too long for the model")]
    ContextTooLong,
    /// Its filter would not take the question.
    #[error("the provider's filter refused")]
    ContentFilter,
    /// It failed.
    #[error("the provider failed (status {status:?}, {code:?})")]
    Upstream {
        /// The status it answered with; none if it failed in the middle of an answer.
        status: Option<u16>,
        /// Its code.
        code: Option<UpstreamCode>,
    },
    /// The answer ended without its end.
    #[error("the answer broke off")]
    Truncated,
    /// The answer is not what it should be.
    #[error("the answer cannot be read: {0}")]
    Malformed(&'static str),
    /// More than we take from a provider.
    #[error("the answer is larger than we take")]
    TooLarge,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl LlmError {
    /// Whether the same question to the same provider may work a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Connect(_)
            | Self::ConnectTimeout
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Resting { .. }
            | Self::Upstream { .. }
            | Self::Truncated
            | Self::Malformed(_) => true,
            Self::Address(_)
            | Self::Auth
            | Self::AccountEmpty
            | Self::ModelNotFound
            | Self::NoModel(_)
            | Self::Unsupported(_)
            | Self::Rejected { .. }
            | Self::ContextTooLong
            | Self::ContentFilter
            | Self::TooLarge
            | Self::Cancelled => false,
        }
    }

    /// Whether it says that the provider is not well, whatever it was asked.
    #[must_use]
    pub const fn blames_provider(&self) -> bool {
        match self {
            Self::Connect(_)
            | Self::Address(_)
            | Self::ConnectTimeout
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Auth
            | Self::AccountEmpty
            | Self::Upstream { .. }
            | Self::Truncated
            | Self::Malformed(_) => true,
            Self::Resting { .. }
            | Self::ModelNotFound
            | Self::NoModel(_)
            | Self::Unsupported(_)
            | Self::Rejected { .. }
            | Self::ContextTooLong
            | Self::ContentFilter
            | Self::TooLarge
            | Self::Cancelled => false,
        }
    }
}

impl Coded for LlmError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Connect(_) | Self::Upstream { .. } => &PROVIDER_UNREACHABLE,
            Self::Address(_) | Self::Auth | Self::AccountEmpty => &PROVIDER_MISCONFIGURED,
            Self::ConnectTimeout | Self::FirstTokenTimeout | Self::IdleTimeout => &PROVIDER_TIMEOUT,
            Self::RateLimited { .. } => &PROVIDER_LIMITED,
            Self::Overloaded { .. } | Self::Resting { .. } => &PROVIDER_BUSY,
            Self::ModelNotFound | Self::NoModel(_) => &MODEL_NOT_FOUND,
            Self::Unsupported(_) => &MODEL_CANNOT,
            Self::Rejected { .. } => &common::INTERNAL,
            Self::ContextTooLong => &CONTEXT_TOO_LONG,
            Self::ContentFilter => &CONTENT_FILTERED,
            Self::Truncated | Self::Malformed(_) | Self::TooLarge => &ANSWER_INCOMPLETE,
            Self::Cancelled => &ANSWER_STOPPED,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Overloaded { retry_after } => *retry_after,
            Self::Resting { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_provider_writes_only_a_short_word_is_kept() {
        assert_eq!(
            UpstreamCode::new("rate_limit_exceeded").unwrap().as_str(),
            "rate_limit_exceeded"
        );
        for text in ["", "you wrote: I feel low", "a\nb", &"x".repeat(65)] {
            assert!(UpstreamCode::new(text).is_none(), "{text}");
        }
    }
}
