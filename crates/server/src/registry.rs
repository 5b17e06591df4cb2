//! What the crates bring, in one place: each list names every crate that has something to bring.
//! `tools/check.py` compares the lists with the crates, so that none can be forgotten.

use crate::config::Config;
use db::{MigrationSet, Statement};
use kernel::ErrorCode;
use vault::{Column, SystemSecret};

/// Every step of the schema.
#[must_use]
pub fn migrations() -> MigrationSet {
    MigrationSet::new(&[
        db::MIGRATIONS,
        audit::MIGRATIONS,
        identity::MIGRATIONS,
        consent::MIGRATIONS,
        journal::MIGRATIONS,
        memory::MIGRATIONS,
        crisis::MIGRATIONS,
        wellbeing::MIGRATIONS,
        providers::MIGRATIONS,
        mcp::MIGRATIONS,
        companion::MIGRATIONS,
        crate::MIGRATIONS,
    ])
}

/// Every statement that may be run.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    let lists: [&[&[&Statement]]; 12] = [
        db::STATEMENTS,
        identity::STATEMENTS,
        &[audit::STATEMENTS],
        consent::STATEMENTS,
        journal::STATEMENTS,
        &[memory::STATEMENTS],
        crisis::STATEMENTS,
        &[wellbeing::STATEMENTS],
        companion::STATEMENTS,
        &[providers::STATEMENTS],
        &[mcp::STATEMENTS],
        &[crate::idempotency::STATEMENTS, crate::verdict::STATEMENTS],
    ];
    lists.concat().concat()
}

/// Every sealed column.
#[must_use]
pub fn columns() -> Vec<&'static [&'static Column]> {
    vec![
        audit::COLUMNS,
        identity::COLUMNS,
        consent::COLUMNS,
        journal::COLUMNS,
        memory::COLUMNS,
        crisis::COLUMNS,
        wellbeing::COLUMNS,
        companion::COLUMNS,
        providers::COLUMNS,
        mcp::COLUMNS,
        crate::idempotency::COLUMNS,
    ]
}

/// Every secret of the program itself.
#[must_use]
pub fn secrets(config: &Config) -> Vec<SystemSecret> {
    let of_identity = identity::secrets(&config.accounts.session);
    [audit::SECRETS, companion::SECRETS, &of_identity].concat()
}

/// Every action that the ledger can hold.
#[must_use]
pub fn actions() -> Vec<&'static audit::Action> {
    [
        audit::ACTIONS,
        identity::ACTIONS,
        &consent::ACTIONS.concat(),
        &crisis::ACTIONS.concat(),
        journal::ACTIONS,
        memory::ACTIONS,
        wellbeing::ACTIONS,
        companion::ACTIONS,
        providers::ACTIONS,
        mcp::ACTIONS,
        crate::idempotency::ACTIONS,
        crate::tunnel::ACTIONS,
    ]
    .concat()
}

/// Every stable error code of the API.
#[must_use]
pub fn codes() -> Vec<&'static ErrorCode> {
    [
        kernel::common::CODES,
        httpkit::codes::CODES,
        llm::CODES,
        vault::CODES,
        audit::CODES,
        identity::CODES,
        notify::CODES,
        consent::CODES,
        journal::CODES,
        memory::CODES,
        &crisis::CODES.concat(),
        wellbeing::CODES,
        companion::CODES,
        providers::CODES,
        mcp::CODES,
    ]
    .concat()
}
