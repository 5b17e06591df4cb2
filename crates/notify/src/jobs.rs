//! Letters travel in the background.

use crate::service::Mailer;
use async_trait::async_trait;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
};
use identity::LETTER_TOPIC;
use kernel::Ctx;
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(mailer: &Mailer) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(Deliver(mailer.clone()))]
}

/// Sends one letter. If the program dies after the server took it, it is sent again under the same
/// Message-ID: two letters are better than none.
struct Deliver(Mailer);

#[async_trait]
impl JobHandler for Deliver {
    fn kind(&self) -> &'static str {
        "notify.mail.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(LETTER_TOPIC)
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        Ok(self.0.deliver(ctx, job.id, &job.payload()?).await?)
    }
}
