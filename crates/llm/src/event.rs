//! What a model answers, piece by piece and as a whole.

use crate::{
    chat::{Thought, ToolCall},
    error::LlmError,
};
use futures_util::{Stream, StreamExt};
use kernel::Phi;
use std::pin::Pin;

/// The pieces of an answer as they come. Dropping it ends the question: the connection to the
/// provider is closed with it, at once.
///
/// It ends with exactly one [`StreamEvent::Finish`] or one error, and nothing after it. A provider
/// that falls silent or breaks off gives an error; there is no clean end without a `Finish`.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<StreamEvent, LlmError>> + Send>>;

/// One piece of an answer.
#[derive(Clone)]
pub enum StreamEvent {
    /// More words.
    Delta(Phi<String>),
    /// More of the model's thinking, to be shown as such or not at all.
    Reasoning(Phi<String>),
    /// A thought that is complete, to be sent back in the turn after a tool call. What of it may
    /// be shown has come as `Reasoning` before.
    Thought(Thought),
    /// A tool is wanted. The call is whole, however it was cut on its way.
    ToolCall(ToolCall),
    /// More words of a refusal: the model says that it will not answer.
    Refusal(Phi<String>),
    /// What the answer has used so far. It may come more than once; the last one counts. Without
    /// one, a [`crate::Meter`] estimates.
    Usage(Usage),
    /// The end.
    Finish(Finish),
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The limit of tokens was reached; the text is cut off.
    Length,
    /// Tools are to be run.
    ToolCalls,
    /// The model refused.
    Refusal,
    /// The provider's filter stopped it. What was shown before may have to be taken back.
    ContentFilter,
    /// The provider paused a long turn; the same conversation can be sent again to go on.
    Paused,
    /// The context of the model is full.
    ContextFull,
}

/// Tokens used, counted the same way for every provider: `input` has all that was read, with
/// `cached_input` and `cache_write` as parts of it; `output` has all that was written, with
/// `reasoning` as a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub input: u64,
    /// Of these, read from the provider's cache.
    pub cached_input: u64,
    /// Of these, written into the provider's cache.
    pub cache_write: u64,
    /// Tokens written.
    pub output: u64,
    /// Of these, spent on thinking.
    pub reasoning: u64,
    /// Counted by us, not by the provider.
    pub estimated: bool,
}

impl Usage {
    /// All tokens.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// A whole answer.
#[derive(Clone)]
pub struct Answer {
    /// The words.
    pub text: Phi<String>,
    /// The words of a refusal; empty if there was none.
    pub refusal: Phi<String>,
    /// What the model thought, as far as it may be shown.
    pub reasoning: Phi<String>,
    /// Thoughts to be sent back.
    pub thoughts: Vec<Thought>,
    /// The tools that are wanted.
    pub tool_calls: Vec<ToolCall>,
    /// What it used, if the provider said.
    pub usage: Option<Usage>,
    /// Why it ended.
    pub finish: Finish,
}

impl Answer {
    /// Reads a stream to its end.
    pub async fn collect(mut stream: EventStream) -> Result<Self, LlmError> {
        let mut answer = Self {
            text: Phi::default(),
            refusal: Phi::default(),
            reasoning: Phi::default(),
            thoughts: Vec::new(),
            tool_calls: Vec::new(),
            usage: None,
            finish: Finish::Stop,
        };
        while let Some(event) = stream.next().await {
            match event? {
                // EXPOSE: pieces of the same answer are put together, as Phi again.
                StreamEvent::Delta(more) => answer.text.expose_mut().push_str(more.expose()),
                StreamEvent::Reasoning(more) => {
                    answer.reasoning.expose_mut().push_str(more.expose());
                }
                StreamEvent::Refusal(more) => answer.refusal.expose_mut().push_str(more.expose()),
                StreamEvent::Thought(thought) => answer.thoughts.push(thought),
                StreamEvent::ToolCall(call) => answer.tool_calls.push(call),
                StreamEvent::Usage(usage) => answer.usage = Some(usage),
                StreamEvent::Finish(finish) => {
                    answer.finish = finish;
                    return Ok(answer);
                }
            }
        }
        Err(LlmError::Truncated)
    }

    /// The same answer in pieces, for whoever reads pieces.
    #[must_use]
    pub fn into_stream(self) -> EventStream {
        // EXPOSE: only whether there is something.
        let words = |text: Phi<String>| Some(text).filter(|text| !text.expose().is_empty());
        let mut pieces: Vec<Result<StreamEvent, LlmError>> = Vec::with_capacity(4);
        pieces.extend(words(self.reasoning).map(|text| Ok(StreamEvent::Reasoning(text))));
        pieces.extend(self.thoughts.into_iter().map(|thought| Ok(StreamEvent::Thought(thought))));
        pieces.extend(words(self.text).map(|text| Ok(StreamEvent::Delta(text))));
        pieces.extend(words(self.refusal).map(|text| Ok(StreamEvent::Refusal(text))));
        pieces.extend(self.tool_calls.into_iter().map(|call| Ok(StreamEvent::ToolCall(call))));
        pieces.extend(self.usage.map(|usage| Ok(StreamEvent::Usage(usage))));
        pieces.push(Ok(StreamEvent::Finish(self.finish)));
        Box::pin(futures_util::stream::iter(pieces))
    }
}

/// The meaning of texts as numbers, in the order of the texts.
#[derive(Clone)]
pub struct Embeddings {
    /// One vector for each text. They tell much about the texts and are as private as they.
    pub vectors: Vec<Phi<Vec<f32>>>,
    /// What it used.
    pub usage: Usage,
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn said(text: &str) -> StreamEvent {
        StreamEvent::Delta(Phi::new(text.into()))
    }

    #[tokio::test]
    async fn an_answer_has_all_pieces_in_order() {
        let pieces = [said("good "), said("day"), StreamEvent::Finish(Finish::Length)].map(Ok);
        let answer = Answer::collect(Box::pin(stream::iter(pieces))).await.unwrap();
        assert_eq!(answer.text.expose(), "good day");
        assert_eq!((answer.finish, answer.usage), (Finish::Length, None));
    }

    #[tokio::test]
    async fn a_stream_without_its_end_is_no_answer() {
        let answer = Answer::collect(Box::pin(stream::iter([Ok(said("good "))]))).await;
        assert_eq!(answer.err(), Some(LlmError::Truncated));
    }
}
