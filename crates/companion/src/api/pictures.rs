//! Pictures of messages.

use crate::{model::PictureId, service::Companion};
use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use httpkit::{ApiResult, LoggedIn, Path};

/// A picture of a message of the caller, as it was sent. The message says what it is.
#[utoipa::path(get, path = "/api/pictures/{id}", operation_id = "read_picture", tag = "chat",
    params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, description = "The file.", content_type = "application/octet-stream",
        body = [u8])))]
pub(super) async fn read(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<PictureId>,
) -> ApiResult<Response> {
    let bytes = companion.read_picture(&ctx, id).await?;
    // Of no type that a browser opens by itself: the page that asks knows what it is.
    let headers = [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "no-store")];
    // EXPOSE: the answer is for the person whose picture it is.
    Ok((headers, Bytes::copy_from_slice(bytes.expose())).into_response())
}
