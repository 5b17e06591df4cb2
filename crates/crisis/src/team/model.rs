//! What a case is.

use super::{error::TeamError, store::CaseRow};
use crate::{attention::Attention, views::Resources};
use audit::Pseudonym;
use kernel::{Phi, Timestamp, UserId, typed_id};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

typed_id!(
    /// Somebody's wish for a human.
    CaseId
);

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CrisisCaseState)]
pub enum State {
    /// Nobody has it yet.
    Waiting,
    /// A responder has it.
    Claimed,
    /// It is over.
    Closed,
}

impl State {
    /// The number that is stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Claimed => 1,
            Self::Closed => 2,
        }
    }

    pub(super) const fn of(number: i64) -> Self {
        match number {
            0 => Self::Waiting,
            1 => Self::Claimed,
            _ => Self::Closed,
        }
    }
}

/// Something that was noted.
#[derive(Clone, Serialize, Deserialize)]
pub struct Note {
    /// By the person, and not by a responder.
    #[serde(rename = "p")]
    pub by_person: bool,
    /// When, in microseconds.
    #[serde(rename = "a")]
    pub at: i64,
    /// The words.
    #[serde(rename = "t")]
    pub text: String,
}

/// What is in a case. The form is stored: it only changes with the format of its column.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Body {
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<u8>,
    #[serde(rename = "r", default)]
    pub(super) rules: Vec<String>,
    #[serde(rename = "n", default)]
    pub(super) notes: Vec<Note>,
}

impl Zeroize for Body {
    fn zeroize(&mut self) {
        self.rules.zeroize();
        self.notes.iter_mut().for_each(|note| note.text.zeroize());
        self.notes.clear();
    }
}

/// A case, without what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Which one.
    pub id: CaseId,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

/// A case that somebody waits in.
pub struct Waiting {
    /// The case.
    pub case: Case,
    /// The person, as the ledger names them.
    pub pseudonym: Pseudonym,
    /// Whether the caller has it.
    pub own: bool,
}

/// A case, for the responder who has it.
pub struct Opened {
    /// The case.
    pub case: Case,
    /// Whose it is.
    pub person: UserId,
    /// How serious it looked, from 0 to 10, if anything was noticed.
    pub level: Option<u8>,
    /// Why, as names of rules.
    pub rules: Vec<String>,
    /// What was written, oldest first.
    pub notes: Phi<Vec<u8>>,
}

/// What somebody is answered who asked for a human.
pub struct Asked {
    /// The case.
    pub case: Case,
    /// What was noticed in the message, if anything.
    pub safety: Option<Attention>,
    /// Whom to turn to meanwhile.
    pub resources: Resources,
    /// Programs of the crisis team elsewhere are told that somebody waits.
    pub told_elsewhere: bool,
}

impl Opened {
    /// What was written, oldest first.
    pub fn notes(&self) -> Result<Vec<Note>, TeamError> {
        // EXPOSE: for the responder who has the case.
        serde_json::from_slice(self.notes.expose()).map_err(|_| TeamError::Damaged)
    }
}

impl CaseRow {
    /// The case, without what is in it.
    pub(super) const fn case(&self) -> Case {
        Case {
            id: self.id,
            state: State::of(self.state),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms_are_read_for_ever() {
        let stored = r#"{"l":8,"r":["a.rule"],"n":[{"p":true,"a":5,"t":"words"}]}"#;
        let body: Body = serde_json::from_str(stored).unwrap();
        assert_eq!((body.level, body.notes[0].by_person, body.notes[0].at), (Some(8), true, 5));
        assert_eq!(serde_json::to_string(&body).unwrap(), stored);
    }
}
