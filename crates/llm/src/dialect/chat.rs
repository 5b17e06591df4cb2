//! An answer in Chat Completions, from OpenAI and from those who speak like it.
//!
//! Only the first choice is read; no more are asked for. An answer is complete with a
//! `finish_reason`; usage may come after it, and `[DONE]` may be missing.

use super::{
    count, failure,
    pieces::{Calls, Pieces},
    tags::Tags,
};
use crate::{
    chat::ChatRequest,
    error::LlmError,
    event::{Finish, Usage},
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default, alias = "message")]
    delta: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default, deserialize_with = "words")]
    content: String,
    #[serde(default, deserialize_with = "words")]
    refusal: String,
    #[serde(default, deserialize_with = "words")]
    reasoning_content: String,
    #[serde(default, deserialize_with = "words")]
    reasoning: String,
    #[serde(default)]
    tool_calls: Option<Vec<Fragment>>,
    #[serde(default)]
    function_call: Option<Function>,
}

#[derive(Deserialize)]
struct Fragment {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
}

/// Text; or a list of parts that have one, as some servers send it. Anything else is none.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        Text(String),
        Other(Value),
    }
    Ok(match Words::deserialize(deserializer)? {
        Words::Text(text) => text,
        Words::Other(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect()
        }
        Words::Other(_) => String::new(),
    })
}

pub(super) struct ChatDecoder {
    calls: Calls,
    /// Only for local servers: others take such tags out themselves.
    tags: Option<Tags>,
    refused: bool,
    finish: Option<Finish>,
}

impl ChatDecoder {
    pub fn new(request: &ChatRequest, local: bool) -> Self {
        let tools = || request.tools.iter().map(|tool| tool.name.clone()).collect();
        let tags = local.then(|| Tags::new(tools()));
        Self { calls: Calls::default(), tags, refused: false, finish: None }
    }

    fn delta(&mut self, delta: Delta, out: &mut Pieces) -> Result<(), LlmError> {
        out.reasoning(delta.reasoning_content);
        out.reasoning(delta.reasoning);
        match &mut self.tags {
            Some(tags) => tags.feed(&delta.content, out),
            None => out.text(delta.content),
        }
        self.refused = self.refused || !delta.refusal.is_empty();
        out.refusal(delta.refusal);
        for fragment in delta.tool_calls.into_iter().flatten() {
            let function = fragment.function.as_ref();
            let name = function.and_then(|function| function.name.as_deref()).unwrap_or_default();
            let arguments = function.and_then(|function| function.arguments.as_ref());
            let id = fragment.id.as_deref().unwrap_or_default();
            self.calls.fragment(fragment.index.unwrap_or(0), id, name, arguments)?;
        }
        if let Some(old) = delta.function_call {
            let name = old.name.as_deref().unwrap_or_default();
            self.calls.fragment(0, "", name, old.arguments.as_ref())?;
        }
        Ok(())
    }

    /// All that could be held back until the end.
    fn conclude(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        let Some(finish) = self.finish else { return Err(LlmError::Truncated) };
        if let Some(tags) = &mut self.tags {
            tags.end(out);
            for (number, wish) in tags.wishes().into_iter().enumerate() {
                let index = 1_000 + number as u64;
                self.calls.fragment(index, "", &wish.name, Some(&wish.arguments))?;
            }
        }
        // Cut-off calls are not to be run; what was cut off is said by the finish.
        let whole = !matches!(finish, Finish::Length | Finish::ContentFilter);
        let wanted = whole && !self.calls.is_empty();
        if wanted {
            self.calls.hand_on(out)?;
        }
        out.finish(match finish {
            Finish::Stop if wanted => Finish::ToolCalls,
            Finish::Stop if self.refused => Finish::Refusal,
            other => other,
        });
        Ok(())
    }
}

impl super::Decode for ChatDecoder {
    fn event(&mut self, _name: &[u8], data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return self.conclude(out);
        }
        if data.is_empty() {
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(data)
            .map_err(|_| LlmError::Malformed("a piece is not as agreed"))?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(failure::of_event(&error));
        }
        for choice in chunk.choices.into_iter().flatten() {
            if choice.index.unwrap_or(0) != 0 {
                continue;
            }
            if let Some(delta) = choice.delta {
                self.delta(delta, out)?;
            }
            match choice.finish_reason.as_deref() {
                None | Some("") => {}
                Some("error") => return Err(failure::of_event(&choice.error.unwrap_or_default())),
                Some(reason) => self.finish = Some(finish(reason)),
            }
        }
        if let Some(usage) = chunk.usage.as_ref().and_then(usage) {
            out.usage(usage);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        if out.finished() { Ok(()) } else { self.conclude(out) }
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "length" | "max_tokens" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

/// Usage, unless it says nothing.
pub(super) fn usage(usage: &Value) -> Option<Usage> {
    let input = count(usage, "prompt_tokens");
    let output = count(usage, "completion_tokens");
    if input.is_none() && output.is_none() {
        return None;
    }
    let read = usage.get("prompt_tokens_details").unwrap_or(&Value::Null);
    let written = usage.get("completion_tokens_details").unwrap_or(&Value::Null);
    let cached = count(read, "cached_tokens").or(count(usage, "prompt_cache_hit_tokens"));
    let input = input.unwrap_or(0);
    let cached_input = cached.unwrap_or(0).min(input);
    let output = output.unwrap_or(0);
    Some(Usage {
        input,
        cached_input,
        cache_write: count(read, "cache_write_tokens").unwrap_or(0).min(input - cached_input),
        output,
        reasoning: count(written, "reasoning_tokens").unwrap_or(0).min(output),
        estimated: false,
    })
}
