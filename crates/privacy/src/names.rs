//! Names of people: those that are known, those that a cue gives away, and common given names.

mod common;

use crate::{
    Hidden, Kind, Span,
    words::{Words, is_capitalised},
};
use common::{CUES, GIVEN, NOT_NAMES, RELATIONS, TITLES};
use kernel::Phi;
use std::collections::HashSet;

/// The most words of one name.
const LONGEST: usize = 4;

/// Names that are known.
pub(crate) struct Names {
    /// Words of names, in lower case: taken out wherever they stand.
    own: HashSet<Hidden>,
    /// Words that were found to be names in this conversation: taken out with a capital.
    heard: HashSet<Hidden>,
}

impl Names {
    pub(crate) fn of(own: &[Phi<String>]) -> Self {
        let mut words = HashSet::new();
        for name in own {
            // EXPOSE: taken apart into words, which are as sensitive.
            for word in Words::of(name.expose()).lower {
                if word.chars().count() > 1 {
                    words.insert(Hidden(word));
                }
            }
        }
        Self { own: words, heard: HashSet::new() }
    }

    /// The names in a text. What is found here is a name from now on.
    pub(crate) fn find(&mut self, words: &Words<'_>) -> Vec<Span> {
        // A name may be given away only later in the text.
        let mut at = 0;
        while at < words.len() {
            let end = given_away(words, at).unwrap_or(at);
            for place in at..end {
                self.heard.insert(Hidden(words.lower(place).to_owned()));
            }
            at = end.max(at + 1);
        }
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let mut end = at;
            while end - at < LONGEST
                && (end == at || words.is_near(end))
                && self.is_name(words, end)
            {
                end += 1;
            }
            if let (true, Some(first), Some(last)) =
                (end > at, words.get(at), words.get(end.saturating_sub(1)))
            {
                found.push(Span { from: first.from, to: last.to, kind: Kind::Name });
            }
            at = end.max(at + 1);
        }
        found
    }

    fn is_name(&self, words: &Words<'_>, at: usize) -> bool {
        let Some(word) = words.get(at) else { return false };
        let lower = words.lower(at);
        // Anna's is Anna.
        let bare = lower.strip_suffix("'s").or(lower.strip_suffix("’s")).unwrap_or(lower);
        if self.own.contains(bare) {
            return true;
        }
        if !word.text.chars().next().is_some_and(char::is_uppercase) {
            return false;
        }
        self.heard.contains(bare)
            || self.heard.contains(lower)
            || GIVEN.contains(bare)
            || is_family_name(words, at)
            || in_pair(words, at)
    }
}

/// Whether the word follows a given name and has a capital.
fn is_family_name(words: &Words<'_>, at: usize) -> bool {
    at > 0
        && words.is_near(at)
        && words.get(at).is_some_and(|word| is_capitalised(word.text))
        && GIVEN.contains(words.lower(at - 1))
        && words.get(at - 1).is_some_and(|word| is_capitalised(word.text))
        && !NOT_NAMES.contains(&words.lower(at))
}

/// Whether the word is one of two with a capital in the middle of a sentence. Not where every
/// noun has a capital.
fn in_pair(words: &Words<'_>, at: usize) -> bool {
    let capital = |at: usize| {
        words.get(at).is_some_and(|word| is_capitalised(word.text))
            && !NOT_NAMES.contains(&words.lower(at))
    };
    let pair = |first: usize| {
        capital(first)
            && capital(first + 1)
            && words.is_near(first + 1)
            && !words.begins_sentence(first)
    };
    !words.german && capital(at) && (pair(at) || (at > 0 && pair(at - 1)))
}

/// Where a name that begins here ends, if what stands before gives it away.
fn given_away(words: &Words<'_>, at: usize) -> Option<usize> {
    let follows = |cue: &[&str]| {
        at.checked_sub(cue.len()).is_some_and(|from| words.are(from, cue) && words.is_near(at))
    };
    let after_cue = CUES.iter().any(|cue| follows(cue));
    let before = at.checked_sub(1).map(|before| words.lower(before)).unwrap_or_default();
    let after_title = TITLES.contains(&before)
        && words.get(at).is_some_and(|word| matches!(word.before, " " | ". " | "."));
    let after_relation = RELATIONS.contains(&before) && words.is_near(at);
    if !(after_cue || after_title || after_relation) {
        return None;
    }
    let is_part = |place: usize| {
        let capital = words.get(place).is_some_and(|word| is_capitalised(word.text));
        // People write their own names in small letters too.
        let small = place == at && after_cue && !NOT_NAMES.contains(&words.lower(place));
        (capital || small) && !NOT_NAMES.contains(&words.lower(place))
    };
    let mut end = at;
    while end - at < LONGEST && (end == at || words.is_near(end)) && is_part(end) {
        end += 1;
    }
    (end > at).then_some(end)
}
