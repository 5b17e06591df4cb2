//! Running statements on a connection, on the thread that owns it.

use crate::{
    dialect::Engine,
    error::DbError,
    statement::Bulk,
    value::{Row, Value},
    work::{Op, Output},
};
use rusqlite::{
    Connection,
    types::{ToSqlOutput, ValueRef},
};
use std::sync::Arc;

pub(super) fn run_all(connection: &Connection, ops: &[Op]) -> Result<Vec<Output>, DbError> {
    ops.iter().map(|op| op.met(run(connection, op)?)).collect()
}

pub(super) fn run(connection: &Connection, op: &Op) -> Result<Output, DbError> {
    let name = op.statement.name();
    let fail = |error: rusqlite::Error| refused(&error, name);
    let mut statement =
        connection.prepare_cached(op.statement.sql(Engine::Sqlite)).map_err(fail)?;
    bind(&mut statement, &op.params, name)?;
    if statement.column_count() == 0 {
        let changed = statement.raw_execute().map_err(fail)?;
        return Ok(Output { changed: changed as u64, rows: Vec::new() });
    }
    let columns = op.statement.columns(|| statement.column_names().map(Into::into).collect());
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(fail)? {
        let values: Result<Vec<Value>, _> =
            (0..columns.len()).map(|index| row.get_ref(index).map(from_sqlite)).collect();
        found.push(Row::new(Arc::clone(columns), values.map_err(fail)?));
    }
    Ok(Output { changed: found.len() as u64, rows: found })
}

/// `$2` may come before `$1` in the text: SQLite numbers parameters by appearance, we by name.
fn bind(
    statement: &mut rusqlite::Statement<'_>,
    params: &[Value],
    name: &'static str,
) -> Result<(), DbError> {
    let mismatch = || DbError::Refused { statement: name, reason: "parameter count".into() };
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(mismatch());
    }
    for position in 1..=count {
        let number: Option<usize> =
            statement.parameter_name(position).and_then(|name| name.get(1..)?.parse().ok());
        let value = number.and_then(|n| params.get(n.checked_sub(1)?)).ok_or_else(mismatch)?;
        statement.raw_bind_parameter(position, value).map_err(|error| refused(&error, name))?;
    }
    Ok(())
}

pub(super) fn run_bulk(
    connection: &Connection,
    bulk: &'static Bulk,
    rows: &[Vec<Value>],
) -> Result<u64, DbError> {
    let fail = |error: rusqlite::Error| refused(&error, bulk.table);
    let columns: Vec<&str> = bulk.columns.iter().map(|(name, _)| *name).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        bulk.table,
        columns.join(", "),
        marks.join(", ")
    );
    let mut statement = connection.prepare_cached(&sql).map_err(fail)?;
    for row in rows {
        bind(&mut statement, row, bulk.table)?;
        statement.raw_execute().map_err(fail)?;
    }
    Ok(rows.len() as u64)
}

fn from_sqlite(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Real(x) => Value::Float(x),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Null => ValueRef::Null,
            Self::Bool(truth) => ValueRef::Integer((*truth).into()),
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Float(x) => ValueRef::Real(*x),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Uuid(id) => ValueRef::Blob(id.as_bytes()),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// SQLite's constraint messages name columns, never values.
pub(super) fn refused(error: &rusqlite::Error, statement: &'static str) -> DbError {
    use rusqlite::ffi::{
        SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE,
    };
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return DbError::Refused { statement, reason: error.to_string() };
    };
    let text = || message.clone().unwrap_or_else(|| failure.to_string());
    match (failure.code, failure.extended_code) {
        (_, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_ROWID) => {
            DbError::Duplicate { constraint: text() }
        }
        (rusqlite::ErrorCode::ConstraintViolation, _) => DbError::Constraint(text()),
        (
            rusqlite::ErrorCode::DatabaseBusy
            | rusqlite::ErrorCode::DatabaseLocked
            | rusqlite::ErrorCode::DiskFull
            | rusqlite::ErrorCode::SystemIoFailure
            | rusqlite::ErrorCode::CannotOpen
            | rusqlite::ErrorCode::OperationInterrupted,
            _,
        ) => DbError::Unavailable(failure.to_string()),
        _ => DbError::Refused { statement, reason: text() },
    }
}
