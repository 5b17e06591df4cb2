//! Texts as pieces of words, the way the BERT models were taught to read: in small letters, without
//! accents, signs apart, and every word as the longest pieces that the vocabulary has.

use std::collections::HashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A longer word is no word.
const WORD: usize = 100;

/// The vocabulary of a model.
pub(crate) struct Vocabulary {
    numbers: HashMap<String, usize>,
    begin: usize,
    end: usize,
    unknown: usize,
}

impl Vocabulary {
    /// Out of its file, one piece on each line; none if it lacks what every text needs.
    pub(crate) fn read(file: &str) -> Option<Self> {
        let lines = file.lines().enumerate();
        let numbers: HashMap<String, usize> =
            lines.map(|(number, piece)| (piece.to_owned(), number)).collect();
        let of = |piece| numbers.get(piece).copied();
        let (begin, end, unknown) = (of("[CLS]")?, of("[SEP]")?, of("[UNK]")?);
        Some(Self { numbers, begin, end, unknown })
    }

    /// The numbers of the pieces of a text, with a sign at the beginning and one at the end; no more
    /// than so many.
    pub(crate) fn pieces(&self, text: &str, most: usize) -> Vec<usize> {
        let mut found = vec![self.begin];
        let plain = plain(text);
        for word in plain.split_whitespace() {
            if found.len() >= most {
                break;
            }
            self.take_apart(word, &mut found);
        }
        found.truncate(most.saturating_sub(1));
        found.push(self.end);
        found
    }

    fn take_apart(&self, word: &str, found: &mut Vec<usize>) {
        let letters: Vec<char> = word.chars().collect();
        let mut pieces = Vec::new();
        let mut rest = letters.as_slice();
        while !rest.is_empty() {
            let lead = if rest.len() == letters.len() { "" } else { "##" };
            let longest = (1..=rest.len()).rev().find_map(|length| {
                let (piece, after) = rest.split_at_checked(length)?;
                let piece: String = lead.chars().chain(piece.iter().copied()).collect();
                Some((*self.numbers.get(&piece)?, after))
            });
            let Some((number, after)) = longest.filter(|_| letters.len() <= WORD) else {
                return found.push(self.unknown);
            };
            pieces.push(number);
            rest = after;
        }
        found.append(&mut pieces);
    }
}

/// The text in small letters without accents, with blanks around every sign.
fn plain(text: &str) -> String {
    let kept =
        |letter: &char| letter.is_whitespace() || !(letter.is_control() || is_format(*letter));
    let letters = text.chars().filter(kept).nfd().filter(|letter| !is_combining_mark(*letter));
    let mut plain = String::with_capacity(text.len() + 16);
    for letter in letters.flat_map(char::to_lowercase) {
        if is_sign(letter) || is_ideograph(letter) {
            plain.extend([' ', letter, ' ']);
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// Characters that change how others are shown and are none themselves.
const fn is_format(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

const fn is_sign(letter: char) -> bool {
    letter.is_ascii_punctuation()
        || matches!(letter, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{37e}' | '।' | '॥'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}'
            | '\u{2053}'..='\u{205e}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
            | '\u{3014}'..='\u{301f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

const fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{20000}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary::read("[UNK]\n[CLS]\n[SEP]\nsleep\n##less\n##ness\n,\ncreme\n数\ns").unwrap()
    }

    #[test]
    fn words_are_taken_apart_into_the_longest_pieces() {
        let pieces = |text| vocabulary().pieces(text, 99);
        assert_eq!(pieces("Sleeplessness, CRÈME"), [1, 3, 4, 5, 6, 7, 2]);
        assert_eq!(pieces("数sleep"), [1, 8, 3, 2]);
        assert_eq!(pieces("sleepy s\u{200b}leep"), [1, 0, 3, 2]);
        assert_eq!(pieces(""), [1, 2]);
        assert_eq!(pieces(&"s".repeat(101)), [1, 0, 2]);
    }

    #[test]
    fn a_long_text_is_cut_and_still_has_its_end() {
        let pieces = vocabulary().pieces(&"sleepless ".repeat(50), 6);
        assert_eq!(pieces, [1, 3, 4, 3, 4, 2]);
    }

    #[test]
    fn a_file_without_the_signs_that_every_text_needs_is_no_vocabulary() {
        assert!(Vocabulary::read("[UNK]\n[CLS]").is_none());
    }
}
