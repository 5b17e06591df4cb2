//! What can go wrong, in the few kinds that a caller can act on.
//!
//! Every slice declares its codes once with [`error_codes!`]; the codes are part of the API and
//! never change their meaning. Texts are for people and say nothing about the inside.

use std::time::Duration;

/// The few kinds of failure; each has one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The request cannot be understood or breaks a rule.
    Invalid,
    /// Nobody is logged in, or no longer.
    Unauthenticated,
    /// The caller may know of this but not do it.
    Forbidden,
    /// It does not exist, or the caller may not know that it does.
    NotFound,
    /// The state of things does not allow it now.
    Conflict,
    /// Someone changed it since the caller last read it.
    Stale,
    /// It was here and is gone for good.
    Gone,
    /// More than this part of the program accepts.
    TooLarge,
    /// The person's allowance is used up.
    QuotaExceeded,
    /// Too many requests in a short time.
    RateLimited,
    /// The person has not agreed to this use of their data.
    ConsentRequired,
    /// Something this program relies on does not answer.
    Unavailable,
    /// It took too long.
    Timeout,
    /// A fault of ours.
    Internal,
}

/// One stable code of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The name clients match on, such as `AUTH_REQUIRED`.
    pub code: &'static str,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What a person is told.
    pub message: &'static str,
}

/// An error that has a code. The `Display` text stays inside the program; the code's message is
/// what leaves it.
pub trait Coded: std::error::Error + Send + Sync + 'static {
    /// The code that the caller sees.
    fn code(&self) -> &'static ErrorCode;

    /// More for the caller, free of anything personal: a field's name, a limit.
    fn detail(&self) -> Option<String> {
        None
    }

    /// When to try again.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// Declares the codes of a crate, and `CODES`, the list of them for the error catalogue.
#[macro_export]
macro_rules! error_codes {
    ($($(#[$meta:meta])* $name:ident = $kind:ident, $message:literal;)+) => {
        $(
            $(#[$meta])*
            pub const $name: $crate::ErrorCode = $crate::ErrorCode {
                code: stringify!($name),
                kind: $crate::ErrorKind::$kind,
                message: $message,
            };
        )+
        /// Every code declared here.
        pub const CODES: &[&$crate::ErrorCode] = &[$(&$name),+];
    };
}

pub mod common {
    //! Codes that any part of the program may answer with.

    error_codes! {
        /// No credentials, or ones that do not hold.
        AUTH_REQUIRED = Unauthenticated, "Please log in.";
        /// The caller lacks the role.
        FORBIDDEN = Forbidden, "You may not do this.";
        /// A fault of ours; the log has the request id.
        INTERNAL = Internal, "Something went wrong on our side. Nothing was lost; please try again.";
        /// An unreadable page cursor.
        INVALID_CURSOR = Invalid, "This page link is not valid. Start from the first page.";
        /// An unreadable id.
        INVALID_ID = Invalid, "This is not a valid id.";
        /// A body, query or header that breaks the rules of the API.
        INVALID_REQUEST = Invalid, "The request is not valid.";
        /// Nothing here that the caller may see.
        NOT_FOUND = NotFound, "There is nothing here.";
        /// The allowance is used up.
        QUOTA_EXCEEDED = QuotaExceeded, "Your allowance for now is used up.";
        /// Too many requests.
        RATE_LIMITED = RateLimited, "Too many requests. Please wait a moment.";
        /// It took too long.
        TIMEOUT = Timeout, "This took too long. Please try again.";
        /// Too much in one request.
        TOO_LARGE = TooLarge, "This is more than can be sent at once.";
        /// A needed part does not answer.
        UNAVAILABLE = Unavailable, "Salus cannot do this right now. Please try again soon.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_named_like_their_constants() {
        assert_eq!(common::AUTH_REQUIRED.code, "AUTH_REQUIRED");
        assert_eq!(common::AUTH_REQUIRED.kind, ErrorKind::Unauthenticated);
        assert!(common::CODES.contains(&&common::INTERNAL));
    }
}
