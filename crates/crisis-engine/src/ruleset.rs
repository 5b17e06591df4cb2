//! Rules made ready to run: every word a number, every group a lexicon of its own.

use crate::{
    kind::Kind,
    language::{Language, Languages},
    lexer::Lexer,
    pattern::{Atom, ClassId, Piece, Step, alternatives, distribute},
    source::{Place, RuleError, RuleFile, RuleText},
    vocabulary::{Map, WordId},
};

/// One alternative of a lexicon that is more than one word.
pub(crate) struct Alternative {
    pub(crate) class: ClassId,
    pub(crate) steps: Vec<Step>,
}

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
    pub(crate) language: Language,
    pub(crate) yes: Vec<String>,
    pub(crate) no: Vec<String>,
}

/// A way in which a rule can be found.
pub(crate) struct Pattern {
    pub(crate) rule: usize,
    pub(crate) steps: Vec<Step>,
    /// What must occur in the text at all.
    pub(crate) required: Vec<Atom>,
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

/// All rules of all languages.
#[derive(Default)]
pub(crate) struct Ruleset {
    pub(crate) lexer: Lexer,
    pub(crate) rules: Vec<Rule>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) class_languages: Vec<Language>,
    /// The lexicons that a word alone belongs to.
    pub(crate) classes_of_word: Vec<Vec<ClassId>>,
    /// By the two words they begin with, as most do.
    pub(crate) alternatives_by_pair: Map<(WordId, WordId), Vec<usize>>,
    /// By the word they begin with, where the next is not fixed.
    pub(crate) alternatives_by_word: Vec<Vec<usize>>,
    pub(crate) alternatives_by_class: Vec<Vec<usize>>,
    pub(crate) reserved: [Reserved; Language::COUNT],
    names: Map<(Language, String), ClassId>,
    single: Vec<(WordId, ClassId)>,
}

type Done = Result<(), RuleError>;

impl Ruleset {
    /// Compiles files. Lexicons may be used before they are defined, and in every file of their
    /// language; those of `any` in all.
    pub(crate) fn compile(files: &[RuleFile]) -> Result<Self, RuleError> {
        let mut set = Self::default();
        for file in files {
            set.words_of_engine(file);
        }
        for file in files {
            for lexicon in &file.lexicons {
                let key = (file.language, lexicon.name.clone());
                let class = set.new_class(file.language, &lexicon.place)?;
                if set.names.insert(key, class).is_some() {
                    return Err(lexicon.place.error(format!("@{} is there twice", lexicon.name)));
                }
            }
        }
        for file in files {
            for lexicon in &file.lexicons {
                let class = set.class(&lexicon.name, file.language, &lexicon.place)?;
                let read = alternatives(&lexicon.text).map_err(|e| lexicon.place.error(e))?;
                set.fill(class, &read, file.language, &lexicon.place)?;
            }
            for rule in &file.rules {
                set.add_rule(rule, file.language)?;
            }
        }
        set.index();
        Ok(set)
    }

    /// Abbreviations, and lexicons that are lists of words for the lexer.
    fn words_of_engine(&mut self, file: &RuleFile) {
        for (short, long) in &file.expansions {
            let words = long.split_whitespace().map(ToOwned::to_owned).collect();
            self.lexer.expansions.entry(short.clone()).or_default().push((file.language, words));
        }
        for lexicon in &file.lexicons {
            let words = lexicon.text.split('|').map(str::trim).filter(|word| !word.is_empty());
            match lexicon.name.as_str() {
                "FUNCTION" => {
                    for word in words {
                        let entry = self.lexer.function.entry(word.to_owned()).or_default();
                        *entry = entry.with(file.language);
                    }
                }
                "CORE" => {
                    self.lexer.core.extend(words.map(|word| (file.language, word.to_owned())));
                }
                "COMMON" => {
                    self.lexer.common.extend(words.map(ToOwned::to_owned));
                }
                _ => {}
            }
        }
    }

    fn new_class(&mut self, language: Language, place: &Place) -> Result<ClassId, RuleError> {
        let id = ClassId::try_from(self.class_languages.len());
        self.class_languages.push(language);
        id.map_err(|_| place.error("too many lexicons"))
    }

    fn class(&self, name: &str, language: Language, place: &Place) -> Result<ClassId, RuleError> {
        let own = self.names.get(&(language, name.to_owned()));
        let found = own.or_else(|| self.names.get(&(Language::Any, name.to_owned())));
        found.copied().ok_or_else(|| place.error(format!("@{name} is not defined")))
    }

    fn fill(
        &mut self,
        class: ClassId,
        read: &[Vec<Piece>],
        language: Language,
        place: &Place,
    ) -> Done {
        for pieces in read.iter().flat_map(|pieces| distribute(pieces)) {
            let steps = self.steps(&pieces, language, place)?;
            for steps in without_leading_options(steps) {
                match steps.as_slice() {
                    [] => {}
                    [Step::One { atom: Atom::Word(word), .. }] => self.single.push((*word, class)),
                    [Step::One { .. }, ..] => self.alternatives.push(Alternative { class, steps }),
                    _ => return Err(place.error("an alternative must begin with a word")),
                }
            }
        }
        Ok(())
    }

    fn steps(
        &mut self,
        pieces: &[Piece],
        language: Language,
        place: &Place,
    ) -> Result<Vec<Step>, RuleError> {
        let mut steps = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Plain(step) => steps.push(step.clone()),
                Piece::Not(inner) => steps.push(Step::Not(self.atom(inner, language, place)?)),
                Piece::Word { text, optional: false } => {
                    for word in self.lexer.rule_words(text, language) {
                        let atom = Atom::Word(self.lexer.vocabulary.add(&word));
                        steps.push(Step::One { atom, optional: false });
                    }
                }
                Piece::Word { optional, .. }
                | Piece::Lexicon { optional, .. }
                | Piece::Group { optional, .. } => {
                    let atom = self.atom(piece, language, place)?;
                    steps.push(Step::One { atom, optional: *optional });
                }
            }
        }
        Ok(steps)
    }

    fn atom(&mut self, piece: &Piece, of: Language, place: &Place) -> Result<Atom, RuleError> {
        match piece {
            Piece::Lexicon { name, .. } => self.class(name, of, place).map(Atom::Class),
            Piece::Word { text, .. } => {
                let words = self.lexer.rule_words(text, of);
                if let [word] = words.as_slice() {
                    return Ok(Atom::Word(self.lexer.vocabulary.add(word)));
                }
                let all = words.into_iter().map(|text| Piece::Word { text, optional: false });
                self.group(&[all.collect()], of, place)
            }
            Piece::Group { alternatives, .. } => self.group(alternatives, of, place),
            Piece::Not(_) | Piece::Plain(_) => Err(place.error("nothing that could be there")),
        }
    }

    fn group(
        &mut self,
        read: &[Vec<Piece>],
        language: Language,
        place: &Place,
    ) -> Result<Atom, RuleError> {
        let class = self.new_class(language, place)?;
        self.fill(class, read, language, place)?;
        Ok(Atom::Class(class))
    }

    fn add_rule(&mut self, rule: &RuleText, language: Language) -> Done {
        let number = self.rules.len();
        let place = rule.place.clone();
        let header = header(rule).ok_or_else(|| place.error("kind, weight or flag unknown"))?;
        let id = format!("{}.{}", language.tag(), rule.id);
        if self.rules.iter().any(|other| other.id == id) {
            return Err(place.error("this id is there twice"));
        }
        for (place, text) in &rule.patterns {
            let read = alternatives(text).map_err(|e| place.error(e))?;
            for pieces in read.iter().flat_map(|pieces| distribute(pieces)) {
                let steps = self.steps(&pieces, language, place)?;
                for steps in without_leading_options(steps) {
                    if first_atom(&steps).is_none() && steps.first() != Some(&Step::Start) {
                        return Err(place.error("a pattern must begin with a word"));
                    }
                    let required = required(&steps);
                    self.patterns.push(Pattern { rule: number, steps, required, language });
                }
            }
        }
        let (kind, weight, flags) = header;
        let (yes, no) = (rule.yes.clone(), rule.no.clone());
        self.rules.push(Rule { id, kind, weight, flags, language, yes, no });
        Ok(())
    }

    fn index(&mut self) {
        let (words, classes) = (self.lexer.vocabulary.len(), self.class_languages.len());
        self.classes_of_word = vec![Vec::new(); words];
        self.alternatives_by_word = vec![Vec::new(); words];
        self.alternatives_by_class = vec![Vec::new(); classes];
        for (word, class) in self.single.drain(..) {
            if let Some(of_word) = self.classes_of_word.get_mut(word as usize)
                && !of_word.contains(&class)
            {
                of_word.push(class);
            }
        }
        for (number, alternative) in self.alternatives.iter().enumerate() {
            let list = match (first_atom(&alternative.steps), alternative.steps.get(1)) {
                (
                    Some(Atom::Word(word)),
                    Some(Step::One { atom: Atom::Word(next), optional: false }),
                ) => Some(self.alternatives_by_pair.entry((word, *next)).or_default()),
                (Some(Atom::Word(word)), _) => self.alternatives_by_word.get_mut(word as usize),
                (Some(Atom::Class(class)), _) => self.alternatives_by_class.get_mut(class as usize),
                (None, _) => None,
            };
            if let Some(list) = list {
                list.push(number);
            }
        }
        for language in Language::ALL {
            let named = |name: &str| self.names.get(&(language, name.to_owned())).copied();
            let reserved = Reserved {
                negation: named("NEG"),
                negation_after: named("NEGAFTER"),
                freed: named("NEGFREE"),
                scope_end: named("SCOPESTOP"),
                gap_end: named("GAPSTOP"),
                yes: named("YES"),
                no: named("NO"),
                good: named("GOOD"),
                bad: named("BAD"),
            };
            if let Some(slot) = self.reserved.get_mut(language as usize) {
                *slot = reserved;
            }
        }
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

fn header(rule: &RuleText) -> Option<(Kind, f32, Flags)> {
    let mut words = rule.header.iter();
    let kind = Kind::named(words.next()?)?;
    let mut weight = 1.0;
    let mut flags = Flags::default();
    for word in words {
        match word.as_str() {
            "fixed" => flags.fixed = true,
            "other" => flags.other = true,
            "weak" => flags.weak = true,
            "timeless" => flags.timeless = true,
            "after" => flags.after = true,
            "beside" => flags.beside = true,
            number => weight = number.parse().ok()?,
        }
    }
    Some((kind, weight, flags))
}

/// The pattern, and the pattern without what may be missing at its beginning.
fn without_leading_options(steps: Vec<Step>) -> Vec<Vec<Step>> {
    let marks = steps.iter().take_while(|step| matches!(step, Step::Start | Step::Not(_))).count();
    let Some(Step::One { atom, optional: true }) = steps.get(marks).cloned() else {
        return vec![steps];
    };
    let (mut with, mut without) = (steps.clone(), steps);
    without.remove(marks);
    // A gap is between two things; at the beginning it would only be slow.
    while marks == 0 && matches!(without.first(), Some(Step::Gap { .. })) {
        without.remove(0);
    }
    if let Some(step) = with.get_mut(marks) {
        *step = Step::One { atom, optional: false };
    }
    let mut all = vec![with];
    all.extend(without_leading_options(without));
    all
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

fn required(steps: &[Step]) -> Vec<Atom> {
    let needed = |step: &Step| match step {
        Step::One { atom, optional: false } => Some(*atom),
        _ => None,
    };
    steps.iter().filter_map(needed).collect()
}
