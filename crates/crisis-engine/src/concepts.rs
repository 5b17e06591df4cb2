//! Words that mean much the same in six languages, as the learned layer sees them.
//!
//! `data/crisis/learned/concepts.txt` says which; here they are hashes in sorted lists, so that the
//! table is small and a look-up is a binary search.

use crate::{
    clean::clean,
    engine::LONGEST,
    language::Language,
    lexer::{Break, Lexed, Lexer},
    source::{Place, RuleError},
    vocabulary::Fnv,
};
use std::hash::Hasher;

const TEXT: &str = include_str!("../../../data/crisis/learned/concepts.txt");
const FILE: &str = "learned/concepts.txt";
/// The shortest beginning that stands for all words that begin so.
const SHORTEST_STEM: usize = 3;
/// How many words before a concept a negation may stand.
const NEGATION_REACH: usize = 4;
/// The number of a word that is in no concept and no small word: a thing that we know nothing of.
const THING: u8 = 127;
/// A word so short is hardly a thing.
const SHORTEST_THING: usize = 4;
/// What is added to the number of a concept that is negated.
pub(crate) const NEGATED: u8 = 128;

/// A word or phrase of a concept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Hash of the first word
    first: u32,
    /// Hash of all words
    whole: u32,
    words: u8,
    language: u8,
    concept: u8,
}

/// All concepts.
#[derive(Default)]
pub(crate) struct Concepts {
    exact: Vec<Entry>,
    stems: Vec<Entry>,
    /// Hashes of the small words by which languages are known: they are no things
    small: Vec<u32>,
    negation: u8,
}

/// A concept at a place in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spot {
    pub(crate) at: usize,
    pub(crate) concept: u8,
    pub(crate) sentence: u32,
}

/// The hash under which a word is known.
pub(crate) fn hash(word: &str) -> u32 {
    let mut state = Fnv::default();
    state.write(word.as_bytes());
    shortened(&state)
}

fn shortened(state: &Fnv) -> u32 {
    let long = state.finish();
    u32::try_from((long ^ (long >> 32)) & u64::from(u32::MAX)).unwrap_or_default()
}

impl Concepts {
    pub(crate) fn read(lexer: &Lexer) -> Result<Self, RuleError> {
        let mut concepts = Self::default();
        let mut number = 0_u8;
        for (line, text) in TEXT.lines().enumerate() {
            let place = Place { file: FILE, line: line + 1 };
            if let Some(name) = text.strip_prefix('[') {
                number += 1;
                if name.starts_with("NEG]") {
                    concepts.negation = number;
                }
            } else if let Some((tag, words)) =
                text.split_once(':').filter(|_| !text.starts_with('#'))
            {
                let language =
                    Language::from_tag(tag).ok_or_else(|| place.error("which language?"))?;
                concepts.line(words, language, number, lexer);
            }
        }
        concepts.small = lexer.function.keys().map(|word| hash(word)).collect();
        concepts.small.sort_unstable();
        concepts.exact.sort_unstable();
        concepts.exact.dedup();
        concepts.stems.sort_unstable();
        concepts.stems.dedup();
        Ok(concepts)
    }

    fn line(&mut self, words: &str, language: Language, concept: u8, lexer: &Lexer) {
        for phrase in words.split('|').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let phrase = clean(phrase, LONGEST);
            let words: Vec<String> = phrase
                .split_whitespace()
                .flat_map(|word| lexer.rule_words(word, language))
                .collect();
            let [first, ..] = words.as_slice() else { continue };
            let one = Entry {
                first: hash(first),
                whole: 0,
                words: u8::try_from(words.len()).unwrap_or(u8::MAX),
                language: language as u8,
                concept,
            };
            match first.strip_suffix('*') {
                Some(stem) => self.stems.push(Entry { first: hash(stem), words: 1, ..one }),
                None => self.exact.push(Entry { whole: hash_all(&words), ..one }),
            }
        }
    }

    /// The concepts of a text, in its order.
    pub(crate) fn find(&self, lexed: &Lexed) -> Vec<Spot> {
        let mut spots = Vec::with_capacity(lexed.words.len() * 2);
        let mut here = Vec::new();
        for (at, word) in lexed.words.iter().enumerate() {
            let Some(token) = lexed.tokens.get(at) else { break };
            here.clear();
            self.of_word(lexed, at, &mut here);
            here.sort_unstable();
            here.dedup();
            if here.is_empty() && word.len() >= SHORTEST_THING && !self.is_small(word) {
                here.push(THING);
            }
            let spot = |concept: &u8| Spot { at, concept: *concept, sentence: token.sentence };
            spots.extend(here.iter().map(spot));
        }
        self.negate(&mut spots, lexed);
        spots
    }

    fn is_small(&self, word: &str) -> bool {
        self.small.binary_search(&hash(word)).is_ok()
    }

    fn of_word(&self, lexed: &Lexed, at: usize, out: &mut Vec<u8>) {
        let word = lexed.words.get(at).map_or("", String::as_str);
        let fits = |entry: &&Entry| {
            Language::ALL
                .get(usize::from(entry.language))
                .is_some_and(|l| lexed.languages.contains(*l))
        };
        for entry in with_first(&self.exact, hash(word)).iter().filter(fits) {
            let words = lexed.words.get(at..at + usize::from(entry.words));
            if words.is_some_and(|words| hash_all(words) == entry.whole) {
                out.push(entry.concept);
            }
        }
        let mut state = Fnv::default();
        for (at, byte) in word.bytes().enumerate() {
            state.write(&[byte]);
            if at + 1 >= SHORTEST_STEM {
                let found = with_first(&self.stems, shortened(&state)).iter().filter(fits);
                out.extend(found.map(|entry| entry.concept));
            }
        }
    }

    /// Marks the concepts that a negation stands before.
    fn negate(&self, spots: &mut [Spot], lexed: &Lexed) {
        let negations: Vec<usize> =
            spots.iter().filter(|spot| spot.concept == self.negation).map(|spot| spot.at).collect();
        let breaks = |from: usize, to: usize| {
            let between = lexed.tokens.get(from + 1..=to).unwrap_or_default();
            between.iter().any(|token| token.before != Break::None)
        };
        for spot in spots.iter_mut().filter(|spot| spot.concept != self.negation) {
            let before = |at: &usize| {
                *at < spot.at && spot.at - *at <= NEGATION_REACH && !breaks(*at, spot.at)
            };
            if negations.iter().any(before) {
                spot.concept += NEGATED;
            }
        }
    }
}

fn hash_all(words: &[String]) -> u32 {
    let mut state = Fnv::default();
    for word in words {
        state.write(word.as_bytes());
        state.write(b" ");
    }
    shortened(&state)
}

fn with_first(entries: &[Entry], first: u32) -> &[Entry] {
    let start = entries.partition_point(|entry| entry.first < first);
    let rest = entries.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|entry| entry.first == first).count();
    rest.get(..length).unwrap_or_default()
}
