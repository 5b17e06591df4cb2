//! Conversations as files: our own form, and the export of `ChatGPT`. No I/O.
//!
//! A file may hold anything. Trees may have cycles, parents that are not there and messages that
//! are there twice; what comes out is a tree whose messages stand after what they follow.

mod chatgpt;
mod own;

#[cfg(test)]
mod tests;

pub(crate) use own::{END, START, head, message};

use crate::model::{ANSWER_BYTES, Author, MESSAGES, title};
use kernel::{Phi, Timestamp};
use llm::Image;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many conversations a file may have.
pub(crate) const CONVERSATIONS: usize = 10_000;

/// Why a file or a conversation of it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON, or too deep.
    #[error("line {0}: not JSON as far as it was read")]
    Json(usize),
    /// It is neither of the two forms.
    #[error("neither conversations of Salus nor the conversations.json of a ChatGPT export")]
    Form,
    /// A newer program wrote it.
    #[error("the file was written by a newer Salus")]
    Newer,
    /// It has too many conversations.
    #[error("at most {CONVERSATIONS} conversations")]
    TooMany,
    /// One of them has too many messages.
    #[error("at most {MESSAGES} messages in a conversation")]
    TooLong,
    /// One of them has no words at all.
    #[error("there is nothing in it")]
    Empty,
}

/// A conversation of a file.
pub(crate) struct Portable {
    /// What the file calls it.
    pub(crate) id: String,
    pub(crate) title: Option<Phi<String>>,
    pub(crate) model: Option<String>,
    pub(crate) archived: bool,
    pub(crate) created_at: Timestamp,
    /// The last message of the branch that is shown, as a place in `messages`.
    pub(crate) leaf: usize,
    /// Each stands after the one that it follows.
    pub(crate) messages: Vec<PortableMessage>,
}

/// A message of a file.
pub(crate) struct PortableMessage {
    /// What the file calls it.
    pub(crate) id: String,
    /// The place of the one that it follows.
    pub(crate) parent: Option<usize>,
    pub(crate) author: Author,
    pub(crate) text: Phi<String>,
    pub(crate) pictures: Vec<Image>,
    pub(crate) model: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// A message as it stands in a file, before it has its place.
struct Loose {
    id: String,
    parent: Option<String>,
    /// Nothing where it is no message of a person or a model.
    said: Option<(Author, Phi<String>)>,
    pictures: Vec<Image>,
    model: Option<String>,
    created_at: Option<Timestamp>,
}

/// All conversations of a file, each by itself.
pub(crate) fn read(file: &[u8]) -> Result<Vec<Result<Portable, Unreadable>>, Unreadable> {
    let value: Value =
        serde_json::from_slice(file).map_err(|error| Unreadable::Json(error.line()))?;
    let found = match value {
        Value::Array(all) => bounded(all)?.into_iter().map(chatgpt::conversation).collect(),
        Value::Object(mut object) => {
            match object.get("salus_conversations").and_then(Value::as_u64) {
                Some(1) => {}
                Some(_) => return Err(Unreadable::Newer),
                None => return Err(Unreadable::Form),
            }
            let Some(Value::Array(all)) = object.remove("conversations") else {
                return Err(Unreadable::Form);
            };
            bounded(all)?.into_iter().map(own::conversation).collect()
        }
        _ => return Err(Unreadable::Form),
    };
    Ok(found)
}

fn bounded(all: Vec<Value>) -> Result<Vec<Value>, Unreadable> {
    if all.len() > CONVERSATIONS { Err(Unreadable::TooMany) } else { Ok(all) }
}

/// A title, if it can be one.
fn titled(value: Option<Value>) -> Option<Phi<String>> {
    match value {
        Some(Value::String(text)) => title(Phi::new(text)).ok(),
        _ => None,
    }
}

/// Messages in an order in which each stands after what it follows, and where the leaf is.
fn hung(
    loose: Vec<Loose>,
    leaf: Option<&str>,
    begun: Timestamp,
) -> Result<(Vec<PortableMessage>, usize), Unreadable> {
    let most = usize::try_from(MESSAGES).unwrap_or(usize::MAX);
    // Nodes that say nothing stand between messages in some files.
    if loose.len() > most.saturating_mul(4) {
        return Err(Unreadable::TooLong);
    }
    let parents: HashMap<String, Option<String>> =
        loose.iter().map(|one| (one.id.clone(), one.parent.clone())).collect();
    let spoken: HashSet<String> =
        loose.iter().filter(|one| one.said.is_some()).map(|one| one.id.clone()).collect();
    let mut above = Above { parents: &parents, spoken: &spoken, known: HashMap::new() };
    let leaf = leaf.and_then(|leaf| above.nearest(leaf));
    let mut below: BTreeMap<Option<String>, Vec<Loose>> = BTreeMap::new();
    for one in loose.into_iter().filter(|one| one.said.is_some()) {
        let parent = one.parent.as_deref().and_then(|parent| above.nearest(parent));
        below.entry(parent.filter(|parent| *parent != one.id)).or_default().push(one);
    }
    let mut tree = Tree { begun, places: HashMap::new(), messages: Vec::new() };
    let mut next = vec![None];
    while let Some(parent) = next.pop() {
        for one in below.remove(&parent).unwrap_or_default() {
            next.push(Some(one.id.clone()));
            tree.hang(one, parent.as_deref());
        }
        // What is left hangs on itself: one of it begins anew.
        if next.is_empty()
            && let Some(key) = below.keys().next().cloned()
            && let Some(rest) = below.remove(&key)
        {
            below.entry(None).or_default().extend(rest);
            next.push(None);
        }
    }
    let Tree { places, messages, .. } = tree;
    match messages.len() {
        0 => Err(Unreadable::Empty),
        length if length > most => Err(Unreadable::TooLong),
        length => {
            let leaf = leaf.and_then(|leaf| places.get(&leaf).copied());
            Ok((messages, leaf.unwrap_or(length - 1)))
        }
    }
}

struct Tree {
    begun: Timestamp,
    places: HashMap<String, usize>,
    messages: Vec<PortableMessage>,
}

impl Tree {
    /// Puts a message after the one that it follows. One that is there already is left out, and
    /// one that is too long.
    fn hang(&mut self, one: Loose, parent: Option<&str>) {
        let Some((author, text)) = one.said else { return };
        // EXPOSE: only measured.
        if self.places.contains_key(&one.id) || text.expose().len() > ANSWER_BYTES {
            return;
        }
        let parent = parent.and_then(|parent| self.places.get(parent).copied());
        let after = parent.and_then(|parent| self.messages.get(parent));
        let after = after
            .map_or(self.begun, |above| above.created_at.plus(std::time::Duration::from_micros(1)));
        let created_at = one.created_at.map_or(after, |at| at.max(after));
        self.places.insert(one.id.clone(), self.messages.len());
        let Loose { id, pictures, model, .. } = one;
        let message = PortableMessage { id, parent, author, text, pictures, model, created_at };
        self.messages.push(message);
    }
}

/// Finds the nearest message at or above a place.
struct Above<'a> {
    parents: &'a HashMap<String, Option<String>>,
    spoken: &'a HashSet<String>,
    known: HashMap<String, Option<String>>,
}

impl Above<'_> {
    fn nearest(&mut self, start: &str) -> Option<String> {
        let (mut at, mut passed) = (Some(start.to_owned()), Vec::new());
        let mut seen = HashSet::new();
        let found = loop {
            let Some(here) = at else { break None };
            if self.spoken.contains(&here) {
                break Some(here);
            }
            if let Some(known) = self.known.get(&here) {
                break known.clone();
            }
            if !seen.insert(here.clone()) {
                break None;
            }
            at = self.parents.get(&here).cloned().flatten();
            passed.push(here);
        };
        for place in passed {
            self.known.insert(place, found.clone());
        }
        found
    }
}
