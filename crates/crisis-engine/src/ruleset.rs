//! Rules made ready to run: every word a number, every group a lexicon of its own.

use crate::{
    kind::Kind,
    language::{Language, Languages},
    lexer::Lexer,
    pattern::{Atom, ClassId, Step},
    rows::Rows,
    vocabulary::WordId,
};

/// What else a rule's header says.
#[derive(Clone, Copy, Default, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of a rule's header")]
pub(crate) struct Flags {
    /// A negation does not undo it: it is part of the pattern.
    pub(crate) fixed: bool,
    /// It is about someone else.
    pub(crate) other: bool,
    /// It counts less in a message about a film, a game, a study.
    pub(crate) weak: bool,
    /// An earlier time does not make it less.
    pub(crate) timeless: bool,
    /// It counts only after a message that raised the level.
    pub(crate) after: bool,
    /// It counts only beside other evidence, in this message or before.
    pub(crate) beside: bool,
}

/// A rule.
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) weight: f32,
    pub(crate) flags: Flags,
}

/// A way in which a rule can be found.
pub(crate) struct Pattern {
    pub(crate) rule: u16,
    pub(crate) language: Language,
}

/// Lexicons that the engine itself asks for, by their names in the files.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reserved {
    pub(crate) negation: Option<ClassId>,
    pub(crate) negation_after: Option<ClassId>,
    pub(crate) freed: Option<ClassId>,
    pub(crate) scope_end: Option<ClassId>,
    pub(crate) gap_end: Option<ClassId>,
    pub(crate) yes: Option<ClassId>,
    pub(crate) no: Option<ClassId>,
    pub(crate) good: Option<ClassId>,
    pub(crate) bad: Option<ClassId>,
}

/// All rules of all languages. Each process keeps this for good, so it is a few long tables of small
/// numbers.
#[derive(Default)]
pub(crate) struct Ruleset {
    pub(crate) lexer: Lexer,
    pub(crate) rules: Vec<Rule>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) pattern_steps: Rows<Step>,
    /// The lexicon of each alternative that is more than one word.
    pub(crate) alternatives: Vec<ClassId>,
    pub(crate) alternative_steps: Rows<Step>,
    pub(crate) class_languages: Vec<Language>,
    /// The lexicons that a word alone belongs to.
    pub(crate) classes_of_word: Rows<ClassId>,
    /// By the word they begin with: the next word, in order, and the number of the alternative. Most
    /// begin with two words.
    pub(crate) alternatives_by_pair: Rows<(WordId, u32)>,
    /// By the word they begin with, where the next is not fixed.
    pub(crate) alternatives_by_word: Rows<u32>,
    pub(crate) alternatives_by_class: Rows<u32>,
    pub(crate) reserved: [Reserved; Language::COUNT],
}

impl Ruleset {
    /// No more is added: what was kept free for it is given back.
    pub(crate) fn shrink(&mut self) {
        self.rules.shrink_to_fit();
        self.patterns.shrink_to_fit();
        self.pattern_steps.shrink();
        self.alternatives.shrink_to_fit();
        self.alternative_steps.shrink();
        self.class_languages.shrink_to_fit();
        self.lexer.vocabulary.shrink();
    }

    /// An alternative of a lexicon: which lexicon, in which language, and what must be there.
    pub(crate) fn alternative(&self, number: u32) -> Option<(ClassId, Language, &[Step])> {
        let class = *self.alternatives.get(number as usize)?;
        let language = *self.class_languages.get(usize::from(class))?;
        Some((class, language, self.alternative_steps.of(number as usize)))
    }

    /// The alternatives that begin with these two words.
    pub(crate) fn beginning_with(&self, word: WordId, next: WordId) -> impl Iterator<Item = u32> {
        let of_word = self.alternatives_by_pair.of(usize::from(word));
        let start = of_word.partition_point(|(second, _)| *second < next);
        let from_there = of_word.get(start..).unwrap_or_default();
        from_there.iter().take_while(move |(second, _)| *second == next).map(|(_, number)| *number)
    }

    pub(crate) fn reserved(&self, language: Language) -> Reserved {
        self.reserved.get(language as usize).copied().unwrap_or_default()
    }

    /// The lexicons of one role in all these languages.
    pub(crate) fn of_role(
        &self,
        languages: Languages,
        role: fn(Reserved) -> Option<ClassId>,
    ) -> Vec<ClassId> {
        languages.iter().filter_map(|language| role(self.reserved(language))).collect()
    }
}

/// What a match begins with.
pub(crate) fn first_atom(steps: &[Step]) -> Option<Atom> {
    let mut after_marks =
        steps.iter().skip_while(|step| matches!(step, Step::Start | Step::Not(_)));
    match after_marks.next() {
        Some(Step::One { atom, optional: false }) => Some(*atom),
        _ => None,
    }
}
