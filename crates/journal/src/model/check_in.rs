//! A check-in: how somebody feels right now, in ten seconds.

use super::{DATES, Invalid, Mood, Scale, TAGS, Tags, check_tag};
use crisis::Whereabouts;
use kernel::{Cursor, Phi, Timestamp, typed_id};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

typed_id!(
    /// One check-in. Devices may choose it, so that they can check in without a connection.
    CheckInId
);

/// The highest rating of a feeling or an urge.
pub const STRONGEST: u8 = 10;
/// The longest note, in characters.
pub const NOTE_CHARS: usize = 2_000;

/// Urges that have a place in the diary card and are looked at by their rating.
pub const KNOWN_URGES: [&str; 2] = ["suicide", "self-harm"];

/// These pieces as one text, each a paragraph of its own.
pub fn words<'a>(pieces: impl Iterator<Item = &'a str>) -> Phi<String> {
    let pieces: Vec<&str> = pieces.filter(|piece| !piece.trim().is_empty()).collect();
    Phi::new(pieces.join("\n\n"))
}

/// Something that was felt, and how strongly.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// What it was.
    #[serde(rename = "n")]
    pub name: String,
    /// From 0 to 10, if it was rated.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<u8>,
}

impl Zeroize for Rating {
    fn zeroize(&mut self) {
        self.name.zeroize();
        self.strength.zeroize();
    }
}

/// What a check-in says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Rated {
    /// The mood that was chosen.
    pub mood: Option<Mood>,
    /// The number that was chosen.
    pub scale: Option<Scale>,
    /// What was felt.
    pub emotions: Vec<Rating>,
    /// What the person felt driven to.
    pub urges: Vec<Rating>,
    /// What the day had: sleep, people, work.
    pub factors: Tags,
    /// A line about it; may be empty.
    pub note: String,
}

impl Zeroize for Rated {
    fn zeroize(&mut self) {
        self.emotions.zeroize();
        self.urges.zeroize();
        self.note.zeroize();
        *self = Self::default(); // wipes the factors
    }
}

impl Rated {
    /// How the person felt, as a number: the one they gave, or else that of their mood.
    #[must_use]
    pub fn valence(&self) -> Option<Scale> {
        self.scale.or(self.mood.map(Mood::scale))
    }

    /// Every word of it, but for urges that are known by name: what these say is their rating.
    #[must_use]
    pub fn words(&self) -> Phi<String> {
        let own = self.urges.iter().filter(|urge| !KNOWN_URGES.contains(&urge.name.as_str()));
        let rated = self.emotions.iter().chain(own).map(|rating| rating.name.as_str());
        let factors = self.factors.as_slice().iter().map(String::as_str);
        words(std::iter::once(self.note.as_str()).chain(rated).chain(factors))
    }
}

/// A check-in.
#[derive(Clone)]
pub struct CheckIn {
    /// Which one.
    pub id: CheckInId,
    /// When it was.
    pub occurred_at: Timestamp,
    /// What it says.
    pub rated: Phi<Rated>,
}

impl CheckIn {
    /// Its place in lists.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.occurred_at, id: self.id.as_uuid() }
    }
}

/// What a client sends.
#[derive(Clone, Default)]
pub struct CheckInDraft {
    /// The check-in, if the client says which.
    pub id: Option<CheckInId>,
    /// When it was, if it was not now.
    pub occurred_at: Option<Timestamp>,
    /// The name of the mood.
    pub mood: Option<Phi<String>>,
    /// The number on the scale.
    pub scale: Option<i64>,
    /// What was felt: a name, and how strongly.
    pub emotions: Vec<(Phi<String>, Option<i64>)>,
    /// What the person felt driven to.
    pub urges: Vec<(Phi<String>, Option<i64>)>,
    /// What the day had.
    pub factors: Vec<String>,
    /// A line about it.
    pub note: Phi<String>,
    /// Where the person is, as far as they tell.
    pub place: Whereabouts,
}

impl CheckInDraft {
    /// The check-in under this id, if every field keeps to its rule; of this moment if no other
    /// was given.
    pub fn check_in(self, id: CheckInId, otherwise: Timestamp) -> Result<CheckIn, Invalid> {
        // EXPOSE: compared with the names of moods.
        let mood = self.mood.map(|mood| mood.expose().parse()).transpose()?;
        // EXPOSE: goes from one guarded value into another.
        let note = self.note.expose().clone();
        let rated = Rated {
            mood,
            scale: self.scale.map(TryInto::try_into).transpose()?,
            emotions: ratings("emotions", &self.emotions)?,
            urges: ratings("urges", &self.urges)?,
            factors: self.factors.try_into()?,
            note,
        };
        let occurred_at = self.occurred_at.unwrap_or(otherwise);
        match () {
            () if rated.valence().is_none() => Err(Invalid::NoMood),
            () if rated.note.chars().count() > NOTE_CHARS => Err(Invalid::NoteTooLong),
            () if !DATES.contains(&occurred_at.as_micros()) => Err(Invalid::DateTooFar),
            () => Ok(CheckIn { id, occurred_at, rated: Phi::new(rated) }),
        }
    }
}

fn ratings(
    field: &'static str,
    given: &[(Phi<String>, Option<i64>)],
) -> Result<Vec<Rating>, Invalid> {
    if given.len() > TAGS {
        return Err(Invalid::TooMany(field));
    }
    let rating = |(name, strength): &(Phi<String>, Option<i64>)| {
        // EXPOSE: goes from one guarded value into another.
        let name = name.expose().trim();
        check_tag(name)?;
        let strength = strength.map(u8::try_from).transpose().map_err(|_| Invalid::Strength)?;
        if strength.is_some_and(|strength| strength > STRONGEST) {
            return Err(Invalid::Strength);
        }
        Ok(Rating { name: name.to_owned(), strength })
    };
    given.iter().map(rating).collect()
}
