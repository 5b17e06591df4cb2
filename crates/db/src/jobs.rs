//! Work to be done later, as rows written in the same transaction as the reason for it.
//!
//! Always holds: a job is done at least once, and its effects on the database exactly once,
//! because the handler removes the job in the transaction that does the work. A worker that
//! dies loses its lease and someone else starts over. Payloads hold ids, never health data:
//! they are not sealed.

use crate::{
    database::{Db, TxSpec},
    error::DbError,
    params, row, run_tx, statements,
    transaction::Tx,
};
use kernel::{Env, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use uuid::Uuid;

/// How long a worker may be silent about a job before another takes it.
pub const LEASE: Duration = Duration::from_mins(1);
/// After this many attempts a job waits for a person to look at it.
pub const ATTEMPTS: u32 = 12;

/// The payload of a job that comes by itself.
const NOTHING: &str = "null";

statements! { "db.jobs";
    ADD = "INSERT INTO jobs (id, kind, payload, state, run_at, attempts, created_at)
        VALUES ($1, $2, $3, 'ready', $4, 0, $5)";
    /// `run_at` doubles as the end of the lease: a job that is being worked on is one that
    /// becomes due when its worker has been silent for too long.
    CLAIM = "UPDATE jobs SET run_at = $2, lease_by = $3, attempts = attempts + 1
        WHERE id IN (SELECT id FROM jobs WHERE state = 'ready' AND run_at <= $1
            ORDER BY run_at, id LIMIT $4 {skip_locked})
        RETURNING id, kind, payload, attempts";
    WAITING = "SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox)
            OR EXISTS (SELECT 1 FROM jobs WHERE state = 'ready' AND run_at <= $1)
        THEN 1 ELSE 0 END AS waits";
    EXTEND = "UPDATE jobs SET run_at = $3 WHERE id = $1 AND lease_by = $2";
    IS_THERE = "SELECT CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE id = $1)
        THEN 1 ELSE 0 END AS waits";
    FINISH = "DELETE FROM jobs WHERE id = $1 AND lease_by = $2";
    RETRY = "UPDATE jobs SET run_at = $3, lease_by = NULL, last_error = $4
        WHERE id = $1 AND lease_by = $2";
    LEAVE = "UPDATE jobs SET run_at = $3, lease_by = NULL, attempts = attempts - 1
        WHERE id = $1 AND lease_by = $2";
    BURY = "UPDATE jobs SET state = 'dead', lease_by = NULL, last_error = $3
        WHERE id = $1 AND lease_by = $2";
    DEAD = "SELECT id, kind, attempts, last_error, created_at FROM jobs WHERE state = 'dead'
        ORDER BY created_at, id LIMIT $1";
    REVIVE = "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $2
        WHERE id = $1 AND state = 'dead'";
    COUNTS = "SELECT state, COUNT(*) AS jobs, MIN(run_at) AS oldest FROM jobs GROUP BY state";
    PLAN = "INSERT INTO schedules (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    DUE = "UPDATE schedules SET next_at = $3 WHERE name = $1 AND next_at <= $2";
    /// Not while the one before it still waits or is being done.
    ADD_PLANNED = "INSERT INTO jobs (id, kind, payload, state, run_at, attempts, created_at)
        SELECT $1, $2, $3, 'ready', $4, 0, $4 WHERE NOT EXISTS
            (SELECT 1 FROM jobs WHERE kind = $2 AND payload = $3 AND state = 'ready')";
    /// Of those that failed for good, the last one tells as much as all of them.
    DROP_DEAD = "DELETE FROM jobs WHERE kind = $1 AND payload = $2 AND state = 'dead'
        AND created_at < (SELECT MAX(created_at) FROM jobs
            WHERE kind = $1 AND payload = $2 AND state = 'dead')";
}

row! {
    /// A job that this worker has for now.
    pub struct Claimed {
        /// The job.
        pub id: Uuid,
        /// What to do; ends in a version, `journal.analyze_mood.v1`.
        pub kind: String,
        payload: String,
        /// How often it has been started.
        pub attempts: u32,
    }
}

row! {
    /// A job that failed too often.
    pub struct DeadJob {
        /// The job.
        pub id: Uuid,
        /// What it should have done.
        pub kind: String,
        /// How often it was tried.
        pub attempts: u32,
        /// The code of the last failure.
        pub last_error: Option<String>,
        /// When it was asked for.
        pub created_at: Timestamp,
    }
}

row! {
    /// How many jobs are in a state, and since when the oldest waits.
    pub struct JobCount {
        /// `ready` or `dead`.
        pub state: String,
        /// How many.
        pub jobs: i64,
        /// When the oldest of them was or is due.
        pub oldest: Timestamp,
    }
}

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Worth another attempt later. The text is a code, never data.
    #[error("{0}; to be tried again")]
    Retry(&'static str),
    /// No attempt will ever work.
    #[error("{0}; for good")]
    Fail(&'static str),
    /// Another worker has the job now; what was done here was rolled back.
    #[error("the job went to another worker")]
    Lost,
}

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        tracing::warn!(%error, "a job met the database in a bad moment");
        Self::Retry("database")
    }
}

/// Asks for work to be done, as part of this transaction.
pub fn enqueue(
    tx: &mut Tx,
    env: &Env,
    kind: &'static str,
    payload: &impl Serialize,
    run_at: Timestamp,
) -> Result<(), DbError> {
    add(tx, env, kind.to_owned(), to_json(payload)?, run_at);
    Ok(())
}

pub(crate) fn add(tx: &mut Tx, env: &Env, kind: String, payload: String, run_at: Timestamp) {
    tx.defer(&ADD, params![env.new_id::<Uuid>(), kind, payload, run_at, env.now()]);
}

pub(crate) fn to_json(payload: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(payload).map_err(|_| DbError::Column("payload"))
}

impl Claimed {
    /// The payload; a job whose payload cannot be read will never succeed.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_str(&self.payload).map_err(|_| JobError::Fail("payload"))
    }
}

/// The right to finish one job, held by the worker that claimed it.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    pub(crate) job: Uuid,
    pub(crate) worker: Uuid,
}

impl Lease {
    /// Removes the job as part of this transaction. If the lease was lost, the transaction must
    /// not commit: return the error. In a transaction that may last, call it first: a lease that
    /// is extended meanwhile would be a change that it must not miss.
    pub async fn finish(&self, tx: &mut Tx) -> Result<(), JobError> {
        let removed = tx.exec(&FINISH, params![self.job, self.worker]).await?;
        if removed == 1 { Ok(()) } else { Err(JobError::Lost) }
    }
}

row! {
    struct Waiting {
        waits: bool,
    }
}

/// Whether there is anything for a worker to do.
pub(crate) async fn anything_waits(db: &Db) -> Result<bool, DbError> {
    let waiting: Waiting = db.one(&WAITING, params![db.env().now()]).await?;
    Ok(waiting.waits)
}

/// Takes up to `limit` jobs that are due.
pub(crate) async fn claim(db: &Db, worker: Uuid, limit: u32) -> Result<Vec<Claimed>, DbError> {
    let now = db.env().now();
    run_tx!(db, TxSpec::queue("db.claim_jobs"), |tx| {
        tx.all(&CLAIM, params![now, now.plus(LEASE), worker, limit]).await
    })
}

/// Whose a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Still this worker's, for a whole lease from now.
    Here,
    /// Another worker's.
    Elsewhere,
    /// Nobody's: it is finished. Its own handler may be what finished it, and not know it yet.
    Ended,
}

/// Gives the job a whole lease again if it is still this worker's.
pub(crate) async fn extend(db: &Db, lease: Lease) -> Result<Held, DbError> {
    let until = db.env().now().plus(LEASE);
    if db.exec(&EXTEND, params![lease.job, lease.worker, until]).await? == 1 {
        return Ok(Held::Here);
    }
    let is_there: Waiting = db.one(&IS_THERE, params![lease.job]).await?;
    Ok(if is_there.waits { Held::Elsewhere } else { Held::Ended })
}

/// Gives back a job that this program does not know, as if it had not been begun.
pub(crate) async fn leave(db: &Db, lease: Lease) -> Result<(), DbError> {
    let later = db.env().now().plus(LEASE);
    db.exec(&LEAVE, params![lease.job, lease.worker, later]).await?;
    Ok(())
}

/// Writes down how a job ended that did not finish itself.
pub(crate) async fn settle(
    db: &Db,
    lease: Lease,
    attempts: u32,
    result: Result<(), JobError>,
) -> Result<(), DbError> {
    let Lease { job, worker } = lease;
    match result {
        Ok(()) => db.exec(&FINISH, params![job, worker]).await?,
        Err(JobError::Retry(code)) if attempts < ATTEMPTS => {
            let run_at = db.env().now().plus(back_off(db.env(), attempts));
            db.exec(&RETRY, params![job, worker, run_at, code]).await?
        }
        Err(JobError::Retry(code) | JobError::Fail(code)) => {
            tracing::error!(%job, code, "a job failed for good");
            db.exec(&BURY, params![job, worker, code]).await?
        }
        Err(JobError::Lost) => 0,
    };
    Ok(())
}

/// Two seconds, four, eight … up to an hour, and a random part so that many do not come at once.
fn back_off(env: &Env, attempts: u32) -> Duration {
    let seconds = 1_u64 << attempts.min(12);
    let [random] = env.random::<1>();
    Duration::from_secs(seconds.min(3600)).mul_f64(1.0 + f64::from(random) / 512.0)
}

/// Jobs that failed too often, oldest first.
pub async fn dead(db: &Db, limit: u32) -> Result<Vec<DeadJob>, DbError> {
    db.all(&DEAD, params![limit]).await
}

/// Gives a dead job another round of attempts; `false` if there is none with this id.
pub async fn revive(db: &Db, job: Uuid) -> Result<bool, DbError> {
    Ok(db.exec(&REVIVE, params![job, db.env().now()]).await? == 1)
}

/// How many jobs wait, and how many are dead.
pub async fn counts(db: &Db) -> Result<Vec<JobCount>, DbError> {
    db.all(&COUNTS, params![]).await
}

/// Enqueues the job of a schedule if it is due, once over all processes.
pub(crate) async fn tick(db: &Db, kind: &'static str, every: Duration) -> Result<(), DbError> {
    let now = db.env().now();
    db.exec(&PLAN, params![kind, now]).await?;
    run_tx!(db, "db.tick", |tx| {
        if tx.exec(&DUE, params![kind, now, now.plus(every)]).await? == 1 {
            let id = db.env().new_id::<Uuid>();
            tx.defer(&ADD_PLANNED, params![id, kind, NOTHING, now]);
            tx.defer(&DROP_DEAD, params![kind, NOTHING]);
        }
        Ok(())
    })
}
