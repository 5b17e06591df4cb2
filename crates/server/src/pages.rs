//! The pages that the program shows by itself: the web app, and what the API offers.

use crate::web;
use axum::Router;
use httpkit::docs;

/// The committed document, which CI proves to be what `salus openapi` makes of the routes. Making
/// it anew at every start would cost more memory than all that the program then goes on to hold.
const DOCUMENT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json"));

/// The pages.
pub fn routes() -> Router {
    docs::routes(DOCUMENT).merge(web::routes())
}
