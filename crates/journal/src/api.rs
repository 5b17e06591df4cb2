//! HTTP in and out: the routes, and what an entry looks like to clients.

mod check_ins;
mod entries;
mod files;
mod moods;
mod sync;

use crate::{
    error::{ENTRY_EXISTS, ENTRY_INVALID, FILE_UNREADABLE, SYNC_CHANGED_TWICE, SYNC_RESTART},
    model::{Draft, Entry, EntryId, Kept, Mood, Scale, Tags},
    service::{
        CHECK_IN_DELETED, CHECK_INS_EXPORTED, CHECK_INS_LISTED, CHECKED_IN, ENTRIES_LISTED,
        ENTRY_CREATED, ENTRY_DELETED, ENTRY_READ, ENTRY_UPDATED, JOURNAL_EXPORTED,
        JOURNAL_IMPORTED, JOURNAL_SYNCED, Journal, MOODS_READ,
    },
};
use audit::AUDIT_UNAVAILABLE;
use axum::{extract::DefaultBodyLimit, middleware::from_fn};
use consent::CONSENT_REQUIRED;
use crisis::{Attention, Whereabouts};
use httpkit::{Contract, OpenApiRouter, UnderContract, UtoipaMethodRouterExt, limits, routes};
use kernel::{
    Phi, Timestamp,
    common::{INVALID_CURSOR, NOT_FOUND},
};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The largest request of a device.
const SYNC_BYTES: usize = 8 * 1024 * 1024;
/// The largest file that is read.
const FILE_BYTES: usize = 32 * 1024 * 1024;

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Journal> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let list = own(&ENTRIES_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let search =
        own(&ENTRIES_LISTED).errors(errors![CONSENT_REQUIRED, ENTRY_INVALID, INVALID_CURSOR]);
    let create = own(&ENTRY_CREATED)
        .errors(errors![CONSENT_REQUIRED, ENTRY_EXISTS, ENTRY_INVALID])
        .idempotent();
    let read = own(&ENTRY_READ).errors(errors![CONSENT_REQUIRED, NOT_FOUND]);
    let update = own(&ENTRY_UPDATED)
        .errors(errors![CONSENT_REQUIRED, ENTRY_INVALID, NOT_FOUND])
        .if_match_required();
    let delete = own(&ENTRY_DELETED).errors(errors![NOT_FOUND]).if_match_optional();
    let synced = own(&JOURNAL_SYNCED).errors(errors![
        CONSENT_REQUIRED,
        INVALID_CURSOR,
        SYNC_CHANGED_TWICE,
        SYNC_RESTART
    ]);
    let moods = own(&MOODS_READ).errors(errors![CONSENT_REQUIRED]);
    let check_in = own(&CHECKED_IN)
        .errors(errors![CONSENT_REQUIRED, ENTRY_EXISTS, ENTRY_INVALID])
        .idempotent();
    let check_ins = own(&CHECK_INS_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let uncheck = own(&CHECK_IN_DELETED).errors(errors![NOT_FOUND]);
    let all_check_ins = own(&CHECK_INS_EXPORTED).errors(errors![]).step_up();
    let export = own(&JOURNAL_EXPORTED).errors(errors![]).step_up();
    let import = own(&JOURNAL_IMPORTED).errors(errors![CONSENT_REQUIRED, FILE_UNREADABLE]);
    OpenApiRouter::new()
        .routes(routes!(entries::list).under(&list))
        .routes(routes!(entries::search).under(&search))
        .routes(routes!(entries::create).under(&create))
        .routes(routes!(entries::read).under(&read))
        .routes(routes!(entries::update).under(&update))
        .routes(routes!(entries::delete).under(&delete))
        .routes(routes!(sync::sync).under(&synced).layer(DefaultBodyLimit::max(SYNC_BYTES)))
        .routes(routes!(moods::mood_stats).under(&moods))
        .routes(routes!(check_ins::list).under(&check_ins))
        .routes(routes!(check_ins::create).under(&check_in))
        .routes(routes!(check_ins::delete).under(&uncheck))
        .routes(routes!(check_ins::export).under(&all_check_ins).layer(from_fn(limits::costly)))
        .routes(routes!(files::export).under(&export).layer(from_fn(limits::costly)))
        .routes(
            routes!(files::import)
                .under(&import)
                .layer(DefaultBodyLimit::max(FILE_BYTES))
                .layer(from_fn(limits::costly)),
        )
}

/// What a person writes.
#[derive(Deserialize, ToSchema)]
#[schema(as = JournalEntryWrite)]
#[serde(deny_unknown_fields)]
struct EntryWrite {
    /// For a new entry: an id that the client chose, so that it can send it again. Elsewhere that
    /// of the entry, or left out.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<EntryId>,
    /// The moment it is about; now (or, in a change, as it was) if it is left out.
    #[serde(default, alias = "occurredAt")]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    /// A line to find it by.
    #[serde(default)]
    #[schema(value_type = String, max_length = 200)]
    title: Phi<String>,
    /// The text, in Markdown, up to 64 KiB.
    #[serde(default)]
    #[schema(value_type = String, max_length = 65536)]
    content: Phi<String>,
    /// A mood with a name.
    #[serde(default)]
    #[schema(value_type = Option<Mood>)]
    mood: Option<Phi<String>>,
    /// How the person feels, from -5 to 5.
    #[serde(default)]
    #[schema(minimum = -5, maximum = 5)]
    scale: Option<i64>,
    /// Tags; doubles are dropped.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// Whether it is a favourite.
    #[serde(
        default,
        alias = "favorite",
        alias = "is_favorite",
        alias = "isFavorite",
        alias = "is_favourite",
        alias = "isFavourite"
    )]
    favourite: bool,
}

impl From<EntryWrite> for Draft {
    fn from(write: EntryWrite) -> Self {
        let EntryWrite { id, occurred_at, title, content: text, mood, scale, tags, favourite } =
            write;
        let place = Whereabouts::default();
        Self { id, occurred_at, title, text, mood, scale, tags, favourite, place }
    }
}

/// An entry.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntry)]
struct EntryView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: EntryId,
    /// The moment it is about.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// A line to find it by.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    title: Phi<String>,
    /// The text, in Markdown.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    content: Phi<String>,
    /// The mood.
    mood: Option<Mood>,
    /// How the person felt, from -5 to 5.
    #[schema(value_type = Option<i8>)]
    scale: Option<Scale>,
    /// Tags.
    #[schema(value_type = Vec<String>)]
    tags: Tags,
    /// Whether it is a favourite.
    favourite: bool,
    /// The entry that this is a conflict copy of.
    #[schema(value_type = Option<uuid::Uuid>)]
    copy_of: Option<EntryId>,
    /// When it was first stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Counts changes, from 1; the number of its ETag.
    version: u64,
}

/// An entry that was stored just now, and what was noticed in it.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntryKept)]
struct KeptView {
    #[serde(flatten)]
    entry: EntryView,
    /// What was noticed in the words, and whom to turn to; left out where nothing is to be said. The
    /// entry is stored in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
}

impl From<Kept<Entry>> for KeptView {
    fn from(kept: Kept<Entry>) -> Self {
        Self { entry: kept.entry.into(), safety: kept.safety }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let Entry { id, content, created_at, updated_at, version } = entry;
        // EXPOSE: the answer is for the person whose journal it is.
        let meta = content.meta.expose().clone();
        Self {
            id,
            occurred_at: content.occurred_at,
            title: content.title,
            content: content.text,
            mood: meta.mood,
            scale: meta.scale,
            tags: meta.tags,
            favourite: meta.favourite,
            copy_of: meta.copy_of,
            created_at,
            updated_at,
            version,
        }
    }
}

fn shown<S: Serializer>(text: &Phi<String>, serializer: S) -> Result<S::Ok, S::Error> {
    // EXPOSE: the answer is for the person whose journal it is.
    serializer.serialize_str(text.expose())
}
