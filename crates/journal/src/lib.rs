//! The journal.

pub mod codec;
pub mod merge;
pub mod model;
pub mod stats;

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![40 => "0040_journal"];
