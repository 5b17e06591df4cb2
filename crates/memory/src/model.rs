//! Facts, and the rules on them.

use kernel::{Phi, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

typed_id! {
    /// Something that is remembered.
    FactId
}

/// The longest fact.
pub const FACT_CHARS: usize = 500;
/// How many facts a person may have: so many are compared with each message, one by one.
pub const FACTS: usize = 2_000;

/// A rule that a fact breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is nothing in it.
    #[error("text: must not be empty")]
    Empty,
    /// It is too long.
    #[error("text: at most {FACT_CHARS} characters")]
    TooLong,
}

/// What a fact is about. The names are stored and part of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MemoryKind)]
pub enum Kind {
    /// Who the person is, and how they live.
    AboutMe,
    /// Their health.
    Health,
    /// Those around them.
    People,
    /// How they want to be spoken to. It is told with every message.
    Preference,
    /// Anything else.
    #[default]
    Other,
}

/// Where a fact is from. The names are stored and part of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MemoryOrigin)]
pub enum Origin {
    /// The person wrote it down.
    #[default]
    Person,
    /// The person asked for it in a conversation.
    Chat,
}

/// How facts are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MemoryRetrieval)]
pub enum Retrieval {
    /// By the words that they share with a message.
    Lexical,
    /// By what they mean, as a model on this machine reckons it.
    Embedding,
}

impl Retrieval {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Embedding => "embedding",
        }
    }
}

/// What a person wants to be remembered.
#[derive(Clone, Default)]
pub struct Draft {
    /// The words.
    pub text: Phi<String>,
    /// What they are about.
    pub kind: Kind,
}

impl Draft {
    /// The same without blanks around it, if it can be kept.
    pub fn checked(&self) -> Result<Self, Invalid> {
        // EXPOSE: looked at, and as sensitive as before.
        let words = self.text.expose().trim();
        if words.is_empty() {
            return Err(Invalid::Empty);
        }
        if words.chars().count() > FACT_CHARS {
            return Err(Invalid::TooLong);
        }
        Ok(Self { text: Phi::new(words.to_owned()), kind: self.kind })
    }
}

/// A fact.
#[derive(Clone)]
pub struct Fact {
    /// Which one.
    pub id: FactId,
    /// The words.
    pub text: Phi<String>,
    /// What they are about.
    pub kind: Kind,
    /// Where they are from.
    pub origin: Origin,
    /// When it was first kept.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from 1.
    pub version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        Draft { text: Phi::new(text.to_owned()), kind: Kind::Health }
    }

    #[test]
    fn a_fact_has_words_and_a_bound() {
        assert_eq!(draft("  \n ").checked().err(), Some(Invalid::Empty));
        assert_eq!(draft(&"ä".repeat(FACT_CHARS + 1)).checked().err(), Some(Invalid::TooLong));
        let kept = draft("  I sleep badly. ").checked().unwrap();
        assert_eq!((kept.text.expose().as_str(), kept.kind), ("I sleep badly.", Kind::Health));
        assert!(draft(&"ä".repeat(FACT_CHARS)).checked().is_ok());
    }
}
