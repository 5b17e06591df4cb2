//! Questionnaires that may be used freely: their text, how they are scored, what a change means.
//!
//! The text of each is verbatim, with its attribution. A score is a screening result and never a
//! diagnosis. An answer that asks for help at once is a [`Flag`], whatever the total.

mod score;
mod words;

pub use score::{Answers, Change, Direction, Flag, Result, Unscorable};

use crate::{
    lang::Lang,
    source::{self, File, Flaw, Provenance, embedded, read, require, require_text},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use words::Words;

#[cfg(test)]
pub(crate) use words::{PROVENANCE as PROVENANCE_TEXTS, TEXTS};

pub(crate) const FILES: &[File] = embedded!("questionnaires":
    "asq.toml", "ces-d.toml", "gad-2.toml", "gad-7.toml", "pc-ptsd-5.toml", "pcl-5.toml",
    "phq-2.toml", "phq-9.toml",
);
pub(crate) const PROVENANCE: File = ("questionnaires/PROVENANCE.toml", PROVENANCE_TEXT);
const PROVENANCE_TEXT: &str = include_str!("../data/questionnaires/PROVENANCE.toml");

/// A questionnaire, in the language of its `language`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// Its stable name.
    pub id: String,
    /// Counts up whenever text or scoring changes; stored with each result.
    pub version: u32,
    /// What people call it.
    pub title: String,
    /// What it looks at, in one sentence of ours.
    pub about: String,
    /// The language of instruction, questions and answers: another one than English only where
    /// there is an official wording.
    pub language: String,
    /// What is said before the first question.
    pub instruction: String,
    /// Whom to name.
    pub attribution: String,
    /// Why it may be used.
    pub licence: String,
    /// Where wording and scoring are described.
    pub source: String,
    /// The answers to choose from.
    pub choices: Vec<Choice>,
    /// The questions, in order.
    pub items: Vec<Item>,
    /// What a total means, without gaps and from the lowest to the highest.
    pub bands: Vec<Band>,
    /// A total of this or more suggests talking to a professional.
    pub positive_from: u16,
    /// Answers that matter by themselves.
    #[serde(default)]
    pub flags: Vec<FlagRule>,
    /// From which difference on a change is more than chance.
    #[serde(default)]
    pub reliable_change: Option<ReliableChange>,
    /// What is said with every result.
    pub notice: String,
}

/// One of the answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub value: u8,
    /// What is read.
    pub text: String,
    /// What it counts, where that is not `value`.
    #[serde(default)]
    pub points: Option<u8>,
}

impl Choice {
    /// What it counts.
    #[must_use]
    pub fn points(&self) -> u8 {
        self.points.unwrap_or(self.value)
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its stable name in the questionnaire.
    pub id: String,
    /// The question.
    pub text: String,
    /// Whether the best answer counts most.
    #[serde(default)]
    pub reverse: bool,
    /// Whether it is asked but does not count.
    #[serde(default)]
    pub unscored: bool,
    /// Asked only if one of these questions has an answer above zero.
    #[serde(default)]
    pub only_if: Vec<String>,
}

/// What totals of a range mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The lowest total.
    pub from: u16,
    /// The highest total.
    pub to: u16,
    /// Its stable name.
    pub name: String,
    /// What it means, in words for the person.
    pub text: String,
}

/// What an answer that matters by itself asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Open crisis care now, at the level of an alert.
    Crisis,
    /// Open crisis care now, as in immediate danger.
    Imminent,
}

/// An answer that matters by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRule {
    /// The question.
    pub item: String,
    /// The lowest answer that counts.
    pub from: u8,
    /// What it asks for.
    pub urgency: Urgency,
}

/// From which difference on a change is more than chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliableChange {
    /// The smallest difference that counts.
    pub points: u16,
    /// The reliability that it rests on, where published.
    #[serde(default)]
    pub reliability: Option<f64>,
    /// The standard deviation that it rests on, where published.
    #[serde(default)]
    pub sd: Option<f64>,
    /// Who published it, for whom.
    pub source: String,
}

impl Questionnaire {
    /// The highest total that can be reached.
    #[must_use]
    pub fn max(&self) -> u16 {
        let scored = self.items.iter().filter(|item| !item.unscored).count();
        u16::try_from(scored).unwrap_or(u16::MAX).saturating_mul(u16::from(self.max_points()))
    }

    pub(crate) fn max_points(&self) -> u8 {
        self.choices.iter().map(Choice::points).max().unwrap_or(0)
    }

    fn check(&self, file: &str) -> std::result::Result<(), Flaw> {
        require(source::is_id(&self.id), file, "id", "must be an id")?;
        require(file.ends_with(&format!("/{}.toml", self.id)), file, "id", "must be the file's")?;
        require(self.version > 0, file, "version", "counts from 1")?;
        for (field, text) in [
            ("title", &self.title),
            ("about", &self.about),
            ("instruction", &self.instruction),
            ("attribution", &self.attribution),
            ("licence", &self.licence),
            ("source", &self.source),
            ("notice", &self.notice),
        ] {
            require_text(text, file, field)?;
        }
        self.check_choices(file)?;
        self.check_items(file)?;
        self.check_bands(file)?;
        self.check_rules(file)
    }

    fn check_choices(&self, file: &str) -> std::result::Result<(), Flaw> {
        let values: BTreeSet<u8> = self.choices.iter().map(|choice| choice.value).collect();
        require(values.len() == self.choices.len(), file, "choices", "each value once")?;
        require(values.len() >= 2, file, "choices", "at least two")?;
        self.choices.iter().enumerate().try_for_each(|(at, choice)| {
            require_text(&choice.text, file, format!("choices[{at}].text"))
        })
    }

    fn check_items(&self, file: &str) -> std::result::Result<(), Flaw> {
        let mut before = BTreeSet::new();
        for (at, item) in self.items.iter().enumerate() {
            let field = |name: &str| format!("items[{at}].{name}");
            require_text(&item.text, file, field("text"))?;
            for needed in &item.only_if {
                require(before.contains(needed), file, field("only_if"), "names a later question")?;
            }
            require(source::is_id(&item.id), file, field("id"), "must be an id")?;
            require(before.insert(item.id.clone()), file, field("id"), "is there twice")?;
        }
        require(!before.is_empty(), file, "items", "must not be empty")
    }

    fn check_bands(&self, file: &str) -> std::result::Result<(), Flaw> {
        let mut next = 0;
        for (at, band) in self.bands.iter().enumerate() {
            let field = format!("bands[{at}]");
            require(band.from == next && band.to >= band.from, file, &field, "leaves a gap")?;
            require(source::is_id(&band.name), file, &field, "its name must be an id")?;
            require_text(&band.text, file, &field)?;
            next = band.to.saturating_add(1);
        }
        require(
            next == self.max().saturating_add(1),
            file,
            "bands",
            "must end at the highest total",
        )?;
        let starts = self.bands.iter().any(|band| band.from == self.positive_from);
        require(starts && self.positive_from > 0, file, "positive_from", "must start a band")
    }

    fn check_rules(&self, file: &str) -> std::result::Result<(), Flaw> {
        for (at, rule) in self.flags.iter().enumerate() {
            let known = self.items.iter().any(|item| item.id == rule.item);
            require(known, file, format!("flags[{at}].item"), "there is no such question")?;
            let value = self.choices.iter().any(|choice| choice.value == rule.from);
            require(value && rule.from > 0, file, format!("flags[{at}].from"), "is no answer")?;
        }
        let Some(change) = &self.reliable_change else { return Ok(()) };
        let fits = change.points > 0 && change.points <= self.max();
        require(fits, file, "reliable_change.points", "must lie in the range of totals")?;
        let below_one = change.reliability.is_none_or(|r| r > 0.0 && r < 1.0);
        require(below_one, file, "reliable_change.reliability", "must lie between 0 and 1")?;
        require_text(&change.source, file, "reliable_change.source")
    }
}

/// All questionnaires.
#[derive(Debug, Clone, PartialEq)]
pub struct Questionnaires {
    all: Vec<Questionnaire>,
    words: BTreeMap<Lang, BTreeMap<String, Words>>,
    provenance: Provenance,
}

impl Questionnaires {
    /// Those that are built in.
    pub fn embedded() -> std::result::Result<Self, Flaw> {
        let provenance = Provenance::read(PROVENANCE)?;
        let mut all: Vec<Questionnaire> = Vec::new();
        for (file, text) in FILES {
            let one: Questionnaire = read(file, text)?;
            one.check(file)?;
            all.push(one);
        }
        Provenance::read(words::PROVENANCE)?;
        let words = words::load(&all)?;
        Ok(Self { all, words, provenance })
    }

    /// All of them, by id, in English.
    pub fn iter(&self) -> impl Iterator<Item = &Questionnaire> {
        self.all.iter()
    }

    /// The one of that id, in English.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Questionnaire> {
        self.all.iter().find(|one| one.id == id)
    }

    /// The one of that id, and the language of what we say about it. Its questions may still be
    /// English: its own `language` tells.
    #[must_use]
    pub fn localized(&self, id: &str, lang: Lang) -> Option<(Questionnaire, Lang)> {
        let mut one = self.get(id)?.clone();
        let Some(words) = self.words.get(&lang).and_then(|texts| texts.get(id)) else {
            return Some((one, Lang::English));
        };
        words.say(&mut one, lang);
        Some((one, lang))
    }

    /// Where they come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

#[cfg(test)]
mod tests;
