//! Answers as providers send them, written by hand after their shapes, in any cuts.

use super::*;
use crate::{
    chat::{
        Format, ImageFormat, Message, Part, Reasoning, Role, Thought, Tool, ToolCall, ToolResult,
    },
    event::{Finish, StreamEvent, Usage},
    lines::LineReader,
    sse::SseReader,
};
use kernel::Phi;

mod anthropic;
mod chat;
mod ollama;
mod requests;
mod responses;

/// What an answer said, in a form that can be compared.
#[derive(Debug, Default, Clone, PartialEq)]
struct Said {
    text: String,
    reasoning: String,
    refusal: String,
    thoughts: Vec<String>,
    calls: Vec<(String, String, String)>,
    usage: Option<Usage>,
    finish: Option<Finish>,
    error: Option<LlmError>,
}

impl Said {
    fn take(&mut self, pieces: &mut Pieces) {
        while let Some(piece) = pieces.pop() {
            assert_eq!(self.finish, None, "something after the end");
            match piece {
                StreamEvent::Delta(text) => self.text.push_str(text.expose()),
                StreamEvent::Reasoning(text) => self.reasoning.push_str(text.expose()),
                StreamEvent::Refusal(text) => self.refusal.push_str(text.expose()),
                StreamEvent::Thought(thought) => {
                    self.thoughts.push(thought.seal.unwrap().expose().clone());
                }
                StreamEvent::ToolCall(call) => {
                    self.calls.push((call.id, call.name, call.arguments.expose().clone()));
                }
                StreamEvent::Usage(usage) => self.usage = Some(usage),
                StreamEvent::Finish(finish) => self.finish = Some(finish),
            }
        }
    }
}

/// Reads a stream as a local server's if the language is one of those.
fn read(dialect: Dialect, request: &ChatRequest, stream: &str) -> Said {
    let whole = read_cut(dialect, request, stream, usize::MAX);
    for size in [1, 7] {
        assert_eq!(read_cut(dialect, request, stream, size), whole, "in pieces of {size}");
    }
    whole
}

fn read_cut(dialect: Dialect, request: &ChatRequest, stream: &str, size: usize) -> Said {
    let location = match dialect {
        Dialect::LmStudio | Dialect::Ollama => Location::Local,
        _ => Location::Remote,
    };
    let mut decoder = dialect.decoder(request, location);
    let (mut pieces, mut said) = (Pieces::default(), Said::default());
    let read = if dialect.streams_lines() {
        read_lines(decoder.as_mut(), &mut pieces, &mut said, stream.as_bytes().chunks(size))
    } else {
        read_events(decoder.as_mut(), &mut pieces, &mut said, stream.as_bytes().chunks(size))
    };
    let read = read.and_then(|()| decoder.end(&mut pieces));
    said.take(&mut pieces);
    said.error = read.err();
    said
}

fn read_events<'a>(
    decoder: &mut dyn Decode,
    pieces: &mut Pieces,
    said: &mut Said,
    cuts: impl Iterator<Item = &'a [u8]>,
) -> Result<(), LlmError> {
    let mut reader = SseReader::new(1 << 20);
    for bytes in cuts {
        reader.push(bytes);
        while let Some(event) = reader.pull().unwrap() {
            decoder.event(event.name, event.data, pieces)?;
            said.take(pieces);
        }
    }
    if let Some(event) = reader.finish().unwrap() {
        decoder.event(event.name, event.data, pieces).map_err(cut_off)?;
    }
    Ok(())
}

fn read_lines<'a>(
    decoder: &mut dyn Decode,
    pieces: &mut Pieces,
    said: &mut Said,
    cuts: impl Iterator<Item = &'a [u8]>,
) -> Result<(), LlmError> {
    let mut reader = LineReader::new(1 << 20);
    for bytes in cuts {
        reader.push(bytes);
        while let Some(line) = reader.pull().unwrap() {
            decoder.event(b"", line, pieces)?;
            said.take(pieces);
        }
    }
    if let Some(line) = reader.finish() {
        decoder.event(b"", line, pieces).map_err(cut_off)?;
    }
    Ok(())
}

fn whole(dialect: Dialect, request: &ChatRequest, body: &str) -> Said {
    let (mut pieces, mut said) = (Pieces::default(), Said::default());
    let read = dialect.decoder(request, Location::Remote).whole(body.as_bytes(), &mut pieces);
    said.take(&mut pieces);
    said.error = read.err();
    said
}

fn question() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hello")])
}

fn with_tool(name: &str) -> ChatRequest {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = Tool { name: name.into(), description: "Looks it up.".into(), parameters };
    ChatRequest { tools: vec![tool], ..question() }
}

fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
    (id.into(), name.into(), arguments.into())
}

/// Any bytes whatever: an error perhaps, but never a panic, and never two ends.
mod hostile {
    use super::*;
    use proptest::prelude::*;

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("data: "),
            Just("event: error\n"),
            Just("\n\n"),
            Just("\n"),
            Just("[DONE]"),
            Just("{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}"),
            Just("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":9999999999,\"id\":5}]}}]}"),
            Just(
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":{}}}]}}]}"
            ),
            Just("{\"choices\":[{\"finish_reason\":\"stop\"}]}"),
            Just("{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\"}}"),
            Just("{\"type\":\"content_block_stop\"}"),
            Just(
                "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":-1},\"delta\":{\"stop_reason\":\"x\"}}"
            ),
            Just("{\"type\":\"message_stop\"}"),
            Just("{\"type\":\"response.completed\"}"),
            Just("{\"done\":true,\"eval_count\":1e300}"),
            Just("{\"message\":{\"tool_calls\":[{}]}}"),
            Just("{\"error\":null}"),
            Just("null"),
            Just("[]"),
            Just("\u{fffd}"),
            Just("{"),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_stream_brings_a_decoder_down(stream in pieces()) {
            for dialect in [
                Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Anthropic,
                Dialect::LmStudio, Dialect::Ollama,
            ] {
                let said = read_cut(dialect, &with_tool("look"), &stream, 5);
                prop_assert!(said.finish.is_some() || said.error.is_some());
                whole(dialect, &question(), &stream);
            }
        }
    }
}
