//! The built-in companion: the model `salus/companion`, which needs no model and no network.
//!
//! What always holds: an answer is a function of the conversation alone; it is never empty, never
//! the one before once more, and never longer than [`MAX_REPLY`]; it says openly what it is, and
//! nothing about medicines or diagnoses.
//!
//! What it does not do: it does not look for danger. Whoever calls it has done that before, and
//! does not ask it when there are signs of any.

mod reply;
mod state;
mod texts;

#[cfg(test)]
mod tests;

pub use reply::MAX_REPLY;

use crate::{
    chat::{ChatRequest, EmbedRequest, Part, Role},
    error::LlmError,
    estimate::Meter,
    event::{Embeddings, EventStream, Finish, StreamEvent, Usage},
    model::{Abilities, Location, Model, ModelId, Prices, ProviderId},
    provider::Provider,
};
use async_trait::async_trait;
use futures_util::stream;
use kernel::Phi;
use reply::reply;
use texts::Texts;

/// An exercise that the companion can lead through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its stable name.
    pub id: String,
    /// The language of its texts, such as `de` or `hi-latn`.
    pub language: String,
    /// Its name for people.
    pub title: String,
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// What it is for, by the names of topics: `sleep`, `worry`, `anger` …
    pub when: Vec<String>,
    /// When rather not; it is said before the first step.
    pub caution: Option<String>,
}

/// The texts that are built into the program cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the texts of the companion cannot be read: {0}")]
pub struct TextsUnreadable(String);

/// What was said, by whom.
pub(crate) struct Turn<'a> {
    pub by_person: bool,
    pub text: &'a str,
}

/// The companion.
pub struct Companion {
    id: ProviderId,
    texts: Vec<Texts>,
    skills: Vec<Skill>,
}

/// The name of the model, without that of its provider.
const NAME: &str = "companion";

impl Companion {
    /// Knows these exercises.
    pub fn new(skills: Vec<Skill>) -> Result<Self, TextsUnreadable> {
        let id = "salus".parse().map_err(|_| TextsUnreadable("name".to_owned()))?;
        Ok(Self { id, texts: texts::load()?, skills })
    }

    /// What it answers to this conversation.
    #[must_use]
    pub fn reply(&self, request: &ChatRequest) -> Phi<String> {
        let spoken: Vec<(bool, String)> = request
            .messages
            .iter()
            .filter(|message| message.role != Role::System)
            .map(|message| (message.role == Role::User, words(&message.parts)))
            .collect();
        let turns: Vec<Turn<'_>> =
            spoken.iter().map(|(by_person, text)| Turn { by_person: *by_person, text }).collect();
        let wanted = request.language.as_deref().unwrap_or("en").to_ascii_lowercase();
        let fits = |texts: &&Texts| {
            wanted == texts.language || wanted.split('-').next() == Some(texts.language.as_str())
        };
        let texts = self.texts.iter().find(fits).or(self.texts.first());
        Phi::new(texts.map_or_else(String::new, |texts| {
            let skills: Vec<&Skill> =
                self.skills.iter().filter(|skill| skill.language == texts.language).collect();
            reply(texts, &skills, &turns)
        }))
    }
}

fn words(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        // EXPOSE: read here, and answered as Phi.
        Part::Text(text) => Some(text.expose().as_str()),
        Part::Image(_) | Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[async_trait]
impl Provider for Companion {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        let id = ModelId::new(self.id.clone(), NAME).map_err(|_| LlmError::ModelNotFound)?;
        Ok(vec![Model {
            id,
            title: "Salus companion (no language model)".to_owned(),
            location: Location::Builtin,
            context: None,
            abilities: Abilities { chat: true, ..Abilities::default() },
            prices: Some(Prices::NOTHING),
        }])
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        if request.model != NAME {
            return Err(LlmError::ModelNotFound);
        }
        let reply = self.reply(request);
        // EXPOSE: cut into words, as Phi again.
        let mut pieces: Vec<StreamEvent> = reply
            .expose()
            .split_inclusive(' ')
            .map(|word| StreamEvent::Delta(Phi::new(word.to_owned())))
            .collect();
        let mut meter = Meter::new(request);
        for piece in &pieces {
            meter.see(piece);
        }
        pieces.push(StreamEvent::Usage(Usage { estimated: false, ..meter.usage() }));
        pieces.push(StreamEvent::Finish(Finish::Stop));
        Ok(Box::pin(stream::iter(pieces.into_iter().map(Ok))))
    }

    async fn embed(&self, _: &EmbedRequest) -> Result<Embeddings, LlmError> {
        Err(LlmError::Unsupported("embeddings"))
    }
}
