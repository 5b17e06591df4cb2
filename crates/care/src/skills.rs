//! The library of exercises, in own words: when, how, how long, and when rather not.

mod load;
mod suggest;

pub use suggest::{Reason, Suggestion};

use crate::{lang::Lang, source::Provenance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(test)]
pub(crate) use load::{FILES, PROVENANCE, PROVENANCE_TEXTS, TEXTS};

/// Where an exercise belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Attention to what is.
    Mindfulness,
    /// Getting through a crisis without making it worse.
    DistressTolerance,
    /// Understanding and changing feelings.
    EmotionRegulation,
    /// Asking, refusing, staying close.
    Interpersonal,
    /// Thoughts and actions of cognitive behavioural therapy.
    Cbt,
    /// Breath.
    Breathing,
    /// Back to the present.
    Grounding,
    /// Sleep.
    Sleep,
    /// Surroundings in which nothing happens.
    Safety,
}

impl Family {
    /// Whether dialectical behaviour therapy teaches it.
    #[must_use]
    pub const fn is_dbt(self) -> bool {
        matches!(
            self,
            Self::Mindfulness
                | Self::DistressTolerance
                | Self::EmotionRegulation
                | Self::Interpersonal
        )
    }
}

/// What people struggle with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Concern {
    CrisisUrge,
    SelfHarmUrge,
    Panic,
    Anger,
    Conflict,
    Sadness,
    Worry,
    Shame,
    Guilt,
    Loneliness,
    Rumination,
    Sleep,
    Stress,
    Dissociation,
    LowEnergy,
    Decision,
    Boundary,
    Asking,
    Grief,
    Perfectionism,
    TraumaReminder,
    Everyday,
}

/// What speaks against an exercise, or for care with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// A heart condition.
    Heart,
    /// High or low blood pressure.
    BloodPressure,
    /// An eating disorder.
    EatingDisorder,
    /// Pregnancy.
    Pregnancy,
    /// Asthma or another disease of the lungs.
    Breathing,
    /// Drifting away from oneself or the surroundings.
    Dissociation,
    /// Traumatic memories.
    Trauma,
    /// Epilepsy.
    Epilepsy,
    /// Pain or an injury.
    Injury,
    /// Psychosis.
    Psychosis,
    /// Bipolar disorder.
    Bipolar,
    /// Panic attacks.
    Panic,
    /// Someone near who may become violent.
    UnsafeRelationship,
    /// Poor circulation, sensitive to cold.
    Cold,
}

/// The moods of the journal, by their stable names.
pub const MOODS: [&str; 10] = [
    "joyful",
    "grateful",
    "hopeful",
    "calm",
    "neutral",
    "tired",
    "anxious",
    "sad",
    "angry",
    "overwhelmed",
];

/// How much an exercise asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Works on the first try.
    Easy,
    /// Needs some practice.
    Medium,
    /// Needs practice, better with someone.
    Hard,
}

/// How a field of a worksheet is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words, up to [`FIELD_CHARS`].
    Text,
    /// A number from 0 to 10.
    Scale,
}

/// The longest answer in a worksheet, in characters.
pub const FIELD_CHARS: usize = 2000;

/// A field of a worksheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its stable name.
    pub id: String,
    /// What it asks.
    pub label: String,
    /// How it is filled.
    pub kind: FieldKind,
}

/// An exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// Its stable name.
    pub id: String,
    /// Where it belongs.
    pub family: Family,
    /// Its title.
    pub title: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// The moods it suits, by the names of [`MOODS`].
    pub moods: Vec<String>,
    /// The concerns it suits.
    pub situations: Vec<Concern>,
    /// About how long it takes.
    pub minutes: u16,
    /// How much it asks for.
    pub difficulty: Difficulty,
    /// When to take care.
    #[serde(default)]
    pub cautions: Vec<Caution>,
    /// What to do then.
    #[serde(default)]
    pub caution: Option<String>,
    /// What is known about it, and what is not.
    pub evidence: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// How long each step takes, for a timer.
    #[serde(default)]
    pub seconds: Vec<u16>,
    /// What to write down.
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// The words of an exercise in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    purpose: String,
    steps: Vec<String>,
    #[serde(default)]
    caution: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
    evidence: String,
}

/// All exercises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    skills: Vec<Skill>,
    words: BTreeMap<Lang, BTreeMap<String, Words>>,
    provenance: Provenance,
}

impl Library {
    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Skill> {
        self.skills.iter()
    }

    /// The one of that id, in English.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.id == id)
    }

    /// The one of that id, in a language, and the language it is in: English where there is no
    /// other.
    #[must_use]
    pub fn localized(&self, id: &str, lang: Lang) -> Option<(Skill, Lang)> {
        let mut skill = self.get(id)?.clone();
        let Some(words) = self.words.get(&lang).and_then(|texts| texts.get(id)) else {
            return Some((skill, Lang::English));
        };
        skill.title.clone_from(&words.title);
        skill.purpose.clone_from(&words.purpose);
        skill.steps.clone_from(&words.steps);
        skill.caution.clone_from(&words.caution);
        skill.evidence.clone_from(&words.evidence);
        for (field, label) in skill.fields.iter_mut().zip(&words.fields) {
            field.label.clone_from(label);
        }
        Some((skill, lang))
    }

    /// Where they come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

#[cfg(test)]
mod tests;
