//! A question in Responses. Nothing is left with the provider: the whole conversation is sent each
//! time, thoughts in their sealed form, and storing is refused.

use super::{
    chat_request::{effort, words},
    data_url, decimal, set, strict,
};
use crate::chat::{ChatRequest, Format, Message, Part, Reasoning, Role, ToolChoice};
use serde_json::{Value, json};

/// The body of a request.
pub(super) fn body(request: &ChatRequest, stream: bool) -> Value {
    let input: Vec<Value> = request.messages.iter().flat_map(items).collect();
    let mut body = json!({
        "model": request.model,
        "input": input,
        "store": false,
        "include": ["reasoning.encrypted_content"],
    });
    set(&mut body, "stream", stream.then_some(true));
    set(&mut body, "max_output_tokens", request.max_tokens);
    set(&mut body, "temperature", request.sampling.temperature.map(decimal));
    set(&mut body, "top_p", request.sampling.top_p.map(decimal));
    let reasoning = effort(request.reasoning).map(|effort| match request.reasoning {
        Reasoning::Off => json!({"effort": effort}),
        _ => json!({"effort": effort, "summary": "auto"}),
    });
    set(&mut body, "reasoning", reasoning);
    set(&mut body, "text", format(&request.format).map(|format| json!({"format": format})));
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": false,
            })
        });
        set(&mut body, "tools", Some(tools.collect::<Vec<_>>()));
        let choice = match &request.tool_choice {
            ToolChoice::Auto => None,
            ToolChoice::Never => Some(json!("none")),
            ToolChoice::Required => Some(json!("required")),
            ToolChoice::Named(name) => Some(json!({"type": "function", "name": name})),
        };
        set(&mut body, "tool_choice", choice);
    }
    body
}

fn format(format: &Format) -> Option<Value> {
    match format {
        Format::Text => None,
        Format::Json => Some(json!({"type": "json_object"})),
        Format::Schema { name, schema } => {
            // Without a word about it this language takes every schema to be strict.
            let strict = strict::qualifies(schema);
            Some(json!({"type": "json_schema", "name": name, "schema": schema, "strict": strict}))
        }
    }
}

fn items(message: &Message) -> Vec<Value> {
    match message.role {
        Role::System => vec![json!({"role": "system", "content": words(message)})],
        Role::User => sides(message, "user"),
        Role::Assistant => sides(message, "assistant"),
    }
}

/// One item for what was said, before or after those for tools, as they stand in the message.
fn sides(message: &Message, role: &str) -> Vec<Value> {
    let (mut items, mut content) = (Vec::new(), Vec::new());
    for part in &message.parts {
        // EXPOSE: what was said is what is sent.
        match part {
            Part::Text(text) => {
                let kind = if role == "user" { "input_text" } else { "output_text" };
                content.push(json!({"type": kind, "text": text.expose()}));
            }
            Part::Image(image) => {
                content.push(json!({"type": "input_image", "image_url": data_url(image)}));
            }
            Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => {
                if let Some(item) = item(part) {
                    flush(&mut items, &mut content, role);
                    items.push(item);
                }
            }
        }
    }
    flush(&mut items, &mut content, role);
    items
}

fn flush(items: &mut Vec<Value>, content: &mut Vec<Value>, role: &str) {
    if !content.is_empty() {
        items.push(json!({"role": role, "content": std::mem::take(content)}));
    }
}

fn item(part: &Part) -> Option<Value> {
    // EXPOSE: what was said is what is sent.
    match part {
        Part::Thought(thought) => {
            let seal: Value = serde_json::from_str(thought.seal.as_ref()?.expose()).ok()?;
            (seal.get("type").and_then(Value::as_str) == Some("reasoning")).then_some(seal)
        }
        Part::ToolCall(call) => Some(json!({
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments.expose(),
        })),
        Part::ToolResult(result) => Some(json!({
            "type": "function_call_output",
            "call_id": result.call_id,
            "output": result.text.expose(),
        })),
        Part::Text(_) | Part::Image(_) => None,
    }
}
