//! What a slice does when an account is erased: it removes the person's rows. Every slice does it
//! the same way and differs in the statements alone.

use crate::{Access, Action, Consents};
use async_trait::async_trait;
use audit::Event;
use db::{
    JobHandler, Tx,
    jobs::{Claimed, JobError, Lease},
    run_tx,
};
use kernel::{Ctx, Subject, TenantId, UserId};
use std::{fmt::Display, sync::Arc};

/// Removes what a slice holds of a person whose account is erased, and records that it did.
pub struct Erasure {
    consents: Consents,
    kind: &'static str,
    action: &'static audit::Action,
    erase: fn(&mut Tx, &Access),
}

/// What `identity` tells about an account that is erased.
#[derive(serde::Deserialize)]
struct AccountErased {
    tenant: TenantId,
    user: UserId,
}

impl Erasure {
    /// The job of this kind (`journal.erase.v1`), recorded as this action. `erase` defers the
    /// statements that remove every row of the person.
    #[must_use]
    pub fn job(
        consents: &Consents,
        kind: &'static str,
        action: &'static audit::Action,
        erase: fn(&mut Tx, &Access),
    ) -> Arc<dyn JobHandler> {
        Arc::new(Self { consents: consents.clone(), kind, action, erase })
    }

    fn later(&self, error: impl Display) -> JobError {
        tracing::warn!(kind = self.kind, %error, "what was of a person could not be removed yet");
        JobError::Retry("not_now")
    }
}

#[async_trait]
impl JobHandler for Erasure {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some("identity.account_erased")
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let AccountErased { tenant, user } = job.payload()?;
        let subject = Subject::new(tenant, user);
        let allowed = self.consents.authorize(ctx, Action::Delete, subject).await;
        let access = allowed.map_err(|error| self.later(error))?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await.map_err(|error| self.later(error))?;
        run_tx!(self.consents.db(), "consent.erasure", |tx| {
            lease.finish(tx).await?;
            (self.erase)(tx, &access);
            let event = Event::new(self.action, subject);
            ledger.record(tx, ctx, &keys, &event).map_err(|error| self.later(error))?;
            Ok::<_, JobError>(())
        })?;
        self.consents.forget(subject);
        Ok(())
    }
}
