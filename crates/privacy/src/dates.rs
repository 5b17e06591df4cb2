//! Days: written with numbers, or with the names of months in six languages.

use crate::{
    Kind, Span,
    words::{Words, is_number},
};

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "januar",
    "jänner",
    "februar",
    "märz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "okt",
    "dez",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "janvier",
    "février",
    "mars",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "janeiro",
    "fevereiro",
    "março",
    "maio",
    "junho",
    "julho",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
    "janvari",
    "farvari",
    "aprail",
    "agast",
    "sitambar",
    "aktubar",
    "navambar",
    "disambar",
];

/// The days in a text.
pub(crate) fn dates(words: &Words<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let length = in_numbers(words, at).or_else(|| in_words(words, at));
        let ends = length.and_then(|length| {
            let (first, last) = (words.get(at)?, words.get(at + length - 1)?);
            Some((Span { from: first.from, to: last.to, kind: Kind::Date }, length))
        });
        match ends {
            Some((span, length)) => {
                found.push(span);
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// `12.3.1984`, `12/03/84`, `1984-03-12`: how many words it is.
fn in_numbers(words: &Words<'_>, at: usize) -> Option<usize> {
    let number = |at: usize, digits| {
        words.get(at).filter(|word| is_number(word.text, digits)).map(|word| word.text)
    };
    // Hyphens join digits into one word.
    if let Some(word) = words.get(at)
        && let [year, month, day] = word.text.split('-').collect::<Vec<_>>().as_slice()
    {
        let long_first = is_number(year, 4..=4) && is_number(day, 1..=2);
        let long_last = is_number(year, 1..=2) && is_number(day, 2..=4);
        if (long_first || long_last) && is_number(month, 1..=2) {
            return Some(1);
        }
    }
    let (first, second) = (number(at, 1..=4)?, number(at + 1, 1..=2)?);
    let sign = words.get(at + 1)?.before;
    let third = words.get(at + 2);
    let same =
        third.is_some_and(|third| third.before == sign || third.before == format!("{sign} "));
    if !matches!(sign, "." | "/" | ". ") {
        return None;
    }
    let fits = |text: &str, most: u16| text.parse::<u16>().is_ok_and(|n| (1..=most).contains(&n));
    let day_and_month =
        (fits(first, 31) && fits(second, 12)) || (fits(first, 12) && fits(second, 31));
    let year_first = first.len() == 4 && fits(second, 12);
    match number(at + 2, 1..=4) {
        Some(_) if same && (day_and_month || year_first) => Some(3),
        _ => None,
    }
}

/// `12 March 1984`, `March 12th, 1984`, `12. März`, `12 de marzo de 1984`.
fn in_words(words: &Words<'_>, at: usize) -> Option<usize> {
    let near = |at: usize| {
        words.get(at).is_some_and(|word| {
            !word.before.is_empty() && word.before.chars().all(|c| " .,\u{a0}".contains(c))
        })
    };
    let month = |at: usize| MONTHS.contains(&words.lower(at)) && near(at);
    let year = |at: usize| is_number(words.lower(at), 4..=4) && near(at);
    let of = |at: usize| matches!(words.lower(at), "de" | "of" | "del" | "do") && near(at);
    let mut length = 0;
    if is_day(words.lower(at)) {
        let after = if of(at + 1) { 2 } else { 1 };
        if month(at + after) {
            length = after + 1;
        }
    } else if MONTHS.contains(&words.lower(at)) && near(at + 1) && is_day(words.lower(at + 1)) {
        length = 2;
    }
    if length == 0 {
        return None;
    }
    let after = if of(at + length) { length + 1 } else { length };
    Some(if year(at + after) { after + 1 } else { length })
}

/// A day of a month, as it is or counted: `12`, `12th`, `1er`, `1º`.
fn is_day(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let rest = word.get(digits.len()..).unwrap_or_default();
    let day = digits.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    day && matches!(rest, "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "°")
}
