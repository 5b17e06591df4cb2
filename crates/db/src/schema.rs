//! What tables and columns a database really has, to compare the two and to find what a
//! migration forgot.

use crate::{
    database::{Backend, Db},
    dialect::{self, Engine},
    error::DbError,
    params, row,
    statement::{BulkType, Statement},
};
use std::collections::{BTreeMap, BTreeSet};

/// Columns by table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema(pub BTreeMap<String, BTreeSet<String>>);

/// The catalogue is where the two differ by nature; these two are no part of `STATEMENTS`.
static SQLITE_COLUMNS: Statement = Statement::declare(
    "db.schema.SQLITE_COLUMNS",
    "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
);
static POSTGRES_COLUMNS: Statement = Statement::declare(
    "db.schema.POSTGRES_COLUMNS",
    "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name,
            CAST(data_type AS TEXT) AS kind
     FROM information_schema.columns JOIN information_schema.tables
         USING (table_catalog, table_schema, table_name)
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
);

row! {
    /// One column of one table.
    pub(crate) struct ColumnRow {
        table_name: String,
        column_name: String,
        kind: String,
    }
}

/// The types of columns, by table and column.
pub(crate) type ColumnTypes = BTreeMap<String, BTreeMap<String, BulkType>>;

/// What asks this database for its columns.
pub(crate) const fn columns_statement(engine: Engine) -> &'static Statement {
    match engine {
        Engine::Sqlite => &SQLITE_COLUMNS,
        Engine::Postgres => &POSTGRES_COLUMNS,
    }
}

/// The types of the columns; one that no type token makes is refused.
pub(crate) fn column_types(engine: Engine, rows: Vec<ColumnRow>) -> Result<ColumnTypes, DbError> {
    let mut types = ColumnTypes::new();
    for ColumnRow { table_name, column_name, kind: word } in rows {
        let kind = dialect::column_type(engine, &word).ok_or_else(|| {
            DbError::Schema(format!("{table_name}.{column_name} is of the foreign type {word}"))
        })?;
        types.entry(table_name).or_default().insert(column_name, kind);
    }
    Ok(types)
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
        let statement = columns_statement(self.engine());
        let mut schema = Schema::default();
        for row in self.all::<ColumnRow>(statement, params![]).await? {
            schema.0.entry(row.table_name).or_default().insert(row.column_name);
        }
        Ok(schema)
    }
}
