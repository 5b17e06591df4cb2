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
//! have access to their own data only; what others see in an
//! emergency is in [`emergency`]; other grants are not there yet.

mod access;
mod api;
mod cache;
pub mod emergency;
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
pub use emergency::{COLUMNS, Emergency};
pub use erasure::Erasure;
pub use error::{
    CODES, CONSENT_REQUIRED, CONSENT_TEXT_CHANGED, ConsentError, EMERGENCY_AWAITS_APPROVAL,
    EMERGENCY_CARDS_FULL, EMERGENCY_REVIEW_OVERDUE, EMERGENCY_TOKEN_INVALID, TERMS_BIND,
};
pub use jobs::jobs;
pub use model::{
    Action, ConsentType, Consented, Latest, OPERATIONS, Standing, TextVersion, TextVersionError,
    needs,
};
pub use service::{Consents, Registration};

/// Every action of this crate.
pub static ACTIONS: &[&[&audit::Action]] = &[service::ACTIONS, emergency::ACTIONS];

/// Every statement of this crate.
pub static STATEMENTS: &[&[&db::Statement]] = &[store::STATEMENTS, emergency::STATEMENTS];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] =
    db::migrations![30 => "0030_consent", 60 => "0060_emergency", 70 => "0070_emergency_sheets"];
