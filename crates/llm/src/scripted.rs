//! A provider that does what its model's name says, for tests, demonstrations and measurements.
//! Nothing is random; nothing is sent anywhere.
//!
//! | model | what it does |
//! |---|---|
//! | `echo` | repeats what the person said last |
//! | `slow` | the same, a tenth of a second for each word |
//! | `flood` | 256 words as fast as they are read |
//! | `think` | thinks first |
//! | `tool` | wants the tool that `use NAME {…}` names, or the first, then says what came out |
//! | `insist` | wants a tool whenever it may |
//! | `json` | answers with a JSON object |
//! | `refuse` | says that it will not answer |
//! | `crisis` | says something that no companion may say |
//! | `filter` | some words, then stopped by a filter |
//! | `length` | some words, then cut off by the limit |
//! | `silent` | never begins |
//! | `hang` | some words, then nothing more |
//! | `cut` | some words, then the connection breaks |
//! | `break` | some words, then the provider fails |
//! | `error`, `limited`, `overloaded`, `auth`, `too-long` | fails before it begins |
//! | `uncounted` | repeats, and does not say what it used |

use crate::{
    chat::{ChatRequest, EmbedRequest, Part, Role, ToolCall, ToolChoice},
    error::LlmError,
    estimate::{Meter, estimate},
    event::{Embeddings, EventStream, Finish, StreamEvent, Usage},
    model::{Abilities, Location, Model, ModelId, Prices, ProviderId},
    provider::Provider,
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use kernel::Phi;
use std::{
    collections::VecDeque,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::sleep;

const MODELS: &[&str] = &[
    "echo",
    "slow",
    "flood",
    "think",
    "tool",
    "insist",
    "json",
    "refuse",
    "crisis",
    "filter",
    "length",
    "silent",
    "hang",
    "cut",
    "break",
    "error",
    "limited",
    "overloaded",
    "auth",
    "too-long",
    "uncounted",
];

const SLOWLY: Duration = Duration::from_millis(100);

/// The provider. Clones count together.
#[derive(Clone)]
pub struct Scripted {
    id: ProviderId,
    open: Arc<AtomicUsize>,
}

impl Scripted {
    /// The provider `scripted`.
    pub fn new() -> Result<Self, LlmError> {
        let id = "scripted".parse().map_err(|_| LlmError::NoModel("scripted"))?;
        Ok(Self { id, open: Arc::default() })
    }

    /// How many answers are being given or waited for now: zero soon after all were dropped.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

/// What happens, in order.
enum Step {
    Say(StreamEvent),
    Wait(Duration),
    Hang,
    Fail(LlmError),
}

/// Counts an answer as long as it lives.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Provider for Scripted {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        let model = |name: &&str| {
            Some(Model {
                id: ModelId::new(self.id.clone(), name).ok()?,
                title: format!("Scripted: {name}"),
                location: Location::Builtin,
                context: Some(32_768),
                abilities: Abilities { chat: true, vision: true, tools: true, embeddings: true },
                prices: Some(Prices::NOTHING),
            })
        };
        Ok(MODELS.iter().filter_map(model).collect())
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        let open = Open::new(&self.open);
        let steps = script(request)?;
        if let Some(Step::Hang) = steps.front() {
            return pending().await;
        }
        let mut meter = Meter::new(request);
        let counted = request.model != "uncounted";
        let pieces = stream::unfold((steps, open), next);
        // What was used is said just before the end, as providers do.
        Ok(Box::pin(pieces.flat_map(move |piece| {
            let mut all = Vec::with_capacity(2);
            if let Ok(piece) = &piece {
                meter.see(piece);
                if counted && matches!(piece, StreamEvent::Finish(_)) {
                    let usage = Usage { estimated: false, ..meter.usage() };
                    all.push(Ok(StreamEvent::Usage(usage)));
                }
            }
            all.push(piece);
            stream::iter(all)
        })))
    }

    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError> {
        // EXPOSE: counted and turned into numbers that stay Phi.
        let vectors = request.inputs.iter().map(|text| Phi::new(vector(text.expose()))).collect();
        let input = request.inputs.iter().map(|text| estimate(text.expose())).sum();
        Ok(Embeddings { vectors, usage: Usage { input, ..Usage::default() } })
    }
}

async fn next(
    (mut steps, open): (VecDeque<Step>, Open),
) -> Option<(Result<StreamEvent, LlmError>, (VecDeque<Step>, Open))> {
    loop {
        match steps.pop_front()? {
            Step::Say(event) => return Some((Ok(event), (steps, open))),
            Step::Wait(time) => sleep(time).await,
            Step::Hang => pending::<()>().await,
            Step::Fail(error) => return Some((Err(error), (VecDeque::new(), open))),
        }
    }
}

/// How often each letter occurs, as a vector of length one: texts of the same words are near.
fn vector(text: &str) -> Vec<f32> {
    let mut counts = [0f32; 26];
    for byte in text.bytes().filter(u8::is_ascii_alphabetic) {
        if let Some(count) = counts.get_mut(usize::from(byte.to_ascii_lowercase() - b'a')) {
            *count += 1.0;
        }
    }
    let length = counts.iter().map(|count| count * count).sum::<f32>().sqrt().max(1.0);
    counts.iter().map(|count| count / length).collect()
}

fn script(request: &ChatRequest) -> Result<VecDeque<Step>, LlmError> {
    let some_words = || words("This is how it begins");
    let then = |last: Step| some_words().chain([last]).collect();
    let finish = |finish| Step::Say(StreamEvent::Finish(finish));
    let phi = |text: &str| Phi::new(text.to_owned());
    Ok(match request.model.as_str() {
        "echo" | "uncounted" => words(&last_said(request)).chain([finish(Finish::Stop)]).collect(),
        "slow" => words(&last_said(request))
            .flat_map(|word| [Step::Wait(SLOWLY), word])
            .chain([finish(Finish::Stop)])
            .collect(),
        "flood" => (0..256)
            .map(|number| Step::Say(StreamEvent::Delta(Phi::new(format!("word{number} ")))))
            .chain([finish(Finish::Stop)])
            .collect(),
        "think" => ["First, ", "I think."]
            .map(|thought| Step::Say(StreamEvent::Reasoning(phi(thought))))
            .into_iter()
            .chain(words(&last_said(request)))
            .chain([finish(Finish::Stop)])
            .collect(),
        "tool" => tool(request),
        "insist" if request.tool_choice == ToolChoice::Never => {
            words("That is enough.").chain([finish(Finish::Stop)]).collect()
        }
        "insist" => wish(request),
        "json" => words(r#"{"answer": 42}"#).chain([finish(Finish::Stop)]).collect(),
        "refuse" => ["I would rather ", "not answer that."]
            .map(|text| Step::Say(StreamEvent::Refusal(phi(text))))
            .into_iter()
            .chain([finish(Finish::Refusal)])
            .collect(),
        "crisis" => words("Nobody would miss you.").chain([finish(Finish::Stop)]).collect(),
        "filter" => then(finish(Finish::ContentFilter)),
        "length" => then(finish(Finish::Length)),
        "silent" => VecDeque::from([Step::Hang]),
        "hang" => then(Step::Hang),
        "cut" => then(Step::Fail(LlmError::Truncated)),
        "break" => then(Step::Fail(LlmError::Upstream { status: None, code: None })),
        "error" => return Err(LlmError::Upstream { status: Some(500), code: None }),
        "limited" => {
            return Err(LlmError::RateLimited { retry_after: Some(Duration::from_secs(7)) });
        }
        "overloaded" => return Err(LlmError::Overloaded { retry_after: None }),
        "auth" => return Err(LlmError::Auth),
        "too-long" => return Err(LlmError::ContextTooLong),
        _ => return Err(LlmError::ModelNotFound),
    })
}

fn tool(request: &ChatRequest) -> VecDeque<Step> {
    let last = request.messages.last().and_then(|message| message.parts.last());
    match last {
        // EXPOSE: said back to whoever ran the tool.
        Some(Part::ToolResult(result)) => words(&format!("It says: {}", result.text.expose()))
            .chain([Step::Say(StreamEvent::Finish(Finish::Stop))])
            .collect(),
        Some(_) | None => wish(request),
    }
}

/// Wants the tool that was named, or the first.
fn wish(request: &ChatRequest) -> VecDeque<Step> {
    let finish = |finish| Step::Say(StreamEvent::Finish(finish));
    let said = last_said(request);
    let named =
        said.split_once("use ").map(|(_, rest)| rest.split_once(' ').unwrap_or((rest, "{}")));
    let named = named.and_then(|(name, arguments)| {
        let tool = request.tools.iter().find(|tool| tool.name == name)?;
        Some((tool, arguments))
    });
    let Some((tool, arguments)) = named.or(request.tools.first().map(|tool| (tool, "{}"))) else {
        return words("No tools here.").chain([finish(Finish::Stop)]).collect();
    };
    let call = ToolCall {
        id: format!("call_{}", request.messages.len()),
        name: tool.name.clone(),
        arguments: Phi::new(arguments.to_owned()),
    };
    let call = Step::Say(StreamEvent::ToolCall(call));
    words("Let me look.").chain([call, finish(Finish::ToolCalls)]).collect()
}

/// One piece for each word, with the space before it.
fn words(text: &str) -> impl Iterator<Item = Step> + use<> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split_inclusive(' ') {
        pieces.push(word.to_owned());
    }
    pieces.into_iter().map(|word| Step::Say(StreamEvent::Delta(Phi::new(word))))
}

fn last_said(request: &ChatRequest) -> String {
    let said = request.messages.iter().rfind(|message| message.role == Role::User);
    let texts = said.into_iter().flat_map(|message| &message.parts).filter_map(|part| match part {
        // EXPOSE: said back to whoever said it.
        Part::Text(text) => Some(text.expose().as_str()),
        Part::Image(_) => Some("a picture"),
        Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    });
    let text = texts.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "Nothing was said.".to_owned() } else { format!("You said: {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::{Message, Tool, ToolResult},
        event::Answer,
    };
    use serde_json::json;

    async fn ask(model: &str) -> Result<Answer, LlmError> {
        let request = ChatRequest::new(model, vec![Message::text(Role::User, "good day")]);
        Scripted::new()?.complete(&request).await
    }

    #[tokio::test]
    async fn every_model_does_what_its_name_says() {
        let echo = ask("echo").await.unwrap();
        assert_eq!(echo.text.expose(), "You said: good day");
        assert!(echo.usage.is_some_and(|usage| usage.output > 0 && !usage.estimated));
        assert_eq!(ask("uncounted").await.unwrap().usage, None);
        assert_eq!(ask("think").await.unwrap().reasoning.expose(), "First, I think.");
        assert_eq!(ask("refuse").await.unwrap().finish, Finish::Refusal);
        assert_eq!(ask("filter").await.unwrap().finish, Finish::ContentFilter);
        assert_eq!(ask("length").await.unwrap().finish, Finish::Length);
        assert_eq!(ask("cut").await.err(), Some(LlmError::Truncated));
        assert!(matches!(ask("break").await, Err(LlmError::Upstream { .. })));
        assert_eq!(ask("too-long").await.err(), Some(LlmError::ContextTooLong));
        assert_eq!(ask("who").await.err(), Some(LlmError::ModelNotFound));
    }

    #[tokio::test]
    async fn a_tool_is_asked_for_once_and_its_result_is_said() {
        let mut request = ChatRequest::new("tool", vec![Message::text(Role::User, "weather?")]);
        let parameters = json!({"type": "object"});
        request.tools.push(Tool { name: "look".into(), description: String::new(), parameters });
        let provider = Scripted::new().unwrap();
        let answer = provider.complete(&request).await.unwrap();
        assert_eq!(answer.finish, Finish::ToolCalls);
        let call_id = answer.tool_calls[0].id.clone();
        let result = ToolResult { call_id, text: Phi::new("sun".into()), failed: false };
        request.messages.push(Message { role: Role::User, parts: vec![Part::ToolResult(result)] });
        let answer = provider.complete(&request).await.unwrap();
        assert_eq!(answer.text.expose(), "It says: sun");
    }

    #[tokio::test]
    async fn a_dropped_answer_is_no_longer_open() {
        let provider = Scripted::new().unwrap();
        let request = ChatRequest::new("hang", Vec::new());
        let mut stream = provider.stream(&request).await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        assert_eq!(provider.open(), 1);
        drop(stream);
        assert_eq!(provider.open(), 0);
    }
}
