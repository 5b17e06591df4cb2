//! The few pages that the program shows by itself: where to begin, and what the API offers.

use axum::{Router, response::Html, routing::get};
use httpkit::{docs, openapi};

const FRONT: &str = include_str!("pages/front.html");

/// The pages.
pub fn routes() -> Result<Router, serde_json::Error> {
    let document = openapi::to_json(&crate::router::document())?;
    Ok(Router::new().route("/", get(async || Html(FRONT))).merge(docs::routes(document)))
}
