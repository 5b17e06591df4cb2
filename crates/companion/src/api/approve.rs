//! What a person says to a tool that waits for them.

use crate::{
    model::{Decided, Decision, MessageId},
    service::Companion,
};
use axum::extract::State;
use httpkit::{ApiResult, Json, LoggedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a tool may run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveRequest {
    /// The answer, as `meta` named it.
    #[serde(alias = "streamId", alias = "message_id", alias = "messageId")]
    #[schema(value_type = uuid::Uuid)]
    stream_id: MessageId,
    /// The number of the use, as `tool_call` named it.
    #[schema(minimum = 1)]
    number: u16,
    /// What the person says.
    decision: Decision,
}

/// Whether it was in time.
#[derive(Serialize, ToSchema)]
pub(super) struct Approved {
    /// The tool still waited for it.
    taken: bool,
}

/// Says whether a tool may run that waits for the person: not, this time, or in this conversation
/// from now on. It may be called again.
#[utoipa::path(post, path = "/api/chat/approve", operation_id = "approve_chat_tool", tag = "chat",
    request_body = ApproveRequest, responses((status = 200, body = Approved)))]
pub(super) async fn approve(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ApproveRequest>,
) -> ApiResult<Json<Approved>> {
    let ApproveRequest { stream_id, number, decision } = body;
    let taken = companion.decide(&ctx, stream_id, Decided { number, decision }).await?;
    Ok(Json(Approved { taken }))
}
