//! A question in Chat Completions.

use super::{data_url, decimal, set, strict};
use crate::chat::{ChatRequest, Format, Message, Part, Reasoning, Role, Tool, ToolChoice};
use serde_json::{Value, json};

/// The body of a request. `limit` is what this provider calls the limit of tokens.
pub(super) fn body(request: &ChatRequest, stream: bool, limit: &str) -> Value {
    let messages: Vec<Value> = request.messages.iter().flat_map(message).collect();
    let mut body = json!({"model": request.model, "messages": messages});
    if stream {
        set(&mut body, "stream", Some(true));
        set(&mut body, "stream_options", Some(json!({"include_usage": true})));
    }
    set(&mut body, limit, request.max_tokens);
    set(&mut body, "temperature", request.sampling.temperature.map(decimal));
    set(&mut body, "top_p", request.sampling.top_p.map(decimal));
    set(&mut body, "seed", request.sampling.seed);
    let stop = &request.sampling.stop;
    set(&mut body, "stop", (!stop.is_empty()).then_some(stop));
    // Only OpenAI's own way to name the limit goes with its strict schemas.
    let knows_strict = limit == "max_completion_tokens";
    set(&mut body, "response_format", format(&request.format, knows_strict));
    set(&mut body, "reasoning_effort", effort(request.reasoning));
    if !request.tools.is_empty() {
        set(&mut body, "tools", Some(request.tools.iter().map(tool).collect::<Vec<_>>()));
        set(&mut body, "tool_choice", choice(&request.tool_choice));
    }
    body
}

fn message(message: &Message) -> Vec<Value> {
    // EXPOSE: what was said is what is sent.
    match message.role {
        Role::System => vec![json!({"role": "system", "content": words(message)})],
        Role::User => user(message),
        Role::Assistant => vec![assistant(message)],
    }
}

/// All text of a message.
pub(super) fn words(message: &Message) -> String {
    let texts = message.parts.iter().filter_map(|part| match part {
        // EXPOSE: what was said is what is sent.
        Part::Text(text) => Some(text.expose().as_str()),
        Part::Image(_) | Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn user(message: &Message) -> Vec<Value> {
    let results = message.parts.iter().filter_map(|part| match part {
        Part::ToolResult(result) => Some(json!({
            "role": "tool",
            "tool_call_id": result.call_id,
            // EXPOSE: what the tool found is what is sent.
            "content": result.text.expose(),
        })),
        Part::Text(_) | Part::Image(_) | Part::Thought(_) | Part::ToolCall(_) => None,
    });
    let mut all: Vec<Value> = results.collect();
    let has_images = message.parts.iter().any(|part| matches!(part, Part::Image(_)));
    if has_images {
        let content: Vec<Value> = message.parts.iter().filter_map(content_part).collect();
        all.push(json!({"role": "user", "content": content}));
    } else if message.parts.iter().any(|part| matches!(part, Part::Text(_))) {
        all.push(json!({"role": "user", "content": words(message)}));
    }
    all
}

fn content_part(part: &Part) -> Option<Value> {
    match part {
        // EXPOSE: what was said is what is sent.
        Part::Text(text) => Some(json!({"type": "text", "text": text.expose()})),
        Part::Image(image) => {
            Some(json!({"type": "image_url", "image_url": {"url": data_url(image)}}))
        }
        Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    }
}

fn assistant(message: &Message) -> Value {
    let calls = message.parts.iter().filter_map(|part| match part {
        Part::ToolCall(call) => Some(json!({
            "id": call.id,
            "type": "function",
            // EXPOSE: the model's own words go back to it.
            "function": {"name": call.name, "arguments": call.arguments.expose()},
        })),
        Part::Text(_) | Part::Image(_) | Part::Thought(_) | Part::ToolResult(_) => None,
    });
    let calls: Vec<Value> = calls.collect();
    let text = words(message);
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { json!(text) };
    let mut body = json!({"role": "assistant", "content": content});
    set(&mut body, "tool_calls", (!calls.is_empty()).then_some(calls));
    body
}

fn tool(tool: &Tool) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    })
}

fn choice(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::Never => Some(json!("none")),
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Named(name) => Some(json!({"type": "function", "function": {"name": name}})),
    }
}

fn format(format: &Format, knows_strict: bool) -> Option<Value> {
    match format {
        Format::Text => None,
        Format::Json => Some(json!({"type": "json_object"})),
        Format::Schema { name, schema } => {
            let mut shape = json!({"name": name, "schema": schema});
            set(&mut shape, "strict", (knows_strict && strict::qualifies(schema)).then_some(true));
            Some(json!({"type": "json_schema", "json_schema": shape}))
        }
    }
}

/// All models that can be told take `low`; less than that has a different name in each.
pub(super) const fn effort(reasoning: Reasoning) -> Option<&'static str> {
    match reasoning {
        Reasoning::Default => None,
        Reasoning::Off | Reasoning::Low => Some("low"),
        Reasoning::Medium => Some("medium"),
        Reasoning::High => Some("high"),
    }
}
