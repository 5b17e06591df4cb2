//! Short plain names inside entries, and the references that stand for people and things.

use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt, str::FromStr};

/// The longest name an entry can hold.
pub const MAX_WORD: usize = 64;

/// A short name of letters, digits, dots, dashes, underscores and colons; may be empty.
///
/// Free text has no place in the clear part of an entry, and this type cannot hold any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Word(Cow<'static, str>);

/// The text cannot stand in the clear part of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name in the ledger has at most 64 letters, digits, dots, dashes, underscores or colons")]
pub struct WordError;

/// Whether the text can be a [`Word`]; `const`, so that declared names are checked while compiling.
#[must_use]
pub const fn is_word(text: &str) -> bool {
    let mut rest = text.as_bytes();
    if rest.len() > MAX_WORD {
        return false;
    }
    while let [byte, tail @ ..] = rest {
        if !(byte.is_ascii_alphanumeric() || matches!(*byte, b'.' | b'-' | b'_' | b':')) {
            return false;
        }
        rest = tail;
    }
    true
}

impl Word {
    /// This name.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Result<Self, WordError> {
        let text = text.into();
        if is_word(&text) { Ok(Self(text)) } else { Err(WordError) }
    }

    /// A name that was checked while compiling.
    pub(crate) const fn declared(text: Cow<'static, str>) -> Self {
        Self(text)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Word {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text.to_owned())
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Stands for a person or a thing in an entry. Only who holds the person's key can tell whom;
/// once that key is destroyed nobody can.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonym({self})")
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Sealed details of an entry: an envelope of the vault, or nothing.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DetailBox(Vec<u8>);

/// The details are larger than an entry can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the details of a ledger entry have at most 65535 sealed bytes")]
pub struct DetailTooLarge;

impl DetailBox {
    /// These sealed bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, DetailTooLarge> {
        if u16::try_from(bytes.len()).is_ok() { Ok(Self(bytes)) } else { Err(DetailTooLarge) }
    }

    /// The sealed bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no details.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for DetailBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DetailBox({} bytes)", self.0.len())
    }
}
