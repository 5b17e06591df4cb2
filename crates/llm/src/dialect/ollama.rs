//! Ollama's own language: lines of JSON, tools with arguments as objects, counts in the last line.

use super::{
    base64_of,
    chat_request::words,
    count, decimal, failure,
    pieces::{Calls, Pieces},
    set,
    tags::Tags,
};
use crate::{
    chat::{ChatRequest, Format, Message, Part, Reasoning, Role, ToolChoice},
    error::LlmError,
    event::{Finish, Usage},
};
use serde_json::{Value, json};

/// The body of a request.
pub(super) fn body(request: &ChatRequest, stream: bool) -> Value {
    let messages: Vec<Value> =
        request.messages.iter().flat_map(|message| lines(request, message)).collect();
    let mut body = json!({"model": request.model, "messages": messages, "stream": stream});
    let mut options = json!({});
    set(&mut options, "temperature", request.sampling.temperature.map(decimal));
    set(&mut options, "top_p", request.sampling.top_p.map(decimal));
    set(&mut options, "seed", request.sampling.seed);
    let stop = &request.sampling.stop;
    set(&mut options, "stop", (!stop.is_empty()).then_some(stop));
    set(&mut options, "num_predict", request.max_tokens);
    set(
        &mut body,
        "options",
        options.as_object().is_some_and(|map| !map.is_empty()).then_some(options),
    );
    set(
        &mut body,
        "format",
        match &request.format {
            Format::Text => None,
            Format::Json => Some(json!("json")),
            Format::Schema { schema, .. } => Some(schema.clone()),
        },
    );
    set(
        &mut body,
        "think",
        match request.reasoning {
            Reasoning::Default => None,
            Reasoning::Off => Some(false),
            Reasoning::Low | Reasoning::Medium | Reasoning::High => Some(true),
        },
    );
    // There is no other way to say that none may be used.
    let may = request.tool_choice != ToolChoice::Never;
    let tools = request.tools.iter().filter(|_| may).map(|tool| {
        json!({
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        })
    });
    let tools: Vec<Value> = tools.collect();
    set(&mut body, "tools", (!tools.is_empty()).then_some(tools));
    body
}

fn lines(request: &ChatRequest, message: &Message) -> Vec<Value> {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let (mut all, mut images, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for part in &message.parts {
        // EXPOSE: what was said is what is sent.
        match part {
            Part::ToolResult(result) => all.push(json!({
                "role": "tool",
                "tool_name": name_of(request, &result.call_id),
                "content": result.text.expose(),
            })),
            Part::Image(image) => images.push(base64_of(image)),
            Part::ToolCall(call) => {
                let arguments: Value =
                    serde_json::from_str(call.arguments.expose()).unwrap_or(json!({}));
                calls.push(json!({"function": {"name": call.name, "arguments": arguments}}));
            }
            Part::Text(_) | Part::Thought(_) => {}
        }
    }
    let text = words(message);
    if !text.is_empty() || !images.is_empty() || !calls.is_empty() {
        let mut line = json!({"role": role, "content": text});
        set(&mut line, "images", (!images.is_empty()).then_some(images));
        set(&mut line, "tool_calls", (!calls.is_empty()).then_some(calls));
        all.push(line);
    }
    all
}

/// The tool that a call was for: here results name tools, not calls.
fn name_of<'a>(request: &'a ChatRequest, call_id: &str) -> &'a str {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let mut names = parts.filter_map(|part| match part {
        Part::ToolCall(call) if call.id == call_id => Some(call.name.as_str()),
        _ => None,
    });
    names.next().unwrap_or_default()
}

pub(super) struct OllamaDecoder {
    tags: Tags,
    calls: Calls,
    seen: u64,
}

impl OllamaDecoder {
    pub fn new(request: &ChatRequest) -> Self {
        let tools = request.tools.iter().map(|tool| tool.name.clone()).collect();
        Self { tags: Tags::new(tools), calls: Calls::default(), seen: 0 }
    }

    fn call(&mut self, name: &str, arguments: Option<&Value>) -> Result<(), LlmError> {
        self.seen += 1;
        self.calls.fragment(self.seen, "", name, arguments)
    }

    fn conclude(&mut self, line: &Value, out: &mut Pieces) -> Result<(), LlmError> {
        self.tags.end(out);
        for wish in self.tags.wishes() {
            self.call(&wish.name, Some(&wish.arguments))?;
        }
        let (input, output) = (count(line, "prompt_eval_count"), count(line, "eval_count"));
        if input.is_some() || output.is_some() {
            out.usage(Usage {
                input: input.unwrap_or(0),
                output: output.unwrap_or(0),
                ..Usage::default()
            });
        }
        let finish = match line.get("done_reason").and_then(Value::as_str) {
            Some("length") => Finish::Length,
            _ if !self.calls.is_empty() => {
                self.calls.hand_on(out)?;
                Finish::ToolCalls
            }
            _ => Finish::Stop,
        };
        out.finish(finish);
        Ok(())
    }
}

impl super::Decode for OllamaDecoder {
    fn event(&mut self, _name: &[u8], data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        let line: Value = serde_json::from_slice(data)
            .map_err(|_| LlmError::Malformed("a line is not as agreed"))?;
        if let Some(error) = line.get("error") {
            return Err(failure::of_event(error));
        }
        if let Some(message) = line.get("message") {
            let text = |name| message.get(name).and_then(Value::as_str).unwrap_or_default();
            out.reasoning(text("thinking").to_owned());
            self.tags.feed(text("content"), out);
            for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                let function = call.get("function").unwrap_or(&Value::Null);
                let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
                self.call(name, function.get("arguments"))?;
            }
        }
        if line.get("done").and_then(Value::as_bool) == Some(true) {
            self.conclude(&line, out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        if out.finished() { Ok(()) } else { Err(LlmError::Truncated) }
    }
}
