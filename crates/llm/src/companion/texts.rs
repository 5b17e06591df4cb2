//! The words that the companion says and listens for, from `data/companion`.

use super::TextsUnreadable;
use serde::Deserialize;

const FILES: &[&str] = &[
    include_str!("../../data/companion/en.toml"),
    include_str!("../../data/companion/de.toml"),
    include_str!("../../data/companion/es.toml"),
    include_str!("../../data/companion/fr.toml"),
    include_str!("../../data/companion/pt.toml"),
    include_str!("../../data/companion/hi-latn.toml"),
];

/// One language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    pub language: String,
    pub listen: Listen,
    pub say: Say,
    pub check_in: CheckIn,
    pub topics: Vec<Topic>,
}

/// Words that mean something; one that ends with `*` stands for its beginning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listen {
    pub hello: Vec<String>,
    pub thanks: Vec<String>,
    pub bye: Vec<String>,
    pub who: Vec<String>,
    pub yes: Vec<String>,
    pub no: Vec<String>,
    pub next: Vec<String>,
    pub stop: Vec<String>,
    pub only_hear: Vec<String>,
    pub exercise: Vec<String>,
    pub check_in: Vec<String>,
    pub medicine: Vec<String>,
    pub diagnosis: Vec<String>,
}

/// Variants of what is said; at least two of each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Say {
    /// What it is; said before its first answer.
    pub introduce: Vec<String>,
    pub hello: Vec<String>,
    pub who: Vec<String>,
    pub thanks: Vec<String>,
    pub bye: Vec<String>,
    pub medicine: Vec<String>,
    pub diagnosis: Vec<String>,
    pub reflect: Vec<String>,
    pub ask: Vec<String>,
    pub offer: Vec<String>,
    pub step: String,
    pub guide: Vec<String>,
    pub begin: Vec<String>,
    pub wait: Vec<String>,
    pub done: Vec<String>,
    pub stopped: Vec<String>,
    pub declined: Vec<String>,
    pub no_exercise: Vec<String>,
    pub no_words: Vec<String>,
}

/// A few questions, one after the other; the first is answered with a number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckIn {
    pub questions: Vec<String>,
    pub thanks: Vec<String>,
    pub low: Vec<String>,
    pub end: Vec<String>,
}

/// Something that people write about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub id: String,
    pub words: Vec<String>,
    pub reflect: Vec<String>,
    pub ask: Vec<String>,
}

/// All languages; English is the first.
pub(super) fn load() -> Result<Vec<Texts>, TextsUnreadable> {
    let read =
        |text: &&str| toml::from_str(text).map_err(|error| TextsUnreadable(error.to_string()));
    FILES.iter().map(read).collect()
}

/// A text in lower case, its words with one space around each: ` i can not sleep `.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::from(" ");
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’' && c != '-') {
        let word = word.replace(['\'', '’'], "");
        if !word.is_empty() {
            plain.push_str(&word.to_lowercase());
            plain.push(' ');
        }
    }
    plain
}

/// Whether a plain text begins with one of these words.
pub(super) fn begins(plain: &str, words: &[String]) -> bool {
    words.iter().any(|word| plain.starts_with(&format!(" {word} ")))
}

/// Whether one of these words is in a plain text.
pub(super) fn hears(plain: &str, words: &[String]) -> bool {
    words.iter().any(|word| match word.strip_suffix('*') {
        Some(beginning) => plain.contains(&format!(" {beginning}")),
        None => plain.contains(&format!(" {word} ")),
    })
}
