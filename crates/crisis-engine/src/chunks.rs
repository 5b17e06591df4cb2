//! Pieces of text between white space, what ends a sentence, and single letters in disguise.

use crate::lexer::{Break, Raw};

/// Who writes `d1e` also writes `1` for I, `2` for to and digits in every other word.
pub(crate) fn undo_digits(raws: &mut [Raw]) {
    for raw in raws {
        match raw.text.as_str() {
            "1" => "i".clone_into(&mut raw.text),
            "2" => "to".clone_into(&mut raw.text),
            "4" => "for".clone_into(&mut raw.text),
            word if word.contains(|c: char| c.is_ascii_alphabetic()) => {
                raw.text = word.chars().map(|c| unleet(c, 'i')).collect();
            }
            _ => {}
        }
    }
}

/// Whether a digit that looks like a letter stands between letters.
pub(crate) fn has_digit_inside(chunk: &str) -> bool {
    let letter = u8::is_ascii_alphabetic;
    chunk.as_bytes().windows(3).any(|at| match at {
        [before, b'0' | b'1' | b'3' | b'4' | b'5' | b'7', after] => letter(before) && letter(after),
        _ => false,
    })
}

pub(crate) fn unleet(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        '(' => 'c',
        c => c,
    }
}

pub(crate) fn shorten_runs(word: &str, keep: usize) -> String {
    let mut out = String::with_capacity(word.len());
    let mut run = 0;
    let mut last = '\u{0}';
    for c in word.chars() {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        if run <= keep {
            out.push(c);
        }
    }
    out
}

/// Calls for each piece between white space, with what stands before it.
pub(crate) fn for_chunks(text: &str, mut each: impl FnMut(&str, Break)) {
    let mut before = Break::None;
    for line in text.split('\n') {
        for chunk in line.split_whitespace() {
            if !chunk.contains(|c: char| c.is_alphanumeric() || c == '_') {
                before = before.max(break_of(chunk));
                continue;
            }
            each(chunk, before);
            let ending = chunk.rfind(|c: char| c.is_alphanumeric()).and_then(|at| chunk.get(at..));
            before = break_of(ending.unwrap_or_default());
        }
        before = before.max(Break::Soft);
    }
}

fn break_of(text: &str) -> Break {
    if text.contains("..") && !text.contains(['!', '?']) {
        return Break::Soft;
    }
    let one = |c| match c {
        '.' | '!' | '?' | ';' | '\u{2026}' => Break::Hard,
        ',' | ':' | '(' | ')' | '"' | '-' | '/' | '~' | '>' => Break::Soft,
        _ => Break::None,
    };
    text.chars().map(one).max().unwrap_or(Break::None)
}

/// The words of a piece of text without white space.
pub(crate) fn split_words(chunk: &str, before: Break, out: &mut Vec<Raw>) {
    let mut before = before;
    let mut word = String::new();
    let finish = |word: &mut String, before: &mut Break, out: &mut Vec<Raw>| {
        let text = word.trim_matches('\'');
        if !text.is_empty() {
            out.push(Raw { text: text.to_owned(), before: *before });
            *before = Break::None;
        }
        word.clear();
    };
    for c in chunk.chars() {
        if c.is_alphanumeric() || c == '_' || c == '\'' {
            word.push(c);
        } else {
            finish(&mut word, &mut before, out);
            let number = c == '.' && word_ends_in_digit(out);
            let here =
                if c == '-' || number { Break::None } else { break_of(c.encode_utf8(&mut [0; 4])) };
            before = before.max(here);
        }
    }
    finish(&mut word, &mut before, out);
}

fn word_ends_in_digit(words: &[Raw]) -> bool {
    words.last().is_some_and(|raw| raw.text.ends_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_between_letters_is_a_disguise_and_one_at_the_end_is_a_name() {
        for disguised in ["m4tar", "su1cide", "th4nk5"] {
            assert!(has_digit_inside(disguised), "{disguised}");
        }
        for plain in ["b12", "mp3", "h2o", "7am", "2024"] {
            assert!(!has_digit_inside(plain), "{plain}");
        }
    }

    #[test]
    fn beside_a_disguised_word_every_digit_is_a_letter() {
        let raw = |text: &str| Raw { text: text.to_owned(), before: Break::None };
        let mut raws = ["m3", "1", "2", "40"].map(raw);
        undo_digits(&mut raws);
        assert_eq!(raws.map(|raw| raw.text), ["me", "i", "to", "40"]);
    }
}
