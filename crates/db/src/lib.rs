//! One database layer for SQLite and PostgreSQL: the same SQL text, the same types, the same
//! tests. Which one it is, is decided by a URL when the program starts.
//!
//! Owns connections, transactions, migrations, the job queue and the outbox. Knows nothing of
//! what the rows mean. Always holds: an acknowledged write is on disk, unless it said
//! that it only has to outlive the program ([`TxSpec::unsynced`]); a transaction is seen
//! whole or not at all; statements are declared, never put together from input.

mod config;
mod database;
mod dialect;
pub mod dump;
mod error;
pub mod files;
pub mod jobs;
mod keystore;
mod lineage;
mod metrics;
mod migrate;
pub mod outbox;
mod postgres;
mod schema;
mod sealed_rows;
mod sqlite;
mod statement;
pub mod testing;
mod transaction;
mod value;
mod work;
mod worker;

#[cfg(test)]
mod tests;

pub use config::{DbConfig, PostgresConfig};
pub use database::{Attempts, Db, Isolation, TxSpec};
pub use dialect::Engine;
pub use error::DbError;
pub use keystore::SqlKeyStore;
pub use metrics::DbMetrics;
pub use migrate::{AppliedStep, Migration, MigrationSet};
pub use schema::Schema;
pub use sealed_rows::SqlSealedRows;
pub use statement::{Bulk, BulkType, Statement};
pub use transaction::Tx;
pub use value::{FromRow, FromValue, Row, Value};
pub use worker::{JobHandler, Worker};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[Migration] =
    migrations![1 => "0001_jobs", 2 => "0002_vault", 3 => "0003_lineage"];

/// Every statement of this crate.
pub const STATEMENTS: &[&[&Statement]] = &[
    jobs::STATEMENTS,
    outbox::STATEMENTS,
    migrate::STATEMENTS,
    keystore::STATEMENTS,
    lineage::STATEMENTS,
];
