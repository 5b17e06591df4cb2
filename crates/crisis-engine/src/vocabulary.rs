//! The words that rules know, each with a number, and the abbreviations that stand for them.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A word of the rules. Zero is every word that no rule names.
pub(crate) type WordId = u32;

/// The number of every word that no rule names.
pub(crate) const UNKNOWN: WordId = 0;

/// Shorter beginnings would fit too many words.
const SHORTEST_STEM: usize = 3;

/// FNV-1a: quick for short words, and the same on every machine.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

/// Words, stems (`kill*`) and abbreviations of all languages.
#[derive(Default)]
pub(crate) struct Vocabulary {
    words: Map<String, WordId>,
    stems: Map<String, WordId>,
    count: WordId,
}

impl Vocabulary {
    /// The number of a word, which is new or known.
    pub(crate) fn add(&mut self, word: &str) -> WordId {
        let (map, key) = match word.strip_suffix('*') {
            Some(stem) => (&mut self.stems, stem),
            None => (&mut self.words, word),
        };
        if let Some(id) = map.get(key) {
            return *id;
        }
        self.count += 1;
        map.insert(key.to_owned(), self.count);
        self.count
    }

    /// How many numbers there are, with that of the unknown word.
    pub(crate) fn len(&self) -> usize {
        self.count as usize + 1
    }

    pub(crate) fn word(&self, word: &str) -> Option<WordId> {
        self.words.get(word).copied()
    }

    pub(crate) fn knows(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// All numbers a word answers to: its own and those of its beginnings.
    pub(crate) fn ids(&self, word: &str, out: &mut Vec<WordId>) {
        out.extend(self.word(word));
        for (at, _) in word.char_indices().skip(SHORTEST_STEM) {
            out.extend(word.get(..at).and_then(|stem| self.stems.get(stem)));
        }
        out.extend(self.stems.get(word));
    }
}

/// Whether one insertion, deletion, replacement or exchange of neighbours leads from one word to
/// the other.
pub(crate) fn one_edit(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (Some(rest_short), Some(rest_long)) = (short.get(same..), long.get(same..)) else {
        return false;
    };
    match (rest_short, rest_long) {
        (all, [_, tail @ ..]) if all.len() == tail.len() => all == tail,
        ([first, all @ ..], [other, tail @ ..]) if all.len() == tail.len() => {
            all == tail || exchanged((*first, all), (*other, tail))
        }
        _ => false,
    }
}

/// Whether two letters changed places and the rest is the same.
fn exchanged((first, all): (u8, &[u8]), (other, tail): (u8, &[u8])) -> bool {
    match (all, tail) {
        ([second, all @ ..], [last, tail @ ..]) => {
            first == *last && *second == other && all == tail
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_an_insertion_a_deletion_a_replacement_or_an_exchange() {
        for typo in ["sucide", "suicidee", "suiside", "siucide"] {
            assert!(one_edit(typo.as_bytes(), b"suicide"), "{typo}");
        }
        for other in ["suicide", "scide", "decide", "siuicdee"] {
            assert!(!one_edit(other.as_bytes(), b"suicide"), "{other}");
        }
    }

    #[test]
    fn a_word_answers_to_its_own_number_and_to_its_stems() {
        let mut words = Vocabulary::default();
        let (kill, stem) = (words.add("killed"), words.add("kill*"));
        let mut ids = Vec::new();
        words.ids("killed", &mut ids);
        assert_eq!(ids, [kill, stem]);
    }
}
