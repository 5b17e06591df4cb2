//! Retention: bodies of entries go when they are old enough, hashes stay for ever, so that every
//! proof and checkpoint ever given stays valid.

use crate::{
    error::AuditError,
    event::Event,
    export::BODIES_DROPPED,
    ledger::Ledger,
    store::{self, Head},
};
use db::{TxSpec, run_tx};
use kernel::{Ctx, Subject, TenantId, Timestamp};

/// Bodies dropped in one transaction.
const BATCH: u64 = 2_000;

impl Ledger {
    /// Drops the bodies that are older than the retention time, from the first leaf up to the
    /// first that is not; answers how many. Each transaction that drops some records it, too, so
    /// that it may be stopped at any time.
    pub async fn apply_retention(&self, ctx: &Ctx) -> Result<u64, AuditError> {
        let cutoff = ctx.now().minus(self.retention());
        let mut dropped = 0;
        loop {
            match self.drop_some(ctx, cutoff).await? {
                0 => return Ok(dropped),
                some => dropped += some,
            }
        }
    }

    async fn drop_some(&self, ctx: &Ctx, cutoff: Timestamp) -> Result<u64, AuditError> {
        let subject = Subject::tenant_itself(TenantId::DEFAULT);
        let keys = self.keys(ctx, subject).await?;
        run_tx!(self.db(), TxSpec::queue("audit.retention"), |tx| {
            let head: Head = store::lock_head(tx).await?.try_into()?;
            let start = head.bodies_from;
            let end = head.frontier.size().min(start.saturating_add(BATCH));
            let end = store::first_young(tx, start, end, cutoff).await?;
            if end <= start {
                return Ok(0);
            }
            let dropped = store::drop_bodies(tx, start, end).await?;
            let event = Event::new(&BODIES_DROPPED, subject)
                .detail("bodies", dropped.to_string())
                .detail("older_than", cutoff.to_string());
            self.record(tx, ctx, &keys, &event)?;
            Ok(dropped)
        })
    }
}
