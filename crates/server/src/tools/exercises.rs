//! Finds an exercise in the library, which is the same for everybody.

use super::{lines, read};
use async_trait::async_trait;
use care::{
    Lang,
    skills::{Concern, MOODS, Skill},
};
use companion::{Tool, ToolFailed, ToolSpec, Touches};
use crisis::Lookout;
use kernel::{Ctx, Phi};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// How many are told.
const MOST: usize = 3;

/// Finds an exercise.
pub struct FindExercise {
    lookout: Arc<Lookout>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    mood: Option<String>,
    #[serde(default)]
    concerns: Vec<Concern>,
    #[serde(default)]
    minutes: Option<u16>,
    #[serde(default)]
    language: Option<Lang>,
}

const CONCERNS: [&str; 22] = [
    "crisis_urge",
    "self_harm_urge",
    "panic",
    "anger",
    "conflict",
    "sadness",
    "worry",
    "shame",
    "guilt",
    "loneliness",
    "rumination",
    "sleep",
    "stress",
    "dissociation",
    "low_energy",
    "decision",
    "boundary",
    "asking",
    "grief",
    "perfectionism",
    "trauma_reminder",
    "everyday",
];

impl FindExercise {
    pub fn new(lookout: Arc<Lookout>) -> Self {
        let languages: Vec<Lang> = Lang::ALL.to_vec();
        let spec = ToolSpec {
            name: "find_exercise".to_owned(),
            description:
                "Finds exercises of the house's own library, such as breathing, grounding or \
                checking the facts, that suit a mood or what the person struggles with."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "mood": {"type": "string", "enum": MOODS},
                    "concerns": {"type": "array", "maxItems": 5,
                        "items": {"type": "string", "enum": CONCERNS}},
                    "minutes": {"type": "integer", "minimum": 1, "maximum": 240,
                        "description": "The longest that it may take."},
                    "language": {"type": "string", "enum": languages},
                },
                "additionalProperties": false,
            }),
            touches: Touches::Nothing,
            place: None,
        };
        Self { lookout, spec }
    }
}

#[async_trait]
impl Tool for FindExercise {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn run(&self, _ctx: &Ctx, arguments: &Phi<String>) -> Result<Phi<String>, ToolFailed> {
        let wanted: Wanted = read(arguments)?;
        let library = &self.lookout.care().skills;
        let lang = wanted.language.unwrap_or(Lang::English);
        let suits = |skill: &&Skill| wanted.minutes.is_none_or(|most| skill.minutes <= most);
        let found = library.suggest(wanted.mood.as_deref(), &wanted.concerns, &[], &[]);
        let found = found.into_iter().map(|one| one.skill).filter(suits).take(MOST);
        let told = found.filter_map(|skill| library.localized(&skill.id, lang));
        Ok(lines(told.map(|(skill, _)| described(&skill)), "No exercise suits that."))
    }
}

fn described(skill: &Skill) -> String {
    let heading = format!("{} ({} min): {}", skill.title, skill.minutes, skill.purpose);
    let steps = (1..).zip(&skill.steps).map(|(number, step)| format!("{number}. {step}"));
    let caution = skill.caution.iter().map(|caution| format!("Take care: {caution}"));
    let all: Vec<String> = std::iter::once(heading).chain(steps).chain(caution).collect();
    all.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_told_every_concern_that_there_is() {
        for name in CONCERNS {
            assert!(serde_json::from_value::<Concern>(json!(name)).is_ok(), "{name}");
        }
    }
}
