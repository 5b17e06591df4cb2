//! The embedded database: one writer thread that commits in groups, and a few readers.
//!
//! Always holds: an answer to a write is sent only after the `COMMIT` that contains it has
//! reached the disk (`synchronous=FULL`). Transactions run one after the other, so none ever
//! sees another half done. Several wait while one commit reaches the disk and then share the
//! next one; each keeps a savepoint of its own, so a refused one takes nothing else with it.

use crate::{
    dialect::Engine,
    error::DbError,
    statement::{Bulk, Statement},
    value::{Row, Value},
    work::{Op, Output},
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use rusqlite::{
    Connection, OpenFlags,
    types::{ToSqlOutput, ValueRef},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// SQLite 3.7.0 to 3.51.2 can lose committed transactions when a checkpoint races a writer.
const FIRST_SAFE_VERSION: i32 = 3_051_003;
const READERS: usize = 4;
/// Transactions that may share one commit, and how long they may be gathered.
const GROUP: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(10);
/// A transaction whose owner is silent for this long is rolled back: it blocks all others.
const SILENCE: Duration = Duration::from_secs(5);
/// After this long without a write, what is in the write-ahead log goes into the database file.
const IDLE: Duration = Duration::from_secs(20);

type Reply<T> = oneshot::Sender<Result<T, DbError>>;

enum WriteJob {
    /// Statements that are all there is to the transaction.
    Whole(Vec<Op>, Reply<Vec<Output>>),
    /// A transaction whose statements come one after the other.
    Dialogue(Receiver<Step>),
    /// A migration.
    Script(String, Reply<()>),
}

enum Step {
    Run(Vec<Op>, Reply<Vec<Output>>),
    Bulk(&'static Bulk, Vec<Vec<Value>>, Reply<u64>),
    Commit(Vec<Op>, Reply<Vec<Output>>),
}

enum ReadJob {
    Run(Op, Reply<Output>),
    Check(&'static Statement, Reply<()>),
}

/// The embedded database.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Option<Sender<WriteJob>>>,
    reader: Mutex<Option<Sender<ReadJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A transaction whose statements come one after the other. Dropped without commit, it never was.
pub(crate) struct Dialogue(Sender<Step>);

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, DbError> {
        if rusqlite::version_number() < FIRST_SAFE_VERSION {
            return Err(DbError::Config(format!("SQLite {} loses data", rusqlite::version())));
        }
        make_private(path)?;
        let connection = connect(path)?;
        let (writer, jobs) = crossbeam_channel::unbounded();
        let mut threads = vec![spawn("salus-db-write", move || write_loop(&connection, &jobs))?];
        let (reader, jobs) = crossbeam_channel::unbounded();
        for _ in 0..READERS {
            let connection = connect(path)?;
            connection.pragma_update(None, "query_only", true).map_err(open_error)?;
            let jobs = jobs.clone();
            threads.push(spawn("salus-db-read", move || read_loop(&connection, &jobs))?);
        }
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(Some(writer)),
            reader: Mutex::new(Some(reader)),
            threads: Mutex::new(threads),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn read(&self, op: Op) -> Result<Output, DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.reader, ReadJob::Run(op, reply))?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) async fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.reader, ReadJob::Check(statement, reply))?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) async fn whole(&self, ops: Vec<Op>) -> Result<Vec<Output>, DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.writer, WriteJob::Whole(ops, reply))?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) async fn script(&self, sql: String) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.writer, WriteJob::Script(sql, reply))?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) fn dialogue(&self) -> Result<Dialogue, DbError> {
        let (steps, inbox) = crossbeam_channel::unbounded();
        send(&self.writer, WriteJob::Dialogue(inbox))?;
        Ok(Dialogue(steps))
    }

    /// Ends the threads; what was written is in the database file afterwards.
    pub(crate) fn close(&self) {
        lock(&self.writer).take();
        lock(&self.reader).take();
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            if thread.join().is_err() {
                tracing::error!("a database thread ended badly");
            }
        }
    }

    /// A consistent copy of the database while others go on writing.
    pub(crate) fn copy_to(&self, target: &Path) -> Result<(), DbError> {
        make_private(target)?;
        let source = connect(&self.path)?;
        let mut copy = Connection::open(target).map_err(open_error)?;
        let backup = rusqlite::backup::Backup::new(&source, &mut copy).map_err(open_error)?;
        backup.run_to_completion(1024, Duration::ZERO, None).map_err(open_error)
    }
}

impl Dialogue {
    pub(crate) async fn run(&self, ops: Vec<Op>) -> Result<Vec<Output>, DbError> {
        self.ask(|reply| Step::Run(ops, reply)).await
    }

    pub(crate) async fn bulk(
        &self,
        bulk: &'static Bulk,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, DbError> {
        self.ask(|reply| Step::Bulk(bulk, rows, reply)).await
    }

    pub(crate) async fn commit(self, last: Vec<Op>) -> Result<Vec<Output>, DbError> {
        self.ask(|reply| Step::Commit(last, reply)).await
    }

    async fn ask<T>(&self, step: impl FnOnce(Reply<T>) -> Step) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(step(reply)).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send<T>(channel: &Mutex<Option<Sender<T>>>, job: T) -> Result<(), DbError> {
    let sender = lock(channel).clone().ok_or_else(closed)?;
    sender.send(job).map_err(|_| closed())
}

fn closed() -> DbError {
    DbError::Unavailable("the database is closed or the transaction took too long".into())
}

fn open_error(error: impl std::fmt::Display) -> DbError {
    DbError::Config(error.to_string())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    std::thread::Builder::new().name(name.into()).spawn(run).map_err(open_error)
}

/// Only the owner may read the file, from the first byte on.
fn make_private(path: &Path) -> Result<(), DbError> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = file.map_err(open_error)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(open_error)
}

fn connect(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(open_error)?;
    // `secure_delete`: a destroyed key must not stay readable in a free page.
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(open_error)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

fn read_loop(connection: &Connection, jobs: &Receiver<ReadJob>) {
    // Where the asker has gone away, nobody is left to tell.
    while let Ok(job) = jobs.recv() {
        match job {
            ReadJob::Run(op, reply) => drop(reply.send(run(connection, &op))),
            ReadJob::Check(statement, reply) => {
                let prepared = connection.prepare(statement.sql(Engine::Sqlite)).map(drop);
                let checked = prepared.map_err(|error| refused(&error, statement.name()));
                drop(reply.send(checked));
            }
        }
    }
}

fn write_loop(connection: &Connection, jobs: &Receiver<WriteJob>) {
    let mut dirty = true;
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(first) => {
                write_group(connection, jobs, first);
                dirty = true;
            }
            Err(RecvTimeoutError::Timeout) if !dirty => {}
            Err(RecvTimeoutError::Timeout) => {
                checkpoint(connection);
                dirty = false;
            }
            Err(RecvTimeoutError::Disconnected) => return checkpoint(connection),
        }
    }
}

fn checkpoint(connection: &Connection) {
    let done = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    if let Err(error) = done {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}

/// What is told to the asker once the group's commit is on disk.
type Verdict = Box<dyn FnOnce(Result<(), DbError>)>;

fn write_group(connection: &Connection, jobs: &Receiver<WriteJob>, first: WriteJob) {
    let begun = execute(connection, "BEGIN IMMEDIATE");
    let started = Instant::now();
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next {
        match (&begun, job) {
            (Ok(()), WriteJob::Whole(ops, reply)) => {
                verdicts.extend(run_whole(connection, &ops, reply));
            }
            (Ok(()), WriteJob::Dialogue(steps)) => {
                verdicts.extend(run_dialogue(connection, &steps))
            }
            (Ok(()), WriteJob::Script(sql, reply)) => {
                verdicts.extend(run_script(connection, &sql, reply));
            }
            (Err(error), WriteJob::Whole(_, reply)) => drop(reply.send(Err(error.clone()))),
            (Err(error), WriteJob::Script(_, reply)) => drop(reply.send(Err(error.clone()))),
            (Err(_), WriteJob::Dialogue(steps)) => drop(steps),
        }
        let room = verdicts.len() < GROUP && started.elapsed() < GROUP_TIME;
        next = if room { jobs.try_recv().ok() } else { None };
    }
    if begun.is_ok() {
        let committed = execute(connection, "COMMIT");
        if committed.is_err() {
            let _ = execute(connection, "ROLLBACK");
        }
        for tell in verdicts {
            tell(committed.clone());
        }
    }
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), DbError> {
    connection.execute_batch(sql).map_err(|error| refused(&error, sql))
}

/// Runs all statements or none; the answer waits for the group's commit.
fn run_whole(connection: &Connection, ops: &[Op], reply: Reply<Vec<Output>>) -> Option<Verdict> {
    // A single statement is all or nothing by itself.
    let result = if ops.len() > 1 {
        in_savepoint(connection, || run_all(connection, ops))
    } else {
        run_all(connection, ops)
    };
    answer_after_commit(result, reply)
}

fn run_script(connection: &Connection, sql: &str, reply: Reply<()>) -> Option<Verdict> {
    let run = || connection.execute_batch(sql).map_err(|error| refused(&error, "migration"));
    answer_after_commit(in_savepoint(connection, run), reply)
}

fn in_savepoint<T>(
    connection: &Connection,
    run: impl FnOnce() -> Result<T, DbError>,
) -> Result<T, DbError> {
    execute(connection, "SAVEPOINT one")?;
    let result = run();
    execute(connection, end_of_savepoint(result.is_ok())).and(result)
}

const fn end_of_savepoint(keep: bool) -> &'static str {
    if keep { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" }
}

fn answer_after_commit<T: 'static>(result: Result<T, DbError>, reply: Reply<T>) -> Option<Verdict> {
    match result {
        Ok(value) => Some(Box::new(move |committed| {
            let _ = reply.send(committed.map(|()| value));
        })),
        Err(error) => {
            let _ = reply.send(Err(error));
            None
        }
    }
}

fn run_dialogue(connection: &Connection, steps: &Receiver<Step>) -> Option<Verdict> {
    if execute(connection, "SAVEPOINT one").is_err() {
        return None;
    }
    loop {
        match steps.recv_timeout(SILENCE) {
            Ok(Step::Run(ops, reply)) => drop(reply.send(run_all(connection, &ops))),
            Ok(Step::Bulk(bulk, rows, reply)) => {
                drop(reply.send(run_bulk(connection, bulk, &rows)));
            }
            Ok(Step::Commit(last, reply)) => {
                let result = run_all(connection, &last);
                let ended = execute(connection, end_of_savepoint(result.is_ok()));
                let result = ended.and(result);
                return answer_after_commit(result, reply);
            }
            // The owner gave up, or is silent for too long.
            Err(_) => {
                if let Err(error) = execute(connection, end_of_savepoint(false)) {
                    tracing::error!(%error, "a transaction could not be rolled back");
                }
                return None;
            }
        }
    }
}

fn run_all(connection: &Connection, ops: &[Op]) -> Result<Vec<Output>, DbError> {
    ops.iter().map(|op| run(connection, op)).collect()
}

fn run(connection: &Connection, op: &Op) -> Result<Output, DbError> {
    let name = op.statement.name();
    let fail = |error: rusqlite::Error| refused(&error, name);
    let mut statement =
        connection.prepare_cached(op.statement.sql(Engine::Sqlite)).map_err(fail)?;
    bind(&mut statement, &op.params, name)?;
    if statement.column_count() == 0 {
        let changed = statement.raw_execute().map_err(fail)?;
        return Ok(Output { changed: changed as u64, rows: Vec::new() });
    }
    let columns =
        op.statement.columns(|| statement.column_names().into_iter().map(Into::into).collect());
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

fn run_bulk(
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
fn refused(error: &rusqlite::Error, statement: &'static str) -> DbError {
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
