//! Money: of a person's month, and of the whole installation by day and month. It is taken before
//! a model is asked and settled afterwards, as everything else of an allowance.

use super::{Companion, Work, settle::day_of};
use crate::{
    config::{Budget, Limits},
    error::CompanionError,
    store::{self, Held, Period, Spent},
};
use audit::Event;
use db::{Tx, run_tx};
use kernel::{Ctx, Subject, TenantId};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// What may be spent in a period, and what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// Millionths of a US dollar that may be spent.
    pub limit: u64,
    /// What was spent, with what answers hold that are being written.
    pub spent: u64,
    /// Whether so much was spent that the administrators are told.
    pub nearly_used_up: bool,
}

/// The money of the whole installation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Treasury {
    /// Of today (UTC), if that is limited.
    pub day: Option<Spending>,
    /// Of this month (UTC), if that is limited.
    pub month: Option<Spending>,
}

impl Period {
    /// The day with this number since 1970.
    fn day(day: i64) -> Self {
        Self { kind: 0, number: day, first: day, last: day }
    }

    /// The month that this day is in.
    pub(super) fn month(day: i64) -> Self {
        let (year, month) = month_of(day);
        let first = first_day(year, month);
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let last = first_day(next_year, next_month) - 1;
        Self { kind: 1, number: year * 12 + month - 1, first, last }
    }
}

/// The year and month of a day since 1970 (the proleptic Gregorian calendar, counted in eras of
/// 400 years that begin in March).
fn month_of(day: i64) -> (i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month)
}

/// The first day of a month, since 1970.
fn first_day(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Budget {
    /// The periods that are limited, on this day.
    fn periods(&self, day: i64) -> impl Iterator<Item = (Period, u64)> {
        let of_day = self.micro_usd_per_day.map(|limit| (Period::day(day), limit));
        let of_month = self.micro_usd_per_month.map(|limit| (Period::month(day), limit));
        [of_day, of_month].into_iter().flatten()
    }

    /// From when on the administrators are told.
    fn warns_from(&self, limit: u64) -> u64 {
        limit / 100 * u64::from(self.warn_at_percent.min(100))
    }
}

impl Companion {
    /// Takes money out of what the installation and a person's month have. What costs nothing
    /// needs none.
    pub(super) async fn afford(
        &self,
        tx: &mut Tx,
        work: &Work,
        (limits, held): (&Limits, &Held),
    ) -> Result<(), CompanionError> {
        let Some(day) = held.day.filter(|_| held.cost > 0) else { return Ok(()) };
        let month = Period::month(day);
        if let Some(most) = limits.micro_usd_per_month
            // What this message holds is in it already.
            && store::own_spent_in(tx, &work.access, month).await? > most
        {
            return Err(CompanionError::Allowance(until_after(day, month)));
        }
        self.afford_installation(tx, held).await
    }

    /// Takes money out of what the installation has.
    pub(super) async fn afford_installation(
        &self,
        tx: &mut Tx,
        held: &Held,
    ) -> Result<(), CompanionError> {
        let Some(day) = held.day.filter(|_| held.cost > 0) else { return Ok(()) };
        for (period, limit) in self.0.config.budget.periods(day) {
            if !store::spend(tx, period, (held.cost, limit)).await? {
                return Err(CompanionError::Budget(until_after(day, period)));
            }
        }
        Ok(())
    }

    /// What was held is given back, and what was used is taken.
    pub(super) fn settle_budget(&self, tx: &mut Tx, held: &Held, used: u64) {
        let Some(day) = held.day else { return };
        let difference =
            i64::try_from(used).unwrap_or(i64::MAX) - i64::try_from(held.cost).unwrap_or(i64::MAX);
        if difference == 0 {
            return;
        }
        for (period, _) in self.0.config.budget.periods(day) {
            store::adjust(tx, period, difference);
        }
    }

    /// What is left of a person's month, if it is limited.
    pub(super) async fn left_of_month(
        &self,
        ctx: &Ctx,
        work: &Work,
        limits: &Limits,
    ) -> Result<Option<u64>, CompanionError> {
        let Some(most) = limits.micro_usd_per_month else { return Ok(None) };
        let month = Period::month(day_of(ctx));
        let spent = store::own_spent(&self.0.db, &work.access, month).await?;
        Ok(Some(most.saturating_sub(spent)))
    }

    /// What the whole installation may spend and has spent.
    pub(super) async fn treasury(&self, ctx: &Ctx) -> Result<Treasury, CompanionError> {
        let budget = &self.0.config.budget;
        let mut found = Treasury::default();
        for (period, limit) in budget.periods(day_of(ctx)) {
            let Spent { cost: spent, .. } = store::spent(&self.0.db, period).await?;
            let nearly_used_up = spent >= budget.warns_from(limit);
            let spending = Some(Spending { limit, spent, nearly_used_up });
            if period.kind == 0 { found.day = spending } else { found.month = spending }
        }
        Ok(found)
    }

    /// Tells the administrators, once in each period, that little of the money is left.
    pub(crate) async fn watch_budget(&self, ctx: &Ctx) -> Result<(), CompanionError> {
        let budget = &self.0.config.budget;
        for (period, limit) in budget.periods(day_of(ctx)) {
            let from = budget.warns_from(limit);
            let Spent { cost, warned } = store::spent(&self.0.db, period).await?;
            if warned || cost < from {
                continue;
            }
            let whole = Subject::tenant_itself(TenantId::DEFAULT);
            let keys = self.0.ledger.keys(ctx, whole).await?;
            let name = if period.kind == 0 { "day" } else { "month" };
            let event = Event::new(&super::BUDGET_LOW, whole).detail("period", name);
            let told = run_tx!(self.0.db, "companion.watch_budget", |tx| {
                let told = store::warn(tx, period, from).await?;
                if told {
                    self.0.ledger.record(tx, ctx, &keys, &event)?;
                }
                Ok::<_, CompanionError>(told)
            })?;
            if told {
                tracing::warn!(period = name, spent = cost, limit, "the budget is nearly used up");
            }
        }
        Ok(())
    }
}

/// From the beginning of this day to the end of the period.
fn until_after(day: i64, period: Period) -> Duration {
    DAY.saturating_mul(u32::try_from(period.last - day + 1).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_begin_and_end_where_the_calendar_says() {
        // 1970-01-01, 2000-02-29, 2026-11-21, 2026-12-31.
        for (day, number, length) in [
            (0, 1970 * 12, 31),
            (11_016, 2000 * 12 + 1, 29),
            (20_778, 2026 * 12 + 10, 30),
            (20_818, 2026 * 12 + 11, 31),
        ] {
            let month = Period::month(day);
            assert_eq!((month.number, month.last - month.first + 1), (number, length), "{day}");
        }
    }

    proptest! {
        #[test]
        fn months_follow_each_other_without_a_gap(day in -700_000_i64..3_000_000) {
            let month = Period::month(day);
            prop_assert!((month.first..=month.last).contains(&day));
            let next = Period::month(month.last + 1);
            prop_assert_eq!((next.first, next.number), (month.last + 1, month.number + 1));
        }
    }
}
