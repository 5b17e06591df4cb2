//! The embedded database: one writer thread that commits in groups, and a few readers.
//!
//! Always holds: an answer to a write is sent only after the `COMMIT` that contains it has
//! reached the disk (`synchronous=FULL`), unless its transaction said that it need not; then the
//! next one that reaches the disk takes it along. Transactions run one after the other, so none ever
//! sees another half done. Several wait while one commit reaches the disk and then share the
//! next one; each keeps a savepoint of its own, so a refused one takes nothing else with it.

mod run;
mod snapshot;
mod threads;

pub(crate) use snapshot::SqliteSnapshot;

use crate::{
    database::Sync,
    error::DbError,
    statement::{Bulk, Statement},
    value::Value,
    work::{Op, Output},
};
use crossbeam_channel::{Receiver, Sender};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use threads::{read_loop, write_loop};
use tokio::sync::oneshot;

/// SQLite 3.7.0 to 3.51.2 can lose committed transactions when a checkpoint races a writer.
const FIRST_SAFE_VERSION: i32 = 3_051_003;
const READERS: usize = 4;
type Reply<T> = oneshot::Sender<Result<T, DbError>>;

enum WriteJob {
    /// Statements that are all there is to the transaction.
    Whole(Vec<Op>, Sync, Reply<Vec<Output>>),
    /// A transaction whose statements come one after the other.
    Dialogue(Receiver<Step>),
    /// A migration.
    Script(String, Reply<()>),
}

impl WriteJob {
    const fn sync(&self) -> Sync {
        match self {
            Self::Whole(_, sync, _) => *sync,
            Self::Dialogue(_) | Self::Script(..) => Sync::Disk,
        }
    }
}

enum Step {
    Run(Vec<Op>, Reply<Vec<Output>>),
    Bulk(&'static Bulk, Vec<Vec<Value>>, Reply<u64>),
    Script(String, Reply<()>),
    Commit(Vec<Op>, Reply<Vec<Output>>),
    Rollback(Reply<()>),
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
        let mut threads = vec![spawn("salus-db-write", move || write_loop(connection, &jobs))?];
        let (reader, jobs) = crossbeam_channel::unbounded();
        for _ in 0..READERS {
            let connection = connect(path)?;
            connection.pragma_update(None, "query_only", true).map_err(open_error)?;
            let jobs = jobs.clone();
            threads.push(spawn("salus-db-read", move || read_loop(connection, &jobs))?);
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

    pub(crate) async fn whole(&self, ops: Vec<Op>, sync: Sync) -> Result<Vec<Output>, DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.writer, WriteJob::Whole(ops, sync, reply))?;
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

    pub(crate) async fn script(&self, sql: String) -> Result<(), DbError> {
        self.ask(|reply| Step::Script(sql, reply)).await
    }

    pub(crate) async fn commit(self, last: Vec<Op>) -> Result<Vec<Output>, DbError> {
        self.ask(|reply| Step::Commit(last, reply)).await
    }

    /// Back when those that were refused can see why: what they met is committed.
    pub(crate) async fn rollback(self) -> Result<(), DbError> {
        self.ask(Step::Rollback).await
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

/// Another process writes. SQLite's own waiting looks ever more rarely, so that a process that
/// writes all the time is never met between two transactions; this one looks every millisecond.
fn wait_for_others(times: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    times < 20_000
}

fn connect(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(open_error)?;
    connection.busy_handler(Some(wait_for_others)).map_err(open_error)?;
    // `secure_delete`: a destroyed key must not stay readable in a free page.
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(open_error)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
