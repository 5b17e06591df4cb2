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
    marks: Marks,
    places: Places,
    words_present: Vec<bool>,
    /// Room for what one attempt after the other needs: attempts are many and mostly in vain.
    room: Room,
}

#[derive(Default)]
struct Room {
    spans: Vec<(usize, usize)>,
    candidates: Vec<usize>,
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

/// For each lexicon, where it begins, all in one row.
#[derive(Default)]
struct Places {
    row: Vec<usize>,
    /// Where those of a lexicon begin in the row; those of the next end them.
    starts: Vec<usize>,
}

impl Places {
    fn of(&self, class: ClassId) -> &[usize] {
        let class = class as usize;
        let ends = self.starts.get(class).zip(self.starts.get(class + 1));
        ends.and_then(|(start, end)| self.row.get(*start..*end)).unwrap_or_default()
    }

    /// Sorts what was marked, lexicon by lexicon.
    fn sorted(marks: &Marks, classes: usize) -> Self {
        let mut counts = vec![0_usize; classes];
        let mut last = vec![usize::MAX; classes];
        let mut all = Vec::with_capacity(marks.row.len());
        for at in 0..marks.of_word.len() {
            for (class, _) in marks.of(at) {
                let class = *class as usize;
                if let (Some(last), Some(count)) = (last.get_mut(class), counts.get_mut(class))
                    && *last != at
                {
                    *last = at;
                    *count += 1;
                    all.push((class, at));
                }
            }
        }
        let mut places = Self { row: vec![0; all.len()], starts: Vec::with_capacity(classes + 1) };
        let mut next = 0;
        for count in &mut counts {
            places.starts.push(next);
            next += *count;
            *count = next - *count;
        }
        places.starts.push(next);
        for (class, at) in all {
            if let Some(next) = counts.get_mut(class) {
                if let Some(place) = places.row.get_mut(*next) {
                    *place = at;
                }
                *next += 1;
            }
        }
        places
    }
}

impl<'r> View<'r> {
    pub(crate) fn new(set: &'r Ruleset, lexed: &'r Lexed, range: std::ops::Range<usize>) -> Self {
        let tokens = lexed.tokens.get(range).unwrap_or_default();
        let mut view = Self {
            set,
            tokens,
            languages: lexed.languages,
            marks: Marks { row: Vec::new(), of_word: vec![0..0; tokens.len()] },
            places: Places::default(),
            words_present: vec![false; set.lexer.vocabulary.len()],
            room: Room::default(),
        };
        for at in (0..tokens.len()).rev() {
            view.mark(at);
        }
        view.places = Places::sorted(&view.marks, set.class_languages.len());
        view
    }

    fn speaks(&self, class: ClassId) -> bool {
        let language = self.set.class_languages.get(class as usize);
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
            if let Some(present) = self.words_present.get_mut(*id as usize) {
                *present = true;
            }
            for class in set.classes_of_word.get(*id as usize).into_iter().flatten() {
                self.put(at, *class, at + 1);
            }
            candidates.clear();
            candidates.extend(set.alternatives_by_word.get(*id as usize).into_iter().flatten());
            for next in next {
                candidates
                    .extend(set.alternatives_by_pair.get(&(*id, *next)).into_iter().flatten());
            }
            candidates.sort_unstable();
            for number in &candidates {
                self.try_alternative(*number, at);
            }
        }
        self.room.candidates = candidates;
        while let Some(class) = self.room.waiting.pop() {
            for number in set.alternatives_by_class.get(class as usize).into_iter().flatten() {
                self.try_alternative(*number, at);
            }
        }
    }

    fn put(&mut self, at: usize, class: ClassId, end: usize) {
        if self.speaks(class) && self.marks.add(at, class, end) {
            self.room.waiting.push(class);
        }
    }

    fn try_alternative(&mut self, number: usize, at: usize) {
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
        let mut spans = std::mem::take(&mut self.room.spans);
        spans.clear();
        let run = Run { view: self, start: at, gap_end: self.set.reserved(language).gap_end };
        let end = run.steps(&alternative.steps, at, false, &mut spans);
        self.room.spans = spans;
        if let Some(end) = end {
            self.put(at, alternative.class, end);
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
        self.places.of(class)
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
