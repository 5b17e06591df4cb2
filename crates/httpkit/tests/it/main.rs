//! The edge as a client sees it: every test sends real requests through the whole stack.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod callers;
mod csrf;
mod docs;
mod etags;
mod failures;
mod headers;
mod idempotency;
mod limits;
mod observe;
mod openapi;
mod serve;
mod world;
