//! Check-ins.

use crate::{
    error::JournalError,
    model::{CheckIn, CheckInDraft, CheckInId, Kept, Mood, Rating, Scale, Tags},
    service::Journal,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use crisis::{Attention, Whereabouts};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{ApiResult, Created, Fresh, Json, LoggedIn, NoContent, Path, Query};
use kernel::{CursorError, Page, PageSize, Phi, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something that was felt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckInRatingWrite)]
struct RatingWrite {
    /// What it was.
    #[schema(value_type = String, max_length = 40)]
    name: Phi<String>,
    /// How strongly, from 0 to 10.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10)]
    strength: Option<i64>,
}

/// How somebody feels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckInWrite)]
pub(super) struct CheckInWrite {
    /// An id that the client chose, so that it can send it again.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<CheckInId>,
    /// When it was; now if left out.
    #[serde(default, alias = "occurredAt")]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    /// A mood with a name; this or `scale` must be there.
    #[serde(default)]
    #[schema(value_type = Option<Mood>)]
    mood: Option<Phi<String>>,
    /// How the person feels, from -5 to 5.
    #[serde(default)]
    #[schema(minimum = -5, maximum = 5)]
    scale: Option<i64>,
    /// What is felt.
    #[serde(default)]
    #[schema(max_items = 20)]
    emotions: Vec<RatingWrite>,
    /// What the person feels driven to. `suicide` and `self-harm` are known by name: rated high
    /// they open crisis care.
    #[serde(default)]
    #[schema(max_items = 20)]
    urges: Vec<RatingWrite>,
    /// What the day had, such as `sleep` or `friends`; doubles are dropped.
    #[serde(default)]
    #[schema(max_items = 20)]
    factors: Vec<String>,
    /// A line about it.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    note: Phi<String>,
}

impl CheckInWrite {
    fn draft(self, place: Whereabouts) -> CheckInDraft {
        let given = |ratings: Vec<RatingWrite>| {
            ratings.into_iter().map(|rating| (rating.name, rating.strength)).collect()
        };
        let Self { id, occurred_at, mood, scale, emotions, urges, factors, note } = self;
        let (emotions, urges) = (given(emotions), given(urges));
        CheckInDraft { id, occurred_at, mood, scale, emotions, urges, factors, note, place }
    }
}

/// Something that was felt.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInRating)]
struct RatingView {
    /// What it was.
    name: String,
    /// How strongly, from 0 to 10, if it was rated.
    strength: Option<u8>,
}

/// How somebody felt.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckIn)]
pub(super) struct CheckInView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: CheckInId,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// The mood.
    mood: Option<Mood>,
    /// How the person felt, from -5 to 5.
    #[schema(value_type = Option<i8>)]
    scale: Option<Scale>,
    /// What was felt.
    emotions: Vec<RatingView>,
    /// What the person felt driven to.
    urges: Vec<RatingView>,
    /// What the day had.
    #[schema(value_type = Vec<String>)]
    factors: Tags,
    /// A line about it.
    note: String,
}

/// A check-in that was stored just now, and what was noticed in it.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInKept)]
pub(super) struct CheckInKept {
    #[serde(flatten)]
    check_in: CheckInView,
    /// What was noticed, and whom to turn to; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// A page of check-ins, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInPage)]
pub(super) struct CheckInPage {
    /// The check-ins.
    check_ins: Vec<CheckInView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

impl From<CheckIn> for CheckInView {
    fn from(check_in: CheckIn) -> Self {
        // EXPOSE: the answer is for the person who checked in.
        let rated = check_in.rated.expose().clone();
        let shown = |ratings: Vec<Rating>| {
            let view = |Rating { name, strength }| RatingView { name, strength };
            ratings.into_iter().map(view).collect()
        };
        Self {
            id: check_in.id,
            occurred_at: check_in.occurred_at,
            mood: rated.mood,
            scale: rated.scale,
            emotions: shown(rated.emotions),
            urges: shown(rated.urges),
            factors: rated.factors,
            note: rated.note,
        }
    }
}

/// Which check-ins a list shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckInQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many check-ins, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Not before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// Says how one feels, in ten seconds. It counts in the mood statistics. With an id that the
/// client chose it may be sent again.
#[utoipa::path(post, path = "/api/journal/check-ins", operation_id = "check_in", tag = "journal",
    params(Whereabouts), request_body = CheckInWrite,
    responses((status = 201, body = CheckInKept)))]
pub(super) async fn create(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(request): Json<CheckInWrite>,
) -> ApiResult<Created<CheckInKept>> {
    let Kept { entry, safety } = journal.check_in(&ctx, request.draft(place)).await?;
    Ok(Created(CheckInKept { check_in: entry.into(), safety }))
}

/// Check-ins of the caller, newest first.
#[utoipa::path(get, path = "/api/journal/check-ins", operation_id = "list_check_ins",
    tag = "journal", params(CheckInQuery), responses((status = 200, body = CheckInPage)))]
pub(super) async fn list(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<CheckInQuery>,
) -> ApiResult<Json<CheckInPage>> {
    let after = query.cursor.as_ref().map(|text| text.parse()).transpose();
    let after = after.map_err(|_: CursorError| CursorError)?;
    let size = query.limit.map_or_else(PageSize::default, PageSize::clamped);
    let range = (query.from, query.to);
    let Page { items, next } = journal.list_check_ins(&ctx, range, after, size).await?;
    Ok(Json(CheckInPage {
        check_ins: items.into_iter().map(CheckInView::from).collect(),
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Deletes a check-in.
#[utoipa::path(delete, path = "/api/journal/check-ins/{id}", operation_id = "delete_check_in",
    tag = "journal", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<CheckInId>,
) -> ApiResult<NoContent> {
    journal.delete_check_in(&ctx, id).await?;
    Ok(NoContent)
}

/// All check-ins of the caller as a file, oldest first. Needs no consent, and a fresh proof that it
/// is them.
#[utoipa::path(get, path = "/api/journal/check-ins/export", operation_id = "export_check_ins",
    tag = "journal", responses((status = 200, description = "The file.",
        content((serde_json::Value = "application/json")))))]
pub(super) async fn export(
    State(journal): State<Journal>,
    Fresh(ctx): Fresh,
) -> ApiResult<Response> {
    let some = journal.export_check_ins(&ctx).await?;
    let lines = some.map_ok(|some| {
        let line = |one| serde_json::to_string(&CheckInView::from(one)).unwrap_or_default();
        some.into_iter().map(line).collect::<Vec<_>>().join(",\n")
    });
    let mut first = true;
    let lines = lines.map_ok(move |lines| match (lines.is_empty(), first) {
        (true, _) => Bytes::new(),
        (false, true) => {
            first = false;
            Bytes::from(lines)
        }
        (false, false) => Bytes::from(format!(",\n{lines}")),
    });
    let start = stream::iter([Ok(Bytes::from_static(b"{\"salus_check_ins\":1,\"check_ins\":[\n"))]);
    let end = stream::iter([Ok(Bytes::from_static(b"\n]}\n"))]);
    let file = start.chain(lines).chain(end).inspect_err(|error: &JournalError| {
        // The answer has begun: it breaks off, and the client sees that it did.
        tracing::error!(%error, "an export broke off");
    });
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"check-ins.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
}
