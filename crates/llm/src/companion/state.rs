//! Where a conversation stands, read from what the companion said last. Nothing else is kept.

use super::{Skill, texts::Texts};

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// Nowhere in particular.
    Open,
    /// An exercise was offered.
    Offered(&'a Skill),
    /// At this step of an exercise, counted from zero.
    Step(&'a Skill, usize),
    /// At this question of a check-in, counted from zero.
    Question(usize),
}

/// Reads it from the last answer.
pub(super) fn place<'a>(texts: &Texts, skills: &[&'a Skill], last: &str) -> Place<'a> {
    for skill in skills {
        let at = (0..skill.steps.len()).find(|at| last.contains(&step(texts, skill, *at)));
        if let Some(at) = at {
            return Place::Step(skill, at);
        }
    }
    let asked =
        texts.check_in.questions.iter().position(|question| last.contains(question.as_str()));
    if let Some(at) = asked {
        return Place::Question(at);
    }
    let offers = |skill: &&&Skill| {
        texts.say.offer.iter().any(|offer| last.contains(&offer.replace("{title}", &skill.title)))
    };
    skills.iter().find(offers).map_or(Place::Open, |skill| Place::Offered(skill))
}

/// How a step is put.
pub(super) fn step(texts: &Texts, skill: &Skill, at: usize) -> String {
    let step = skill.steps.get(at).map_or("", String::as_str);
    texts
        .say
        .step
        .replace("{title}", &skill.title)
        .replace("{number}", &(at + 1).to_string())
        .replace("{count}", &skill.steps.len().to_string())
        .replace("{step}", step)
}
