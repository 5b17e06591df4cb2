//! `{"salus_journal":1,"entries":[…]}`, an entry on each line.

use super::{ENTRIES, Found, Unreadable, UpTo};
use crate::model::{Entry, EntryId, Mood, Scale};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

pub(super) const START: &str = "{\"salus_journal\":1,\"entries\":[";
pub(super) const END: &str = "\n]}\n";
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'a> {
    id: EntryId,
    occurred_at: Timestamp,
    title: &'a str,
    content: &'a str,
    mood: Option<Mood>,
    scale: Option<Scale>,
    tags: &'a [String],
    favourite: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_of: Option<EntryId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

pub(super) fn put(out: &mut String, entry: &Entry, first: bool) {
    // EXPOSE: the file is for the person whose journal it is.
    let meta = entry.content.meta.expose();
    let line = Line {
        id: entry.id,
        occurred_at: entry.content.occurred_at,
        title: entry.content.title.expose(),
        content: entry.content.text.expose(),
        mood: meta.mood,
        scale: meta.scale,
        tags: meta.tags.as_slice(),
        favourite: meta.favourite,
        copy_of: meta.copy_of,
        created_at: entry.created_at,
        updated_at: entry.updated_at,
    };
    out.push_str(if first { "\n" } else { ",\n" });
    // Text, numbers and lists of text: nothing in it can fail to be written.
    out.push_str(&serde_json::to_string(&line).unwrap_or_default());
}

#[derive(Deserialize)]
struct File {
    salus_journal: u32,
    entries: UpTo<Found, ENTRIES>,
}

pub(super) fn read(text: &str) -> Result<UpTo<Found, ENTRIES>, Unreadable> {
    let file: File = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Unreadable::Form(format!("line {line}, column {column}: not what a journal looks like"))
    })?;
    match file.salus_journal {
        VERSION => Ok(file.entries),
        _ => Err(Unreadable::Form("the file was written by a newer Salus".to_owned())),
    }
}
