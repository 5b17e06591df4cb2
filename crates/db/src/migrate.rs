//! The schema and its history. Every crate brings the steps for its own tables; together they
//! form one numbered list that only ever grows. The program refuses a database with a step in its
//! history that it does not know, or knows otherwise: older programs on newer data lose things
//! quietly.

use crate::{
    database::{Backend, Db},
    dialect::{self, Engine},
    error::DbError,
    params, row,
    statement::Statement,
    statements,
    transaction::Tx,
};
use aws_lc_rs::digest;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the list; unique over all crates.
    pub version: u32,
    /// `NNNN_what`.
    pub name: &'static str,
    /// The text with type tokens. Lines after `--! postgres` or `--! sqlite` are for that
    /// database alone, until `--! both`.
    pub sql: &'static str,
}

/// Declares the steps of a crate: `migrations![10 => "0010_audit", …]`, read from `migrations/`.
#[macro_export]
macro_rules! migrations {
    ($($version:literal => $name:literal),* $(,)?) => {
        &[$($crate::Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".sql")),
        }),*]
    };
}

/// All steps of all crates, in order.
#[derive(Clone)]
pub struct MigrationSet(Vec<Migration>);

impl MigrationSet {
    /// Puts the steps of the crates in order.
    #[must_use]
    pub fn new(crates: &[&[Migration]]) -> Self {
        let mut all: Vec<Migration> =
            crates.iter().flat_map(|steps| steps.iter().copied()).collect();
        all.sort_by_key(|step| step.version);
        Self(all)
    }

    /// The steps in order.
    #[must_use]
    pub fn steps(&self) -> &[Migration] {
        &self.0
    }
}

impl Migration {
    /// What is run on this database.
    #[must_use]
    pub fn sql_for(&self, engine: Engine) -> String {
        let expanded = dialect::expand(self.sql, engine);
        let mut wanted = true;
        let mut text = String::with_capacity(expanded.len());
        for line in expanded.lines() {
            match line.strip_prefix("--! ") {
                Some(section) => wanted = section == "both" || section == engine.name(),
                None if wanted => {
                    text.push_str(line);
                    text.push('\n');
                }
                None => {}
            }
        }
        text
    }

    fn checksum(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.sql.as_bytes());
        hex(hash.as_ref())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a string cannot fail
        text
    })
}

statements! { "db.migrate";
    APPLIED = "SELECT version, name, checksum FROM schema_history ORDER BY version";
}

const CREATE_HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_history (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL
)";
const NO_HURRY: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0";
/// Any number, as long as it is always this one: two programs never migrate at once.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7205759403792794)";

row! {
    /// A step that a database has gone through.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AppliedStep {
        /// Its place in the list.
        pub version: u32,
        /// Its name.
        pub name: String,
        /// The checksum of its text.
        pub checksum: String,
    }
}

impl MigrationSet {
    /// The steps that are not among these; an error if these are not all ours.
    pub(crate) fn without(&self, applied: &[AppliedStep]) -> Result<Vec<Migration>, DbError> {
        let find = |version| self.0.iter().find(|step: &&Migration| step.version == version);
        for row in applied {
            match find(row.version) {
                None => {
                    return Err(DbError::Schema(format!(
                        "this data was made by a newer program (step {}); use that one",
                        row.name
                    )));
                }
                Some(step) if step.checksum() != row.checksum => {
                    return Err(DbError::Schema(format!(
                        "step {} was changed after it was applied",
                        step.name
                    )));
                }
                Some(_) => {}
            }
        }
        let done = |step: &Migration| applied.iter().any(|row| row.version == step.version);
        Ok(self.0.iter().filter(|step| !done(step)).copied().collect())
    }

    /// Only these steps; an error if they are not all ours.
    pub(crate) fn only(&self, applied: &[AppliedStep]) -> Result<Self, DbError> {
        let missing = self.without(applied)?;
        let rest = |step: &Migration| missing.iter().all(|other| other.version != step.version);
        Ok(Self(self.0.iter().filter(|step| rest(step)).copied().collect()))
    }
}

/// What asks for the steps that were gone through, once there is a history.
pub(crate) const fn applied_statement() -> &'static Statement {
    &APPLIED
}

impl Db {
    /// Brings the schema up to date; answers the names of the steps that were missing.
    pub async fn migrate(&self, set: &MigrationSet) -> Result<Vec<&'static str>, DbError> {
        self.script(CREATE_HISTORY.to_owned()).await?;
        let missing = self.missing(set).await?;
        for step in &missing {
            self.apply(step).await?;
        }
        Ok(missing.iter().map(|step| step.name).collect())
    }

    /// The steps this database still needs; an error if its history is not ours.
    pub async fn missing(&self, set: &MigrationSet) -> Result<Vec<Migration>, DbError> {
        match self.all(&APPLIED, params![]).await {
            Ok(applied) => set.without(&applied),
            Err(DbError::Refused { .. }) => set.without(&[]), // no history yet
            Err(error) => Err(error),
        }
    }

    /// One step and its line in the history, or neither. If another program was faster, the line
    /// is there already and the whole script fails harmlessly. A step that meets a duplicate of
    /// its own fails the same way, so the history decides.
    async fn apply(&self, step: &Migration) -> Result<(), DbError> {
        let result = self.script(self.step_sql(step)).await;
        if matches!(result, Err(DbError::Duplicate { .. })) {
            let applied: Vec<AppliedStep> = self.all(&APPLIED, params![]).await?;
            let checksum = step.checksum();
            let same = |row: &AppliedStep| row.version == step.version && row.checksum == checksum;
            return if applied.iter().any(same) { Ok(()) } else { result };
        }
        result
    }

    fn step_sql(&self, step: &Migration) -> String {
        format!(
            "INSERT INTO schema_history (version, name, checksum, applied_at)
             VALUES ({}, '{}', '{}', {});\n{}",
            step.version,
            step.name,
            step.checksum(),
            self.env().now().as_micros(),
            step.sql_for(self.engine()),
        )
    }

    /// Runs a script of the program's own as one transaction, however long it takes: an index on
    /// a large table is made in minutes.
    async fn script(&self, sql: String) -> Result<(), DbError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.script(sql).await,
            Backend::Postgres(server) => server.script(&format!("{NO_HURRY}; {LOCK}; {sql}")).await,
        }
    }

    /// Keeps every other program from migrating until the transaction ends; answers the steps
    /// that were gone through so far.
    pub(crate) async fn history_for_update(
        &self,
        tx: &mut Tx,
    ) -> Result<Vec<AppliedStep>, DbError> {
        if self.engine() == Engine::Postgres {
            tx.script(LOCK.to_owned()).await?;
        }
        tx.script(CREATE_HISTORY.to_owned()).await?;
        tx.all(&APPLIED, params![]).await
    }

    /// Applies steps as a part of a transaction that has called [`Db::history_for_update`].
    pub(crate) async fn apply_in(&self, tx: &mut Tx, steps: &[Migration]) -> Result<(), DbError> {
        for step in steps {
            tx.script(self.step_sql(step)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_belong_to_one_database() {
        let step = Migration {
            version: 1,
            name: "0001_x",
            sql: "A {uuid};\n--! postgres\nB;\n--! sqlite\nC;\n--! both\nD;\n",
        };
        assert_eq!(step.sql_for(Engine::Postgres), "A UUID;\nB;\nD;\n");
        assert_eq!(step.sql_for(Engine::Sqlite), "A BLOB;\nC;\nD;\n");
    }
}
