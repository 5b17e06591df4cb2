//! Loading the exercises and proving them complete.

use super::{Library, MOODS, Skill, Words};
use crate::{
    lang::Lang,
    source::{self, File, Flaw, Provenance, embedded, read, require, require_text},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FILES: &[File] = embedded!("skills":
    "breathing-grounding.toml", "cbt.toml", "distress-tolerance.toml", "emotion-regulation.toml",
    "interpersonal.toml", "mindfulness.toml", "sleep.toml",
);
pub(crate) const TEXTS: &[File] = embedded!("skills/texts":
    "de.toml", "es.toml", "fr.toml", "hi-latn.toml", "pt.toml",
);
pub(crate) const PROVENANCE: File =
    ("skills/PROVENANCE.toml", include_str!("../../data/skills/PROVENANCE.toml"));
pub(crate) const PROVENANCE_TEXTS: File =
    ("skills/texts/PROVENANCE.toml", include_str!("../../data/skills/texts/PROVENANCE.toml"));

/// The longest step of a timer.
const LONGEST_STEP: u16 = 3600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skills {
    skills: Vec<Skill>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    language: Lang,
    texts: BTreeMap<String, Words>,
}

impl Library {
    /// Those that are built in.
    pub fn embedded() -> Result<Self, Flaw> {
        let mut skills: Vec<Skill> = Vec::new();
        for (file, text) in FILES {
            let Skills { skills: more } = read(file, text)?;
            more.iter().try_for_each(|skill| skill.check(file))?;
            skills.extend(more);
        }
        skills.sort_by(|one, other| one.id.cmp(&other.id));
        let ids: BTreeSet<&str> = skills.iter().map(|skill| skill.id.as_str()).collect();
        require(ids.len() == skills.len(), "skills", "id", "one is there twice")?;
        let mut words = BTreeMap::new();
        for (file, text) in TEXTS {
            let Texts { language, texts } = read(file, text)?;
            let own = file.ends_with(&format!("/{language}.toml"));
            require(own, file, "language", "must be the file's")?;
            for (id, one) in &texts {
                let skill = skills.iter().find(|skill| skill.id == *id);
                let skill =
                    skill.ok_or_else(|| Flaw::new(file, id, "there is no such exercise"))?;
                one.check(file, skill)?;
            }
            words.insert(language, texts);
        }
        Provenance::read(PROVENANCE_TEXTS)?;
        Ok(Self { skills, words, provenance: Provenance::read(PROVENANCE)? })
    }
}

impl Skill {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", self.id);
        require(source::is_id(&self.id), file, field("id"), "must be an id")?;
        let texts =
            [("title", &self.title), ("purpose", &self.purpose), ("evidence", &self.evidence)];
        for (name, text) in texts {
            require_text(text, file, field(name))?;
        }
        require(!self.steps.is_empty(), file, field("steps"), "must not be empty")?;
        for step in &self.steps {
            require_text(step, file, field("steps"))?;
        }
        for mood in &self.moods {
            require(
                MOODS.contains(&mood.as_str()),
                file,
                field("moods"),
                format!("no mood: {mood}"),
            )?;
        }
        let tagged = !self.moods.is_empty() && !self.situations.is_empty();
        require(tagged, file, field("situations"), "needs moods and situations")?;
        require((1..=60).contains(&self.minutes), file, field("minutes"), "must be 1 to 60")?;
        let noted = self.cautions.is_empty() == self.caution.is_none();
        require(noted, file, field("caution"), "goes together with cautions")?;
        self.check_form(file)
    }

    fn check_form(&self, file: &str) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", self.id);
        let guided = !self.seconds.is_empty() || !self.fields.is_empty();
        require(guided, file, field("seconds"), "needs a timer or a worksheet")?;
        let timed = self.seconds.is_empty() || self.seconds.len() == self.steps.len();
        require(timed, file, field("seconds"), "one for each step")?;
        let lengths = self.seconds.iter().all(|seconds| (5..=LONGEST_STEP).contains(seconds));
        require(lengths, file, field("seconds"), "from 5 seconds to an hour")?;
        let total: u32 = self.seconds.iter().map(|seconds| u32::from(*seconds)).sum();
        let fits = self.seconds.is_empty() || total.div_ceil(60) <= u32::from(self.minutes) + 1;
        require(fits, file, field("minutes"), "the steps take longer")?;
        let mut ids = BTreeSet::new();
        for one in &self.fields {
            require_text(&one.label, file, field("fields"))?;
            require(ids.insert(&one.id), file, field("fields"), "an id is there twice")?;
        }
        Ok(())
    }
}

impl Words {
    fn check(&self, file: &str, skill: &Skill) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", skill.id);
        let steps = self.steps.len() == skill.steps.len();
        require(steps, file, field("steps"), "as many as in English")?;
        let fields = self.fields.len() == skill.fields.len();
        require(fields, file, field("fields"), "as many as in English")?;
        let caution = self.caution.is_some() == skill.caution.is_some();
        require(caution, file, field("caution"), "as in English")?;
        let texts = [&self.title, &self.purpose, &self.evidence];
        let texts = texts.into_iter().chain(&self.steps).chain(&self.fields);
        texts.chain(&self.caution).try_for_each(|text| require_text(text, file, field("text")))
    }
}
