//! Anthropic's Messages.

use super::{
    Words,
    answer::{Encoder, events, heading, told, wants_again},
    key_id,
    openai::{MESSAGES, TOOLS, field, within},
};
use crate::{
    error::CompanionError,
    service::{Calling, Companion},
};
use axum::{extract::State, response::Response};
use http::HeaderMap;
use httpkit::{ApiResult, Json, KeyHolder, limits::AllowSeconds, sse::EventAnswer};
use kernel::Phi;
use llm::{
    ChatRequest, Message, Part, Role, Sampling, Tool, ToolCall, ToolChoice, ToolResult,
    serve::{self, AnthropicEncoder},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A question in Anthropic's Messages.
#[derive(Deserialize, ToSchema)]
pub(super) struct MessagesRequest {
    /// The model, `provider/name`, or `salus/auto`.
    model: String,
    /// The most tokens of an answer.
    max_tokens: u32,
    /// What was said so far.
    #[schema(min_items = 1, max_items = 2000)]
    messages: Vec<Turn>,
    /// The rules that the model is given.
    #[serde(default)]
    system: Option<Blocks>,
    /// Whether the answer comes piece by piece.
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    temperature: Option<f32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f32>,
    #[serde(default)]
    stop_sequences: Option<Vec<String>>,
    #[serde(default)]
    #[schema(max_items = 128)]
    tools: Option<Vec<ToolEntry>>,
    #[serde(default)]
    tool_choice: Option<Choice>,
}

#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
#[schema(as = TurnRole)]
enum RoleName {
    User,
    Assistant,
}

/// Something that was said.
#[derive(Deserialize, ToSchema)]
struct Turn {
    role: RoleName,
    content: Blocks,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Blocks {
    Text(Words),
    Some(Vec<Block>),
}

#[derive(Deserialize, ToSchema)]
struct Block {
    r#type: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    text: Option<Phi<String>>,
    #[serde(default)]
    source: Option<Source>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    input: Option<Map<String, Value>>,
    #[serde(default)]
    tool_use_id: Option<String>,
    #[serde(default)]
    content: Option<Value>,
    #[serde(default)]
    is_error: Option<bool>,
}

/// A picture that is sent along.
#[derive(Deserialize, ToSchema)]
struct Source {
    r#type: String,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    data: Option<Phi<String>>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = MessagesTool)]
struct ToolEntry {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    input_schema: Option<Map<String, Value>>,
}

#[derive(Deserialize, ToSchema)]
struct Choice {
    r#type: String,
    #[serde(default)]
    name: Option<String>,
}

/// Asks a model, as Anthropic's Messages. Danger in the last message is answered with help, and
/// no model is asked; nothing is kept but what was used.
#[utoipa::path(post, path = "/v1/messages", operation_id = "v1_messages", tag = "compatible",
    params(("x-salus-cache" = Option<String>, Header,
        description = "`allow`: an answer that was given before will do")),
    request_body = MessagesRequest,
    responses((status = 200, description = "The answer, as Anthropic gives it.",
        content((Value = "application/json"), (String = "text/event-stream")))))]
pub(super) async fn messages(
    State(companion): State<Companion>,
    KeyHolder { ctx, key }: KeyHolder,
    _: AllowSeconds<900>,
    headers: HeaderMap,
    Json(body): Json<MessagesRequest>,
) -> ApiResult<Response> {
    let stream = body.stream.unwrap_or(false);
    let (model, request) = body.question()?;
    let again = wants_again(&headers);
    let calling = Calling { key: key_id(key), model, request, again };
    if stream {
        let (head, pieces) = companion.call_stream(&ctx, calling).await?;
        let heading = heading(&ctx, &head, "msg_");
        let encoder = Encoder::Anthropic(AnthropicEncoder::new(heading, head.input));
        return Ok(told(&head, EventAnswer(events(pieces, encoder))));
    }
    let (head, answer) = companion.call(&ctx, calling).await?;
    let heading = heading(&ctx, &head, "msg_");
    Ok(told(&head, Json(serve::anthropic_message(&heading, &answer))))
}

impl MessagesRequest {
    fn question(self) -> Result<(String, ChatRequest), CompanionError> {
        if !(1..=MESSAGES).contains(&self.messages.len()) {
            return Err(field("messages: 1 to 2000"));
        }
        let tools = self.tools.unwrap_or_default();
        if tools.len() > TOOLS {
            return Err(field("tools: at most 128"));
        }
        let mut messages = Vec::with_capacity(self.messages.len() + 1);
        if let Some(system) = self.system {
            messages.push(Message { role: Role::System, parts: parts(system)? });
        }
        for Turn { role, content } in self.messages {
            let role = match role {
                RoleName::User => Role::User,
                RoleName::Assistant => Role::Assistant,
            };
            messages.push(Message { role, parts: parts(content)? });
        }
        let request = ChatRequest {
            tools: tools.into_iter().map(tool).collect(),
            tool_choice: choice(self.tool_choice)?,
            sampling: Sampling {
                temperature: within(self.temperature, 1.0, "temperature: 0 to 1")?,
                top_p: within(self.top_p, 1.0, "top_p: 0 to 1")?,
                seed: None,
                stop: self.stop_sequences.unwrap_or_default(),
            },
            max_tokens: Some(self.max_tokens),
            stable_prefix: messages.len().saturating_sub(1),
            ..ChatRequest::new("", messages)
        };
        Ok((self.model, request))
    }
}

fn parts(blocks: Blocks) -> Result<Vec<Part>, CompanionError> {
    match blocks {
        Blocks::Text(Words(text)) => Ok(vec![Part::Text(text)]),
        // What a model thought elsewhere is not told to another one.
        Blocks::Some(blocks) => {
            let thought = |block: &Block| block.r#type.contains("thinking");
            blocks.into_iter().filter(|block| !thought(block)).map(part).collect()
        }
    }
}

fn part(block: Block) -> Result<Part, CompanionError> {
    const RULE: &str = "content: blocks are text, image, tool_use or tool_result";
    match block.r#type.as_str() {
        "text" => block.text.map(Part::Text).ok_or(field(RULE)),
        "image" => {
            let Source { r#type, media_type, data } = block.source.ok_or(field(RULE))?;
            let (true, Some(kind), Some(data)) = (r#type == "base64", media_type, data) else {
                return Err(field("source: must be base64"));
            };
            // EXPOSE: taken apart into a picture, which is as sensitive.
            let image = crate::model::picture(&kind, data.expose());
            image.map(Part::Image).ok_or(field("source: must be a picture in base64"))
        }
        "tool_use" => {
            let (id, name) = block.id.zip(block.name).ok_or(field(RULE))?;
            let arguments = Value::Object(block.input.unwrap_or_default()).to_string();
            Ok(Part::ToolCall(ToolCall { id, name, arguments: Phi::new(arguments) }))
        }
        "tool_result" => {
            let call_id = block.tool_use_id.ok_or(field(RULE))?;
            let text = Phi::new(words(block.content.as_ref()));
            let failed = block.is_error.unwrap_or(false);
            Ok(Part::ToolResult(ToolResult { call_id, text, failed }))
        }
        _ => Err(field(RULE)),
    }
}

/// The words of a tool's result: a text, or blocks of text.
fn words(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => {
            let texts = blocks.iter().filter_map(|block| block.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        Some(_) | None => String::new(),
    }
}

fn tool(entry: ToolEntry) -> Tool {
    let ToolEntry { name, description, input_schema } = entry;
    let parameters =
        input_schema.map_or_else(|| serde_json::json!({"type": "object"}), Value::Object);
    Tool { name, description: description.unwrap_or_default(), parameters }
}

fn choice(choice: Option<Choice>) -> Result<ToolChoice, CompanionError> {
    let Some(Choice { r#type, name }) = choice else { return Ok(ToolChoice::Auto) };
    match (r#type.as_str(), name) {
        ("auto", _) => Ok(ToolChoice::Auto),
        ("none", _) => Ok(ToolChoice::Never),
        ("any", _) => Ok(ToolChoice::Required),
        ("tool", Some(name)) => Ok(ToolChoice::Named(name)),
        _ => Err(field("tool_choice: auto, any, none or a tool")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_question_with_everything_is_understood() {
        let body = json!({
            "model": "a/b", "max_tokens": 9, "system": [{"type": "text", "text": "Be kind."}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image", "source":
                        {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                ]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "x"},
                    {"type": "tool_use", "id": "t1", "name": "look", "input": {"a": 1}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1",
                        "content": [{"type": "text", "text": "a tree"}]},
                ]},
            ],
            "tools": [{"name": "look", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "any"}, "stop_sequences": ["END"], "metadata": {},
        });
        let body: MessagesRequest = serde_json::from_value(body).unwrap();
        let (model, request) = body.question().unwrap();
        assert_eq!((model.as_str(), request.messages.len()), ("a/b", 4));
        assert_eq!(request.tool_choice, ToolChoice::Required);
        assert_eq!(request.messages[2].parts.len(), 1, "thoughts are left out");
        let Part::ToolResult(result) = &request.messages[3].parts[0] else { panic!() };
        assert_eq!(result.text.expose(), "a tree");
    }
}
