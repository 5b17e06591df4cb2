//! The other side: answers written as a server of OpenAI's Chat Completions or Anthropic's Messages
//! writes them, so that the official clients of both can read them.

mod anthropic;
mod chat;

#[cfg(test)]
mod tests;

pub use anthropic::AnthropicEncoder;
pub use chat::ChatEncoder;

use crate::{
    dialect::set,
    event::{Answer, Embeddings, Finish, Usage},
    model::Model,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{ErrorCode, Phi, Timestamp};
use serde_json::{Value, json};

/// What stands in every answer.
#[derive(Debug, Clone)]
pub struct Heading {
    /// A name for the answer.
    pub id: String,
    /// The model, as the client called it.
    pub model: String,
    /// Seconds since 1970.
    pub created: i64,
}

/// An error as clients of OpenAI expect it. The detail is for people too.
#[must_use]
pub fn openai_error(code: &ErrorCode, detail: Option<&str>) -> Value {
    json!({"error": {
        "message": told(code, detail),
        "type": openai_kind(code),
        "param": null,
        "code": code.code.to_ascii_lowercase(),
    }})
}

/// An error as clients of Anthropic expect it. The detail is for people too.
#[must_use]
pub fn anthropic_error(code: &ErrorCode, detail: Option<&str>) -> Value {
    let message = told(code, detail);
    json!({"type": "error", "error": {"type": anthropic_kind(code), "message": message}})
}

fn told(code: &ErrorCode, detail: Option<&str>) -> String {
    detail.map_or_else(|| code.message.to_owned(), |detail| format!("{} ({detail})", code.message))
}

/// A list of models that clients of both can read.
#[must_use]
pub fn model_list(models: &[Model], created: Timestamp) -> Value {
    let model = |model: &Model| {
        let id = model.id.to_string();
        json!({
            "id": id,
            "object": "model",
            "type": "model",
            "display_name": model.title,
            "created": created.as_seconds(),
            "created_at": created.to_string(),
            "owned_by": model.id.provider().as_str(),
        })
    };
    let end = |model: Option<&Model>| model.map(|model| model.id.to_string());
    json!({
        "object": "list",
        "data": models.iter().map(model).collect::<Vec<_>>(),
        "has_more": false,
        "first_id": end(models.first()),
        "last_id": end(models.last()),
    })
}

/// Vectors as clients of OpenAI expect them: as numbers, or as the bytes of 32-bit floats in
/// Base64, which their official clients ask for.
#[must_use]
pub fn embedding_list(model: &str, found: &Embeddings, as_bytes: bool) -> Value {
    let entry = |(index, vector): (usize, &Phi<Vec<f32>>)| {
        // EXPOSE: the vectors go to whoever asked.
        let vector = vector.expose();
        let embedding = if as_bytes {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    };
    let data: Vec<Value> = found.vectors.iter().enumerate().map(entry).collect();
    let tokens = found.usage.input;
    json!({
        "object": "list",
        "model": model,
        "data": data,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    })
}

const fn openai_kind(code: &ErrorCode) -> &'static str {
    use kernel::ErrorKind as Kind;
    match code.kind {
        Kind::Unauthenticated => "authentication_error",
        Kind::Forbidden | Kind::ConsentRequired => "permission_error",
        Kind::QuotaExceeded => "insufficient_quota",
        Kind::RateLimited => "rate_limit_error",
        Kind::Unavailable | Kind::Timeout | Kind::Internal => "server_error",
        Kind::Invalid
        | Kind::NotFound
        | Kind::Conflict
        | Kind::Stale
        | Kind::Gone
        | Kind::TooLarge => "invalid_request_error",
    }
}

const fn anthropic_kind(code: &ErrorCode) -> &'static str {
    use kernel::ErrorKind as Kind;
    match code.kind {
        Kind::Unauthenticated => "authentication_error",
        Kind::Forbidden | Kind::ConsentRequired => "permission_error",
        Kind::NotFound => "not_found_error",
        Kind::TooLarge => "request_too_large",
        Kind::QuotaExceeded | Kind::RateLimited => "rate_limit_error",
        Kind::Unavailable => "overloaded_error",
        Kind::Timeout | Kind::Internal => "api_error",
        Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::Gone => "invalid_request_error",
    }
}

const fn openai_finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Refusal | Finish::Paused => "stop",
        Finish::Length | Finish::ContextFull => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

const fn anthropic_finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::Refusal | Finish::ContentFilter => "refusal",
        Finish::Paused => "pause_turn",
        Finish::ContextFull => "model_context_window_exceeded",
    }
}

fn openai_usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total(),
        "prompt_tokens_details": {"cached_tokens": usage.cached_input, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    })
}

/// Anthropic counts what was read anew, from the cache and into it apart.
fn anthropic_usage(usage: &Usage) -> Value {
    let fresh = usage.input.saturating_sub(usage.cached_input).saturating_sub(usage.cache_write);
    json!({
        "input_tokens": fresh,
        "cache_read_input_tokens": usage.cached_input,
        "cache_creation_input_tokens": usage.cache_write,
        "output_tokens": usage.output,
    })
}

/// A whole answer in Chat Completions.
#[must_use]
pub fn chat_completion(heading: &Heading, answer: &Answer) -> Value {
    // EXPOSE: the answer goes to whoever asked.
    let calls = answer.tool_calls.iter().map(|call| {
        json!({
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments.expose()},
        })
    });
    let calls: Vec<Value> = calls.collect();
    let optional = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let mut message = json!({
        "role": "assistant",
        "content": optional(answer.text.expose()),
        "refusal": optional(answer.refusal.expose()),
    });
    set(&mut message, "tool_calls", (!calls.is_empty()).then_some(calls));
    let reasoning = answer.reasoning.expose();
    set(&mut message, "reasoning_content", (!reasoning.is_empty()).then_some(reasoning));
    let usage = answer.usage.unwrap_or_default();
    json!({
        "id": heading.id,
        "object": "chat.completion",
        "created": heading.created,
        "model": heading.model,
        "choices": [{
            "index": 0,
            "message": message,
            "logprobs": null,
            "finish_reason": openai_finish(answer.finish),
        }],
        "usage": openai_usage(&usage),
    })
}

/// A whole answer in Anthropic's Messages.
#[must_use]
pub fn anthropic_message(heading: &Heading, answer: &Answer) -> Value {
    // EXPOSE: the answer goes to whoever asked.
    let mut content = Vec::new();
    for text in [answer.text.expose(), answer.refusal.expose()] {
        if !text.is_empty() {
            content.push(json!({"type": "text", "text": text}));
        }
    }
    for call in &answer.tool_calls {
        let input: Value = serde_json::from_str(call.arguments.expose()).unwrap_or(json!({}));
        content.push(json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}));
    }
    json!({
        "id": heading.id,
        "type": "message",
        "role": "assistant",
        "model": heading.model,
        "content": content,
        "stop_reason": anthropic_finish(answer.finish),
        "stop_sequence": null,
        "usage": anthropic_usage(&answer.usage.unwrap_or_default()),
    })
}
