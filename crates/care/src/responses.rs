//! Answers to people in danger: fixed templates, put together by a policy that can be reviewed.
//!
//! No model writes or changes these words. Which parts an answer has, and what it offers, is data
//! (`data/crisis/policy.toml`); the words are data (`data/crisis/responses/`). Loading proves that
//! every level, audience, turn and language has its answer, so that [`Policy::respond`] cannot
//! fail. It is deterministic: the same situation and the same history give the same answer.

mod load;
mod situation;

pub use situation::{Action, Audience, Kind, Level, Need, Place, Situation, Turn};

use crate::{lang::Lang, source::Provenance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(test)]
pub(crate) use load::{FILES, POLICY, PROVENANCE, PROVENANCE_RESPONSES};

/// How an answer is put together for some situations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    levels: Vec<Level>,
    audiences: Vec<Audience>,
    #[serde(default)]
    turns: Vec<Turn>,
    body: Vec<Kind>,
    footer: Vec<Kind>,
    actions: Vec<Action>,
    steps: Vec<String>,
    needs: Vec<Need>,
}

/// Which wording is used for some situations. An empty list does not limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    id: String,
    kind: Kind,
    #[serde(default)]
    audiences: Vec<Audience>,
    #[serde(default)]
    levels: Vec<Level>,
    #[serde(default)]
    turns: Vec<Turn>,
}

fn takes<T: PartialEq>(allowed: &[T], one: &T) -> bool {
    allowed.is_empty() || allowed.contains(one)
}

impl Recipe {
    fn fits(&self, at: &Situation<'_>) -> bool {
        takes(&self.levels, &at.level)
            && takes(&self.audiences, &at.audience)
            && takes(&self.turns, &at.turn)
    }
}

impl Slot {
    fn fits(&self, kind: Kind, at: &Situation<'_>) -> bool {
        self.kind == kind
            && takes(&self.levels, &at.level)
            && takes(&self.audiences, &at.audience)
            && takes(&self.turns, &at.turn)
    }
}

/// The words of one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    language: Lang,
    local_emergency: String,
    say: BTreeMap<String, Vec<String>>,
}

/// One paragraph of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its wording: give it back in `seen` so that it is not used again soon.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub text: String,
}

/// Which lines are shown with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// For whom, in the order in which they are shown.
    pub needs: Vec<Need>,
    /// Whether the emergency number stands above all others.
    pub emergency_first: bool,
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The language it is in.
    pub language: Lang,
    /// Its paragraphs, in order.
    pub parts: Vec<Part>,
    /// Which lines are shown with it.
    pub resources: Resources,
    /// What is offered, most important first.
    pub actions: Vec<Action>,
    /// Exercises that are offered, as ids of the library.
    pub steps: Vec<String>,
}

impl Response {
    /// The paragraphs of a place as one text, with an empty line between them.
    #[must_use]
    pub fn text(&self, place: Place) -> String {
        let parts: Vec<&str> =
            self.parts.iter().filter(|part| part.place == place).map(|p| p.text.as_str()).collect();
        parts.join("\n\n")
    }
}

/// All answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    version: u32,
    recipes: Vec<Recipe>,
    slots: Vec<Slot>,
    wordings: BTreeMap<Lang, Wording>,
    provenance: Provenance,
}

impl Policy {
    /// The version of policy and words, to be kept with a record of what was shown.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Where the words come from and who has looked at them.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The exercises that answers offer.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.recipes.iter().flat_map(|recipe| recipe.steps.iter().map(String::as_str))
    }

    /// The answer to a situation. `seen` holds the ids of parts that this person was shown, oldest
    /// first: wording that was never shown comes first, then what was shown longest ago.
    #[must_use]
    pub fn respond(&self, at: &Situation<'_>, seen: &[&str]) -> Response {
        let recipe = self.recipes.iter().find(|recipe| recipe.fits(at));
        let kinds = recipe.into_iter().flat_map(|recipe| {
            let body = recipe.body.iter().map(|kind| (*kind, Place::Body));
            body.chain(recipe.footer.iter().map(|kind| (*kind, Place::Footer)))
        });
        Response {
            language: at.lang,
            parts: kinds.filter_map(|(kind, place)| self.part(kind, place, at, seen)).collect(),
            resources: Resources {
                needs: recipe.map(|recipe| recipe.needs.clone()).unwrap_or_default(),
                emergency_first: recipe
                    .is_some_and(|recipe| recipe.actions.first() == Some(&Action::CallEmergency)),
            },
            actions: recipe.map(|recipe| recipe.actions.clone()).unwrap_or_default(),
            steps: recipe.map(|recipe| recipe.steps.clone()).unwrap_or_default(),
        }
    }

    fn part(&self, kind: Kind, place: Place, at: &Situation<'_>, seen: &[&str]) -> Option<Part> {
        let slot = self.slots.iter().find(|slot| slot.fits(kind, at))?;
        let wording = self.wordings.get(&at.lang)?;
        let variants = wording.say.get(&slot.id)?;
        let (id, text) = variants
            .iter()
            .enumerate()
            .map(|(number, text)| (format!("{}.{}", slot.id, number + 1), text))
            .min_by_key(|(id, _)| seen.iter().rposition(|one| one == id).map_or(0, |at| at + 1))?;
        let number = at.emergency.unwrap_or(&wording.local_emergency);
        Some(Part { id, kind, place, text: text.replace("{emergency}", number) })
    }
}

#[cfg(test)]
mod tests;
