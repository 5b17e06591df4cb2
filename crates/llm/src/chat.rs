//! What a model is asked.
//!
//! Everything that a person or a model said is [`Phi`]; names, limits and schemas are not.

use kernel::Phi;
use serde_json::Value;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The rules that the model is given; the person does not see them.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A picture's format; others are refused before they get here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// GIF, of which models see the first frame.
    Gif,
}

impl ImageFormat {
    /// The format of this name, if it is one that models are shown.
    #[must_use]
    pub fn of_media_type(name: &str) -> Option<Self> {
        let all = [Self::Jpeg, Self::Png, Self::Webp, Self::Gif];
        all.into_iter().find(|format| format.media_type() == name)
    }

    /// As providers name it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// A picture in a message. It is always sent along; no provider is made to fetch an address.
#[derive(Clone)]
pub struct Image {
    /// What the bytes are.
    pub format: ImageFormat,
    /// The file.
    pub bytes: Phi<Vec<u8>>,
}

/// A model wants a tool to be run.
#[derive(Clone)]
pub struct ToolCall {
    /// The name of this call, which its result repeats.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// A JSON object as text; `{}` where the model sent nothing. Not yet checked against the
    /// schema of the tool.
    pub arguments: Phi<String>,
}

/// What came out of a tool.
#[derive(Clone)]
pub struct ToolResult {
    /// Which call it answers.
    pub call_id: String,
    /// What the model is told.
    pub text: Phi<String>,
    /// The tool did not work; the text says why.
    pub failed: bool,
}

/// What a model thought before it answered. It goes back unchanged to the same provider in the
/// turns of a tool call, and to no other.
#[derive(Clone)]
pub struct Thought {
    /// What may be shown; empty where the provider keeps it to itself.
    pub text: Phi<String>,
    /// The provider's own proof or sealed form of it.
    pub seal: Option<Phi<String>>,
}

/// A piece of a message.
#[derive(Clone)]
pub enum Part {
    /// Words.
    Text(Phi<String>),
    /// A picture; only for models that see.
    Image(Image),
    /// A thought, in a message of the model.
    Thought(Thought),
    /// A wish for a tool, in a message of the model.
    ToolCall(ToolCall),
    /// What came out of a tool, in a message of the person.
    ToolResult(ToolResult),
}

/// One message.
#[derive(Clone)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of words only.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text(Phi::new(text.into()))] }
    }
}

/// A tool that a model may ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Letters, digits, underscores and dashes, at most 64.
    pub name: String,
    /// When to use it, for the model.
    pub description: String,
    /// The JSON Schema of its arguments: an object.
    pub parameters: Value,
}

/// Whether a model has to use a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As the model likes.
    #[default]
    Auto,
    /// None this time, though some are listed.
    Never,
    /// One of them.
    Required,
    /// This one.
    Named(String),
}

/// How freely a model chooses its words. What is not set is left to the provider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    /// 0 to 2; higher is freer.
    pub temperature: Option<f32>,
    /// 0 to 1.
    pub top_p: Option<f32>,
    /// For answers that can be had again, where a provider does that.
    pub seed: Option<u32>,
    /// Texts at which to stop.
    pub stop: Vec<String>,
}

/// The shape of the answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Format {
    /// Words.
    #[default]
    Text,
    /// Some JSON object.
    Json,
    /// JSON of this schema.
    Schema {
        /// A name for the schema: letters, digits, underscores and dashes.
        name: String,
        /// The JSON Schema.
        schema: Value,
    },
}

/// How long a model may think first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reasoning {
    /// As the provider does it.
    #[default]
    Default,
    /// As little as can be.
    Off,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// A lot.
    High,
}

/// One question to a model.
#[derive(Clone, Default)]
pub struct ChatRequest {
    /// The model, as its provider calls it: the name in a [`crate::ModelId`].
    pub model: String,
    /// The conversation so far. What stays the same from turn to turn comes first, so that
    /// providers can keep it in their caches.
    pub messages: Vec<Message>,
    /// The tools that may be asked for.
    pub tools: Vec<Tool>,
    /// Whether one has to be used.
    pub tool_choice: ToolChoice,
    /// How freely words are chosen.
    pub sampling: Sampling,
    /// The most tokens of an answer, thoughts included.
    pub max_tokens: Option<u32>,
    /// The shape of the answer.
    pub format: Format,
    /// How long to think.
    pub reasoning: Reasoning,
    /// How many messages from the first on will be the same in the next question. A provider that
    /// must be told what to keep in its cache is told this.
    pub stable_prefix: usize,
    /// What the person who asks is called. No provider is told; a gate leaves it out of the rest.
    pub names: Vec<Phi<String>>,
    /// The language to answer in, such as `de` or `hi-Latn`, for the built-in companion. Models
    /// are told by a system message.
    pub language: Option<String>,
}

impl ChatRequest {
    /// A question of this conversation to this model.
    #[must_use]
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Self { model: model.into(), messages, ..Self::default() }
    }

    /// Whether a picture is among the messages.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.messages.iter().flat_map(|message| &message.parts).any(|p| matches!(p, Part::Image(_)))
    }
}

/// Texts whose meaning is wanted as numbers.
#[derive(Clone)]
pub struct EmbedRequest {
    /// The model, as its provider calls it.
    pub model: String,
    /// The texts.
    pub inputs: Vec<Phi<String>>,
    /// How long each vector shall be, where the model leaves a choice.
    pub dimensions: Option<u32>,
    /// What the person whose texts they are is called. No provider is told.
    pub names: Vec<Phi<String>>,
}
