//! What tables and columns a database really has, to compare the two and to find what a
//! migration forgot.

use crate::{
    database::{Backend, Db},
    error::DbError,
    params, row,
    statement::Statement,
};
use std::collections::{BTreeMap, BTreeSet};

/// Columns by table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema(pub BTreeMap<String, BTreeSet<String>>);

/// The catalogue is where the two differ by nature; these two are no part of `STATEMENTS`.
static SQLITE_COLUMNS: Statement = Statement::declare(
    "db.schema.SQLITE_COLUMNS",
    "SELECT m.name AS table_name, c.name AS column_name
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
);
static POSTGRES_COLUMNS: Statement = Statement::declare(
    "db.schema.POSTGRES_COLUMNS",
    "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name
     FROM information_schema.columns WHERE table_schema = current_schema()",
);

row! {
    struct ColumnRow {
        table_name: String,
        column_name: String,
    }
}

impl Db {
    /// Whether this database understands the statement and finds its tables and columns.
    pub async fn check_statement(&self, statement: &'static Statement) -> Result<(), DbError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.check(statement).await,
            Backend::Postgres(server) => server.check(statement).await,
        }
    }

    /// Reads the schema from the database itself.
    pub async fn schema(&self) -> Result<Schema, DbError> {
        let statement = match self.backend() {
            Backend::Sqlite(_) => &SQLITE_COLUMNS,
            Backend::Postgres(_) => &POSTGRES_COLUMNS,
        };
        let mut schema = Schema::default();
        for row in self.all::<ColumnRow>(statement, params![]).await? {
            schema.0.entry(row.table_name).or_default().insert(row.column_name);
        }
        Ok(schema)
    }
}
