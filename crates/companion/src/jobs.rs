//! What conversations do by themselves: end answers whose writers are gone, and go with their
//! account.

use crate::{
    service::{CONVERSATIONS_ERASED, Companion},
    store,
};
use async_trait::async_trait;
use consent::Erasure;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
};
use kernel::Ctx;
use std::{sync::Arc, time::Duration};

/// How many answers one round ends; the rest comes with the next.
const BATCH: usize = 200;

/// The jobs of this crate.
#[must_use]
pub fn jobs(companion: &Companion) -> Vec<Arc<dyn JobHandler>> {
    let consents = companion.consents();
    vec![
        Erasure::job(consents, "companion.erase.v1", &CONVERSATIONS_ERASED, store::erase),
        Arc::new(EndAbandoned(companion.clone())),
        Arc::new(WatchBudget(companion.clone())),
    ]
}

/// Tells administrators when little is left of what the installation may spend.
struct WatchBudget(Companion);

#[async_trait]
impl JobHandler for WatchBudget {
    fn kind(&self) -> &'static str {
        "companion.watch_budget.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_mins(1))
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        self.0.watch_budget(ctx).await.map_err(|error| {
            tracing::warn!(%error, "the budget could not be looked at yet");
            JobError::Retry("not_now")
        })
    }
}

/// Ends answers whose writers are gone. Each ends once, so the job needs no transaction around it.
struct EndAbandoned(Companion);

#[async_trait]
impl JobHandler for EndAbandoned {
    fn kind(&self) -> &'static str {
        "companion.end_abandoned.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_mins(1))
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        let ended = async {
            self.0.end_all_abandoned(ctx, BATCH).await?;
            self.0.settle_abandoned_calls(ctx, BATCH).await
        };
        match ended.await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "abandoned answers could not be ended yet");
                Err(JobError::Retry("not_now"))
            }
        }
    }
}
