//! Entries one by one, and lists of them.

use super::{EntryView, EntryWrite, KeptView};
use crate::{
    error::JournalError,
    model::{Draft, EntryId, Filter, Mood, Search},
    service::Journal,
};
use axum::extract::State;
use crisis::Whereabouts;
use httpkit::{
    ApiResult, Created, IfMatch, Json, LoggedIn, MaybeIfMatch, NoContent, Path, Query, WithEtag,
};
use kernel::{Ctx, CursorError, Page, PageSize, Phi, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entries a list shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many entries, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Not before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Favourites, or the others.
    #[serde(alias = "favorite")]
    favourite: Option<bool>,
}

/// Which entries are looked for. Words, moods and tags tell of somebody's health and do not belong
/// into an address, which browsers and proxies keep.
#[derive(Deserialize, ToSchema)]
#[schema(as = JournalSearch)]
#[serde(deny_unknown_fields)]
pub(super) struct EntrySearch {
    /// With all these words in title, text or tags.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    words: Option<Phi<String>>,
    /// With this mood.
    #[serde(default)]
    mood: Option<Mood>,
    /// With this tag.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    tag: Option<Phi<String>>,
    /// Favourites, or the others.
    #[serde(default, alias = "favorite")]
    favourite: Option<bool>,
    /// Not before this moment.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// A page of entries, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntryPage)]
pub(super) struct EntryPage {
    /// The entries.
    entries: Vec<EntryView>,
    /// Where the next page begins; null at the end. Where a filter looks into entries, a request
    /// opens 2,000 of them at most, so a page may be short and still have a next.
    next_cursor: Option<String>,
}

impl EntrySearch {
    fn filter(self) -> Result<Filter, JournalError> {
        let Self { from, to, mood, tag, favourite, .. } = self;
        let search = self.words.as_ref().map(Search::new).transpose()?.flatten();
        Ok(Filter { from, to, mood, tag, favourite, search })
    }
}

/// Entries of the caller, newest first.
#[utoipa::path(get, path = "/api/journal/entries", operation_id = "list_journal_entries",
    tag = "journal", params(ListQuery), responses((status = 200, body = EntryPage)))]
pub(super) async fn list(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<EntryPage>> {
    let ListQuery { cursor, limit, from, to, favourite } = query;
    let filter = Filter { from, to, favourite, ..Filter::default() };
    page(&journal, &ctx, &filter, (cursor, limit)).await
}

/// Entries of the caller with all that is looked for, newest first. A page may be short, even
/// empty, and still have a next.
#[utoipa::path(post, path = "/api/journal/entries/search", operation_id = "search_journal_entries",
    tag = "journal", request_body = EntrySearch, responses((status = 200, body = EntryPage)))]
pub(super) async fn search(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Json(mut search): Json<EntrySearch>,
) -> ApiResult<Json<EntryPage>> {
    let part = (search.cursor.take(), search.limit);
    page(&journal, &ctx, &search.filter()?, part).await
}

async fn page(
    journal: &Journal,
    ctx: &Ctx,
    filter: &Filter,
    (cursor, limit): (Option<String>, Option<u32>),
) -> ApiResult<Json<EntryPage>> {
    let after = cursor.as_ref().map(|text| text.parse()).transpose();
    let after = after.map_err(|_: CursorError| CursorError)?;
    let size = limit.map_or_else(PageSize::default, PageSize::clamped);
    let Page { items, next } = journal.list_entries(ctx, filter, after, size).await?;
    Ok(Json(EntryPage {
        entries: items.into_iter().map(EntryView::from).collect(),
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Writes a new entry. With an id that the client chose it may be sent again: the same entry gives
/// the same answer, another one under that id is a conflict.
#[utoipa::path(post, path = "/api/journal/entries", operation_id = "create_journal_entry",
    tag = "journal", params(Whereabouts), request_body = EntryWrite,
    responses((status = 201, body = KeptView, headers(("ETag" = String)))))]
pub(super) async fn create(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(request): Json<EntryWrite>,
) -> ApiResult<WithEtag<Created<KeptView>>> {
    let kept = journal.create_entry(&ctx, Draft { place, ..request.into() }).await?;
    Ok(WithEtag(kept.entry.version, Created(kept.into())))
}

/// One entry.
#[utoipa::path(get, path = "/api/journal/entries/{id}", operation_id = "read_journal_entry",
    tag = "journal", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = EntryView, headers(("ETag" = String)))))]
pub(super) async fn read(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<EntryId>,
) -> ApiResult<WithEtag<Json<EntryView>>> {
    let entry = journal.read_entry(&ctx, id).await?;
    Ok(WithEtag(entry.version, Json(entry.into())))
}

/// Replaces what is in an entry, if it is still of the version in `If-Match`.
#[utoipa::path(put, path = "/api/journal/entries/{id}", operation_id = "update_journal_entry",
    tag = "journal", params(("id" = uuid::Uuid, Path,), Whereabouts), request_body = EntryWrite,
    responses((status = 200, body = KeptView, headers(("ETag" = String)))))]
pub(super) async fn update(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    url: (Path<EntryId>, Query<Whereabouts>),
    IfMatch(known): IfMatch,
    Json(request): Json<EntryWrite>,
) -> ApiResult<WithEtag<Json<KeptView>>> {
    let (Path(id), Query(place)) = url;
    let draft = Draft { place, ..request.into() };
    let kept = journal.update_entry(&ctx, id, &known, draft).await?;
    Ok(WithEtag(kept.entry.version, Json(kept.into())))
}

/// Deletes an entry; with `If-Match` only if it is still of that version.
#[utoipa::path(delete, path = "/api/journal/entries/{id}", operation_id = "delete_journal_entry",
    tag = "journal", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<EntryId>,
    MaybeIfMatch(known): MaybeIfMatch,
) -> ApiResult<NoContent> {
    journal.delete_entry(&ctx, id, known.as_ref()).await?;
    Ok(NoContent)
}
