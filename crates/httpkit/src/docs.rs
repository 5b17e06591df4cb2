//! The API document and a page to read it with. The page is ours, small, and needs nothing from
//! anywhere else: it works offline and under the strict policy of every other page.

use axum::{
    Router,
    body::Bytes,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/viewer.css");
const SCRIPT: &str = include_str!("docs/viewer.js");

/// `/api/openapi.json` with this text, and the page `/api/docs` that shows it.
pub fn routes(document: &'static str) -> Router {
    let json = move || async move { file("application/json", document) };
    Router::new()
        .route("/api/openapi.json", get(json))
        .route("/api/docs", get(async || file("text/html; charset=utf-8", PAGE)))
        .route("/api/docs/viewer.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/api/docs/viewer.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
}

/// Nothing personal, but a new version of the program has a new text: kept, and asked for again.
fn file(content_type: &'static str, text: impl Into<Bytes>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text.into()).into_response()
}
