//! Loading dumps into an empty database: each at its own step of the schema, all in one
//! transaction together with the steps in between.

use super::{
    Counts, DumpError, OF_THE_DATABASE, Progress,
    decode::{Decoder, Header, Item, Table},
    fit::fit_row,
};
use crate::{
    database::{Db, TxSpec},
    dialect::Engine,
    error::DbError,
    migrate::MigrationSet,
    params, row,
    schema::{self, ColumnRow, ColumnTypes},
    statement::{Bulk, BulkType, Statement},
    transaction::Tx,
    value::Value,
};
use std::io::Read;
use tokio::sync::mpsc;

/// A dump to be read.
pub type Source = Box<dyn Read + Send>;

/// A batch is sent when it has this many rows, or about this many bytes.
const BATCH_ROWS: usize = 1000;
const BATCH_BYTES: usize = 1024 * 1024;

/// The catalogue is where the two databases differ by nature. Numbers that the database itself
/// gives out go on after the loaded ones.
static POSTGRES_IDENTITIES: Statement = Statement::declare(
    "db.dump.POSTGRES_IDENTITIES",
    "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name
     FROM information_schema.columns
     WHERE table_schema = current_schema() AND is_identity = 'YES'",
);

row! {
    struct Identity {
        table_name: String,
        column_name: String,
    }
}

row! {
    struct Count {
        n: i64,
    }
}

impl Db {
    /// Loads dumps into this database, which has no rows and no step that the dumps do not have,
    /// and then brings its schema up to date. All of it happens or nothing. While it runs nobody
    /// else can use the database. Several dumps may be of different steps, if each program that
    /// made one knew all steps of the one before.
    pub async fn load(
        &self,
        sources: Vec<Source>,
        set: &MigrationSet,
        progress: &Progress,
    ) -> Result<Counts, DumpError> {
        let mut feeds = Vec::new();
        for source in sources {
            feeds.push(Feed::start(source).await?);
        }
        feeds.sort_by_key(|feed| feed.header.steps.len());
        let tx = Tx::new(self.clone(), TxSpec::queue("db.load"));
        let counts = Counts::default();
        let mut load = Load { db: self, tx, set, progress, counts, done: 0 };
        match load.run(feeds).await {
            Ok(()) => {
                load.tx.commit().await?;
                Ok(load.counts)
            }
            Err(error) => {
                load.tx.rollback().await;
                Err(error)
            }
        }
    }
}

struct Load<'a> {
    db: &'a Db,
    tx: Tx,
    set: &'a MigrationSet,
    progress: &'a Progress,
    counts: Counts,
    done: u64,
}

impl Load<'_> {
    async fn run(&mut self, feeds: Vec<Feed>) -> Result<(), DumpError> {
        if self.db.engine() == Engine::Postgres {
            // The usual limits are for requests.
            let sql = "SET LOCAL statement_timeout = 0;
                SET LOCAL idle_in_transaction_session_timeout = 0";
            self.tx.script(sql.to_owned()).await?;
        }
        let mut at = self.db.history_for_update(&mut self.tx).await?;
        self.set.without(&at)?;
        self.refuse_rows().await?;
        for feed in feeds {
            let steps = &feed.header.steps;
            if let Some(ahead) = at.iter().find(|step| !steps.contains(step)) {
                return Err(if self.counts.0.is_empty() {
                    DumpError::TargetAhead(ahead.name.clone())
                } else {
                    DumpError::Unrelated
                });
            }
            let missing = self.set.only(steps)?.without(&at)?;
            self.db.apply_in(&mut self.tx, &missing).await?;
            at.clone_from(steps);
            self.load_one(feed).await?;
        }
        let missing = self.set.without(&at)?;
        self.db.apply_in(&mut self.tx, &missing).await?;
        self.continue_identities().await
    }

    async fn column_types(&mut self) -> Result<ColumnTypes, DbError> {
        let engine = self.db.engine();
        let rows: Vec<ColumnRow> =
            self.tx.all(schema::columns_statement(engine), params![]).await?;
        let mut types = schema::column_types(engine, rows)?;
        types.retain(|table, _| !OF_THE_DATABASE.contains(&table.as_str()));
        Ok(types)
    }

    async fn refuse_rows(&mut self) -> Result<(), DumpError> {
        for table in self.column_types().await?.into_keys() {
            if self.db.engine() == Engine::Postgres {
                self.tx.script(format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")).await?;
            }
            if self.rows_in(&table).await? > 0 {
                return Err(DumpError::NotEmpty(table));
            }
        }
        Ok(())
    }

    async fn rows_in(&mut self, table: &str) -> Result<u64, DbError> {
        let count =
            Statement::generated("db.dump.COUNT", format!("SELECT COUNT(*) AS n FROM {table}"));
        let Count { n } = self.tx.one(count, params![]).await?;
        Ok(n.unsigned_abs())
    }

    async fn load_one(&mut self, mut feed: Feed) -> Result<(), DumpError> {
        let types = self.column_types().await?;
        let mut target = None;
        loop {
            match feed.next().await? {
                Piece::Header(_) => {}
                Piece::Table(table) => {
                    let found = Target::of(table, &types, self)?;
                    self.clear(&found.table).await?;
                    target = Some(found);
                }
                Piece::Rows(rows) => {
                    let target = target.as_ref().ok_or(DbError::NoRow)?;
                    self.load_rows(target, rows).await?;
                }
                Piece::End(counts) => return self.check(counts).await,
            }
        }
    }

    /// Rows that a step of the schema has just put there are in the dump too, as they are by now.
    async fn clear(&mut self, table: &str) -> Result<(), DbError> {
        if self.rows_in(table).await? > 0 {
            self.tx.script(format!("DELETE FROM {table}")).await?;
        }
        Ok(())
    }

    async fn load_rows(&mut self, target: &Target, rows: Vec<Vec<Value>>) -> Result<(), DumpError> {
        let place = (target.table.as_str(), target.columns.as_slice());
        let engine = self.db.engine();
        let rows: Result<Vec<_>, _> =
            rows.into_iter().map(|row| fit_row(row, place, engine)).collect();
        self.done += self.tx.bulk(target.bulk, rows?).await?;
        (self.progress)(self.done);
        Ok(())
    }

    /// The rows are counted in the tables: a trigger may have thought differently.
    async fn check(&mut self, counts: Counts) -> Result<(), DumpError> {
        for (table, wanted) in counts.0 {
            let found = self.rows_in(&table).await?;
            if found != wanted {
                return Err(DumpError::Miscounted { table, wanted, found });
            }
            self.counts.0.insert(table, wanted);
        }
        Ok(())
    }

    async fn continue_identities(&mut self) -> Result<(), DumpError> {
        if self.db.engine() == Engine::Postgres {
            let found: Vec<Identity> = self.tx.all(&POSTGRES_IDENTITIES, params![]).await?;
            for Identity { table_name: table, column_name: column } in found {
                let sql = format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'),
                            COALESCE(MAX({column}), 1), MAX({column}) IS NOT NULL) FROM {table}"
                );
                self.tx.script(sql).await?;
            }
        }
        Ok(())
    }
}

/// Where the rows of a table go.
struct Target {
    table: String,
    columns: Vec<(String, BulkType)>,
    bulk: &'static Bulk,
}

impl Target {
    fn of(table: Table, types: &ColumnTypes, load: &Load<'_>) -> Result<Self, DumpError> {
        let Table { name, columns } = table;
        if load.counts.0.contains_key(&name) {
            return Err(DumpError::Twice(name));
        }
        let known = types.get(&name).ok_or_else(|| DumpError::NoSuchPlace(name.clone()))?;
        let mut found = Vec::with_capacity(columns.len());
        for column in columns {
            match known.get(&column) {
                Some(kind) => found.push((column, *kind)),
                None => return Err(DumpError::NoSuchPlace(format!("{name}.{column}"))),
            }
        }
        let bulk = Bulk::generated(&name, &found);
        Ok(Self { table: name, columns: found, bulk })
    }
}

/// A dump that is read on a thread of its own.
struct Feed {
    header: Header,
    pieces: mpsc::Receiver<Result<Piece, DumpError>>,
}

enum Piece {
    Header(Header),
    Table(Table),
    Rows(Vec<Vec<Value>>),
    End(Counts),
}

impl Feed {
    async fn start(source: Source) -> Result<Self, DumpError> {
        let (out, mut pieces) = mpsc::channel(2);
        // Ends by itself when the dump does, or when nobody takes its pieces.
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = feed(source, &out) {
                let _ = out.blocking_send(Err(error));
            }
        }));
        match pieces.recv().await.ok_or(DbError::NoRow)?? {
            Piece::Header(header) => Ok(Self { header, pieces }),
            Piece::Table(_) | Piece::Rows(_) | Piece::End(_) => Err(DbError::NoRow.into()),
        }
    }

    async fn next(&mut self) -> Result<Piece, DumpError> {
        self.pieces.recv().await.ok_or(DbError::NoRow)?
    }
}

fn feed(source: Source, out: &mpsc::Sender<Result<Piece, DumpError>>) -> Result<(), DumpError> {
    let send = |piece| out.blocking_send(Ok(piece)).map_err(|_| gone());
    let mut decoder = Decoder::start(source)?;
    send(Piece::Header(decoder.header.clone()))?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    loop {
        let item = decoder.next()?;
        let full = rows.len() >= BATCH_ROWS || bytes >= BATCH_BYTES;
        if !rows.is_empty() && (full || !matches!(item, Item::Row(_))) {
            send(Piece::Rows(std::mem::take(&mut rows)))?;
            bytes = 0;
        }
        match item {
            Item::Table(table) => send(Piece::Table(table))?,
            Item::Row(row) => {
                bytes += row.iter().map(size).sum::<usize>();
                rows.push(row);
            }
            Item::End(counts) => return send(Piece::End(counts)),
        }
    }
}

/// Nobody hears it: who took the pieces has gone away.
fn gone() -> DumpError {
    DbError::Unavailable("the dump is no longer wanted".into()).into()
}

/// About what a value takes in memory.
fn size(value: &Value) -> usize {
    let more = match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Uuid(_) => 0,
    };
    size_of::<Value>() + more
}
