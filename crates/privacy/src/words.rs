//! A text as words with their places.

use crate::fold::{is_joiner, is_mark};

/// A word: letters, with apostrophes and hyphens inside, or digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// What stands between it and the word before.
    pub(crate) before: &'a str,
}

/// How a word goes on in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineBreak {
    /// After a hyphen.
    Hyphen,
    /// After nothing.
    Bare,
}

/// The words of a text.
pub(crate) struct Words<'a> {
    pub(crate) all: Vec<Word<'a>>,
    /// The same in lower case.
    pub(crate) lower: Vec<String>,
    /// The language writes every noun with a capital.
    pub(crate) german: bool,
}

/// Words that German texts are full of.
const GERMAN: [&str; 10] =
    ["und", "ich", "nicht", "der", "das", "mein", "meine", "mit", "ist", "habe"];

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let mut all: Vec<Word<'a>> = Vec::new();
        let mut start = None;
        let mut last_end = 0;
        let mut letters = text.char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            let next = letters.peek().map(|(_, next)| *next);
            let inside = start.is_some();
            let joins = inside && is_joiner(c) && next.is_some_and(char::is_alphanumeric);
            if c.is_alphanumeric() || joins || (inside && is_mark(c)) {
                start.get_or_insert(at);
            } else if let Some(from) = start.take() {
                push(&mut all, text, (last_end, from, at));
                last_end = at;
            }
        }
        if let Some(from) = start {
            push(&mut all, text, (last_end, from, text.len()));
        }
        let lower: Vec<String> = all.iter().map(|word| word.text.to_lowercase()).collect();
        let signs = lower.iter().filter(|word| GERMAN.contains(&word.as_str())).count();
        let german = text.contains('ß') || signs * 12 >= lower.len().max(1);
        Self { all, lower, german }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Word<'a>> {
        self.all.get(at)
    }

    pub(crate) fn lower(&self, at: usize) -> &str {
        self.lower.get(at).map_or("", String::as_str)
    }

    /// Whether the words from here on are these, with nothing but spaces and one end of a line
    /// between.
    pub(crate) fn are(&self, at: usize, wanted: &[&str]) -> bool {
        wanted.iter().enumerate().all(|(offset, word)| {
            self.lower(at + offset) == *word && (offset == 0 || self.is_next(at + offset))
        })
    }

    /// Whether this word goes on from the one before, on the same line or on the next.
    pub(crate) fn is_next(&self, at: usize) -> bool {
        let on = |before: &str| {
            before.matches('\n').count() <= 1 && before.split(['\r', '\n']).all(spaces)
        };
        self.get(at).is_some_and(|word| at > 0 && !word.before.is_empty() && on(word.before))
    }

    /// How this word goes on from one on the line before, if it does.
    pub(crate) fn line_break(&self, at: usize) -> Option<LineBreak> {
        let before = self.get(at)?.before;
        let hyphen = before.trim_start_matches(['-', '‐', '‑']);
        if !hyphen.contains('\n') || !hyphen.trim().is_empty() || at == 0 {
            return None;
        }
        let parted = hyphen.len() < before.len();
        Some(if parted { LineBreak::Hyphen } else { LineBreak::Bare })
    }

    /// Whether only spaces stand between this word and the one before.
    pub(crate) fn is_near(&self, at: usize) -> bool {
        self.get(at).is_some_and(|word| at > 0 && !word.before.is_empty() && spaces(word.before))
    }

    /// Whether this word may begin a sentence.
    pub(crate) fn begins_sentence(&self, at: usize) -> bool {
        let ends = |c: char| ".!?:;\n“\"„«»”(¿¡-–—*#".contains(c);
        at == 0 || self.get(at).is_some_and(|word| word.before.contains(ends))
    }
}

fn spaces(between: &str) -> bool {
    between.chars().all(|c| c == ' ' || c == '\u{a0}')
}

fn push<'a>(all: &mut Vec<Word<'a>>, text: &'a str, (last, from, to): (usize, usize, usize)) {
    if let (Some(word), Some(before)) = (text.get(from..to), text.get(last..from)) {
        all.push(Word { text: word, from, to, before });
    }
}

/// Whether a word begins with a capital and goes on in small letters.
pub(crate) fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && word.chars().nth(1).is_some()
        && letters.any(char::is_lowercase)
}

/// Whether it is a number of this many digits.
pub(crate) fn is_number(word: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}
