//! Results of questionnaires.

use super::ListQuery;
use crate::{
    error::WellbeingError,
    model::{Body, Record, RecordId, Scored},
    service::{Added, NewRecord, Wellbeing},
};
use axum::extract::State;
use care::questionnaires::{Change, Questionnaire};
use crisis::{Attention, Whereabouts};
use httpkit::{ApiResult, Created, Json, LoggedIn, NoContent, Path, Query};
use kernel::{Page, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A questionnaire that was answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResultWrite)]
pub(super) struct ResultWrite {
    /// An id that the client chose, so that it can send it again.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<RecordId>,
    /// Which questionnaire, such as `phq-9`.
    questionnaire: String,
    /// The value of each answer, by question.
    answers: BTreeMap<String, u8>,
    /// When it was answered; now if left out.
    #[serde(default, alias = "occurredAt", alias = "taken_at")]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// A result. It is a screening and never a diagnosis.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireResult)]
pub(super) struct ResultView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: RecordId,
    /// The questionnaire.
    questionnaire: String,
    /// What people call it.
    title: String,
    /// The version of its text and scoring.
    version: u32,
    /// When it was answered.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// The answers.
    answers: BTreeMap<String, u8>,
    /// The total.
    total: u16,
    /// The highest total that can be reached.
    max: u16,
    /// The stable name of its band.
    band: String,
    /// What the band means, in words for the person.
    meaning: String,
    /// Whether it suggests talking to a professional.
    positive: bool,
    /// What is said with every result.
    notice: String,
}

/// A result that was stored just now, and what its answers ask for.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireResultKept)]
pub(super) struct ResultKept {
    #[serde(flatten)]
    result: ResultView,
    /// Where an answer asks for help at once: what to say and whom to turn to, before anything
    /// else is shown. Left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// A page of results, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireResultPage)]
pub(super) struct ResultPage {
    /// The results.
    results: Vec<ResultView>,
    /// Where the next page begins; null at the end. With a name a page may be short and still
    /// have a next.
    next_cursor: Option<String>,
}

/// What became of a score.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireChange)]
struct ChangeView {
    /// Later minus earlier; below zero is fewer symptoms.
    difference: i32,
    /// From which difference on it is more than chance.
    threshold: u16,
    /// `better`, `worse` or `unclear`.
    direction: String,
    /// The same as a sentence.
    text: String,
}

/// A point of a trend.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnairePoint)]
struct PointView {
    /// The result.
    #[schema(value_type = uuid::Uuid)]
    id: RecordId,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// The total.
    total: u16,
    /// The stable name of its band.
    band: String,
}

/// The results of a questionnaire over time.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireTrend)]
pub(super) struct TrendView {
    /// The questionnaire.
    questionnaire: String,
    /// The newest 100 results, oldest first.
    points: Vec<PointView>,
    /// From the first of them to the last; null where no threshold is published, or of one result.
    overall: Option<ChangeView>,
    /// From the last but one to the last.
    latest: Option<ChangeView>,
}

/// Which trend.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendQuery {
    /// The questionnaire, such as `phq-9`.
    questionnaire: String,
}

fn scored(record: &Record) -> Result<&Scored, WellbeingError> {
    // EXPOSE: the answer is for the person whose result it is.
    match record.body.expose() {
        Body::Result(scored) => Ok(scored),
        Body::Form(_) | Body::Practice(_) => Err(WellbeingError::Damaged),
    }
}

pub(super) fn view(wellbeing: &Wellbeing, record: &Record) -> Result<ResultView, WellbeingError> {
    let own = scored(record)?;
    let of = wellbeing.questionnaire(&own.questionnaire).map_err(|_| WellbeingError::Damaged)?;
    let band = of.bands.iter().find(|band| band.name == own.band);
    Ok(ResultView {
        id: record.id,
        questionnaire: own.questionnaire.clone(),
        title: of.title.clone(),
        version: own.version,
        occurred_at: record.occurred_at,
        answers: own.answers.clone(),
        total: own.total,
        max: of.max(),
        band: own.band.clone(),
        meaning: band.map(|band| band.text.clone()).unwrap_or_default(),
        positive: own.total >= of.positive_from,
        notice: of.notice.clone(),
    })
}

/// Answers a questionnaire. It is scored and kept; an answer that asks for help at once (such as
/// the ninth of PHQ-9 above zero) is answered with `safety`, whatever the total.
#[utoipa::path(post, path = "/api/wellbeing/results", operation_id = "add_result",
    tag = "questionnaires", params(Whereabouts), request_body = ResultWrite,
    responses((status = 201, body = ResultKept)))]
pub(super) async fn add(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(body): Json<ResultWrite>,
) -> ApiResult<Created<ResultKept>> {
    let new = NewRecord { id: body.id, occurred_at: body.occurred_at, place };
    let added = wellbeing.add_result(&ctx, new, &body.questionnaire, body.answers).await?;
    let Added { record, safety } = added;
    Ok(Created(ResultKept { result: view(&wellbeing, &record)?, safety }))
}

/// Results of the caller, newest first; with `name` those of one questionnaire.
#[utoipa::path(get, path = "/api/wellbeing/results", operation_id = "list_results",
    tag = "questionnaires", params(ListQuery), responses((status = 200, body = ResultPage)))]
pub(super) async fn list(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ResultPage>> {
    let (after, size) = query.part()?;
    let page = wellbeing.results(&ctx, query.name.as_deref(), after, size).await?;
    let Page { items, next } = page;
    let results = items.iter().map(|record| view(&wellbeing, record));
    Ok(Json(ResultPage {
        results: results.collect::<Result<_, _>>()?,
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// A result.
#[utoipa::path(get, path = "/api/wellbeing/results/{id}", operation_id = "read_result",
    tag = "questionnaires", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = ResultView)))]
pub(super) async fn read(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<Json<ResultView>> {
    let record = wellbeing.result(&ctx, id).await?;
    Ok(Json(view(&wellbeing, &record)?))
}

/// Deletes a result.
#[utoipa::path(delete, path = "/api/wellbeing/results/{id}", operation_id = "delete_result",
    tag = "questionnaires", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<NoContent> {
    wellbeing.delete_result(&ctx, id).await?;
    Ok(NoContent)
}

fn change_view(wellbeing: &Wellbeing, of: &Questionnaire, change: Change) -> ChangeView {
    use care::questionnaires::Direction::{Better, Unclear, Worse};
    let (direction, name) = match change.direction {
        Better => ("better", "score_better"),
        Worse => ("worse", "score_worse"),
        Unclear => ("unclear", "score_unclear"),
    };
    let difference = change.difference.unsigned_abs().to_string();
    let threshold = change.threshold.to_string();
    let values = [
        ("title", of.title.as_str()),
        ("difference", difference.as_str()),
        ("threshold", threshold.as_str()),
    ];
    let text = wellbeing.care().companion.insights().say(name, &values).unwrap_or_default();
    ChangeView {
        difference: change.difference,
        threshold: change.threshold,
        direction: direction.to_owned(),
        text,
    }
}

/// The results of one questionnaire over time, and whether a change is more than chance.
#[utoipa::path(get, path = "/api/wellbeing/trend", operation_id = "result_trend",
    tag = "questionnaires", params(TrendQuery), responses((status = 200, body = TrendView)))]
pub(super) async fn trend(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<TrendQuery>,
) -> ApiResult<Json<TrendView>> {
    let trend = wellbeing.trend(&ctx, &query.questionnaire).await?;
    let of = wellbeing.questionnaire(&query.questionnaire).map_err(WellbeingError::from)?;
    let point = |record: &Record| {
        let own = scored(record)?;
        let (total, band) = (own.total, own.band.clone());
        Ok(PointView { id: record.id, occurred_at: record.occurred_at, total, band })
    };
    let points = trend.results.iter().map(point).collect::<Result<_, WellbeingError>>()?;
    let change = |change: Option<Change>| change.map(|change| change_view(&wellbeing, of, change));
    let (overall, latest) = (change(trend.overall), change(trend.latest));
    Ok(Json(TrendView { questionnaire: of.id.clone(), points, overall, latest }))
}
