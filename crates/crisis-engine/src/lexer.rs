//! From plain text to words: breaks between sentences, disguised and spaced letters, abbreviations,
//! repeated letters and typing errors in the few words that matter most.

use crate::{
    chunks::{for_chunks, has_digit_inside, shorten_runs, split_words, undo_digits, unleet},
    language::{Language, Languages},
    vocabulary::{Fnv, Map, UNKNOWN, Vocabulary, WordId, one_edit},
};
use std::{collections::HashSet, hash::BuildHasherDefault};

/// What stands before a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Break {
    None,
    /// A comma or the like.
    Soft,
    /// The end of a sentence.
    Hard,
}

/// A word as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) text: String,
    pub(crate) before: Break,
}

/// A word as rules see it.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) ids: Vec<WordId>,
    pub(crate) before: Break,
    pub(crate) sentence: u32,
}

/// The words of a text and the languages they may be in.
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// The same words as letters.
    pub(crate) words: Vec<String>,
    pub(crate) languages: Languages,
    /// The one it is most likely in, if it is in one.
    pub(crate) primary: Option<Language>,
}

/// What turns text into words.
#[derive(Default)]
pub(crate) struct Lexer {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) expansions: Map<String, Vec<(Language, Vec<String>)>>,
    /// Words by which a language is known.
    pub(crate) function: Map<String, Languages>,
    /// The words in which typing errors and disguises are looked for.
    pub(crate) core: Vec<(Language, String)>,
    /// Words that are close to one of those and mean something else.
    pub(crate) common: HashSet<String, BuildHasherDefault<Fnv>>,
}

const LONGEST_RUN_TOGETHER: usize = 40;
const ELISIONS: [&str; 12] =
    ["j", "m", "t", "s", "l", "d", "n", "c", "qu", "jusqu", "lorsqu", "puisqu"];

impl Lexer {
    /// The words of a cleaned text.
    pub(crate) fn lex(&self, clean: &str, hint: Option<Language>) -> Lexed {
        let mut raws = Vec::new();
        let mut disguised = 0;
        for_chunks(clean, |chunk, before| self.chunk(chunk, before, &mut raws, &mut disguised));
        if disguised > 0 {
            undo_digits(&mut raws);
        }
        let raws = self.join_spaced(raws);
        let (languages, primary) = self.vote(&raws, hint);
        let mut tokens = Vec::with_capacity(raws.len());
        let mut written = Vec::with_capacity(raws.len());
        let mut sentence = 0;
        for raw in &raws {
            let mut before = raw.before;
            for word in self.resolve(&raw.text, primary, languages) {
                if before == Break::Hard && !tokens.is_empty() {
                    sentence += 1;
                }
                let mut ids = Vec::new();
                self.vocabulary.ids(&word, &mut ids);
                if ids.is_empty() {
                    ids.push(UNKNOWN);
                }
                tokens.push(Token { ids, before, sentence });
                written.push(word);
                before = Break::None;
            }
        }
        let sure = languages != Languages::ALL;
        Lexed { tokens, words: written, languages, primary: sure.then_some(primary) }
    }

    /// The words of a rule, in the same form as those of a text.
    pub(crate) fn rule_words(&self, text: &str, language: Language) -> Vec<String> {
        if text.ends_with('*') || text.contains('_') {
            return vec![text.to_owned()];
        }
        let mut raws = Vec::new();
        for_chunks(text, |chunk, before| split_words(chunk, before, &mut raws));
        raws.iter().flat_map(|raw| self.expand(&raw.text, language)).collect()
    }

    fn chunk(&self, chunk: &str, before: Break, out: &mut Vec<Raw>, disguised: &mut usize) {
        if let Some(word) = self.undisguise(chunk) {
            *disguised += 1;
            out.push(Raw { text: word, before });
            return;
        }
        *disguised += usize::from(has_digit_inside(chunk));
        split_words(chunk, before, out);
    }

    /// `k!ll`, `su1c1de`, `s*icide`: the word that was meant, if it is one of ours.
    fn undisguise(&self, chunk: &str) -> Option<String> {
        let chunk = chunk.trim_matches(|c: char| {
            !c.is_alphanumeric() && !matches!(c, '$' | '@' | '*' | '!' | '|' | '(')
        });
        let letters = chunk.bytes().filter(u8::is_ascii_alphabetic).count();
        let length = chunk.len();
        if letters == 0 || letters == length || !(3..=24).contains(&length) || !chunk.is_ascii() {
            return None;
        }
        for trimmed in [chunk, chunk.trim_end_matches(['!', '*', '|'])] {
            for one in ['i', 'l'] {
                let word: String = trimmed.chars().map(|c| unleet(c, one)).collect();
                if word != chunk
                    && word.len() > 2
                    && word.bytes().all(|b| b.is_ascii_alphabetic())
                    && trimmed.bytes().any(|b| !b.is_ascii_alphabetic())
                    && self.vocabulary.knows(&word)
                {
                    return Some(word);
                }
            }
        }
        self.uncensor(chunk.as_bytes(), letters)
    }

    /// A star, a hash or the like for single letters of a core word.
    fn uncensor(&self, chunk: &[u8], letters: usize) -> Option<String> {
        let hidden = |b: &u8| matches!(b, b'*' | b'#' | b'_' | b'-' | b'.' | b'@' | b'%');
        if letters * 2 < chunk.len() || !chunk.iter().any(hidden) {
            return None;
        }
        let fits = |word: &str| {
            word.len() == chunk.len()
                && word.bytes().zip(chunk).all(|(w, c)| hidden(c) || w == *c)
                && chunk.first().is_some_and(u8::is_ascii_alphabetic)
        };
        self.core.iter().map(|(_, word)| word).find(|word| fits(word)).cloned()
    }

    /// `k i l l` and `k.i.l.l` become the words they spell.
    fn join_spaced(&self, raws: Vec<Raw>) -> Vec<Raw> {
        let mut out = Vec::with_capacity(raws.len());
        let mut run: Vec<Raw> = Vec::new();
        for raw in raws {
            if raw.text.chars().count() == 1 && raw.text.chars().all(char::is_alphabetic) {
                run.push(raw);
                continue;
            }
            self.end_run(&mut run, &mut out);
            out.push(raw);
        }
        self.end_run(&mut run, &mut out);
        out
    }

    fn end_run(&self, run: &mut Vec<Raw>, out: &mut Vec<Raw>) {
        if run.len() >= 3
            && let Some(first) = run.first()
        {
            let spelled: String = run.iter().map(|raw| raw.text.as_str()).collect();
            let words = if self.vocabulary.knows(&spelled) {
                Some(vec![spelled])
            } else {
                self.segment(&spelled)
            };
            if let Some(words) = words {
                let mut before = first.before;
                for text in words {
                    out.push(Raw { text, before });
                    before = Break::None;
                }
                run.clear();
                return;
            }
        }
        out.append(run);
    }

    fn vote(&self, raws: &[Raw], hint: Option<Language>) -> (Languages, Language) {
        let mut votes = [0_u32; Language::COUNT];
        for raw in raws {
            let whole = self.function.get(&raw.text);
            let part = raw.text.split('\'').next().and_then(|part| self.function.get(part));
            for language in whole.or(part).copied().unwrap_or_default().iter() {
                if let Some(count) = votes.get_mut(language as usize) {
                    *count += 1;
                }
            }
        }
        Languages::elected(&votes, hint)
    }

    fn expand(&self, word: &str, language: Language) -> Vec<String> {
        let found = |key: &str| {
            let choices = self.expansions.get(key)?;
            let fits = choices.iter().find(|(of, _)| *of == language);
            fits.or_else(|| choices.iter().find(|(of, _)| *of == Language::Any))
        };
        if let Some((_, words)) = found(word) {
            return words.clone();
        }
        if !word.contains('\'') {
            return vec![word.to_owned()];
        }
        let joined = word.replace('\'', "");
        if let Some((_, words)) = found(&joined) {
            return words.clone();
        }
        let parts = word.split('\'').filter(|part| !part.is_empty());
        let split = language == Language::French
            || word.split('\'').next().is_some_and(|first| ELISIONS.contains(&first))
            || word.ends_with("'s");
        if split { parts.map(ToOwned::to_owned).collect() } else { vec![joined] }
    }

    fn resolve(&self, word: &str, primary: Language, active: Languages) -> Vec<String> {
        let words = self.expand(word, primary);
        let [only] = words.as_slice() else {
            return words;
        };
        if self.vocabulary.knows(only)
            || self.common.contains(only.as_str())
            || !only.bytes().all(|b| b.is_ascii_alphabetic())
        {
            return words;
        }
        self.guess(only, primary, active).unwrap_or(words)
    }

    /// What an unknown word may have been meant to be.
    fn guess(&self, word: &str, primary: Language, active: Languages) -> Option<Vec<String>> {
        for keep in [2, 1] {
            let shorter = shorten_runs(word, keep);
            if shorter != word && (self.vocabulary.knows(&shorter) || self.known(&shorter, primary))
            {
                return Some(self.expand(&shorter, primary));
            }
        }
        if word.ends_with("in") && primary == Language::English {
            let full = format!("{word}g");
            if self.vocabulary.knows(&full) {
                return Some(vec![full]);
            }
        }
        if let Some(core) = self.typo(word, active) {
            return Some(vec![core.to_owned()]);
        }
        if (7..=LONGEST_RUN_TOGETHER).contains(&word.len()) {
            let parts = self.segment(word)?;
            return Some(parts.iter().flat_map(|part| self.expand(part, primary)).collect());
        }
        None
    }

    fn known(&self, word: &str, primary: Language) -> bool {
        let for_it = |choices: &Vec<(Language, _)>| {
            choices.iter().any(|(of, _)| *of == primary || *of == Language::Any)
        };
        self.expansions.get(word).is_some_and(for_it)
    }

    fn typo(&self, word: &str, active: Languages) -> Option<&str> {
        let bytes = word.as_bytes();
        let mut near = self.core.iter().filter(|(language, core)| {
            (*language == Language::Any || active.contains(*language))
                && core.len() >= 6
                && core.len().abs_diff(bytes.len()) <= 1
                && core.as_bytes().first() == bytes.first()
                && one_edit(core.as_bytes(), bytes)
        });
        near.next().map(|(_, core)| core.as_str())
    }

    /// `wanttodie`: words of ours without spaces, one of them a core word; the fewest win.
    fn segment(&self, text: &str) -> Option<Vec<String>> {
        let bytes = text.as_bytes();
        if bytes.len() > LONGEST_RUN_TOGETHER || !text.is_ascii() {
            return None;
        }
        // best[i]: how many words cover the first i letters, and where the last of them begins
        let mut best: Vec<Option<(usize, usize)>> = vec![None; bytes.len() + 1];
        if let Some(first) = best.first_mut() {
            *first = Some((0, 0));
        }
        for end in 1..=bytes.len() {
            for start in end.saturating_sub(14)..end {
                let Some(Some((count, _))) = best.get(start).copied() else { continue };
                let piece = text.get(start..end).unwrap_or_default();
                if !(piece == "i" || piece.len() > 1 && self.piece(piece)) {
                    continue;
                }
                if let Some(slot) = best.get_mut(end)
                    && slot.is_none_or(|(other, _)| count + 1 < other)
                {
                    *slot = Some((count + 1, start));
                }
            }
        }
        let mut words = Vec::new();
        let mut end = bytes.len();
        while end > 0 {
            let (_, start) = best.get(end).copied().flatten()?;
            words.push(text.get(start..end)?.to_owned());
            end = start;
        }
        words.reverse();
        let has_core = words.iter().any(|word| self.core.iter().any(|(_, core)| core == word));
        has_core.then_some(words)
    }

    fn piece(&self, piece: &str) -> bool {
        self.vocabulary.knows(piece) || self.expansions.contains_key(piece)
    }
}
