//! Pages of long lists. A cursor names the last item seen by its time and id, so that a page
//! stays right while items come and go, and costs the same at any depth.

use crate::{
    error::{Coded, ErrorCode, common},
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};
use uuid::Uuid;

const VERSION: u8 = 1;

/// Where a page ended. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The time the list is ordered by.
    pub at: Timestamp,
    /// Decides among items of the same time.
    pub id: Uuid,
}

/// The text was not a cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct CursorError;

impl Coded for CursorError {
    fn code(&self) -> &'static ErrorCode {
        &common::INVALID_CURSOR
    }
}

impl Cursor {
    /// After everything: the start of a list that runs from the newest to the oldest.
    pub const NEWEST: Self = Self { at: Timestamp::MAX, id: Uuid::max() };
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(25);
        bytes.push(VERSION);
        bytes.extend(self.at.as_micros().to_be_bytes());
        bytes.extend(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (&version, rest) = bytes.split_first().ok_or(CursorError)?;
        let (micros, id) = rest.split_first_chunk::<8>().ok_or(CursorError)?;
        let at = Timestamp::from_micros(i64::from_be_bytes(*micros));
        let id = Uuid::from_slice(id).map_err(|_| CursorError)?;
        let canonical = at.as_micros() == i64::from_be_bytes(*micros);
        if version == VERSION && canonical { Ok(Self { at, id }) } else { Err(CursorError) }
    }
}

/// How many items a page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// What a client gets that asks for more.
    pub const MAX: Self = Self(100);

    /// The wish of the client, brought within bounds.
    #[must_use]
    pub fn clamped(wish: u32) -> Self {
        Self(u16::try_from(wish.clamp(1, u32::from(Self::MAX.0))).unwrap_or(Self::MAX.0))
    }

    /// As a number of items.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end of the list.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page out of up to `size + 1` rows: the one too many only proves that there is more.
    #[must_use]
    pub fn from_rows(mut rows: Vec<T>, size: PageSize, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > size.get();
        rows.truncate(size.get());
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    /// The same page of something made from each item.
    #[must_use]
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_cursor_reads_back_what_it_prints(micros in any::<i64>(), id in any::<u128>()) {
            let cursor = Cursor { at: Timestamp::from_micros(micros), id: Uuid::from_u128(id) };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }

        #[test]
        fn arbitrary_text_is_refused_or_canonical(text in ".{0,60}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn the_last_page_has_no_next() {
        let cursor = |n: &u128| Cursor { at: Timestamp::MIN, id: Uuid::from_u128(*n) };
        let size = PageSize::clamped(2);
        assert_eq!(Page::from_rows(vec![1, 2], size, cursor).next, None);
        let page = Page::from_rows(vec![1, 2, 3], size, cursor);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(cursor(&2))));
    }
}
