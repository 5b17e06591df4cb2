//! What the companion may remember of a person: facts in their own words, found again when they
//! matter.
//!
//! Owns `memory_heads` and `memory_facts`: the person's wish to be remembered, facts and what they
//! mean as vectors, and which of them matter for a message.
//!
//! What always holds: nothing is remembered and nothing is used before the person has switched it
//! on, and within half a second after they switch it off; text and vector of a fact are sealed
//! under keys of the person; what is opened for a search stays in memory for a minute at most and
//! is wiped; who searches hears whether words or meanings were compared; a search that fails costs
//! no answer.
//!
//! What it does not do: it decides nothing on its own about what to remember, and it knows no model:
//! whoever implements [`Meaning`] does. What it finds goes the way of everything that is said, so
//! that the gate before providers elsewhere stands before facts too.

mod api;
mod cache;
mod envelope;
mod error;
mod jobs;
mod lexical;
mod meaning;
mod model;
mod remember;
mod select;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use error::{CODES, FACT_INVALID, FACTS_FULL, MEMORY_OFF, MemoryError};
pub use jobs::jobs;
pub use meaning::Meaning;
pub use model::{Draft, FACT_CHARS, FACTS, Fact, FactId, Invalid, Kind, Origin, Retrieval};
pub use service::{ACTIONS, Memory, Parts, Status, Told};
pub use store::{COLUMNS, STATEMENTS};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![80 => "0080_memory"];
