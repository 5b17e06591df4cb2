//! Failures below `/v1`, in the words of those whose clients ask there.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, header::CONTENT_LENGTH};
use httpkit::{ApiError, headers::is_foreign};
use kernel::{ErrorCode, ErrorKind};
use llm::serve::{anthropic_error, openai_error};
use serde_json::Value;

/// Below this, clients are Anthropic's; elsewhere below `/v1`, `OpenAI`'s.
const MESSAGES: &str = "/v1/messages";

/// By which the official clients of both hear that asking again is of no use: they would ask again
/// after every 429, also where an allowance of ours is used up until tomorrow.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Middleware around everything: says failures below `/v1` anew.
pub async fn in_their_words(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !is_foreign(path) {
        return next.run(request).await;
    }
    let write: fn(&ErrorCode, Option<&str>) -> Value =
        if path.starts_with(MESSAGES) { anthropic_error } else { openai_error };
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let body = write(error.code(), error.detail()).to_string();
        response.headers_mut().remove(CONTENT_LENGTH);
        if error.code().kind == ErrorKind::QuotaExceeded {
            response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        *response.body_mut() = body.into();
    }
    response
}
