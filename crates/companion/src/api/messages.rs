//! Messages.

use super::MessageView;
use crate::{
    model::{ConversationId, MessageId},
    service::Companion,
};
use axum::extract::State;
use httpkit::{ApiResult, Created, Json, LoggedIn, NoContent, Path, Query};
use kernel::{Ctx, CursorError, Page, PageSize, Phi};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which messages are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// A page of messages, oldest first, over all branches: `parent_id` says how they hang together.
#[derive(Serialize, ToSchema)]
pub(super) struct MessagePage {
    /// The messages.
    messages: Vec<MessageView>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
}

/// A message written anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageWrite {
    /// The words, up to 32 KiB; they may be empty where pictures came with the message.
    #[schema(value_type = String, max_length = 32768)]
    content: Phi<String>,
}

async fn page(
    companion: &Companion,
    ctx: &Ctx,
    id: ConversationId,
    query: PageQuery,
) -> ApiResult<Json<MessagePage>> {
    let after = query.cursor.as_ref().map(|text| text.parse()).transpose();
    let after = after.map_err(|_: CursorError| CursorError)?;
    let size = query.limit.map_or_else(PageSize::default, PageSize::clamped);
    let Page { items, next } = companion.list_messages(ctx, id, after, size).await?;
    Ok(Json(MessagePage {
        messages: items.into_iter().map(MessageView::from).collect(),
        next_cursor: next.map(|cursor| cursor.to_string()),
    }))
}

/// Messages of a conversation with what they used, oldest first, over all branches.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", operation_id = "list_messages",
    tag = "chat", params(("id" = uuid::Uuid, Path,), PageQuery),
    responses((status = 200, body = MessagePage)))]
pub(super) async fn list(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<ConversationId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<MessagePage>> {
    page(&companion, &ctx, id, query).await
}

/// A past conversation: the same messages under the name that the companion app calls them by.
#[utoipa::path(get, path = "/api/ai/conversation/{id}", operation_id = "read_past_conversation",
    tag = "chat", params(("id" = uuid::Uuid, Path,), PageQuery),
    responses((status = 200, body = MessagePage)))]
pub(super) async fn of_conversation(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<ConversationId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<MessagePage>> {
    page(&companion, &ctx, id, query).await
}

/// Writes a message of the caller anew. The new one stands beside the old one as a branch of its
/// own; `POST /api/chat/stream` with `reply_to` answers it.
#[utoipa::path(patch, path = "/api/messages/{id}", operation_id = "edit_message", tag = "chat",
    params(("id" = uuid::Uuid, Path,)), request_body = MessageWrite,
    responses((status = 201, body = MessageView)))]
pub(super) async fn edit(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<MessageId>,
    Json(body): Json<MessageWrite>,
) -> ApiResult<Created<MessageView>> {
    let (_, message) = companion.edit_message(&ctx, id, body.content).await?;
    Ok(Created(message.into()))
}

/// Deletes a message and everything that followed it.
#[utoipa::path(delete, path = "/api/messages/{id}", operation_id = "delete_message", tag = "chat",
    params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
pub(super) async fn delete(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<MessageId>,
) -> ApiResult<NoContent> {
    companion.delete_message(&ctx, id).await?;
    Ok(NoContent)
}
