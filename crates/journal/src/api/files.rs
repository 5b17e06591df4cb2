//! The journal as a file.

use crate::{
    codec::Format,
    service::{ImportReport, Journal},
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use crisis::{Attention, Whereabouts};
use futures_util::TryStreamExt;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{ApiResult, Fresh, Json, LoggedIn, Query, limits::AllowSeconds};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a file is written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuery {
    /// `json`, `csv` or `markdown`.
    #[param(inline)]
    format: Format,
}

/// What was taken from a file.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalImport)]
pub(super) struct ImportView {
    /// Entries that are in the journal now and were not before.
    taken: usize,
    /// Entries that were there already.
    already_there: usize,
    /// Entries that differ from the one with their id: kept beside it, as copies.
    copied: usize,
    /// Entries that were not taken.
    rejected: Vec<RejectedView>,
    /// The most serious of what was noticed in the entries; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// How a file is read, and where the person is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportQuery {
    /// `json`, `csv` or `markdown`.
    #[param(inline)]
    format: Format,
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    country: Option<String>,
    /// The language, such as `de`.
    #[serde(default)]
    language: Option<String>,
}

/// An entry that was not taken.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalImportRejected)]
struct RejectedView {
    /// The how many-th of the file it is, from 1.
    number: usize,
    /// The rule that it breaks.
    reason: String,
}

impl From<ImportReport> for ImportView {
    fn from(report: ImportReport) -> Self {
        let ImportReport { taken, already_there, copied, rejected, safety } = report;
        let rejected = rejected
            .into_iter()
            .map(|one| RejectedView { number: one.number, reason: one.reason.to_string() })
            .collect();
        Self { taken, already_there, copied, rejected, safety }
    }
}

/// The caller's whole journal as a file, oldest entry first. Needs no consent, and a fresh proof
/// that it is them.
#[utoipa::path(get, path = "/api/journal/export", operation_id = "export_journal", tag = "journal",
    params(FileQuery),
    responses((status = 200, description = "The file.", content(
        (serde_json::Value = "application/json"), (String = "text/csv"), (String = "text/markdown")))))]
pub(super) async fn export(
    State(journal): State<Journal>,
    Fresh(ctx): Fresh,
    Query(FileQuery { format }): Query<FileQuery>,
) -> ApiResult<Response> {
    let file = journal.export(&ctx, format).await?.inspect_err(|error| {
        // The answer has begun: it breaks off, and the client sees that it did.
        tracing::error!(%error, "an export broke off");
    });
    let name = format!("attachment; filename=\"journal.{}\"", format.extension());
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
}

/// Takes entries from a file, up to 20,000 entries and 32 MiB. The same file twice changes nothing
/// the second time; an entry that is there already and differs is kept beside it, as a copy.
#[utoipa::path(post, path = "/api/journal/import", operation_id = "import_journal",
    tag = "journal", params(ImportQuery),
    request_body(description = "The file.", content(
        (serde_json::Value = "application/json"), (String = "text/csv"), (String = "text/markdown"))),
    responses((status = 200, body = ImportView)))]
pub(super) async fn import(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(ImportQuery { format, country, language }): Query<ImportQuery>,
    _: AllowSeconds<300>,
    file: Bytes,
) -> ApiResult<Json<ImportView>> {
    let report = journal.import(&ctx, format, &file, &Whereabouts { country, language }).await?;
    Ok(Json(report.into()))
}
