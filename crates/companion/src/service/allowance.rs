//! What a person may use, what a message holds of it, and what is left.

use super::{Companion, Work, settle::day_of};
use crate::{
    config::Limits,
    error::CompanionError,
    store::{self, DayLimits, Held, Pace},
};
use db::Tx;
use kernel::{Ctx, Role};
use llm::{Candidate, ChatRequest, Model};
use serde::Serialize;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// What is left of a day's allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Remaining {
    /// Messages.
    pub messages: u64,
    /// Tokens.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub micro_usd: u64,
    /// The same for this month (UTC); null if the month is not limited.
    pub micro_usd_this_month: Option<u64>,
    /// Seconds until it begins anew.
    pub resets_in: u64,
}

impl Remaining {
    /// Whether less than a fifth of something is left.
    #[must_use]
    pub fn is_little_of(&self, limits: &Limits) -> bool {
        let of_month = limits.micro_usd_per_month.zip(self.micro_usd_this_month);
        of_month.is_some_and(|(most, left)| left < most / 5)
            || self.messages < u64::from(limits.messages_per_day) / 5
            || self.tokens < limits.tokens_per_day / 5
            || self.micro_usd < limits.micro_usd_per_day / 5
    }
}

impl Companion {
    /// What an answer may use at most, as far as can be known before.
    pub(super) fn held(&self, ctx: &Ctx, request: &ChatRequest, candidate: &Candidate) -> Held {
        let output = u64::from(self.0.config.answer_tokens);
        held_for(ctx, &candidate.model, (llm::estimate_request(request), output))
    }

    /// Lets a message through that neither comes too fast nor exceeds the day's allowance.
    pub(super) async fn admit(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        work: &Work,
        (limits, held): (&Limits, &Held),
    ) -> Result<(), CompanionError> {
        let now = ctx.now();
        let ahead = 60_000_000;
        let pace =
            Pace { now, distance: ahead / i64::from(limits.messages_per_minute.max(1)), ahead };
        if let Some(paid_until) = store::pace(tx, &work.access, &pace).await? {
            let wait = paid_until.as_micros() + pace.distance - ahead - now.as_micros();
            let wait = u64::try_from(wait).unwrap_or_default().max(1_000_000);
            return Err(CompanionError::Pace(Duration::from_micros(wait)));
        }
        let day = DayLimits {
            messages: u64::from(limits.messages_per_day),
            tokens: limits.tokens_per_day,
            cost: limits.micro_usd_per_day,
        };
        let today = held.day.unwrap_or_else(|| day_of(ctx));
        if !store::reserve(tx, &work.access, (today, held), &day).await? {
            return Err(used_up(ctx));
        }
        self.afford(tx, work, (limits, held)).await
    }

    pub(super) async fn remaining(
        &self,
        ctx: &Ctx,
        work: &Work,
    ) -> Result<Remaining, CompanionError> {
        let limits = self.limits(ctx);
        let used = store::used_on(&self.0.db, &work.access, day_of(ctx)).await?;
        Ok(Remaining {
            messages: u64::from(limits.messages_per_day).saturating_sub(used.messages),
            tokens: limits.tokens_per_day.saturating_sub(used.tokens),
            micro_usd: limits.micro_usd_per_day.saturating_sub(used.cost),
            micro_usd_this_month: self.left_of_month(ctx, work, &limits).await?,
            resets_in: until_tomorrow(ctx).as_secs(),
        })
    }

    pub(super) fn limits(&self, ctx: &Ctx) -> Limits {
        let allowance = &self.0.config.allowance;
        let premium = ctx.person().is_ok_and(|person| person.roles.contains(Role::Premium));
        if premium { allowance.premium.0 } else { allowance.user }
    }
}

/// What so many tokens of a model may cost.
pub(super) fn held_for(ctx: &Ctx, model: &Model, (input, output): (u64, u64)) -> Held {
    let usage = llm::Usage { input, output, estimated: true, ..llm::Usage::default() };
    let cost = model.prices.and_then(|prices| prices.cost(&usage)).map_or(0, |cost| cost.0);
    Held { day: Some(day_of(ctx)), tokens: input.saturating_add(output), cost }
}

/// What a day allows is used up.
pub(super) fn used_up(ctx: &Ctx) -> CompanionError {
    CompanionError::Allowance(until_tomorrow(ctx))
}

fn until_tomorrow(ctx: &Ctx) -> Duration {
    let since_midnight = ctx.now().as_micros().rem_euclid(86_400_000_000);
    DAY.saturating_sub(Duration::from_micros(u64::try_from(since_midnight).unwrap_or_default()))
}
