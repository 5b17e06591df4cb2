//! The pages that the program shows by itself: the web app, and what the API offers.

use crate::web;
use axum::Router;
use httpkit::{docs, openapi};

/// The pages.
pub fn routes() -> Result<Router, serde_json::Error> {
    let document = openapi::to_json(&crate::router::document())?;
    Ok(docs::routes(document).merge(web::routes()))
}
