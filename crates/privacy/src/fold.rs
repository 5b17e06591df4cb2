//! Words as they are compared: in small letters, without accents and without the signs inside a
//! word, so that `Müller`, `MULLER` and `Mu\u{308}ller` are one word.

/// How ä, ö and ü are written where a keyboard does not have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Umlauts {
    /// `a`, `o`, `u`: as everywhere else.
    Bare,
    /// `ae`, `oe`, `ue`: as in German.
    Spelt,
}

/// Letters with the letters that stand for them.
const LETTERS: [(&str, &str); 25] = [
    ("àáâãāăąǎ", "a"),
    ("çćčĉċ", "c"),
    ("ďđ", "d"),
    ("èéêëēĕėęěẽ", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįıǐ", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõōŏőǒ", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûũūŭůűųǔ", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
    ("ð", "d"),
    ("ĳ", "ij"),
];

/// Adds what stands for a letter; nothing for marks and for signs inside a word.
pub(crate) fn fold_char(c: char, umlauts: Umlauts, out: &mut String) {
    for letter in c.to_lowercase() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter);
            continue;
        }
        let spelt = if umlauts == Umlauts::Spelt { "e" } else { "" };
        match letter {
            'ä' => out.extend(["a", spelt]),
            'å' => out.extend(["a", if spelt.is_empty() { "" } else { "a" }]),
            'ö' | 'ø' => out.extend(["o", spelt]),
            'ü' => out.extend(["u", spelt]),
            // The two dots alone, after their letter.
            '\u{308}' => out.push_str(spelt),
            other if is_mark(other) || is_joiner(other) => {}
            other => match LETTERS.iter().find(|(all, _)| all.contains(other)) {
                Some((_, plain)) => out.push_str(plain),
                None => out.push(other),
            },
        }
    }
}

/// A word as it is compared.
pub(crate) fn fold(word: &str, umlauts: Umlauts) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    for c in word.chars() {
        fold_char(c, umlauts, &mut out);
    }
    out
}

/// Both ways to write it; the second only where it is another.
pub(crate) fn folds(word: &str) -> impl Iterator<Item = (Umlauts, String)> {
    let bare = fold(word, Umlauts::Bare);
    let spelt = (!word.is_ascii()).then(|| fold(word, Umlauts::Spelt));
    let spelt = spelt.filter(|spelt| *spelt != bare);
    std::iter::once((Umlauts::Bare, bare)).chain(spelt.map(|spelt| (Umlauts::Spelt, spelt)))
}

/// How many bytes of a word stand for the first letters of what it is folded to.
pub(crate) fn bytes_of(word: &str, letters: usize, umlauts: Umlauts) -> usize {
    let mut folded = String::with_capacity(word.len() + 2);
    for (at, c) in word.char_indices() {
        let before = folded.len();
        fold_char(c, umlauts, &mut folded);
        // What adds nothing, such as an accent by itself, belongs to the letter before it.
        if before >= letters && (folded.len() > before || is_joiner(c)) {
            return at;
        }
    }
    word.len()
}

/// Whether it is a mark on the letter before it, or is not seen at all.
pub(crate) const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether it holds parts of a word together.
pub(crate) const fn is_joiner(c: char) -> bool {
    is_apostrophe(c) || matches!(c, '-' | '‐' | '‑')
}

/// Whether it is written as an apostrophe.
pub(crate) const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '´' | '‘')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_however_it_is_written() {
        for (word, bare, spelt) in [
            ("MÜLLER", "muller", "mueller"),
            ("Mu\u{308}ller", "muller", "mueller"),
            ("Rocío", "rocio", "rocio"),
            ("Rene\u{301}", "rene", "rene"),
            ("Søren", "soren", "soeren"),
            ("Großmann", "grossmann", "grossmann"),
            ("O’Brien-Łoś", "obrienlos", "obrienlos"),
            ("An\u{ad}na", "anna", "anna"),
            ("İnci", "inci", "inci"),
        ] {
            assert_eq!(fold(word, Umlauts::Bare), bare);
            assert_eq!(fold(word, Umlauts::Spelt), spelt);
        }
    }

    #[test]
    fn the_end_of_a_stem_is_found_in_the_word_as_it_was_written() {
        let stem = |word: &str, letters, umlauts| {
            word.get(..bytes_of(word, letters, umlauts)).unwrap().to_owned()
        };
        assert_eq!(stem("Anna's", 4, Umlauts::Bare), "Anna");
        assert_eq!(stem("Müllers", 7, Umlauts::Spelt), "Müller");
        assert_eq!(stem("Rene\u{301}s", 4, Umlauts::Bare), "Rene\u{301}");
        assert_eq!(stem("Anna", 4, Umlauts::Bare), "Anna");
    }
}
