//! The rule files that are part of the engine, their version and their fingerprint.

use crate::source::{RuleError, RuleFile, read};

/// Raised whenever a rule changes what it means.
pub const VERSION: &str = "2";

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
    "fr/fr.rules",
    "de/de.rules",
    "pt/pt.rules",
    "hi/hi.rules",
];

pub(crate) fn files() -> Result<Vec<RuleFile>, RuleError> {
    FILES.iter().map(|(name, text)| read(name, text)).collect()
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
