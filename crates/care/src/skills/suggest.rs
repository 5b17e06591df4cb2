//! Which exercises suit a moment. Deterministic: the same question gives the same answer.

use super::{Caution, Concern, Library, Skill};
use serde::Serialize;

/// Why an exercise is suggested: the strongest reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "what")]
pub enum Reason {
    /// The person said that it helped before.
    HelpedBefore,
    /// It suits what the person struggles with.
    Suits(Concern),
    /// It suits the mood.
    SuitsMood,
}

/// An exercise and why it is suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion<'a> {
    /// The exercise.
    pub skill: &'a Skill,
    /// Why.
    pub reason: Reason,
}

const HELPED: u16 = 100;
const CONCERN: u16 = 10;
const MOOD: u16 = 4;

impl Library {
    /// What suits a mood (a name of [`super::MOODS`]) and concerns, best first. What helped before
    /// and suits counts most, then what suits the concerns, then the mood; among equals the easier
    /// and shorter. An exercise with a caution that is to be avoided is left out.
    #[must_use]
    pub fn suggest(
        &self,
        mood: Option<&str>,
        concerns: &[Concern],
        helped_before: &[&str],
        avoid: &[Caution],
    ) -> Vec<Suggestion<'_>> {
        let mut found: Vec<(u16, Suggestion<'_>)> = self
            .iter()
            .filter(|skill| !skill.cautions.iter().any(|caution| avoid.contains(caution)))
            .filter_map(|skill| rate(skill, mood, concerns, helped_before))
            .collect();
        found.sort_by_key(|(score, suggestion)| {
            let skill = suggestion.skill;
            (std::cmp::Reverse(*score), skill.difficulty, skill.minutes, skill.id.as_str())
        });
        found.into_iter().map(|(_, suggestion)| suggestion).collect()
    }
}

fn rate<'a>(
    skill: &'a Skill,
    mood: Option<&str>,
    concerns: &[Concern],
    helped_before: &[&str],
) -> Option<(u16, Suggestion<'a>)> {
    let suits = |concern: &&Concern| skill.situations.contains(concern);
    let matching = u16::try_from(concerns.iter().filter(suits).count()).unwrap_or(u16::MAX);
    let of_mood = mood.is_some_and(|mood| skill.moods.iter().any(|one| one == mood));
    let helped = helped_before.contains(&skill.id.as_str());
    let nothing_asked = mood.is_none() && concerns.is_empty();
    if matching == 0 && !of_mood && !(helped && nothing_asked) {
        return None;
    }
    let score = matching.saturating_mul(CONCERN)
        + if of_mood { MOOD } else { 0 }
        + if helped { HELPED } else { 0 };
    let reason = match concerns.iter().find(suits) {
        _ if helped => Reason::HelpedBefore,
        Some(concern) => Reason::Suits(*concern),
        None => Reason::SuitsMood,
    };
    Some((score, Suggestion { skill, reason }))
}
