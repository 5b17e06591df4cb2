//! The counters of a year.

use super::super::{
    counts::{Count, Report},
    service::CrisisTeam,
};
use axum::extract::State;
use httpkit::{ApiError, ApiResult, Json, Overseer, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which year.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct YearQuery {
    /// The year, such as 2026; the present one if left out.
    #[param(value_type = Option<u64>, minimum = 1970, maximum = 2199)]
    year: Option<i16>,
}

/// How often help was shown somewhere.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCount)]
struct CountView {
    /// `chat`, `journal`, `check_in`, `questionnaire`, `record`, `program` (a program with a key of
    /// the person), `wish` (for a human) or `assess` (words that were only looked at).
    source: String,
    /// `support`, `alert` or `imminent`.
    level: String,
    /// How often; null if it was less than eleven times.
    times: Option<i64>,
}

/// How often a second opinion came to something.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisOpinionCount)]
struct OpinionView {
    /// Where something was written, as for what the rules found.
    source: String,
    /// `same` as the rules, `lower` (it changes nothing), `alert` or `imminent` where the rules saw
    /// less, or no opinion: `late`, `refused`, `unreadable`, `failed`.
    verdict: String,
    /// How often; null if it was less than eleven times.
    times: Option<i64>,
}

/// How often a model was asked for a second opinion, and what came of it, apart from the rules.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisOpinionReport)]
struct OpinionReport {
    /// By place and verdict.
    counts: Vec<OpinionView>,
    /// How often one was asked; null if that would tell a count that is not told.
    asked: Option<i64>,
}

/// How often help was shown in a year. Nobody can be found in it.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisReport)]
pub(super) struct ReportView {
    /// The year (UTC).
    year: i16,
    /// By place and level.
    counts: Vec<CountView>,
    /// How often at all; null if that would tell a count that is not told.
    total: Option<i64>,
    /// What came of second opinions.
    second_opinion: OpinionReport,
}

/// Days from 1970 to the first day of a year, in the calendar of today.
fn first_day(year: i64) -> i64 {
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400;
    // 719,162 days lie between the first day of year 1 and that of 1970.
    before * 365 + leaps - 719_162
}

/// How often help was shown in a year, for the yearly report
///
/// For administrators and auditors. Counts below eleven are left out.
#[utoipa::path(get, path = "/api/admin/crisis/report", operation_id = "crisis_report",
    tag = "crisis", params(YearQuery), responses((status = 200, body = ReportView)))]
pub(super) async fn year(
    State(team): State<CrisisTeam>,
    Overseer(ctx): Overseer,
    Query(query): Query<YearQuery>,
) -> ApiResult<Json<ReportView>> {
    let tenant = ctx.person().map_err(ApiError::new)?.subject.tenant;
    let today = ctx.now().as_seconds().div_euclid(86_400);
    let present = (1970..2200).rev().find(|year| first_day(i64::from(*year)) <= today);
    let year = query.year.or(present).unwrap_or(1970).clamp(1970, 2199);
    let days = (first_day(i64::from(year)), first_day(i64::from(year) + 1));
    let (Report { counts, total }, second) = team.report(&ctx, tenant, days).await?;
    let view = |Count { source, level, times }: Count| CountView { source, level, times };
    let opinion =
        |Count { source, level, times }: Count| OpinionView { source, verdict: level, times };
    let second_opinion = OpinionReport {
        counts: second.counts.into_iter().map(opinion).collect(),
        asked: second.total,
    };
    let counts = counts.into_iter().map(view).collect();
    Ok(Json(ReportView { year, counts, total, second_opinion }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_where_the_calendar_says() {
        for (year, day) in [(1970, 0), (1971, 365), (1973, 1096), (2000, 10_957), (2026, 20_454)] {
            assert_eq!(first_day(year), day, "{year}");
        }
    }
}
