//! A question in Anthropic's Messages.

use super::{base64_of, chat_request::words, decimal, set};
use crate::chat::{ChatRequest, Format, Message, Part, Reasoning, Role, ToolChoice};
use serde_json::{Value, json};

/// The language demands a limit; this one is used where none was asked for.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// The tool by which an answer of a certain shape is asked for.
pub(super) const SHAPE: &str = "answer_in_this_shape";

/// The body of a request.
pub(super) fn body(request: &ChatRequest, stream: bool) -> Value {
    let budget = thinking(request);
    let limit = request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS);
    let mut messages: Vec<Value> = request.messages.iter().filter_map(message).collect();
    mark_stable(request, &mut messages);
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "max_tokens": limit.saturating_add(budget.unwrap_or(0)),
    });
    set(&mut body, "system", system(request));
    set(&mut body, "stream", stream.then_some(true));
    let stop = &request.sampling.stop;
    set(&mut body, "stop_sequences", (!stop.is_empty()).then_some(stop));
    if let Some(budget) = budget {
        let thinking = json!({"type": "enabled", "budget_tokens": budget});
        set(&mut body, "thinking", Some(thinking));
    } else {
        let temperature = request.sampling.temperature.map(|value| decimal(value.min(1.0)));
        set(&mut body, "temperature", temperature);
        set(&mut body, "top_p", request.sampling.top_p.map(decimal));
    }
    let (tools, choice) = tools(request);
    set(&mut body, "tools", tools);
    set(&mut body, "tool_choice", choice);
    body
}

/// The tokens to think with. Thinking goes together with no forced tool and no temperature.
fn thinking(request: &ChatRequest) -> Option<u32> {
    let free = request.format == Format::Text
        && matches!(request.tool_choice, ToolChoice::Auto | ToolChoice::Never);
    match request.reasoning {
        Reasoning::Low if free => Some(1024),
        Reasoning::Medium if free => Some(4096),
        Reasoning::High if free => Some(16384),
        Reasoning::Default
        | Reasoning::Off
        | Reasoning::Low
        | Reasoning::Medium
        | Reasoning::High => None,
    }
}

fn system(request: &ChatRequest) -> Option<Value> {
    let texts = request.messages.iter().filter(|message| message.role == Role::System).map(words);
    let text = texts.collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        return None;
    }
    let mut block = json!({"type": "text", "text": text});
    let all_stable = request
        .messages
        .iter()
        .rposition(|message| message.role == Role::System)
        .is_some_and(|last| last < request.stable_prefix);
    set(&mut block, "cache_control", all_stable.then(ephemeral));
    Some(json!([block]))
}

fn ephemeral() -> Value {
    json!({"type": "ephemeral"})
}

/// Tells the provider to keep what will be the same next time.
fn mark_stable(request: &ChatRequest, messages: &mut [Value]) {
    let stable = request.messages.iter().take(request.stable_prefix);
    let place = stable.filter(|message| message.role != Role::System).count().checked_sub(1);
    let block = place
        .and_then(|place| messages.get_mut(place))
        .and_then(|message| message.get_mut("content"))
        .and_then(Value::as_array_mut)
        .and_then(|blocks| blocks.last_mut());
    // What was thought goes back as it came.
    let thought = |block: &&mut Value| {
        let kind = block.get("type").and_then(Value::as_str);
        matches!(kind, Some("thinking" | "redacted_thinking"))
    };
    if let Some(block) = block.filter(|block| !thought(block)) {
        set(block, "cache_control", Some(ephemeral()));
    }
}

fn message(message: &Message) -> Option<Value> {
    let role = match message.role {
        Role::System => return None,
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    // Results of tools have to come first, and so have thoughts.
    let first = |part: &&Part| matches!(part, Part::ToolResult(_) | Part::Thought(_));
    let parts = message.parts.iter().filter(first);
    let parts = parts.chain(message.parts.iter().filter(|part| !first(part)));
    let content: Vec<Value> = parts.filter_map(block).collect();
    Some(json!({"role": role, "content": content}))
}

fn block(part: &Part) -> Option<Value> {
    // EXPOSE: what was said is what is sent.
    match part {
        Part::Text(text) if text.expose().trim().is_empty() => None,
        Part::Text(text) => Some(json!({"type": "text", "text": text.expose()})),
        Part::Image(image) => Some(json!({
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": image.format.media_type(),
                "data": base64_of(image),
            },
        })),
        Part::Thought(thought) => {
            let seal: Value = serde_json::from_str(thought.seal.as_ref()?.expose()).ok()?;
            let kind = seal.get("type").and_then(Value::as_str);
            matches!(kind, Some("thinking" | "redacted_thinking")).then_some(seal)
        }
        Part::ToolCall(call) => {
            let input: Value = serde_json::from_str(call.arguments.expose()).unwrap_or(json!({}));
            Some(json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}))
        }
        Part::ToolResult(result) => Some(json!({
            "type": "tool_result",
            "tool_use_id": result.call_id,
            "content": result.text.expose(),
            "is_error": result.failed,
        })),
    }
}

fn tools(request: &ChatRequest) -> (Option<Value>, Option<Value>) {
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name,
                "description": tool.description,
                "input_schema": tool.parameters,
            })
        })
        .collect();
    let shape = match &request.format {
        Format::Text => None,
        Format::Json => Some(json!({"type": "object"})),
        Format::Schema { schema, .. } => Some(schema.clone()),
    };
    if let Some(schema) = shape {
        let description = "Gives the answer.";
        tools.push(json!({"name": SHAPE, "description": description, "input_schema": schema}));
        return (Some(json!(tools)), Some(json!({"type": "tool", "name": SHAPE})));
    }
    if tools.is_empty() {
        return (None, None);
    }
    let choice = match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::Never => Some(json!({"type": "none"})),
        ToolChoice::Required => Some(json!({"type": "any"})),
        ToolChoice::Named(name) => Some(json!({"type": "tool", "name": name})),
    };
    (Some(json!(tools)), choice)
}
