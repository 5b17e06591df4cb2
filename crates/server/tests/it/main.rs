//! The integration tests: the whole program, mostly inside the test, where it matters as a real
//! process. The tree mirrors the paths of the API.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod api;
mod commands;
mod coverage;
mod kill;
mod privacy;
mod program;
