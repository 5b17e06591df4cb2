//! Conversations.

use super::ConversationView;
use crate::{
    model::{ConversationId, MessageId},
    service::{Change, Companion, NewConversation},
};
use axum::extract::State;
use httpkit::{ApiResult, Created, Json, LoggedIn, NoContent, Path, Query};
use kernel::{Ctx, CursorError, Page, PageSize, Phi};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which conversations are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Those that were put away, instead of the others.
    #[serde(default)]
    archived: bool,
}

/// Which conversations are looked for. What somebody looks for does not belong into an address,
/// which browsers and proxies keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationSearch {
    /// With all these words in the title or in one message.
    #[schema(value_type = String, max_length = 200)]
    words: Phi<String>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Those that were put away, instead of the others.
    #[serde(default)]
    archived: bool,
}

/// A page of conversations, the last used first.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationPage {
    /// The conversations.
    conversations: Vec<ConversationView>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
}

/// A conversation to be begun.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationWrite {
    /// Its title; made of the first message if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Phi<String>>,
    /// The model to answer in it, `provider/name`.
    #[serde(default)]
    model: Option<String>,
    /// A message of another conversation: the new one begins with a copy of the branch up to it.
    #[serde(default, alias = "fromMessageId")]
    #[schema(value_type = Option<uuid::Uuid>)]
    from_message_id: Option<MessageId>,
}

/// What is to change about a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationChange {
    /// Another title.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Phi<String>>,
    /// Another model, `provider/name`.
    #[serde(default)]
    model: Option<String>,
    /// Whether it is put away.
    #[serde(default)]
    archived: Option<bool>,
    /// The last message of the branch that is to be shown.
    #[serde(default, alias = "leafId")]
    #[schema(value_type = Option<uuid::Uuid>)]
    leaf_id: Option<MessageId>,
    /// The tools that models may go on using in it without asking each time: some or none of those
    /// that were agreed to.
    #[serde(default, alias = "alwaysTools")]
    #[schema(max_items = 100)]
    always_tools: Option<Vec<String>>,
}

/// Conversations of the caller, the last used first.
#[utoipa::path(get, path = "/api/conversations", operation_id = "list_conversations", tag = "chat",
    params(ListQuery), responses((status = 200, body = ConversationPage)))]
pub(super) async fn list(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ConversationPage>> {
    page(&companion, &ctx, (query.archived, None), (query.cursor, query.limit)).await
}

/// Conversations with these words, the last used first. A page may be short, even empty, and still
/// have a next.
#[utoipa::path(post, path = "/api/conversations/search", operation_id = "search_conversations",
    tag = "chat", request_body = ConversationSearch,
    responses((status = 200, body = ConversationPage)))]
pub(super) async fn search(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ConversationSearch>,
) -> ApiResult<Json<ConversationPage>> {
    let ConversationSearch { words, cursor, limit, archived } = body;
    page(&companion, &ctx, (archived, Some(&words)), (cursor, limit)).await
}

async fn page(
    companion: &Companion,
    ctx: &Ctx,
    wanted: (bool, Option<&Phi<String>>),
    (cursor, limit): (Option<String>, Option<u32>),
) -> ApiResult<Json<ConversationPage>> {
    let after = cursor.as_ref().map(|text| text.parse()).transpose();
    let after = after.map_err(|_: CursorError| CursorError)?;
    let size = limit.map_or_else(PageSize::default, PageSize::clamped);
    let Page { items, next } = companion.list_conversations(ctx, wanted, after, size).await?;
    Ok(Json(ConversationPage {
        conversations: items.into_iter().map(ConversationView::from).collect(),
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Begins a conversation, empty or with a copy of a branch of another one.
#[utoipa::path(post, path = "/api/conversations", operation_id = "create_conversation",
    tag = "chat", request_body = ConversationWrite,
    responses((status = 201, body = ConversationView)))]
pub(super) async fn create(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ConversationWrite>,
) -> ApiResult<Created<ConversationView>> {
    let ConversationWrite { title, model, from_message_id: from } = body;
    let new = NewConversation { title, model, from };
    Ok(Created(companion.create_conversation(&ctx, new).await?.into()))
}

/// One conversation, without its messages.
#[utoipa::path(get, path = "/api/conversations/{id}", operation_id = "read_conversation",
    tag = "chat", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = ConversationView)))]
pub(super) async fn read(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<ConversationView>> {
    Ok(Json(companion.read_conversation(&ctx, id).await?.into()))
}

/// Names a conversation, puts it away, chooses its model or the branch that is shown.
#[utoipa::path(patch, path = "/api/conversations/{id}", operation_id = "update_conversation",
    tag = "chat", params(("id" = uuid::Uuid, Path,)), request_body = ConversationChange,
    responses((status = 200, body = ConversationView)))]
pub(super) async fn update(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<ConversationId>,
    Json(body): Json<ConversationChange>,
) -> ApiResult<Json<ConversationView>> {
    let ConversationChange { title, model, archived, leaf_id: leaf, always_tools: always } = body;
    let change = Change { title, model, archived, leaf, always };
    Ok(Json(companion.update_conversation(&ctx, id, change).await?.into()))
}

/// Deletes a conversation with everything in it. What it used stays counted.
#[utoipa::path(delete, path = "/api/conversations/{id}", operation_id = "delete_conversation",
    tag = "chat", params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<ConversationId>,
) -> ApiResult<NoContent> {
    companion.delete_conversation(&ctx, id).await?;
    Ok(NoContent)
}
