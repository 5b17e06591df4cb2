//! The codes that the edge itself answers with, and the status of every code.
//!
//! A code's status follows from its kind. The few codes of [`PROTOCOL`] are about HTTP itself and
//! have a status of their own, so that clients and proxies see what HTTP says they must see.

use http::StatusCode;
use kernel::{ErrorCode, ErrorKind};

kernel::error_codes! {
    /// Seed 003: the caller is no administrator.
    ADMIN_REQUIRED = Forbidden, "Only an administrator may do this.";
    /// A bearer token and a session cookie that name different people.
    AUTH_AMBIGUOUS = Unauthenticated, "Two different log-ins were sent. Please use only one of them.";
    /// A request from a browser that does not prove that our own pages made it.
    CSRF_INVALID = Forbidden, "This request could not be traced to our own page. Please reload and try again.";
    /// Too many or too long header fields.
    HEADERS_TOO_LARGE = TooLarge, "The header fields of this request are too large.";
    /// The first request with this key is still being worked on.
    IDEMPOTENCY_IN_PROGRESS = Conflict, "The same request is still being worked on. Please wait a moment.";
    /// A key that was used for another request.
    IDEMPOTENCY_KEY_REUSED = Conflict, "This Idempotency-Key was used for a different request.";
    /// A key that cannot be one.
    IDEMPOTENCY_KEY_INVALID = Invalid, "An Idempotency-Key has 8 to 128 visible letters.";
    /// No handler for this method here.
    METHOD_NOT_ALLOWED = Invalid, "This cannot be done here with this method.";
    /// A change without saying which version it changes.
    PRECONDITION_REQUIRED = Invalid, "Say with If-Match which version you want to change.";
    /// The log-in has ended.
    SESSION_EXPIRED = Unauthenticated, "Your session has ended. Please log in again.";
    /// A surer or fresher log-in is needed.
    STEP_UP_REQUIRED = Unauthenticated, "Please confirm that it is you, with your second factor.";
    /// A body of another type than JSON.
    UNSUPPORTED_MEDIA_TYPE = Invalid, "Please send this as application/json.";
    /// The account is closed or blocked.
    USER_INACTIVE = Unauthenticated, "This account is not active.";
    /// The version named in If-Match is not the present one.
    VERSION_STALE = Stale, "Someone changed this since you last read it. Please read it again.";
}

/// Codes whose status does not follow from their kind.
pub const PROTOCOL: &[(&ErrorCode, StatusCode)] = &[
    (&HEADERS_TOO_LARGE, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
    (&METHOD_NOT_ALLOWED, StatusCode::METHOD_NOT_ALLOWED),
    (&PRECONDITION_REQUIRED, StatusCode::PRECONDITION_REQUIRED),
    (&UNSUPPORTED_MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
];

/// The one place where a kind of failure becomes a status.
#[must_use]
pub const fn status_of_kind(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden | ErrorKind::ConsentRequired => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::QuotaExceeded | ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status that a code is answered with.
#[must_use]
pub fn status_of(code: &ErrorCode) -> StatusCode {
    PROTOCOL
        .iter()
        .find(|(own, _)| *own == code)
        .map_or_else(|| status_of_kind(code.kind), |(_, status)| *status)
}

/// The code for an answer that says no more than its status, such as the router's own 404.
pub(crate) fn code_of_status(status: StatusCode) -> &'static ErrorCode {
    use kernel::common;
    match status {
        StatusCode::UNAUTHORIZED => &common::AUTH_REQUIRED,
        StatusCode::FORBIDDEN => &common::FORBIDDEN,
        StatusCode::NOT_FOUND => &common::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => &METHOD_NOT_ALLOWED,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => &common::TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => &common::TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => &UNSUPPORTED_MEDIA_TYPE,
        StatusCode::TOO_MANY_REQUESTS => &common::RATE_LIMITED,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => &HEADERS_TOO_LARGE,
        StatusCode::SERVICE_UNAVAILABLE => &common::UNAVAILABLE,
        other if other.is_client_error() => &common::INVALID_REQUEST,
        _ => &common::INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::common;

    #[test]
    fn a_code_of_the_protocol_has_the_status_that_http_demands() {
        assert_eq!(status_of(&METHOD_NOT_ALLOWED), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(status_of(&common::INVALID_REQUEST), StatusCode::BAD_REQUEST);
        assert_eq!(status_of(&VERSION_STALE), StatusCode::PRECONDITION_FAILED);
    }

    #[test]
    fn a_bare_status_gets_a_code_that_is_answered_with_the_same_status() {
        for status in [401, 403, 404, 405, 413, 415, 429, 431, 500, 503, 504] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(status_of(code_of_status(status)), status);
        }
    }

    #[test]
    fn no_code_is_declared_twice() {
        let mut names: Vec<_> = CODES.iter().chain(common::CODES).map(|code| code.code).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
