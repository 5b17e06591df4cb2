//! An answer in Anthropic's Messages.
//!
//! Blocks come one after the other, each opened and closed; the answer is complete with
//! `message_stop`, which the official clients do not check and we do.

use super::{
    anthropic_request::SHAPE,
    count, failure,
    pieces::{Pieces, whole_call},
};
use crate::{
    chat::{ChatRequest, Format},
    error::LlmError,
    event::{Finish, Usage},
};
use serde_json::{Value, json};

/// The block that is open.
enum Block {
    Text,
    Thinking {
        text: String,
        signature: String,
    },
    /// Handed on as it came.
    Redacted(Value),
    Tool {
        id: String,
        name: String,
        input: String,
    },
    /// Of the provider's own tools and other things that we do not ask for.
    Other,
}

#[derive(Default)]
pub(super) struct AnthropicDecoder {
    open: Option<Block>,
    /// The answer was asked for as the input of a tool.
    shaped: bool,
    /// Handed on at the end: only then is it known whether the last one was cut off.
    calls: Vec<(String, String, String)>,
    usage: Usage,
    stop: Option<Finish>,
}

impl AnthropicDecoder {
    pub fn new(request: &ChatRequest) -> Self {
        Self { shaped: request.format != Format::Text, ..Self::default() }
    }

    fn start(&mut self, block: &Value, out: &mut Pieces) {
        let text = |name| text(block, name).to_owned();
        self.open = Some(match block.get("type").and_then(Value::as_str) {
            Some("text") => {
                out.text(text("text"));
                Block::Text
            }
            Some("thinking") => {
                out.reasoning(text("thinking"));
                Block::Thinking { text: text("thinking"), signature: text("signature") }
            }
            Some("redacted_thinking") => Block::Redacted(block.clone()),
            Some("tool_use") => {
                let whole = block.get("input").and_then(Value::as_object);
                let whole = whole.filter(|input| !input.is_empty());
                let input = whole.map_or_else(String::new, |input| json!(input).to_string());
                Block::Tool { id: text("id"), name: text("name"), input }
            }
            _ => Block::Other,
        });
    }

    fn delta(&mut self, delta: &Value, out: &mut Pieces) {
        let shaped = self.shaped;
        match (text(delta, "type"), &mut self.open) {
            ("text_delta", Some(Block::Text)) => out.text(text(delta, "text").to_owned()),
            ("thinking_delta", Some(Block::Thinking { text: thought, .. })) => {
                thought.push_str(text(delta, "thinking"));
                out.reasoning(text(delta, "thinking").to_owned());
            }
            ("signature_delta", Some(Block::Thinking { signature, .. })) => {
                signature.push_str(text(delta, "signature"));
            }
            ("input_json_delta", Some(Block::Tool { name, input, .. })) => {
                let more = text(delta, "partial_json");
                if shaped && name == SHAPE {
                    out.text(more.to_owned());
                } else {
                    input.push_str(more);
                }
            }
            _ => {}
        }
    }

    fn stop(&mut self, out: &mut Pieces) {
        match self.open.take() {
            Some(Block::Thinking { text, signature }) => {
                let seal = json!({"type": "thinking", "thinking": text, "signature": signature});
                out.thought(text, seal.to_string());
            }
            Some(Block::Redacted(block)) => out.thought(String::new(), block.to_string()),
            Some(Block::Tool { name, input, .. }) if self.shaped && name == SHAPE => {
                out.text(input);
            }
            Some(Block::Tool { id, name, input }) => self.calls.push((id, name, input)),
            Some(Block::Text | Block::Other) | None => {}
        }
    }

    fn conclude(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        let finish = self.stop.ok_or(LlmError::Truncated)?;
        let calls = std::mem::take(&mut self.calls);
        if !matches!(finish, Finish::Length | Finish::ContextFull | Finish::Refusal) {
            for (number, (id, name, input)) in calls.into_iter().enumerate() {
                out.call(whole_call(id, name, input, number)?);
            }
        }
        out.finish(finish);
        Ok(())
    }

    /// Counts are repeated and grow; zero where one is missing does not take back an earlier one.
    fn count(&mut self, usage: &Value) {
        let fresh = count(usage, "input_tokens");
        let cached = count(usage, "cache_read_input_tokens");
        let written = count(usage, "cache_creation_input_tokens");
        let was_fresh = self.usage.input - self.usage.cached_input - self.usage.cache_write;
        self.usage.cached_input = cached.unwrap_or(self.usage.cached_input);
        self.usage.cache_write = written.unwrap_or(self.usage.cache_write);
        self.usage.input = fresh
            .unwrap_or(was_fresh)
            .saturating_add(self.usage.cached_input)
            .saturating_add(self.usage.cache_write);
        self.usage.output = count(usage, "output_tokens").unwrap_or(self.usage.output);
    }

    fn message_delta(&mut self, event: &Value, out: &mut Pieces) {
        if let Some(usage) = event.get("usage") {
            self.count(usage);
            out.usage(self.usage);
        }
        let reason = event.get("delta").map(|delta| text(delta, "stop_reason")).unwrap_or_default();
        if !reason.is_empty() {
            self.stop = Some(self.finish(reason));
        }
    }

    fn finish(&self, reason: &str) -> Finish {
        match reason {
            "max_tokens" => Finish::Length,
            "tool_use" if self.shaped => Finish::Stop,
            "tool_use" => Finish::ToolCalls,
            "pause_turn" => Finish::Paused,
            "refusal" => Finish::Refusal,
            "model_context_window_exceeded" => Finish::ContextFull,
            _ => Finish::Stop,
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn parse(data: &[u8]) -> Result<Value, LlmError> {
    serde_json::from_slice(data).map_err(|_| LlmError::Malformed("a piece is not as agreed"))
}

impl super::Decode for AnthropicDecoder {
    fn event(&mut self, _name: &[u8], data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        let event = parse(data)?;
        match text(&event, "type") {
            "message_start" => {
                if let Some(usage) = event.get("message").and_then(|message| message.get("usage")) {
                    self.count(usage);
                    out.usage(self.usage);
                }
            }
            "content_block_start" => {
                self.start(event.get("content_block").unwrap_or(&Value::Null), out);
            }
            "content_block_delta" => self.delta(event.get("delta").unwrap_or(&Value::Null), out),
            "content_block_stop" => self.stop(out),
            "message_delta" => self.message_delta(&event, out),
            "message_stop" => self.conclude(out)?,
            "error" => return Err(failure::of_event(event.get("error").unwrap_or(&Value::Null))),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        if out.finished() { Ok(()) } else { Err(LlmError::Truncated) }
    }

    fn whole(&mut self, data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        let message = parse(data)?;
        if text(&message, "type") == "error" {
            return Err(failure::of_event(message.get("error").unwrap_or(&Value::Null)));
        }
        let reason = text(&message, "stop_reason");
        if reason.is_empty() {
            return Err(LlmError::Truncated);
        }
        self.stop = Some(self.finish(reason));
        for block in message.get("content").and_then(Value::as_array).into_iter().flatten() {
            self.start(block, out);
            self.stop(out);
        }
        if let Some(usage) = message.get("usage") {
            self.count(usage);
            out.usage(self.usage);
        }
        self.conclude(out)
    }
}
