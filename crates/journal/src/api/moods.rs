//! What moods add up to.

use crate::{
    error::JournalError,
    model::{Invalid, Mood},
    service::{Journal, Moods, Period},
    stats::{Direction, Estimate, Finding, LocalTime, WeekdayMean},
};
use axum::extract::State;
use httpkit::{ApiResult, Json, LoggedIn, Query};
use kernel::{Ctx, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Which moods are counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct MoodQuery {
    /// From this moment; a period before `to` if left out. At most a year is looked at.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until before this moment; now if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// How long a time, where `from` does not say so; a month if left out.
    #[param(inline)]
    period: Option<PeriodName>,
    /// How many minutes the person's clock is ahead of UTC, from -840 to 840; 0 if left out.
    #[serde(alias = "tzOffset")]
    #[param(minimum = -840, maximum = 840)]
    tz_offset: Option<i32>,
}

/// A length of time.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MoodPeriod)]
pub(super) enum PeriodName {
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 91 days.
    Quarter,
    /// 365 days.
    Year,
}

impl PeriodName {
    const fn duration(self) -> Duration {
        let days = match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
            Self::Year => 365,
        };
        Duration::from_hours(24 * days)
    }
}

impl MoodQuery {
    fn period(&self, ctx: &Ctx) -> Result<Period, JournalError> {
        let local = LocalTime::from_minutes(self.tz_offset.unwrap_or_default());
        let local = local.ok_or(Invalid::TimeZone)?;
        let usual = self.period.unwrap_or(PeriodName::Month).duration();
        Ok(Period::new(self.from, self.to.unwrap_or_else(|| ctx.now()), usual, local))
    }
}

/// What moods add up to.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodStats)]
pub(super) struct MoodStatsView {
    /// From this moment.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until before this one.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// How many entries there are.
    entries: usize,
    /// Whether there were more than are counted; then these are the newest.
    truncated: bool,
    /// How often each mood was chosen.
    moods: Vec<MoodCount>,
    /// The mean on the scale from -5 to 5, over days.
    mean: EstimateView,
    /// The change on the scale within a week.
    trend: TrendView,
    /// Days with entries.
    calendar: Vec<DayView>,
    /// The days of the week.
    weekdays: WeekdaysView,
}

/// How often a mood was chosen.
#[derive(Serialize, ToSchema)]
struct MoodCount {
    /// The mood.
    mood: Mood,
    /// How often.
    count: u32,
}

/// Whether there are enough days to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MoodBasis)]
enum Basis {
    /// There are.
    Enough,
    /// Not enough entries yet.
    NotEnoughEntries,
}

/// A value with the interval that holds the true one in about 95 of 100 cases.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodEstimate)]
struct EstimateView {
    /// Whether it can be said.
    basis: Basis,
    /// How many days with a mood it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_needed: Option<usize>,
    /// How many there are, where they are not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<usize>,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// The lower end of the interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    /// The upper end of the interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    /// How many independent days the entries are worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_days: Option<f64>,
}

/// Where the mood goes.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodTrend)]
struct TrendView {
    /// The words that fit: `rising`, `falling`, `no_clear_change`, or `not_enough_entries`.
    wording: &'static str,
    /// The change within a week.
    #[serde(flatten)]
    per_week: EstimateView,
}

/// A day of the calendar.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodDay)]
struct DayView {
    /// The day, where the person is.
    #[schema(format = Date)]
    date: String,
    /// How many entries it has.
    count: u32,
    /// Their mean on the scale, if any says how the person felt.
    mean: Option<f64>,
}

/// The days of the week.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodWeekdays)]
struct WeekdaysView {
    /// Whether it can be said.
    basis: Basis,
    /// How many of each weekday it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_needed: Option<usize>,
    /// How many there are of the rarest, where they are not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<usize>,
    /// Monday to Sunday.
    days_of_week: Vec<WeekdayView>,
}

/// A day of the week.
#[derive(Serialize, ToSchema)]
#[schema(as = MoodWeekday)]
struct WeekdayView {
    /// 1 is Monday, 7 is Sunday.
    weekday: i8,
    /// How many of them have entries.
    count: usize,
    /// Their mean on the scale.
    mean: f64,
    /// Whether it differs from the other days by more than chance explains.
    stands_out: bool,
}

impl From<&Finding<Estimate>> for EstimateView {
    fn from(finding: &Finding<Estimate>) -> Self {
        match *finding {
            Finding::Enough(Estimate { value, low, high, effective_days }) => Self {
                basis: Basis::Enough,
                days_needed: None,
                days: None,
                value: Some(value),
                low: Some(low),
                high: Some(high),
                effective_days: Some(effective_days),
            },
            Finding::NotEnough { have, need } => Self {
                basis: Basis::NotEnoughEntries,
                days_needed: Some(need),
                days: Some(have),
                value: None,
                low: None,
                high: None,
                effective_days: None,
            },
        }
    }
}

impl From<&Finding<Estimate>> for TrendView {
    fn from(finding: &Finding<Estimate>) -> Self {
        let wording = match finding {
            Finding::NotEnough { .. } => "not_enough_entries",
            Finding::Enough(slope) => match slope.direction() {
                Direction::Rising => "rising",
                Direction::Falling => "falling",
                Direction::NoClearChange => "no_clear_change",
            },
        };
        Self { wording, per_week: finding.into() }
    }
}

impl From<&Finding<Vec<WeekdayMean>>> for WeekdaysView {
    fn from(finding: &Finding<Vec<WeekdayMean>>) -> Self {
        let view = |day: &WeekdayMean| WeekdayView {
            weekday: day.weekday.to_monday_one_offset(),
            count: day.days,
            mean: day.mean,
            stands_out: day.stands_out,
        };
        match finding {
            Finding::Enough(days) => Self {
                basis: Basis::Enough,
                days_needed: None,
                days: None,
                days_of_week: days.iter().map(view).collect(),
            },
            Finding::NotEnough { have, need } => Self {
                basis: Basis::NotEnoughEntries,
                days_needed: Some(*need),
                days: Some(*have),
                days_of_week: Vec::new(),
            },
        }
    }
}

impl MoodStatsView {
    fn new(period: &Period, moods: &Moods) -> Self {
        let Moods { stats, truncated } = moods;
        let count = |(mood, count): (&Mood, &u32)| MoodCount { mood: *mood, count: *count };
        let day = |day: &crate::stats::Day| DayView {
            date: day.date.to_string(),
            count: day.entries,
            mean: day.mean,
        };
        Self {
            from: period.from,
            to: period.to,
            entries: stats.entries,
            truncated: *truncated,
            moods: stats.moods.iter().map(count).collect(),
            mean: (&stats.mean).into(),
            trend: (&stats.trend).into(),
            calendar: stats.days.iter().map(day).collect(),
            weekdays: (&stats.weekdays).into(),
        }
    }
}

/// What the caller's moods add up to. What rests on too few days is not said.
#[utoipa::path(get, path = "/api/journal/mood-stats", operation_id = "journal_mood_stats",
    tag = "journal", params(MoodQuery), responses((status = 200, body = MoodStatsView)))]
pub(super) async fn mood_stats(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<MoodQuery>,
) -> ApiResult<Json<MoodStatsView>> {
    let period = query.period(&ctx)?;
    let moods = journal.moods(&ctx, period).await?;
    Ok(Json(MoodStatsView::new(&period, &moods)))
}
