//! What a person writes down: entries with text, mood and tags, and check-ins of ten seconds.
//!
//! Owns `journal_entries`, `journal_heads` and `journal_check_ins`: writing and reading entries, sync with devices that
//! write offline, mood statistics, export and import.
//!
//! What always holds: title, text, mood, scale, tags and favourite are sealed under keys of the
//! person, only ids, times and versions stand clear; everything that is read or written is
//! recorded; changes of one journal are committed in the order of their numbers, so that sync
//! never misses one; nothing that was written is lost when devices disagree.
//!
//! What it does not do: beyond searching and counting it looks into what is written only for signs
//! of danger, by fixed rules, and that never keeps anything from being stored. The
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
    CheckIn, CheckInDraft, CheckInId, Content, Draft, Entry, EntryId, Filter, Invalid, Kept, Meta,
    Mood, Rated, Rating, Scale, Search, SyncCursor, Tags,
};
pub use service::{
    ACTIONS, Applied, ImportReport, Incoming, Journal, Moods, Period, Rejected, Remote,
    SYNC_CHANGES, SyncAnswer, SyncRequest,
};
pub use stats::{
    Day, Direction, Estimate, Finding, LocalTime, MoodStats, Observation, WeekdayMean,
    together::{Comparison, DAYS_EACH_SIDE, Marked, PAIRED_DAYS, Together},
};
pub use store::{COLUMNS, ENTRY_BODY, ENTRY_META};

/// Every statement of this crate.
pub static STATEMENTS: &[&[&db::Statement]] = &[store::STATEMENTS, store::check_ins::STATEMENTS];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] =
    db::migrations![40 => "0040_journal", 64 => "0064_check_ins"];
