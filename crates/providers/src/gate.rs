//! What stands before every provider that is not on a machine of ours: nothing passes it as it
//! was said.
//!
//! Names, addresses, numbers and dates are taken out of the question and put back into the
//! answer, so that providers see placeholders and people their own words. Pictures do not pass,
//! and where there is more to take out than can be followed, nothing does. A thought that a provider
//! wants back goes back to it as it came, placeholders and all; any other does not pass.

mod thoughts;
mod tools;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use kernel::Phi;
use llm::{
    Answer, ChatRequest, EmbedRequest, Embeddings, EventStream, LlmError, Message, Model, Part,
    Provider, ProviderId, Role, StreamEvent, ToolCall, ToolResult,
};
use privacy::{Restorer, Veil};
use std::sync::Arc;
use thoughts::Thoughts;

/// What a model is told about placeholders. It stays the same, so that providers can keep it.
const NOTE: &str = "Words in square brackets such as [NAME_1] or [DATE_2] stand for something \
    private that was left out. Where you mean it, write them unchanged, brackets included. Do not \
    guess or ask what they stand for.";

/// A provider elsewhere, behind the gate.
pub struct Gate {
    provider: Arc<dyn Provider>,
    thoughts: Arc<Thoughts>,
}

impl Gate {
    /// Before this provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self { provider, thoughts: Arc::default() }
    }
}

#[async_trait]
impl Provider for Gate {
    fn id(&self) -> &ProviderId {
        self.provider.id()
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        self.provider.models().await
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        let (covered, veil) = cover(request, &self.thoughts)?;
        let mut back = Back::new(veil, self.thoughts.clone());
        let pieces = self.provider.stream(&covered).await?;
        Ok(Box::pin(pieces.flat_map(move |piece| stream::iter(back.piece(piece)))))
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Answer, LlmError> {
        let (covered, veil) = cover(request, &self.thoughts)?;
        let answer = self.provider.complete(&covered).await?;
        answer.thoughts.iter().for_each(|thought| self.thoughts.came(thought));
        Ok(Answer {
            text: veil.uncover(&answer.text),
            refusal: veil.uncover(&answer.refusal),
            reasoning: veil.uncover(&answer.reasoning),
            tool_calls: answer.tool_calls.into_iter().map(|call| call_back(&veil, call)).collect(),
            ..answer
        })
    }

    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError> {
        let mut veil = Veil::new(&request.names);
        let inputs = request.inputs.iter().map(|text| taken_out(&mut veil, text));
        let inputs = inputs.collect::<Result<_, _>>()?;
        let covered = EmbedRequest { inputs, names: Vec::new(), ..request.clone() };
        self.provider.embed(&covered).await
    }
}

fn taken_out(veil: &mut Veil, text: &Phi<String>) -> Result<Phi<String>, LlmError> {
    veil.cover(text).map_err(|_| LlmError::Unsupported("too much to take out"))
}

/// The question as it may leave, and what was taken out of it.
fn cover(request: &ChatRequest, thoughts: &Thoughts) -> Result<(ChatRequest, Arc<Veil>), LlmError> {
    let mut veil = Veil::new(&request.names);
    // First, because they stay the same while messages are added.
    let tools = request.tools.iter().map(|tool| tools::tool(&mut veil, tool));
    let tools = tools.collect::<Result<_, _>>()?;
    let format = tools::format(&mut veil, &request.format)?;
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    for message in &request.messages {
        let known = |part: &&Part| !matches!(part, Part::Thought(it) if !thoughts.knows(it));
        let parts = message.parts.iter().filter(known).map(|part| part_of(&mut veil, part));
        messages.push(Message { role: message.role, parts: parts.collect::<Result<_, _>>()? });
    }
    let rules = messages.iter().take_while(|message| message.role == Role::System).count();
    messages.insert(rules, Message::text(Role::System, NOTE));
    let mut covered = ChatRequest { messages, tools, format, names: Vec::new(), ..request.clone() };
    if request.stable_prefix >= rules {
        covered.stable_prefix += 1;
    }
    for text in &mut covered.sampling.stop {
        // EXPOSE: taken apart and put together again.
        let covered = taken_out(&mut veil, &Phi::new(std::mem::take(text)))?;
        text.clone_from(covered.expose());
    }
    Ok((covered, Arc::new(veil)))
}

fn part_of(veil: &mut Veil, part: &Part) -> Result<Part, LlmError> {
    Ok(match part {
        Part::Text(text) => Part::Text(taken_out(veil, text)?),
        Part::Image(_) => return Err(LlmError::Unsupported("pictures stay in the house")),
        Part::Thought(thought) => Part::Thought(thought.clone()),
        Part::ToolCall(call) => {
            let arguments = taken_out(veil, &call.arguments)?;
            Part::ToolCall(ToolCall { arguments, ..call.clone() })
        }
        Part::ToolResult(result) => {
            let text = taken_out(veil, &result.text)?;
            Part::ToolResult(ToolResult { text, ..result.clone() })
        }
    })
}

fn call_back(veil: &Arc<Veil>, call: ToolCall) -> ToolCall {
    ToolCall { arguments: veil.uncover(&call.arguments), ..call }
}

/// Puts back what was taken out, piece by piece. Words, thoughts and refusals are cut apart from
/// each other.
struct Back {
    veil: Arc<Veil>,
    came: Arc<Thoughts>,
    words: Restorer,
    thoughts: Restorer,
    refusal: Restorer,
}

impl Back {
    fn new(veil: Arc<Veil>, came: Arc<Thoughts>) -> Self {
        let (words, thoughts, refusal) = (veil.restorer(), veil.restorer(), veil.restorer());
        Self { veil, came, words, thoughts, refusal }
    }

    fn piece(
        &mut self,
        piece: Result<StreamEvent, LlmError>,
    ) -> Vec<Result<StreamEvent, LlmError>> {
        let piece = match piece {
            Ok(StreamEvent::Delta(more)) => {
                return some(self.words.push(&more), StreamEvent::Delta);
            }
            Ok(StreamEvent::Reasoning(more)) => {
                return some(self.thoughts.push(&more), StreamEvent::Reasoning);
            }
            Ok(StreamEvent::Refusal(more)) => {
                return some(self.refusal.push(&more), StreamEvent::Refusal);
            }
            Ok(StreamEvent::Thought(thought)) => {
                self.came.came(&thought);
                Ok(StreamEvent::Thought(thought))
            }
            Ok(StreamEvent::Usage(usage)) => return vec![Ok(StreamEvent::Usage(usage))],
            Ok(StreamEvent::ToolCall(call)) => {
                Ok(StreamEvent::ToolCall(call_back(&self.veil, call)))
            }
            Ok(StreamEvent::Finish(finish)) => Ok(StreamEvent::Finish(finish)),
            Err(error) => Err(error),
        };
        let mut all = self.rest();
        all.push(piece);
        all
    }

    /// What is still held, before something else comes.
    fn rest(&mut self) -> Vec<Result<StreamEvent, LlmError>> {
        let thoughts = some(self.thoughts.finish(), StreamEvent::Reasoning);
        let words = some(self.words.finish(), StreamEvent::Delta);
        let refusal = some(self.refusal.finish(), StreamEvent::Refusal);
        [thoughts, words, refusal].into_iter().flatten().collect()
    }
}

fn some(
    text: Phi<String>,
    make: fn(Phi<String>) -> StreamEvent,
) -> Vec<Result<StreamEvent, LlmError>> {
    // EXPOSE: only measured.
    if text.expose().is_empty() { Vec::new() } else { vec![Ok(make(text))] }
}

#[cfg(test)]
mod tests;
