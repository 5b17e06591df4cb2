use super::*;
use crate::{
    chat::{EmbedRequest, Message, Role},
    event::{Answer, Embeddings},
    model::{Abilities, Location},
    scripted::Scripted,
};
use async_trait::async_trait;
use kernel::{Clock, Rng, SystemRng, Timestamp};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
};

#[derive(Default)]
struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

fn world() -> (Arc<Still>, Env) {
    let clock = Arc::new(Still::default());
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    (clock.clone(), Env::new(clock, rng))
}

/// A provider whose answers are those of scripted models, one after the other.
struct Moody {
    id: ProviderId,
    moods: Mutex<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Moody {
    /// The last mood stays.
    fn new(id: &str, moods: &[&'static str]) -> Arc<Self> {
        let moods = moods.iter().rev().copied().collect();
        Arc::new(Self {
            id: id.parse().unwrap(),
            moods: Mutex::new(moods),
            asked: AtomicUsize::new(0),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Provider for Moody {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        Ok(Vec::new())
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mood = {
            let mut moods = self.moods.lock().unwrap();
            if moods.len() > 1 { moods.pop() } else { moods.last().copied() }
        };
        let request = ChatRequest { model: mood.unwrap().to_owned(), ..request.clone() };
        Scripted::new()?.stream(&request).await
    }

    async fn embed(&self, _: &EmbedRequest) -> Result<Embeddings, LlmError> {
        Err(LlmError::Unsupported("embeddings"))
    }
}

fn model(id: &str, location: Location) -> Model {
    Model {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        location,
        context: Some(8_000),
        abilities: Abilities { chat: true, tools: true, ..Abilities::default() },
        prices: None,
    }
}

fn registry(all: &[(&Arc<Moody>, Location)]) -> Registry {
    all.iter().fold(Registry::new(), |registry, (provider, location)| {
        let models = vec![model(&format!("{}/m", provider.id), *location)];
        registry.with((*provider).clone(), models)
    })
}

fn quick() -> GatewayConfig {
    GatewayConfig { pause: Duration::from_millis(1), ..GatewayConfig::default() }
}

fn question() -> ChatRequest {
    ChatRequest::new("", vec![Message::text(Role::User, "good day")])
}

async fn text(started: Started) -> Result<String, LlmError> {
    Answer::collect(started.stream).await.map(|answer| answer.text.expose().clone())
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_then_answered() {
    let provider = Moody::new("a", &["error", "echo"]);
    let gateway = Gateway::new(world().1, quick(), registry(&[(&provider, Location::Local)]));
    let started = gateway.stream(&question(), &Wish::default()).await.unwrap();
    assert_eq!((started.reason, started.failed.len(), provider.asked()), (Reason::First, 0, 2));
    assert_eq!(text(started).await.unwrap(), "You said: good day");
}

#[tokio::test]
async fn a_question_is_never_asked_again_once_an_answer_has_begun() {
    let provider = Moody::new("a", &["break"]);
    let gateway = Gateway::new(world().1, quick(), registry(&[(&provider, Location::Local)]));
    let started = gateway.stream(&question(), &Wish::default()).await.unwrap();
    assert!(text(started).await.is_err());
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn whoever_wants_a_long_pause_is_not_waited_for_but_replaced() {
    let (busy, well) = (Moody::new("a", &["limited"]), Moody::new("b", &["echo"]));
    let all = registry(&[(&busy, Location::Local), (&well, Location::Local)]);
    let gateway = Gateway::new(world().1, quick(), all);
    let started = gateway.stream(&question(), &Wish::default()).await.unwrap();
    assert_eq!((busy.asked(), started.reason), (1, Reason::Fallback));
    assert_eq!(started.failed[0].0.to_string(), "a/m");
    assert!(matches!(started.failed[0].1, LlmError::RateLimited { .. }));
}

#[tokio::test]
async fn a_question_that_is_refused_for_itself_goes_nowhere_else() {
    let (strict, other) = (Moody::new("a", &["too-long"]), Moody::new("b", &["echo"]));
    let all = registry(&[(&strict, Location::Local), (&other, Location::Local)]);
    let gateway = Gateway::new(world().1, quick(), all);
    let refused = gateway.stream(&question(), &Wish::default()).await.err();
    assert_eq!((refused, other.asked()), (Some(LlmError::ContextTooLong), 0));
}

#[tokio::test]
async fn what_may_not_leave_the_house_is_offered_to_nobody_elsewhere() {
    let (own, far) = (Moody::new("a", &["error"]), Moody::new("b", &["echo"]));
    let all = registry(&[(&own, Location::Local), (&far, Location::Remote)]);
    let preferred: Vec<ModelId> = vec!["b/m".parse().unwrap()];
    let gateway = Gateway::new(world().1, GatewayConfig { preferred, ..quick() }, all);
    let failed = gateway.stream(&question(), &Wish::default()).await.err();
    assert!(matches!(failed, Some(LlmError::Upstream { .. })));
    let asked = Wish { model: Some("b/m".parse().unwrap()), ..Wish::default() };
    let refused = gateway.stream(&question(), &asked).await.err();
    assert!(matches!(refused, Some(LlmError::NoModel(_))));
    assert_eq!(far.asked(), 0);
    let anywhere = Wish { reach: Reach::Anywhere, ..Wish::default() };
    let started = gateway.stream(&question(), &anywhere).await.unwrap();
    assert_eq!((started.reason, far.asked()), (Reason::Preferred, 1));
}

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_probed_once_and_trusted_again() {
    let (clock, env) = world();
    let mut moods = vec!["error"; 6];
    moods.push("echo");
    let provider = Moody::new("a", &moods);
    let config = GatewayConfig {
        attempts: 1,
        breaker: BreakerConfig { failures: 5, rest: Duration::from_secs(20), probes: 1 },
        ..quick()
    };
    let gateway = Gateway::new(env, config, registry(&[(&provider, Location::Local)]));
    let ask = async || gateway.stream(&question(), &Wish::default()).await;
    for _ in 0..5 {
        assert!(matches!(ask().await.err(), Some(LlmError::Upstream { .. })));
    }
    let rest = LlmError::Resting { retry_after: Duration::from_secs(20) };
    assert_eq!((ask().await.err(), provider.asked()), (Some(rest), 5));
    clock.0.store(20_000_000, Ordering::SeqCst);
    assert_eq!(gateway.state(&provider.id), BreakerState::HalfOpen);
    assert!(matches!(ask().await.err(), Some(LlmError::Upstream { .. })), "the probe fails");
    assert!(matches!(ask().await.err(), Some(LlmError::Resting { .. })));
    clock.0.store(40_000_000, Ordering::SeqCst);
    let probe = ask().await.unwrap();
    assert!(matches!(ask().await.err(), Some(LlmError::Resting { .. })), "only one probe at once");
    text(probe).await.unwrap();
    assert_eq!(gateway.state(&provider.id), BreakerState::Closed);
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn a_probe_that_began_and_broke_off_opens_it_again_at_once() {
    let (clock, env) = world();
    let provider = Moody::new("a", &["error", "error", "cut", "echo"]);
    let breaker = BreakerConfig { failures: 2, ..BreakerConfig::default() };
    let config = GatewayConfig { attempts: 1, breaker, ..quick() };
    let gateway = Gateway::new(env, config, registry(&[(&provider, Location::Local)]));
    let ask = async || gateway.stream(&question(), &Wish::default()).await;
    for _ in 0..2 {
        assert!(ask().await.is_err());
    }
    clock.0.store(20_000_000, Ordering::SeqCst);
    let mut probe = ask().await.unwrap();
    assert!(probe.stream.next().await.unwrap().is_ok());
    assert_eq!(gateway.state(&provider.id), BreakerState::Closed);
    assert!(text(probe).await.is_err());
    assert!(matches!(gateway.state(&provider.id), BreakerState::Open(_)));
}

#[tokio::test]
async fn an_answer_that_broke_off_counts_as_a_failure_and_one_that_was_dropped_does_not() {
    let provider = Moody::new("a", &["hang", "hang", "cut", "cut", "echo"]);
    let config = GatewayConfig {
        attempts: 1,
        breaker: BreakerConfig { failures: 2, ..BreakerConfig::default() },
        ..quick()
    };
    let gateway = Gateway::new(world().1, config, registry(&[(&provider, Location::Local)]));
    for _ in 0..2 {
        drop(gateway.stream(&question(), &Wish::default()).await.unwrap());
    }
    assert_eq!(gateway.state(&provider.id), BreakerState::Closed);
    for _ in 0..2 {
        let started = gateway.stream(&question(), &Wish::default()).await.unwrap();
        assert_eq!(text(started).await.err(), Some(LlmError::Truncated));
    }
    assert!(matches!(gateway.state(&provider.id), BreakerState::Open(_)));
}

#[test]
fn the_choice_follows_the_wish_and_says_why() {
    let one = Moody::new("one", &["echo"]);
    let all = Registry::new().with(
        one.clone(),
        vec![model("one/small", Location::Local), model("one/tiny", Location::Local)],
    );
    let names = |wish: &Wish, preferred: &[ModelId]| -> Vec<String> {
        let found = candidates(&all, preferred, wish);
        found.iter().map(|c| format!("{} {:?}", c.model.id, c.reason)).collect()
    };
    let tiny: ModelId = "one/tiny".parse().unwrap();
    let asked = Wish { model: Some(tiny.clone()), ..Wish::default() };
    assert_eq!(names(&asked, &[]), ["one/tiny Asked"]);
    let others = Wish { others: true, ..asked };
    assert_eq!(names(&others, &[]), ["one/tiny Asked", "one/small Fallback"]);
    assert_eq!(names(&Wish::default(), &[]), ["one/small First", "one/tiny Fallback"]);
    assert_eq!(names(&Wish::default(), std::slice::from_ref(&tiny))[0], "one/tiny Preferred");
    assert!(names(&Wish { vision: true, ..Wish::default() }, &[]).is_empty());
    assert!(names(&Wish { tokens: 9_000, ..Wish::default() }, &[]).is_empty());
    let allowed = Some(BTreeSet::from([tiny]));
    assert_eq!(names(&Wish { allowed, ..Wish::default() }, &[]), ["one/tiny First"]);
}

#[tokio::test]
async fn vectors_come_from_the_model_that_was_named_or_from_none() {
    let scripted = Arc::new(Scripted::new().unwrap());
    let models = scripted.models().await.unwrap();
    let moody = Moody::new("a", &["echo"]);
    let all = registry(&[(&moody, Location::Local)]).with(scripted, models);
    let gateway = Gateway::new(world().1, quick(), all);
    let texts = ["good day", "good day", "quite different"];
    let inputs = texts.map(|text| kernel::Phi::new(text.to_owned())).to_vec();
    let request =
        EmbedRequest { model: String::new(), inputs, dimensions: None, names: Vec::new() };
    let found = gateway.embed(&"scripted/echo".parse().unwrap(), &request).await.unwrap();
    assert_eq!(found.vectors[0].expose(), found.vectors[1].expose());
    assert_ne!(found.vectors[0].expose(), found.vectors[2].expose());
    let cannot = gateway.embed(&"a/m".parse().unwrap(), &request).await.err();
    assert_eq!(cannot, Some(LlmError::Unsupported("embeddings")));
    let (model, answer) = gateway.complete(&question(), &Wish::default()).await.unwrap();
    assert_eq!(
        (model.id.to_string().as_str(), answer.text.expose().as_str()),
        ("a/m", "You said: good day")
    );
}
