//! What goes in and what comes out.

use crate::{kind::Kind, language::Language};
use serde::{Deserialize, Serialize};

/// The level from which help is offered gently.
pub const SUPPORT: f32 = 3.0;
/// The level from which crisis care answers.
pub const ALERT: f32 = 7.0;
/// The level from which danger is taken to be imminent.
pub const IMMINENT: f32 = 9.0;

/// A text to look at.
#[derive(Clone, Copy, Debug)]
pub struct Message<'t> {
    /// What was written
    pub text: &'t str,
    /// The language, if the person chose one
    pub language: Option<Language>,
}

impl<'t> Message<'t> {
    /// A text in a language that is not known.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, language: None }
    }
}

/// Who said something in a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person
    User,
    /// Salus
    Assistant,
}

/// Something that was said before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// Who said it
    pub role: Role,
    /// What was said
    pub text: String,
}

/// Whom an answer should be written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The person speaks about themselves
    Myself,
    /// Someone is worried about someone else
    WorriedAboutOther,
    /// Someone lost a person
    Bereaved,
    /// Someone asks because of their work
    Professional,
}

/// A direct question that was asked last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// About thoughts of suicide or of hurting oneself
    Suicide,
    /// About a plan, means or a time
    Plan,
    /// Whether the person is safe
    Safe,
}

/// What is remembered of a conversation: never a word of it.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The level after the last message, which fades slowly
    pub level: f32,
    /// The direct question that was asked last and not answered yet
    pub asked: Option<Question>,
    /// How often a direct question was answered with no
    pub denials: u8,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one of the answers")]
pub struct Assessment {
    /// From 0 to 10
    pub level: f32,
    /// Whether help should be offered gently
    pub support: bool,
    /// Whether crisis care should answer
    pub alert: bool,
    /// Whether danger seems imminent
    pub imminent: bool,
    /// Whether words of danger were found, whatever they mean
    pub keywords: bool,
    /// The feeling of the words, from -1 to 1
    pub sentiment: f32,
    /// How much despair speaks from them, from 0 to 1
    pub despair: f32,
    /// Whom to answer
    pub audience: Audience,
    /// The language that was recognised, if one was
    pub language: Option<Language>,
    /// What was found, the most serious first
    pub kinds: Vec<Kind>,
    /// The rules that were found
    pub rules: Vec<String>,
    /// What to remember for the next message
    pub memory: Memory,
}
