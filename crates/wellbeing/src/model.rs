//! What can be filled in, and the rules on it.

use care::{forms, questionnaires};
use kernel::{Cursor, Phi, Timestamp, typed_id};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroize;

typed_id!(
    /// Something that was filled in. Devices may choose it, so that they can fill it in without a
    /// connection.
    RecordId
);

/// The longest note, in characters.
pub const NOTE_CHARS: usize = 2_000;
/// Records are of 1900 to 2199, in microseconds: what lies outside is a broken clock.
const DATES: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Results of questionnaires.
    Results,
    /// Diary cards, chain analyses, safety plans.
    Forms,
    /// Exercises that were tried.
    Practice,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Results, Self::Forms, Self::Practice];

    /// The number that is stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Results => 1,
            Self::Forms => 2,
            Self::Practice => 3,
        }
    }
}

/// What breaks a rule. The text names the part and never what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is no such questionnaire.
    #[error("questionnaire: there is none of this name")]
    Questionnaire,
    /// Answers give no score.
    #[error("answers: {0}")]
    Answers(#[from] questionnaires::Unscorable),
    /// There is no such form.
    #[error("kind: there is no form of this name")]
    Form,
    /// A form is not filled in as it should be.
    #[error("entry: {0}")]
    Entry(#[from] forms::Invalid),
    /// A form stays of its kind.
    #[error("kind: stays what it was")]
    OtherKind,
    /// There is no such exercise.
    #[error("skill: there is none of this name")]
    Skill,
    /// The note is too long.
    #[error("note: at most {NOTE_CHARS} characters")]
    NoteTooLong,
    /// The date is too far away.
    #[error("occurred_at: must be between 1900 and 2199")]
    DateTooFar,
    /// There is no place with such a clock.
    #[error("tz_offset: must be from -840 to 840 minutes")]
    TimeZone,
}

/// A questionnaire that was answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// Which one.
    #[serde(rename = "q")]
    pub questionnaire: String,
    /// The version of its text and scoring.
    #[serde(rename = "v")]
    pub version: u32,
    /// The answers.
    #[serde(rename = "a")]
    pub answers: BTreeMap<String, u8>,
    /// The total.
    #[serde(rename = "t")]
    pub total: u16,
    /// The name of its band.
    #[serde(rename = "b")]
    pub band: String,
}

/// A form that was filled in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Which one.
    #[serde(rename = "f")]
    pub form: String,
    /// The version of its sections.
    #[serde(rename = "v")]
    pub version: u32,
    /// What was filled in.
    #[serde(rename = "e")]
    pub entry: BTreeMap<String, forms::Value>,
}

/// Whether something helped.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Helped {
    /// It did not.
    No,
    /// A little.
    ALittle,
    /// It did.
    Yes,
}

/// An exercise that was tried.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practised {
    /// Which one.
    #[serde(rename = "s")]
    pub skill: String,
    /// Whether it helped, if the person says so.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub helped: Option<Helped>,
    /// A line about it; may be empty.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What was filled in. The form is stored: it only changes together with the format number of its
/// column.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "snake_case")]
pub enum Body {
    /// A questionnaire.
    Result(Scored),
    /// A form.
    Form(Filled),
    /// An exercise.
    Practice(Practised),
}

impl Body {
    /// Where it is kept.
    #[must_use]
    pub const fn shelf(&self) -> Shelf {
        match self {
            Self::Result(_) => Shelf::Results,
            Self::Form(_) => Shelf::Forms,
            Self::Practice(_) => Shelf::Practice,
        }
    }

    /// The questionnaire, the form or the exercise.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Result(scored) => &scored.questionnaire,
            Self::Form(filled) => &filled.form,
            Self::Practice(practised) => &practised.skill,
        }
    }

    /// Every word that the person wrote.
    #[must_use]
    pub fn words(&self) -> Phi<String> {
        let pieces: Vec<&str> = match self {
            Self::Result(_) => Vec::new(),
            Self::Form(filled) => filled.entry.values().flat_map(words).collect(),
            Self::Practice(practised) => vec![practised.note.as_str()],
        };
        let pieces: Vec<&str> =
            pieces.into_iter().filter(|piece| !piece.trim().is_empty()).collect();
        Phi::new(pieces.join("\n\n"))
    }
}

fn words(value: &forms::Value) -> Vec<&str> {
    match value {
        forms::Value::Text(text) => vec![text],
        forms::Value::Items(items) => items.iter().map(String::as_str).collect(),
        forms::Value::Contacts(contacts) => {
            contacts.iter().map(|contact| contact.name.as_str()).collect()
        }
        forms::Value::Links(links) => links.iter().map(|link| link.text.as_str()).collect(),
        // Ratings are looked at as such.
        forms::Value::Marks(_) | forms::Value::Skills(_) => Vec::new(),
    }
}

impl Zeroize for Body {
    fn zeroize(&mut self) {
        match self {
            Self::Result(scored) => {
                scored.questionnaire.zeroize();
                scored.answers.clear();
                scored.total.zeroize();
                scored.band.zeroize();
            }
            Self::Form(filled) => {
                for value in filled.entry.values_mut() {
                    wipe(value);
                }
                filled.entry.clear();
            }
            Self::Practice(practised) => {
                practised.skill.zeroize();
                practised.note.zeroize();
            }
        }
    }
}

fn wipe(value: &mut forms::Value) {
    match value {
        forms::Value::Text(text) => text.zeroize(),
        forms::Value::Items(items) => items.zeroize(),
        forms::Value::Contacts(contacts) => {
            for contact in contacts {
                contact.name.zeroize();
                contact.phone.zeroize();
            }
        }
        forms::Value::Links(links) => links.iter_mut().for_each(|link| link.text.zeroize()),
        forms::Value::Marks(rated) | forms::Value::Skills(rated) => rated.clear(),
    }
}

/// Something that was filled in.
#[derive(Clone)]
pub struct Record {
    /// Which one.
    pub id: RecordId,
    /// The moment it is about.
    pub occurred_at: Timestamp,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from 1.
    pub version: u64,
    /// What was filled in.
    pub body: Phi<Body>,
}

/// A moment that a record can be about.
pub fn checked_date(at: Timestamp) -> Result<Timestamp, Invalid> {
    if DATES.contains(&at.as_micros()) { Ok(at) } else { Err(Invalid::DateTooFar) }
}

impl Record {
    /// Its place in lists.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.occurred_at, id: self.id.as_uuid() }
    }
}
