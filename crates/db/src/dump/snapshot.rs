//! Making dumps out of one picture of the database.

use super::{Counts, DumpError, FormatError, OF_THE_DATABASE, Progress, format};
use crate::{
    database::{Backend, Db},
    dialect::Engine,
    error::DbError,
    migrate::{AppliedStep, applied_statement},
    params,
    postgres::{self, Postgres},
    schema::{self, ColumnRow},
    sqlite::SqliteSnapshot,
    statement::Statement,
    transaction::Transaction,
    value::{FromRow, Value},
    work::{Op, Output},
};
use futures_util::TryStreamExt;
use std::{collections::BTreeMap, io::Write};
use tokio::sync::mpsc;

/// Blocks on their way to the writer at once.
const ON_THE_WAY: usize = 4;
/// About how large a block is.
const BLOCK: usize = 64 * 1024;

/// Bytes of a dump on their way to whoever stores it.
#[derive(Default)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    rows: u64,
}

/// Where blocks go.
pub(crate) type Blocks = mpsc::Sender<Block>;

/// Whoever stores the dump has failed, and says so elsewhere.
pub(crate) struct BlocksGone;

impl From<BlocksGone> for DbError {
    fn from(BlocksGone: BlocksGone) -> Self {
        Self::Unavailable("the dump is no longer wanted".into())
    }
}

impl Block {
    /// Adds a row; answers what there is once that is enough to be sent.
    pub(crate) fn add(&mut self, row: &[Value]) -> Result<Option<Self>, DbError> {
        format::put_row(&mut self.bytes, row)
            .map_err(|error| DbError::Refused { statement: "dump", reason: error.to_string() })?;
        self.rows += 1;
        Ok((self.bytes.len() >= BLOCK).then(|| std::mem::take(self)))
    }
}

/// One picture of the database. Others go on writing; what they write is not in it.
pub struct Snapshot(Picture);

enum Picture {
    Sqlite(SqliteSnapshot),
    Postgres(Transaction),
}

impl Db {
    /// Takes a picture of what is committed now. Let go of it soon after the dumps: meanwhile the
    /// database cannot clear away what it shows.
    pub async fn snapshot(&self) -> Result<Snapshot, DbError> {
        Ok(Snapshot(match self.backend() {
            Backend::Sqlite(sqlite) => Picture::Sqlite(sqlite.snapshot().await?),
            Backend::Postgres(server) => Picture::Postgres(begin(server).await?),
        }))
    }
}

/// The usual limits are for requests. The picture is taken with the first read, not by `BEGIN`.
async fn begin(server: &Postgres) -> Result<Transaction, DbError> {
    let open = Transaction::new(server.connection().await?);
    let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = 0; SELECT COUNT(*) FROM pg_class";
    postgres::script(open.get()?, sql).await?;
    Ok(open)
}

impl Snapshot {
    /// Writes the tables that `wanted` names. Tables and columns come in the order of their
    /// names; the order of rows is the database's own. Answers the writer, not yet flushed, and
    /// how many rows it got.
    pub async fn dump<W: Write + Send + 'static>(
        &self,
        wanted: impl Fn(&str) -> bool,
        writer: W,
        progress: Progress,
    ) -> Result<(W, Counts), DumpError> {
        let (blocks, inbox) = mpsc::channel(ON_THE_WAY);
        let written = tokio::task::spawn_blocking(move || write_all(writer, inbox, &progress));
        let produced = self.produce(&wanted, blocks).await;
        let written = written.await.map_err(|error| DumpError::Io(std::io::Error::other(error)))?;
        // If writing failed, that is why the rest did.
        let writer = written.map_err(DumpError::Io)?;
        Ok((writer, produced?))
    }

    /// Names of all tables, in order; the history of the schema is none of them.
    pub async fn tables(&self) -> Result<Vec<String>, DbError> {
        Ok(self.columns().await?.into_keys().collect())
    }

    async fn produce(
        &self,
        wanted: &impl Fn(&str) -> bool,
        blocks: Blocks,
    ) -> Result<Counts, DumpError> {
        let mut counts = Counts::default();
        let history: Vec<AppliedStep> = self.all(applied_statement()).await?;
        send(&blocks, |out| format::put_header(out, &history)).await?;
        for (table, columns) in self.columns().await? {
            if wanted(&table) {
                let names = columns.iter().map(String::as_str);
                send(&blocks, |out| format::put_table(out, &table, names)).await?;
                let sql = format!("SELECT {} FROM {table}", columns.join(", "));
                let rows = self.rows(sql, blocks.clone()).await?;
                send(&blocks, |out| {
                    format::put_table_end(out, rows);
                    Ok(())
                })
                .await?;
                counts.0.insert(table, rows);
            }
        }
        send(&blocks, |out| format::put_end(out, &counts)).await?;
        Ok(counts)
    }

    async fn columns(&self) -> Result<BTreeMap<String, Vec<String>>, DbError> {
        let engine = match &self.0 {
            Picture::Sqlite(_) => Engine::Sqlite,
            Picture::Postgres(_) => Engine::Postgres,
        };
        let rows: Vec<ColumnRow> = self.all(schema::columns_statement(engine)).await?;
        let mut tables = schema::column_types(engine, rows)?;
        tables.retain(|table, _| !OF_THE_DATABASE.contains(&table.as_str()));
        let names = |columns: BTreeMap<String, _>| columns.into_keys().collect();
        Ok(tables.into_iter().map(|(table, columns)| (table, names(columns))).collect())
    }

    async fn all<T: FromRow>(&self, statement: &'static Statement) -> Result<Vec<T>, DbError> {
        let op = Op::new(statement, params![]);
        let output = match &self.0 {
            Picture::Sqlite(snapshot) => snapshot.run(op).await?,
            Picture::Postgres(open) => {
                first(postgres::pipeline(open.get()?, None, vec![op], None).await?)?
            }
        };
        output.into_all()
    }

    async fn rows(&self, sql: String, out: Blocks) -> Result<u64, DbError> {
        match &self.0 {
            Picture::Sqlite(snapshot) => snapshot.rows(sql, out).await,
            Picture::Postgres(open) => rows_of_postgres(open, &sql, &out).await,
        }
    }
}

fn first(outputs: Vec<Output>) -> Result<Output, DbError> {
    outputs.into_iter().next().ok_or(DbError::NoRow)
}

async fn rows_of_postgres(open: &Transaction, sql: &str, out: &Blocks) -> Result<u64, DbError> {
    let fail = |error: tokio_postgres::Error| postgres::refused(&error, "dump");
    let rows = open.get()?.query_raw(sql, std::iter::empty::<Value>()).await.map_err(fail)?;
    let mut rows = std::pin::pin!(rows);
    let (mut total, mut block) = (0, Block::default());
    while let Some(row) = rows.try_next().await.map_err(fail)? {
        total += 1;
        if let Some(full) = block.add(&postgres::from_postgres(&row).map_err(fail)?)? {
            out.send(full).await.map_err(|_| BlocksGone)?;
        }
    }
    out.send(block).await.map_err(|_| BlocksGone)?;
    Ok(total)
}

async fn send(
    blocks: &Blocks,
    put: impl FnOnce(&mut Vec<u8>) -> Result<(), FormatError>,
) -> Result<(), DumpError> {
    let mut block = Block::default();
    put(&mut block.bytes)?;
    blocks.send(block).await.map_err(|_| DbError::from(BlocksGone))?;
    Ok(())
}

fn write_all<W: Write>(
    mut writer: W,
    mut blocks: mpsc::Receiver<Block>,
    progress: &Progress,
) -> std::io::Result<W> {
    let mut rows = 0;
    while let Some(block) = blocks.blocking_recv() {
        writer.write_all(&block.bytes)?;
        if block.rows > 0 {
            rows += block.rows;
            progress(rows);
        }
    }
    Ok(writer)
}
