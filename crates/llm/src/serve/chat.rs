//! A stream in Chat Completions.

use super::{Heading, openai_error, openai_finish, openai_usage};
use crate::{
    event::{StreamEvent, Usage},
    sse::write_event,
};
use kernel::ErrorCode;
use serde_json::{Value, json};

/// Writes a stream in Chat Completions.
pub struct ChatEncoder {
    /// Everything of a chunk that comes before its delta.
    before: Vec<u8>,
    heading: Heading,
    include_usage: bool,
    usage: Option<Usage>,
    calls: usize,
    data: Vec<u8>,
}

impl ChatEncoder {
    /// For one answer; with usage in a last chunk if the client asked for that.
    #[must_use]
    pub fn new(heading: Heading, include_usage: bool) -> Self {
        let before = format!(
            "{{\"id\":{},\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},{}\"choices\":[{{\"index\":0,",
            json!(heading.id),
            heading.created,
            json!(heading.model),
            if include_usage { "\"usage\":null," } else { "" },
        );
        let before = before.into_bytes();
        Self { before, heading, include_usage, usage: None, calls: 0, data: Vec::new() }
    }

    /// What comes first.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.value(&json!({"role": "assistant", "content": "", "refusal": null}), None, out);
    }

    /// One piece of the answer.
    pub fn event(&mut self, event: &StreamEvent, out: &mut Vec<u8>) {
        // EXPOSE: the answer goes to whoever asked.
        match event {
            StreamEvent::Delta(text) => self.text(b"content", text.expose(), out),
            StreamEvent::Reasoning(text) => self.text(b"reasoning_content", text.expose(), out),
            StreamEvent::Refusal(text) => self.text(b"refusal", text.expose(), out),
            StreamEvent::ToolCall(call) => {
                let function = json!({"name": call.name, "arguments": call.arguments.expose()});
                let call = json!({
                    "index": self.calls,
                    "id": call.id,
                    "type": "function",
                    "function": function,
                });
                self.calls += 1;
                self.value(&json!({"tool_calls": [call]}), None, out);
            }
            StreamEvent::Usage(usage) => self.usage = Some(*usage),
            StreamEvent::Finish(finish) => {
                self.value(&json!({}), Some(openai_finish(*finish)), out);
                self.end(out);
            }
            StreamEvent::Thought(_) => {}
        }
    }

    /// The answer failed: nothing comes after this.
    pub fn error(&mut self, code: &ErrorCode, out: &mut Vec<u8>) {
        write_event(out, "", None, openai_error(code, None).to_string().as_bytes());
    }

    /// The common case, without building a tree first.
    fn text(&mut self, field: &[u8], text: &str, out: &mut Vec<u8>) {
        self.data.clear();
        self.data.extend_from_slice(&self.before);
        self.data.extend_from_slice(b"\"delta\":{\"");
        self.data.extend_from_slice(field);
        self.data.extend_from_slice(b"\":");
        // Writing text into memory does not fail.
        serde_json::to_writer(&mut self.data, text).ok();
        self.data.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":null}]}");
        write_event(out, "", None, &self.data);
    }

    fn value(&mut self, delta: &Value, finish: Option<&str>, out: &mut Vec<u8>) {
        self.data.clear();
        self.data.extend_from_slice(&self.before);
        let finish = finish.map_or(Value::Null, |reason| json!(reason));
        let rest = format!("\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}]}}");
        self.data.extend_from_slice(rest.as_bytes());
        write_event(out, "", None, &self.data);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.include_usage {
            let chunk = json!({
                "id": self.heading.id,
                "object": "chat.completion.chunk",
                "created": self.heading.created,
                "model": self.heading.model,
                "choices": [],
                "usage": openai_usage(&self.usage.unwrap_or_default()),
            });
            write_event(out, "", None, chunk.to_string().as_bytes());
        }
        write_event(out, "", None, b"[DONE]");
    }
}
