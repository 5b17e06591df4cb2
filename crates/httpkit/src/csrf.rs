//! x
/// The header that carries the token.
pub const HEADER: &str = "X-CSRF-Token";
