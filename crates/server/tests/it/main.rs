//! The integration tests: the whole program, mostly inside the test, where it matters as a real
//! process. The tree mirrors the paths of the API.

mod api;
mod coverage;
mod kill;
mod privacy;
mod program;
