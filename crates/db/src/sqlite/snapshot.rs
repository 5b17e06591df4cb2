//! A picture of the embedded database at one moment, on a connection and a thread of its own, so
//! that reading all of it keeps nobody waiting.

use super::{
    Reply, Sqlite, closed, connect, open_error,
    run::{refused, run},
    spawn,
};
use crate::{
    dump::{Block, Blocks, BlocksGone},
    error::DbError,
    value::Value,
    work::{Op, Output},
};
use crossbeam_channel::{Receiver, Sender};
use rusqlite::{Connection, types::ValueRef};
use tokio::sync::oneshot;

enum Ask {
    Run(Op, Reply<Output>),
    Rows { sql: String, out: Blocks, reply: Reply<u64> },
}

/// A picture of the database. Dropped, its thread ends.
pub(crate) struct SqliteSnapshot(Sender<Ask>);

impl Sqlite {
    /// What is committed by now. As long as it is looked at, the write-ahead log grows.
    pub(crate) async fn snapshot(&self) -> Result<SqliteSnapshot, DbError> {
        let (asks, inbox) = crossbeam_channel::unbounded();
        let (reply, started) = oneshot::channel();
        let path = self.path().to_owned();
        spawn("salus-db-snapshot", move || match connect(&path).and_then(begun) {
            Ok(connection) => {
                let _ = reply.send(Ok(()));
                answer_all(&connection, &inbox);
            }
            Err(error) => drop(reply.send(Err(error))),
        })?;
        started.await.map_err(|_| closed())??;
        Ok(SqliteSnapshot(asks))
    }
}

/// The picture is taken with the first read, not by `BEGIN`.
fn begun(connection: Connection) -> Result<Connection, DbError> {
    connection.pragma_update(None, "query_only", true).map_err(open_error)?;
    connection
        .execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema;")
        .map_err(|error| refused(&error, "snapshot"))?;
    Ok(connection)
}

impl SqliteSnapshot {
    pub(crate) async fn run(&self, op: Op) -> Result<Output, DbError> {
        self.ask(|reply| Ask::Run(op, reply)).await
    }

    /// Sends all rows of this query, written as in a dump; answers how many.
    pub(crate) async fn rows(&self, sql: String, out: Blocks) -> Result<u64, DbError> {
        self.ask(|reply| Ask::Rows { sql, out, reply }).await
    }

    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(ask(reply)).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn answer_all(connection: &Connection, inbox: &Receiver<Ask>) {
    while let Ok(ask) = inbox.recv() {
        match ask {
            Ask::Run(op, reply) => drop(reply.send(run(connection, &op))),
            Ask::Rows { sql, out, reply } => drop(reply.send(send_rows(connection, &sql, &out))),
        }
    }
}

fn send_rows(connection: &Connection, sql: &str, out: &Blocks) -> Result<u64, DbError> {
    let fail = |error: rusqlite::Error| refused(&error, "dump");
    let mut statement = connection.prepare(sql).map_err(fail)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let (mut total, mut block) = (0, Block::default());
    while let Some(row) = rows.next().map_err(fail)? {
        let mut values = Vec::with_capacity(width);
        for index in 0..width {
            values.push(exactly(row.get_ref(index).map_err(fail)?)?);
        }
        total += 1;
        if let Some(full) = block.add(&values)? {
            out.blocking_send(full).map_err(|_| BlocksGone)?;
        }
    }
    out.blocking_send(block).map_err(|_| BlocksGone)?;
    Ok(total)
}

/// Unlike an ordinary read, which replaces what is not UTF-8: a copy must be a copy.
fn exactly(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Real(x) => Value::Float(x),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|_| DbError::Refused {
                statement: "dump",
                reason: "a text is not UTF-8".into(),
            })?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}
