//! That somebody is to be asked is written down apart, so that no slice needs to know of it.

use super::service::FollowUps;
use crate::team::TeamError;
use async_trait::async_trait;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
};
use kernel::{Coded, Ctx, Subject, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vault::DATA_ERASED;

/// Where [`crate::notice()`] tells of alerts, for this alone.
pub(crate) const ALERTED_TOPIC: &str = "crisis.alerted";

/// Whom, and when: ids, and no more. It is gone as soon as it is written down.
#[derive(Serialize, Deserialize)]
pub(crate) struct Alerted {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) at: Timestamp,
}

/// The jobs of follow-ups.
#[must_use]
pub fn jobs(follow_ups: &FollowUps) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(WriteDown(follow_ups.clone()))]
}

struct WriteDown(FollowUps);

#[async_trait]
impl JobHandler for WriteDown {
    fn kind(&self) -> &'static str {
        "crisis.follow_up.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(ALERTED_TOPIC)
    }

    async fn run(&self, _: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let Alerted { tenant, user, at } = job.payload()?;
        match self.0.alerted(Subject::new(tenant, user), at, lease).await {
            Ok(()) => Ok(()),
            Err(TeamError::Taken) => Err(JobError::Lost),
            Err(error) if error.code() == &DATA_ERASED => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "a follow-up could not be written down yet");
                Err(JobError::Retry("follow_up"))
            }
        }
    }
}
