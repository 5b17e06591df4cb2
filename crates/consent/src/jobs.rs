//! What consent does later: forget people who left.

use crate::{Action, Consents, service::CONSENTS_ERASED, store};
use async_trait::async_trait;
use audit::Event;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
    run_tx,
};
use kernel::{Ctx, Subject, TenantId, UserId};
use std::{fmt::Display, sync::Arc};

/// The jobs of this crate.
#[must_use]
pub fn jobs(consents: &Consents) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(Erase(consents.clone()))]
}

/// Removes the ledger of a person whose account is erased.
struct Erase(Consents);

/// What `identity` tells about an account that is erased.
#[derive(serde::Deserialize)]
struct AccountErased {
    tenant: TenantId,
    user: UserId,
}

#[async_trait]
impl JobHandler for Erase {
    fn kind(&self) -> &'static str {
        "consent.erase.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some("identity.account_erased")
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let AccountErased { tenant, user } = job.payload()?;
        let subject = Subject::new(tenant, user);
        let access = self.0.authorize(ctx, Action::Delete, subject).await.map_err(later)?;
        let keys = self.0.ledger().keys(ctx, subject).await.map_err(later)?;
        run_tx!(self.0.db(), "consent.erase", |tx| {
            lease.finish(tx).await?;
            store::erase(tx, &access);
            let event = Event::new(&CONSENTS_ERASED, subject);
            self.0.ledger().record(tx, ctx, &keys, &event).map_err(later)?;
            Ok::<_, JobError>(())
        })?;
        self.0.forget(subject);
        Ok(())
    }
}

fn later(error: impl Display) -> JobError {
    tracing::warn!(%error, "a consent ledger could not be removed yet");
    JobError::Retry("not_now")
}
