//! What is written here is read back by the decoders, which are tested against hand-written
//! streams; the official clients read it in the tests over HTTP.

use super::*;
use crate::{
    chat::{ChatRequest, Format, ToolCall},
    dialect::{Decode, Dialect, Pieces},
    event::StreamEvent,
    model::Location,
    sse::SseReader,
};
use kernel::Phi;
use proptest::prelude::*;

fn heading() -> Heading {
    Heading { id: "a-1".into(), model: "salus/\"m\"".into(), created: 1_700_000_000 }
}

fn phi(text: &str) -> Phi<String> {
    Phi::new(text.to_owned())
}

/// A text form of events in which neighbours of the same kind are one.
fn told(events: impl IntoIterator<Item = StreamEvent>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for event in events {
        let (kind, text) = match event {
            StreamEvent::Delta(text) => ("text", text.expose().clone()),
            StreamEvent::Reasoning(text) => ("reasoning", text.expose().clone()),
            StreamEvent::Refusal(text) => ("refusal", text.expose().clone()),
            StreamEvent::ToolCall(call) => {
                all.push((
                    "call".into(),
                    format!("{} {} {}", call.id, call.name, call.arguments.expose()),
                ));
                continue;
            }
            StreamEvent::Finish(finish) => ("finish", format!("{finish:?}")),
            StreamEvent::Usage(_) | StreamEvent::Thought(_) => continue,
        };
        match all.last_mut() {
            Some((last, before)) if last == kind => before.push_str(&text),
            _ => all.push((kind.into(), text)),
        }
    }
    all
}

fn decoded(dialect: Dialect, bytes: &[u8]) -> (Vec<StreamEvent>, Option<Usage>) {
    let request = ChatRequest { format: Format::Text, ..ChatRequest::default() };
    let mut decoder: Box<dyn Decode> = dialect.decoder(&request, Location::Remote);
    let (mut reader, mut pieces) = (SseReader::new(1 << 20), Pieces::default());
    reader.push(bytes);
    while let Some(event) = reader.pull().unwrap() {
        decoder.event(event.name, event.data, &mut pieces).unwrap();
    }
    decoder.end(&mut pieces).unwrap();
    let events: Vec<StreamEvent> = std::iter::from_fn(|| pieces.pop()).collect();
    let usage = events.iter().rev().find_map(|event| match event {
        StreamEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    (events, usage)
}

fn encoded(dialect: Dialect, events: &[StreamEvent]) -> Vec<u8> {
    let mut out = Vec::new();
    if dialect == Dialect::Anthropic {
        let mut encoder = AnthropicEncoder::new(heading(), 10);
        encoder.begin(&mut out);
        for event in events {
            encoder.event(event, &mut out);
        }
    } else {
        let mut encoder = ChatEncoder::new(heading(), true);
        encoder.begin(&mut out);
        for event in events {
            encoder.event(event, &mut out);
        }
    }
    out
}

/// Words and thoughts.
fn pieces_of_answers() -> impl Strategy<Value = Vec<(bool, String)>> {
    proptest::collection::vec((any::<bool>(), "[a-z\\n\"\\\\é🙂]{1,6}"), 0..10)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(said in pieces_of_answers(), calls in 0usize..3) {
        let piece = |(thought, text): (bool, String)| {
            let text = Phi::new(text);
            if thought { StreamEvent::Reasoning(text) } else { StreamEvent::Delta(text) }
        };
        let mut events: Vec<StreamEvent> = said.into_iter().map(piece).collect();
        for number in 0..calls {
            let (id, name) = (format!("c{number}"), "look".to_owned());
            events.push(StreamEvent::ToolCall(ToolCall { id, name, arguments: phi("{\"a\":1}") }));
        }
        let usage =
            Usage { input: 20, cached_input: 5, cache_write: 0, output: 9, reasoning: 0, estimated: false };
        events.push(StreamEvent::Usage(usage));
        let finish = if calls > 0 { Finish::ToolCalls } else { Finish::Stop };
        events.push(StreamEvent::Finish(finish));
        for dialect in [Dialect::OpenAiChat, Dialect::Anthropic] {
            let (read, counted) = decoded(dialect, &encoded(dialect, &events));
            prop_assert_eq!(told(read), told(events.clone()));
            prop_assert_eq!(counted, Some(usage));
        }
    }
}

#[test]
fn a_refusal_stays_one_in_both() {
    let events = [StreamEvent::Refusal(phi("No.")), StreamEvent::Finish(Finish::Refusal)];
    let (chat, _) = decoded(Dialect::OpenAiChat, &encoded(Dialect::OpenAiChat, &events));
    assert_eq!(told(chat), told(events.clone()));
    let (anthropic, _) = decoded(Dialect::Anthropic, &encoded(Dialect::Anthropic, &events));
    assert_eq!(told(anthropic)[1], ("finish".into(), "Refusal".into()));
}

#[test]
fn errors_say_what_a_person_is_told_and_end_the_stream() {
    let mut out = Vec::new();
    ChatEncoder::new(heading(), false).error(&crate::error::PROVIDER_BUSY, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("provider_busy") && !text.contains("[DONE]"), "{text}");
    let mut out = Vec::new();
    AnthropicEncoder::new(heading(), 1).error(&crate::error::PROVIDER_BUSY, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("event: error\n") && text.contains("overloaded_error"), "{text}");
}
