//! Sentences about a person's own figures, and from when on they may be said.

use crate::source::{File, Flaw, read, require, require_text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From when on something may be said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The fewest days with both values.
    pub paired_days: u32,
    /// The fewest days on each side of a comparison.
    pub days_in_each_group: u32,
    /// The share of false findings among all findings that is accepted.
    pub false_discovery_rate: f64,
    /// The fewest days of a trend.
    pub trend_days: u32,
}

/// The sentences and their rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insights {
    version: u32,
    rules: Rules,
    texts: BTreeMap<String, String>,
}

/// Why a sentence cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// There is no such sentence.
    #[error("there is no such sentence: {0}")]
    NoSuchText(String),
    /// A value is missing.
    #[error("a value is missing: {0}")]
    Missing(String),
}

impl Insights {
    pub(super) fn read((file, text): File) -> Result<Self, Flaw> {
        let own: Self = read(file, text)?;
        require(own.version > 0, file, "version", "counts from 1")?;
        let rate = own.rules.false_discovery_rate;
        require(rate > 0.0 && rate < 0.5, file, "rules.false_discovery_rate", "is no such share")?;
        for (name, text) in &own.texts {
            let field = format!("texts.{name}");
            require_text(text, file, &field)?;
            let lower = text.to_lowercase();
            let claims = ["because of", "causes your", "makes you", "leads to"];
            let honest = claims.iter().all(|claim| !lower.contains(claim));
            require(honest, file, &field, "claims a cause")?;
            let pairs = text.matches('{').count() == text.matches('}').count();
            require(pairs, file, &field, "has an open placeholder")?;
        }
        Ok(own)
    }

    /// From when on something may be said.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// The sentence of that name with its values.
    pub fn say(&self, name: &str, values: &[(&str, &str)]) -> Result<String, Unfilled> {
        let text = self.texts.get(name).ok_or_else(|| Unfilled::NoSuchText(name.to_owned()))?;
        let mut said = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (key, after) = after.split_once('}').unwrap_or((after, ""));
            let value = values.iter().find(|(name, _)| *name == key);
            let (_, value) = value.ok_or_else(|| Unfilled::Missing(key.to_owned()))?;
            said.push_str(before);
            said.push_str(value);
            rest = after;
        }
        said.push_str(rest);
        Ok(said)
    }

    /// The names of all sentences.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}
