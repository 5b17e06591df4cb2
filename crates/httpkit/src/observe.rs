//! What is written down about requests: one log line and a few counters each.
//!
//! Neither ever holds a path, a query, a header or a body as the client sent it: ids and search
//! words are personal. The route's template says enough.

mod metrics;

pub use metrics::{HttpMetrics, Metrics, exposition};

use crate::{
    error::finish,
    headers::{REQUEST_ID, SecurityHeaders},
};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, Method};
use kernel::{Env, RequestId};
use std::{sync::Arc, time::Instant};
use tracing::Instrument;

/// What the outermost middleware needs.
pub(crate) struct Observe {
    pub(crate) env: Env,
    pub(crate) headers: SecurityHeaders,
    pub(crate) metrics: HttpMetrics,
}

/// The outermost middleware: names the request, writes failures, sets headers, logs and counts.
pub(crate) async fn observe(observe: Arc<Observe>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let request_id = request_id(&request, &observe.env);
    request.extensions_mut().insert(request_id.clone());
    let method = method_name(request.method());
    let template = request.extensions().get::<MatchedPath>().cloned();
    let path = request.uri().path().to_owned();
    let in_flight = observe.metrics.enter();

    let span = tracing::info_span!(target: "salus::http", "request", %request_id);
    let mut response = next.run(request).instrument(span).await;

    let code = finish(&mut response, &request_id);
    observe.headers.apply(&path, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    drop(in_flight);
    let route = template.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    let took = start.elapsed();
    observe.metrics.record(method, route, status, took);
    tracing::info!(
        target: "salus::http",
        method,
        route,
        status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        request_id = request_id.as_str(),
        code = code.map(|code| code.code),
        "request"
    );
    response
}

/// The client's own name for the request where it is harmless, or else a new one.
fn request_id(request: &Request, env: &Env) -> RequestId {
    request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| RequestId::random(env))
}

/// The method, if it is one that people use: a client must not be able to fill the counters with
/// words of its own.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
