//! What stands before every provider that is not on a machine of ours: nothing passes it as it
//! was said.
//!
//! Names, addresses, numbers and dates are taken out of the question and put back into the
//! answer, so that providers see placeholders and people their own words. Pictures do not pass,
//! and where there is more to take out than can be followed, nothing does. Thoughts do not pass
//! either: they could not come back to their provider unchanged.

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use kernel::Phi;
use llm::{
    Answer, ChatRequest, EmbedRequest, Embeddings, EventStream, LlmError, Message, Model, Part,
    Provider, ProviderId, Role, StreamEvent, ToolCall, ToolResult,
};
use privacy::{Restorer, Veil};
use std::sync::Arc;

/// What a model is told about placeholders. It stays the same, so that providers can keep it.
const NOTE: &str = "Words in square brackets such as [NAME_1] or [DATE_2] stand for something \
    private that was left out. Where you mean it, write them unchanged, brackets included. Do not \
    guess or ask what they stand for.";

/// A provider elsewhere, behind the gate.
pub struct Gate(Arc<dyn Provider>);

impl Gate {
    /// Before this provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self(provider)
    }
}

#[async_trait]
impl Provider for Gate {
    fn id(&self) -> &ProviderId {
        self.0.id()
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        self.0.models().await
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        let (covered, veil) = cover(request)?;
        let mut back = Back::new(veil);
        let pieces = self.0.stream(&covered).await?;
        Ok(Box::pin(pieces.flat_map(move |piece| stream::iter(back.piece(piece)))))
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Answer, LlmError> {
        let (covered, veil) = cover(request)?;
        let answer = self.0.complete(&covered).await?;
        Ok(Answer {
            text: veil.uncover(&answer.text),
            refusal: veil.uncover(&answer.refusal),
            reasoning: veil.uncover(&answer.reasoning),
            thoughts: Vec::new(),
            tool_calls: answer.tool_calls.into_iter().map(|call| call_back(&veil, call)).collect(),
            ..answer
        })
    }

    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError> {
        let mut veil = Veil::new(&request.names);
        let inputs = request.inputs.iter().map(|text| taken_out(&mut veil, text));
        let inputs = inputs.collect::<Result<_, _>>()?;
        let covered = EmbedRequest { inputs, names: Vec::new(), ..request.clone() };
        self.0.embed(&covered).await
    }
}

fn taken_out(veil: &mut Veil, text: &Phi<String>) -> Result<Phi<String>, LlmError> {
    veil.cover(text).map_err(|_| LlmError::Unsupported("too much to take out"))
}

/// The question as it may leave, and what was taken out of it.
fn cover(request: &ChatRequest) -> Result<(ChatRequest, Arc<Veil>), LlmError> {
    let mut veil = Veil::new(&request.names);
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    for message in &request.messages {
        let parts = message.parts.iter().filter_map(|part| part_of(&mut veil, part).transpose());
        messages.push(Message { role: message.role, parts: parts.collect::<Result<_, _>>()? });
    }
    let rules = messages.iter().take_while(|message| message.role == Role::System).count();
    messages.insert(rules, Message::text(Role::System, NOTE));
    let mut covered = ChatRequest { messages, names: Vec::new(), ..request.clone() };
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

fn part_of(veil: &mut Veil, part: &Part) -> Result<Option<Part>, LlmError> {
    Ok(Some(match part {
        Part::Text(text) => Part::Text(taken_out(veil, text)?),
        Part::Image(_) => return Err(LlmError::Unsupported("pictures stay in the house")),
        Part::Thought(_) => return Ok(None),
        Part::ToolCall(call) => {
            let arguments = taken_out(veil, &call.arguments)?;
            Part::ToolCall(ToolCall { arguments, ..call.clone() })
        }
        Part::ToolResult(result) => {
            let text = taken_out(veil, &result.text)?;
            Part::ToolResult(ToolResult { text, ..result.clone() })
        }
    }))
}

fn call_back(veil: &Arc<Veil>, call: ToolCall) -> ToolCall {
    ToolCall { arguments: veil.uncover(&call.arguments), ..call }
}

/// Puts back what was taken out, piece by piece. Words, thoughts and refusals are cut apart from
/// each other.
struct Back {
    veil: Arc<Veil>,
    words: Restorer,
    thoughts: Restorer,
    refusal: Restorer,
}

impl Back {
    fn new(veil: Arc<Veil>) -> Self {
        let (words, thoughts, refusal) = (veil.restorer(), veil.restorer(), veil.restorer());
        Self { veil, words, thoughts, refusal }
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
            Ok(StreamEvent::Thought(_)) => return Vec::new(),
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
