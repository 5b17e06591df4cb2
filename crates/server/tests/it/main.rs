//! What only the whole program can show, mostly inside the test, where it matters as a real
//! process. A slice tests its own routes in its own crate, in `tests/http.rs`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod alone;
mod api;
mod commands;
mod coverage;
mod kill;
mod privacy;
mod program;
mod streams;
