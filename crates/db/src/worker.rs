//! Runs jobs: in the process that serves, or in as many others as one likes.

use crate::{
    database::Db,
    error::DbError,
    jobs::{self, Claimed, Held, JobError, Lease},
    outbox::{self, Listener},
};
use async_trait::async_trait;
use futures_util::FutureExt;
use kernel::{Ctx, Timestamp};
use std::{
    collections::{BTreeMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

/// How many jobs a worker does at once.
const AT_ONCE: usize = 4;
/// One that was begun more often than this, and is still there, may be what kills its workers: it
/// is done alone, so that it takes no other with it.
const TOGETHER: u32 = 3;
/// How long jobs may take to end when the worker stops.
const GRACE: Duration = Duration::from_secs(10);
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
    hands: Arc<Hands>,
    listeners: Vec<Listener>,
    /// When the schedules were looked at last.
    looked: Mutex<Option<Timestamp>>,
    pub(crate) grace: Duration,
}

/// What does the jobs.
pub(crate) struct Hands {
    db: Db,
    id: Uuid,
    handlers: BTreeMap<&'static str, Arc<dyn JobHandler>>,
    pub(crate) extend_after: Duration,
}

/// The jobs that this worker has. Left alone, they are begun again when their leases run out.
#[derive(Default)]
struct Shift {
    running: JoinSet<()>,
    /// Those that are begun when nothing else runs, and when they were claimed.
    alone: VecDeque<(Claimed, Timestamp)>,
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
        let hands = Arc::new(Hands { db, id, handlers, extend_after: EXTEND_AFTER });
        Self { hands, listeners, looked: Mutex::default(), grace: GRACE }
    }

    /// Works until `stop` is ready, on a few jobs at once: one that lasts holds up no other. What
    /// has begun by then has a moment to come to its end; another worker begins the rest anew.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut shift = Shift::default();
        loop {
            let begun = self.begin(&mut shift, AT_ONCE).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the worker could not reach its jobs");
                0
            });
            let pause = if begun > 0 { Duration::ZERO } else { IDLE_PAUSE };
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(ended) = shift.running.join_next() => note(ended),
                () = tokio::time::sleep(pause) => {}
            }
        }
        let end = async {
            while let Some(ended) = shift.running.join_next().await {
                note(ended);
            }
        };
        if tokio::time::timeout(self.grace, end).await.is_err() {
            tracing::warn!("jobs were broken off: another worker begins them anew");
        }
    }

    /// Works until nothing is due, on one job after the other; answers how many were done. For
    /// tests and commands.
    pub async fn run_until_idle(&self) -> Result<usize, DbError> {
        let mut total = 0;
        let mut shift = Shift::default();
        loop {
            total += self.begin(&mut shift, 1).await?;
            match shift.running.join_next().await {
                Some(ended) => note(ended),
                None => return Ok(total),
            }
        }
    }

    /// Schedules, events, then jobs, as many as there are hands free for; answers how many were
    /// begun. Where nothing waits, nothing is written: an idle program leaves the disk alone.
    async fn begin(&self, shift: &mut Shift, at_once: usize) -> Result<usize, DbError> {
        let hands = &self.hands;
        self.look_at_schedules().await?;
        let before = shift.running.len();
        let free = at_once.saturating_sub(before);
        if shift.alone.is_empty() && free > 0 && jobs::anything_waits(&hands.db).await? {
            outbox::relay(&hands.db, &self.listeners).await?;
            let claimed_at = hands.db.env().now();
            let free = u32::try_from(free).unwrap_or(u32::MAX);
            for job in jobs::claim(&hands.db, hands.id, free).await? {
                if job.attempts > TOGETHER {
                    shift.alone.push_back((job, claimed_at));
                } else {
                    shift.running.spawn(hands.clone().work(job, claimed_at));
                }
            }
        }
        if shift.running.is_empty()
            && let Some((job, claimed_at)) = shift.alone.pop_front()
        {
            shift.running.spawn(hands.clone().work(job, claimed_at));
        }
        Ok(shift.running.len().saturating_sub(before))
    }

    async fn look_at_schedules(&self) -> Result<(), DbError> {
        let db = &self.hands.db;
        let now = db.env().now();
        {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|at| now.since(at) < LOOK_AGAIN && at <= now) {
                return Ok(());
            }
            *looked = Some(now);
        }
        for handler in self.hands.handlers.values() {
            if let Some(every) = handler.every() {
                jobs::tick(db, handler.kind(), every).await?;
            }
        }
        Ok(())
    }
}

fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job ended badly");
    }
}

impl Hands {
    async fn work(self: Arc<Self>, job: Claimed, claimed_at: Timestamp) {
        if let Err(error) = self.work_on(&job, claimed_at).await {
            tracing::warn!(%error, job = %job.id, "it could not be written down how a job ended");
        }
    }

    async fn work_on(&self, job: &Claimed, claimed_at: Timestamp) -> Result<(), DbError> {
        let lease = Lease { job: job.id, worker: self.id };
        // The jobs before it may have taken so long that another worker has it by now.
        let waited = self.db.env().now().since(claimed_at) >= self.extend_after;
        if waited && jobs::extend(&self.db, lease).await? != Held::Here {
            return Ok(());
        }
        let result = match self.handlers.get(job.kind.as_str()) {
            // Every worker that began it has died before it could say so.
            Some(_) if job.attempts > jobs::ATTEMPTS => Err(JobError::Fail("worker_died")),
            Some(handler) => self.run_with_lease(handler.as_ref(), job, lease).await,
            // A newer program asked for it: let that one do it.
            None => return jobs::leave(&self.db, lease).await,
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

    /// Ends when the job is another worker's.
    async fn keep(&self, lease: Lease) {
        loop {
            tokio::time::sleep(self.extend_after).await;
            match jobs::extend(&self.db, lease).await {
                Ok(Held::Here) => {}
                Ok(Held::Elsewhere) => return,
                // Nothing to keep any more, and no reason to break off what comes after it.
                Ok(Held::Ended) => std::future::pending().await,
                Err(error) => tracing::warn!(%error, "a lease was not extended"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
