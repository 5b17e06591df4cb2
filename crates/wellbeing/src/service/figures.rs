//! What a person's own figures say, in sentences that claim no more than they hold. No model is
//! asked: nothing leaves the program.

use super::{FIGURES_TOLD, Wellbeing};
use crate::error::WellbeingError;
use care::companion::{Insights, Unfilled};
use consent::Action;
use journal::{
    Comparison, DAYS_EACH_SIDE, Direction, Estimate, Finding, Moods, PAIRED_DAYS, Period, Together,
};
use kernel::{Ctx, Phi};

/// A sentence, and what it rests on.
pub struct Told {
    /// The name of the sentence.
    pub name: &'static str,
    /// The sentence.
    pub text: Phi<String>,
    /// What went together, where it is about that.
    pub together: Option<Together>,
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

fn say(
    insights: &Insights,
    name: &'static str,
    values: &[(&str, &str)],
    together: Option<Together>,
) -> Result<Told, Unfilled> {
    let text = Phi::new(insights.say(name, values)?);
    Ok(Told { name, text, together })
}

impl Wellbeing {
    /// What the caller's moods of a time add up to, and the sentence about where they go.
    pub async fn mood_in_words(
        &self,
        ctx: &Ctx,
        period: Period,
    ) -> Result<(Moods, Vec<Told>), WellbeingError> {
        let moods = self.0.journal.moods(ctx, period).await?;
        let days = moods.stats.days.iter().filter(|day| day.mean.is_some()).count();
        let insights = self.care().companion.insights();
        let told =
            trend(insights, &moods.stats.trend, days).map_err(|_| WellbeingError::Damaged)?;
        self.record_told(ctx).await?;
        Ok((moods, vec![told]))
    }

    /// What went together with the caller's mood in a time: nothing before it is honest.
    pub async fn insights(
        &self,
        ctx: &Ctx,
        period: Period,
    ) -> Result<(Comparison, Vec<Told>), WellbeingError> {
        let compared = self.0.journal.compare(ctx, period).await?;
        let insights = self.care().companion.insights();
        let told = together(insights, &compared).map_err(|_| WellbeingError::Damaged)?;
        self.record_told(ctx).await?;
        Ok((compared, told))
    }

    async fn record_told(&self, ctx: &Ctx) -> Result<(), WellbeingError> {
        let work = self.begin(ctx, Action::Read).await?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&FIGURES_TOLD)).await?;
        Ok(())
    }
}

fn trend(insights: &Insights, trend: &Finding<Estimate>, days: usize) -> Result<Told, Unfilled> {
    let slope = match trend {
        Finding::NotEnough { have, need } => {
            let (have, need) = (have.to_string(), need.to_string());
            let values = [("have", have.as_str()), ("need", need.as_str())];
            return say(insights, "trend_too_short", &values, None);
        }
        Finding::Enough(slope) => slope,
    };
    let (days, difference) = (days.to_string(), number(slope.value.abs()));
    let falls = slope.direction() == Direction::Falling;
    // Of a fall the size is told, from the smaller to the larger.
    let (low, high) = if falls { (-slope.high, -slope.low) } else { (slope.low, slope.high) };
    let (low, high) = (number(low), number(high));
    let values = [
        ("days", days.as_str()),
        ("difference", difference.as_str()),
        ("low", low.as_str()),
        ("high", high.as_str()),
    ];
    let name = match slope.direction() {
        Direction::Rising => "trend_up",
        Direction::Falling => "trend_down",
        Direction::NoClearChange => "trend_flat",
    };
    say(insights, name, &values, None)
}

fn together(insights: &Insights, compared: &Comparison) -> Result<Vec<Told>, Unfilled> {
    let days = compared.days.to_string();
    if compared.days < PAIRED_DAYS {
        let need = PAIRED_DAYS.to_string();
        let values = [("have", days.as_str()), ("need", need.as_str())];
        return Ok(vec![say(insights, "too_few_days", &values, None)?]);
    }
    if compared.looked_at == 0 {
        let (have, need) = (compared.nearest.to_string(), DAYS_EACH_SIDE.to_string());
        let values = [("have", have.as_str()), ("need", need.as_str())];
        return Ok(vec![say(insights, "too_few_in_group", &values, None)?]);
    }
    if compared.found.is_empty() {
        return Ok(vec![say(insights, "nothing_found", &[("days", &days)], None)?]);
    }
    let mut told = Vec::new();
    for one in &compared.found {
        let name = match (one.next_day, one.difference > 0.0) {
            (false, true) => "higher",
            (false, false) => "lower",
            (true, true) => "next_day_higher",
            (true, false) => "next_day_lower",
        };
        let falls = one.difference < 0.0;
        let (low, high) = if falls { (-one.high, -one.low) } else { (one.low, one.high) };
        let (days, difference) = (one.days.to_string(), number(one.difference.abs()));
        let (low, high) = (number(low), number(high));
        // EXPOSE: the sentence is for the person and as guarded.
        let factor = one.factor.expose();
        let values = [
            ("days", days.as_str()),
            ("factor", factor),
            ("difference", difference.as_str()),
            ("low", low.as_str()),
            ("high", high.as_str()),
        ];
        told.push(say(insights, name, &values, Some(one.clone()))?);
    }
    if let Some(first) = compared.found.first() {
        // EXPOSE: the sentence is for the person and as guarded.
        let factor = first.factor.expose();
        told.push(say(insights, "experiment", &[("factor", factor)], None)?);
    }
    Ok(told)
}
