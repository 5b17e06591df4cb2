//! All rows of a database as one stream, the same for both kinds: a dump made on one loads on the
//! other.
//!
//! Owns the format ([`format`]), the picture of the database that a dump is made from
//! ([`Snapshot`]) and loading into an empty database ([`Db::load`](crate::Db::load)). Always
//! holds: a dump shows one moment, however long it takes and whoever writes meanwhile; loading
//! happens as a whole or not at all; memory stays small however large the tables are; a stream
//! that was cut off, or is none, is refused and never trusted with an allocation.
//!
//! It does not encrypt, and it does not notice that somebody changed a value in the stream: both
//! are the part of whoever stores it. Tables with foreign keys are not foreseen, as there are none.

mod decode;
mod fit;
mod format;
mod load;
mod snapshot;

#[cfg(test)]
mod tests;

pub use decode::{Header, Summary, examine};
pub use format::FormatError;
pub use load::Source;
pub use snapshot::Snapshot;
pub(crate) use snapshot::{Block, Blocks, BlocksGone};

use crate::error::DbError;
use std::{collections::BTreeMap, sync::Arc};

/// Is told now and then how many rows are done.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Tables that tell of a database and not of what is in it. They are never loaded: the history of
/// the schema is compared, and what is loaded begins a lineage of its own.
const OF_THE_DATABASE: [&str; 2] = ["schema_history", "lineage"];

/// How many rows, by table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts(pub BTreeMap<String, u64>);

impl Counts {
    /// All rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Why a dump was not made, examined or loaded.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Reading or writing the stream failed.
    #[error("reading or writing failed: {0}")]
    Io(std::io::Error),
    /// The stream is not a dump, or not a whole one.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// There are rows where none may be.
    #[error("the database is not empty: there are rows in {0}")]
    NotEmpty(String),
    /// The database is at a later step than the dump.
    #[error(
        "the database has gone through step {0} already, which is newer than the dump: \
         load it into a database without tables"
    )]
    TargetAhead(String),
    /// Two dumps to be loaded together do not follow one another.
    #[error("these dumps were made by programs that do not follow one another")]
    Unrelated,
    /// The dump has a table, or a column, that its step of the schema does not have.
    #[error("{0} does not exist at this step of the schema")]
    NoSuchPlace(String),
    /// A table is in two dumps, or twice in one.
    #[error("the table {0} comes twice")]
    Twice(String),
    /// The database cannot hold a value of the dump.
    #[error("a value of {place} cannot be stored here: {reason}")]
    Misfit {
        /// Table and column.
        place: String,
        /// What stands against it.
        reason: &'static str,
    },
    /// Not all rows arrived.
    #[error("{table} has {found} rows after loading instead of {wanted}")]
    Miscounted {
        /// The table.
        table: String,
        /// Rows in the dump.
        wanted: u64,
        /// Rows in the database.
        found: u64,
    },
}

impl From<std::io::Error> for DumpError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Format(FormatError::Truncated),
            _ => Self::Io(error),
        }
    }
}
