//! RFC 4180 with a line of names. A text that a spreadsheet would take for a formula gets an
//! apostrophe before it, which is taken away again when the file is read.

use super::{ENTRIES, Found, GIVEN_TAGS, Misfit, Unreadable, UpTo};
use crate::model::{Entry, Mood};
use kernel::Phi;
use std::{fmt::Display, str::FromStr};
use zeroize::Zeroize;

pub(super) const START: &str =
    "id,occurred_at,title,content,mood,scale,tags,favourite,copy_of,created_at,updated_at\r\n";
/// The most cells of a row, those in columns of someone else among them.
const CELLS: usize = 1_000;

pub(super) fn put(out: &mut String, entry: &Entry) {
    // EXPOSE: the file is for the person whose journal it is.
    let meta = entry.content.meta.expose();
    let optional = |value: Option<String>| value.unwrap_or_default();
    let tags = Phi::new(join(meta.tags.as_slice()));
    let cells = [
        &entry.id.to_string(),
        &entry.content.occurred_at.to_string(),
        entry.content.title.expose(),
        entry.content.text.expose(),
        &optional(meta.mood.map(|mood| Mood::name(mood).to_owned())),
        &optional(meta.scale.map(|scale| scale.get().to_string())),
        tags.expose(),
        &meta.favourite.to_string(),
        &optional(meta.copy_of.map(|id| id.to_string())),
        &entry.created_at.to_string(),
        &entry.updated_at.to_string(),
    ];
    for (place, cell) in cells.into_iter().enumerate() {
        out.push_str(if place == 0 { "" } else { "," });
        put_cell(out, cell);
    }
    out.push_str("\r\n");
}

fn put_cell(out: &mut String, cell: &str) {
    // A number below zero is no formula.
    let guard = if needs_guard(cell) && cell.parse::<i64>().is_err() { "'" } else { "" };
    if cell.contains([',', '"', '\r', '\n']) || cell.trim() != cell {
        out.extend(["\"", guard, &cell.replace('"', "\"\""), "\""]);
    } else {
        out.extend([guard, cell]);
    }
}

/// Whether this begins a formula, or looks as if we had guarded it.
fn needs_guard(cell: &str) -> bool {
    begins_formula(cell) || is_guarded(cell)
}

fn begins_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn is_guarded(cell: &str) -> bool {
    cell.strip_prefix('\'').is_some_and(|rest| rest.starts_with('\'') || begins_formula(rest))
}

/// Tags in one cell: between semicolons, with a backslash before those that are part of a tag.
fn join(tags: &[String]) -> String {
    let escaped = |tag: &String| tag.replace('\\', "\\\\").replace(';', "\\;");
    tags.iter().map(escaped).collect::<Vec<_>>().join(";")
}

fn split(cell: &str) -> UpTo<String, GIVEN_TAGS> {
    let mut tags = UpTo::default();
    let mut put = |tag: String| {
        if !tag.trim().is_empty() {
            tags.push(tag);
        }
    };
    let (mut tag, mut escaped) = (String::new(), false);
    for letter in cell.chars() {
        match letter {
            '\\' if !escaped => escaped = true,
            ';' if !escaped => put(std::mem::take(&mut tag)),
            letter => {
                tag.push(letter);
                escaped = false;
            }
        }
    }
    put(tag);
    tags
}

pub(super) fn read(text: &str) -> Result<UpTo<Found, ENTRIES>, Unreadable> {
    let mut rows = Rows { rest: text, number: 0 };
    let names = rows.next_row()?.unwrap_or_default();
    // EXPOSE: the name of a column.
    let known = |name: &Phi<String>| START.trim_end().split(',').any(|own| own == name.expose());
    if !names.is_empty() && !names.iter().any(known) {
        return Err(rows.fail("names no column that a journal has".to_owned()));
    }
    let mut all = UpTo::default();
    while !all.is_too_long()
        && let Some(cells) = rows.next_row()?
    {
        let mut found = Found::default();
        for (name, cell) in names.iter().zip(cells) {
            // EXPOSE: the name of a column.
            take_cell(&mut found, name.expose(), cell).map_err(|Misfit| {
                let known = START.trim_end().split(',').find(|known| known == name.expose());
                rows.fail(format!("{}: does not have the expected form", known.unwrap_or("?")))
            })?;
        }
        all.push(found);
    }
    Ok(all)
}

/// Puts a cell into its field.
fn take_cell(found: &mut Found, name: &str, mut cell: Phi<String>) -> Result<(), Misfit> {
    // EXPOSE: moved to the field it belongs to.
    let text = cell.expose_mut();
    if is_guarded(text) {
        text.remove(0);
    }
    match name {
        "id" => found.id = optional(text)?,
        "occurred_at" => found.occurred_at = optional(text)?,
        "title" => found.title = cell,
        "content" => found.content = cell,
        "mood" => found.mood = optional(text)?,
        "scale" => found.scale = optional(text)?,
        "tags" => found.tags = split(text),
        "favourite" => found.favourite = optional(text)?.unwrap_or_default(),
        "copy_of" => found.copy_of = optional(text)?,
        "created_at" => found.created_at = optional(text)?,
        "updated_at" => found.updated_at = optional(text)?,
        _ => {} // a column of someone else
    }
    Ok(())
}

fn optional<T: FromStr>(text: &str) -> Result<Option<T>, Misfit> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| Misfit) }
}

/// Takes a text apart, row by row.
struct Rows<'a> {
    rest: &'a str,
    number: usize,
}

impl Rows<'_> {
    fn fail(&self, what: impl Display) -> Unreadable {
        Unreadable::Form(format!("row {}: {what}", self.number))
    }

    fn next_row(&mut self) -> Result<Option<Vec<Phi<String>>>, Unreadable> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let mut cells = Vec::new();
        loop {
            cells.push(self.next_cell()?);
            if cells.len() > CELLS {
                return Err(self.fail("too many cells"));
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            let ended = ["\r\n", "\n"].into_iter().find_map(|end| self.rest.strip_prefix(end));
            return match ended {
                Some(rest) => {
                    self.rest = rest;
                    Ok(Some(cells))
                }
                None if self.rest.is_empty() => Ok(Some(cells)),
                None => Err(self.fail("something follows a closing quote")),
            };
        }
    }

    fn next_cell(&mut self) -> Result<Phi<String>, Unreadable> {
        let Some(mut quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (cell, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
            let cell =
                if rest.starts_with('\n') { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
            self.rest = rest;
            return Ok(Phi::new(cell.to_owned()));
        };
        let mut cell = String::new();
        loop {
            let Some((part, rest)) = quoted.split_once('"') else {
                cell.zeroize();
                return Err(self.fail("a quote is not closed"));
            };
            cell.push_str(part);
            let Some(more) = rest.strip_prefix('"') else {
                self.rest = rest;
                return Ok(Phi::new(cell));
            };
            cell.push('"');
            quoted = more;
        }
    }
}
