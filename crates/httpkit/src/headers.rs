//! Headers of every answer, and which pages of other origins may read answers.

use crate::origins::Origins;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The header that names a request, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a page of ours may load and do: our own files and API, nothing inline, no frames.
/// `wasm-unsafe-eval` lets the browser run the WebAssembly that checks and seals on the device.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
    media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// An answer of the API is no page and may do nothing at all.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const FEATURES: &str = "accelerometer=(), browsing-topics=(), camera=(self), display-capture=(), \
    geolocation=(self), gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), \
    publickey-credentials-get=(self), usb=()";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages of allowed origins ask by CORS, which this does not concern; no page may embed us.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), FEATURES),
];

/// What differs between deployments.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecurityHeaders {
    /// Everybody reaches us by TLS, so browsers may be told to never use anything else.
    pub tls: bool,
}

impl SecurityHeaders {
    /// Sets them all. A handler's own `Cache-Control` and policy for a page stand.
    pub(crate) fn apply(self, path: &str, headers: &mut HeaderMap) {
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let api = is_api(path);
        let policy = if api && !is_page(headers) { API_POLICY } else { PAGE_POLICY };
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
        if api {
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        if self.tls {
            let two_years = "max-age=63072000; includeSubDomains";
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(two_years));
        }
    }
}

/// Whether the path belongs to the API, whose answers are personal unless said otherwise.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || is_foreign(path)
}

/// Whether the path belongs to the part of the API that speaks as servers of models do, for
/// clients that were made for those.
#[must_use]
pub fn is_foreign(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Lets pages of the allow-listed origins call the API with a person's cookie.
pub(crate) fn cors(origins: Origins) -> CorsLayer {
    let allow = move |origin: &HeaderValue, _: &Parts| origins.allow(origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allow))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("x-csrf-token"),
            REQUEST_ID,
        ])
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static("idempotency-replayed"),
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
            REQUEST_ID,
        ])
        .max_age(Duration::from_mins(10))
}
