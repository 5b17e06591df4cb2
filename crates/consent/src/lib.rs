//! What a person agreed to, and whether a use of their data is allowed.
//!
//! Owns the consent ledger and the rules which consent is needed for what. [`Consents::authorize`]
//! is the only source of the [`Access`] that every store demands.
//!
//! What always holds: nothing is allowed that the ledger does not allow now (a withdrawal counts
//! at once in this process and within half a second in every other); every refusal is recorded,
//! and an answer leaves only then; rows of the ledger never change, and go only with the account.
//!
//! What it does not do: it does not know who is logged in (that comes with the `Ctx`), and people
//! have access to their own data only; grants to others are not there yet.

mod access;
mod api;
mod cache;
mod erasure;
mod error;
mod jobs;
mod model;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use access::Access;
pub use api::routes;
pub use erasure::Erasure;
pub use error::{CODES, CONSENT_REQUIRED, CONSENT_TEXT_CHANGED, ConsentError, TERMS_BIND};
pub use jobs::jobs;
pub use model::{
    Action, ConsentType, Consented, Latest, OPERATIONS, Standing, TextVersion, TextVersionError,
    needs,
};
pub use service::{ACTIONS, Consents, Registration};
pub use store::STATEMENTS;

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![30 => "0030_consent"];
