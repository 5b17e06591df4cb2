//! What a person's own figures say.

use crate::{
    error::WellbeingError,
    model::Invalid,
    service::{Told, Wellbeing},
};
use axum::extract::State;
use httpkit::{ApiResult, Json, LoggedIn};
use journal::{Estimate, Finding, LocalTime, Mood, Period};
use kernel::{Ctx, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// How many days are looked at if nobody says how many.
const USUAL: u32 = 90;

/// Which time is looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FiguresRequest)]
pub(super) struct FiguresRequest {
    /// How many days back, 1 to 366; what lies outside is brought inside. 90 if left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    days: Option<u32>,
    /// Until before this moment; now if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// How many minutes the person's clock is ahead of UTC, from -840 to 840; 0 if left out.
    #[serde(default, alias = "tzOffset")]
    #[schema(minimum = -840, maximum = 840)]
    tz_offset: Option<i32>,
}

impl FiguresRequest {
    fn period(&self, ctx: &Ctx) -> Result<Period, WellbeingError> {
        let local = LocalTime::from_minutes(self.tz_offset.unwrap_or_default());
        let local = local.ok_or(Invalid::TimeZone)?;
        let days = u64::from(self.days.unwrap_or(USUAL).clamp(1, 366));
        // What was written just now belongs to it.
        let to = self.to.unwrap_or_else(|| ctx.now().plus(Duration::from_secs(1)));
        Ok(Period::new(None, to, Duration::from_hours(24 * days), local))
    }
}

/// A sentence, and what it rests on.
#[derive(Serialize, ToSchema)]
#[schema(as = Insight)]
struct InsightView {
    /// The stable name of the sentence, such as `higher` or `too_few_days`.
    name: String,
    /// The sentence, in English. It never says that one thing causes another.
    text: String,
    /// What went together with the mood, where it is about that.
    factor: Option<String>,
    /// Whether the mood is that of the day after.
    next_day: Option<bool>,
    /// How many days were compared.
    days: Option<usize>,
    /// How many of them had it.
    days_with: Option<usize>,
    /// The mood of days with it, less that of days without, from -10 to 10.
    difference: Option<f64>,
    /// The lower end of the interval that holds the true one in about 95 of 100 cases.
    low: Option<f64>,
    /// Its upper end.
    high: Option<f64>,
}

impl From<Told> for InsightView {
    fn from(told: Told) -> Self {
        let Told { name, text, together } = told;
        let of = together.as_ref();
        Self {
            name: name.to_owned(),
            // EXPOSE: the answer is for the person whose figures they are.
            text: text.expose().clone(),
            factor: of.map(|one| one.factor.expose().clone()),
            next_day: of.map(|one| one.next_day),
            days: of.map(|one| one.days),
            days_with: of.map(|one| one.with),
            difference: of.map(|one| one.difference),
            low: of.map(|one| one.low),
            high: of.map(|one| one.high),
        }
    }
}

/// A value, with its interval.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodAnalysisValue)]
struct ValueView {
    /// The value.
    value: f64,
    /// The lower end of the interval that holds the true one in about 95 of 100 cases.
    low: f64,
    /// Its upper end.
    high: f64,
}

/// How often a mood was chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodAnalysisCount)]
struct CountView {
    /// The mood.
    mood: Mood,
    /// How often.
    count: u32,
}

/// What moods add up to, in figures and in a sentence.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodAnalysis)]
pub(super) struct AnalysisView {
    /// From this moment.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until before this one.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// How many entries and check-ins there are.
    entries: usize,
    /// How often each mood was chosen.
    moods: Vec<CountView>,
    /// The mean on the scale from -5 to 5, over days; null before it is honest.
    mean: Option<ValueView>,
    /// The change on the scale within a week; null before it is honest.
    change_per_week: Option<ValueView>,
    /// What can be said, or how far the figures are from it.
    insights: Vec<InsightView>,
}

/// What went together with a mood.
#[derive(Serialize, ToSchema)]
#[schema(as = Insights)]
pub(super) struct InsightsView {
    /// From this moment.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until before this one.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// How many days have a mood.
    days: usize,
    /// How many comparisons were made; of what is found at most one in ten is expected to be
    /// chance.
    comparisons: usize,
    /// What can be said, or how far the figures are from it.
    insights: Vec<InsightView>,
}

fn value(finding: &Finding<Estimate>) -> Option<ValueView> {
    match *finding {
        Finding::Enough(Estimate { value, low, high, .. }) => Some(ValueView { value, low, high }),
        Finding::NotEnough { .. } => None,
    }
}

/// What the caller's moods add up to, and a sentence about where they go. Nothing is said before
/// it is honest, and no model is asked.
#[utoipa::path(post, path = "/api/ai/analyze-mood", operation_id = "analyze_mood",
    tag = "insights", request_body = FiguresRequest,
    responses((status = 200, body = AnalysisView)))]
pub(super) async fn analyze_mood(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<FiguresRequest>,
) -> ApiResult<Json<AnalysisView>> {
    let period = body.period(&ctx)?;
    let (moods, told) = wellbeing.mood_in_words(&ctx, period).await?;
    let stats = &moods.stats;
    let count = |(mood, count): (&Mood, &u32)| CountView { mood: *mood, count: *count };
    Ok(Json(AnalysisView {
        from: period.from,
        to: period.to,
        entries: stats.entries,
        moods: stats.moods.iter().map(count).collect(),
        mean: value(&stats.mean),
        change_per_week: value(&stats.trend),
        insights: told.into_iter().map(InsightView::from).collect(),
    }))
}

/// What went together with the caller's mood: tags of entries and factors of check-ins, on the
/// same day and the next.
///
/// Nothing is said before 30 days, of which 10 had something and 10 had not; what is said holds
/// an interval and never a cause. No model is asked.
#[utoipa::path(post, path = "/api/ai/generate-insights", operation_id = "generate_insights",
    tag = "insights", request_body = FiguresRequest,
    responses((status = 200, body = InsightsView)))]
pub(super) async fn insights(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<FiguresRequest>,
) -> ApiResult<Json<InsightsView>> {
    let period = body.period(&ctx)?;
    let (compared, told) = wellbeing.insights(&ctx, period).await?;
    Ok(Json(InsightsView {
        from: period.from,
        to: period.to,
        days: compared.days,
        comparisons: compared.looked_at,
        insights: told.into_iter().map(InsightView::from).collect(),
    }))
}
