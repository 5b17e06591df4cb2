//! What must hold of every table and statement.

use db::{Engine, db_test};
use server::registry;
use std::collections::BTreeSet;

/// The sealed columns that the migrations make, read from their text.
fn sealed_in_migrations() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for step in registry::migrations().steps() {
        let mut table = String::new();
        for line in step.sql.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                rest.split([' ', '(']).next().unwrap().clone_into(&mut table);
            } else if line.contains("{sealed}") {
                let column = line.split_whitespace().find(|word| !word.eq_ignore_ascii_case("add"));
                found.insert((table.clone(), column.unwrap().to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_sealed_column_of_the_schema_has_a_declaration_and_the_other_way_round() {
    let declared: BTreeSet<(String, String)> = registry::columns()
        .into_iter()
        .flatten()
        // The details of ledger entries are sealed within the entry, which is never rewritten.
        .filter(|column| !column.append_only)
        .map(|column| (column.table.to_owned(), column.column.to_owned()))
        .collect();
    assert_eq!(
        sealed_in_migrations(),
        declared,
        "what `migrations()` of registry.rs makes is not what `columns()` declares"
    );
}

db_test!(both_databases_can_prepare_every_statement, registry::migrations(), |db| {
    for statement in registry::statements() {
        if let Err(reason) = db.check_statement(statement).await {
            panic!(
                "{reason}; if a table is missing: is its crate in `migrations()` of registry.rs?"
            );
        }
    }
});

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let set = registry::migrations();
    let sqlite = db::testing::TestDb::sqlite(&set).await;
    if let Some(postgres) = db::testing::TestDb::postgres(&set).await {
        assert_eq!(sqlite.schema().await.unwrap(), postgres.schema().await.unwrap());
        postgres.discard().await;
    }
    sqlite.discard().await;
}

/// Finds people by the name they type, when nobody knows yet who they are.
const LOOK_UP: &str = "logins";

/// So that the data can be divided by person one day.
#[test]
fn every_table_of_people_has_tenant_and_shard_in_its_key() {
    for step in registry::migrations().steps() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let sql = step.sql_for(engine);
            for table in sql.split("CREATE TABLE ").skip(1) {
                let body = table.split(';').next().unwrap();
                let of_people = body.lines().any(|line| line.trim().starts_with("user_id "));
                if of_people && !body.starts_with(LOOK_UP) {
                    assert!(
                        body.contains("PRIMARY KEY (tenant_id, shard_id, user_id"),
                        "{}: {}",
                        step.name,
                        body.lines().next().unwrap()
                    );
                }
            }
        }
    }
}
