//! What a decoder hands on, and the tool calls that it puts together.

use crate::{
    chat::{Thought, ToolCall},
    error::LlmError,
    event::{Finish, StreamEvent, Usage},
};
use kernel::Phi;
use serde_json::Value;
use std::collections::VecDeque;

/// More calls than any honest answer has.
const MAX_CALLS: usize = 128;

/// The pieces of an answer that were read and not yet fetched.
#[derive(Default)]
pub(crate) struct Pieces {
    queue: VecDeque<StreamEvent>,
    finished: bool,
}

impl Pieces {
    pub fn pop(&mut self) -> Option<StreamEvent> {
        self.queue.pop_front()
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the finish was read. Nothing counts after it.
    pub const fn finished(&self) -> bool {
        self.finished
    }

    pub fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.queue.push_back(StreamEvent::Delta(Phi::new(text)));
        }
    }

    pub fn reasoning(&mut self, text: String) {
        if !text.is_empty() {
            self.queue.push_back(StreamEvent::Reasoning(Phi::new(text)));
        }
    }

    pub fn refusal(&mut self, text: String) {
        if !text.is_empty() {
            self.queue.push_back(StreamEvent::Refusal(Phi::new(text)));
        }
    }

    /// A thought to be sent back, in the provider's own form.
    pub fn thought(&mut self, text: String, seal: String) {
        let thought = Thought { text: Phi::new(text), seal: Some(Phi::new(seal)) };
        self.queue.push_back(StreamEvent::Thought(thought));
    }

    pub fn usage(&mut self, usage: Usage) {
        self.queue.push_back(StreamEvent::Usage(usage));
    }

    pub fn call(&mut self, call: ToolCall) {
        self.queue.push_back(StreamEvent::ToolCall(call));
    }

    pub fn finish(&mut self, finish: Finish) {
        if !self.finished {
            self.finished = true;
            self.queue.push_back(StreamEvent::Finish(finish));
        }
    }
}

/// Tool calls that come in fragments, possibly of several calls at once.
#[derive(Default)]
pub(crate) struct Calls(Vec<(u64, Call)>);

#[derive(Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

impl Calls {
    /// A fragment of the call with this index. Servers that give all calls the index 0 still give
    /// each its own id; an empty id or name means none.
    pub fn fragment(
        &mut self,
        index: u64,
        id: &str,
        name: &str,
        arguments: Option<&Value>,
    ) -> Result<(), LlmError> {
        let known = self.0.iter().rposition(|(of, call)| {
            *of == index && (id.is_empty() || call.id.is_empty() || call.id == id)
        });
        if known.is_none() {
            if self.0.len() >= MAX_CALLS {
                return Err(LlmError::Malformed("too many tool calls"));
            }
            self.0.push((index, Call::default()));
        }
        let at = known.unwrap_or(self.0.len().saturating_sub(1));
        let Some((_, call)) = self.0.get_mut(at) else { return Ok(()) };
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match arguments {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => call.arguments.push_str(text),
            Some(whole) => call.arguments = whole.to_string(),
        }
        Ok(())
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All calls, whole.
    pub fn hand_on(&mut self, pieces: &mut Pieces) -> Result<(), LlmError> {
        for (number, (_, call)) in self.0.drain(..).enumerate() {
            if call.name.is_empty() {
                return Err(LlmError::Malformed("a tool call without a name"));
            }
            pieces.call(whole_call(call.id, call.name, call.arguments, number)?);
        }
        Ok(())
    }
}

/// A call whose arguments are one JSON object, as every tool may rely on.
pub(crate) fn whole_call(
    id: String,
    name: String,
    arguments: String,
    number: usize,
) -> Result<ToolCall, LlmError> {
    let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments };
    if !matches!(serde_json::from_str(&arguments), Ok(Value::Object(_))) {
        return Err(LlmError::Malformed("the arguments of a tool call are no object"));
    }
    let id = if id.is_empty() { format!("call_{number}") } else { id };
    Ok(ToolCall { id, name, arguments: Phi::new(arguments) })
}
