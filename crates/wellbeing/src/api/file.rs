//! Everything that was filled in, as a file.

use super::{forms, practice, results};
use crate::{
    error::WellbeingError,
    model::{Record, Shelf},
    service::Wellbeing,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use consent::Access;
use futures_util::{TryStreamExt, stream};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{ApiResult, Fresh};
use kernel::Cursor;

/// How far a file has come.
struct Progress {
    wellbeing: Wellbeing,
    access: Access,
    shelves: std::slice::Iter<'static, Shelf>,
    at: Option<(Shelf, Cursor)>,
    first: bool,
}

const fn heading(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Results => "{\"salus_wellbeing\":1,\"results\":[\n",
        Shelf::Forms => "\n],\"forms\":[\n",
        Shelf::Practice => "\n],\"practice\":[\n",
    }
}

impl Progress {
    fn line(&self, kind: Shelf, record: &Record) -> Result<String, WellbeingError> {
        let text = match kind {
            Shelf::Results => serde_json::to_string(&results::view(&self.wellbeing, record)?),
            Shelf::Forms => serde_json::to_string(&forms::view(record)?),
            Shelf::Practice => serde_json::to_string(&practice::view(record)?),
        };
        text.map_err(|_| WellbeingError::Damaged)
    }

    /// The next piece of the file.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, WellbeingError> {
        let mut piece = String::new();
        let Some((kind, after)) = self.at else {
            let Some(kind) = self.shelves.next() else { return Ok(None) };
            piece.push_str(heading(*kind));
            (self.at, self.first) = (Some((*kind, Cursor::NEWEST)), true);
            return Ok(Some((piece.into(), self)));
        };
        let (records, next) = self.wellbeing.some(&self.access, kind, after).await?;
        for record in &records {
            if !self.first {
                piece.push_str(",\n");
            }
            self.first = false;
            piece.push_str(&self.line(kind, record)?);
        }
        self.at = next.map(|next| (kind, next));
        if self.at.is_none() && self.shelves.as_slice().is_empty() {
            piece.push_str("\n]}\n");
        }
        Ok(Some((piece.into(), self)))
    }
}

/// Everything that the caller filled in: results, forms and exercises, newest first. Needs no
/// consent, and a fresh proof that it is them.
#[utoipa::path(get, path = "/api/wellbeing/export", operation_id = "export_wellbeing",
    tag = "forms", responses((status = 200, description = "The file.",
        content((serde_json::Value = "application/json")))))]
pub(super) async fn export(
    State(wellbeing): State<Wellbeing>,
    Fresh(ctx): Fresh,
) -> ApiResult<Response> {
    let access = wellbeing.begin_export(&ctx).await?;
    let shelves = Shelf::ALL.iter();
    let start = Progress { wellbeing, access, shelves, at: None, first: true };
    let file = stream::try_unfold(start, Progress::step).inspect_err(|error| {
        // The answer has begun: it breaks off, and the client sees that it did.
        tracing::error!(%error, "an export broke off");
    });
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"wellbeing.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
}
