//! The words and rules of care, as reviewable data: questionnaires.

pub mod hotlines;
pub mod lang;
pub mod questionnaires;
pub mod responses;
pub mod skills;
mod source;

pub use lang::Lang;
pub use source::{Flaw, NOT_REVIEWED, Provenance};

#[cfg(test)]
pub(crate) fn files() -> impl Iterator<Item = source::File> {
    [
        skills::FILES,
        skills::TEXTS,
        &[skills::PROVENANCE, skills::PROVENANCE_TEXTS],
        hotlines::FILES,
        &[hotlines::DIRECTORIES, hotlines::PROVENANCE],
        questionnaires::FILES,
        &[questionnaires::PROVENANCE],
        responses::FILES,
        &[responses::POLICY, responses::PROVENANCE, responses::PROVENANCE_RESPONSES],
    ]
    .into_iter()
    .flatten()
    .copied()
}
