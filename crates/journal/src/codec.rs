//! Journals as files: JSON, CSV and Markdown, out and in again.
//!
//! What always holds: a file that was written here and is read here gives the same entries, down
//! to the last byte of every text; the same entries give the same file. A spreadsheet that opens
//! a CSV file finds no formula in it. Files from elsewhere may leave out what they do not know.

mod csv;
mod json;
mod markdown;

use crate::model::{Content, Entry, EntryId, Invalid, Meta};
use kernel::{Phi, Timestamp};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use std::{fmt, marker::PhantomData};

/// The most entries of one file that is read.
pub const ENTRIES: usize = 20_000;
/// The most tags that one entry of a file may name, doubles among them.
const GIVEN_TAGS: usize = 100;

/// How a journal is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = JournalFormat)]
pub enum Format {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For people.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Markdown];

    /// The media type of such files.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// How the names of such files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
        }
    }

    /// What stands before all entries.
    #[must_use]
    pub const fn start(self) -> &'static str {
        match self {
            Self::Json => json::START,
            Self::Csv => csv::START,
            Self::Markdown => "",
        }
    }

    /// Appends an entry, after others or as the first.
    pub fn put(self, out: &mut String, entry: &Entry, first: bool) {
        match self {
            Self::Json => json::put(out, entry, first),
            Self::Csv => csv::put(out, entry),
            Self::Markdown => markdown::put(out, entry),
        }
    }

    /// What stands after all entries.
    #[must_use]
    pub const fn end(self) -> &'static str {
        match self {
            Self::Json => json::END,
            Self::Csv | Self::Markdown => "",
        }
    }

    /// Reads a file. An entry that breaks a rule does not spoil the others.
    pub fn read(self, file: &[u8]) -> Result<Vec<Result<Record, Invalid>>, Unreadable> {
        let text = std::str::from_utf8(file).map_err(|_| Unreadable::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let found = match self {
            Self::Json => json::read(text)?,
            Self::Csv => csv::read(text)?,
            Self::Markdown => markdown::read(text)?,
        };
        let found = found.all().ok_or(Unreadable::TooMany)?;
        Ok(found.into_iter().map(Found::check).collect())
    }
}

/// Why a file cannot be read. Says where, and nothing of what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not text.
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    /// It has more entries than are read at once.
    #[error("the file has more than {ENTRIES} entries; please divide it")]
    TooMany,
    /// It does not have the form of this format.
    #[error("{0}")]
    Form(String),
}

/// An entry as a file has it.
pub struct Record {
    /// Which one, if the file says so.
    pub id: Option<EntryId>,
    /// What was written.
    pub content: Content,
    /// When it was first stored, if the file says so.
    pub created_at: Option<Timestamp>,
    /// When it last changed, if the file says so.
    pub updated_at: Option<Timestamp>,
}

/// A value does not fit its field.
struct Misfit;

/// A list in a file. It is kept no further than to know that it is too long: a short file can
/// stand for far more entries than fit into memory.
struct UpTo<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> Default for UpTo<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> UpTo<T, MOST> {
    fn push(&mut self, item: T) {
        if !self.is_too_long() {
            self.0.push(item);
        }
    }

    const fn is_too_long(&self) -> bool {
        self.0.len() > MOST
    }

    /// The whole list, unless it is too long.
    fn all(self) -> Option<Vec<T>> {
        (!self.is_too_long()).then_some(self.0)
    }
}

impl<T, const MOST: usize> FromIterator<T> for UpTo<T, MOST> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().take(MOST + 1).collect())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for UpTo<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List<T, const MOST: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
            type Value = UpTo<T, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut read = UpTo::default();
                while !read.is_too_long() {
                    let Some(item) = list.next_element()? else { return Ok(read) };
                    read.push(item);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(read)
            }
        }

        from.deserialize_seq(List(PhantomData))
    }
}

/// What stands in a file, before its rules are looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    id: Option<EntryId>,
    occurred_at: Option<Timestamp>,
    title: Phi<String>,
    content: Phi<String>,
    mood: Option<String>,
    scale: Option<i64>,
    tags: UpTo<String, GIVEN_TAGS>,
    favourite: bool,
    copy_of: Option<EntryId>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl Found {
    fn check(self) -> Result<Record, Invalid> {
        let meta = Meta {
            mood: self.mood.map(|mood| mood.parse()).transpose()?,
            scale: self.scale.map(TryInto::try_into).transpose()?,
            tags: self.tags.all().ok_or(Invalid::TooManyTags)?.try_into()?,
            favourite: self.favourite,
            copy_of: self.copy_of,
        };
        let occurred_at = self.occurred_at.or(self.created_at).ok_or(Invalid::NoDate)?;
        let (title, text) = (self.title, self.content);
        let content = Content { occurred_at, title, text, meta: Phi::new(meta) };
        content.check()?;
        let (created_at, updated_at) = (self.created_at, self.updated_at);
        Ok(Record { id: self.id, content, created_at, updated_at })
    }
}

#[cfg(test)]
mod tests;
