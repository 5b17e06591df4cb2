//! OpenAI's Chat Completions. What is not known here is passed over, as clients of
//! this API expect; what is known must be right.

use super::{
    Words,
    answer::{Encoder, events, heading, told, wants_again},
    key_id,
};
use crate::{
    error::CompanionError,
    model::Invalid,
    service::{Calling, Companion},
};
use axum::{extract::State, response::Response};
use http::HeaderMap;
use httpkit::{ApiResult, Json, KeyHolder, limits::AllowSeconds, sse::EventAnswer};
use kernel::Phi;
use llm::{
    ChatRequest, Format, Image, Message, Part, Reasoning, Role, Sampling, Tool, ToolCall,
    ToolChoice, ToolResult,
    serve::{self, ChatEncoder},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub(super) const MESSAGES: usize = 2_000;
pub(super) const TOOLS: usize = 128;

/// A question in Chat Completions.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChatCompletionRequest {
    /// The model, `provider/name`, or `salus/auto`.
    model: String,
    /// What was said so far.
    #[schema(min_items = 1, max_items = 2000)]
    messages: Vec<ChatMessage>,
    /// Whether the answer comes piece by piece.
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    /// The most tokens of an answer.
    #[serde(default)]
    max_tokens: Option<u32>,
    /// The same under its newer name.
    #[serde(default)]
    max_completion_tokens: Option<u32>,
    /// How freely words are chosen.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f32>,
    #[serde(default)]
    seed: Option<i64>,
    /// Texts at which to stop.
    #[serde(default)]
    stop: Option<Stop>,
    /// How many answers: one.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1)]
    n: Option<u8>,
    #[serde(default)]
    #[schema(max_items = 128)]
    tools: Option<Vec<ToolEntry>>,
    #[serde(default)]
    tool_choice: Option<Value>,
    #[serde(default)]
    response_format: Option<ResponseFormat>,
    #[serde(default)]
    reasoning_effort: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Stop {
    One(String),
    Some(Vec<String>),
}

#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    System,
    Developer,
    User,
    Assistant,
    Tool,
}

/// Something that was said.
#[derive(Deserialize, ToSchema)]
struct ChatMessage {
    role: RoleName,
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    tool_calls: Option<Vec<CallEntry>>,
    #[serde(default)]
    tool_call_id: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Content {
    Text(Words),
    Parts(Vec<ContentPart>),
}

#[derive(Deserialize, ToSchema)]
struct ContentPart {
    r#type: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    text: Option<Phi<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    refusal: Option<Phi<String>>,
    #[serde(default)]
    image_url: Option<ImageAddress>,
}

#[derive(Deserialize, ToSchema)]
struct ImageAddress {
    /// The picture itself, `data:image/png;base64,…`.
    #[schema(value_type = String)]
    url: Phi<String>,
}

#[derive(Deserialize, ToSchema)]
struct CallEntry {
    id: String,
    function: CalledFunction,
}

#[derive(Deserialize, ToSchema)]
struct CalledFunction {
    name: String,
    #[schema(value_type = String)]
    arguments: Phi<String>,
}

#[derive(Deserialize, ToSchema)]
struct ToolEntry {
    function: ToolFunction,
}

#[derive(Deserialize, ToSchema)]
struct ToolFunction {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    parameters: Option<Map<String, Value>>,
}

#[derive(Deserialize, ToSchema)]
struct ResponseFormat {
    r#type: String,
    #[serde(default)]
    json_schema: Option<SchemaFormat>,
}

#[derive(Deserialize, ToSchema)]
struct SchemaFormat {
    name: String,
    #[serde(default)]
    schema: Option<Value>,
}

/// Asks a model, as OpenAI's Chat Completions. Danger in the last message is answered with help,
/// and no model is asked; nothing is kept but what was used.
#[utoipa::path(post, path = "/v1/chat/completions", operation_id = "v1_chat_completions",
    tag = "compatible", params(("x-salus-cache" = Option<String>, Header,
        description = "`allow`: an answer that was given before will do")),
    request_body = ChatCompletionRequest,
    responses((status = 200, description = "The answer, as OpenAI gives it.",
        content((Value = "application/json"), (String = "text/event-stream")))))]
pub(super) async fn chat(
    State(companion): State<Companion>,
    KeyHolder { ctx, key }: KeyHolder,
    _: AllowSeconds<900>,
    headers: HeaderMap,
    Json(body): Json<ChatCompletionRequest>,
) -> ApiResult<Response> {
    let stream = body.stream.unwrap_or(false);
    let counted = body.stream_options.as_ref().and_then(|options| options.include_usage);
    let (model, request) = body.question()?;
    let again = wants_again(&headers);
    let calling = Calling { key: key_id(key), model, request, again };
    if stream {
        let (head, pieces) = companion.call_stream(&ctx, calling).await?;
        let heading = heading(&ctx, &head, "chatcmpl-");
        let encoder = Encoder::OpenAi(ChatEncoder::new(heading, counted.unwrap_or(false)));
        return Ok(told(&head, EventAnswer(events(pieces, encoder))));
    }
    let (head, answer) = companion.call(&ctx, calling).await?;
    let heading = heading(&ctx, &head, "chatcmpl-");
    Ok(told(&head, Json(serve::chat_completion(&heading, &answer))))
}

pub(super) const fn field(rule: &'static str) -> CompanionError {
    CompanionError::Invalid(Invalid::Field(rule))
}

/// A number in its range.
pub(super) fn within(
    number: Option<f32>,
    most: f32,
    rule: &'static str,
) -> Result<Option<f32>, CompanionError> {
    match number {
        Some(number) if !(0.0..=most).contains(&number) => Err(field(rule)),
        number => Ok(number),
    }
}

impl ChatCompletionRequest {
    fn question(self) -> Result<(String, ChatRequest), CompanionError> {
        if !(1..=MESSAGES).contains(&self.messages.len()) {
            return Err(field("messages: 1 to 2000"));
        }
        if self.n.is_some_and(|n| n != 1) {
            return Err(field("n: only 1"));
        }
        let tools = self.tools.unwrap_or_default();
        if tools.len() > TOOLS {
            return Err(field("tools: at most 128"));
        }
        let messages = self.messages.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let stop = match self.stop {
            None => Vec::new(),
            Some(Stop::One(text)) => vec![text],
            Some(Stop::Some(texts)) => texts,
        };
        let seed = self.seed.map(|seed| seed.rem_euclid(1 << 32));
        let request = ChatRequest {
            tools: tools.into_iter().map(tool).collect(),
            tool_choice: choice(self.tool_choice.as_ref())?,
            sampling: Sampling {
                temperature: within(self.temperature, 2.0, "temperature: 0 to 2")?,
                top_p: within(self.top_p, 1.0, "top_p: 0 to 1")?,
                seed: seed.and_then(|seed| u32::try_from(seed).ok()),
                stop,
            },
            max_tokens: self.max_completion_tokens.or(self.max_tokens),
            format: format(self.response_format)?,
            reasoning: effort(self.reasoning_effort.as_deref())?,
            stable_prefix: messages.len().saturating_sub(1),
            ..ChatRequest::new("", messages)
        };
        Ok((self.model, request))
    }
}

fn message(message: ChatMessage) -> Result<Message, CompanionError> {
    let role = match message.role {
        RoleName::System | RoleName::Developer => Role::System,
        RoleName::User => Role::User,
        RoleName::Assistant => Role::Assistant,
        RoleName::Tool => return result(message),
    };
    let mut parts = match message.content {
        None => Vec::new(),
        Some(Content::Text(Words(text))) => vec![Part::Text(text)],
        Some(Content::Parts(parts)) => {
            parts.into_iter().map(part).collect::<Result<Vec<_>, _>>()?
        }
    };
    let calls = message.tool_calls.unwrap_or_default().into_iter().map(|call| {
        let CalledFunction { name, arguments } = call.function;
        Part::ToolCall(ToolCall { id: call.id, name, arguments })
    });
    parts.extend(calls);
    Ok(Message { role, parts })
}

/// What came out of a tool.
fn result(message: ChatMessage) -> Result<Message, CompanionError> {
    let call_id = message.tool_call_id.ok_or(field("tool_call_id: is missing"))?;
    let text = match message.content {
        None => Phi::default(),
        Some(Content::Text(Words(text))) => text,
        Some(Content::Parts(parts)) => {
            let mut whole = Phi::new(String::new());
            for text in parts.into_iter().filter_map(|part| part.text) {
                // EXPOSE: put together as Phi again.
                whole.expose_mut().push_str(text.expose());
            }
            whole
        }
    };
    let part = Part::ToolResult(ToolResult { call_id, text, failed: false });
    Ok(Message { role: Role::User, parts: vec![part] })
}

fn part(part: ContentPart) -> Result<Part, CompanionError> {
    match (part.r#type.as_str(), part.text, part.refusal, part.image_url) {
        ("text", Some(text), _, _) | ("refusal", _, Some(text), _) => Ok(Part::Text(text)),
        ("image_url", _, _, Some(address)) => {
            // EXPOSE: taken apart into a picture, which is as sensitive.
            image(address.url.expose()).map(Part::Image)
        }
        _ => Err(field("content: parts are text or image_url")),
    }
}

/// A picture that was sent along. No address is fetched, by us or by a provider.
fn image(url: &str) -> Result<Image, CompanionError> {
    const RULE: &str = "image_url: must be data:image/…;base64,…";
    let rest = url.strip_prefix("data:").ok_or(field(RULE))?;
    let (kind, data) = rest.split_once(";base64,").ok_or(field(RULE))?;
    crate::model::picture(kind, data).ok_or(field(RULE))
}

fn tool(entry: ToolEntry) -> Tool {
    let ToolFunction { name, description, parameters } = entry.function;
    let parameters =
        parameters.map_or_else(|| serde_json::json!({"type": "object"}), Value::Object);
    Tool { name, description: description.unwrap_or_default(), parameters }
}

fn choice(choice: Option<&Value>) -> Result<ToolChoice, CompanionError> {
    match choice {
        None | Some(Value::Null) => Ok(ToolChoice::Auto),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::Never),
            "required" => Ok(ToolChoice::Required),
            _ => Err(field("tool_choice: auto, none, required or a function")),
        },
        Some(other) => {
            let name = other.pointer("/function/name").and_then(Value::as_str);
            let name = name.ok_or(field("tool_choice: auto, none, required or a function"))?;
            Ok(ToolChoice::Named(name.to_owned()))
        }
    }
}

fn format(format: Option<ResponseFormat>) -> Result<Format, CompanionError> {
    let Some(ResponseFormat { r#type, json_schema }) = format else { return Ok(Format::Text) };
    match (r#type.as_str(), json_schema) {
        ("text", _) => Ok(Format::Text),
        ("json_object", _) => Ok(Format::Json),
        ("json_schema", Some(SchemaFormat { name, schema })) => {
            Ok(Format::Schema { name, schema: schema.unwrap_or_default() })
        }
        _ => Err(field("response_format: text, json_object or json_schema")),
    }
}

fn effort(word: Option<&str>) -> Result<Reasoning, CompanionError> {
    match word {
        None => Ok(Reasoning::Default),
        Some("none" | "minimal") => Ok(Reasoning::Off),
        Some("low") => Ok(Reasoning::Low),
        Some("medium") => Ok(Reasoning::Medium),
        Some("high" | "xhigh") => Ok(Reasoning::High),
        Some(_) => Err(field("reasoning_effort: none, minimal, low, medium or high")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn question(body: Value) -> Result<(String, ChatRequest), CompanionError> {
        serde_json::from_value::<ChatCompletionRequest>(body).unwrap().question()
    }

    #[test]
    fn a_question_with_everything_is_understood() {
        let (model, request) = question(json!({
            "model": "a/b",
            "messages": [
                {"role": "developer", "content": "Be kind."},
                {"role": "user", "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                ]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c1", "type": "function",
                        "function": {"name": "look", "arguments": "{}"}},
                ]},
                {"role": "tool", "tool_call_id": "c1", "content": "a tree"},
            ],
            "tools": [{"type": "function", "function": {"name": "look"}}],
            "tool_choice": {"type": "function", "function": {"name": "look"}},
            "response_format": {"type": "json_object"},
            "stop": "END", "seed": -1, "temperature": 0.5, "max_completion_tokens": 9,
            "reasoning_effort": "low", "user": "somebody", "logprobs": false,
        }))
        .unwrap();
        assert_eq!((model.as_str(), request.messages.len()), ("a/b", 4));
        assert!(request.has_images());
        assert_eq!(request.tool_choice, ToolChoice::Named("look".to_owned()));
        assert_eq!(request.format, Format::Json);
        assert_eq!((request.max_tokens, request.sampling.seed), (Some(9), Some(u32::MAX)));
        assert!(matches!(request.messages[3].parts[0], Part::ToolResult(_)));
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        let said = json!([{"role": "user", "content": "x"}]);
        let elsewhere = json!([{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}},
        ]}]);
        for (body, name) in [
            (json!({"model": "m", "messages": []}), "messages"),
            (json!({"model": "m", "messages": said, "n": 2}), "n:"),
            (json!({"model": "m", "messages": said, "temperature": 3}), "temperature"),
            (json!({"model": "m", "messages": said, "tool_choice": "maybe"}), "tool_choice"),
            (json!({"model": "m", "messages": elsewhere}), "image_url"),
        ] {
            let error = question(body).err().unwrap().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
