//! What the companion is told, what it says about itself, how a talk can begin, and sentences about
//! a person's own figures.

mod insights;

pub use insights::{Insights, Rules, Unfilled};

use crate::{
    lang::Lang,
    skills::MOODS,
    source::{self, File, Flaw, Provenance, read, require, require_text},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(crate) const SYSTEM: File =
    ("companion/system.toml", include_str!("../data/companion/system.toml"));
pub(crate) const OPTIONS: File =
    ("companion/options.toml", include_str!("../data/companion/options.toml"));
pub(crate) const INSIGHTS: File =
    ("companion/insights.toml", include_str!("../data/companion/insights.toml"));
pub(crate) const PROVENANCE: File =
    ("companion/PROVENANCE.toml", include_str!("../data/companion/PROVENANCE.toml"));

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    version: u32,
    role: String,
    always: Vec<String>,
    never: Vec<String>,
    crisis: String,
    mood: String,
    disclosures: Vec<Disclosure>,
}

/// What the companion says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The language.
    pub language: Lang,
    /// Beside every talk.
    pub short: String,
    /// Before the first one, and on the page about the companion.
    pub full: String,
    /// From time to time in a long talk.
    pub reminder: String,
}

/// Prompts to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The kind of content that is on the screen.
    pub content_type: String,
    /// What one could ask, in English.
    pub prompts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllOptions {
    options: Vec<Options>,
}

/// The companion's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    system: System,
    options: Vec<Options>,
    insights: Insights,
    provenance: Provenance,
}

impl Companion {
    /// Those that are built in.
    pub fn embedded() -> Result<Self, Flaw> {
        let (file, text) = SYSTEM;
        let system: System = read(file, text)?;
        system.check(file)?;
        let (file, text) = OPTIONS;
        let AllOptions { options } = read(file, text)?;
        check_options(file, &options)?;
        let insights = Insights::read(INSIGHTS)?;
        Ok(Self { system, options, insights, provenance: Provenance::read(PROVENANCE)? })
    }

    /// The version of the instructions, to be kept with a talk.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.system.version
    }

    /// The instructions for a model, with the last mood (a name of [`MOODS`]) if there is one. Any
    /// other text is left out: nothing that a person wrote gets into the instructions.
    #[must_use]
    pub fn system_prompt(&self, mood: Option<&str>) -> String {
        let System { role, always, never, crisis, .. } = &self.system;
        let mut prompt = format!(
            "{role}\n\nAlways:\n- {}\n\nNever:\n- {}\n\n{crisis}",
            always.join("\n- "),
            never.join("\n- ")
        );
        if let Some(mood) = mood.filter(|mood| MOODS.contains(mood)) {
            prompt.push_str("\n\n");
            prompt.push_str(&self.system.mood.replace("{mood}", mood));
        }
        prompt
    }

    /// What the companion says about itself in a language.
    #[must_use]
    pub fn disclosure(&self, lang: Lang) -> Option<&Disclosure> {
        self.system.disclosures.iter().find(|one| one.language == lang)
    }

    /// Prompts to begin with, for a kind of content; those of a plain talk for an unknown kind.
    #[must_use]
    pub fn options(&self, content_type: &str) -> Option<&Options> {
        let of = |kind: &str| self.options.iter().find(|one| one.content_type == kind);
        of(content_type).or_else(|| of("chat"))
    }

    /// The kinds of content that have prompts.
    pub fn content_types(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|one| one.content_type.as_str())
    }

    /// Sentences about a person's own figures.
    #[must_use]
    pub fn insights(&self) -> &Insights {
        &self.insights
    }

    /// Where the words come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

impl System {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        require(self.version > 0, file, "version", "counts from 1")?;
        for (field, text) in [("role", &self.role), ("crisis", &self.crisis), ("mood", &self.mood)]
        {
            require_text(text, file, field)?;
        }
        require(self.mood.contains("{mood}"), file, "mood", "must name {mood}")?;
        for (field, texts) in [("always", &self.always), ("never", &self.never)] {
            require(!texts.is_empty(), file, field, "must not be empty")?;
            texts.iter().try_for_each(|text| require_text(text, file, field))?;
        }
        for lang in Lang::ALL {
            let field = format!("disclosures.{lang}");
            let mut own = self.disclosures.iter().filter(|one| one.language == lang);
            let one = own.next().ok_or_else(|| Flaw::new(file, &field, "is missing"))?;
            require(own.next().is_none(), file, &field, "is there twice")?;
            for text in [&one.short, &one.full, &one.reminder] {
                require_text(text, file, &field)?;
            }
        }
        Ok(())
    }
}

fn check_options(file: &str, options: &[Options]) -> Result<(), Flaw> {
    let mut kinds = BTreeSet::new();
    for one in options {
        let kind = one.content_type.as_str();
        require(source::is_id(&kind.replace('_', "-")), file, kind, "must be a name")?;
        require(kinds.insert(kind), file, kind, "is there twice")?;
        require((3..=6).contains(&one.prompts.len()), file, kind, "has three to six prompts")?;
        one.prompts.iter().try_for_each(|text| require_text(text, file, kind))?;
    }
    require(kinds.contains("chat"), file, "chat", "is missing")
}

#[cfg(test)]
mod tests;
