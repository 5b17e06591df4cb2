//! A good server: OpenAI's Chat Completions and Responses and Anthropic's Messages, answered by the
//! scripted provider, whole or as a stream.

use crate::{
    responses::{response, responses_stream},
    server::{Asked, Script, Step},
};
use futures_util::{FutureExt, StreamExt};
use kernel::Coded;
use llm::{
    Answer, ChatRequest, LlmError, Message, Part, Provider, Role, Scripted, StreamEvent, Tool,
    ToolChoice, ToolResult,
    serve::{AnthropicEncoder, ChatEncoder, Heading, anthropic_message, chat_completion},
    sse::write_event,
};
use serde_json::{Value, json};

/// Answers as a good server would. The name of the model says what happens, as in
/// [`llm::Scripted`], as far as it needs no time.
#[must_use]
pub fn faithful(asked: &Asked) -> Script {
    let path = asked.path.split('?').next().unwrap_or_default();
    let stream = asked.body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    match path {
        "/v1/models" => models(asked),
        "/v1/chat/completions" if stream => chat_stream(&asked.body),
        "/v1/chat/completions" => whole(&asked.body, chat_completion, openai),
        "/v1/messages" if stream => anthropic_stream(&asked.body),
        "/v1/messages" => whole(&asked.body, anthropic_message, anthropic),
        "/v1/responses" if stream => responses_stream(&asked.body),
        "/v1/responses" => whole(&asked.body, response, openai),
        "/v1/embeddings" => embeddings(&asked.body),
        _ => Script::json(
            404,
            &json!({"error": {"message": "no such page", "type": "not_found_error"}}),
        ),
    }
}

pub(crate) fn heading(body: &Value) -> Heading {
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
    Heading { id: "mock-1".to_owned(), model, created: 1_700_000_000 }
}

/// Everything that the script gives at once.
fn pieces(body: &Value) -> Result<(Vec<StreamEvent>, Option<LlmError>), LlmError> {
    let provider = Scripted::new()?;
    let request = question(body);
    let asked = provider.stream(&request).now_or_never();
    let mut stream = asked.ok_or(LlmError::FirstTokenTimeout)??;
    let (mut all, mut failed) = (Vec::new(), None);
    while let Some(Some(piece)) = stream.next().now_or_never() {
        match piece {
            Ok(piece) => all.push(piece),
            Err(error) => failed = Some(error),
        }
    }
    Ok((all, failed))
}

fn whole(
    body: &Value,
    write: fn(&Heading, &Answer) -> Value,
    explain: fn(&LlmError) -> Value,
) -> Script {
    let answer = Scripted::new().and_then(|provider| {
        let answer = provider.complete(&question(body)).now_or_never();
        answer.ok_or(LlmError::FirstTokenTimeout)?
    });
    match answer {
        Ok(answer) => Script::json(200, &write(&heading(body), &answer)),
        Err(error) => failure(&error, &explain(&error)),
    }
}

/// How OpenAI and Anthropic tell this failure: the status and their words for it.
fn words(error: &LlmError) -> (u16, &'static str, &'static str) {
    match error {
        LlmError::RateLimited { .. } => (429, "rate_limit_exceeded", "rate_limit_error"),
        LlmError::Overloaded { .. } => (503, "server_overloaded", "overloaded_error"),
        LlmError::Auth => (401, "invalid_api_key", "authentication_error"),
        LlmError::ModelNotFound => (404, "model_not_found", "not_found_error"),
        LlmError::ContextTooLong => (400, "context_length_exceeded", "invalid_request_error"),
        _ => (500, "server_error", "api_error"),
    }
}

pub(crate) fn openai(error: &LlmError) -> Value {
    let (_, code, _) = words(error);
    json!({"error": {"message": "no", "type": code, "param": null, "code": code}})
}

fn anthropic(error: &LlmError) -> Value {
    let (_, _, kind) = words(error);
    let long = *error == LlmError::ContextTooLong;
    let message = if long { "prompt is too long: 210000 tokens" } else { "no" };
    json!({"type": "error", "error": {"type": kind, "message": message}})
}

fn failure(error: &LlmError, body: &Value) -> Script {
    let script = Script::json(words(error).0, body);
    match error.retry_after() {
        Some(wait) => script.with_header("retry-after", &wait.as_secs().to_string()),
        None => script,
    }
}

/// One write for each event, so that the client sees them as they come.
pub(crate) fn stream(
    body: &Value,
    explain: fn(&LlmError) -> Value,
    write: impl FnOnce(&[StreamEvent], Option<&LlmError>) -> Vec<Vec<u8>>,
) -> Script {
    match pieces(body) {
        Ok((pieces, failed)) => {
            let script = Script::stream(write(&pieces, failed.as_ref()));
            match (failed, pieces.last()) {
                (Some(LlmError::Truncated), _) => script.then(Step::Break),
                (None, last) if !matches!(last, Some(StreamEvent::Finish(_))) => {
                    script.then(Step::Hang)
                }
                _ => script,
            }
        }
        Err(error) => failure(&error, &explain(&error)),
    }
}

/// The event of an error, unless the error is that the connection breaks.
fn in_stream(failed: Option<&LlmError>, explain: fn(&LlmError) -> Value) -> Option<Vec<u8>> {
    let failed = failed.filter(|error| **error != LlmError::Truncated)?;
    let body = explain(failed);
    let name = if body.get("type").is_some() { "error" } else { "" };
    Some(written(|out| write_event(out, name, None, body.to_string().as_bytes())))
}

fn chat_stream(body: &Value) -> Script {
    let usage = body.pointer("/stream_options/include_usage").and_then(Value::as_bool);
    let mut encoder = ChatEncoder::new(heading(body), usage.unwrap_or(false));
    stream(body, openai, |pieces, failed| {
        let mut all = vec![written(|out| encoder.begin(out))];
        all.extend(pieces.iter().map(|piece| written(|out| encoder.event(piece, out))));
        all.extend(in_stream(failed, openai));
        all
    })
}

fn anthropic_stream(body: &Value) -> Script {
    let mut encoder = AnthropicEncoder::new(heading(body), 10);
    stream(body, anthropic, |pieces, failed| {
        let mut all = vec![written(|out| encoder.begin(out))];
        all.extend(pieces.iter().map(|piece| written(|out| encoder.event(piece, out))));
        all.extend(in_stream(failed, anthropic));
        all
    })
}

pub(crate) fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

fn models(asked: &Asked) -> Script {
    let names = ["echo", "flood", "tool", "refuse", "think", "cut", "break", "limited"];
    let anthropic = !asked.header("anthropic-version").is_empty();
    let model = |name: &&str| {
        if anthropic {
            json!({"id": name, "type": "model", "display_name": name, "created_at": "2026-01-01T00:00:00Z"})
        } else {
            json!({"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "mock"})
        }
    };
    let data: Vec<Value> = names.iter().map(model).collect();
    let list = json!({"object": "list", "data": data, "has_more": false, "first_id": "echo", "last_id": "limited"});
    Script::json(200, &list)
}

fn embeddings(body: &Value) -> Script {
    let inputs = body.get("input").and_then(Value::as_array).map_or(1, Vec::len);
    let entry = |index| json!({"object": "embedding", "index": index, "embedding": [0.6, 0.8]});
    let data: Vec<Value> = (0..inputs).map(entry).collect();
    let usage = json!({"prompt_tokens": inputs, "total_tokens": inputs});
    Script::json(200, &json!({"object": "list", "model": "mock", "data": data, "usage": usage}))
}

/// The question, as far as the scripted provider looks at it.
fn question(body: &Value) -> ChatRequest {
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    let messages = body.get("messages").or(body.get("input")).and_then(Value::as_array);
    let mut request =
        ChatRequest::new(model, messages.into_iter().flatten().map(message).collect());
    if let Some(words) = body.get("input").and_then(Value::as_str) {
        request.messages.push(Message::text(Role::User, words));
    }
    if body.get("tool_choice").is_some_and(|choice| choice == "none" || choice["type"] == "none") {
        request.tool_choice = ToolChoice::Never;
    }
    for tool in body.get("tools").and_then(Value::as_array).into_iter().flatten() {
        let name = tool.pointer("/function/name").or(tool.get("name"));
        let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
        request.tools.push(Tool { name, description: String::new(), parameters: json!({}) });
    }
    request
}

fn message(message: &Value) -> Message {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let result = |id: &Value, content: &Value| {
        let call_id = id.as_str().unwrap_or_default().to_owned();
        Part::ToolResult(ToolResult {
            call_id,
            text: kernel::Phi::new(text(content)),
            failed: false,
        })
    };
    if message["role"] == "tool" {
        let part = result(&message["tool_call_id"], &message["content"]);
        return Message { role: Role::User, parts: vec![part] };
    }
    if message["type"] == "function_call_output" {
        let part = result(&message["call_id"], &message["output"]);
        return Message { role: Role::User, parts: vec![part] };
    }
    let role = if message["role"] == "assistant" { Role::Assistant } else { Role::User };
    let parts = match &message["content"] {
        Value::Array(blocks) => blocks
            .iter()
            .map(|block| match block["type"].as_str() {
                Some("tool_result") => result(&block["tool_use_id"], &block["content"]),
                _ => Part::Text(kernel::Phi::new(text(block))),
            })
            .collect(),
        other => vec![Part::Text(kernel::Phi::new(text(other)))],
    };
    Message { role, parts }
}
