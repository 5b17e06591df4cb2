//! What was filled in, and whether it fits.

use super::{Form, ITEM_CHARS, ITEMS, PHONE_CHARS, SKILLS, Section, SectionKind, TEXT_CHARS};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was filled in, by section.
pub type Entry = BTreeMap<String, Value>;

/// What a section was filled with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// One text.
    Text(String),
    /// Short texts.
    Items(Vec<String>),
    /// People or places.
    Contacts(Vec<Contact>),
    /// Ratings of marks, by id or by the person's own name for it.
    Marks(BTreeMap<String, u8>),
    /// Ratings of exercises, by id.
    Skills(BTreeMap<String, u8>),
    /// A chain.
    Links(Vec<Link>),
}

/// A person or place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Who or where.
    pub name: String,
    /// How to reach them.
    #[serde(default)]
    pub phone: Option<String>,
}

/// What a link of a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A thought.
    Thought,
    /// A feeling.
    Feeling,
    /// Something in the body.
    Body,
    /// Something done.
    Action,
    /// Something that happened.
    Event,
}

/// A link of a chain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// What it was.
    pub text: String,
}

/// Which section does not fit, and why. It never says what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is no such section.
    #[error("{0}: there is no such section")]
    UnknownSection(String),
    /// A section that is needed is missing or empty.
    #[error("{0}: is needed")]
    Missing(String),
    /// The section is filled in another way.
    #[error("{0}: is filled in another way")]
    WrongKind(String),
    /// There is too much of it.
    #[error("{0}: is too long")]
    TooLong(String),
    /// Something in it is empty.
    #[error("{0}: has an empty line")]
    Empty(String),
    /// A rating is not on the scale.
    #[error("{0}: a value is not on the scale")]
    OffTheScale(String),
}

/// How urgent what was rated is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urge {
    /// Help is shown beside the form.
    ShowHelp,
    /// Crisis care opens at once.
    Crisis,
}

impl Form {
    /// Whether what was filled in fits; sections that are not needed may be left out.
    pub fn fits(&self, entry: &Entry) -> Result<(), Invalid> {
        let known = |id: &str| self.sections.iter().any(|section| section.id == id);
        if let Some(id) = entry.keys().find(|id| !known(id)) {
            return Err(Invalid::UnknownSection(id.chars().take(ITEM_CHARS).collect()));
        }
        for section in &self.sections {
            match entry.get(&section.id) {
                Some(value) => section.fits(value)?,
                None if section.required => return Err(Invalid::Missing(section.id.clone())),
                None => {}
            }
        }
        Ok(())
    }

    /// What ratings ask for, if anything; works on forms that are not complete.
    #[must_use]
    pub fn urge(&self, entry: &Entry) -> Option<Urge> {
        let marks = self.sections.iter().flat_map(|section| {
            let rated = match entry.get(&section.id) {
                Some(Value::Marks(rated)) => Some(rated),
                _ => None,
            };
            section.marks.iter().filter_map(move |mark| Some((mark, *rated?.get(&mark.id)?)))
        });
        marks
            .filter_map(|(mark, value)| {
                if mark.crisis_from.is_some_and(|from| value >= from) {
                    Some(Urge::Crisis)
                } else if mark.show_help_from.is_some_and(|from| value >= from) {
                    Some(Urge::ShowHelp)
                } else {
                    None
                }
            })
            .max()
    }
}

impl Section {
    fn fits(&self, value: &Value) -> Result<(), Invalid> {
        let id = || self.id.clone();
        let most = self.scale_to.unwrap_or(0);
        match (self.kind, value) {
            (SectionKind::Text, Value::Text(text)) => {
                if text.chars().count() > TEXT_CHARS {
                    return Err(Invalid::TooLong(id()));
                }
                if self.required && text.trim().is_empty() {
                    return Err(Invalid::Missing(id()));
                }
                Ok(())
            }
            (SectionKind::Items, Value::Items(items)) => {
                self.lines(items.len(), items.iter().map(String::as_str))
            }
            (SectionKind::Contacts, Value::Contacts(contacts)) => {
                let phones = contacts.iter().filter_map(|contact| contact.phone.as_deref());
                if phones.into_iter().any(|phone| phone.chars().count() > PHONE_CHARS) {
                    return Err(Invalid::TooLong(id()));
                }
                self.lines(contacts.len(), contacts.iter().map(|contact| contact.name.as_str()))
            }
            (SectionKind::Links, Value::Links(links)) => {
                self.lines(links.len(), links.iter().map(|link| link.text.as_str()))
            }
            (SectionKind::Marks, Value::Marks(rated)) => self.rated(rated, most, ITEMS),
            (SectionKind::Skills, Value::Skills(rated)) => self.rated(rated, most, SKILLS),
            _ => Err(Invalid::WrongKind(id())),
        }
    }

    fn lines<'a>(
        &self,
        count: usize,
        mut lines: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), Invalid> {
        if self.required && count == 0 {
            return Err(Invalid::Missing(self.id.clone()));
        }
        if count > ITEMS || lines.clone().any(|line| line.chars().count() > ITEM_CHARS) {
            return Err(Invalid::TooLong(self.id.clone()));
        }
        if lines.any(|line| line.trim().is_empty()) {
            return Err(Invalid::Empty(self.id.clone()));
        }
        Ok(())
    }

    fn rated(&self, rated: &BTreeMap<String, u8>, most: u8, count: usize) -> Result<(), Invalid> {
        if rated.len() > count || rated.keys().any(|name| name.chars().count() > ITEM_CHARS) {
            return Err(Invalid::TooLong(self.id.clone()));
        }
        if rated.keys().any(|name| name.trim().is_empty()) {
            return Err(Invalid::Empty(self.id.clone()));
        }
        if rated.values().any(|value| *value > most) {
            return Err(Invalid::OffTheScale(self.id.clone()));
        }
        Ok(())
    }
}
