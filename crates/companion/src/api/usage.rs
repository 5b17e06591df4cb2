//! What was used, and what is left.

use crate::{
    config::Limits,
    service::{Allowed, Companion, Remaining, Spending, Treasury, UsageOfDay},
};
use axum::extract::State;
use httpkit::{Admin, ApiResult, Json, LoggedIn, Query};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DAYS: u16 = 30;
const MOST_DAYS: u16 = 366;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysQuery {
    /// How many days up to today: 30 if left out, a year at most.
    days: Option<u16>,
}

impl DaysQuery {
    fn days(&self) -> u16 {
        self.days.map_or(DAYS, |days| days.clamp(1, MOST_DAYS))
    }
}

/// What was used on a day of a model.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageOfDay)]
struct UsageLine {
    /// The day (UTC).
    date: String,
    /// The model, `provider/name`.
    model: String,
    /// Answers.
    answers: u64,
    /// Tokens read.
    input_tokens: u64,
    /// Of these, from the provider's cache.
    cached_tokens: u64,
    /// Tokens written.
    output_tokens: u64,
    /// Millionths of a US dollar, of the answers whose price is known.
    micro_usd: u64,
    /// Answers whose price is not known.
    unpriced_answers: u64,
    /// Answers whose tokens were counted here.
    estimated_answers: u64,
}

impl UsageLine {
    fn new(line: UsageOfDay) -> Self {
        const DAY: i64 = 86_400 * 1_000_000;
        let midnight = Timestamp::from_micros(line.day.saturating_mul(DAY)).to_string();
        Self {
            date: midnight.split('T').next().unwrap_or_default().to_owned(),
            model: line.model,
            answers: line.answers,
            input_tokens: line.input,
            cached_tokens: line.cached,
            output_tokens: line.output,
            micro_usd: line.cost,
            unpriced_answers: line.unpriced,
            estimated_answers: line.estimated,
        }
    }
}

/// What a person may use.
#[derive(Serialize, ToSchema)]
struct LimitsView {
    /// Messages a minute.
    messages_per_minute: u32,
    /// Messages a day (UTC).
    messages_per_day: u32,
    /// Tokens a day.
    tokens_per_day: u64,
    /// Millionths of a US dollar a day.
    micro_usd_per_day: u64,
    /// The same for a month (UTC); null if there is no limit but that of each day.
    micro_usd_per_month: Option<u64>,
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        let Limits { messages_per_minute, messages_per_day, tokens_per_day, .. } = limits;
        let Limits { micro_usd_per_day, micro_usd_per_month, .. } = limits;
        Self {
            messages_per_minute,
            messages_per_day,
            tokens_per_day,
            micro_usd_per_day,
            micro_usd_per_month,
        }
    }
}

/// What the caller used, and what is left today.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnUsage {
    /// What they may use.
    limits: LimitsView,
    /// What is left today.
    remaining: Remaining,
    /// Whether little is left: less than a fifth of something.
    nearly_used_up: bool,
    /// By day and model, the last day first.
    days: Vec<UsageLine>,
}

/// What was used on a day of a model by everybody together.
#[derive(Serialize, ToSchema)]
struct TenantUsageLine {
    /// How many people used it.
    people: u64,
    #[serde(flatten)]
    usage: UsageLine,
}

/// What may be spent and was spent.
#[derive(Serialize, ToSchema)]
#[schema(as = Spending)]
struct SpendingView {
    /// Millionths of a US dollar that may be spent.
    limit_micro_usd: u64,
    /// What was spent, with what answers hold that are being written.
    spent_micro_usd: u64,
    /// Whether little is left.
    nearly_used_up: bool,
}

impl From<Spending> for SpendingView {
    fn from(spending: Spending) -> Self {
        let Spending { limit, spent, nearly_used_up } = spending;
        Self { limit_micro_usd: limit, spent_micro_usd: spent, nearly_used_up }
    }
}

/// The money of the whole installation.
#[derive(Serialize, ToSchema)]
#[schema(as = InstallationBudget)]
struct BudgetView {
    /// Of today (UTC); null if it is not limited.
    day: Option<SpendingView>,
    /// Of this month (UTC); null if it is not limited.
    month: Option<SpendingView>,
}

/// What everybody used together.
#[derive(Serialize, ToSchema)]
pub(super) struct TenantUsage {
    /// What the whole installation may spend and has spent.
    budget: BudgetView,
    /// By day and model, the last day first.
    days: Vec<TenantUsageLine>,
}

/// What the caller used in the last days, and what is left today. It does not go down when
/// conversations are deleted.
#[utoipa::path(get, path = "/api/usage", operation_id = "read_usage", tag = "models",
    params(DaysQuery), responses((status = 200, body = OwnUsage)))]
pub(super) async fn own(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<DaysQuery>,
) -> ApiResult<Json<OwnUsage>> {
    let (lines, Allowed { limits, remaining }) = companion.own_usage(&ctx, query.days()).await?;
    Ok(Json(OwnUsage {
        limits: limits.into(),
        remaining,
        nearly_used_up: remaining.is_little_of(&limits),
        days: lines.into_iter().map(UsageLine::new).collect(),
    }))
}

/// What everybody used together in the last days, by day and model. Who used what is not told.
#[utoipa::path(get, path = "/api/admin/usage", operation_id = "read_tenant_usage", tag = "admin",
    params(DaysQuery), responses((status = 200, body = TenantUsage)))]
pub(super) async fn all(
    State(companion): State<Companion>,
    Admin(ctx): Admin,
    Query(query): Query<DaysQuery>,
) -> ApiResult<Json<TenantUsage>> {
    let (lines, treasury) = companion.tenant_usage(&ctx, query.days()).await?;
    let line =
        |line: UsageOfDay| TenantUsageLine { people: line.people, usage: UsageLine::new(line) };
    let Treasury { day, month } = treasury;
    let budget = BudgetView { day: day.map(Into::into), month: month.map(Into::into) };
    Ok(Json(TenantUsage { budget, days: lines.into_iter().map(line).collect() }))
}
