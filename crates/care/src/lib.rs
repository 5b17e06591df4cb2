//! The words and rules of care, as data that clinicians can review.
//!
//! It owns: answers to people in danger ([`responses`]), crisis lines ([`hotlines`]), exercises
//! ([`skills`]), questionnaires and their scoring ([`questionnaires`]), forms ([`forms`]), and what
//! the companion says ([`companion`]). All of it is versioned TOML under `data/`, built into the
//! program.
//!
//! What always holds: loading proves the content complete, so that nothing is missing when it is
//! needed; every function is pure and deterministic; every folder says where its content comes from
//! and whether a clinician has reviewed it.
//!
//! What it does not do: it reads no file, knows no person, keeps nothing and detects nothing.

pub mod companion;
pub mod forms;
pub mod hotlines;
pub mod lang;
pub mod questionnaires;
pub mod responses;
pub mod skills;
mod source;

pub use lang::Lang;
pub use source::{Flaw, NOT_REVIEWED, Provenance};

use companion::Companion;
use forms::Forms;
use hotlines::Hotlines;
use questionnaires::Questionnaires;
use responses::Policy;
use skills::Library;

/// All content, loaded and proven.
#[derive(Debug, Clone, PartialEq)]
pub struct Care {
    /// Answers to people in danger.
    pub responses: Policy,
    /// Crisis lines.
    pub hotlines: Hotlines,
    /// Exercises.
    pub skills: Library,
    /// Questionnaires.
    pub questionnaires: Questionnaires,
    /// Safety plan, diary card, chain analysis.
    pub forms: Forms,
    /// What the companion says.
    pub companion: Companion,
}

impl Care {
    /// What is built in. To be called once, when the program starts: an error names file and field.
    pub fn embedded() -> Result<Self, Flaw> {
        let care = Self {
            responses: Policy::embedded()?,
            hotlines: Hotlines::embedded()?,
            skills: Library::embedded()?,
            questionnaires: Questionnaires::embedded()?,
            forms: Forms::embedded()?,
            companion: Companion::embedded()?,
        };
        for step in care.responses.steps() {
            let found = care.skills.get(step).is_some();
            source::require(found, "crisis/policy.toml", step, "there is no such exercise")?;
        }
        Ok(care)
    }

    /// Where each part comes from and who has reviewed it, for a public page.
    pub fn provenance(&self) -> impl Iterator<Item = &Provenance> {
        [
            self.responses.provenance(),
            self.hotlines.provenance(),
            self.skills.provenance(),
            self.questionnaires.provenance(),
            self.forms.provenance(),
            self.companion.provenance(),
        ]
        .into_iter()
    }
}

/// Every file that is built in.
#[cfg(test)]
pub(crate) fn files() -> impl Iterator<Item = source::File> {
    [
        companion_files(),
        forms::FILES,
        forms::TEXTS,
        &[forms::PROVENANCE, forms::PROVENANCE_TEXTS],
        skills::FILES,
        skills::TEXTS,
        &[skills::PROVENANCE, skills::PROVENANCE_TEXTS],
        hotlines::FILES,
        &[hotlines::DIRECTORIES, hotlines::PROVENANCE],
        questionnaires::FILES,
        questionnaires::TEXTS,
        &[questionnaires::PROVENANCE, questionnaires::PROVENANCE_TEXTS],
        responses::FILES,
        &[responses::POLICY, responses::PROVENANCE, responses::PROVENANCE_RESPONSES],
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
fn companion_files() -> &'static [source::File] {
    &[companion::SYSTEM, companion::OPTIONS, companion::INSIGHTS, companion::PROVENANCE]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_content_loads_and_its_parts_fit_together() {
        let care = Care::embedded().unwrap();
        for step in care.responses.steps() {
            for lang in Lang::ALL {
                let (_, found) = care.skills.localized(step, lang).unwrap();
                assert_eq!(found, lang, "{step} is offered in a crisis");
            }
        }
    }

    #[test]
    fn nothing_claims_a_review_that_has_not_happened() {
        for provenance in Care::embedded().unwrap().provenance() {
            let reviewed = provenance.reviewer != NOT_REVIEWED;
            assert_eq!(provenance.reviewed.is_some(), reviewed, "{}", provenance.content);
        }
    }
}
