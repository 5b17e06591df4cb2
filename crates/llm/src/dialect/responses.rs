//! An answer in Responses.
//!
//! Of some sixty kinds of events six are needed; items are taken whole when they are done. The
//! answer is complete with exactly one of `completed`, `incomplete` and `failed`.

use super::{
    count, failure,
    pieces::{Pieces, whole_call},
};
use crate::{
    error::LlmError,
    event::{Finish, Usage},
};
use serde_json::{Value, json};

#[derive(Default)]
pub(super) struct ResponsesDecoder {
    calls: Vec<(String, String, String)>,
    refused: bool,
}

impl ResponsesDecoder {
    /// An item is complete. Its text has come before, unless the answer came in one piece.
    fn item(&mut self, item: &Value, with_text: bool, out: &mut Pieces) {
        match text(item, "type") {
            "function_call" => {
                let id = if text(item, "call_id").is_empty() { "id" } else { "call_id" };
                let of = |name| text(item, name).to_owned();
                self.calls.push((of(id), of("name"), of("arguments")));
            }
            "reasoning" => Self::thought(item, with_text, out),
            "message" if with_text => {
                for part in list(item, "content") {
                    match text(part, "type") {
                        "output_text" => out.text(text(part, "text").to_owned()),
                        "refusal" => self.refusal(text(part, "refusal"), out),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn thought(item: &Value, with_text: bool, out: &mut Pieces) {
        let texts = list(item, "summary").chain(list(item, "content"));
        let shown: Vec<&str> = texts.map(|part| text(part, "text")).collect();
        let shown = shown.join("\n\n");
        if with_text {
            out.reasoning(shown.clone());
        }
        // Without its sealed form it could not be sent back to a provider that keeps nothing.
        if item.get("encrypted_content").is_some_and(Value::is_string) {
            let kept = json!({
                "type": "reasoning",
                "id": item.get("id"),
                "summary": item.get("summary").unwrap_or(&json!([])),
                "encrypted_content": item.get("encrypted_content"),
            });
            out.thought(shown, kept.to_string());
        }
    }

    fn refusal(&mut self, words: &str, out: &mut Pieces) {
        self.refused = self.refused || !words.is_empty();
        out.refusal(words.to_owned());
    }

    fn terminal(&mut self, response: &Value, out: &mut Pieces) -> Result<(), LlmError> {
        let status = text(response, "status");
        if let Some(usage) = response.get("usage").and_then(usage) {
            out.usage(usage);
        }
        let calls = std::mem::take(&mut self.calls);
        let finish = match status {
            "completed" if !calls.is_empty() => {
                for (number, (id, name, arguments)) in calls.into_iter().enumerate() {
                    out.call(whole_call(id, name, arguments, number)?);
                }
                Finish::ToolCalls
            }
            "completed" if self.refused => Finish::Refusal,
            "completed" => Finish::Stop,
            "incomplete" => {
                let details = response.get("incomplete_details").unwrap_or(&Value::Null);
                match text(details, "reason") {
                    "content_filter" => Finish::ContentFilter,
                    "max_output_tokens" | "max_messages" => Finish::Length,
                    _ => Finish::Paused,
                }
            }
            "failed" => {
                return Err(failure::of_event(response.get("error").unwrap_or(&Value::Null)));
            }
            _ => return Err(LlmError::Truncated),
        };
        out.finish(finish);
        Ok(())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn parse(data: &[u8]) -> Result<Value, LlmError> {
    serde_json::from_slice(data).map_err(|_| LlmError::Malformed("a piece is not as agreed"))
}

fn usage(usage: &Value) -> Option<Usage> {
    let (input, output) = (count(usage, "input_tokens")?, count(usage, "output_tokens")?);
    let read = usage.get("input_tokens_details").unwrap_or(&Value::Null);
    let written = usage.get("output_tokens_details").unwrap_or(&Value::Null);
    let cached_input = count(read, "cached_tokens").unwrap_or(0).min(input);
    Some(Usage {
        input,
        cached_input,
        cache_write: count(read, "cache_write_tokens").unwrap_or(0).min(input - cached_input),
        output,
        reasoning: count(written, "reasoning_tokens").unwrap_or(0).min(output),
        estimated: false,
    })
}

impl super::Decode for ResponsesDecoder {
    fn event(&mut self, name: &[u8], data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        if data.trim_ascii() == b"[DONE]" {
            return Ok(());
        }
        let event = parse(data)?;
        let kind = match text(&event, "type") {
            "" => std::str::from_utf8(name).unwrap_or_default(),
            kind => kind,
        };
        match kind {
            "response.output_text.delta" => out.text(text(&event, "delta").to_owned()),
            "response.refusal.delta" => self.refusal(text(&event, "delta"), out),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                out.reasoning(text(&event, "delta").to_owned());
            }
            "response.output_item.done" => {
                self.item(event.get("item").unwrap_or(&Value::Null), false, out);
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.terminal(event.get("response").unwrap_or(&Value::Null), out)?;
            }
            "error" => {
                return Err(failure::of_event(event.get("error").unwrap_or(&event)));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Pieces) -> Result<(), LlmError> {
        if out.finished() { Ok(()) } else { Err(LlmError::Truncated) }
    }

    fn whole(&mut self, data: &[u8], out: &mut Pieces) -> Result<(), LlmError> {
        let response = parse(data)?;
        for item in list(&response, "output") {
            self.item(item, true, out);
        }
        self.terminal(&response, out)
    }
}
