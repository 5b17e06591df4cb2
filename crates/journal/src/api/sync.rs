//! Devices that write without a connection.

use super::{EntryView, EntryWrite};
use crate::{
    merge::{Change, Outcome},
    model::{Draft, EntryId, Invalid, SyncCursor},
    service::{Applied, Incoming, Journal, Remote, SyncRequest},
};
use axum::extract::State;
use crisis::{Attention, Whereabouts};
use httpkit::{ApiResult, Json, LoggedIn, Query};
use kernel::{CursorError, PageSize, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a device did, and how far it has seen the journal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JournalSync)]
pub(super) struct SyncBody {
    /// The `next_cursor` of the last answer; left out the first time.
    #[serde(default)]
    cursor: Option<String>,
    /// Up to 100 changes, each of another entry.
    #[serde(default)]
    #[schema(max_items = 100)]
    changes: Vec<ChangeBody>,
    /// How many changes to hear of at once, 1 to 100; what lies outside is brought inside.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// One change. It has an `entry`, or it is `deleted`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JournalChange)]
struct ChangeBody {
    /// The entry; for a new one an id that the device chose.
    #[schema(value_type = uuid::Uuid)]
    id: EntryId,
    /// The version that the device had seen; 0 or left out for a new entry.
    #[serde(default, alias = "baseVersion")]
    base_version: u64,
    /// Whether it was deleted.
    #[serde(default)]
    deleted: bool,
    /// What was written; `occurred_at` must be given.
    #[serde(default)]
    entry: Option<EntryWrite>,
}

/// What became of the changes, and what the device has not seen.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalSyncResult)]
pub(super) struct SyncResult {
    /// One for each change, in their order.
    applied: Vec<AppliedView>,
    /// What the device has not seen, its own changes among it, in the order in which it happened.
    changes: Vec<RemoteView>,
    /// To be sent next time.
    next_cursor: String,
    /// Whether there is more to fetch now.
    has_more: bool,
    /// The most serious of what was noticed in the changes; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

/// What became of one change.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalChangeResult)]
struct AppliedView {
    /// The entry that was changed.
    #[schema(value_type = uuid::Uuid)]
    id: EntryId,
    /// What became of the change.
    outcome: OutcomeName,
    /// The version that the entry has now; 0 if there is none.
    version: u64,
    /// Where a change is kept that came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    copy_id: Option<EntryId>,
    /// What the entry is now, where that is not what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryView>,
    /// Why a change was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What became of a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JournalChangeOutcome)]
enum OutcomeName {
    /// It is a new entry.
    Created,
    /// It replaced the version it was made to.
    Updated,
    /// It brought back an entry that someone else had deleted.
    Revived,
    /// The entry is deleted.
    Deleted,
    /// It was so already.
    Unchanged,
    /// The entry was not deleted: someone has changed it since.
    Kept,
    /// Someone has changed the entry since: this change is kept as an entry of its own.
    ConflictCopy,
    /// It breaks a rule and was not kept.
    Invalid,
}

/// A change that the device has not seen.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalRemoteChange)]
struct RemoteView {
    /// The entry.
    #[schema(value_type = uuid::Uuid)]
    id: EntryId,
    /// The version that it has now.
    version: u64,
    /// Whether it was deleted.
    deleted: bool,
    /// What it is now, unless it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryView>,
}

impl SyncBody {
    fn request(self, now: Timestamp, place: Whereabouts) -> Result<SyncRequest, CursorError> {
        let seen: Option<SyncCursor> = self.cursor.map(|text| text.parse()).transpose()?;
        let change = |body: ChangeBody| {
            let ChangeBody { id, base_version: base, deleted, entry } = body;
            let draft = entry.filter(|_| !deleted).map(Draft::from);
            let dated = |draft: Draft| {
                draft.is_for(id)?;
                draft.occurred_at.ok_or(Invalid::NoDate)?;
                draft.content(now)
            };
            let content = draft.map(dated).transpose();
            let incoming = content.map(|content| Incoming {
                change: Change { id, base, content },
                created_at: None,
                updated_at: None,
            });
            (id, incoming)
        };
        Ok(SyncRequest {
            seen,
            changes: self.changes.into_iter().map(change).collect(),
            size: self.limit.map_or(PageSize::MAX, PageSize::clamped),
            place,
        })
    }
}

impl From<Applied> for AppliedView {
    fn from(applied: Applied) -> Self {
        let Applied { id, outcome, version, current } = applied;
        let (outcome, copy_id, detail) = match outcome {
            Ok(Outcome::Created) => (OutcomeName::Created, None, None),
            Ok(Outcome::Updated) => (OutcomeName::Updated, None, None),
            Ok(Outcome::Revived) => (OutcomeName::Revived, None, None),
            Ok(Outcome::Deleted) => (OutcomeName::Deleted, None, None),
            Ok(Outcome::Unchanged) => (OutcomeName::Unchanged, None, None),
            Ok(Outcome::Kept) => (OutcomeName::Kept, None, None),
            Ok(Outcome::Copied { copy, .. }) => (OutcomeName::ConflictCopy, Some(copy), None),
            Err(invalid) => (OutcomeName::Invalid, None, Some(invalid.to_string())),
        };
        Self { id, outcome, version, copy_id, entry: current.map(EntryView::from), detail }
    }
}

impl From<Remote> for RemoteView {
    fn from(remote: Remote) -> Self {
        match remote {
            Remote::Present(entry) => {
                let (id, version) = (entry.id, entry.version);
                Self { id, version, deleted: false, entry: Some(entry.into()) }
            }
            Remote::Deleted { id, version } => Self { id, version, deleted: true, entry: None },
        }
    }
}

/// Brings a device and the server together. The device sends what it did, then takes over what it
/// hears; it repeats the call while there is more. The same request may be sent again.
///
/// A change to a version that is no longer the newest is kept as an entry of its own
/// (`conflict_copy`), unless it says the same. An edit wins over a deletion. Until a device hears
/// what became of a change, it keeps the change and its `base_version`.
#[utoipa::path(post, path = "/api/journal/sync", operation_id = "sync_journal", tag = "journal",
    params(Whereabouts), request_body = SyncBody, responses((status = 200, body = SyncResult)))]
pub(super) async fn sync(
    State(journal): State<Journal>,
    LoggedIn(ctx): LoggedIn,
    Query(place): Query<Whereabouts>,
    Json(body): Json<SyncBody>,
) -> ApiResult<Json<SyncResult>> {
    let answer = journal.sync(&ctx, body.request(ctx.now(), place)?).await?;
    Ok(Json(SyncResult {
        applied: answer.applied.into_iter().map(AppliedView::from).collect(),
        changes: answer.changes.into_iter().map(RemoteView::from).collect(),
        next_cursor: answer.seen.to_string(),
        has_more: answer.has_more,
        safety: answer.safety,
    }))
}
