//! Conversations and messages, and the rules on them.

mod key;
mod picture;
mod tally;
mod tool;

pub use key::{ApiKey, KEYS, KeyId, KeyLimits, NAME_CHARS, Scope, Scopes};
pub use picture::{PICTURES, PICTURES_BYTES, Picture, PictureId, picture, pictures};
pub use tally::Tally;
pub use tool::{Decided, Decision, TOOL_ROUNDS, TOOL_USES, ToolState, ToolUse};

use crate::guard::Contact;
use kernel::{Phi, Timestamp, typed_id};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

typed_id! {
    /// A conversation.
    ConversationId
}
typed_id! {
    /// A message; an answer's id also names the stream in which it is written.
    MessageId
}

/// The longest title.
pub const TITLE_CHARS: usize = 200;
/// The longest text to search for.
pub const SEARCH_CHARS: usize = 200;
/// The longest message of a person, in bytes.
pub const MESSAGE_BYTES: usize = 32 * 1024;
/// The longest answer that is kept, in bytes of words and thoughts together.
pub const ANSWER_BYTES: usize = 512 * 1024;
/// How many messages a conversation may have, over all branches.
pub const MESSAGES: u64 = 5_000;

/// A rule that a message or a title breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is nothing in it.
    #[error("content: must not be empty where no picture comes with it")]
    Empty,
    /// It is too long.
    #[error("content: at most {MESSAGE_BYTES} bytes")]
    TooLong,
    /// The title is empty, too long or not one line.
    #[error("title: one line of 1 to {TITLE_CHARS} characters")]
    Title,
    /// The words to search for are too many.
    #[error("words: at most {SEARCH_CHARS} characters")]
    Search,
    /// Only what a person wrote can be answered or written anew.
    #[error("message: must be one of yours")]
    NotOwn,
    /// The message that is answered belongs to another conversation, or is still being written.
    #[error("parent_id: must be a finished message of this conversation")]
    Parent,
    /// Both a new message and one to be answered, or neither.
    #[error("content or reply_to: one of them")]
    OneOf,
    /// The pictures are too many or too large.
    #[error("pictures: at most {PICTURES}, and {PICTURES_BYTES} bytes together")]
    Pictures,
    /// What was sent as a picture is none.
    #[error("pictures: must be JPEG, PNG, WebP or GIF in Base64, as media_type says")]
    NoPicture,
    /// Pictures go to no provider elsewhere, and no model here can look at them.
    #[error("pictures: no model of this house that you may use can look at them")]
    NobodySees,
    /// A field of a program's question breaks a rule, which this names.
    #[error("{0}")]
    Field(&'static str),
    /// What keeps something is agreed to each time.
    #[error("decision: this tool asks each time")]
    NotAlways,
    /// The name of a key is empty, too long or not one line.
    #[error("name: one line of 1 to {NAME_CHARS} characters")]
    KeyName,
    /// A key that is good for nothing.
    #[error("scopes: at least one")]
    NoScope,
    /// A key that ended before it began, or in more than ten years.
    #[error("expires_at: from now on, up to ten years from now")]
    Expiry,
    /// No model is called so.
    #[error("model: looks like provider/name")]
    Model,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The person.
    Person,
    /// A model, or this program in its place.
    Companion,
}

/// How far a message has come. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A model is writing it.
    Running,
    /// It is whole.
    Done,
    /// The person stopped it; what was written by then is kept.
    Stopped,
    /// Something failed; what was written by then is kept.
    Failed,
}

impl State {
    /// The stored number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Running => 0,
            Self::Done => 1,
            Self::Stopped => 2,
            Self::Failed => 3,
        }
    }

    /// The state with this number.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Running),
            1 => Some(Self::Done),
            2 => Some(Self::Stopped),
            3 => Some(Self::Failed),
            _ => None,
        }
    }
}

/// What the guard found in a message, as it is kept: never the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// From 0 to 10.
    #[serde(rename = "l")]
    pub level: u8,
    /// Help was put within reach.
    #[serde(rename = "s")]
    pub support: bool,
    /// Help came first.
    #[serde(rename = "a")]
    pub alert: bool,
    /// Why, as names of rules.
    #[serde(rename = "r", default)]
    pub rules: Vec<String>,
    /// What was said about it, as names of paragraphs: others are taken next time.
    #[serde(rename = "p", default)]
    pub shown: Vec<String>,
}

/// What was said about danger, and whom it named, as it was shown. It is kept sealed with its answer,
/// so that whoever comes back sees what they saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The words.
    #[serde(rename = "m", default)]
    pub message: Option<String>,
    /// Whom to turn to.
    #[serde(rename = "c", default)]
    pub contacts: Vec<Contact>,
}

impl Shown {
    /// About how many bytes it is.
    pub(crate) fn len(&self) -> usize {
        let of_contact = |contact: &Contact| {
            let Contact { name, by, at, hours } = contact;
            name.len() + by.len() + at.len() + hours.as_ref().map_or(0, String::len) + 64
        };
        let words = self.message.as_ref().map_or(0, String::len);
        words + self.contacts.iter().map(of_contact).sum::<usize>()
    }
}

/// Why an answer broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    #[serde(rename = "c")]
    pub code: String,
    /// Whether the same may work later.
    #[serde(rename = "r")]
    pub retryable: bool,
    /// In how many seconds, where that was said.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// Why it is said that an AI answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatNoticeKind)]
pub enum NoticeKind {
    /// A conversation begins, or is taken up again.
    Begins,
    /// A conversation has gone on for long: a break may do good.
    GoesOn,
}

/// That an AI answers, as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChatNotice)]
pub struct Notice {
    /// Why.
    pub kind: NoticeKind,
    /// The words.
    pub text: String,
}

/// What is in a message.
#[derive(Clone, Default)]
pub struct Body {
    /// The words.
    pub text: Phi<String>,
    /// The pictures that came with them.
    pub pictures: Vec<Picture>,
    /// What the model thought, where it tells.
    pub reasoning: Phi<String>,
    /// The model would not answer; the words say so.
    pub refused: bool,
    /// The model that wrote it, `provider/name`.
    pub model: Option<String>,
    /// Why that model, in a word.
    pub chosen: Option<String>,
    /// What it used.
    pub tally: Option<Tally>,
    /// What the guard found.
    pub safety: Option<Safety>,
    /// What was shown about it.
    pub help: Option<Shown>,
    /// That an AI answers, where it was time to say so.
    pub notice: Option<Notice>,
    /// Why it broke off.
    pub failure: Option<Failure>,
    /// How it ended where it came to its end, in a word.
    pub finish: Option<String>,
    /// Which facts about the person the model was told, or were kept because of the message.
    pub memories: Vec<Uuid>,
    /// The tools that were asked for, in order.
    pub tools: Vec<ToolUse>,
}

impl Body {
    /// What a person wrote, if it can be taken. Pictures may come without words.
    pub fn of_person(text: Phi<String>, has_pictures: bool) -> Result<Self, Invalid> {
        // EXPOSE: looked at, not kept.
        let words = text.expose();
        if words.trim().is_empty() && !has_pictures {
            return Err(Invalid::Empty);
        }
        if words.len() > MESSAGE_BYTES {
            return Err(Invalid::TooLong);
        }
        Ok(Self { text, ..Self::default() })
    }

    /// The answer has ended: what still waits or runs will not come.
    pub(crate) fn lapse(&mut self) {
        for used in &mut self.tools {
            if matches!(used.state, ToolState::Waiting | ToolState::Running) {
                used.state = ToolState::Expired;
            }
        }
    }
}

/// One message.
#[derive(Clone)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The message that it follows.
    pub parent: Option<MessageId>,
    /// Who wrote it.
    pub author: Author,
    /// How far it has come.
    pub state: State,
    /// When it was begun.
    pub created_at: Timestamp,
    /// What is in it.
    pub body: Body,
}

impl Message {
    /// The moment of a message that follows this one: later than it, whatever clocks say, so that
    /// lists by time show a branch in its order.
    #[must_use]
    pub fn followed_at(&self, now: Timestamp) -> Timestamp {
        now.max(self.created_at.plus(Duration::from_micros(1)))
    }
}

/// A conversation without its messages.
#[derive(Clone)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its title; empty until something was said.
    pub title: Phi<String>,
    /// The model that was chosen for it.
    pub model: Option<String>,
    /// Tools that models may use in it without asking the person each time.
    pub always: Vec<String>,
    /// Put away.
    pub archived: bool,
    /// How many messages it has, over all branches.
    pub messages: u64,
    /// The last message of the branch that is shown.
    pub leaf: Option<MessageId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something was last said or changed.
    pub updated_at: Timestamp,
    /// Counts changes, from 1.
    pub version: u64,
}

/// A title that a person gives.
pub fn title(text: Phi<String>) -> Result<Phi<String>, Invalid> {
    // EXPOSE: looked at, not kept.
    let words = text.expose();
    let fits = (1..=TITLE_CHARS).contains(&words.chars().count())
        && !words.trim().is_empty()
        && !words.chars().any(char::is_control);
    if fits { Ok(text) } else { Err(Invalid::Title) }
}

/// A title out of the first words of a message: whole words, up to about 60 letters.
#[must_use]
pub fn title_from(text: &Phi<String>) -> Phi<String> {
    const LETTERS: usize = 60;
    let mut title = String::with_capacity(4 * LETTERS);
    // EXPOSE: becomes a title, which is as sensitive.
    for word in text.expose().split_whitespace() {
        let length = title.chars().count();
        if length > 0 && length + word.chars().count() >= LETTERS {
            title.push('…');
            break;
        }
        if length > 0 {
            title.push(' ');
        }
        title.extend(word.chars().filter(|letter| !letter.is_control()).take(LETTERS));
    }
    Phi::new(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_is_made_of_whole_words() {
        let from = |text: &str| title_from(&Phi::new(text.to_owned())).expose().clone();
        assert_eq!(from("  I can't\nsleep "), "I can't sleep");
        let long = from(&"restless ".repeat(20));
        assert!(long.ends_with("restless…"), "{long}");
    }

    proptest! {
        #[test]
        fn a_title_that_was_made_is_one_that_can_be_given(text in "\\PC{1,400}") {
            let made = title_from(&Phi::new(text.clone()));
            prop_assert!(text.trim().is_empty() || title(made).is_ok());
        }
    }

    #[test]
    fn states_are_stored_as_they_always_were() {
        for (state, number) in
            [(State::Running, 0), (State::Done, 1), (State::Stopped, 2), (State::Failed, 3)]
        {
            assert_eq!((state.number(), State::from_number(number)), (number, Some(state)));
        }
        assert_eq!(State::from_number(4), None);
    }

    #[test]
    fn a_message_has_words_or_pictures_and_a_bound() {
        let check = |text: &str| Body::of_person(Phi::new(text.to_owned()), false).err();
        assert_eq!(check("hello"), None);
        assert_eq!(check(" \n"), Some(Invalid::Empty));
        assert!(Body::of_person(Phi::default(), true).is_ok(), "a picture alone");
        assert_eq!(check(&"x".repeat(MESSAGE_BYTES + 1)), Some(Invalid::TooLong));
    }
}
