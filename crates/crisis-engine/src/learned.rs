//! A second opinion that was learned: how much the words, the letters and the concepts of a message
//! resemble those of our own labelled examples. It is two tables of weights, trained on the building
//! set by `examples/train` and on nothing else.

use crate::{
    concepts::{Concepts, Spot},
    lexer::Lexed,
    model::{Memory, Question},
    vocabulary::Fnv,
};
use std::hash::Hasher;

/// How many places the stored table has. One is four bytes: two that tell features apart, and a
/// weight for each question. All zero is an empty place.
pub const PLACES: usize = 1 << 17;
/// How many places after its own a feature may be in.
pub const PROBES: usize = 64;
/// What one step of a stored weight is worth.
pub const STEP: f32 = 0.05;
/// So many words are looked at together, because danger in one sentence is thinned out by many.
const WINDOW: usize = 64;
const STRIDE: usize = 48;
/// How far apart two concepts may be to count as a pair.
const NEAR: usize = 9;
/// So many letters of a word are looked at.
const LONGEST_WORD: usize = 24;
/// An answer of so many words is an answer to what was asked.
const ANSWER: usize = 9;

/// What a window of a text shows, as places in the tables: each group has a weight of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Words and letters
    pub lexical: Vec<u32>,
    /// Concepts
    pub concepts: Vec<u32>,
    /// What rules found
    pub rules: Vec<u32>,
    /// What was said before
    pub context: Vec<u32>,
}

impl Features {
    /// The groups in the order of their shares.
    #[must_use]
    pub fn groups(&self) -> [&[u32]; GROUPS] {
        [&self.lexical, &self.concepts, &self.rules, &self.context]
    }
}

/// Log odds from which a message is an alert where rules see none. This and those below were chosen on
/// author passes of the building set that a table was trained without, so that of what is hard and
/// harmless there at most four in a hundred are an alert.
pub const CLEAR: f32 = 1.6;
/// The same where rules see an alert as well.
pub const AGREED: f32 = 1.0;
/// The same for support.
pub const LIKELY: f32 = 0.2;

/// What the table says, as log odds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opinion {
    /// Whether crisis care should answer
    pub(crate) alert: f32,
    /// Whether help should be offered gently
    pub(crate) support: f32,
}

/// How many groups of features there are.
pub const GROUPS: usize = 4;
/// How much each group counts, beside the number of things it shows.
const SHARES: [f32; GROUPS] = [1.0, 1.0, 1.0, 1.0];

/// The value of each feature of a group of so many.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of features")]
pub fn scale(group: usize, count: usize) -> f32 {
    let share = SHARES.get(group).copied().unwrap_or_default();
    share / (count.max(1) as f32).sqrt()
}

/// The table, and after it the weights that belong to no feature.
static TABLE: &[u8] = include_bytes!("../../../data/crisis/learned/weights.bin");

/// What a feature is called in the table, and where it is looked for first.
#[must_use]
pub fn address(feature: u32) -> (u16, usize) {
    let name = u16::try_from(feature >> 16).unwrap_or_default().max(1);
    let mixed = feature.wrapping_mul(0x9e37_79b1) >> 8;
    (name, mixed as usize % PLACES)
}

/// The two weights of a feature; nothing if it was never learned.
fn weights(feature: u32) -> Option<[f32; 2]> {
    let (name, first) = address(feature);
    for probe in 0..PROBES {
        let at = (first + probe) % PLACES * 4;
        let [a, b, alert, support] = *TABLE.get(at..at + 4)? else { return None };
        match u16::from_le_bytes([a, b]) {
            0 => return None,
            found if found == name => return Some([weight(alert), weight(support)]),
            _ => {}
        }
    }
    None
}

fn weight(byte: u8) -> f32 {
    f32::from(i8::from_le_bytes([byte])) * STEP
}

/// What the table says of the windows of a text: that of the worst.
pub(crate) fn opinion(windows: &[Features]) -> Opinion {
    let none = Opinion { alert: f32::MIN, support: f32::MIN };
    windows.iter().map(score).fold(none, |worst, one| Opinion {
        alert: worst.alert.max(one.alert),
        support: worst.support.max(one.support),
    })
}

fn score(window: &Features) -> Opinion {
    let own = |at: usize| TABLE.get(PLACES * 4 + at).map_or(0.0, |byte| weight(*byte));
    let mut sum = [own(0), own(1)];
    for (group, features) in window.groups().into_iter().enumerate() {
        let scale = scale(group, features.len());
        for [alert, support] in features.iter().filter_map(|feature| weights(*feature)) {
            sum = [sum[0] + alert * scale, sum[1] + support * scale];
        }
    }
    Opinion { alert: sum[0], support: sum[1] }
}

/// What the learned layer is told beside the text.
pub(crate) struct Surroundings<'a> {
    pub(crate) memory: Memory,
    /// Numbers that say which rules were found, as `score` sees them.
    pub(crate) rules: &'a [u32],
}

fn place(kind: u8, parts: &[&[u8]]) -> u32 {
    let mut hash = Fnv::default();
    hash.write(&[kind]);
    for part in parts {
        hash.write(part);
        hash.write(b" ");
    }
    let mixed = hash.finish() ^ (hash.finish() >> 29);
    u32::try_from(mixed & u64::from(u32::MAX)).unwrap_or_default()
}

/// The windows of a text with what they show.
pub(crate) fn windows(
    lexed: &Lexed,
    concepts: &Concepts,
    surroundings: &Surroundings<'_>,
) -> Vec<Features> {
    let spots = concepts.find(lexed);
    let words: Vec<&str> = lexed.words.iter().map(String::as_str).collect();
    let context = context(&words, &spots, surroundings.memory);
    let mut rules: Vec<u32> =
        surroundings.rules.iter().map(|rule| place(32, &[&rule.to_le_bytes()])).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut all = Vec::new();
    let mut start = 0;
    loop {
        let end = (start + WINDOW).min(words.len());
        let inside = |spot: &&Spot| (start..end).contains(&spot.at);
        let near: Vec<Spot> = spots.iter().filter(inside).copied().collect();
        all.push(Features {
            lexical: lexical(words.get(start..end).unwrap_or_default()),
            concepts: of_concepts(&near),
            rules: rules.clone(),
            context: context.clone(),
        });
        if end == words.len() {
            return all;
        }
        start += STRIDE;
    }
}

fn lexical(words: &[&str]) -> Vec<u32> {
    let mut out = Vec::with_capacity(words.len() * 20);
    let mut padded = Vec::new();
    let mut here = words.first().map(|word| sounds(word.as_bytes())).unwrap_or_default();
    for (at, word) in words.iter().enumerate() {
        let word = word.as_bytes();
        out.push(place(0, &[word]));
        let after = |n: usize| words.get(at + n).map(|word| word.as_bytes());
        if let Some(next) = after(1) {
            out.push(place(1, &[word, next]));
            if let Some(third) = after(2) {
                out.push(place(2, &[word, next, third]));
                out.push(place(3, &[word, third]));
            }
            if let Some(fourth) = after(3) {
                out.push(place(3, &[word, fourth]));
            }
        }
        let next = words.get(at + 1).map(|word| sounds(word.as_bytes()));
        misspelt(word, here.as_slice(), next.as_ref().map(Sounds::as_slice), &mut out);
        here = next.unwrap_or_default();
        padded.clear();
        padded.push(b'<');
        padded.extend(word.iter().copied().take(LONGEST_WORD));
        padded.push(b'>');
        for length in 3..=5 {
            out.extend(padded.windows(length).map(|gram| place(4, &[gram])));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// What is left of a word however it is misspelt: its letters in any order, and its sounds alone and
/// before the next.
fn misspelt(word: &[u8], here: &[u8], next: Option<&[u8]>, out: &mut Vec<u32>) {
    if let [first, rest @ ..] = word
        && (3..LONGEST_WORD).contains(&rest.len())
    {
        let mut letters = [0; LONGEST_WORD];
        if let Some(letters) = letters.get_mut(..rest.len()) {
            letters.copy_from_slice(rest);
            letters.sort_unstable();
            out.push(place(5, &[&[*first], letters]));
        }
    }
    if here.len() >= 2 {
        out.push(place(6, &[here]));
    }
    if let Some(next) = next.filter(|next| here.len() + next.len() >= 3) {
        out.push(place(7, &[here, next]));
    }
}

/// What is left of a word by its sounds.
#[derive(Default)]
struct Sounds {
    letters: [u8; LONGEST_WORD],
    count: usize,
}

impl Sounds {
    fn as_slice(&self) -> &[u8] {
        self.letters.get(..self.count).unwrap_or_default()
    }
}

/// The consonants of a word, those that sound much the same as one, and its first letter.
fn sounds(word: &[u8]) -> Sounds {
    let mut out = Sounds::default();
    let mut last = 0;
    for (at, letter) in word.iter().copied().take(LONGEST_WORD).enumerate() {
        let soft = matches!(word.get(at + 1), Some(b'e' | b'i' | b'y'));
        let sound = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'h' if at > 0 => 0,
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => b'a',
            b'b' | b'p' => b'b',
            b'd' | b't' => b'd',
            b'c' if soft => b's',
            b'c' | b'k' | b'q' | b'g' => b'k',
            b's' | b'z' => b's',
            b'f' | b'v' | b'w' => b'v',
            b'm' | b'n' => b'n',
            other => other,
        };
        if sound != 0
            && letter != last
            && let Some(slot) = out.letters.get_mut(out.count)
        {
            *slot = sound;
            out.count += 1;
        }
        last = letter;
    }
    out
}

fn of_concepts(spots: &[Spot]) -> Vec<u32> {
    let mut out = Vec::with_capacity(spots.len() * 12);
    for (nth, spot) in spots.iter().enumerate() {
        out.push(place(16, &[&[spot.concept]]));
        let after = spots.get(nth + 1..).unwrap_or_default();
        let mut third: Option<Spot> = None;
        for other in after.iter().take_while(|other| other.at <= spot.at + NEAR) {
            if other.sentence != spot.sentence {
                out.push(place(17, &[&[spot.concept, other.concept]]));
                continue;
            }
            if other.at == spot.at {
                continue;
            }
            out.push(place(18, &[&[spot.concept, other.concept]]));
            if other.at <= spot.at + 2 {
                out.push(place(19, &[&[spot.concept, other.concept]]));
            }
            if let Some(between) = third.filter(|between| between.at < other.at) {
                out.push(place(20, &[&[spot.concept, between.concept, other.concept]]));
            }
            third = Some(*other);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn context(words: &[&str], spots: &[Spot], memory: Memory) -> Vec<u32> {
    let mut out = Vec::new();
    let asked = match memory.asked {
        Some(Question::Suicide) => 1,
        Some(Question::Plan) => 2,
        Some(Question::Safe) => 3,
        None => 0,
    };
    let before = match memory.level {
        level if level >= 7.0 => 2,
        level if level >= 3.0 => 1,
        _ => 0,
    };
    let short = words.len() <= ANSWER;
    if asked > 0 {
        out.push(place(33, &[&[asked, u8::from(short)]]));
        for word in words.iter().take(4) {
            out.push(place(34, &[&[asked, u8::from(short)], word.as_bytes()]));
        }
    }
    if before > 0 {
        out.push(place(35, &[&[before, u8::from(short)]]));
        out.extend(spots.iter().map(|spot| place(36, &[&[before, spot.concept]])));
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_sounds_like_the_word_that_was_meant() {
        for (wrong, right) in
            [("suiside", "suicide"), ("morer", "morrer"), ("selpstmort", "selbstmord")]
        {
            let (wrong, right) = (sounds(wrong.as_bytes()), sounds(right.as_bytes()));
            assert_eq!(wrong.as_slice(), right.as_slice());
        }
        assert_ne!(sounds(b"garden").as_slice(), sounds(b"suicide").as_slice());
    }

    #[test]
    fn letters_in_another_order_leave_a_trace_in_common() {
        let traces = |word: &str| lexical(&[word]);
        let (wrong, right) = (traces("endign"), traces("ending"));
        let shared = place(5, &[b"e".as_slice(), b"dginn"]);
        assert!(wrong.contains(&shared) && right.contains(&shared));
    }
}
