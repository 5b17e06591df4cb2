//! The languages in which people are spoken to.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language of ours. English is the source of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// German.
    #[serde(rename = "de")]
    German,
    /// Portuguese.
    #[serde(rename = "pt")]
    Portuguese,
    /// Hindi in Latin letters.
    #[serde(rename = "hi-latn")]
    HindiLatin,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::English,
        Self::Spanish,
        Self::French,
        Self::German,
        Self::Portuguese,
        Self::HindiLatin,
    ];

    /// The tag, in lower case.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
            Self::Portuguese => "pt",
            Self::HindiLatin => "hi-latn",
        }
    }

    /// The language that fits a tag such as `pt-BR` best; English where we have none.
    #[must_use]
    pub fn nearest(tag: &str) -> Self {
        tag.parse().unwrap_or(Self::English)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.tag())
    }
}

/// The tag names none of our languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of the languages of this program")]
pub struct UnknownLang;

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Takes the first part of a tag; `hi` in any script is answered in Latin letters.
    fn from_str(tag: &str) -> Result<Self, UnknownLang> {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|lang| {
                lang.tag().split('-').next().is_some_and(|own| own.eq_ignore_ascii_case(first))
            })
            .ok_or(UnknownLang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_with_a_region_finds_its_language() {
        assert_eq!(Lang::nearest("pt-BR"), Lang::Portuguese);
        assert_eq!(Lang::nearest("DE_at"), Lang::German);
        assert_eq!(Lang::nearest("hi-Latn-IN"), Lang::HindiLatin);
    }

    #[test]
    fn an_unknown_tag_is_answered_in_english() {
        for tag in ["", "tlh", "-", "e", "\u{1f600}"] {
            assert_eq!(Lang::nearest(tag), Lang::English);
        }
    }

    #[test]
    fn each_language_is_found_by_its_own_tag() {
        for lang in Lang::ALL {
            assert_eq!(lang.tag().parse(), Ok(lang));
        }
    }
}
