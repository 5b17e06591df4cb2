//! The languages that providers speak: how a question is written and an answer is read.
//!
//! Unknown fields and events are skipped, so that a provider may add some. What is known must
//! fit; an answer that ends without its end is an error in every language.

mod anthropic;
mod anthropic_request;
mod chat;
mod chat_request;
pub(crate) mod failure;
mod lists;
mod ollama;
mod pieces;
mod responses;
mod responses_request;
mod strict;
mod tags;

#[cfg(test)]
mod tests;

use crate::{
    chat::{ChatRequest, EmbedRequest, Image},
    error::LlmError,
    event::Embeddings,
    model::{Location, Model, ProviderId},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{header, request::Builder};
use kernel::Secret;
pub(crate) use pieces::Pieces;
use serde_json::{Value, json};

/// A language, with the peculiarities of those who speak it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Chat Completions, as OpenAI and very many others speak it.
    OpenAiChat,
    /// Responses, OpenAI's newer one.
    OpenAiResponses,
    /// Anthropic's Messages.
    Anthropic,
    /// Chat Completions as LM Studio speaks it.
    LmStudio,
    /// Ollama's own.
    Ollama,
}

/// Reads an answer.
pub(crate) trait Decode: Send {
    /// One event of a stream: its name, if the language names events, and its data.
    fn event(&mut self, name: &[u8], data: &[u8], out: &mut Pieces) -> Result<(), LlmError>;

    /// The stream has ended; an answer that is not complete is an error.
    fn end(&mut self, out: &mut Pieces) -> Result<(), LlmError>;

    /// An answer that came in one piece.
    fn whole(&mut self, data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        self.event(b"", data, out)?;
        self.end(out)
    }
}

impl Dialect {
    /// Whether streams are lines of JSON instead of server-sent events.
    pub(crate) const fn streams_lines(self) -> bool {
        matches!(self, Self::Ollama)
    }

    /// The address without what `chat_path` and the others add themselves.
    pub(crate) fn root(self, url: &str) -> &str {
        let url = url.trim_end_matches('/');
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => url,
            Self::Anthropic | Self::LmStudio | Self::Ollama => {
                url.strip_suffix("/v1").or(url.strip_suffix("/api")).unwrap_or(url)
            }
        }
    }

    pub(crate) const fn chat_path(self) -> &'static str {
        match self {
            Self::OpenAiChat => "/chat/completions",
            Self::OpenAiResponses => "/responses",
            Self::Anthropic => "/v1/messages",
            Self::LmStudio => "/v1/chat/completions",
            Self::Ollama => "/api/chat",
        }
    }

    pub(crate) const fn models_path(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => "/models",
            Self::Anthropic => "/v1/models?limit=1000",
            Self::LmStudio => "/api/v0/models",
            Self::Ollama => "/api/tags",
        }
    }

    pub(crate) const fn embed_path(self) -> Result<&'static str, LlmError> {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => Ok("/embeddings"),
            Self::LmStudio => Ok("/v1/embeddings"),
            Self::Ollama => Ok("/api/embed"),
            Self::Anthropic => Err(LlmError::Unsupported("embeddings")),
        }
    }

    /// The headers of every request.
    pub(crate) fn headers(self, mut head: Builder, key: Option<&Secret<String>>) -> Builder {
        head = head.header(header::CONTENT_TYPE, "application/json");
        if self == Self::Anthropic {
            head = head.header("anthropic-version", "2023-06-01");
        }
        let Some(key) = key else { return head };
        // EXPOSE: the key goes to its provider. The header is marked so that nothing prints it.
        let (name, text) = match self {
            Self::Anthropic => ("x-api-key", key.expose().clone()),
            Self::OpenAiChat | Self::OpenAiResponses | Self::LmStudio | Self::Ollama => {
                ("authorization", format!("Bearer {}", key.expose()))
            }
        };
        match header::HeaderValue::try_from(text) {
            Ok(mut value) => {
                value.set_sensitive(true);
                head.header(name, value)
            }
            Err(_) => head,
        }
    }

    /// The body of a question.
    pub(crate) fn ask(self, request: &ChatRequest, stream: bool) -> Result<Vec<u8>, LlmError> {
        let body = match self {
            Self::OpenAiChat => chat_request::body(request, stream, "max_completion_tokens"),
            Self::LmStudio => chat_request::body(request, stream, "max_tokens"),
            Self::OpenAiResponses => responses_request::body(request, stream),
            Self::Anthropic => anthropic_request::body(request, stream),
            Self::Ollama => ollama::body(request, stream),
        };
        serde_json::to_vec(&body)
            .map_err(|_| LlmError::Unsupported("the question cannot be written"))
    }

    /// What reads the answer to this question.
    pub(crate) fn decoder(self, request: &ChatRequest, location: Location) -> Box<dyn Decode> {
        match self {
            Self::OpenAiChat | Self::LmStudio => {
                Box::new(chat::ChatDecoder::new(request, location == Location::Local))
            }
            Self::OpenAiResponses => Box::new(responses::ResponsesDecoder::default()),
            Self::Anthropic => Box::new(anthropic::AnthropicDecoder::new(request)),
            Self::Ollama => Box::new(ollama::OllamaDecoder::new(request)),
        }
    }

    /// Reads a list of models.
    pub(crate) fn models(
        self,
        body: &[u8],
        provider: &ProviderId,
        location: Location,
    ) -> Result<Vec<Model>, LlmError> {
        lists::models(self, body, provider, location)
    }

    /// Where to ask for more about a model, if the list does not say what it can do.
    pub(crate) const fn about_path(self) -> Option<&'static str> {
        match self {
            Self::Ollama => Some("/api/show"),
            Self::OpenAiChat | Self::OpenAiResponses | Self::Anthropic | Self::LmStudio => None,
        }
    }

    /// Reads more about a model.
    pub(crate) fn about(self, body: &[u8], model: &mut Model) {
        if self == Self::Ollama {
            lists::about(body, model);
        }
    }

    /// The body of a request for vectors.
    pub(crate) fn ask_vectors(self, request: &EmbedRequest) -> Result<Vec<u8>, LlmError> {
        // EXPOSE: these texts are what is sent.
        let inputs: Vec<&str> = request.inputs.iter().map(|text| text.expose().as_str()).collect();
        let mut body = json!({"model": request.model, "input": inputs});
        if self != Self::Ollama {
            set(&mut body, "encoding_format", Some("float"));
        }
        set(&mut body, "dimensions", request.dimensions);
        serde_json::to_vec(&body)
            .map_err(|_| LlmError::Unsupported("the question cannot be written"))
    }

    /// Reads vectors.
    pub(crate) fn vectors(self, body: &[u8], wanted: usize) -> Result<Embeddings, LlmError> {
        lists::vectors(self, body, wanted)
    }
}

/// What a last piece without its end means: that it was cut off, not that it is wrong.
pub(crate) fn cut_off(error: LlmError) -> LlmError {
    if matches!(error, LlmError::Malformed(_)) { LlmError::Truncated } else { error }
}

/// Sets a field, unless there is nothing to set it to.
pub(crate) fn set<T: serde::Serialize>(body: &mut Value, name: &str, value: Option<T>) {
    let value = value.and_then(|value| serde_json::to_value(value).ok());
    if let (Some(map), Some(value)) = (body.as_object_mut(), value) {
        map.insert(name.to_owned(), value);
    }
}

/// A temperature as people write it: 0.7 and not 0.699999988079071.
fn decimal(value: f32) -> f64 {
    (f64::from(value) * 1e4).round() / 1e4
}

fn base64_of(image: &Image) -> String {
    // EXPOSE: the picture is what is sent.
    STANDARD.encode(image.bytes.expose())
}

fn data_url(image: &Image) -> String {
    format!("data:{};base64,{}", image.format.media_type(), base64_of(image))
}

/// A count in an object of counts; nothing where it is missing or odd.
fn count(object: &Value, name: &str) -> Option<u64> {
    object.get(name).and_then(Value::as_u64)
}
