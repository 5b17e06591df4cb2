//! Runs jobs: in the process that serves, or in as many others as one likes.

use crate::{
    database::Db,
    error::DbError,
    jobs::{self, Claimed, JobError, Lease},
    outbox::{self, Listener},
};
use async_trait::async_trait;
use futures_util::FutureExt;
use kernel::{Ctx, Timestamp};
use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

const BATCH: u32 = 16;
const IDLE_PAUSE: Duration = Duration::from_millis(500);
/// How exact schedules are.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// A lease is extended long before it runs out.
const EXTEND_AFTER: Duration = Duration::from_secs(jobs::LEASE.as_secs() / 3);

/// Does the jobs of one kind.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind, with its version: `journal.analyze_mood.v1`.
    fn kind(&self) -> &'static str;

    /// How often the job comes by itself, if it does.
    fn every(&self) -> Option<Duration> {
        None
    }

    /// The topic whose events become jobs of this kind, if any.
    fn listens_to(&self) -> Option<&'static str> {
        None
    }

    /// Does the job. It may run again after a crash: either call [`Lease::finish`] in the
    /// transaction that does the work, or do only what may be repeated.
    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError>;
}

/// A worker with its handlers.
pub struct Worker {
    db: Db,
    id: Uuid,
    handlers: BTreeMap<&'static str, Arc<dyn JobHandler>>,
    listeners: Vec<Listener>,
    /// When the schedules were looked at last.
    looked: Mutex<Option<Timestamp>>,
    pub(crate) extend_after: Duration,
}

impl Worker {
    /// A worker for these kinds of jobs.
    #[must_use]
    pub fn new(db: Db, handlers: Vec<Arc<dyn JobHandler>>) -> Self {
        let listeners = handlers
            .iter()
            .filter_map(|handler| {
                Some(Listener { topic: handler.listens_to()?, job: handler.kind() })
            })
            .collect();
        let id = db.env().new_id();
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self { db, id, handlers, listeners, looked: Mutex::default(), extend_after: EXTEND_AFTER }
    }

    /// Works until `stop` is ready; a job that has begun is brought to its end.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let busy = match self.round().await {
                Ok(done) => done > 0,
                Err(error) => {
                    tracing::warn!(%error, "the worker could not reach its jobs");
                    false
                }
            };
            let pause = if busy { Duration::ZERO } else { IDLE_PAUSE };
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Works until nothing is due; answers how many jobs were done. For tests and commands.
    pub async fn run_until_idle(&self) -> Result<usize, DbError> {
        let mut total = 0;
        loop {
            match self.round().await? {
                0 => return Ok(total),
                done => total += done,
            }
        }
    }

    /// Schedules, events, then one batch of jobs. Where nothing waits, nothing is written: an
    /// idle program leaves the disk alone.
    async fn round(&self) -> Result<usize, DbError> {
        self.look_at_schedules().await?;
        if !jobs::anything_waits(&self.db).await? {
            return Ok(0);
        }
        outbox::relay(&self.db, &self.listeners).await?;
        let claimed_at = self.db.env().now();
        let claimed = jobs::claim(&self.db, self.id, BATCH).await?;
        let count = claimed.len();
        for job in claimed {
            self.work(&job, claimed_at).await?;
        }
        Ok(count)
    }

    async fn look_at_schedules(&self) -> Result<(), DbError> {
        let now = self.db.env().now();
        {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|at| now.since(at) < LOOK_AGAIN && at <= now) {
                return Ok(());
            }
            *looked = Some(now);
        }
        for handler in self.handlers.values() {
            if let Some(every) = handler.every() {
                jobs::tick(&self.db, handler.kind(), every).await?;
            }
        }
        Ok(())
    }

    async fn work(&self, job: &Claimed, claimed_at: Timestamp) -> Result<(), DbError> {
        let lease = Lease { job: job.id, worker: self.id };
        // The jobs before it may have taken so long that another worker has it by now.
        let waited = self.db.env().now().since(claimed_at) >= self.extend_after;
        if waited && !jobs::extend(&self.db, lease).await? {
            return Ok(());
        }
        let result = match self.handlers.get(job.kind.as_str()) {
            // Every worker that began it has died before it could say so.
            _ if job.attempts > jobs::ATTEMPTS => Err(JobError::Fail("worker_died")),
            Some(handler) => self.run_with_lease(handler.as_ref(), job, lease).await,
            // A newer program asked for it: let that one do it.
            None => Err(JobError::Retry("unknown_kind")),
        };
        jobs::settle(&self.db, lease, job.attempts, result).await
    }

    /// The lease is kept alive for as long as the handler works. Both go on at once: the handler
    /// may be in a transaction that everyone who writes has to wait for.
    async fn run_with_lease(
        &self,
        handler: &dyn JobHandler,
        job: &Claimed,
        lease: Lease,
    ) -> Result<(), JobError> {
        let ctx = Ctx::system(self.db.env().clone(), handler.kind());
        let work = AssertUnwindSafe(handler.run(&ctx, job, lease)).catch_unwind();
        tokio::select! {
            biased;
            result = work => result.unwrap_or_else(|_| {
                tracing::error!(job = %job.id, kind = job.kind, "a job panicked");
                Err(JobError::Retry("panicked"))
            }),
            () = self.keep(lease) => Err(JobError::Lost),
        }
    }

    /// Ends when the job is no longer this worker's.
    async fn keep(&self, lease: Lease) {
        loop {
            tokio::time::sleep(self.extend_after).await;
            match jobs::extend(&self.db, lease).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "a lease was not extended"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
