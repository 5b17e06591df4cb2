//! What was used, and what is left.

use super::{Companion, Remaining, TENANT_USAGE_READ, Treasury, USAGE_READ, settle::day_of};
use crate::{
    config::Limits,
    error::CompanionError,
    store::{self, UsageOfDay},
};
use audit::Event;
use consent::Action;
use kernel::{Ctx, Subject};

/// How many lines an answer has: a year of a few models.
const LINES: usize = 2_000;

/// What a person may use and what is left today.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// What they may use.
    pub limits: Limits,
    /// What is left.
    pub remaining: Remaining,
}

impl Companion {
    /// What the caller used in the last days, and what is left today.
    pub async fn own_usage(
        &self,
        ctx: &Ctx,
        days: u16,
    ) -> Result<(Vec<UsageOfDay>, Allowed), CompanionError> {
        let work = self.begin(ctx, Action::Export).await?;
        let period = last_days(ctx, days);
        let lines = store::own_usage(&self.0.db, &work.access, period, LINES).await?;
        let remaining = self.remaining(ctx, &work).await?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&USAGE_READ)).await?;
        Ok((lines, Allowed { limits: self.limits(ctx), remaining }))
    }

    /// What all people of the caller's tenant used together in the last days, and what the whole
    /// installation may spend and has spent. It tells of nobody.
    pub async fn tenant_usage(
        &self,
        ctx: &Ctx,
        days: u16,
    ) -> Result<(Vec<UsageOfDay>, Treasury), CompanionError> {
        let person = ctx.person().map_err(|_| CompanionError::NotLoggedIn)?;
        let tenant = Subject::tenant_itself(person.subject.tenant);
        let lines =
            store::all_usage(&self.0.db, tenant.tenant, last_days(ctx, days), LINES).await?;
        let keys = self.0.ledger.keys(ctx, tenant).await?;
        let event = Event::new(&TENANT_USAGE_READ, tenant);
        let treasury = self.treasury(ctx).await?;
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        Ok((lines, treasury))
    }
}

fn last_days(ctx: &Ctx, days: u16) -> (i64, i64) {
    let today = day_of(ctx);
    (today - i64::from(days.max(1)) + 1, today)
}
