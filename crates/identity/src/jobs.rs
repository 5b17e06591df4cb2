//! What happens to accounts and log-ins by itself.

use crate::service::{FORGOTTEN, Identity};
use async_trait::async_trait;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
};
use kernel::{Ctx, TenantId};
use std::{sync::Arc, time::Duration};

const HOUR: Duration = Duration::from_hours(1);
/// How many accounts or log-ins one round takes; the rest comes with the next.
const BATCH: u32 = 200;

/// The jobs of this crate.
#[must_use]
pub fn jobs(identity: &Identity) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(EraseDue(identity.clone())),
        Arc::new(ReindexLogins(identity.clone())),
        Arc::new(TidySessions(identity.clone())),
        Arc::new(ForgetAttempts(identity.clone())),
        Arc::new(AnswerForgotten(identity.clone())),
    ]
}

/// Erases closed accounts when the time to change one's mind is over. Each account is erased in
/// steps that may be repeated, so the job needs no transaction around it.
struct EraseDue(Identity);

#[async_trait]
impl JobHandler for EraseDue {
    fn kind(&self) -> &'static str {
        "identity.erase_due.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(HOUR)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        Ok(self.0.erase_due(ctx, BATCH).await.map(drop)?)
    }
}

/// Makes the indexes of log-ins anew after their key was rotated, and lets the old key go.
struct ReindexLogins(Identity);

#[async_trait]
impl JobHandler for ReindexLogins {
    fn kind(&self) -> &'static str {
        "identity.reindex_logins.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(HOUR)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        let done = self.0.reindex(ctx, TenantId::DEFAULT, BATCH).await?;
        if done.left > 0 {
            tracing::error!(indexes = done.left, "some log-ins do not open: `salus keys verify`");
        }
        Ok(())
    }
}

/// Removes log-ins that ended long ago.
struct TidySessions(Identity);

#[async_trait]
impl JobHandler for TidySessions {
    fn kind(&self) -> &'static str {
        "identity.tidy_sessions.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(HOUR)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        Ok(self.0.tidy_sessions(ctx, BATCH).await.map(drop)?)
    }
}

/// Removes counters of attempts that no longer matter.
struct ForgetAttempts(Identity);

#[async_trait]
impl JobHandler for ForgetAttempts {
    fn kind(&self) -> &'static str {
        "identity.forget_attempts.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(HOUR)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        Ok(self.0.forget_attempts(ctx).await.map(drop)?)
    }
}

/// Looks up whether somebody has the address whose password was forgotten, and asks for the letter.
pub(crate) struct AnswerForgotten(pub(crate) Identity);

#[async_trait]
impl JobHandler for AnswerForgotten {
    fn kind(&self) -> &'static str {
        FORGOTTEN
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        Ok(self.0.answer_forgotten(ctx, &job.payload()?, lease).await?)
    }
}
