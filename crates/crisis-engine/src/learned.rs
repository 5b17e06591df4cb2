//! A second opinion that was learned: how much the letters and words of a message resemble those of
//! our own labelled examples. It is one table of weights, trained on the building set by
//! `examples/train.rs` and on nothing else; it can raise a level that rules left low, and it never
//! lowers one. What it adds is named `learned.resemblance`.

use crate::{clean::clean, engine::LONGEST, vocabulary::Fnv};
use std::hash::Hasher;

/// How many weights there are; features share them by their hash.
pub const BUCKETS: usize = 1 << 16;
/// What one step of a stored weight is worth.
pub const STEP: f32 = 0.05;
/// What stands among the rules when this layer raised a level.
pub(crate) const NAME: &str = "learned.resemblance";
/// So many words are looked at together, because danger in one sentence is thinned out by many.
const WINDOW: usize = 48;
const STRIDE: usize = 48;

/// The weights, one byte each, and the one that belongs to no feature at the end.
static WEIGHTS: &[u8] = include_bytes!("../../../data/crisis/learned/weights.bin");

/// The features of some words, each once, as places in the table.
#[must_use]
pub fn features(words: &[&str]) -> Vec<usize> {
    let mut out = Vec::with_capacity(words.len() * 16);
    let mut add = |kind: u8, parts: &[&[u8]]| {
        let mut hash = Fnv::default();
        hash.write(&[kind]);
        for part in parts {
            hash.write(part);
            hash.write(b" ");
        }
        let mixed = hash.finish() ^ (hash.finish() >> 29);
        out.push(usize::try_from(mixed % BUCKETS as u64).unwrap_or_default());
    };
    let mut padded = Vec::new();
    for (at, word) in words.iter().enumerate() {
        add(0, &[word.as_bytes()]);
        if let Some(next) = words.get(at + 1) {
            add(1, &[word.as_bytes(), next.as_bytes()]);
            if let Some(third) = words.get(at + 2) {
                add(2, &[word.as_bytes(), next.as_bytes(), third.as_bytes()]);
            }
        }
        padded.clear();
        padded.push(b'<');
        padded.extend(word.bytes().take(24));
        padded.push(b'>');
        for length in 3..=5 {
            for gram in padded.windows(length) {
                add(3, &[gram]);
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// A text in the form in which its features are taken.
#[must_use]
pub fn clean_text(text: &str) -> String {
    clean(text, LONGEST)
}

/// The words of a cleaned text as the table knows them.
#[must_use]
pub fn words(clean: &str) -> Vec<&str> {
    clean
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '*' | '@' | '$')))
        .filter(|word| !word.is_empty())
        .collect()
}

/// How strongly a cleaned text resembles danger, as log odds.
pub(crate) fn resemblance(clean: &str) -> f32 {
    let words = words(clean);
    let mut best = f32::MIN;
    let mut start = 0;
    loop {
        let end = (start + WINDOW).min(words.len());
        best = best.max(score(&features(words.get(start..end).unwrap_or_default())));
        if end == words.len() {
            return best;
        }
        start += STRIDE;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of features")]
fn score(features: &[usize]) -> f32 {
    let weight = |at: usize| {
        WEIGHTS.get(at).map_or(0.0, |byte| f32::from(i8::from_le_bytes([*byte])) * STEP)
    };
    let sum: f32 = features.iter().map(|at| weight(*at)).sum();
    weight(BUCKETS) + sum / (features.len().max(1) as f32).sqrt()
}
