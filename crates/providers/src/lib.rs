//! Where models come from: providers in the settings file, those that administrators set up while
//! the program runs, and servers that are found on this machine; and who may use which model.
//!
//! Owns the providers of administrators with their secrets, the rules on who may use what, and the
//! list of models of this moment, which it puts into the [`llm::Gateway`].
//!
//! What always holds: the secret of a provider is sealed and is not told again, by no answer, log,
//! event or error; a secret does not follow its provider to another address; every provider
//! elsewhere stands behind [`Gate`]; what changes in one process holds in every other within
//! seconds; the built-in companion stays for everybody.
//!
//! What it does not do: it asks nobody what they agreed to and counts nothing; whoever asks models
//! for people does.

mod api;
mod config;
mod error;
mod gate;
mod model;
mod rules;
mod service;
mod store;
mod supply;

pub use api::routes;
pub use config::{Kind, ModelSettings, ProviderSettings, SettingsError};
pub use error::{
    CODES, PROVIDER_FIXED, PROVIDER_INVALID, PROVIDER_NAME_TAKEN, PROVIDER_NOT_FOUND,
    PROVIDERS_FULL, ProvidersError,
};
pub use gate::Gate;
pub use model::{Change, Draft, Given, Invalid, Origin, Setup};
pub use rules::Viewer;
pub use service::{ACTIONS, Parts, Providers, Tested};
pub use store::{COLUMNS, STATEMENTS};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![63 => "0063_providers"];
