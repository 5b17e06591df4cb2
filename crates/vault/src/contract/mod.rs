//! What every implementation of the vault's traits must do. Each function runs against an empty
//! implementation and says what is wrong with it, so that the same checks serve the in-memory
//! ones here and those of other crates.

mod key_store;
mod kms;
mod rows;

pub use key_store::key_store;
pub use kms::kms;
pub use rows::sealed_rows;

use std::fmt::Display;

/// What is wrong.
pub type Verdict = Result<(), String>;

/// Fails with this text unless it holds.
fn ensure(holds: bool, text: &str) -> Verdict {
    if holds { Ok(()) } else { Err(text.to_owned()) }
}

/// The result of a call that must not fail.
fn must<T, E: Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("a call failed: {error}"))
}
