//! What the errors of providers mean.
//!
//! Messages are looked at to tell one failure from another, and dropped: they may repeat the
//! question.

use crate::error::{LlmError, UpstreamCode};
use http::{HeaderMap, StatusCode};
use jiff::fmt::rfc2822;
use kernel::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// No provider makes us wait longer than this.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// The error that a provider answered with instead of an answer.
pub(crate) fn of_response(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> LlmError {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = parsed.get("error").unwrap_or(&parsed);
    let wait = retry_after(headers, now);
    let words = Words::of(error);
    words.by_meaning(wait).unwrap_or_else(|| by_status(status, wait, words.code()))
}

/// The error in the middle of a stream.
pub(crate) fn of_event(error: &Value) -> LlmError {
    let words = Words::of(error);
    let status =
        error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let status = status.and_then(|code| StatusCode::from_u16(code).ok());
    words.by_meaning(None).unwrap_or_else(|| match status {
        Some(status) if status.is_client_error() || status.is_server_error() => {
            by_status(status, None, words.code())
        }
        Some(_) | None => LlmError::Upstream { status: None, code: words.code() },
    })
}

fn by_status(
    status: StatusCode,
    retry_after: Option<Duration>,
    code: Option<UpstreamCode>,
) -> LlmError {
    match status.as_u16() {
        401 | 403 => LlmError::Auth,
        402 => LlmError::AccountEmpty,
        404 => LlmError::ModelNotFound,
        413 => LlmError::ContextTooLong,
        429 => LlmError::RateLimited { retry_after },
        503 | 529 => LlmError::Overloaded { retry_after },
        400 | 405..=407 | 409..=412 | 414..=428 => LlmError::Rejected { code },
        other => LlmError::Upstream { status: Some(other), code },
    }
}

/// The texts of an error that tell what it is.
struct Words<'a> {
    kind: &'a str,
    code: &'a str,
    message: &'a str,
}

impl<'a> Words<'a> {
    fn of(error: &'a Value) -> Self {
        let text = |name| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let message = error.as_str().unwrap_or_else(|| text("message"));
        Self { kind: text("type"), code: text("code"), message }
    }

    fn code(&self) -> Option<UpstreamCode> {
        UpstreamCode::new(self.code).or_else(|| UpstreamCode::new(self.kind))
    }

    fn by_meaning(&self, retry_after: Option<Duration>) -> Option<LlmError> {
        let named =
            |names: &[&str]| names.iter().any(|name| self.code == *name || self.kind == *name);
        let message = self.message.to_ascii_lowercase();
        let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
        if named(&["context_length_exceeded", "request_too_large"]) || says(TOO_LONG) {
            Some(LlmError::ContextTooLong)
        } else if named(&[
            "content_filter",
            "content_policy_violation",
            "ResponsibleAIPolicyViolation",
        ]) {
            Some(LlmError::ContentFilter)
        } else if named(&["insufficient_quota", "billing_error", "billing_hard_limit_reached"]) {
            Some(LlmError::AccountEmpty)
        } else if named(&["invalid_api_key", "authentication_error", "permission_error"]) {
            Some(LlmError::Auth)
        } else if named(&["model_not_found", "not_found_error"]) {
            Some(LlmError::ModelNotFound)
        } else if named(&["rate_limit_exceeded", "rate_limit_error", "tokens", "requests"]) {
            Some(LlmError::RateLimited { retry_after })
        } else if named(&["overloaded_error", "server_overloaded", "slow_down"]) {
            Some(LlmError::Overloaded { retry_after })
        } else {
            None
        }
    }
}

/// How servers say that the text is too long, when they have no code for it.
const TOO_LONG: &[&str] = &[
    "maximum context length",
    "context length exceeded",
    "context window",
    "prompt is too long",
    "exceeds the available context",
    "exceeds the context",
    "greater than the context length",
    "input length and `max_tokens` exceed",
];

/// When a provider wants to be asked again.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let millis = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()).map(|ms| ms / 1000.0);
    let header = text("retry-after");
    let seconds = millis.or_else(|| header.and_then(|value| value.parse().ok()));
    let wait = match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => header.and_then(|value| until(value, now)),
    };
    wait.map(|wait| wait.min(MAX_WAIT))
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    let at = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use serde_json::json;

    fn wait(name: &'static str, value: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        retry_after(&headers, now)
    }

    #[test]
    fn a_provider_says_in_three_ways_when_to_come_back() {
        assert_eq!(wait("retry-after", "2"), Some(Duration::from_secs(2)));
        assert_eq!(wait("retry-after", "1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(wait("retry-after-ms", "120"), Some(Duration::from_millis(120)));
        assert_eq!(
            wait("retry-after", "Sat, 21 Nov 2026 12:00:07 GMT"),
            Some(Duration::from_secs(7))
        );
        assert_eq!(wait("retry-after", "Sat, 21 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("retry-after", "999999999"), Some(MAX_WAIT));
        for nonsense in ["", "soon", "-1", "NaN", "inf"] {
            assert_eq!(wait("retry-after", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn errors_are_told_apart_by_code_status_and_words() {
        let of = |status: u16, body: Value| {
            let status = StatusCode::from_u16(status).unwrap();
            let now = Timestamp::from_micros(0);
            of_response(status, &HeaderMap::new(), body.to_string().as_bytes(), now)
        };
        let long =
            json!({"error": {"message": "This model's maximum context length is 8192 tokens"}});
        assert_eq!(of(400, long), LlmError::ContextTooLong);
        let quota = json!({"error": {"type": "insufficient_quota", "code": "insufficient_quota"}});
        assert_eq!(of(429, quota), LlmError::AccountEmpty);
        assert_eq!(of(429, json!({})), LlmError::RateLimited { retry_after: None });
        assert_eq!(of(529, json!({"type": "error"})), LlmError::Overloaded { retry_after: None });
        assert_eq!(of(401, json!("no")), LlmError::Auth);
        let missing = json!({"error": "model 'x' not found"});
        assert_eq!(of(404, missing), LlmError::ModelNotFound);
        let odd =
            json!({"error": {"type": "invalid_request_error", "message": "you said: I feel low"}});
        let LlmError::Rejected { code } = of(400, odd) else { panic!("not rejected") };
        assert_eq!(code.unwrap().as_str(), "invalid_request_error");
        assert!(matches!(
            of(500, json!(null)),
            LlmError::Upstream { status: Some(500), code: None }
        ));
    }

    #[test]
    fn an_error_in_a_stream_may_carry_a_status_as_its_code() {
        assert_eq!(
            of_event(&json!({"code": 429, "message": "slow"})),
            LlmError::RateLimited { retry_after: None }
        );
        assert_eq!(
            of_event(&json!({"type": "overloaded_error"})),
            LlmError::Overloaded { retry_after: None }
        );
        assert_eq!(of_event(&json!("boom")), LlmError::Upstream { status: None, code: None });
    }
}
