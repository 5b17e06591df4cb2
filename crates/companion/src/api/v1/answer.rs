//! An answer in the words of those whose clients ask.

use crate::service::{Head, Pieces};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Coded, Ctx};
use llm::{
    StreamEvent,
    serve::{AnthropicEncoder, ChatEncoder, Heading},
};

/// How many pieces that are there already go out together.
const TOGETHER: usize = 32;

/// Writes a stream.
pub(super) enum Encoder {
    OpenAi(ChatEncoder),
    Anthropic(AnthropicEncoder),
}

impl Encoder {
    fn begin(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(encoder) => encoder.begin(out),
            Self::Anthropic(encoder) => encoder.begin(out),
        }
    }

    fn event(&mut self, event: &StreamEvent, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(encoder) => encoder.event(event, out),
            Self::Anthropic(encoder) => encoder.event(event, out),
        }
    }

    fn error(&mut self, error: &impl Coded, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(encoder) => encoder.error(error.code(), out),
            Self::Anthropic(encoder) => encoder.error(error.code(), out),
        }
    }
}

/// By which a program says that it is content with an answer that it got before, and hears whether
/// this is one.
const AGAIN: HeaderName = HeaderName::from_static("x-salus-cache");

/// Whether a program is content with an answer that it got before.
pub(super) fn wants_again(headers: &HeaderMap) -> bool {
    headers.get(AGAIN).is_some_and(|wish| wish == "allow")
}

/// An answer with the word whether it was given before.
pub(super) fn told(head: &Head, answer: impl IntoResponse) -> Response {
    let mut answer = answer.into_response();
    if let Some(again) = head.again {
        let word = HeaderValue::from_static(if again { "hit" } else { "miss" });
        answer.headers_mut().insert(AGAIN, word);
    }
    answer
}

/// What stands in every answer.
pub(super) fn heading(ctx: &Ctx, head: &Head, prefix: &str) -> Heading {
    Heading {
        id: format!("{prefix}{}", head.id.simple()),
        model: head.model.clone(),
        created: ctx.now().as_seconds(),
    }
}

/// The pieces as they go over the wire.
pub(super) fn events(pieces: Pieces, encoder: Encoder) -> impl Stream<Item = Bytes> + Send {
    let pieces = pieces.ready_chunks(TOGETHER);
    stream::unfold((pieces, encoder, true), async |(mut pieces, mut encoder, first)| {
        let some = pieces.next().await?;
        let mut out = Vec::with_capacity(256 * some.len());
        if first {
            encoder.begin(&mut out);
        }
        for piece in some {
            match piece {
                Ok(event) => encoder.event(&event, &mut out),
                Err(error) => {
                    tracing::info!(%error, "an answer to a program broke off");
                    encoder.error(&error, &mut out);
                }
            }
        }
        Some((Bytes::from(out), (pieces, encoder, false)))
    })
}
