//! Names of people: those that are known, those that a cue gives away, and common given names.

mod common;
mod forms;

use crate::{
    Hidden, Kind, Span,
    fold::{folds, is_apostrophe},
    words::{LineBreak, Word, Words, is_capitalised},
};
use common::{CUES, GIVEN, NOT_NAMES, PARTICLES, RELATIONS, TITLES};
use forms::{Ending, bare, name_in, words_of};
use kernel::Phi;
use std::collections::HashSet;

/// The most words of one name.
const LONGEST: usize = 4;

/// Names that are known. All words are as they are compared: see [`crate::fold`].
pub(crate) struct Names {
    /// Words of names: taken out wherever they stand, in whatever form.
    own: HashSet<Hidden>,
    /// Words of e-mail addresses and names of accounts: taken out wherever they stand, as they are.
    exact: HashSet<Hidden>,
    /// Words that were found to be names in this conversation: taken out with a capital.
    heard: HashSet<Hidden>,
}

impl Names {
    pub(crate) fn of(own: &[Phi<String>]) -> Self {
        let tells =
            |key: &String| key.chars().nth(1).is_some() && !PARTICLES.contains(&key.as_str());
        let mut names = Self { own: HashSet::new(), exact: HashSet::new(), heard: HashSet::new() };
        for name in own {
            // EXPOSE: taken apart into words, which are as sensitive.
            let (name, domain) = name.expose().split_once('@').unwrap_or((name.expose(), ""));
            names.own.extend(words_of(name).into_iter().filter(tells).map(Hidden));
            // The last part of a domain is a word of some language too often: `de`, `es`, `me`.
            let domain = domain.rsplit_once('.').map_or("", |(domain, _)| domain);
            for part in [name, domain] {
                let words = Words::of(part).all;
                let keys = words.iter().flat_map(|word| folds(word.text)).map(|(_, key)| key);
                names.exact.extend(keys.filter(tells).map(Hidden));
            }
        }
        names
    }

    /// The names in a text. What is found here is a name from now on.
    pub(crate) fn find(&mut self, words: &Words<'_>) -> Vec<Span> {
        // A name may be given away only later in the text.
        let mut at = 0;
        while at < words.len() {
            let end = given_away(words, at).unwrap_or(at);
            for word in (at..end).filter_map(|place| words.get(place)) {
                let name = word.text.strip_suffix(['s', 'S']);
                let name = name.and_then(|name| name.strip_suffix(is_apostrophe));
                self.heard.extend(words_of(name.unwrap_or(word.text)).into_iter().map(Hidden));
            }
            at = end.max(at + 1);
        }
        let mut found = self.parted(words);
        let mut at = 0;
        while at < words.len() {
            let Some(span) = self.name_from(words, &mut at) else { continue };
            found.push(span);
        }
        found
    }

    /// The name that begins with this word, if one does; then comes what follows it.
    fn name_from(&self, words: &Words<'_>, at: &mut usize) -> Option<Span> {
        let first = *at;
        *at += 1;
        let mut last = words.get(first)?;
        let (start, stop) = self.name_at(words, first)?;
        let from = last.from + start;
        let mut to = last.from + stop;
        // Names that stand together are one, if nothing is between them.
        while *at - first < LONGEST && to == last.to && words.is_near(*at) {
            let Some((0, stop)) = self.name_at(words, *at) else { break };
            last = words.get(*at)?;
            to = last.from + stop;
            *at += 1;
        }
        Some(Span { from, to, kind: Kind::Name })
    }

    /// Where in this word a name stands, in bytes of the word.
    fn name_at(&self, words: &Words<'_>, at: usize) -> Option<(usize, usize)> {
        let word = words.get(at)?;
        let known = name_in(word.text, |part, key, ending| self.knows(part, key, ending));
        known.or_else(|| {
            let looks = has_capital(word.text) && (is_family_name(words, at) || in_pair(words, at));
            looks.then_some((0, word.text.len()))
        })
    }

    fn knows(&self, part: &str, key: &str, ending: Ending) -> bool {
        let letters = key.trim_end_matches(|c: char| c.is_ascii_digit());
        if self.own.contains(letters) || (ending == Ending::None && self.exact.contains(key)) {
            return true;
        }
        if ending == Ending::Other || !has_capital(part) {
            return false;
        }
        let heard = |key: &str| self.heard.contains(key);
        // Whoever was spoken of as `Gretas` first is Greta.
        let bare = || ending == Ending::None && heard(&format!("{key}s"));
        GIVEN.contains(key) || heard(key) || bare()
    }

    /// Names that go on in the next line.
    fn parted(&self, words: &Words<'_>) -> Vec<Span> {
        let mut found = Vec::new();
        for at in 1..words.len() {
            let (Some(how), Some(first), Some(second)) =
                (words.line_break(at), words.get(at - 1), words.get(at))
            else {
                continue;
            };
            if let Some(end) = self.one_name(words, at, how) {
                let span = |word: &Word<'_>, to| Span { from: word.from, to, kind: Kind::Name };
                found.extend([span(first, first.to), span(second, second.from + end)]);
            }
        }
        found
    }

    /// Where in this word a name ends that began in the line before.
    fn one_name(&self, words: &Words<'_>, at: usize, how: LineBreak) -> Option<usize> {
        let (first, second) = (words.get(at - 1)?, words.get(at)?);
        let whole = format!("{}{}", first.text, second.text);
        let named = name_in(&whole, |part, key, ending| match how {
            LineBreak::Hyphen => self.knows(part, key, ending),
            // Where nothing says that it is one word, only what the person is called counts.
            LineBreak::Bare => ending != Ending::Other && self.own.contains(key),
        });
        if let Some((0, end)) = named.filter(|(_, end)| *end > first.text.len()) {
            return Some(end - first.text.len());
        }
        // Anna-Lena: what a name is joined with tells who it is as well.
        let joined = how == LineBreak::Hyphen
            && has_capital(first.text)
            && has_capital(second.text)
            && (self.name_at(words, at - 1).is_some() || self.name_at(words, at).is_some());
        joined.then_some(second.text.len())
    }
}

fn has_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// Whether the word follows a given name and has a capital.
fn is_family_name(words: &Words<'_>, at: usize) -> bool {
    at > 0
        && words.is_near(at)
        && words.get(at).is_some_and(|word| is_capitalised(word.text))
        && words.get(at - 1).is_some_and(|word| GIVEN.contains(bare(word.text).as_str()))
        && words.get(at - 1).is_some_and(|word| is_capitalised(word.text))
        && !NOT_NAMES.contains(&words.lower(at))
}

/// Whether the word is one of two with a capital in the middle of a sentence. Not where every
/// noun has a capital.
fn in_pair(words: &Words<'_>, at: usize) -> bool {
    let capital = |at: usize| {
        words.get(at).is_some_and(|word| is_capitalised(word.text))
            && !NOT_NAMES.contains(&words.lower(at))
    };
    let pair = |first: usize| {
        capital(first)
            && capital(first + 1)
            && words.is_near(first + 1)
            && !words.begins_sentence(first)
    };
    !words.german && capital(at) && (pair(at) || (at > 0 && pair(at - 1)))
}

/// Where a name that begins here ends, if what stands before gives it away.
fn given_away(words: &Words<'_>, at: usize) -> Option<usize> {
    let follows = |cue: &[&str]| {
        at.checked_sub(cue.len()).is_some_and(|from| words.are(from, cue) && words.is_next(at))
    };
    let after_cue = CUES.iter().any(|cue| follows(cue));
    let before = at.checked_sub(1).map(|before| words.lower(before)).unwrap_or_default();
    let after_title = TITLES.contains(&before)
        && words.get(at).is_some_and(|word| matches!(word.before, " " | ". " | "."));
    let after_relation = RELATIONS.contains(&before) && words.is_near(at);
    if !(after_cue || after_title || after_relation) {
        return None;
    }
    let is_part = |place: usize| {
        let capital = words.get(place).is_some_and(|word| is_capitalised(word.text));
        // People write their own names in small letters too.
        let small = place == at && after_cue && !NOT_NAMES.contains(&words.lower(place));
        (capital || small) && !NOT_NAMES.contains(&words.lower(place))
    };
    let mut end = at;
    while end - at < LONGEST && (end == at || words.is_near(end)) && is_part(end) {
        end += 1;
    }
    (end > at).then_some(end)
}
