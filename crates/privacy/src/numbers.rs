//! E-mail and web addresses, telephone numbers, and numbers of documents and accounts.

use crate::{Kind, Span};

/// What stands after a number that is an amount and no one's number.
const UNITS: [&str; 24] = [
    "mg", "g", "kg", "µg", "mcg", "ug", "ml", "l", "dl", "cl", "cm", "mm", "m", "km", "kcal",
    "cal", "kj", "bpm", "mmhg", "ie", "iu", "mmol", "x", "h",
];

/// E-mail and web addresses.
pub(crate) fn addresses(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if !(c.is_whitespace() || c.is_control() || "<>\"\\()[]{}|,;“”„«»".contains(c)) {
            continue;
        }
        if let Some(piece) = text.get(from..at) {
            found.extend(address(piece, from));
        }
        from = at + c.len_utf8();
    }
    found
}

fn address(piece: &str, offset: usize) -> Option<Span> {
    let piece = piece.trim_end_matches(['.', '!', '?', ':', '\'']);
    let start = piece.len() - piece.trim_start_matches(['\'', ':']).len();
    let piece = piece.get(start..)?;
    let from = offset + start;
    let span = |kind| Some(Span { from, to: from + piece.len(), kind });
    if let Some((local, domain)) = piece.rsplit_once('@') {
        let dotted = domain.split('.').filter(|part| !part.is_empty()).count() > 1;
        return if dotted && !local.is_empty() { span(Kind::Email) } else { None };
    }
    let lower = piece.to_lowercase();
    let web = ["http://", "https://", "www."].iter().any(|begin| lower.starts_with(begin));
    if web { span(Kind::Web) } else { None }
}

/// Telephone numbers, and numbers of documents and accounts.
pub(crate) fn numbers(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = run_of_token(rest);
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        found.extend(number(text, (at, at + length)));
        at += length;
    }
    found
}

/// The length of what may be one number: letters and digits, and signs and single spaces between
/// groups that have digits.
fn run_of_token(rest: &str) -> usize {
    let mut end = 0;
    let mut letters = rest.char_indices().peekable();
    let mut digits = false;
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let goes_on = if c.is_alphanumeric() {
            digits |= c.is_ascii_digit();
            true
        } else {
            let opens = matches!(c, '+' | '(') && next.is_some_and(|next| next.is_ascii_digit());
            let joins = "-./() ".contains(c)
                && digits
                && next.is_some_and(|next| {
                    next.is_ascii_digit() || matches!(next, '(' | ' ' | '-' | '/')
                });
            (at == 0 && opens) || joins
        };
        if !goes_on {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn number(text: &str, (from, to): (usize, usize)) -> Option<Span> {
    let whole = text.get(from..to)?;
    let token = whole.trim_end_matches(['-', '.', '/', '(', ')', ' ']);
    // Words before the first digit are no part of it, unless they hang on it.
    let first = token.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(')?;
    let start = token.get(..first)?.rfind([' ', '/']).map_or(0, |space| space + 1);
    let token = token.get(start..)?;
    let span = |kind| Some(Span { from: from + start, to: from + start + token.len(), kind });
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    let grouped = token.contains([' ', '-', '/', '(', '.']);
    if letters == 0 {
        let dialled = token.starts_with('+') || token.starts_with('0') || token.starts_with('(');
        return match digits {
            7..=15 if grouped || dialled => span(Kind::Phone),
            6.. => span(Kind::Number),
            _ => None,
        };
    }
    let unit = token.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c));
    let amount = unit.len() < token.len() && UNITS.contains(&unit.to_lowercase().as_str());
    let mixed = digits >= 3 && letters + digits >= 5;
    if mixed && !amount { span(Kind::Number) } else { None }
}
