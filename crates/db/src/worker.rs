//! Runs jobs: in the process that serves, or in as many others as one likes.

use crate::{
    database::Db,
    error::DbError,
    jobs::{self, Claimed, JobError, Lease},
    outbox::{self, Listener},
};
use async_trait::async_trait;
use kernel::Ctx;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use uuid::Uuid;

const BATCH: u32 = 16;
const IDLE_PAUSE: Duration = Duration::from_millis(500);

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
        Self { db, id, handlers, listeners }
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

    /// Schedules, events, then one batch of jobs.
    async fn round(&self) -> Result<usize, DbError> {
        for handler in self.handlers.values() {
            if let Some(every) = handler.every() {
                jobs::tick(&self.db, handler.kind(), every).await?;
            }
        }
        outbox::relay(&self.db, &self.listeners).await?;
        let claimed = jobs::claim(&self.db, self.id, BATCH).await?;
        let count = claimed.len();
        for job in claimed {
            self.work(&job).await?;
        }
        Ok(count)
    }

    async fn work(&self, job: &Claimed) -> Result<(), DbError> {
        let lease = Lease { job: job.id, worker: self.id };
        let result = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => self.run_with_lease(handler.as_ref(), job, lease).await,
            // A newer program asked for it: let that one do it.
            None => Err(JobError::Retry("unknown_kind")),
        };
        jobs::settle(&self.db, lease, job.attempts, result).await
    }

    /// The lease is kept alive for as long as the handler works.
    async fn run_with_lease(
        &self,
        handler: &dyn JobHandler,
        job: &Claimed,
        lease: Lease,
    ) -> Result<(), JobError> {
        let ctx = Ctx::system(self.db.env().clone(), handler.kind());
        let mut work = std::pin::pin!(handler.run(&ctx, job, lease));
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                () = tokio::time::sleep(jobs::LEASE / 3) => {
                    jobs::extend(&self.db, lease).await?;
                }
            }
        }
    }
}
