//! What a person writes down: entries with text, mood and tags.
//!
//! Owns `journal_entries` and `journal_heads`: writing and reading entries, sync with devices that
//! write offline, mood statistics, export and import.
//!
//! What always holds: title, text, mood, scale, tags and favourite are sealed under keys of the
//! person, only ids, times and versions stand clear; everything that is read or written is
//! recorded; changes of one journal are committed in the order of their numbers, so that sync
//! never misses one; nothing that was written is lost when devices disagree.
//!
//! What it does not do: it does not look into what is written beyond searching and counting; the
//! server can read entries while it answers, so this is not the place for what it must not see.

mod api;
mod codec;
mod envelope;
mod error;
mod jobs;
mod merge;
mod model;
mod service;
mod stats;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use codec::{Format, Unreadable};
pub use error::{
    CODES, ENTRY_EXISTS, ENTRY_INVALID, FILE_UNREADABLE, JournalError, SYNC_CHANGED_TWICE,
    SYNC_RESTART,
};
pub use jobs::jobs;
pub use merge::{Change, Outcome};
pub use model::{
    Content, Draft, Entry, EntryId, Filter, Invalid, Meta, Mood, Scale, Search, SyncCursor, Tags,
};
pub use service::{
    ACTIONS, Applied, ImportReport, Incoming, Journal, Moods, Period, Rejected, Remote,
    SYNC_CHANGES, SyncAnswer, SyncRequest,
};
pub use stats::{
    Day, Direction, Estimate, Finding, LocalTime, MoodStats, Observation, WeekdayMean,
};
pub use store::{COLUMNS, ENTRY_BODY, ENTRY_META, STATEMENTS};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![40 => "0040_journal"];
