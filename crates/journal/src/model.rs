//! What a journal entry is, and the rules on it.

mod check_in;
mod draft;
mod filter;

pub use check_in::{CheckIn, CheckInDraft, CheckInId, Rated, Rating, words};
pub use draft::{Draft, Kept};
pub use filter::{Filter, SEARCH_CHARS, Search};

use kernel::{Cursor, Phi, Timestamp, typed_id};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;
use zeroize::Zeroize;

typed_id!(
    /// One journal entry. Devices may choose it, so that they can write without a connection.
    EntryId
);

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 200;
/// The longest text, in bytes.
pub const CONTENT_BYTES: usize = 64 * 1024;
/// The most tags of an entry.
pub const TAGS: usize = 20;
/// The longest tag, in characters.
pub const TAG_CHARS: usize = 40;
/// Entries are of 1900 to 2199, in microseconds: what lies outside is a broken clock.
const DATES: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;

/// Which field breaks which rule. The text names both and never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The title is too long.
    #[error("title: at most {TITLE_CHARS} characters")]
    TitleTooLong,
    /// The title has a line break or another control character.
    #[error("title: must be one line")]
    TitleNotOneLine,
    /// The text is too long.
    #[error("content: at most {CONTENT_BYTES} bytes")]
    ContentTooLong,
    /// There is no such mood.
    #[error("mood: is none of those that are known")]
    UnknownMood,
    /// The number is not on the scale.
    #[error("scale: must be from {} to {}", Scale::WORST, Scale::BEST)]
    OffTheScale,
    /// There are too many tags.
    #[error("tags: at most {TAGS}")]
    TooManyTags,
    /// A tag is empty.
    #[error("tags: must not be empty")]
    EmptyTag,
    /// A tag is too long.
    #[error("tags: at most {TAG_CHARS} characters each")]
    TagTooLong,
    /// A tag has a line break or another control character.
    #[error("tags: must be one line each")]
    TagNotOneLine,
    /// An entry of a file or a device says nowhere when it was.
    #[error("occurred_at: is missing")]
    NoDate,
    /// A change names another entry than it is sent for.
    #[error("id: must be that of the entry, or left out")]
    OtherId,
    /// There is no place with such a clock.
    #[error("tz_offset: must be from -840 to 840 minutes")]
    TimeZone,
    /// The words to search for are too many.
    #[error("q: at most {SEARCH_CHARS} characters")]
    SearchTooLong,
    /// A check-in says nothing of how the person feels.
    #[error("mood: a check-in has a mood or a scale")]
    NoMood,
    /// A feeling or an urge is not rated as it should be.
    #[error("strength: must be from 0 to {}", check_in::STRONGEST)]
    Strength,
    /// There are too many feelings, urges or factors.
    #[error("{0}: at most {TAGS}")]
    TooMany(&'static str),
    /// The note of a check-in is too long.
    #[error("note: at most {} characters", check_in::NOTE_CHARS)]
    NoteTooLong,
    /// The date is too far away.
    #[error("occurred_at: must be between 1900 and 2199")]
    DateTooFar,
}

macro_rules! moods {
    ($($(#[$meta:meta])* $name:ident = $text:literal, $valence:literal;)+) => {
        /// A mood with a name. The names are stored and exported: they never change their
        /// meaning. The number is where we place a mood on the scale for statistics when the
        /// person gave no number; it is coarse, and no clinical instrument.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            utoipa::ToSchema,
        )]
        // Not one `rename` each: the API document cannot read a literal that a macro passes on.
        #[serde(rename_all = "lowercase")]
        pub enum Mood {
            $($(#[$meta])* $name,)+
        }

        impl Mood {
            /// All moods, from the best to the worst.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Where it lies on the scale.
            #[must_use]
            pub const fn scale(self) -> Scale {
                match self { $(Self::$name => Scale($valence),)+ }
            }
        }
    };
}

moods! {
    /// Full of joy.
    Joyful = "joyful", 4;
    /// Thankful for something.
    Grateful = "grateful", 3;
    /// Looking forward.
    Hopeful = "hopeful", 2;
    /// At ease.
    Calm = "calm", 2;
    /// Neither good nor bad.
    Neutral = "neutral", 0;
    /// Worn out.
    Tired = "tired", -1;
    /// Worried or afraid.
    Anxious = "anxious", -3;
    /// Low.
    Sad = "sad", -3;
    /// Angry or irritated.
    Angry = "angry", -3;
    /// It is all too much.
    Overwhelmed = "overwhelmed", -4;
}

impl FromStr for Mood {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.iter().copied().find(|mood| mood.name() == text).ok_or(Invalid::UnknownMood)
    }
}

/// How someone feels as a number: -5 is worst, 0 neither good nor bad, 5 best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Scale(i8);

impl Scale {
    /// The lower end.
    pub const WORST: i8 = -5;
    /// The upper end.
    pub const BEST: i8 = 5;

    /// The number.
    #[must_use]
    pub const fn get(self) -> i8 {
        self.0
    }
}

impl TryFrom<i64> for Scale {
    type Error = Invalid;
    fn try_from(number: i64) -> Result<Self, Invalid> {
        let number = i8::try_from(number).map_err(|_| Invalid::OffTheScale)?;
        let on_it = (Self::WORST..=Self::BEST).contains(&number);
        if on_it { Ok(Self(number)) } else { Err(Invalid::OffTheScale) }
    }
}

/// Up to 20 tags without doubles, in the order in which they were given.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Tags(Vec<String>);

impl Tags {
    /// The tags.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl Drop for Tags {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl TryFrom<Vec<String>> for Tags {
    type Error = Invalid;
    fn try_from(given: Vec<String>) -> Result<Self, Invalid> {
        let mut tags = Self(Vec::with_capacity(given.len().min(TAGS)));
        for mut tag in given {
            let trimmed = tag.trim();
            check_tag(trimmed)?;
            if tags.0.iter().all(|known| known != trimmed) {
                if tags.0.len() == TAGS {
                    return Err(Invalid::TooManyTags);
                }
                tags.0.push(trimmed.to_owned());
            }
            tag.zeroize();
        }
        Ok(tags)
    }
}

fn check_tag(tag: &str) -> Result<(), Invalid> {
    match () {
        () if tag.is_empty() => Err(Invalid::EmptyTag),
        () if tag.chars().count() > TAG_CHARS => Err(Invalid::TagTooLong),
        () if tag.contains(char::is_control) => Err(Invalid::TagNotOneLine),
        () => Ok(()),
    }
}

/// What is filtered and counted by.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// The mood that was chosen.
    pub mood: Option<Mood>,
    /// The number that was chosen.
    pub scale: Option<Scale>,
    /// The tags.
    pub tags: Tags,
    /// Whether it is one of the person's favourites.
    pub favourite: bool,
    /// The entry that this one is a conflict copy of.
    pub copy_of: Option<EntryId>,
}

impl Meta {
    /// How the person felt, as a number: the one they gave, or else that of their mood.
    #[must_use]
    pub fn valence(&self) -> Option<Scale> {
        self.scale.or(self.mood.map(Mood::scale))
    }
}

impl Zeroize for Meta {
    fn zeroize(&mut self) {
        *self = Self::default(); // wipes the tags
    }
}

/// What a person writes.
#[derive(Clone)]
pub struct Content {
    /// The moment it is about.
    pub occurred_at: Timestamp,
    /// A line to find it by; may be empty.
    pub title: Phi<String>,
    /// The text, in Markdown; may be empty.
    pub text: Phi<String>,
    /// The rest.
    pub meta: Phi<Meta>,
}

impl Content {
    /// Holds if every field keeps to its rule.
    pub fn check(&self) -> Result<(), Invalid> {
        // EXPOSE: only lengths and kinds of characters are looked at.
        let (title, text) = (self.title.expose(), self.text.expose());
        match () {
            () if title.chars().count() > TITLE_CHARS => Err(Invalid::TitleTooLong),
            () if title.contains(char::is_control) => Err(Invalid::TitleNotOneLine),
            () if text.len() > CONTENT_BYTES => Err(Invalid::ContentTooLong),
            () if !DATES.contains(&self.occurred_at.as_micros()) => Err(Invalid::DateTooFar),
            () => Ok(()),
        }
    }

    /// Whether someone who reads both finds no difference. Whether it is a conflict copy is not
    /// something that a person wrote.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        // EXPOSE: compared, not shown.
        let (mine, others) = (self.meta.expose(), other.meta.expose());
        self.occurred_at == other.occurred_at
            && self.title.expose() == other.title.expose()
            && self.text.expose() == other.text.expose()
            && (mine.mood, mine.scale, mine.favourite)
                == (others.mood, others.scale, others.favourite)
            && mine.tags == others.tags
    }
}

/// An entry of a journal.
#[derive(Clone)]
pub struct Entry {
    /// Which one.
    pub id: EntryId,
    /// What was written.
    pub content: Content,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from 1.
    pub version: u64,
}

impl Entry {
    /// Its place in lists.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.content.occurred_at, id: self.id.as_uuid() }
    }

    /// The next version, with other content: of the same moment if no other was given, and still
    /// a copy of what it was a copy of.
    #[must_use]
    pub fn rewritten(&self, mut content: Content, dated: bool, now: Timestamp) -> Self {
        // EXPOSE: only what it is a copy of is looked at.
        content.meta.expose_mut().copy_of = self.content.meta.expose().copy_of;
        if !dated {
            content.occurred_at = self.content.occurred_at;
        }
        let Self { id, created_at, version, .. } = *self;
        Self { id, content, created_at, updated_at: now, version: version + 1 }
    }
}

/// How far a device has seen a journal. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncCursor {
    /// The number of the last change that it has seen.
    pub seq: u64,
    /// The history of the database in which it was counted.
    pub lineage: Uuid,
}

impl fmt::Display for SyncCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}.{}", self.seq, self.lineage.simple())
    }
}

impl FromStr for SyncCursor {
    type Err = kernel::CursorError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.strip_prefix('s').and_then(|rest| rest.split_once('.'));
        let (seq, lineage) = parts.ok_or(kernel::CursorError)?;
        let seq = seq.parse().map_err(|_| kernel::CursorError)?;
        let lineage = Uuid::try_parse(lineage).map_err(|_| kernel::CursorError)?;
        let cursor = Self { seq, lineage };
        if cursor.to_string() == text { Ok(cursor) } else { Err(kernel::CursorError) }
    }
}

#[cfg(test)]
mod tests;
