//! HTTP in and out.

use super::{
    model::{Answer, Question},
    service::{FOLLOW_UP_ANSWERED, FOLLOW_UP_READ, FollowUps},
};
use crate::attention::Whereabouts;
use audit::AUDIT_UNAVAILABLE;
use axum::extract::State;
use httpkit::{ApiResult, Contract, Json, LoggedIn, OpenApiRouter, Query, UnderContract, routes};
use kernel::ErrorCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

const ERRORS: &[&ErrorCode] =
    &[&AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE];

/// The routes of follow-ups.
pub fn routes() -> OpenApiRouter<FollowUps> {
    let own = |action: &'static audit::Action| Contract::own(action.name()).errors(ERRORS);
    OpenApiRouter::new()
        .routes(routes!(question).under(&own(&FOLLOW_UP_READ)))
        .routes(routes!(answer).under(&own(&FOLLOW_UP_ANSWERED)))
}

/// What to ask, or what to say.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisFollowUp)]
struct View {
    /// The words and whom to turn to; null where nothing is to be said.
    question: Option<Question>,
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CrisisFollowUpAnswer)]
struct AnswerWrite {
    /// What the caller answers.
    answer: Answer,
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    country: Option<String>,
    /// The language, such as `de`.
    #[serde(default)]
    language: Option<String>,
}

/// A question for whoever comes back after help came first
///
/// Asked one time, from some hours to a month later. It stands for twelve hours from when it was
/// first read, or until it is answered. Needs no consent.
#[utoipa::path(get, path = "/api/crisis/follow-up", operation_id = "crisis_follow_up",
    tag = "crisis", params(Whereabouts), responses((status = 200, body = View)))]
async fn question(
    State(follow_ups): State<FollowUps>,
    LoggedIn(ctx): LoggedIn,
    Query(at): Query<Whereabouts>,
) -> ApiResult<Json<View>> {
    Ok(Json(View { question: follow_ups.question(&ctx, &at).await? }))
}

/// Answers it, or says whether to be asked at all
#[utoipa::path(post, path = "/api/crisis/follow-up", operation_id = "answer_crisis_follow_up",
    tag = "crisis", request_body = AnswerWrite, responses((status = 200, body = View)))]
async fn answer(
    State(follow_ups): State<FollowUps>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<AnswerWrite>,
) -> ApiResult<Json<View>> {
    let AnswerWrite { answer, country, language } = body;
    let at = Whereabouts { country, language };
    Ok(Json(View { question: follow_ups.answer(&ctx, answer, &at).await? }))
}
