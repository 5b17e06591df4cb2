//! Patterns as the matcher runs them: flat sequences of elements, in which every group has become a
//! lexicon of its own.

use crate::vocabulary::WordId;

/// A lexicon or a group.
pub(crate) type ClassId = u16;

/// What can stand at one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Atom {
    /// One word.
    Word(WordId),
    /// Any alternative of a lexicon.
    Class(ClassId),
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something that must be there, or may be missing.
    One { atom: Atom, optional: bool },
    /// Up to so many words; `wild` lets other subjects pass.
    Gap { most: u8, wild: bool },
    /// The next words are not this.
    Not(Atom),
    /// The beginning of a sentence.
    Start,
    /// The end of a sentence.
    End,
    /// What follows may be in the next sentence.
    Cross,
    /// All that is left of the sentence.
    Rest,
}

/// A piece of a pattern as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Word { text: String, optional: bool },
    Lexicon { name: String, optional: bool },
    Group { alternatives: Vec<Vec<Piece>>, optional: bool },
    Not(Box<Piece>),
    Plain(Step),
}

/// Reads the alternatives of a lexicon or a pattern.
pub(crate) fn alternatives(text: &str) -> Result<Vec<Vec<Piece>>, String> {
    let mut words = tokens(text).into_iter().peekable();
    let found = group(&mut words, false)?;
    match words.next() {
        None => Ok(found),
        Some(extra) => Err(format!("`{extra}` is too much")),
    }
}

/// The same pieces without groups that have a mark such as `$` for an alternative: each such
/// alternative becomes a sequence of its own.
pub(crate) fn distribute(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut all = vec![Vec::new()];
    for piece in pieces {
        let mut choices = Vec::new();
        if let Piece::Group { alternatives, optional } = piece {
            let is_mark = |alternative: &&Vec<Piece>| {
                matches!(alternative.first(), Some(Piece::Plain(_) | Piece::Not(_)))
            };
            choices.extend(alternatives.iter().filter(is_mark).cloned());
            let words: Vec<Vec<Piece>> =
                alternatives.iter().filter(|one| !is_mark(one)).cloned().collect();
            if !words.is_empty() {
                choices.push(vec![Piece::Group { alternatives: words, optional: *optional }]);
            }
        } else {
            choices.push(vec![piece.clone()]);
        }
        let with = |before: &Vec<Piece>, choice: &Vec<Piece>| -> Vec<Piece> {
            before.iter().chain(choice).cloned().collect()
        };
        all = all
            .iter()
            .flat_map(|before| choices.iter().map(move |choice| with(before, choice)))
            .collect();
    }
    all
}

/// Words and brackets; what may be missing ends in a question mark.
fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut closed = false;
    for c in text.chars() {
        match c {
            '(' | ')' | '|' => {
                out.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                out.push(c.to_string());
            }
            '?' if closed => out.iter_mut().last().into_iter().for_each(|last| last.push('?')),
            c if c.is_whitespace() => {
                out.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            c => word.push(c),
        }
        closed = c == ')';
    }
    out.extend((!word.is_empty()).then_some(word));
    out
}

type Words = std::iter::Peekable<std::vec::IntoIter<String>>;

fn group(words: &mut Words, inside: bool) -> Result<Vec<Vec<Piece>>, String> {
    let mut found = vec![Vec::new()];
    loop {
        let ends = words.peek().is_none_or(|word| word == ")" || word == ")?");
        if ends {
            if inside && words.peek().is_none() {
                return Err("a `(` without `)`".to_owned());
            }
            found.retain(|alternative: &Vec<Piece>| !alternative.is_empty());
            return Ok(found);
        }
        let Some(word) = words.next() else { continue };
        if word == "|" {
            found.push(Vec::new());
            continue;
        }
        let piece = piece(&word, words)?;
        if let Some(last) = found.last_mut() {
            last.push(piece);
        }
    }
}

fn piece(word: &str, words: &mut Words) -> Result<Piece, String> {
    if word == "(" {
        let alternatives = group(words, true)?;
        let optional = words.next().is_some_and(|close| close == ")?");
        return Ok(Piece::Group { alternatives, optional });
    }
    let plain = match word {
        "^" => Some(Step::Start),
        "$" => Some(Step::End),
        "//" => Some(Step::Cross),
        ">>" => Some(Step::Rest),
        _ => None,
    };
    if let Some(step) = plain {
        return Ok(Piece::Plain(step));
    }
    if let Some(count) = word.strip_prefix('~') {
        let (digits, wild) = count.strip_prefix('~').map_or((count, false), |rest| (rest, true));
        let most = digits.parse().map_err(|_| format!("`{word}` is no gap"))?;
        return Ok(Piece::Plain(Step::Gap { most, wild }));
    }
    if let Some(rest) = word.strip_prefix('!') {
        let not = if rest.is_empty() {
            let next = words.next().ok_or("nothing after `!`")?;
            piece(&next, words)?
        } else {
            piece(rest, words)?
        };
        return Ok(Piece::Not(Box::new(not)));
    }
    let (text, optional) = word.strip_suffix('?').map_or((word, false), |text| (text, true));
    Ok(match text.strip_prefix('@') {
        Some(name) => Piece::Lexicon { name: name.to_owned(), optional },
        None => Piece::Word { text: text.to_owned(), optional },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Piece {
        Piece::Word { text: text.to_owned(), optional: false }
    }

    #[test]
    fn groups_options_and_gaps_are_read() {
        let read = alternatives("a (b | c d)? ~2 !(x | y) @z?").unwrap();
        let group = Piece::Group {
            alternatives: vec![vec![word("b")], vec![word("c"), word("d")]],
            optional: true,
        };
        let not =
            Piece::Group { alternatives: vec![vec![word("x")], vec![word("y")]], optional: false };
        let expected = vec![
            word("a"),
            group,
            Piece::Plain(Step::Gap { most: 2, wild: false }),
            Piece::Not(Box::new(not)),
            Piece::Lexicon { name: "z".to_owned(), optional: true },
        ];
        assert_eq!(read, [expected]);
    }

    #[test]
    fn an_open_group_and_a_strange_gap_are_errors() {
        assert!(alternatives("(a | b").is_err());
        assert!(alternatives("a ) b").is_err());
        assert!(alternatives("a ~x b").is_err());
    }
}
