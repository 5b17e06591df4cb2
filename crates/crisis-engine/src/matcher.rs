//! Finds lexicons and rules in the words of a text.

use crate::{
    kind::Kind,
    language::Languages,
    lexer::{Break, Lexed, Token},
    pattern::{Atom, ClassId, Step},
    rows::Rows,
    ruleset::{Ruleset, first_atom},
    vocabulary::WordId,
};

/// A place where a rule was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) rule: usize,
    /// The words that the pattern names, without those in its gaps.
    pub(crate) spans: Vec<(usize, usize)>,
}

impl Found {
    pub(crate) fn start(&self) -> usize {
        self.spans.first().map_or(0, |(start, _)| *start)
    }

    pub(crate) fn end(&self) -> usize {
        self.spans.last().map_or(0, |(_, end)| *end)
    }
}

/// A text with all that lexicons say about its words.
pub(crate) struct View<'r> {
    set: &'r Ruleset,
    pub(crate) tokens: &'r [Token],
    pub(crate) languages: Languages,
    marks: Marks,
    places: Rows<usize>,
    words_present: Vec<bool>,
    /// Room for what one attempt after the other needs: attempts are many and mostly in vain.
    room: Room,
}

#[derive(Default)]
struct Room {
    spans: Vec<(usize, usize)>,
    candidates: Vec<u32>,
    waiting: Vec<ClassId>,
}

/// For each word, the lexicons that have something beginning there, and where that ends. Filled
/// from the last word to the first, all in one row.
#[derive(Default)]
struct Marks {
    row: Vec<(ClassId, u16)>,
    of_word: Vec<std::ops::Range<usize>>,
}

impl Marks {
    fn of(&self, at: usize) -> &[(ClassId, u16)] {
        let range = self.of_word.get(at).cloned().unwrap_or_default();
        self.row.get(range).unwrap_or_default()
    }

    /// Whether it is new. Ends are few enough for small numbers: texts are looked at in windows.
    fn add(&mut self, at: usize, class: ClassId, end: usize) -> bool {
        let Ok(end) = u16::try_from(end) else { return false };
        let new = !self.of(at).contains(&(class, end));
        if new && let Some(range) = self.of_word.get_mut(at) {
            self.row.push((class, end));
            range.end = self.row.len();
        }
        new
    }
}

/// For each lexicon, the words at which it begins.
fn places(marks: &Marks, classes: usize) -> Rows<usize> {
    let mut last = vec![usize::MAX; classes];
    let mut all = Vec::with_capacity(marks.row.len());
    for at in 0..marks.of_word.len() {
        for (class, _) in marks.of(at) {
            let class = usize::from(*class);
            if let Some(last) = last.get_mut(class).filter(|last| **last != at) {
                *last = at;
                all.push((class, at));
            }
        }
    }
    Rows::grouped(classes, &all)
}

impl<'r> View<'r> {
    pub(crate) fn new(set: &'r Ruleset, lexed: &'r Lexed, range: std::ops::Range<usize>) -> Self {
        let tokens = lexed.tokens.get(range).unwrap_or_default();
        let mut view = Self {
            set,
            tokens,
            languages: lexed.languages,
            marks: Marks { row: Vec::new(), of_word: vec![0..0; tokens.len()] },
            places: Rows::default(),
            words_present: vec![false; set.lexer.vocabulary.len()],
            room: Room::default(),
        };
        for at in (0..tokens.len()).rev() {
            view.mark(at);
        }
        view.places = places(&view.marks, set.class_languages.len());
        view
    }

    fn speaks(&self, class: ClassId) -> bool {
        let language = self.set.class_languages.get(usize::from(class));
        language.is_some_and(|language| self.languages.contains(*language))
    }

    /// Finds all lexicons that begin at a word. Words after it are done already.
    fn mark(&mut self, at: usize) {
        let set = self.set;
        let here = self.marks.row.len();
        if let Some(range) = self.marks.of_word.get_mut(at) {
            *range = here..here;
        }
        let mut candidates = std::mem::take(&mut self.room.candidates);
        let ids = |at: usize| self.tokens.get(at).map_or([].as_slice(), |token| &token.ids);
        let (own, next) = (ids(at), ids(at + 1));
        for id in own {
            let word = usize::from(*id);
            if let Some(present) = self.words_present.get_mut(word) {
                *present = true;
            }
            for class in set.classes_of_word.of(word) {
                self.put(at, *class, at + 1);
            }
            candidates.clear();
            candidates.extend(set.alternatives_by_word.of(word));
            for next in next {
                candidates.extend(set.beginning_with(*id, *next));
            }
            candidates.sort_unstable();
            for number in &candidates {
                self.try_alternative(*number, at);
            }
        }
        self.room.candidates = candidates;
        while let Some(class) = self.room.waiting.pop() {
            for number in set.alternatives_by_class.of(usize::from(class)) {
                self.try_alternative(*number, at);
            }
        }
    }

    fn put(&mut self, at: usize, class: ClassId, end: usize) {
        if self.speaks(class) && self.marks.add(at, class, end) {
            self.room.waiting.push(class);
        }
    }

    fn try_alternative(&mut self, number: u32, at: usize) {
        let Some((class, language, steps)) = self.set.alternative(number) else { return };
        if !self.languages.contains(language) {
            return;
        }
        // All words from here to the end of the text are known by now.
        let absent = |step: &Step| match step {
            Step::One { atom: Atom::Word(word), optional: false } => !self.is_present(*word),
            _ => false,
        };
        if steps.iter().any(absent) {
            return;
        }
        let mut spans = std::mem::take(&mut self.room.spans);
        spans.clear();
        let run = Run { view: self, start: at, gap_end: self.set.reserved(language).gap_end };
        let end = run.steps(steps, at, false, &mut spans);
        self.room.spans = spans;
        if let Some(end) = end {
            self.put(at, class, end);
        }
    }

    /// Where a lexicon's alternatives that begin here end.
    pub(crate) fn ends(&self, at: usize, class: ClassId) -> impl Iterator<Item = usize> {
        self.marks
            .of(at)
            .iter()
            .filter(move |(of, _)| *of == class)
            .map(|(_, end)| usize::from(*end))
    }

    pub(crate) fn has(&self, at: usize, class: ClassId) -> bool {
        self.ends(at, class).next().is_some()
    }

    /// Where a lexicon begins, in order.
    pub(crate) fn places(&self, class: ClassId) -> &[usize] {
        self.places.of(usize::from(class))
    }

    fn is_present(&self, word: WordId) -> bool {
        self.words_present.get(usize::from(word)).copied().unwrap_or_default()
    }

    /// Whether all that a pattern cannot do without is somewhere in the text.
    fn may_fit(&self, steps: &[Step]) -> bool {
        steps.iter().all(|step| match step {
            Step::One { atom: Atom::Word(word), optional: false } => self.is_present(*word),
            Step::One { atom: Atom::Class(class), optional: false } => {
                !self.places(*class).is_empty()
            }
            _ => true,
        })
    }

    /// All rules in the text for which `wanted` holds, each place once.
    pub(crate) fn find(&self, wanted: fn(Kind) -> bool) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        let mut spans = Vec::new();
        for (number, pattern) in self.set.patterns.iter().enumerate() {
            let rule = usize::from(pattern.rule);
            let steps = self.set.pattern_steps.of(number);
            if !self.languages.contains(pattern.language)
                || !self.may_fit(steps)
                || !self.set.rules.get(rule).is_some_and(|rule| wanted(rule.kind))
            {
                continue;
            }
            let gap_end = self.set.reserved(pattern.language).gap_end;
            for start in self.starts(first_atom(steps)) {
                spans.clear();
                let run = Run { view: self, start, gap_end };
                if run.steps(steps, start, false, &mut spans).is_some() {
                    let found = Found { rule, spans: spans.clone() };
                    let known =
                        |other: &Found| other.rule == found.rule && other.start() == found.start();
                    if !all.iter().any(known) {
                        all.push(found);
                    }
                }
            }
        }
        all
    }

    fn starts(&self, atom: Option<Atom>) -> Vec<usize> {
        match atom {
            None => (0..self.tokens.len()).collect(),
            Some(Atom::Class(class)) => self.places(class).to_vec(),
            Some(Atom::Word(word)) => {
                let here = self.tokens.iter().enumerate();
                here.filter(|(_, token)| token.ids.contains(&word)).map(|(at, _)| at).collect()
            }
        }
    }
}

/// One attempt to fit a pattern to a place.
struct Run<'v, 'r> {
    view: &'v View<'r>,
    start: usize,
    gap_end: Option<ClassId>,
}

impl Run<'_, '_> {
    /// Whether the next word belongs to another sentence.
    fn is_over(&self, at: usize) -> bool {
        at > self.start && self.view.tokens.get(at).is_none_or(|token| token.before == Break::Hard)
    }

    /// The ends of what begins here, one after the other, without collecting them: this is the
    /// innermost loop.
    fn end(&self, atom: Atom, at: usize, nth: usize) -> Option<usize> {
        match atom {
            Atom::Word(word) => {
                let here = self.view.tokens.get(at).filter(|token| token.ids.contains(&word));
                here.filter(|_| nth == 0).map(|_| at + 1)
            }
            Atom::Class(class) => self.view.ends(at, class).nth(nth),
        }
    }

    /// Fits the steps from here on; the end if they fit.
    fn steps(
        &self,
        steps: &[Step],
        at: usize,
        crossed: bool,
        spans: &mut Vec<(usize, usize)>,
    ) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(at);
        };
        match step {
            Step::One { atom, optional } => {
                if crossed || !self.is_over(at) {
                    let mut nth = 0;
                    while let Some(end) = self.end(*atom, at, nth) {
                        nth += 1;
                        spans.push((at, end));
                        if let Some(done) = self.steps(rest, end, false, spans) {
                            return Some(done);
                        }
                        spans.pop();
                    }
                }
                if *optional { self.steps(rest, at, crossed, spans) } else { None }
            }
            Step::Gap { most, wild } => self.gap(rest, at, (*most, *wild, crossed), spans),
            Step::Not(atom) => {
                let there = !self.is_over(at) && self.end(*atom, at, 0).is_some();
                if there { None } else { self.steps(rest, at, crossed, spans) }
            }
            Step::Start => {
                let first = self.view.tokens.get(at)?;
                let begins = at == 0 || first.before == Break::Hard;
                if begins { self.steps(rest, at, crossed, spans) } else { None }
            }
            Step::End => {
                let next = self.view.tokens.get(at);
                let ends = next.is_none_or(|token| token.before == Break::Hard);
                if ends { self.steps(rest, at, crossed, spans) } else { None }
            }
            Step::Cross => self.steps(rest, at, true, spans),
            Step::Rest => {
                let mut end = at;
                while !self.is_over(end) && end < self.view.tokens.len() {
                    end += 1;
                }
                spans.push((at, end));
                self.steps(rest, end, crossed, spans)
            }
        }
    }

    fn gap(
        &self,
        rest: &[Step],
        at: usize,
        (most, wild, crossed): (u8, bool, bool),
        spans: &mut Vec<(usize, usize)>,
    ) -> Option<usize> {
        let depth = spans.len();
        for skipped in 0..=usize::from(most) {
            if let Some(done) = self.steps(rest, at + skipped, crossed && skipped == 0, spans) {
                return Some(done);
            }
            spans.truncate(depth);
            let next = at + skipped;
            let stops = self.gap_end.is_some_and(|class| !wild && self.view.has(next, class));
            if stops || (self.is_over(next) && !(crossed && skipped == 0)) {
                return None;
            }
        }
        None
    }
}
