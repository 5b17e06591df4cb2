//! Takes what points to a person out of a text, and puts it back into the answer.
//!
//! Names, addresses, e-mail and web addresses, telephone numbers, dates and numbers of documents
//! become placeholders such as `[NAME_1]`. What was the same stays the same, so that a model can
//! follow who is who; the same conversation gets the same placeholders each time.
//!
//! What always holds: putting back gives the text as it was, however the answer is cut into
//! pieces; a text that already looks like a placeholder comes back as it was; what was taken out
//! has no quotes, backslashes or control characters, so that it can be put back into JSON.
//!
//! What it does not do: it understands nothing. It knows forms, cues such as "my name is", common
//! given names of six languages, and the names that it is told, with what six languages add to a
//! name and however it is written. Someone whose name is none of these, in a sentence without a cue,
//! is not noticed; so this is one measure beside consent, and no promise of anonymity.

mod dates;
mod fold;
mod names;
mod numbers;
mod places;
mod restore;
mod words;

pub use restore::Restorer;

use kernel::Phi;
use std::{
    borrow::Borrow,
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};
use words::Words;
use zeroize::Zeroize;

/// More things than this are not taken out of one conversation.
const MOST: usize = 5_000;

/// What something is, as its placeholder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Name,
    Email,
    Web,
    Phone,
    Date,
    Number,
    Address,
    /// A text that looks like one of our placeholders.
    Text,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Name,
        Self::Email,
        Self::Web,
        Self::Phone,
        Self::Date,
        Self::Number,
        Self::Address,
        Self::Text,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::Email => "EMAIL",
            Self::Web => "WEB",
            Self::Phone => "PHONE",
            Self::Date => "DATE",
            Self::Number => "NUMBER",
            Self::Address => "ADDRESS",
            Self::Text => "TEXT",
        }
    }
}

/// A part of a text that is to be taken out, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: Kind,
}

/// There is more to take out than can be followed. Nothing may be sent then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is too much to take out of this conversation")]
pub struct TooMuch;

/// A text to be looked for, which never prints and is wiped in the end.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Hidden(String);

impl Borrow<str> for Hidden {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What was taken out of a conversation. It never prints any of it.
pub struct Veil {
    names: names::Names,
    /// The originals of each kind, in the order in which they came.
    taken: HashMap<Kind, Vec<Phi<String>>>,
    numbers: HashMap<Kind, HashMap<Hidden, usize>>,
    count: usize,
}

impl fmt::Debug for Veil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Veil").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Veil {
    /// For a person who has these names, and a conversation in which nothing was said yet.
    #[must_use]
    pub fn new(own_names: &[Phi<String>]) -> Self {
        let names = names::Names::of(own_names);
        Self { names, taken: HashMap::new(), numbers: HashMap::new(), count: 0 }
    }

    /// The text with placeholders. Texts are to be given in their order.
    pub fn cover(&mut self, text: &Phi<String>) -> Result<Phi<String>, TooMuch> {
        // EXPOSE: read to be taken apart; what comes out is kept as Phi again.
        let text = text.expose();
        let spans = self.find(text);
        let mut out = Phi::new(String::with_capacity(text.len() + 16));
        let mut at = 0;
        for Span { from, to, kind } in spans {
            let (Some(before), Some(found)) = (text.get(at..from), text.get(from..to)) else {
                continue;
            };
            let number = self.number(kind, found)?;
            let placeholder = format!("[{}_{number}]", kind.word());
            // EXPOSE: put together as Phi again.
            let out = out.expose_mut();
            out.push_str(before);
            out.push_str(&placeholder);
            at = to;
        }
        out.expose_mut().push_str(text.get(at..).unwrap_or_default());
        Ok(out)
    }

    /// How many different things were taken out.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Puts back what was taken out, in an answer that comes in pieces.
    #[must_use]
    pub fn restorer(self: &Arc<Self>) -> Restorer {
        Restorer::new(self.clone())
    }

    /// Puts back what was taken out, in a whole text.
    #[must_use]
    pub fn uncover(self: &Arc<Self>, text: &Phi<String>) -> Phi<String> {
        let mut restorer = self.restorer();
        let mut out = restorer.push(text);
        // EXPOSE: put together as Phi again.
        out.expose_mut().push_str(restorer.finish().expose());
        out
    }

    pub(crate) fn original(&self, kind: Kind, number: usize) -> Option<&Phi<String>> {
        self.taken.get(&kind)?.get(number.checked_sub(1)?)
    }

    fn number(&mut self, kind: Kind, found: &str) -> Result<usize, TooMuch> {
        let known = self.numbers.entry(kind).or_default();
        if let Some(number) = known.get(found) {
            return Ok(*number);
        }
        if self.count >= MOST {
            return Err(TooMuch);
        }
        self.count += 1;
        let all = self.taken.entry(kind).or_default();
        all.push(Phi::new(found.to_owned()));
        let number = all.len();
        known.insert(Hidden(found.to_owned()), number);
        Ok(number)
    }

    /// What is to be taken out: in order, and no two over each other.
    fn find(&mut self, text: &str) -> Vec<Span> {
        let words = Words::of(text);
        // What comes first wins where two want the same place.
        let mut found = restore::look_alikes(text);
        found.extend(numbers::addresses(text));
        found.extend(dates::dates(&words));
        found.extend(places::places(&words));
        found.extend(numbers::numbers(text));
        found.extend(self.names.find(&words));
        let mut spans: Vec<Span> = Vec::with_capacity(found.len());
        let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
        for span in found {
            let before = ends.range(..span.to).next_back();
            let free = before.is_none_or(|(_, end)| *end <= span.from);
            if free && span.from < span.to && is_harmless(text.get(span.from..span.to)) {
                ends.insert(span.from, span.to);
                spans.push(span);
            }
        }
        spans.sort_unstable_by_key(|span| span.from);
        spans
    }
}

/// Whether it can stand in JSON as it is.
fn is_harmless(found: Option<&str>) -> bool {
    found.is_some_and(|found| !found.chars().any(|c| c.is_control() || "\"\\".contains(c)))
}

#[cfg(test)]
mod tests;
