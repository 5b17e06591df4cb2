//! From the text of rules to tables. What it needs only for that is gone when it is done.

use crate::{
    kind::Kind,
    language::Language,
    pattern::{Atom, ClassId, Piece, Step, alternatives, distribute},
    rows::Rows,
    ruleset::{Flags, Pattern, Reserved, Rule, Ruleset, first_atom},
    source::{Place, RuleError, RuleFile, RuleText},
    vocabulary::{Map, WordId},
};
use std::collections::HashSet;

/// Tables in the making.
#[derive(Default)]
struct Compiler {
    set: Ruleset,
    names: Map<(Language, String), ClassId>,
    ids: HashSet<String>,
    /// Words that are all of an alternative.
    single: Vec<(usize, ClassId)>,
}

type Done = Result<(), RuleError>;

/// Compiles files. Lexicons may be used before they are defined, and in every file of their
/// language; those of `any` in all.
pub(crate) fn compile(files: &[RuleFile]) -> Result<Ruleset, RuleError> {
    let mut compiler = Compiler::default();
    for file in files {
        compiler.words_of_engine(file);
    }
    for file in files {
        for lexicon in &file.lexicons {
            let key = (file.language, lexicon.name.clone());
            let class = compiler.new_class(file.language, &lexicon.place)?;
            if compiler.names.insert(key, class).is_some() {
                return Err(lexicon.place.error(format!("@{} is there twice", lexicon.name)));
            }
        }
    }
    for file in files {
        for lexicon in &file.lexicons {
            let class = compiler.class(&lexicon.name, file.language, &lexicon.place)?;
            let read = alternatives(&lexicon.text).map_err(|e| lexicon.place.error(e))?;
            compiler.fill(class, &read, file.language, &lexicon.place)?;
        }
        for rule in &file.rules {
            compiler.add_rule(rule, file.language)?;
        }
    }
    Ok(compiler.finish())
}

impl Compiler {
    /// Abbreviations, and lexicons that are lists of words for the lexer.
    fn words_of_engine(&mut self, file: &RuleFile) {
        for (short, long) in &file.expansions {
            let words = long.split_whitespace().map(ToOwned::to_owned).collect();
            self.set
                .lexer
                .expansions
                .entry(short.clone())
                .or_default()
                .push((file.language, words));
        }
        for lexicon in &file.lexicons {
            let words = lexicon.text.split('|').map(str::trim).filter(|word| !word.is_empty());
            match lexicon.name.as_str() {
                "FUNCTION" => {
                    for word in words {
                        let entry = self.set.lexer.function.entry(word.to_owned()).or_default();
                        *entry = entry.with(file.language);
                    }
                }
                "CORE" => {
                    self.set.lexer.core.extend(words.map(|word| (file.language, word.to_owned())));
                }
                "COMMON" => {
                    self.set.lexer.common.extend(words.map(ToOwned::to_owned));
                }
                _ => {}
            }
        }
    }

    fn new_class(&mut self, language: Language, place: &Place) -> Result<ClassId, RuleError> {
        let id = ClassId::try_from(self.set.class_languages.len());
        self.set.class_languages.push(language);
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
                    [Step::One { atom: Atom::Word(word), .. }] => {
                        self.single.push((usize::from(*word), class));
                    }
                    [Step::One { .. }, ..] => {
                        self.set.alternatives.push(class);
                        self.set.alternative_steps.push(steps);
                    }
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
                    for word in self.set.lexer.rule_words(text, language) {
                        let atom = self.word(&word, place)?;
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

    fn word(&mut self, word: &str, place: &Place) -> Result<Atom, RuleError> {
        let id = self.set.lexer.vocabulary.add(word);
        id.map(Atom::Word).ok_or_else(|| place.error("too many words"))
    }

    fn atom(&mut self, piece: &Piece, of: Language, place: &Place) -> Result<Atom, RuleError> {
        match piece {
            Piece::Lexicon { name, .. } => self.class(name, of, place).map(Atom::Class),
            Piece::Word { text, .. } => {
                let words = self.set.lexer.rule_words(text, of);
                if let [word] = words.as_slice() {
                    return self.word(word, place);
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
        let place = &rule.place;
        let number = u16::try_from(self.set.rules.len());
        let number = number.map_err(|_| place.error("too many rules"))?;
        let (kind, weight, flags) =
            header(rule).ok_or_else(|| place.error("kind, weight or flag unknown"))?;
        let id = rule.id_in(language);
        if !self.ids.insert(id.clone()) {
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
                    self.set.patterns.push(Pattern { rule: number, language });
                    self.set.pattern_steps.push(steps);
                }
            }
        }
        self.set.rules.push(Rule { id, kind, weight, flags });
        Ok(())
    }

    /// The tables, with everything found by what it begins with.
    fn finish(self) -> Ruleset {
        let Self { mut set, names, mut single, .. } = self;
        let (words, classes) = (set.lexer.vocabulary.len(), set.class_languages.len());
        let mut seen = HashSet::new();
        single.retain(|pair| seen.insert(*pair));
        set.classes_of_word = Rows::grouped(words, &single);
        let mut by_pair: Vec<(usize, (WordId, u32))> = Vec::new();
        let (mut by_word, mut by_class) = (Vec::new(), Vec::new());
        for (steps, number) in
            (0..set.alternatives.len()).map(|n| set.alternative_steps.of(n)).zip(0..)
        {
            match (first_atom(steps), steps.get(1)) {
                (
                    Some(Atom::Word(word)),
                    Some(Step::One { atom: Atom::Word(next), optional: false }),
                ) => by_pair.push((usize::from(word), (*next, number))),
                (Some(Atom::Word(word)), _) => by_word.push((usize::from(word), number)),
                (Some(Atom::Class(class)), _) => by_class.push((usize::from(class), number)),
                (None, _) => {}
            }
        }
        by_pair.sort_unstable();
        set.alternatives_by_pair = Rows::grouped(words, &by_pair);
        set.alternatives_by_word = Rows::grouped(words, &by_word);
        set.alternatives_by_class = Rows::grouped(classes, &by_class);
        set.reserved = Language::ALL.map(|language| reserved(&names, language));
        set.shrink();
        set
    }
}

fn reserved(names: &Map<(Language, String), ClassId>, language: Language) -> Reserved {
    let class = |name: &str| names.get(&(language, name.to_owned())).copied();
    Reserved {
        negation: class("NEG"),
        negation_after: class("NEGAFTER"),
        freed: class("NEGFREE"),
        scope_end: class("SCOPESTOP"),
        gap_end: class("GAPSTOP"),
        yes: class("YES"),
        no: class("NO"),
        good: class("GOOD"),
        bad: class("BAD"),
    }
}

fn header(rule: &RuleText) -> Option<(Kind, f32, Flags)> {
    let mut words = rule.header.iter();
    let kind = Kind::named(words.next()?)?;
    let mut weight = 1.0;
    let mut flags = Flags::default();
    for word in words {
        match *word {
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
