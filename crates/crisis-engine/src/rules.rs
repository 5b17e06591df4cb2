//! The rule files that are part of the engine, their version and their fingerprint.

use crate::{
    language::Language,
    source::{RuleError, RuleFile, read},
};

/// Raised whenever a rule changes what it means.
pub const VERSION: &str = "3";

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        /// Name and text of every file.
        const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../data/crisis/rules/", $path)))),*];
    };
}

embedded![
    "any/shared.rules",
    "en/words.rules",
    "en/danger.rules",
    "en/context.rules",
    "es/es.rules",
    "es/frames.rules",
    "fr/fr.rules",
    "fr/frames.rules",
    "de/de.rules",
    "de/frames.rules",
    "pt/pt.rules",
    "pt/frames.rules",
    "hi/hi.rules",
    "hi/frames.rules",
];

pub(crate) fn files() -> Result<Vec<RuleFile>, RuleError> {
    FILES.iter().map(|(name, text)| read(name, text)).collect()
}

/// What a rule must find and what it must not, as its file says.
pub struct Examples {
    /// The id of the rule
    pub rule: String,
    /// Its language
    pub language: Language,
    /// What it must find
    pub yes: Vec<&'static str>,
    /// What it must not find
    pub no: Vec<&'static str>,
}

/// The examples of every rule. An engine does not keep them: only those who test it need them.
pub fn examples() -> Result<Vec<Examples>, RuleError> {
    let mut all = Vec::new();
    for file in files()? {
        let language = file.language;
        all.extend(file.rules.into_iter().map(|rule| Examples {
            rule: rule.id_in(language),
            language,
            yes: rule.yes,
            no: rule.no,
        }));
    }
    Ok(all)
}

/// A fingerprint of all rule files: what was found can be traced to the rules that found it.
#[must_use]
pub fn fingerprint() -> String {
    let bytes = FILES.iter().flat_map(|(name, text)| name.bytes().chain([0]).chain(text.bytes()));
    let hash = bytes.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    format!("{hash:032x}")
}
