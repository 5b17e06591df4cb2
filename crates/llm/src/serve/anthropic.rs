//! A stream in Anthropic's Messages.
//!
//! Every event has its `event:` line: the official Python client skips those without.

use super::{Heading, anthropic_error, anthropic_finish, anthropic_usage};
use crate::{
    dialect::set,
    event::{StreamEvent, Usage},
    sse::write_event,
};
use kernel::ErrorCode;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    Thinking,
}

/// Writes a stream in Anthropic's Messages.
pub struct AnthropicEncoder {
    heading: Heading,
    usage: Usage,
    open: Option<Block>,
    index: usize,
}

impl AnthropicEncoder {
    /// For one answer to a question of about so many tokens.
    #[must_use]
    pub fn new(heading: Heading, input: u64) -> Self {
        let usage = Usage { input, ..Usage::default() };
        Self { heading, usage, open: None, index: 0 }
    }

    /// What comes first.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        let message = json!({
            "id": self.heading.id,
            "type": "message",
            "role": "assistant",
            "model": self.heading.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": anthropic_usage(&self.usage),
        });
        write("message_start", &json!({"message": message}), out);
    }

    /// One piece of the answer.
    pub fn event(&mut self, event: &StreamEvent, out: &mut Vec<u8>) {
        // EXPOSE: the answer goes to whoever asked.
        match event {
            // A refusal is text here, and is told by the reason to stop.
            StreamEvent::Delta(text) | StreamEvent::Refusal(text) => {
                self.open(Block::Text, out);
                self.delta(&json!({"type": "text_delta", "text": text.expose()}), out);
            }
            StreamEvent::Reasoning(text) => {
                self.open(Block::Thinking, out);
                self.delta(&json!({"type": "thinking_delta", "thinking": text.expose()}), out);
            }
            StreamEvent::ToolCall(call) => {
                self.close(out);
                let block =
                    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
                self.start(&block, out);
                let arguments = call.arguments.expose();
                self.delta(&json!({"type": "input_json_delta", "partial_json": arguments}), out);
                self.stop(out);
            }
            StreamEvent::Usage(usage) => self.usage = *usage,
            StreamEvent::Finish(finish) => {
                self.close(out);
                let delta =
                    json!({"stop_reason": anthropic_finish(*finish), "stop_sequence": null});
                let usage = anthropic_usage(&self.usage);
                write("message_delta", &json!({"delta": delta, "usage": usage}), out);
                write("message_stop", &json!({}), out);
            }
            StreamEvent::Thought(_) => {}
        }
    }

    /// The answer failed: nothing comes after this.
    pub fn error(&mut self, code: &ErrorCode, out: &mut Vec<u8>) {
        write_event(out, "error", None, anthropic_error(code, None).to_string().as_bytes());
    }

    fn open(&mut self, block: Block, out: &mut Vec<u8>) {
        if self.open == Some(block) {
            return;
        }
        self.close(out);
        let start = match block {
            Block::Text => json!({"type": "text", "text": ""}),
            Block::Thinking => json!({"type": "thinking", "thinking": "", "signature": ""}),
        };
        self.start(&start, out);
        self.open = Some(block);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            self.stop(out);
        }
    }

    fn start(&self, block: &Value, out: &mut Vec<u8>) {
        let data = json!({"index": self.index, "content_block": block});
        write("content_block_start", &data, out);
    }

    fn delta(&self, delta: &Value, out: &mut Vec<u8>) {
        write("content_block_delta", &json!({"index": self.index, "delta": delta}), out);
    }

    fn stop(&mut self, out: &mut Vec<u8>) {
        write("content_block_stop", &json!({"index": self.index}), out);
        self.index += 1;
    }
}

fn write(kind: &str, fields: &Value, out: &mut Vec<u8>) {
    let mut data = fields.clone();
    set(&mut data, "type", Some(kind));
    write_event(out, kind, None, data.to_string().as_bytes());
}
