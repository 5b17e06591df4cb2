//! The forms that people fill in: safety plan, diary card, chain analysis.
//!
//! Here are their definitions and bounds, and whether what was filled in fits. What people write is
//! kept, sealed, by the slice that uses this. Errors name the section and never what was written.

mod entry;
mod load;

pub use entry::{Contact, Entry, Invalid, Link, LinkKind, Urge, Value};

use crate::{lang::Lang, source::Provenance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(test)]
pub(crate) use load::{FILES, PROVENANCE, PROVENANCE_TEXTS, TEXTS};

/// The most items, contacts or links of a section.
pub const ITEMS: usize = 30;
/// The longest item, name or link, in characters.
pub const ITEM_CHARS: usize = 500;
/// The longest text, in characters.
pub const TEXT_CHARS: usize = 5000;
/// The longest telephone number, in characters.
pub const PHONE_CHARS: usize = 40;
/// The most exercises in a section.
pub const SKILLS: usize = 40;

/// How a section is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// One text.
    Text,
    /// A list of short texts.
    Items,
    /// People or places, with or without a number.
    Contacts,
    /// What is listed in `marks`, and what the person adds, each from 0 to `scale_to`.
    Marks,
    /// Exercises of the library, each from 0 to `scale_to`.
    Skills,
    /// Thoughts, feelings, sensations and actions in order.
    Links,
}

/// Something that is rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Its stable name.
    pub id: String,
    /// What it is.
    pub label: String,
    /// From which value on crisis care opens at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crisis_from: Option<u8>,
    /// From which value on help is shown beside the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_help_from: Option<u8>,
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its stable name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What helps to fill it in.
    pub help: String,
    /// How it is filled.
    pub kind: SectionKind,
    /// Whether a form without it is not complete.
    #[serde(default)]
    pub required: bool,
    /// The highest value of marks and exercises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_to: Option<u8>,
    /// What is rated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// What others wrote, to begin with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its stable name.
    pub id: String,
    /// Counts up whenever a section changes; stored with what was filled in.
    pub version: u32,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// The words of a form in another language, by the section: its title and its help, what others
/// wrote, and what is rated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    about: String,
    sections: BTreeMap<String, (String, String)>,
    #[serde(default)]
    examples: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    marks: BTreeMap<String, BTreeMap<String, String>>,
}

impl Words {
    fn say(&self, section: &mut Section) {
        if let Some((title, help)) = self.sections.get(&section.id) {
            section.title.clone_from(title);
            section.help.clone_from(help);
        }
        if let Some(examples) = self.examples.get(&section.id) {
            section.examples.clone_from(examples);
        }
        let Some(labels) = self.marks.get(&section.id) else { return };
        for mark in &mut section.marks {
            if let Some(label) = labels.get(&mark.id) {
                mark.label.clone_from(label);
            }
        }
    }
}

/// All forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    all: Vec<Form>,
    words: BTreeMap<Lang, BTreeMap<String, Words>>,
    provenance: Provenance,
}

impl Forms {
    /// All of them, in English.
    pub fn iter(&self) -> impl Iterator<Item = &Form> {
        self.all.iter()
    }

    /// The one of that id, in English.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Form> {
        self.all.iter().find(|form| form.id == id)
    }

    /// The one of that id in a language, and the language it is in: English where there is no
    /// other.
    #[must_use]
    pub fn localized(&self, id: &str, lang: Lang) -> Option<(Form, Lang)> {
        let mut form = self.get(id)?.clone();
        let Some(words) = self.words.get(&lang).and_then(|texts| texts.get(id)) else {
            return Some((form, Lang::English));
        };
        form.title.clone_from(&words.title);
        form.about.clone_from(&words.about);
        for section in &mut form.sections {
            words.say(section);
        }
        Some((form, lang))
    }

    /// Where they come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

#[cfg(test)]
mod tests;
