//! The words that rules know, each with a number.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A word of the rules. Zero is every word that no rule names.
pub(crate) type WordId = u16;

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

/// Words and stems (`kill*`) of all languages.
#[derive(Default)]
pub(crate) struct Vocabulary {
    spellings: Spellings,
    words: Slots,
    stems: Slots,
}

impl Vocabulary {
    /// The number of a word, which is new or known; nothing if there are too many.
    pub(crate) fn add(&mut self, word: &str) -> Option<WordId> {
        let (slots, key) = match word.strip_suffix('*') {
            Some(stem) => (&mut self.stems, stem),
            None => (&mut self.words, word),
        };
        if let Some(id) = slots.find(key, &self.spellings) {
            return Some(id);
        }
        let id = self.spellings.add(key)?;
        slots.add(id, &self.spellings);
        Some(id)
    }

    /// No more is added: what was kept free for it is given back.
    pub(crate) fn shrink(&mut self) {
        self.spellings.letters.shrink_to_fit();
        self.spellings.ends.shrink_to_fit();
    }

    /// How many numbers there are, with that of the unknown word.
    pub(crate) fn len(&self) -> usize {
        self.spellings.ends.len() + 1
    }

    pub(crate) fn word(&self, word: &str) -> Option<WordId> {
        self.words.find(word, &self.spellings)
    }

    pub(crate) fn knows(&self, word: &str) -> bool {
        self.word(word).is_some()
    }

    /// All numbers a word answers to: its own and those of its beginnings.
    pub(crate) fn ids(&self, word: &str, out: &mut Vec<WordId>) {
        out.extend(self.word(word));
        for (at, _) in word.char_indices().skip(SHORTEST_STEM) {
            out.extend(word.get(..at).and_then(|stem| self.stems.find(stem, &self.spellings)));
        }
        out.extend(self.stems.find(word, &self.spellings));
    }
}

/// The letters of all words, one after the other: a string for each would be several times the size.
#[derive(Default)]
struct Spellings {
    letters: String,
    /// Where each ends; the first is that of number one.
    ends: Vec<u32>,
}

impl Spellings {
    fn add(&mut self, word: &str) -> Option<WordId> {
        let id = WordId::try_from(self.ends.len() + 1).ok()?;
        self.letters.push_str(word);
        self.ends.push(u32::try_from(self.letters.len()).ok()?);
        Some(id)
    }

    fn of(&self, id: WordId) -> &str {
        let end = |number: usize| self.ends.get(number).map_or(0, |end| *end as usize);
        let number = usize::from(id);
        let start = number.checked_sub(2).map_or(0, end);
        self.letters.get(start..end(number.saturating_sub(1))).unwrap_or_default()
    }
}

/// Numbers of words by their letters: a hash table that keeps nothing but the numbers. Never more
/// than half full.
#[derive(Default)]
struct Slots {
    places: Vec<WordId>,
    taken: usize,
}

impl Slots {
    fn find(&self, word: &str, spellings: &Spellings) -> Option<WordId> {
        let id = *self.places.get(self.place(word, spellings)?)?;
        (id != UNKNOWN).then_some(id)
    }

    fn add(&mut self, id: WordId, spellings: &Spellings) {
        if self.taken * 2 >= self.places.len() {
            let room = (self.places.len() * 2).max(16);
            let before = std::mem::replace(&mut self.places, vec![UNKNOWN; room]);
            for id in before.into_iter().filter(|id| *id != UNKNOWN) {
                self.put(id, spellings);
            }
        }
        self.taken += 1;
        self.put(id, spellings);
    }

    fn put(&mut self, id: WordId, spellings: &Spellings) {
        let place = self.place(spellings.of(id), spellings);
        if let Some(slot) = place.and_then(|place| self.places.get_mut(place)) {
            *slot = id;
        }
    }

    /// Where a word is, or where it would be: the first free place from that of its hash on.
    fn place(&self, word: &str, spellings: &Spellings) -> Option<usize> {
        let last = self.places.len().checked_sub(1)?;
        let mut hash = Fnv::default();
        hash.write(word.as_bytes());
        let mut at = usize::try_from(hash.finish() & last as u64).ok()?;
        loop {
            match *self.places.get(at)? {
                UNKNOWN => return Some(at),
                id if spellings.of(id) == word => return Some(at),
                _ => at = (at + 1) & last,
            }
        }
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
    use proptest::prelude::*;

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
        let (kill, stem) = (words.add("killed").unwrap(), words.add("kill*").unwrap());
        let mut ids = Vec::new();
        words.ids("killed", &mut ids);
        assert_eq!(ids, [kill, stem]);
    }

    proptest! {
        #[test]
        fn words_keep_their_numbers_and_no_others_are_known(
            words in prop::collection::hash_set("[a-zé]{0,4}", 0..300),
            others in prop::collection::vec("[a-zé]{0,4}", 0..50),
        ) {
            let mut vocabulary = Vocabulary::default();
            let numbers: Vec<_> = words.iter().map(|word| vocabulary.add(word)).collect();
            prop_assert_eq!(vocabulary.len(), words.len() + 1);
            for (word, number) in words.iter().zip(numbers) {
                prop_assert_eq!(vocabulary.word(word), number);
                prop_assert_eq!(vocabulary.add(word), number);
            }
            for other in others {
                prop_assert_eq!(vocabulary.knows(&other), words.contains(&other));
            }
        }
    }
}
