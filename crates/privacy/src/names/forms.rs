//! Where in a word a name stands, in whatever form: `Anna's`, `Annas`, `d'Anna`, `Müller-Anna`,
//! `Annaji`. What a language adds to a name stays outside, so that the name is the same one in
//! every sentence and the answer keeps the ending.

use crate::fold::{bytes_of, fold, folds, is_apostrophe, is_joiner};

/// How sure it has to be that a word is a name for it to be one with this ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The name as it is.
    None,
    /// As whose something is, or several of them: `Annas`, `los Garcías`.
    Genitive,
    /// What some language adds, and what may also end another word.
    Other,
}

/// In German: cases, families, and what belongs to them. In Spanish: several of them. In Hindi
/// written in Latin letters: politeness and the words that follow a name, written in one.
const OTHER: [&str; 23] = [
    "es", "ens", "ns", "en", "n", "sche", "scher", "sches", "schem", "schen", "chen", "lein", "ji",
    "jee", "ko", "ka", "ki", "ke", "se", "ne", "bhai", "sahab", "wa",
];
/// In Spanish and Portuguese: little ones, which take the place of the last vowel.
const LITTLE: [&str; 10] =
    ["ito", "ita", "cito", "cita", "inho", "inha", "zinho", "zinha", "illo", "illa"];
/// Fewer letters are a name only as they are, or as whose something is.
const SHORT: usize = 3;

/// Where in a word a name stands, in bytes of the word. `knows` says of folded letters whether they
/// are a name with such an ending; its first argument is the part of the word as it is written.
pub(super) fn name_in(
    word: &str,
    knows: impl Fn(&str, &str, Ending) -> bool,
) -> Option<(usize, usize)> {
    // The whole word first: `O'Brien`, `Anna-Lena`.
    if let Some(to) = stem(word, &knows) {
        return Some((0, to));
    }
    if !word.contains(is_joiner) {
        return None;
    }
    for (from, to) in parts(word, is_apostrophe) {
        let run = word.get(from..to)?;
        let pieces = parts(run, is_joiner);
        let named = pieces.iter().find_map(|(start, end)| {
            let to = stem(run.get(*start..*end)?, &knows)?;
            Some((*end, start + to))
        });
        if let Some((end, named)) = named {
            // What a name is joined with tells who it is as well.
            let to = if end == run.len() { named } else { run.len() };
            return Some((from, from + to));
        }
    }
    None
}

/// Where the name ends that this part of a word is.
fn stem(part: &str, knows: &impl Fn(&str, &str, Ending) -> bool) -> Option<usize> {
    for (umlauts, key) in folds(part) {
        if key.chars().nth(1).is_none() {
            continue;
        }
        if knows(part, &key, Ending::None) {
            return Some(part.len());
        }
        let without =
            |ending: &str| key.strip_suffix(ending).filter(|stem| stem.chars().nth(1).is_some());
        if let Some(stem) = without("s").filter(|stem| knows(part, stem, Ending::Genitive)) {
            return Some(bytes_of(part, stem.len(), umlauts));
        }
        let long = |stem: &&str| stem.chars().nth(SHORT - 1).is_some();
        let mut other = OTHER.into_iter().filter_map(without).filter(long);
        if let Some(stem) = other.find(|stem| knows(part, stem, Ending::Other)) {
            return Some(bytes_of(part, stem.len(), umlauts));
        }
        if is_little(&key, |stem| knows(part, stem, Ending::Other)) {
            return Some(part.len());
        }
    }
    None
}

/// Whether it is a little one of a name: `Anita` of Ana, `Juanito` of Juan, `Carlinhos` of Carlos.
fn is_little(key: &str, knows: impl Fn(&str) -> bool) -> bool {
    let one = key.strip_suffix('s').unwrap_or(key);
    let stems = LITTLE.iter().filter_map(|ending| one.strip_suffix(ending));
    stems.filter(|stem| stem.chars().nth(1).is_some()).any(|stem| {
        ["", "a", "o", "e", "os", "es"].iter().any(|last| {
            let name = format!("{stem}{last}");
            name.chars().nth(SHORT - 1).is_some() && knows(&name)
        })
    })
}

/// The parts of a text between these signs, in bytes; none of them is empty.
fn parts(text: &str, between: fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, sign) in text.match_indices(between) {
        if at > from {
            found.push((from, at));
        }
        from = at + sign.len();
    }
    if text.len() > from {
        found.push((from, text.len()));
    }
    found
}

/// The words of a name that a person told, folded, without digits: each by itself, each with what it
/// is joined with, and all together.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut all = Vec::new();
    let is_inside = |c: char| c.is_alphabetic() || crate::fold::is_mark(c) || is_joiner(c);
    let words = name.split(|c: char| !is_inside(c));
    let words: Vec<&str> = words.map(|word| word.trim_matches(is_joiner)).collect();
    for word in &words {
        all.extend(folds(word).map(|(_, key)| key));
        for (from, to) in parts(word, is_joiner) {
            all.extend(folds(word.get(from..to).unwrap_or_default()).map(|(_, key)| key));
        }
    }
    // As in the names of accounts: `annamueller`.
    let together: String = words.concat();
    all.extend(folds(&together).map(|(_, key)| key));
    all.retain(|word| word.chars().nth(1).is_some());
    all
}

/// A word in the form in which given names are listed.
pub(super) fn bare(word: &str) -> String {
    fold(word, crate::fold::Umlauts::Bare)
}
