//! How a failure leaves the program.
//!
//! Any [`Coded`] error becomes an [`ApiError`] with `?`. What is answered is the code, its message
//! and a detail free of anything personal; the error's own text stays inside and is logged once,
//! here, with the request id. The body is written by [`finish`], the only place that knows the id,
//! so that nobody has to carry it along.

use crate::codes::{code_of_status, status_of};
use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use kernel::{Coded, ErrorCode, ErrorKind, RequestId};
use serde::Serialize;
use std::{error::Error, fmt, sync::Arc, time::Duration};
use utoipa::ToSchema;

/// What a handler answers with.
pub type ApiResult<T> = Result<T, ApiError>;

/// A failure on its way out. Cheap to clone; made from any [`Coded`] error by `?`.
#[derive(Clone)]
pub struct ApiError(Arc<Inner>);

struct Inner {
    code: &'static ErrorCode,
    detail: Option<String>,
    retry_after: Option<Duration>,
    challenge: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A failure that its code tells all about.
    #[must_use]
    pub fn new(code: &'static ErrorCode) -> Self {
        Self::build(code, None)
    }

    /// The same with a detail for the caller: a field's name, a limit; nothing personal.
    #[must_use]
    pub fn with_detail(code: &'static ErrorCode, detail: impl Into<String>) -> Self {
        Self::build(code, Some(detail.into()))
    }

    fn build(code: &'static ErrorCode, detail: Option<String>) -> Self {
        Self(Arc::new(Inner { code, detail, retry_after: None, challenge: None, source: None }))
    }

    /// The code that the caller sees.
    #[must_use]
    pub fn code(&self) -> &'static ErrorCode {
        self.0.code
    }

    /// The detail that the caller sees.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        status_of(self.0.code)
    }

    fn challenge(&self) -> &str {
        self.0.challenge.as_deref().unwrap_or("Bearer realm=\"salus\"")
    }

    /// Writes the one log line of this failure. Only what needs an operator is an error.
    fn log(&self, request_id: Option<&RequestId>) {
        let request_id = request_id.map_or("", RequestId::as_str);
        let cause = Chain(self.0.source.as_deref());
        let code = self.0.code.code;
        match self.0.code.kind {
            ErrorKind::Internal | ErrorKind::Unavailable => {
                tracing::error!(target: "salus::errors", code, request_id, cause = %cause);
            }
            _ => tracing::debug!(target: "salus::errors", code, request_id, cause = %cause),
        }
    }
}

impl<E: Coded> From<E> for ApiError {
    fn from(error: E) -> Self {
        let challenge = step_up(&error).map(crate::step_up::StepUp::challenge);
        Self(Arc::new(Inner {
            code: error.code(),
            detail: error.detail(),
            retry_after: error.retry_after(),
            challenge,
            source: Some(Box::new(error)),
        }))
    }
}

/// The demand for a surer log-in in an error of a slice.
fn step_up<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a crate::step_up::StepUp> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(step_up) = error.downcast_ref() {
            return Some(step_up);
        }
        next = error.source();
    }
    None
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApiError").field(&self.0.code.code).field(&self.0.detail).finish()
    }
}

/// An error's text and those of its causes, on one line.
struct Chain<'a>(Option<&'a (dyn Error + Send + Sync + 'static)>);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = self.0.map(|error| error as &dyn Error);
        let mut separator = "";
        while let Some(error) = next {
            write!(f, "{separator}{error}")?;
            separator = ": ";
            next = error.source();
        }
        Ok(())
    }
}

/// The body of every failure.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    /// Stable name of what went wrong, to be matched on.
    #[schema(example = "AUTH_REQUIRED")]
    pub code: &'static str,
    /// The same for people.
    #[schema(example = "Please log in.")]
    pub message: &'static str,
    /// Names this request in our logs.
    pub request_id: String,
    /// More, where there is more to say: the field that does not fit, a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl IntoResponse for ApiError {
    /// Only marks the failure; [`finish`] writes it, once the request is known.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An answer that says all it has to say itself, whatever its status: a report of what is not
/// ready, a failure in the format of another standard. Its body is left as it is.
#[derive(Debug, Clone, Copy)]
pub struct Verbatim<R>(pub R);

#[derive(Clone, Copy)]
struct LeaveAsIs;

impl<R: IntoResponse> IntoResponse for Verbatim<R> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(LeaveAsIs);
        response
    }
}

/// Writes the body of a failure, ours or the router's own, and logs it. Gives the code for the
/// log line of the request.
pub fn finish(response: &mut Response, request_id: &RequestId) -> Option<&'static ErrorCode> {
    let marked = response.extensions_mut().remove::<ApiError>();
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error())
        && response.extensions().get::<LeaveAsIs>().is_none();
    let error = match marked {
        Some(error) => error,
        None if bare => ApiError::new(code_of_status(status)),
        None => return None,
    };
    error.log(Some(request_id));
    write(&error, request_id, response);
    let code = error.code();
    // Whoever stands further out may have to say the same in other words.
    response.extensions_mut().insert(error);
    Some(code)
}

fn write(error: &ApiError, request_id: &RequestId, response: &mut Response) {
    let code = error.code();
    let body = ErrorBody {
        code: code.code,
        message: code.message,
        request_id: request_id.to_string(),
        detail: error.0.detail.clone(),
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    *response.status_mut() = error.status();
    *response.body_mut() = bytes.into();
    let headers = response.headers_mut();
    headers.remove(http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if error.status() == StatusCode::UNAUTHORIZED
        && let Ok(challenge) = HeaderValue::from_str(error.challenge())
    {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(wait) = error.0.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
}

/// Seconds, rounded up: a client that waits so long does not come too early.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// For `CatchPanicLayer`: a panic is answered like any fault of ours. Its text may hold anything,
/// so neither the answer nor our log repeats it; the panic hook names the place.
pub(crate) fn panicked(_payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    ApiError::from(Panicked).into_response()
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked")]
struct Panicked;

impl Coded for Panicked {
    fn code(&self) -> &'static ErrorCode {
        &kernel::common::INTERNAL
    }
}
