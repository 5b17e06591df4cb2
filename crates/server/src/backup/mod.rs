//! Backups: encrypted, made while everybody goes on writing, and read in full before a restore
//! writes its first row.
//!
//! A backup is two files of one moment. `salus-TIME.backup` holds everything but the wrapped keys;
//! `salus-TIME.keys` holds those. Erasing a person destroys keys, so only the second file could
//! undo it, and [`prune`] removes it after some weeks: the first may then be kept for years and
//! brings nobody back. It is readable with any later `.keys` file that still has the keys in it.
//!
//! What always holds: a file appears under its name only when it is whole and on disk; nobody but
//! its owner may read it; nothing in it is readable without the root keys of the KMS, which are in
//! neither file; a changed, cut off or exchanged file is refused; a restore happens as a whole or
//! not at all.
//!
//! A root key that was rotated stays until it is retired ([`vault::Vault::retire_roots`]):
//! [`reseal_all`] first.

mod create;
mod error;
mod folder;
mod header;
mod reseal;
mod restore;
mod sealed;

#[cfg(test)]
mod tests;

pub use create::{Report, create};
pub use error::BackupError;
pub use folder::{Files, Found, list, prune};
pub use header::{Header, Part};
pub use reseal::reseal_all;
pub use restore::{Checked, Restored, check, inspect, restore};

use std::{sync::Arc, time::Duration};

/// How long `.keys` files are kept unless somebody decides otherwise.
pub const KEEP_KEYS: Duration = Duration::from_hours(30 * 24);

/// The tables that go into the `.keys` file.
const KEY_TABLES: &[&str] = &["vault_keys"];

/// What is being done, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What.
    pub stage: Stage,
    /// Rows done so far.
    pub rows: u64,
    /// All rows, where that is known.
    pub of: Option<u64>,
}

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rows are written into files.
    Writing,
    /// Files are read, and nothing is done with what is in them.
    Checking,
    /// Rows are loaded into the database.
    Loading,
}

/// Is told now and then how far the work has come.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// Tells of rows after `done` others.
fn tell(on_progress: &OnProgress, stage: Stage, done: u64, of: Option<u64>) -> db::dump::Progress {
    let on_progress = Arc::clone(on_progress);
    Arc::new(move |rows| on_progress(Progress { stage, rows: done + rows, of }))
}

/// Runs what waits for a disk where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BackupError::Stopped)?
}
