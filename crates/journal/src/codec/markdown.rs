//! One document: before each entry a block between two lines `---`, then the text as it is.
//!
//! A line of a text that would look like such a line gets a backslash before it; so does one that
//! already has some, and reading takes one away again. Nothing else in a text is touched, not
//! even its line ends.

use super::{ENTRIES, Found, GIVEN_TAGS, Misfit, Unreadable, UpTo};
use crate::model::{Entry, Mood};
use kernel::Phi;
use std::str::FromStr;

const FENCE: &str = "---";
/// What stands after the text of an entry, so that a renderer does not make a heading of its
/// last line.
const AFTER_TEXT: &str = "\n\n";

pub(super) fn put(out: &mut String, entry: &Entry) {
    // EXPOSE: the file is for the person whose journal it is.
    let meta = entry.content.meta.expose();
    // Text and lists of text: nothing in them can fail to be written.
    let title = Phi::new(serde_json::to_string(entry.content.title.expose()).unwrap_or_default());
    let tags = Phi::new(serde_json::to_string(&meta.tags).unwrap_or_default());
    let lines = [
        ("id", Some(entry.id.to_string())),
        ("occurred_at", Some(entry.content.occurred_at.to_string())),
        ("mood", meta.mood.map(|mood| Mood::name(mood).to_owned())),
        ("scale", meta.scale.map(|scale| scale.get().to_string())),
        ("favourite", meta.favourite.then(|| "true".to_owned())),
        ("copy_of", meta.copy_of.map(|id| id.to_string())),
        ("created_at", Some(entry.created_at.to_string())),
        ("updated_at", Some(entry.updated_at.to_string())),
    ];
    out.extend([FENCE, "\ntitle: ", title.expose(), "\ntags: ", tags.expose(), "\n"]);
    for (name, value) in lines {
        if let Some(value) = value {
            out.extend([name, ": ", &value, "\n"]);
        }
    }
    out.extend([FENCE, "\n\n"]);
    for line in entry.content.text.expose().split_inclusive('\n') {
        out.push_str(if is_fence(line.trim_start_matches('\\')) { "\\" } else { "" });
        out.push_str(line);
    }
    out.push_str(AFTER_TEXT);
}

fn is_fence(line: &str) -> bool {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line) == FENCE
}

pub(super) fn read(text: &str) -> Result<UpTo<Found, ENTRIES>, Unreadable> {
    let mut lines = text.split_inclusive('\n').peekable();
    let mut all = UpTo::<Found, ENTRIES>::default();
    while !all.is_too_long()
        && let Some(line) = lines.next()
    {
        if !is_fence(line) {
            if line.trim().is_empty() {
                continue;
            }
            return Err(fail(all.0.len(), "must begin with a line ---"));
        }
        let mut found = Found::default();
        loop {
            match lines.next() {
                None => return Err(fail(all.0.len(), "its block is not closed by a line ---")),
                Some(line) if is_fence(line) => break,
                Some(line) => take_line(&mut found, line)
                    .map_err(|Misfit| fail(all.0.len(), "a line of its block cannot be read"))?,
            }
        }
        let mut body = String::new();
        while let Some(line) = lines.next_if(|line| !is_fence(line)) {
            let escaped = is_fence(line.trim_start_matches('\\'));
            body.push_str(line.strip_prefix('\\').filter(|_| escaped).unwrap_or(line));
        }
        found.content = without_frame(Phi::new(body));
        all.push(found);
    }
    Ok(all)
}

fn fail(read: usize, what: &str) -> Unreadable {
    Unreadable::Form(format!("entry {}: {what}", read + 1))
}

/// Takes away the empty lines that stand around a text, if they do.
fn without_frame(mut body: Phi<String>) -> Phi<String> {
    // EXPOSE: cut in place.
    let text = body.expose_mut();
    for before in ["\n", "\r\n"] {
        if text.starts_with(before) {
            text.drain(..before.len());
            break;
        }
    }
    for after in [AFTER_TEXT, "\r\n\r\n", "\n"] {
        if text.ends_with(after) {
            text.truncate(text.len() - after.len());
            break;
        }
    }
    body
}

/// Puts a line of a block into its field.
fn take_line(found: &mut Found, line: &str) -> Result<(), Misfit> {
    let (name, value) = line.split_once(':').ok_or(Misfit)?;
    let value = value.trim();
    match name.trim() {
        "title" => found.title = title(value)?,
        "tags" => found.tags = tags(value)?,
        "id" => found.id = parsed(value)?,
        "occurred_at" => found.occurred_at = parsed(value)?,
        "mood" => found.mood = parsed(value)?,
        "scale" => found.scale = parsed(value)?,
        "favourite" => found.favourite = value.parse().map_err(|_| Misfit)?,
        "copy_of" => found.copy_of = parsed(value)?,
        "created_at" => found.created_at = parsed(value)?,
        "updated_at" => found.updated_at = parsed(value)?,
        _ => {} // a line of someone else
    }
    Ok(())
}

fn parsed<T: FromStr>(value: &str) -> Result<Option<T>, Misfit> {
    value.parse().map(Some).map_err(|_| Misfit)
}

/// Between quotes as we write it, or without.
fn title(value: &str) -> Result<Phi<String>, Misfit> {
    if value.starts_with('"') {
        return serde_json::from_str(value).map_err(|_| Misfit);
    }
    Ok(Phi::new(value.to_owned()))
}

/// A list as we write it, or tags between commas.
fn tags(value: &str) -> Result<UpTo<String, GIVEN_TAGS>, Misfit> {
    if value.starts_with("[\"") || value == "[]" {
        return serde_json::from_str(value).map_err(|_| Misfit);
    }
    let plain = value.trim_matches(['[', ']']).split(',').map(|tag| tag.trim().to_owned());
    Ok(plain.filter(|tag| !tag.is_empty()).collect())
}
