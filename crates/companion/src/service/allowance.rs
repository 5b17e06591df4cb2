//! What a person may use, what a message holds of it, and what is left.

use super::{Companion, Work, settle::day_of};
use crate::{
    config::Limits,
    error::CompanionError,
    store::{self, DayLimits, Held, Pace},
};
use db::Tx;
use kernel::{Ctx, Role};
use llm::{Candidate, Model, Wish};
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
    /// Lets a message through that neither comes too fast nor exceeds the day's allowance. The
    /// answer to that comes with the commit: see [`Companion::refusal`].
    pub(super) async fn admit(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        work: &Work,
        (limits, held): (&Limits, &Held),
    ) -> Result<(), CompanionError> {
        store::pace(tx, &work.access, &pace_of(ctx, limits));
        let day = DayLimits {
            messages: u64::from(limits.messages_per_day),
            tokens: limits.tokens_per_day,
            cost: limits.micro_usd_per_day,
        };
        let today = held.day.unwrap_or_else(|| day_of(ctx));
        if !store::reserve(tx, &work.access, (today, held), &day) {
            return Err(used_up(ctx));
        }
        self.afford(tx, work, (limits, held)).await
    }

    /// Says what it means that a message was not let through.
    pub(super) async fn refusal(
        &self,
        ctx: &Ctx,
        work: &Work,
        (limits, error): (&Limits, CompanionError),
    ) -> CompanionError {
        let CompanionError::Db(refused) = &error else { return error };
        if store::exceeded_the_day(refused) || store::exceeded_the_key(refused) {
            return used_up(ctx);
        }
        if !store::came_too_fast(refused) {
            return error;
        }
        let pace = pace_of(ctx, limits);
        let paid_until = match store::paid_until(&self.0.db, &work.access).await {
            Ok(paid_until) => paid_until.unwrap_or(pace.now),
            Err(error) => return error.into(),
        };
        let wait = paid_until.as_micros() + pace.distance - pace.ahead - pace.now.as_micros();
        let wait = u64::try_from(wait).unwrap_or_default().max(1_000_000);
        CompanionError::Pace(Duration::from_micros(wait))
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

/// How fast messages may come now.
fn pace_of(ctx: &Ctx, limits: &Limits) -> Pace {
    let ahead = 60_000_000;
    let distance = ahead / i64::from(limits.messages_per_minute.max(1));
    Pace { now: ctx.now(), distance, ahead }
}

/// What so many tokens of a model may cost.
pub(super) fn held_for(ctx: &Ctx, model: &Model, (input, output): (u64, u64)) -> Held {
    let usage = llm::Usage { input, output, estimated: true, ..llm::Usage::default() };
    let cost = model.prices.and_then(|prices| prices.cost(&usage)).map_or(0, |cost| cost.0);
    Held { day: Some(day_of(ctx)), tokens: input.saturating_add(output), cost }
}

/// What an answer may use at most, as far as can be known before; nothing if nobody can answer.
/// Others may answer in the place of the first, but none that costs more: no more than that is held.
pub(super) fn hold(
    ctx: &Ctx,
    (candidates, wish): (&mut Vec<Candidate>, &mut Wish),
    tokens: (u64, u64),
) -> Option<Held> {
    let held = held_for(ctx, &candidates.first()?.model, tokens);
    candidates.retain(|other| held_for(ctx, &other.model, tokens).cost <= held.cost);
    wish.allowed = Some(candidates.iter().map(|candidate| candidate.model.id.clone()).collect());
    Some(held)
}

/// What a day allows is used up.
pub(super) fn used_up(ctx: &Ctx) -> CompanionError {
    CompanionError::Allowance(until_tomorrow(ctx))
}

fn until_tomorrow(ctx: &Ctx) -> Duration {
    let since_midnight = ctx.now().as_micros().rem_euclid(86_400_000_000);
    DAY.saturating_sub(Duration::from_micros(u64::try_from(since_midnight).unwrap_or_default()))
}
