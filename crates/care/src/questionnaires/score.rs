//! From answers to a total, its meaning, and what asks for help at once.

use super::{Band, Item, Questionnaire, Urgency};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was answered: the question's id and the answer's value.
pub type Answers = BTreeMap<String, u8>;

/// Why answers give no score. It names questions and never answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unscorable {
    /// Questions are not answered.
    #[error("not answered: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// There is no such question, or it is not asked after these answers.
    #[error("not asked: {0}")]
    NotAsked(String),
    /// The answer is none of those to choose from.
    #[error("not one of the answers: {0}")]
    NotAChoice(String),
}

/// A scored questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Result {
    /// The total.
    pub total: u16,
    /// The highest total that can be reached.
    pub max: u16,
    /// What the total means.
    pub band: Band,
    /// Whether it suggests talking to a professional.
    pub positive: bool,
    /// The answers that ask for help at once, most urgent first.
    pub flags: Vec<Flag>,
}

impl Result {
    /// The most urgent of its flags: crisis care opens before anything else is shown.
    #[must_use]
    pub fn urgency(&self) -> Option<Urgency> {
        self.flags.first().map(|flag| flag.urgency)
    }
}

/// An answer that asks for help at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// The question.
    pub item: String,
    /// What it asks for.
    pub urgency: Urgency,
}

/// Which way a score went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Fewer or weaker symptoms, by more than chance.
    Better,
    /// More or stronger symptoms, by more than chance.
    Worse,
    /// Not more than chance explains.
    Unclear,
}

/// What became of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Later minus earlier; below zero is fewer symptoms.
    pub difference: i32,
    /// From which difference on it counts.
    pub threshold: u16,
    /// Which way it went.
    pub direction: Direction,
}

impl Questionnaire {
    /// Whether a question is asked after these answers.
    #[must_use]
    pub fn asks(&self, item: &Item, answers: &Answers) -> bool {
        item.only_if.is_empty()
            || item.only_if.iter().any(|id| answers.get(id).is_some_and(|value| *value > 0))
    }

    /// The answers that ask for help at once, most urgent first. Works on unfinished answers too:
    /// help does not wait for the last question.
    #[must_use]
    pub fn flags(&self, answers: &Answers) -> Vec<Flag> {
        let mut flags: Vec<Flag> = self
            .flags
            .iter()
            .filter(|rule| answers.get(&rule.item).is_some_and(|value| *value >= rule.from))
            .map(|rule| Flag { item: rule.item.clone(), urgency: rule.urgency })
            .collect();
        flags.sort_by_key(|flag| std::cmp::Reverse(flag.urgency));
        flags
    }

    /// The score of complete answers.
    pub fn score(&self, answers: &Answers) -> std::result::Result<Result, Unscorable> {
        self.fits(answers)?;
        let total = self
            .items
            .iter()
            .filter(|item| !item.unscored)
            .filter_map(|item| Some((item, self.points(*answers.get(&item.id)?)?)))
            .map(|(item, points)| {
                u16::from(if item.reverse {
                    self.max_points().saturating_sub(points)
                } else {
                    points
                })
            })
            .sum();
        let band = self.bands.iter().find(|band| (band.from..=band.to).contains(&total));
        let band = band.cloned().ok_or_else(|| Unscorable::NotAChoice(self.id.clone()))?;
        Ok(Result {
            total,
            max: self.max(),
            band,
            positive: total >= self.positive_from,
            flags: self.flags(answers),
        })
    }

    /// What became of the score between two times; nothing where no threshold is published.
    #[must_use]
    pub fn change(&self, before: u16, after: u16) -> Option<Change> {
        let threshold = self.reliable_change.as_ref()?.points;
        let difference = i32::from(after) - i32::from(before);
        let direction = if difference.unsigned_abs() < u32::from(threshold) {
            Direction::Unclear
        } else if difference < 0 {
            Direction::Better
        } else {
            Direction::Worse
        };
        Some(Change { difference, threshold, direction })
    }

    fn points(&self, value: u8) -> Option<u8> {
        self.choices.iter().find(|choice| choice.value == value).map(super::Choice::points)
    }

    fn fits(&self, answers: &Answers) -> std::result::Result<(), Unscorable> {
        for (id, value) in answers {
            let asked = self.items.iter().any(|item| item.id == *id && self.asks(item, answers));
            if !asked {
                return Err(Unscorable::NotAsked(id.clone()));
            }
            if self.points(*value).is_none() {
                return Err(Unscorable::NotAChoice(id.clone()));
            }
        }
        let missing: Vec<String> = self
            .items
            .iter()
            .filter(|item| self.asks(item, answers) && !answers.contains_key(&item.id))
            .map(|item| item.id.clone())
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(Unscorable::Missing(missing)) }
    }
}
