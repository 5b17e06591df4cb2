//! Which exercises were tried, and which suit.

use super::{
    ListQuery, lang,
    library::{SkillView, concern},
    name_of,
};
use crate::{
    error::WellbeingError,
    model::{Body, Helped, Practised, Record, RecordId},
    service::{Added, NewRecord, Suggested, Wellbeing, Wish},
};
use axum::extract::State;
use care::skills::{Caution, Reason};
use crisis::{Attention, Whereabouts};
use httpkit::{ApiResult, Created, Json, LoggedIn, NoContent, Path, Query};
use kernel::{Page, Phi, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most exercises that are suggested.
const MOST: u32 = 20;
/// How many are suggested if nobody says how many.
const USUAL: u32 = 5;

/// How an exercise went.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PracticeWrite)]
pub(super) struct PracticeWrite {
    /// An id that the client chose, so that it can send it again.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<RecordId>,
    /// Which exercise.
    skill: String,
    /// Whether it helped.
    #[serde(default)]
    helped: Option<Helped>,
    /// A line about it.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    note: Phi<String>,
    /// When it was; now if left out.
    #[serde(default, alias = "occurredAt")]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// How an exercise went.
#[derive(Serialize, ToSchema)]
#[schema(as = Practice)]
pub(super) struct PracticeView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: RecordId,
    /// The exercise.
    skill: String,
    /// Whether it helped, if the person said so.
    helped: Option<Helped>,
    /// A line about it.
    note: String,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
}

/// How an exercise went, stored just now, and what was noticed in it.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeKept)]
pub(super) struct PracticeKept {
    #[serde(flatten)]
    practice: PracticeView,
    /// What was noticed, and whom to turn to; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// A page of how exercises went, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticePage)]
pub(super) struct PracticePage {
    /// The exercises.
    practice: Vec<PracticeView>,
    /// Where the next page begins; null at the end. With a name a page may be short and still
    /// have a next.
    next_cursor: Option<String>,
}

pub(super) fn view(record: &Record) -> Result<PracticeView, WellbeingError> {
    // EXPOSE: the answer is for the person who tried it.
    match record.body.expose() {
        Body::Practice(Practised { skill, helped, note }) => Ok(PracticeView {
            id: record.id,
            skill: skill.clone(),
            helped: *helped,
            note: note.clone(),
            occurred_at: record.occurred_at,
        }),
        Body::Result(_) | Body::Form(_) => Err(WellbeingError::Damaged),
    }
}

/// Keeps how an exercise went: what helped is suggested first, what did not is not suggested.
#[utoipa::path(post, path = "/api/wellbeing/practice", operation_id = "add_practice",
    tag = "skills", params(Whereabouts), request_body = PracticeWrite,
    responses((status = 201, body = PracticeKept)))]
pub(super) async fn add(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(body): Json<PracticeWrite>,
) -> ApiResult<Created<PracticeKept>> {
    let PracticeWrite { id, skill, helped, note, occurred_at } = body;
    // EXPOSE: goes from one guarded value into another.
    let practised = Practised { skill, helped, note: note.expose().clone() };
    let new = NewRecord { id, occurred_at, place };
    let Added { record, safety } = wellbeing.add_practice(&ctx, new, practised).await?;
    Ok(Created(PracticeKept { practice: view(&record)?, safety }))
}

/// How exercises went, newest first; with `name` those of one exercise.
#[utoipa::path(get, path = "/api/wellbeing/practice", operation_id = "list_practice",
    tag = "skills", params(ListQuery), responses((status = 200, body = PracticePage)))]
pub(super) async fn list(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<PracticePage>> {
    let (after, size) = query.part()?;
    let page = wellbeing.practice(&ctx, query.name.as_deref(), after, size).await?;
    let Page { items, next } = page;
    Ok(Json(PracticePage {
        practice: items.iter().map(view).collect::<Result<_, _>>()?,
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Deletes how an exercise went.
#[utoipa::path(delete, path = "/api/wellbeing/practice/{id}", operation_id = "delete_practice",
    tag = "skills", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<NoContent> {
    wellbeing.delete_practice(&ctx, id).await?;
    Ok(NoContent)
}

/// What somebody looks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuggestExercises)]
pub(super) struct SuggestRequest {
    /// The mood, such as `anxious`; the one that was last chosen within three days if left out.
    #[serde(default)]
    mood: Option<String>,
    /// What they struggle with, such as `panic`; what is not known is left out.
    #[serde(default, alias = "situations")]
    #[schema(max_items = 20)]
    concerns: Vec<String>,
    /// What speaks against an exercise, such as `heart`; what is not known is left out.
    #[serde(default)]
    #[schema(max_items = 20)]
    avoid: Vec<String>,
    /// How many, 1 to 20; what lies outside is brought inside. 5 if left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    limit: Option<u32>,
    /// The language, such as `de`.
    #[serde(default)]
    language: Option<String>,
}

/// An exercise that suits.
#[derive(Serialize, ToSchema)]
#[schema(as = SuggestedExercise)]
struct SuggestedView {
    /// The exercise.
    skill: SkillView,
    /// Why: `helped_before`, `suits_mood`, or the name of a concern.
    reason: String,
}

/// Exercises that suit, best first.
#[derive(Serialize, ToSchema)]
#[schema(as = SuggestedExercises)]
pub(super) struct SuggestionsView {
    /// The exercises.
    exercises: Vec<SuggestedView>,
}

fn caution(name: &str) -> Option<Caution> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Exercises that suit a mood and what somebody struggles with. What helped before comes first.
/// No model is asked.
#[utoipa::path(post, path = "/api/ai/suggest-exercises", operation_id = "suggest_exercises",
    tag = "skills", request_body = SuggestRequest,
    responses((status = 200, body = SuggestionsView)))]
pub(super) async fn suggest(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<SuggestRequest>,
) -> ApiResult<Json<SuggestionsView>> {
    let most = body.limit.unwrap_or(USUAL).clamp(1, MOST);
    let wish = Wish {
        mood: body.mood,
        concerns: body.concerns.iter().filter_map(|name| concern(name)).collect(),
        avoid: body.avoid.iter().filter_map(|name| caution(name)).collect(),
        most: usize::try_from(most).unwrap_or_default(),
        lang: Some(lang(body.language.as_deref())),
    };
    let view = |one: Suggested| SuggestedView {
        reason: match one.reason {
            Reason::HelpedBefore => "helped_before".to_owned(),
            Reason::SuitsMood => "suits_mood".to_owned(),
            Reason::Suits(concern) => name_of(&concern),
        },
        skill: SkillView::of(one.skill, one.lang),
    };
    let exercises = wellbeing.suggest(&ctx, &wish).await?.into_iter().map(view).collect();
    Ok(Json(SuggestionsView { exercises }))
}
