//! What is known of a person while a message is answered, and which of it matters for the message.
//!
//! The search is exact: the message is compared with every fact.

use crate::{
    envelope::Vector,
    lexical::{self, Words},
    model::{Fact, FactId, Kind},
};
use kernel::Phi;

/// How many facts are told with a message.
pub(crate) const MOST: usize = 6;
/// How many of these are wishes on how to be spoken to, which are told always.
const PREFERENCES: usize = 3;
/// How many characters all of them may have together.
pub(crate) const CHARS: usize = 1_600;
/// Less alike means nothing: with all-MiniLM-L6-v2, sentences about different things are alike by up
/// to 0.27, and those that belong together by 0.3 and more.
const ALIKE: f32 = 0.3;

/// Opened for a search. It is wiped when it is dropped.
pub(crate) struct Known {
    /// Newest first.
    facts: Vec<Fact>,
    words: Vec<Words>,
    vectors: Vec<Option<Vector>>,
}

impl Known {
    /// Of these facts, newest first, with their vectors.
    pub(crate) fn new(all: Vec<(Fact, Option<Vector>)>) -> Self {
        let (facts, vectors): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        // EXPOSE: hashed word by word.
        let words = facts.iter().map(|fact| lexical::words(fact.text.expose())).collect();
        Self { facts, words, vectors }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether there is a fact with these words.
    pub(crate) fn has(&self, text: &str) -> Option<FactId> {
        // EXPOSE: compared.
        let same = |fact: &&Fact| fact.text.expose().eq_ignore_ascii_case(text);
        self.facts.iter().find(same).map(|fact| fact.id)
    }

    /// Facts that this model has not read, up to so many.
    pub(crate) fn unread(&self, model: &str, most: usize) -> Vec<&Fact> {
        let unread = |vector: &Option<Vector>| of_model(vector.as_ref(), model).is_none();
        let facts = self.facts.iter().zip(&self.vectors);
        facts.filter(|(_, vector)| unread(vector)).map(|(fact, _)| fact).take(most).collect()
    }

    /// What to tell with this message: wishes on how to be spoken to, then what fits best. With a
    /// vector of the message meanings are compared, and words where a fact has no vector yet.
    pub(crate) fn choose(&self, said: &str, meant: Option<&Vector>) -> Vec<&Fact> {
        let preferences = self.facts.iter().filter(|fact| fact.kind == Kind::Preference);
        let mut chosen: Vec<&Fact> = preferences.take(PREFERENCES).collect();
        let mut chars: usize = chosen.iter().map(|fact| length(fact)).sum();
        for fact in self.ranked(said, meant) {
            if chosen.len() == MOST {
                break;
            }
            let told = chosen.iter().any(|other| other.id == fact.id);
            if !told && chars + length(fact) <= CHARS {
                chars += length(fact);
                chosen.push(fact);
            }
        }
        chosen
    }

    /// Those that have something to do with the message, best first.
    fn ranked(&self, said: &str, meant: Option<&Vector>) -> Vec<&Fact> {
        let by_words = lexical::scores(&lexical::words(said), self.words.iter());
        let all = self.facts.iter().zip(&self.vectors).zip(by_words);
        let (mut alike, mut sharing) = (Vec::new(), Vec::new());
        for ((fact, vector), shared) in all {
            let likeness = meant.and_then(|meant| {
                let numbers = of_model(vector.as_ref(), &meant.model)?;
                // EXPOSE: multiplied.
                Some(product(meant.numbers.expose(), numbers.expose()))
            });
            match likeness {
                Some(likeness) if likeness >= ALIKE => alike.push((likeness, fact)),
                None if shared > 0.0 => sharing.push((shared, fact)),
                Some(_) | None => {}
            }
        }
        // The sort is stable: of equals the newer one stays first.
        alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        sharing.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        alike.into_iter().chain(sharing).map(|(_, fact)| fact).collect()
    }
}

fn of_model<'a>(vector: Option<&'a Vector>, model: &str) -> Option<&'a Phi<Vec<f32>>> {
    vector.filter(|vector| vector.model == model).map(|vector| &vector.numbers)
}

fn length(fact: &Fact) -> usize {
    // EXPOSE: only measured.
    fact.text.expose().chars().count()
}

/// The product of two vectors, in eight sums side by side, which compilers turn into vector
/// instructions; a single sum they may not reorder.
fn product(one: &[f32], other: &[f32]) -> f32 {
    let ((ones, one_rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let mut sums = [0.0_f32; 8];
    for (a, b) in ones.iter().zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;
    use kernel::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn fact(number: u128, text: &str, kind: Kind) -> Fact {
        let now = Timestamp::from_micros(0);
        Fact {
            id: Uuid::from_u128(number).into(),
            text: Phi::new(text.to_owned()),
            kind,
            origin: Origin::Person,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    fn vector(numbers: [f32; 2]) -> Vector {
        Vector { model: "m@1".to_owned(), numbers: Phi::new(numbers.to_vec()) }
    }

    fn texts(facts: &[&Fact]) -> Vec<String> {
        facts.iter().map(|fact| fact.text.expose().clone()).collect()
    }

    #[test]
    fn what_means_the_same_is_found_without_a_common_word() {
        let known = Known::new(vec![
            (fact(1, "I keep bees.", Kind::Other), Some(vector([0.0, 1.0]))),
            (fact(2, "Nuts make me ill.", Kind::Health), Some(vector([0.9, 0.1]))),
            (fact(3, "Peanuts are the worst.", Kind::Health), Some(vector([1.0, 0.0]))),
        ]);
        let meant = vector([1.0, 0.0]);
        let chosen = known.choose("what may I eat", Some(&meant));
        assert_eq!(texts(&chosen), ["Peanuts are the worst.", "Nuts make me ill."]);
        assert!(known.choose("what may I eat", None).is_empty(), "no word is shared");
    }

    #[test]
    fn a_fact_that_the_model_has_not_read_is_found_by_its_words() {
        let mut old = vector([1.0, 0.0]);
        old.model = "older@1".to_owned();
        let known = Known::new(vec![
            (fact(1, "Rex is my dog.", Kind::Other), None),
            (fact(2, "Rex is afraid of cats.", Kind::Other), Some(old)),
        ]);
        let meant = vector([1.0, 0.0]);
        assert_eq!(known.choose("how is Rex", Some(&meant)).len(), 2);
        assert_eq!(known.unread("m@1", 9).len(), 2);
        assert_eq!(known.unread("m@1", 1).len(), 1);
        assert_eq!(known.unread("older@1", 9).len(), 1);
    }

    #[test]
    fn how_to_be_spoken_to_is_told_always_and_the_rest_within_bounds() {
        let wish = |n| (fact(n, "Short answers, please.", Kind::Preference), None);
        let long = "sleep ".repeat(80);
        let mut all: Vec<_> = (1..=5).map(wish).collect();
        all.extend((6..=20).map(|n| (fact(n, &long, Kind::Health), None)));
        let known = Known::new(all);
        assert_eq!(known.choose("nothing of that", None).len(), PREFERENCES);
        let chosen = known.choose("I sleep badly", None);
        assert_eq!(chosen.len(), MOST);
        assert!(chosen.iter().map(|fact| length(fact)).sum::<usize>() <= CHARS);
    }

    #[test]
    fn the_same_words_are_known_again() {
        let known = Known::new(vec![(fact(7, "I keep bees.", Kind::Other), None)]);
        assert_eq!(known.has("i keep BEES."), Some(Uuid::from_u128(7).into()));
        assert_eq!(known.has("I keep cows."), None);
    }

    proptest! {
        #[test]
        fn the_product_is_that_of_the_plain_sum(
            pairs in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 0..40),
        ) {
            let (one, other): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
            let plain: f32 = pairs.iter().map(|(a, b)| a * b).sum();
            prop_assert!((product(&one, &other) - plain).abs() < 1e-4);
        }
    }
}
