//! HTTP in and out: the routes, and what memory looks like to clients.

use crate::{
    error::{FACT_INVALID, FACTS_FULL, MEMORY_OFF, MemoryError},
    model::{Draft, Fact, FactId, Kind, Origin, Retrieval},
    service::{
        FACT_CREATED, FACT_DELETED, FACT_UPDATED, FACTS_DELETED, FACTS_LISTED, Kept,
        MEMORY_EXPORTED, MEMORY_READ, MEMORY_SWITCHED, Memory, Status,
    },
};
use audit::AUDIT_UNAVAILABLE;
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use consent::CONSENT_REQUIRED;
use crisis::{Attention, Whereabouts};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{
    ApiResult, Contract, Created, Fresh, IfMatch, Json, LoggedIn, NoContent, OpenApiRouter, Path,
    Query, UnderContract, UtoipaMethodRouterExt, WithEtag, limits, routes,
};
use kernel::{
    CursorError, Page, PageSize, Phi, Timestamp,
    common::{INVALID_CURSOR, NOT_FOUND},
};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Memory> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let status = own(&MEMORY_READ).errors(errors![]);
    let switch = own(&MEMORY_SWITCHED).errors(errors![CONSENT_REQUIRED]);
    let list = own(&FACTS_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let create = own(&FACT_CREATED)
        .errors(errors![CONSENT_REQUIRED, FACT_INVALID, FACTS_FULL, MEMORY_OFF])
        .idempotent();
    let update = own(&FACT_UPDATED)
        .errors(errors![CONSENT_REQUIRED, FACT_INVALID, NOT_FOUND])
        .if_match_required();
    let delete = own(&FACT_DELETED).errors(errors![NOT_FOUND]);
    let delete_all = own(&FACTS_DELETED).errors(errors![]);
    let export = own(&MEMORY_EXPORTED).errors(errors![]).step_up();
    OpenApiRouter::new()
        .routes(routes!(read_status).under(&status))
        .routes(routes!(write_status).under(&switch))
        .routes(routes!(list_facts).under(&list))
        .routes(routes!(create_fact).under(&create))
        .routes(routes!(update_fact).under(&update))
        .routes(routes!(delete_fact).under(&delete))
        .routes(routes!(delete_facts).under(&delete_all))
        .routes(routes!(export_memory).under(&export).layer(from_fn(limits::costly)))
}

/// Whether somebody wants to be remembered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemoryWish {
    /// Whether facts are kept and used.
    enabled: bool,
}

/// How things stand.
#[derive(Serialize, ToSchema)]
struct MemoryStatus {
    /// Whether facts are kept and used. They are not unless the person wishes it.
    enabled: bool,
    /// Since when it is so; null where nothing was ever wished.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// How many facts there are.
    facts: usize,
    /// How facts are found for a message: by the words they share with it, or by what they mean.
    retrieval: Retrieval,
}

impl From<Status> for MemoryStatus {
    fn from(status: Status) -> Self {
        let Status { enabled, changed_at, facts, retrieval } = status;
        Self { enabled, changed_at, facts, retrieval }
    }
}

/// Something to remember.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemoryFactWrite {
    /// The words.
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    text: Phi<String>,
    /// What they are about.
    #[serde(default)]
    kind: Kind,
}

impl From<MemoryFactWrite> for Draft {
    fn from(MemoryFactWrite { text, kind }: MemoryFactWrite) -> Self {
        Self { text, kind }
    }
}

/// Something that is remembered.
#[derive(Serialize, ToSchema)]
#[schema(as = MemoryFact)]
struct FactView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: FactId,
    /// The words.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    text: Phi<String>,
    /// What they are about.
    kind: Kind,
    /// Where they are from.
    origin: Origin,
    /// When it was first kept.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Counts changes, from 1; the number of its ETag.
    version: u64,
}

impl From<Fact> for FactView {
    fn from(fact: Fact) -> Self {
        let Fact { id, text, kind, origin, created_at, updated_at, version } = fact;
        Self { id, text, kind, origin, created_at, updated_at, version }
    }
}

fn shown<S: Serializer>(text: &Phi<String>, serializer: S) -> Result<S::Ok, S::Error> {
    // EXPOSE: the answer is for the person whose memory it is.
    serializer.serialize_str(text.expose())
}

/// A fact that was stored just now, and what was noticed in it.
#[derive(Serialize, ToSchema)]
#[schema(as = MemoryFactKept)]
struct KeptView {
    #[serde(flatten)]
    fact: FactView,
    /// What was noticed in the words, and whom to turn to; left out where nothing is to be said. The
    /// fact is stored in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

impl From<Kept> for KeptView {
    fn from(kept: Kept) -> Self {
        Self { fact: kept.fact.into(), safety: kept.safety }
    }
}

/// Which facts a list shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many facts, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// A page of facts, newest first.
#[derive(Serialize, ToSchema)]
struct MemoryFactPage {
    /// The facts.
    facts: Vec<FactView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// All facts, as a file.
#[derive(Serialize)]
struct MemoryFile {
    salus_memory: u8,
    facts: Vec<FactView>,
}

/// Whether the caller is remembered, of how much, and how it is found. Needs no consent.
#[utoipa::path(get, path = "/api/memory", operation_id = "read_memory", tag = "memory",
    responses((status = 200, body = MemoryStatus)))]
async fn read_status(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<MemoryStatus>> {
    Ok(Json(memory.status(&ctx).await?.into()))
}

/// Switches memory on or off. Off, nothing is kept and nothing is used; what was kept stays until
/// it is deleted.
#[utoipa::path(put, path = "/api/memory", operation_id = "switch_memory", tag = "memory",
    request_body = MemoryWish, responses((status = 200, body = MemoryStatus)))]
async fn write_status(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
    Json(wish): Json<MemoryWish>,
) -> ApiResult<Json<MemoryStatus>> {
    Ok(Json(memory.switch(&ctx, wish.enabled).await?.into()))
}

/// Facts of the caller, newest first.
#[utoipa::path(get, path = "/api/memory/facts", operation_id = "list_memory_facts",
    tag = "memory", params(ListQuery), responses((status = 200, body = MemoryFactPage)))]
async fn list_facts(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<MemoryFactPage>> {
    let after = query.cursor.as_ref().map(|text| text.parse()).transpose();
    let after = after.map_err(|_: CursorError| CursorError)?;
    let size = query.limit.map_or_else(PageSize::default, PageSize::clamped);
    let Page { items, next } = memory.list(&ctx, after, size).await?;
    Ok(Json(MemoryFactPage {
        facts: items.into_iter().map(FactView::from).collect(),
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Keeps a fact. Memory must be on.
#[utoipa::path(post, path = "/api/memory/facts", operation_id = "create_memory_fact",
    tag = "memory", params(Whereabouts), request_body = MemoryFactWrite,
    responses((status = 201, body = KeptView, headers(("ETag" = String)))))]
async fn create_fact(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(write): Json<MemoryFactWrite>,
) -> ApiResult<WithEtag<Created<KeptView>>> {
    let kept = memory.add(&ctx, &write.into(), &place).await?;
    Ok(WithEtag(kept.fact.version, Created(kept.into())))
}

/// Replaces what is in a fact, if it is still of the version in `If-Match`.
#[utoipa::path(put, path = "/api/memory/facts/{id}", operation_id = "update_memory_fact",
    tag = "memory", params(("id" = uuid::Uuid, Path,), Whereabouts),
    request_body = MemoryFactWrite,
    responses((status = 200, body = KeptView, headers(("ETag" = String)))))]
async fn update_fact(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
    url: (Path<FactId>, Query<Whereabouts>),
    IfMatch(known): IfMatch,
    Json(write): Json<MemoryFactWrite>,
) -> ApiResult<WithEtag<Json<KeptView>>> {
    let (Path(id), Query(place)) = url;
    let kept = memory.update(&ctx, id, (&known, &write.into()), &place).await?;
    Ok(WithEtag(kept.fact.version, Json(kept.into())))
}

/// Deletes a fact.
#[utoipa::path(delete, path = "/api/memory/facts/{id}", operation_id = "delete_memory_fact",
    tag = "memory", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
async fn delete_fact(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<FactId>,
) -> ApiResult<NoContent> {
    memory.delete(&ctx, id).await?;
    Ok(NoContent)
}

/// Deletes all facts of the caller.
#[utoipa::path(delete, path = "/api/memory/facts", operation_id = "delete_memory_facts",
    tag = "memory", responses((status = 204)))]
async fn delete_facts(
    State(memory): State<Memory>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<NoContent> {
    memory.delete_all(&ctx).await?;
    Ok(NoContent)
}

/// All facts of the caller as a file, newest first. Needs no consent, and a fresh proof that it is
/// them.
#[utoipa::path(get, path = "/api/memory/export", operation_id = "export_memory", tag = "memory",
    responses((status = 200, description = "The file.",
        content((serde_json::Value = "application/json")))))]
async fn export_memory(State(memory): State<Memory>, Fresh(ctx): Fresh) -> ApiResult<Response> {
    let facts = memory.export(&ctx).await?.into_iter().map(FactView::from).collect();
    let file = serde_json::to_vec(&MemoryFile { salus_memory: 1, facts });
    let file = file.map_err(|_| MemoryError::Damaged)?;
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"memory.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, file).into_response())
}
