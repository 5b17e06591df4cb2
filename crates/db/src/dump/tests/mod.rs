//! Dumps and loads on both databases, and between them.

mod format;
mod load;
mod snapshot;

use super::{
    DumpError, Progress, Source,
    decode::{Decoder, Item},
};
use crate::{Db, Migration, MigrationSet, db_test, statements, testing::TestDb};
use std::{collections::BTreeMap, sync::Arc};

pub(super) const THINGS: Migration = Migration {
    version: 9000,
    name: "9000_things",
    sql: "CREATE TABLE things (
        id {uuid} PRIMARY KEY, n {int}, label TEXT, body {bytes}, ok {bool}, x {float}
    ){strict};
    CREATE TABLE others (id {int} PRIMARY KEY){strict};
",
};

pub(super) const MORE: Migration = Migration {
    version: 9001,
    name: "9001_more",
    sql: "ALTER TABLE things ADD COLUMN more {int} NOT NULL DEFAULT 5;
UPDATE things SET more = n + 1 WHERE n IS NOT NULL;
--! sqlite
CREATE TABLE numbered (id INTEGER PRIMARY KEY, n {int}){strict};
--! postgres
CREATE TABLE numbered (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n BIGINT);
--! both
",
};

/// A step that brings rows, beside something that an operator put into the schema.
pub(super) const SEEDS_STEP: Migration = Migration {
    version: 9002,
    name: "9002_seeds",
    sql: "INSERT INTO others (id) VALUES (1), (2);
CREATE VIEW of_the_operator AS SELECT CAST(1.5 AS NUMERIC) AS x;
",
};

statements! { "db.dump.tests";
    ADD = "INSERT INTO things (id, n, label, body, ok, x) VALUES ($1, $2, $3, $4, $5, $6)";
    MOVE = "UPDATE things SET n = n + $2 WHERE id = $1";
    MORES = "SELECT more AS n FROM things ORDER BY id";
    DROP_SEED = "DELETE FROM others WHERE id = 1";
    SEEDS = "SELECT id AS n FROM others";
    COUNT = "SELECT COUNT(*) AS n FROM things";
    NEXT = "INSERT INTO numbered (n) VALUES (0) RETURNING id AS n";
}

db_test!(both_databases_can_prepare_the_statements_of_these_tests, new_set(), |db| {
    for statement in STATEMENTS {
        db.check_statement(statement).await.unwrap();
    }
});

pub(super) fn old_set() -> MigrationSet {
    MigrationSet::new(&[&[THINGS]])
}

pub(super) fn new_set() -> MigrationSet {
    MigrationSet::new(&[&[THINGS, MORE]])
}

pub(super) fn with_lineage() -> MigrationSet {
    MigrationSet::new(&[crate::MIGRATIONS, &[THINGS]])
}

pub(super) fn silent() -> Progress {
    Arc::new(|_| {})
}

/// A database without a single step.
pub(super) async fn blank(engine: crate::Engine) -> Option<TestDb> {
    let none = MigrationSet::new(&[]);
    match engine {
        crate::Engine::Sqlite => Some(TestDb::sqlite(&none).await),
        crate::Engine::Postgres => TestDb::postgres(&none).await,
    }
}

pub(super) async fn dump(db: &Db, wanted: fn(&str) -> bool) -> Vec<u8> {
    let snapshot = db.snapshot().await.unwrap();
    snapshot.dump(wanted, Vec::new(), silent()).await.unwrap().0
}

pub(super) async fn dump_all(db: &Db) -> Vec<u8> {
    dump(db, |_| true).await
}

pub(super) fn source(bytes: &[u8]) -> Source {
    Box::new(std::io::Cursor::new(bytes.to_vec()))
}

pub(super) async fn load(
    db: &Db,
    dumps: &[&[u8]],
    set: &MigrationSet,
) -> Result<super::Counts, DumpError> {
    db.load(dumps.iter().map(|bytes| source(bytes)).collect(), set, &silent()).await
}

/// The rows of each table, each a map from column to value, in an order of their own.
pub(super) type Rows = BTreeMap<String, Vec<BTreeMap<String, crate::Value>>>;

pub(super) fn rows(bytes: &[u8]) -> Rows {
    let mut decoder = Decoder::start(bytes).unwrap();
    let mut tables = Rows::new();
    let mut current = None;
    loop {
        match decoder.next().unwrap() {
            Item::Table(table) => {
                tables.insert(table.name.clone(), Vec::new());
                current = Some(table);
            }
            Item::Row(row) => {
                let table = current.as_ref().unwrap();
                let row = table.columns.iter().cloned().zip(row).collect();
                tables.get_mut(&table.name).unwrap().push(row);
            }
            Item::End(_) => return tables,
        }
    }
}
