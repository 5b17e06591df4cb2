//! What a person fills in besides the journal: questionnaires, diary card, chain analysis, safety
//! plan, and which exercises helped.
//!
//! Owns `wellbeing_records` and `wellbeing_versions`, the library of exercises as clients see it,
//! and what is told about a person's own figures.
//!
//! What always holds: everything that was filled in is sealed, its kind too; a result is scored
//! here and never by a client; an answer that asks for help at once is answered with help, and
//! nothing is refused because of it; nothing is said of figures before it is honest.
//!
//! What it does not do: it does not diagnose, asks no model, and changes no word of the
//! questionnaires.

mod api;
mod envelope;
mod error;
mod jobs;
mod model;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use error::{CODES, FORM_INVALID, RECORD_EXISTS, WellbeingError};
pub use jobs::jobs;
pub use model::{Body, Filled, Helped, Invalid, Practised, Record, RecordId, Scored, Shelf};
pub use service::{ACTIONS, Added, NewRecord, Parts, Suggested, Told, Trend, Wellbeing, Wish};
pub use store::{COLUMNS, RECORD_BODY, STATEMENTS, VERSION_BODY};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![65 => "0065_wellbeing"];
