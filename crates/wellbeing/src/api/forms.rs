//! Diary cards, chain analyses and safety plans of a person.

use super::ListQuery;
use crate::{
    error::WellbeingError,
    model::{Body, Filled, Record, RecordId},
    service::{Added, NewRecord, Wellbeing},
};
use axum::extract::State;
use care::forms::Value;
use crisis::{Attention, Whereabouts};
use httpkit::{ApiResult, Created, IfMatch, Json, LoggedIn, NoContent, Path, Query, WithEtag};
use kernel::{Page, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What somebody filled in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilledFormWrite)]
pub(super) struct FormWrite {
    /// For a new one: an id that the client chose, so that it can send it again.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<RecordId>,
    /// Which form: `safety-plan`, `diary-card` or `chain-analysis`.
    kind: String,
    /// What was filled in, by section: `{"note": {"text": "…"}, "urges": {"marks": {"suicide": 0}}}`.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    entry: BTreeMap<String, Value>,
    /// The moment it is about; now (or, in a change, as it was) if left out.
    #[serde(default, alias = "occurredAt")]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// A form that was filled in.
#[derive(Serialize, ToSchema)]
#[schema(as = FilledForm)]
pub(super) struct FilledView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: RecordId,
    /// Which form.
    kind: String,
    /// The version of its sections.
    form_version: u32,
    /// What was filled in, by section.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    entry: BTreeMap<String, Value>,
    /// The moment it is about.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// When it was first stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Counts changes, from 1; the number of its ETag.
    version: u64,
}

/// A form that was stored just now, and what was noticed in it.
#[derive(Serialize, ToSchema)]
#[schema(as = FilledFormKept)]
pub(super) struct FilledKept {
    #[serde(flatten)]
    form: FilledView,
    /// What was noticed, and whom to turn to; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// A page of forms, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = FilledFormPage)]
pub(super) struct FilledPage {
    /// The forms.
    forms: Vec<FilledView>,
    /// Where the next page begins; null at the end. With a name a page may be short and still
    /// have a next.
    next_cursor: Option<String>,
}

/// What a form said before.
#[derive(Serialize, ToSchema)]
#[schema(as = FilledFormVersion)]
struct VersionView {
    /// Which version.
    version: u64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    written_at: Timestamp,
    /// What was filled in, by section.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    entry: BTreeMap<String, Value>,
}

/// What a form said before, newest first: the last 50 versions.
#[derive(Serialize, ToSchema)]
#[schema(as = FilledFormHistory)]
pub(super) struct HistoryView {
    /// The versions, without the present one.
    versions: Vec<VersionView>,
}

fn filled(body: &Body) -> Result<Filled, WellbeingError> {
    match body {
        Body::Form(filled) => Ok(filled.clone()),
        Body::Result(_) | Body::Practice(_) => Err(WellbeingError::Damaged),
    }
}

pub(super) fn view(record: &Record) -> Result<FilledView, WellbeingError> {
    // EXPOSE: the answer is for the person who filled it in.
    let Filled { form, version, entry } = filled(record.body.expose())?;
    Ok(FilledView {
        id: record.id,
        kind: form,
        form_version: version,
        entry,
        occurred_at: record.occurred_at,
        created_at: record.created_at,
        updated_at: record.updated_at,
        version: record.version,
    })
}

/// Keeps a form that was filled in.
#[utoipa::path(post, path = "/api/wellbeing/forms", operation_id = "add_form", tag = "forms",
    params(Whereabouts), request_body = FormWrite,
    responses((status = 201, body = FilledKept, headers(("ETag" = String)))))]
pub(super) async fn add(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(body): Json<FormWrite>,
) -> ApiResult<WithEtag<Created<FilledKept>>> {
    let FormWrite { id, kind, entry, occurred_at } = body;
    let new = NewRecord { id, occurred_at, place };
    let Added { record, safety } = wellbeing.add_form(&ctx, new, &kind, entry).await?;
    Ok(WithEtag(record.version, Created(FilledKept { form: view(&record)?, safety })))
}

/// Forms of the caller, newest first; with `name` those of one kind.
#[utoipa::path(get, path = "/api/wellbeing/forms", operation_id = "list_filled_forms",
    tag = "forms", params(ListQuery), responses((status = 200, body = FilledPage)))]
pub(super) async fn list(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<FilledPage>> {
    let (after, size) = query.part()?;
    let page = wellbeing.forms(&ctx, query.name.as_deref(), after, size).await?;
    let Page { items, next } = page;
    Ok(Json(FilledPage {
        forms: items.iter().map(view).collect::<Result<_, _>>()?,
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// A form that was filled in.
#[utoipa::path(get, path = "/api/wellbeing/forms/{id}", operation_id = "read_filled_form",
    tag = "forms", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = FilledView, headers(("ETag" = String)))))]
pub(super) async fn read(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<WithEtag<Json<FilledView>>> {
    let record = wellbeing.form(&ctx, id).await?;
    Ok(WithEtag(record.version, Json(view(&record)?)))
}

/// What a form said before it was changed.
#[utoipa::path(get, path = "/api/wellbeing/forms/{id}/history", operation_id = "form_history",
    tag = "forms", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = HistoryView)))]
pub(super) async fn history(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<Json<HistoryView>> {
    let mut versions = Vec::new();
    for (version, written_at, body) in wellbeing.form_history(&ctx, id).await? {
        // EXPOSE: the answer is for the person who filled it in.
        let Filled { entry, .. } = filled(body.expose())?;
        versions.push(VersionView { version, written_at, entry });
    }
    Ok(Json(HistoryView { versions }))
}

/// Replaces what a form says, if it is still of the version in `If-Match`.
#[utoipa::path(put, path = "/api/wellbeing/forms/{id}", operation_id = "update_form",
    tag = "forms", params(("id" = uuid::Uuid, Path,), Whereabouts), request_body = FormWrite,
    responses((status = 200, body = FilledKept, headers(("ETag" = String)))))]
pub(super) async fn update(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    url: (Path<RecordId>, Query<Whereabouts>),
    IfMatch(known): IfMatch,
    Json(body): Json<FormWrite>,
) -> ApiResult<WithEtag<Json<FilledKept>>> {
    let (Path(id), Query(place)) = url;
    let new = NewRecord { id: None, occurred_at: body.occurred_at, place };
    let change = (new, (body.kind, body.entry));
    let Added { record, safety } = wellbeing.update_form(&ctx, id, &known, change).await?;
    Ok(WithEtag(record.version, Json(FilledKept { form: view(&record)?, safety })))
}

/// Deletes a form, with what it said before.
#[utoipa::path(delete, path = "/api/wellbeing/forms/{id}", operation_id = "delete_form",
    tag = "forms", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(wellbeing): State<Wellbeing>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<RecordId>,
) -> ApiResult<NoContent> {
    wellbeing.delete_form(&ctx, id).await?;
    Ok(NoContent)
}
