//! Which facts share words with a message, and how telling those words are.
//!
//! Words are compared by their beginnings, which finds "allergy" for "allergic" in every language
//! of the app without a grammar of any, and are kept as hashes. The measure is BM25.

use std::{
    collections::{BTreeMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};
use zeroize::Zeroizing;

/// The part of a word that is compared.
const STEM_CHARS: usize = 6;
/// Shorter words say too little.
const WORD_CHARS: usize = 3;
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Words that stand in every second sentence, so that sharing them means nothing.
const COMMON: &str = include_str!("common_words.txt");

/// The words of one text.
pub(crate) struct Words(Zeroizing<Vec<u64>>);

/// The words of a text, as they are compared.
pub(crate) fn words(text: &str) -> Words {
    let apart = |letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’';
    Words(Zeroizing::new(text.split(apart).filter_map(stem).collect()))
}

fn stem(word: &str) -> Option<u64> {
    let word = word.trim_matches(['\'', '’']).to_lowercase();
    let letters = word.chars().count();
    if letters < WORD_CHARS || COMMON.split_whitespace().any(|common| common == word) {
        return None;
    }
    let one = word.strip_suffix('s').filter(|_| letters > WORD_CHARS).unwrap_or(&word);
    // Of this process only, and never stored.
    let mut hasher = DefaultHasher::new();
    one.chars().take(STEM_CHARS).collect::<String>().hash(&mut hasher);
    Some(hasher.finish())
}

/// How well each text fits the question; nothing where they share no word.
pub(crate) fn scores<'a>(
    question: &Words,
    texts: impl ExactSizeIterator<Item = &'a Words> + Clone,
) -> Vec<f32> {
    let asked: HashSet<u64> = question.0.iter().copied().collect();
    let mut having: BTreeMap<u64, usize> = BTreeMap::new();
    let mut length = 0;
    for text in texts.clone() {
        length += text.0.len();
        let present: HashSet<u64> = text.0.iter().copied().filter(|w| asked.contains(w)).collect();
        for word in present {
            *having.entry(word).or_default() += 1;
        }
    }
    let (count, mean) = (ratio(texts.len(), 1), ratio(length, texts.len().max(1)).max(1.0));
    let score = |text: &Words| {
        let norm = K1 * (1.0 - B + B * ratio(text.0.len(), 1) / mean);
        having.iter().fold(0.0, |sum, (word, having)| {
            let often = ratio(text.0.iter().filter(|found| *found == word).count(), 1);
            let having = ratio(*having, 1);
            let rare = ((count - having + 0.5) / (having + 0.5)).ln_1p();
            sum + rare * often * (K1 + 1.0) / (often + norm)
        })
    };
    texts.map(score).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of words, far below 2^23")]
fn ratio(of: usize, to: usize) -> f32 {
    of as f32 / to as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn best(question: &str, texts: &[&str]) -> Vec<usize> {
        let of = texts.iter().map(|text| words(text)).collect::<Vec<_>>();
        let scores = scores(&words(question), of.iter());
        let mut found: Vec<usize> = (0..texts.len()).filter(|at| scores[*at] > 0.0).collect();
        found.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        found
    }

    #[test]
    fn facts_are_found_by_the_words_they_share_however_these_end() {
        let facts =
            ["I am allergic to peanuts.", "My sister Ruth lives in Graz.", "Ich arbeite nachts."];
        assert_eq!(best("Could my allergy be the reason?", &facts), [0]);
        assert_eq!(best("I want to call Ruth", &facts), [1]);
        assert_eq!(best("Die Arbeiten in der Nacht", &facts), [2]);
        assert_eq!(best("What should I do about it?", &facts), [] as [usize; 0]);
    }

    #[test]
    fn rare_words_say_more_than_frequent_ones_and_short_texts_more_than_long_ones() {
        let facts =
            ["sleep sleep music", "sleep badly", "sleep well", "music helps me when others talk"];
        assert_eq!(best("sleep and music", &facts)[0], 0);
        assert_eq!(best("music", &facts), [0, 3]);
    }

    proptest! {
        #[test]
        fn scores_are_finite_and_never_below_nothing(
            question in "\\PC{0,60}", texts in prop::collection::vec("\\PC{0,60}", 0..8),
        ) {
            let texts: Vec<Words> = texts.iter().map(|text| words(text)).collect();
            let scores = scores(&words(&question), texts.iter());
            prop_assert_eq!(scores.len(), texts.len());
            prop_assert!(scores.iter().all(|score| score.is_finite() && *score >= 0.0));
        }
    }
}
