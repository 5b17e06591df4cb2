//! The languages with rules, and how a text votes for them by its small words.

use serde::{Deserialize, Serialize};

/// A language that has rules.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Language {
    /// What is the same in all of them: emoji, acronyms.
    #[serde(rename = "any")]
    Any,
    /// English
    #[serde(rename = "en")]
    English,
    /// Spanish
    #[serde(rename = "es")]
    Spanish,
    /// French
    #[serde(rename = "fr")]
    French,
    /// German
    #[serde(rename = "de")]
    German,
    /// Portuguese
    #[serde(rename = "pt")]
    Portuguese,
    /// Hindi in Latin letters
    #[serde(rename = "hi")]
    Hindi,
}

impl Language {
    pub(crate) const COUNT: usize = 7;
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Any,
        Self::English,
        Self::Spanish,
        Self::French,
        Self::German,
        Self::Portuguese,
        Self::Hindi,
    ];

    /// The language of a tag such as `pt-BR` or `hi-Latn`, if it has rules.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().skip(1).find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// Its two letters, or `any`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
            Self::Portuguese => "pt",
            Self::Hindi => "hi",
        }
    }
}

/// A set of languages.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Languages(u8);

impl Languages {
    pub(crate) const ALL: Self = Self(0x7f);

    pub(crate) fn with(self, language: Language) -> Self {
        Self(self.0 | 1 << language as u8)
    }

    pub(crate) fn contains(self, language: Language) -> bool {
        self.0 & 1 << language as u8 != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(move |language| self.contains(*language))
    }

    /// Those whose rules are to be used, and the one whose abbreviations are.
    ///
    /// English is always among them, because its words are used in every other language's chats.
    pub(crate) fn elected(
        votes: &[u32; Language::COUNT],
        hint: Option<Language>,
    ) -> (Self, Language) {
        let weighed: Vec<(u32, Language)> = Language::ALL
            .into_iter()
            .zip(votes)
            .skip(1)
            .map(|(language, count)| (count * 4 + u32::from(hint == Some(language)) * 3, language))
            .collect();
        let most = weighed.iter().map(|(count, _)| *count).max().unwrap_or_default();
        let first = weighed.iter().find(|(count, _)| *count == most);
        let primary = match first {
            Some((count, language)) if *count > 0 => *language,
            _ => Language::English,
        };
        if most < 8 {
            return (Self::ALL, primary);
        }
        let mut chosen = Self::default().with(Language::Any).with(Language::English);
        for (count, language) in weighed {
            if count * 3 >= most {
                chosen = chosen.with(language);
            }
        }
        (chosen, primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_with_a_region_or_a_script_name_a_language() {
        assert_eq!(Language::from_tag("pt-BR"), Some(Language::Portuguese));
        assert_eq!(Language::from_tag("hi-Latn"), Some(Language::Hindi));
        assert_eq!(Language::from_tag("ja"), None);
        assert_eq!(Language::from_tag("any"), None);
    }

    #[test]
    fn a_clear_vote_leaves_out_other_languages_and_an_unclear_one_none() {
        let (all, primary) = Languages::elected(&[0; Language::COUNT], None);
        assert_eq!((all, primary), (Languages::ALL, Language::English));
        let (some, primary) = Languages::elected(&[0, 0, 6, 0, 0, 2, 0], None);
        assert_eq!(primary, Language::Spanish);
        assert!(some.contains(Language::Portuguese) && !some.contains(Language::French));
    }
}
