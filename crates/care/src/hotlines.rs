//! Emergency numbers and crisis lines by country. They work without a network.
//!
//! Every entry says where it comes from, when it was checked and how sure we are. An administrator
//! can change each of them ([`Hotlines::merged`]); directories stand beside every answer, because
//! numbers grow old.

mod merge;

pub use merge::Override;

use crate::{
    responses::Need,
    source::{self, File, Flaw, Provenance, embedded, read, require, require_text},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(crate) const FILES: &[File] = embedded!("hotlines":
    "africa-middle-east.toml", "americas.toml", "asia-pacific.toml", "europe.toml",
);
pub(crate) const DIRECTORIES: File =
    ("hotlines/directories.toml", include_str!("../data/hotlines/directories.toml"));
pub(crate) const PROVENANCE: File =
    ("hotlines/PROVENANCE.toml", include_str!("../data/hotlines/PROVENANCE.toml"));

/// What `hours` says when a line is always open.
pub const ALWAYS: &str = "24/7";

/// A country and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Two letters, as in ISO 3166.
    pub code: String,
    /// Its English name.
    pub name: String,
    /// What to call in danger to life, best first.
    pub emergency: Vec<String>,
    /// Its lines, best first; none where no line is known with enough certainty.
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// How sure we are of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A national or long-established number that is widely known.
    High,
    /// Number or hours are less sure, or sources differ.
    Medium,
}

/// A line that people can reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its stable name.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// For whom it is.
    pub needs: Vec<Need>,
    /// The number to call, as it is dialled in the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The number to text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The word to text first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// The number to write to with WhatsApp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whatsapp: Option<String>,
    /// Where to chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// What to know before calling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it is open; [`ALWAYS`] if it never closes.
    pub hours: String,
    /// The languages it answers in.
    pub languages: Vec<String>,
    /// The provider's address.
    pub source: String,
    /// The day it was last gone through.
    pub checked: String,
    /// How sure we are.
    pub confidence: Confidence,
}

impl Line {
    /// Whether it never closes.
    #[must_use]
    pub fn is_always_open(&self) -> bool {
        self.hours == ALWAYS
    }
}

/// A list of lines elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// What it calls itself.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What it has.
    pub about: String,
}

/// What is shown for a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Help<'a> {
    /// The country, where we know it.
    pub country: Option<&'a str>,
    /// What to call in danger to life, best first; empty where the place is unknown.
    pub emergency: Vec<&'a str>,
    /// The lines, best first.
    pub lines: Vec<&'a Line>,
    /// Lists of lines elsewhere, always.
    pub directories: Vec<&'a Directory>,
}

/// All lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hotlines {
    countries: Vec<Country>,
    directories: Vec<Directory>,
    provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    countries: Vec<Country>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Directories {
    directories: Vec<Directory>,
}

impl Hotlines {
    /// Those that are built in.
    pub fn embedded() -> Result<Self, Flaw> {
        let mut countries = Vec::new();
        for (file, text) in FILES {
            let region: Region = read(file, text)?;
            for country in &region.countries {
                country.check(file)?;
            }
            countries.extend(region.countries);
        }
        countries.sort_by(|one, other| one.code.cmp(&other.code));
        let codes: BTreeSet<&str> = countries.iter().map(|one| one.code.as_str()).collect();
        require(codes.len() == countries.len(), "hotlines", "countries", "one is there twice")?;
        let (file, text) = DIRECTORIES;
        let Directories { directories } = read(file, text)?;
        require(!directories.is_empty(), file, "directories", "must not be empty")?;
        for directory in &directories {
            require(directory.url.starts_with("https://"), file, "url", "must be https")?;
        }
        Ok(Self { countries, directories, provenance: Provenance::read(PROVENANCE)? })
    }

    /// The lines of a country (two letters, in any case) for these needs. Lines for what is named
    /// first come first; among them those that are always open, then those we are surest of, then
    /// those that answer in `language`, then as in the file.
    #[must_use]
    pub fn for_place(&self, country: Option<&str>, needs: &[Need], language: &str) -> Help<'_> {
        let country = country.and_then(|code| self.country(code));
        let rank = |line: &Line| needs.iter().position(|need| line.needs.contains(need));
        let mut lines: Vec<(usize, &Line)> = country
            .into_iter()
            .flat_map(|country| &country.lines)
            .filter_map(|line| Some((rank(line)?, line)))
            .collect();
        lines.sort_by_key(|(rank, line)| {
            let speaks = line.languages.iter().any(|one| one == language);
            (*rank, !line.is_always_open(), line.confidence, !speaks)
        });
        Help {
            country: country.map(|country| country.code.as_str()),
            emergency: country
                .into_iter()
                .flat_map(|country| country.emergency.iter().map(String::as_str))
                .collect(),
            lines: lines.into_iter().map(|(_, line)| line).collect(),
            directories: self.directories.iter().collect(),
        }
    }

    /// A country by its two letters, in any case.
    #[must_use]
    pub fn country(&self, code: &str) -> Option<&Country> {
        self.countries.iter().find(|country| country.code.eq_ignore_ascii_case(code))
    }

    /// All countries, by code.
    pub fn countries(&self) -> impl Iterator<Item = &Country> {
        self.countries.iter()
    }

    /// Where they come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

/// Whether a number is a short code: a few digits, perhaps after a star or hash.
#[must_use]
pub fn is_short_code(number: &str) -> bool {
    let digits = number.strip_prefix(['*', '#']).unwrap_or(number);
    let compact: String = digits.chars().filter(|c| *c != ' ').collect();
    (2..=6).contains(&compact.len()) && compact.bytes().all(|b| b.is_ascii_digit())
}

/// Whether it has the characters of a number that can be dialled.
fn is_dialable(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (2..=15).contains(&digits)
        && number.trim() == number
        && number.bytes().all(|b| b.is_ascii_digit() || b" -()+*#".contains(&b))
}

impl Line {
    /// Whether its numbers have the form that the country uses; short codes have none.
    pub fn check_numbers(&self, country: &str) -> Result<(), Flaw> {
        let Ok(region) = country.parse::<phonenumber::country::Id>() else { return Ok(()) };
        for (name, number) in
            [("call", &self.call), ("text", &self.text), ("whatsapp", &self.whatsapp)]
        {
            let fits = |number: &String| {
                let parsed = phonenumber::parse(Some(region), number);
                is_short_code(number) || parsed.is_ok_and(|parsed| parsed.is_valid())
            };
            let field = format!("{}.{name}", self.id);
            require(number.as_ref().is_none_or(fits), country, field, "no number of this country")?;
        }
        Ok(())
    }
}

impl Country {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        let letters = self.code.len() == 2 && self.code.bytes().all(|b| b.is_ascii_uppercase());
        require(letters, file, "code", format!("{}: two capital letters", self.code))?;
        let field = |name: &str| format!("{}.{name}", self.code);
        require_text(&self.name, file, field("name"))?;
        require(!self.emergency.is_empty(), file, field("emergency"), "must not be empty")?;
        for number in &self.emergency {
            require(is_short_code(number), file, field("emergency"), "must be short codes")?;
        }
        let ids: BTreeSet<&str> = self.lines.iter().map(|line| line.id.as_str()).collect();
        require(ids.len() == self.lines.len(), file, field("lines"), "an id is there twice")?;
        self.lines.iter().try_for_each(|line| line.check(file))
    }
}

impl Line {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", self.id);
        require(source::is_id(&self.id), file, field("id"), "must be an id")?;
        require_text(&self.name, file, field("name"))?;
        require_text(&self.hours, file, field("hours"))?;
        require(!self.needs.is_empty(), file, field("needs"), "must not be empty")?;
        require(!self.languages.is_empty(), file, field("languages"), "must not be empty")?;
        require(source::is_day(&self.checked), file, field("checked"), "must be YYYY-MM-DD")?;
        require(self.source.starts_with("https://"), file, field("source"), "must be https")?;
        let ways = [&self.call, &self.text, &self.whatsapp, &self.chat];
        require(ways.iter().any(|way| way.is_some()), file, field("call"), "no way to reach it")?;
        for (name, number) in
            [("call", &self.call), ("text", &self.text), ("whatsapp", &self.whatsapp)]
        {
            let fits = number.as_deref().is_none_or(is_dialable);
            require(fits, file, field(name), "cannot be dialled")?;
        }
        let chat = self.chat.as_deref().is_none_or(|url| url.starts_with("https://"));
        require(chat, file, field("chat"), "must be https")?;
        for (name, text) in [("note", &self.note), ("keyword", &self.keyword)] {
            text.iter().try_for_each(|text| require_text(text, file, field(name)))?;
        }
        let keyword = self.keyword.is_none() || self.text.is_some();
        require(keyword, file, field("keyword"), "needs a number to text")
    }
}

#[cfg(test)]
mod tests;
