//! Talking: an answer as a stream, and as a whole.

use super::MessageView;
use crate::{
    model::{ConversationId, MessageId, picture},
    service::{Asking, Companion, Help, Opened},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use httpkit::{ApiResult, Json, LoggedIn, Path, limits::AllowSeconds, sse::EventAnswer};
use kernel::{Ctx, Phi};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message to be answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatRequest {
    /// The conversation; a new one is begun if left out.
    #[serde(default, alias = "conversationId")]
    #[schema(value_type = Option<uuid::Uuid>)]
    conversation_id: Option<ConversationId>,
    /// The message that it follows; the end of the branch that is shown if left out.
    #[serde(default, alias = "parentId")]
    #[schema(value_type = Option<uuid::Uuid>)]
    parent_id: Option<MessageId>,
    /// The words, up to 32 KiB. They may be left out where pictures come alone.
    #[serde(default, alias = "message")]
    #[schema(value_type = Option<String>, max_length = 32768)]
    content: Option<Phi<String>>,
    /// Pictures that come with the words: up to 4, and 6 MiB together. They stay in the house: only a
    /// model of this installation that sees is told them.
    #[serde(default)]
    #[schema(max_items = 4)]
    pictures: Vec<PictureWrite>,
    /// Instead of new words: a message of the caller that is to be answered, again or for the
    /// first time.
    #[serde(default, alias = "replyTo")]
    #[schema(value_type = Option<uuid::Uuid>)]
    reply_to: Option<MessageId>,
    /// The model to answer, `provider/name`.
    #[serde(default)]
    model: Option<String>,
    /// The language to answer in, such as `de` or `hi-Latn`.
    #[serde(default)]
    #[schema(max_length = 35)]
    language: Option<String>,
    /// The country the caller is in, such as `AT`: whom to turn to depends on it.
    #[serde(default)]
    #[schema(max_length = 2)]
    country: Option<String>,
    /// Whether the model may ask for tools, such as a look into the caller's journal. What leaves the
    /// house or keeps something waits for the caller: see `POST /api/chat/approve`.
    #[serde(default)]
    tools: bool,
}

/// A picture that is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureWrite {
    /// `image/jpeg`, `image/png`, `image/webp` or `image/gif`.
    #[serde(alias = "mediaType")]
    media_type: String,
    /// The file in Base64.
    #[schema(value_type = String, content_encoding = "base64")]
    data: Phi<String>,
}

impl From<ChatRequest> for Asking {
    fn from(request: ChatRequest) -> Self {
        // EXPOSE: taken apart into pictures, which are as sensitive.
        let images = request.pictures.iter();
        let images = images.map(|sent| picture(&sent.media_type, sent.data.expose()));
        Self {
            images: images.collect(),
            conversation: request.conversation_id,
            parent: request.parent_id,
            content: request.content,
            reply_to: request.reply_to,
            model: request.model,
            language: request.language,
            place: request.country,
            tools: request.tools,
        }
    }
}

/// An answer to be stopped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelRequest {
    /// The answer, as `meta` named it.
    #[serde(alias = "streamId", alias = "message_id", alias = "messageId")]
    #[schema(value_type = uuid::Uuid)]
    stream_id: MessageId,
}

/// Whether an answer was stopped.
#[derive(Serialize, ToSchema)]
pub(super) struct Cancelled {
    /// It was being written, and is not any more; false if it had ended before.
    stopped: bool,
}

/// An answer as a whole.
#[derive(Serialize, ToSchema)]
pub(super) struct Talk {
    /// The conversation; null where it could not be stored.
    #[schema(value_type = Option<uuid::Uuid>)]
    conversation_id: Option<ConversationId>,
    /// The answer; null where it could not be stored.
    message: Option<MessageView>,
    /// Whom to turn to, where the message says that it is needed: whatever else failed.
    safety: Option<Help>,
}

/// Sends a message and streams the answer.
///
/// `meta` comes first, with the ids, the model and what is left of the allowance; then, where a
/// conversation begins and at least every three hours while it goes on, `notice` with the words
/// that an AI answers; then numbered `delta`, `reasoning`, `tool_call`, `tool_result`, `safety` and `usage`
/// events; then exactly one `done`, `error` or `cancelled`. A `tool_call` whose state is `waiting`
/// waits for what the caller says to it by `POST /api/chat/approve`. The answer goes on when the reader leaves:
/// `GET /api/chat/stream/{id}` with `Last-Event-ID` reads on. Whoever is in danger gets `safety`
/// whatever else fails.
#[utoipa::path(post, path = "/api/chat/stream", operation_id = "chat_stream", tag = "chat",
    request_body = ChatRequest,
    responses((status = 200, description = "The events.", content_type = "text/event-stream",
        body = String)))]
pub(super) async fn stream(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ChatRequest>,
) -> ApiResult<Response> {
    let Opened { live, .. } = companion.ask(&ctx, body.into()).await?;
    while_logged_in(&companion, &ctx, live.follow(0))
}

/// Reads an answer on, after a reload or in a second window.
///
/// Events after `Last-Event-ID`, as they come. Where those are not kept any more, or the answer is
/// written elsewhere or has ended, `meta`, `notice` and `safety` say again what they said, and
/// `snapshot` has the whole text so far; `usage` and the end follow as they came.
#[utoipa::path(get, path = "/api/chat/stream/{id}", operation_id = "follow_chat_stream",
    tag = "chat", params(("id" = uuid::Uuid, Path,),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was read.")),
    responses((status = 200, description = "The events.", content_type = "text/event-stream",
        body = String)))]
pub(super) async fn follow(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<MessageId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = last.and_then(|text| text.parse().ok()).unwrap_or(0);
    let events = companion.follow(&ctx, id, after).await?;
    while_logged_in(&companion, &ctx, events)
}

/// These events for as long as the log-in lasts that asked for them. The answer goes on.
fn while_logged_in(
    companion: &Companion,
    ctx: &Ctx,
    events: impl Stream<Item = Bytes> + Send + 'static,
) -> ApiResult<Response> {
    let mut login = companion.watch(ctx)?;
    let events = events.take_until(async move { login.ended().await });
    Ok(EventAnswer(events).into_response())
}

/// Stops an answer. What was written by then is kept. It may be called again.
#[utoipa::path(post, path = "/api/chat/cancel", operation_id = "cancel_chat", tag = "chat",
    request_body = CancelRequest, responses((status = 200, body = Cancelled)))]
pub(super) async fn cancel(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<CancelRequest>,
) -> ApiResult<Json<Cancelled>> {
    let stopped = companion.stop(&ctx, body.stream_id).await?;
    Ok(Json(Cancelled { stopped }))
}

/// Sends a message and waits for the whole answer.
#[utoipa::path(post, path = "/api/ai/chat", operation_id = "ai_chat", tag = "chat",
    request_body = ChatRequest, responses((status = 200, body = Talk)))]
pub(super) async fn talk(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    _: AllowSeconds<900>,
    Json(body): Json<ChatRequest>,
) -> ApiResult<Json<Talk>> {
    whole_answer(&companion, &ctx, body).await
}

/// Sends a message and waits for the whole answer: the same under the name that the documents app
/// calls it by.
#[utoipa::path(post, path = "/api/chat/message", operation_id = "chat_message", tag = "chat",
    request_body = ChatRequest, responses((status = 200, body = Talk)))]
pub(super) async fn message(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    _: AllowSeconds<900>,
    Json(body): Json<ChatRequest>,
) -> ApiResult<Json<Talk>> {
    whole_answer(&companion, &ctx, body).await
}

async fn whole_answer(
    companion: &Companion,
    ctx: &Ctx,
    body: ChatRequest,
) -> ApiResult<Json<Talk>> {
    let opened = companion.ask(ctx, body.into()).await?;
    let message = companion.answer_when_ended(ctx, &opened).await?;
    let Opened { conversation, help, .. } = opened;
    let message = message.map(MessageView::from);
    Ok(Json(Talk { conversation_id: conversation, message, safety: help }))
}
