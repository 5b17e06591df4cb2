//! What a journal does later: go with its account.

use crate::{
    service::{JOURNAL_ERASED, Journal},
    store,
};
use async_trait::async_trait;
use audit::Event;
use consent::Action;
use db::{
    JobHandler,
    jobs::{Claimed, JobError, Lease},
    run_tx,
};
use kernel::{Ctx, Subject, TenantId, UserId};
use std::{fmt::Display, sync::Arc};

/// The jobs of this crate.
#[must_use]
pub fn jobs(journal: &Journal) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(Erase(journal.clone()))]
}

/// Removes the journal of a person whose account is erased.
struct Erase(Journal);

/// What `identity` tells about an account that is erased.
#[derive(serde::Deserialize)]
struct AccountErased {
    tenant: TenantId,
    user: UserId,
}

#[async_trait]
impl JobHandler for Erase {
    fn kind(&self) -> &'static str {
        "journal.erase.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some("identity.account_erased")
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let AccountErased { tenant, user } = job.payload()?;
        let subject = Subject::new(tenant, user);
        let consents = self.0.consents();
        let access = consents.authorize(ctx, Action::Delete, subject).await.map_err(later)?;
        let keys = self.0.ledger().keys(ctx, subject).await.map_err(later)?;
        run_tx!(self.0.db(), "journal.erase", |tx| {
            lease.finish(tx).await?;
            store::erase(tx, &access);
            let event = Event::new(&JOURNAL_ERASED, subject);
            self.0.ledger().record(tx, ctx, &keys, &event).map_err(later)?;
            Ok::<_, JobError>(())
        })
    }
}

fn later(error: impl Display) -> JobError {
    tracing::warn!(%error, "a journal could not be removed yet");
    JobError::Retry("not_now")
}
