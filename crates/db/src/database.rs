//! The door to the database.

use crate::{
    config::DbConfig,
    dialect::Engine,
    error::DbError,
    metrics::{DbMetrics, TxOutcome},
    postgres::{self, Postgres},
    sqlite::Sqlite,
    statement::Statement,
    transaction::Tx,
    value::{FromRow, Value},
    work::{Op, Output},
};
use kernel::{Env, Pending, Timestamp};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// How often a transaction is tried before its caller hears that others always won.
const ATTEMPTS: u32 = 12;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    env: Env,
    metrics: DbMetrics,
    lineage: OnceCell<Uuid>,
}

pub(crate) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// How much a transaction may see of those beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// One picture of the data from first to last statement; retried when that cannot be kept.
    Snapshot,
    /// Each statement sees what is committed by then: for queues, where waiting for a row and
    /// then seeing its newest state is the point.
    EachStatement,
}

/// What a transaction that was answered outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Everything that the disk outlives.
    Disk,
    /// This program, but perhaps not the machine it runs on.
    Program,
}

/// The name of a transaction, for metrics, and its isolation.
#[derive(Debug, Clone, Copy)]
pub struct TxSpec {
    pub(crate) name: &'static str,
    pub(crate) isolation: Isolation,
    pub(crate) sync: Sync,
}

impl TxSpec {
    /// A transaction on a queue.
    #[must_use]
    pub const fn queue(name: &'static str) -> Self {
        Self { name, isolation: Isolation::EachStatement, sync: Sync::Disk }
    }

    /// For what only matters as long as this program runs: the answer need not wait for the disk.
    /// What is lost is lost together with the program that was answered, when the machine loses
    /// its power; never by the death of the program, and never once a later transaction without
    /// this was answered. It is a permission: PostgreSQL, which can die alone, and a transaction
    /// that asks for answers on its way wait for the disk all the same.
    #[must_use]
    pub const fn unsynced(self) -> Self {
        Self { sync: Sync::Program, ..self }
    }
}

impl From<&'static str> for TxSpec {
    fn from(name: &'static str) -> Self {
        Self { name, isolation: Isolation::Snapshot, sync: Sync::Disk }
    }
}

impl Db {
    /// Opens the database. Its schema is not looked at: see [`Db::migrate`].
    pub fn open(config: &DbConfig, env: Env) -> Result<Self, DbError> {
        let backend = match config {
            DbConfig::Sqlite(path) => Backend::Sqlite(Sqlite::open(path)?),
            DbConfig::Postgres(config) => Backend::Postgres(Postgres::open(config)?),
        };
        Ok(Self(Arc::new(Inner {
            backend,
            env,
            metrics: DbMetrics::default(),
            lineage: OnceCell::new(),
        })))
    }

    /// Which database it is: for people to read, not for code to decide on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.0.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Counts and times of transactions.
    #[must_use]
    pub fn metrics(&self) -> &DbMetrics {
        &self.0.metrics
    }

    /// The world the database runs in.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    pub(crate) fn known_lineage(&self) -> &OnceCell<Uuid> {
        &self.0.lineage
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.0.backend
    }

    /// Ends all connections. What was acknowledged is on disk.
    pub fn close(&self) {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.close(),
            Backend::Postgres(postgres) => postgres.close(),
        }
    }

    /// The file of the embedded database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.path()),
            Backend::Postgres(_) => None,
        }
    }

    fn run(&self, op: Op, writes: bool) -> Pending<'_, Result<Output, DbError>> {
        Box::pin(async move {
            self.0.metrics.ran(1);
            let output = match &self.0.backend {
                Backend::Sqlite(sqlite) if writes => {
                    only(sqlite.whole(vec![op], Sync::Disk).await?)
                }
                Backend::Sqlite(sqlite) => sqlite.read(op).await,
                Backend::Postgres(postgres) => {
                    let connection = postgres.connection().await?;
                    only(postgres::pipeline(&connection, None, vec![op], None).await?)
                }
            }?;
            self.0.metrics.answered(output.rows.len());
            Ok(output)
        })
    }

    /// Runs a write as a transaction of its own; answers how many rows it changed.
    pub async fn exec(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<u64, DbError> {
        Ok(self.run(Op::new(statement, params), true).await?.changed)
    }

    /// Runs a write with `RETURNING` as a transaction of its own.
    pub async fn exec_opt<T: FromRow>(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.run(Op::new(statement, params), true).await?.into_opt()
    }

    /// The rows as they are now.
    pub async fn all<T: FromRow>(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.run(Op::new(statement, params), false).await?.into_all()
    }

    /// The first row as it is now.
    pub async fn opt<T: FromRow>(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.run(Op::new(statement, params), false).await?.into_opt()
    }

    /// The row that must be there.
    pub async fn one<T: FromRow>(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<T, DbError> {
        self.opt(statement, params).await?.ok_or(DbError::NoRow)
    }

    /// The attempts of one transaction; what [`run_tx!`](crate::run_tx) is made of.
    #[must_use]
    pub fn attempts(&self, spec: impl Into<TxSpec>) -> Attempts {
        Attempts { db: self.clone(), spec: spec.into(), started: self.0.env.now(), number: 0 }
    }

    /// Longer after each defeat, and never the same for two who met.
    fn pause(&self, attempt: u32) -> Duration {
        let [random] = self.0.env.random::<1>();
        let ceiling = 1_u64 << attempt.min(8);
        Duration::from_micros(500 * (1 + u64::from(random) * ceiling / 256))
    }
}

/// Runs a block as one transaction: all of it happens or nothing.
///
/// `run_tx!(db, "journal.create_entry", |tx| { …; Ok(entry) })`. If another transaction got in
/// the way, the block runs again, so it must have no effects but those on `tx`. Inside it, wait
/// for nothing but `tx`: on the embedded database everyone else who writes is waiting. Once a
/// statement was refused the transaction cannot be committed, even if the block goes on.
///
/// A macro and not a method that takes an async closure, because the compiler cannot yet prove
/// that the future of such a closure may move between threads when it borrows its surroundings.
#[macro_export]
macro_rules! run_tx {
    ($db:expr, $spec:expr, |$tx:ident| $body:expr) => {{
        let mut attempts = $db.attempts($spec);
        loop {
            let mut transaction = attempts.begin();
            let result = {
                let $tx = &mut transaction;
                async { $body }.await
            };
            if let Some(result) = attempts.end(transaction, result).await {
                break result;
            }
        }
    }};
}

/// The attempts of one transaction.
pub struct Attempts {
    db: Db,
    spec: TxSpec,
    started: Timestamp,
    number: u32,
}

impl Attempts {
    /// Starts the next attempt.
    #[must_use]
    pub fn begin(&mut self) -> Tx {
        self.number += 1;
        Tx::new(self.db.clone(), self.spec)
    }

    /// Ends an attempt; `None` asks for another one.
    pub async fn end<T, E>(&self, mut tx: Tx, result: Result<T, E>) -> Option<Result<T, E>>
    where
        E: From<DbError>,
    {
        let result = match result {
            Ok(value) => tx.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        };
        let metrics = &self.db.0.metrics;
        let outcome = match &result {
            Ok(_) => TxOutcome::Committed,
            Err(_) if tx.lost_a_race() && self.number < ATTEMPTS => {
                metrics.retried(self.spec.name);
                tokio::time::sleep(self.db.pause(self.number)).await;
                return None;
            }
            Err(_) => TxOutcome::RolledBack,
        };
        metrics.finished(self.spec.name, outcome, self.db.0.env.now().since(self.started));
        Some(result)
    }
}

fn only(outputs: Vec<Output>) -> Result<Output, DbError> {
    outputs.into_iter().next().ok_or(DbError::NoRow)
}

impl Output {
    pub(crate) fn into_all<T: FromRow>(self) -> Result<Vec<T>, DbError> {
        self.rows.into_iter().map(|mut row| T::from_row(&mut row)).collect()
    }

    pub(crate) fn into_opt<T: FromRow>(self) -> Result<Option<T>, DbError> {
        self.rows.into_iter().next().map(|mut row| T::from_row(&mut row)).transpose()
    }
}
