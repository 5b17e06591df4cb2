//! Conversations as files.

use super::errors;
use crate::{
    error::FILE_NOT_CONVERSATIONS,
    service::{CONVERSATIONS_EXPORTED, CONVERSATIONS_IMPORTED, Companion, ImportReport},
};
use audit::AUDIT_UNAVAILABLE;
use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use consent::CONSENT_REQUIRED;
use futures_util::TryStreamExt;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{
    ApiResult, Contract, Fresh, Json, LoggedIn, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt,
    limits::{self, AllowSeconds},
    routes,
};
use serde::Serialize;
use utoipa::ToSchema;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

const FILE_BYTES: usize = 32 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<Companion> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let write = own(&CONVERSATIONS_EXPORTED).errors(errors![]).step_up();
    let take =
        own(&CONVERSATIONS_IMPORTED).errors(errors![CONSENT_REQUIRED, FILE_NOT_CONVERSATIONS]);
    OpenApiRouter::new()
        .routes(routes!(export).under(&write).layer(from_fn(limits::costly)))
        .routes(
            routes!(import)
                .under(&take)
                .layer(DefaultBodyLimit::max(FILE_BYTES))
                .layer(from_fn(limits::costly)),
        )
}

/// What was taken from a file.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationImport)]
struct ImportView {
    /// Conversations that are here now and were not before.
    taken: usize,
    /// Conversations that were here already.
    already_there: usize,
    /// Conversations that were not taken.
    rejected: Vec<RejectedView>,
}

/// A conversation that was not taken.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationImportRejected)]
struct RejectedView {
    /// The how many-th of the file it is, from 1.
    number: usize,
    /// Why.
    reason: String,
}

impl From<ImportReport> for ImportView {
    fn from(report: ImportReport) -> Self {
        let ImportReport { taken, already_there, rejected } = report;
        let rejected = rejected.into_iter();
        let rejected =
            rejected.map(|(number, reason)| RejectedView { number, reason: reason.to_string() });
        Self { taken, already_there, rejected: rejected.collect() }
    }
}

/// All conversations of the caller as a file, with all branches. Needs no consent, and a fresh proof
/// that it is them.
#[utoipa::path(get, path = "/api/conversations/export", operation_id = "export_conversations",
    tag = "chat", responses((status = 200, body = serde_json::Value, description = "The file.")))]
async fn export(State(companion): State<Companion>, Fresh(ctx): Fresh) -> ApiResult<Response> {
    let file = companion.export(&ctx).await?.inspect_err(|error| {
        // The answer has begun: it breaks off, and the client sees that it did.
        tracing::error!(%error, "an export broke off");
    });
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"conversations.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
}

/// Takes conversations from a file of ours, or from the `conversations.json` of a ChatGPT export,
/// up to 32 MiB. The same file twice changes nothing the second time.
#[utoipa::path(post, path = "/api/conversations/import", operation_id = "import_conversations",
    tag = "chat",
    request_body(description = "The file.", content((serde_json::Value = "application/json"))),
    responses((status = 200, body = ImportView)))]
async fn import(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    _: AllowSeconds<300>,
    file: Bytes,
) -> ApiResult<Json<ImportView>> {
    Ok(Json(companion.import(&ctx, &file).await?.into()))
}
