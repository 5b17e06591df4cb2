//! Finds lexicons and rules in the words of a text.

use crate::{
    kind::Kind,
    language::{Language, Languages},
    lexer::{Break, Lexed, Token},
    pattern::{Atom, ClassId, Step},
    ruleset::{Ruleset, first_atom},
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
    /// For each word, the lexicons that have something beginning there, and where that ends.
    marks: Vec<Vec<(ClassId, usize)>>,
    /// For each lexicon, where it begins.
    places: Vec<Vec<usize>>,
    words_present: Vec<bool>,
    /// Room for the spans of one attempt after the other: attempts are many and mostly in vain.
    room: Vec<(usize, usize)>,
}

impl<'r> View<'r> {
    pub(crate) fn new(set: &'r Ruleset, lexed: &'r Lexed, range: std::ops::Range<usize>) -> Self {
        let tokens = lexed.tokens.get(range).unwrap_or_default();
        let mut view = Self {
            set,
            tokens,
            languages: lexed.languages,
            marks: vec![Vec::new(); tokens.len()],
            places: vec![Vec::new(); set.class_languages.len()],
            words_present: vec![false; set.lexer.vocabulary.len()],
            room: Vec::new(),
        };
        for at in (0..tokens.len()).rev() {
            view.mark(at);
        }
        for (at, marks) in view.marks.iter().enumerate() {
            for (class, _) in marks {
                if let Some(places) = view.places.get_mut(*class as usize)
                    && places.last() != Some(&at)
                {
                    places.push(at);
                }
            }
        }
        view
    }

    fn speaks(&self, class: ClassId) -> bool {
        let language = self.set.class_languages.get(class as usize);
        language.is_some_and(|language| self.languages.contains(*language))
    }

    /// Finds all lexicons that begin at a word. Words after it are done already.
    fn mark(&mut self, at: usize) {
        let set = self.set;
        let mut waiting = Vec::new();
        let ids = self.tokens.get(at).map_or([].as_slice(), |token| &token.ids);
        for id in ids {
            if let Some(present) = self.words_present.get_mut(*id as usize) {
                *present = true;
            }
            for class in set.classes_of_word.get(*id as usize).into_iter().flatten() {
                self.put(at, *class, at + 1, &mut waiting);
            }
            for number in set.alternatives_by_word.get(*id as usize).into_iter().flatten() {
                self.try_alternative(*number, at, &mut waiting);
            }
        }
        while let Some(class) = waiting.pop() {
            for number in set.alternatives_by_class.get(class as usize).into_iter().flatten() {
                self.try_alternative(*number, at, &mut waiting);
            }
        }
    }

    fn put(&mut self, at: usize, class: ClassId, end: usize, waiting: &mut Vec<ClassId>) {
        if self.speaks(class)
            && let Some(marks) = self.marks.get_mut(at)
            && !marks.contains(&(class, end))
        {
            marks.push((class, end));
            waiting.push(class);
        }
    }

    fn try_alternative(&mut self, number: usize, at: usize, waiting: &mut Vec<ClassId>) {
        let Some(alternative) = self.set.alternatives.get(number) else { return };
        let language = self.set.class_languages.get(alternative.class as usize).copied();
        let language = language.unwrap_or(Language::Any);
        if !self.languages.contains(language) {
            return;
        }
        // All words from here to the end of the text are known by now.
        let absent = |step: &Step| match step {
            Step::One { atom: Atom::Word(word), optional: false } => {
                !self.words_present.get(*word as usize).copied().unwrap_or_default()
            }
            _ => false,
        };
        if alternative.steps.iter().any(absent) {
            return;
        }
        let mut spans = std::mem::take(&mut self.room);
        spans.clear();
        let run = Run { view: self, start: at, gap_end: self.set.reserved(language).gap_end };
        let end = run.steps(&alternative.steps, at, false, &mut spans);
        self.room = spans;
        if let Some(end) = end {
            self.put(at, alternative.class, end, waiting);
        }
    }

    /// Where a lexicon's alternatives that begin here end.
    pub(crate) fn ends(&self, at: usize, class: ClassId) -> impl Iterator<Item = usize> {
        let marks = self.marks.get(at).into_iter().flatten();
        marks.filter(move |(of, _)| *of == class).map(|(_, end)| *end)
    }

    pub(crate) fn has(&self, at: usize, class: ClassId) -> bool {
        self.ends(at, class).next().is_some()
    }

    /// Where a lexicon begins, in order.
    pub(crate) fn places(&self, class: ClassId) -> &[usize] {
        self.places.get(class as usize).map_or(&[], Vec::as_slice)
    }

    fn present(&self, atom: Atom) -> bool {
        match atom {
            Atom::Word(word) => self.words_present.get(word as usize).copied().unwrap_or_default(),
            Atom::Class(class) => !self.places(class).is_empty(),
        }
    }

    /// All rules in the text for which `wanted` holds, each place once.
    pub(crate) fn find(&self, wanted: fn(Kind) -> bool) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        let mut spans = Vec::new();
        for pattern in &self.set.patterns {
            if !self.languages.contains(pattern.language)
                || !pattern.required.iter().all(|atom| self.present(*atom))
                || !self.set.rules.get(pattern.rule).is_some_and(|rule| wanted(rule.kind))
            {
                continue;
            }
            let gap_end = self.set.reserved(pattern.language).gap_end;
            for start in self.starts(first_atom(&pattern.steps)) {
                spans.clear();
                let run = Run { view: self, start, gap_end };
                if run.steps(&pattern.steps, start, false, &mut spans).is_some() {
                    let found = Found { rule: pattern.rule, spans: spans.clone() };
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
