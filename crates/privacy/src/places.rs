//! Streets with their numbers, and towns with their codes.

use crate::{
    Kind, Span,
    words::{Words, is_capitalised, is_number},
};

/// Streets that end with their kind, in German.
const ENDINGS: [&str; 12] = [
    "straße", "strasse", "str", "weg", "gasse", "platz", "allee", "ring", "ufer", "damm", "steig",
    "chaussee",
];
/// Kinds that come after the name.
const AFTER: [&str; 24] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "court",
    "ct",
    "square",
    "boulevard",
    "blvd",
    "terrace",
    "crescent",
    "straße",
    "strasse",
    "weg",
    "platz",
    "allee",
    "marg",
    "nagar",
    "gali",
];
/// Kinds that come before the name.
const BEFORE: [&str; 24] = [
    "calle",
    "avenida",
    "avda",
    "plaza",
    "paseo",
    "carrera",
    "rue",
    "avenue",
    "boulevard",
    "place",
    "allée",
    "chemin",
    "impasse",
    "quai",
    "rua",
    "travessa",
    "praça",
    "alameda",
    "estrada",
    "via",
    "sector",
    "mohalla",
    "gali",
    "marg",
];
/// Small words within names of streets.
const WITHIN: [&str; 14] =
    ["de", "del", "la", "las", "los", "des", "du", "da", "das", "do", "dos", "der", "den", "l"];
/// The most words of a name.
const NAME: usize = 5;

/// The addresses in a text.
pub(crate) fn places(words: &Words<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let street = street(words, at);
        let end = street.or_else(|| town(words, at));
        let end = end.map(|end| match town_after(words, end) {
            Some(end) => end,
            None => end,
        });
        let span = end.and_then(|end| Some((words.get(at)?.from, words.get(end - 1)?.to, end)));
        match span {
            Some((from, to, end)) => {
                found.push(Span { from, to, kind: Kind::Address });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Where a street that begins here ends.
fn street(words: &Words<'_>, at: usize) -> Option<usize> {
    let house = |at: usize| {
        let word = words.lower(at);
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        is_number(digits, 1..=4) && word.len() <= digits.len() + 1 && near(words, at)
    };
    let word = words.get(at)?;
    // Lindenstraße 12a; Am Ring 3.
    let ends = |at: usize| {
        let lower = words.lower(at);
        ENDINGS.iter().any(|end| lower.len() > end.len() + 1 && lower.ends_with(end))
    };
    if is_capitalised(word.text) && ends(at) {
        return house(at + 1).then_some(at + 2);
    }
    // 12 Station Road; 12, rue de la Paix.
    let first_is_house = is_number(word.text.trim_end_matches(char::is_alphabetic), 1..=5);
    let start = if first_is_house { at + 1 } else { at };
    if first_is_house && !near(words, start) {
        return None;
    }
    if BEFORE.contains(&words.lower(start)) && (first_is_house || named(words, start + 1)) {
        let mut end = start + 1;
        while end - start <= NAME && near(words, end) && part_of_name(words, end) {
            end += 1;
        }
        if house(end) {
            end += 1;
        } else if !first_is_house {
            return None;
        }
        return (end > start + 1).then_some(end);
    }
    for length in 1..=NAME {
        let end = start + length;
        if length > 1 || first_is_house {
            let capital = words.get(end - 1).is_some_and(|word| is_capitalised(word.text));
            if !capital || !near(words, end) {
                return None;
            }
        }
        if AFTER.contains(&words.lower(end)) {
            if first_is_house {
                return Some(end + 1);
            }
            return house(end + 1).then_some(end + 2);
        }
        if !first_is_house {
            return None;
        }
    }
    None
}

fn named(words: &Words<'_>, at: usize) -> bool {
    near(words, at) && part_of_name(words, at)
}

fn part_of_name(words: &Words<'_>, at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    is_capitalised(word.text)
        || WITHIN.contains(&words.lower(at))
        || words.lower(at).starts_with("l'")
        || words.lower(at).starts_with("d'")
}

/// Where a town that begins here with its code ends: `10115 Berlin`, `1190-010 Lisboa`.
fn town(words: &Words<'_>, at: usize) -> Option<usize> {
    let code = words.get(at)?.text;
    let digits: String = code.chars().filter(|c| *c != '-').collect();
    let capital = words.get(at + 1).is_some_and(|word| is_capitalised(word.text));
    (is_number(&digits, 4..=7)
        && code.len() >= 4
        && capital
        && words.is_near(at + 1)
        && !is_year(code))
    .then_some(at + 2)
}

/// Four digits before a capital are more often a year than a town's code.
fn is_year(code: &str) -> bool {
    code.len() == 4 && (code.starts_with("19") || code.starts_with("20"))
}

fn town_after(words: &Words<'_>, at: usize) -> Option<usize> {
    let after = words.get(at)?.before;
    if after.len() > 3 || !after.contains(',') {
        return None;
    }
    town(words, at)
}

/// Whether the word stands close enough to the one before to belong to it.
fn near(words: &Words<'_>, at: usize) -> bool {
    words.get(at).is_some_and(|word| {
        at > 0 && !word.before.is_empty() && word.before.chars().all(|c| " ,.\u{a0}".contains(c))
    })
}
