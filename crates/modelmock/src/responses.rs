//! OpenAI's Responses.

use crate::{
    faithful::{heading, openai, stream, written},
    server::Script,
};
use futures_util::FutureExt;
use llm::{Answer, LlmError, StreamEvent, serve::Heading, sse::write_event};
use serde_json::{Value, json};

/// A whole answer.
pub(crate) fn response(heading: &Heading, answer: &Answer) -> Value {
    let mut output = Vec::new();
    if !answer.text.expose().is_empty() || !answer.refusal.expose().is_empty() {
        output.push(message_item(answer));
    }
    for (number, call) in answer.tool_calls.iter().enumerate() {
        output.push(json!({
            "type": "function_call", "id": format!("fc_{number}"), "call_id": call.id,
            "name": call.name, "arguments": call.arguments.expose(), "status": "completed",
        }));
    }
    let usage = answer.usage.unwrap_or_default();
    let mut whole = empty(heading, "completed");
    whole["output"] = json!(output);
    whole["usage"] = json!({
        "input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": usage.total(),
        "input_tokens_details": {"cached_tokens": usage.cached_input, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
    });
    whole
}

fn empty(heading: &Heading, status: &str) -> Value {
    json!({
        "id": heading.id, "object": "response", "created_at": heading.created,
        "model": heading.model, "status": status, "error": null, "incomplete_details": null,
        "instructions": null, "metadata": {}, "parallel_tool_calls": true, "tool_choice": "auto",
        "tools": [], "temperature": 1.0, "top_p": 1.0, "output": [],
    })
}

fn message_item(answer: &Answer) -> Value {
    let mut content = Vec::new();
    if !answer.text.expose().is_empty() {
        let text = answer.text.expose();
        content
            .push(json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []}));
    }
    if !answer.refusal.expose().is_empty() {
        content.push(json!({"type": "refusal", "refusal": answer.refusal.expose()}));
    }
    json!({"type": "message", "id": "msg_0", "role": "assistant", "status": "completed", "content": content})
}

/// A stream: the words as they come, then everything else from the whole answer.
pub(crate) fn responses_stream(body: &Value) -> Script {
    let heading = heading(body);
    stream(body, openai, |pieces, failed| {
        let mut said = Said::default();
        said.begin(&heading);
        for piece in pieces {
            said.piece(piece);
        }
        match failed {
            Some(LlmError::Truncated) => {}
            Some(error) => said.say("error", openai(error)["error"].clone()),
            None => said.end(&heading, pieces),
        }
        said.0
    })
}

#[derive(Default)]
struct Said(Vec<Vec<u8>>);

impl Said {
    fn say(&mut self, kind: &str, mut data: Value) {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(self.0.len());
        self.0.push(written(|out| write_event(out, kind, None, data.to_string().as_bytes())));
    }

    fn in_part(&mut self, kind: &str, name: &str, value: Value) {
        let mut data =
            json!({"item_id": "msg_0", "output_index": 0, "content_index": 0, "logprobs": []});
        data[name] = value;
        self.say(kind, data);
    }

    fn begin(&mut self, heading: &Heading) {
        self.say("response.created", json!({"response": empty(heading, "in_progress")}));
        let item = json!({"type": "message", "id": "msg_0", "role": "assistant",
            "status": "in_progress", "content": []});
        self.say("response.output_item.added", json!({"output_index": 0, "item": item}));
        let part = json!({"type": "output_text", "text": "", "annotations": []});
        self.in_part("response.content_part.added", "part", part);
    }

    fn piece(&mut self, piece: &StreamEvent) {
        match piece {
            StreamEvent::Delta(text) => {
                self.in_part("response.output_text.delta", "delta", json!(text.expose()));
            }
            StreamEvent::Refusal(text) => {
                self.in_part("response.refusal.delta", "delta", json!(text.expose()));
            }
            _ => {}
        }
    }

    /// The whole answer, unless the script never comes to its end.
    fn end(&mut self, heading: &Heading, pieces: &[StreamEvent]) {
        let all: Vec<_> = pieces.iter().cloned().map(Ok).collect();
        let all = Answer::collect(Box::pin(futures_util::stream::iter(all)));
        let Some(Ok(answer)) = all.now_or_never() else { return };
        let whole = response(heading, &answer);
        for (index, item) in whole["output"].as_array().into_iter().flatten().enumerate() {
            let data = json!({"output_index": index, "item": item});
            self.say("response.output_item.done", data);
        }
        self.say("response.completed", json!({"response": whole}));
    }
}
