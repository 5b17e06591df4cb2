//! The ledger as a file: for a spreadsheet, or for a program that watches over it.

use super::{ActorView, EntryView, OutcomeName, Wanted};
use crate::{api::IdentityApi, error::IdentityError};
use audit::Record;
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use httpkit::{ApiResult, Fresh, Overseer, Query};
use kernel::{Role, Timestamp};
use serde::Deserialize;
use std::iter::once;
use utoipa::{IntoParams, ToSchema};

/// How the file is written.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// An entry on each line, as JSON.
    #[default]
    Ndjson,
    /// A table with a heading.
    Csv,
}

/// Which entries, and how they are written.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// `ndjson` if left out.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Only of this kind: `identity.session.login`.
    #[param(max_length = 64)]
    action: Option<String>,
    /// Only of kinds that begin so: `identity.`.
    #[param(max_length = 64)]
    area: Option<String>,
    /// Only what ended so.
    #[param(inline)]
    outcome: Option<OutcomeName>,
    /// Only by the person with this pseudonym.
    #[param(min_length = 32, max_length = 32)]
    actor: Option<String>,
    /// Only about the person with this pseudonym; not beside `actor`.
    #[param(min_length = 32, max_length = 32)]
    subject: Option<String>,
    /// Not before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// Entries of the ledger as a file, newest first, as `GET /api/admin/audit` shows them. A file
/// that breaks off did not end: the connection says so.
#[utoipa::path(get, path = "/api/admin/audit/export", operation_id = "export_events", tag = "admin",
    params(ExportQuery), responses((status = 200, description = "The file.", content(
        (String = "application/x-ndjson"), (String = "text/csv")))))]
pub(super) async fn export_events(
    State(api): State<IdentityApi>,
    Overseer(ctx): Overseer,
    _: Fresh,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    let ExportQuery { format, action, area, outcome, actor, subject, from, to } = query;
    let filter = Wanted { action, area, outcome, actor, subject, from, to }.filter()?;
    let pages = api.identity.ledger_pages(&ctx, filter).await?;
    let head = stream::iter(format.head().map(|head| Ok(Bytes::from_static(head.as_bytes()))));
    let body = pages.map(move |page| format.page(&page?)).inspect_err(|error| {
        // The answer has begun: it breaks off, and the client sees that it did.
        tracing::error!(%error, "a download of the ledger broke off");
    });
    let headers = [
        (CONTENT_TYPE, format.media_type()),
        (CONTENT_DISPOSITION, format.disposition()),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(head.chain(body))).into_response())
}

const COLUMNS: &str = "seq,event,at,actor_kind,actor,roles,acr,job,subject,action,resource_type,\
                       resource,purpose,outcome,reason,break_glass,request_id\r\n";

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Ndjson => "attachment; filename=\"ledger.ndjson\"",
            Self::Csv => "attachment; filename=\"ledger.csv\"",
        }
    }

    fn head(self) -> Option<&'static str> {
        match self {
            Self::Ndjson => None,
            Self::Csv => Some(COLUMNS),
        }
    }

    fn page(self, records: &[Record]) -> Result<Bytes, IdentityError> {
        let mut text = Vec::new();
        for record in records {
            let entry = EntryView::from(record);
            match self {
                Self::Ndjson => {
                    serde_json::to_writer(&mut text, &entry)
                        .map_err(|_| IdentityError::Unreadable("ledger entry"))?;
                    text.push(b'\n');
                }
                Self::Csv => text.extend_from_slice(row(&entry).as_bytes()),
            }
        }
        Ok(text.into())
    }
}

fn row(entry: &EntryView) -> String {
    let ActorView { kind, reference, roles, acr, job } = &entry.actor;
    let roles: Vec<&str> = roles.iter().flatten().copied().map(Role::name).collect();
    let cells = [
        entry.seq.to_string(),
        entry.event.to_string(),
        entry.at.to_string(),
        (*kind).to_owned(),
        reference.clone().unwrap_or_default(),
        roles.join(" "),
        acr.unwrap_or_default().to_owned(),
        job.clone().unwrap_or_default(),
        entry.subject.clone(),
        entry.action.clone(),
        entry.resource_type.clone(),
        entry.resource.clone().unwrap_or_default(),
        entry.purpose.clone(),
        entry.outcome.to_owned(),
        entry.reason.clone(),
        entry.break_glass.to_string(),
        entry.request_id.clone(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| cell_of(cell)).collect();
    cells.join(",") + "\r\n"
}

/// As a table takes it: quoted where it has to be, and never a formula.
fn cell_of(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text: String = once("'").filter(|_| formula).chain(once(text)).collect();
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_its_row() {
        assert_eq!(cell_of("=1+1"), "'=1+1");
        assert_eq!(cell_of("a,b"), "\"a,b\"");
        assert_eq!(cell_of("-\"x\"\r\n"), "\"'-\"\"x\"\"\r\n\"");
        assert_eq!(cell_of("plain"), "plain");
    }

    proptest! {
        #[test]
        fn a_cell_reads_back_what_was_written(text in "[a-z,\"\r\n ]{0,20}") {
            let cell = cell_of(&text);
            let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let read = inner.map_or_else(|| cell.clone(), |inner| inner.replace("\"\"", "\""));
            prop_assert_eq!(read.trim_start_matches('\''), text);
        }
    }
}
