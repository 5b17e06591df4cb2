//! What may be changed.

use super::error::LinesError;
use care::hotlines::{Country, Hotlines, Line, Override};
use kernel::Timestamp;

/// The most lines that are put or hidden in one country.
pub(super) const LINES: usize = 40;
/// The most emergency numbers.
const EMERGENCY: usize = 5;
/// The longest text of a line.
const CHARS: usize = 300;

/// What is changed about a country, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub what: Override,
    /// Since when.
    pub changed_at: Timestamp,
}

/// Looks at how much is changed. Whether it fits is the business of `care`.
pub(super) fn bounded(change: &Override) -> Result<(), LinesError> {
    let wrong =
        |field: &str, most: usize| Err(LinesError::Invalid(format!("{field}: at most {most}")));
    if change.put.len() > LINES {
        return wrong("put", LINES);
    }
    if change.remove.len() > LINES {
        return wrong("remove", LINES);
    }
    if change.emergency.as_ref().is_some_and(|numbers| numbers.len() > EMERGENCY) {
        return wrong("emergency", EMERGENCY);
    }
    let own = change.name.iter().chain(change.emergency.iter().flatten()).chain(&change.remove);
    let texts = own.chain(change.put.iter().flat_map(texts));
    for text in texts {
        if text.chars().count() > CHARS {
            return wrong("text", CHARS);
        }
    }
    let many = |line: &Line| line.languages.len() > LINES || line.needs.len() > LINES;
    if change.put.iter().any(many) { wrong("languages", LINES) } else { Ok(()) }
}

/// The country as it would be then, if the change fits what is built in and its numbers have the
/// form of the country.
pub(super) fn checked(change: &Override, built_in: &Hotlines) -> Result<Country, LinesError> {
    let merged = built_in.merged(std::slice::from_ref(change))?;
    let country = merged.country(&change.code).cloned().ok_or(LinesError::NotFound)?;
    for line in &change.put {
        line.check_numbers(&change.code)?;
    }
    Ok(country)
}

fn texts(line: &Line) -> impl Iterator<Item = &String> {
    let Line { id, name, call, text, keyword, whatsapp, chat, note, .. } = line;
    let Line { hours, languages, source, checked, .. } = line;
    let optional = [call, text, keyword, whatsapp, chat, note].into_iter().flatten();
    [id, name, hours, source, checked].into_iter().chain(optional).chain(languages)
}
