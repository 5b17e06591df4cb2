//! Connections: kept, lost, silent, cut off, and closed when nobody wants the answer any more.

use super::*;
use futures_util::StreamExt;
use kernel::Coded;
use llm::{
    Abilities, Answer, BreakerConfig, Finish, Gateway, GatewayConfig, LlmError, Model, Provider,
    Registry, StreamEvent, Wish,
};
use modelmock::{Mock, Script, Step};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

const PIECE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n";
const END: &str =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

async fn ask(script: Script) -> (Result<Answer, LlmError>, Mock) {
    let mock = Mock::start(move |_| script.clone()).unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    let answer = match provider.stream(&question("m")).await {
        Ok(stream) => Answer::collect(stream).await,
        Err(error) => Err(error),
    };
    (answer, mock)
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let mock = Mock::start(|_| Script::stream([PIECE, END])).unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    for _ in 0..5 {
        let answer = provider.stream(&question("m")).await.unwrap();
        assert_eq!(Answer::collect(answer).await.unwrap().text.expose(), "Well");
    }
    assert_eq!((mock.connections(), mock.asked().len()), (1, 5));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_replaced() {
    let mock = Mock::start(|asked| {
        let script = Script::stream([PIECE, END]);
        if asked.body["seed"] == 1 { script.with_header("connection", "close") } else { script }
    })
    .unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    for seed in [1, 2, 3] {
        let mut request = question("m");
        request.sampling.seed = Some(seed);
        let answer = provider.stream(&request).await.unwrap();
        assert_eq!(Answer::collect(answer).await.unwrap().finish, Finish::Stop);
    }
    assert_eq!(mock.connections(), 2);
}

#[tokio::test]
async fn dropping_an_answer_in_the_middle_closes_the_connection_at_once() {
    let mock = Mock::start(|_| Script::stream([PIECE]).then(Step::Hang)).unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    let mut stream = provider.stream(&question("m")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(StreamEvent::Delta(_)))));
    let dropped = Instant::now();
    drop(stream);
    let took = mock.gone(1).await.duration_since(dropped);
    assert!(took < Duration::from_millis(50), "{took:?}");
}

#[tokio::test]
async fn dropping_a_question_before_the_answer_begins_closes_the_connection_at_once() {
    let mock = Mock::start(|_| Script::stream([""; 0]).then(Step::Hang)).unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    let request = question("m");
    let asking = tokio::time::timeout(Duration::from_millis(100), provider.stream(&request));
    assert!(asking.await.is_err());
    let dropped = Instant::now();
    let took = mock.gone(1).await.duration_since(dropped);
    assert!(took < Duration::from_millis(50), "{took:?}");
}

#[tokio::test]
async fn silence_before_and_in_an_answer_are_different_failures() {
    let (answer, _mock) = ask(Script::stream([": still here\n\n"]).then(Step::Hang)).await;
    assert_eq!(answer.err(), Some(LlmError::FirstTokenTimeout));
    let (answer, _mock) = ask(Script::stream([PIECE]).then(Step::Hang)).await;
    assert_eq!(answer.err(), Some(LlmError::IdleTimeout));
}

#[tokio::test]
async fn a_sign_of_life_renews_the_patience() {
    let mut script = Script::stream([PIECE]);
    for _ in 0..4 {
        script = script
            .then(Step::Wait(Duration::from_millis(150)))
            .then(Step::Write(b": thinking\n\n".to_vec()));
    }
    let (answer, _mock) = ask(script.then(Step::Write(END.into()))).await;
    assert_eq!(answer.unwrap().finish, Finish::Stop);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    for script in [
        Script::stream([PIECE]).then(Step::Break),
        Script::stream([PIECE]),
        Script::stream([PIECE, "data: [DONE]\n\n"]),
    ] {
        assert_eq!(ask(script).await.0.err(), Some(LlmError::Truncated));
    }
    // Broken before anything came: not the answer, the connection failed.
    let (answer, _mock) = ask(Script::stream([""; 0]).then(Step::Break)).await;
    assert_eq!(answer.err(), Some(LlmError::Truncated));
}

#[tokio::test]
async fn what_was_said_before_an_error_is_handed_on_first() {
    let error = "data: {\"error\":{\"type\":\"overloaded_error\"}}\n\n";
    let both = format!("{PIECE}{error}");
    let mock = Mock::start(move |_| Script::stream([both.clone()])).unwrap();
    let provider = provider(&mock.url(), Dialect::OpenAiChat);
    let stream = provider.stream(&question("m")).await.unwrap();
    let all: Vec<_> = stream.collect().await;
    assert!(matches!(all.first(), Some(Ok(StreamEvent::Delta(_)))));
    assert!(matches!(all.get(1), Some(Err(LlmError::Overloaded { .. }))));
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn a_refused_question_says_when_to_come_back_and_nothing_of_what_was_written() {
    let body = json!({"error": {"type": "rate_limit_error", "message": "you said: I feel low"}});
    let (answer, _mock) = ask(Script::json(429, &body).with_header("retry-after", "7")).await;
    let error = answer.err().unwrap();
    assert_eq!(error, LlmError::RateLimited { retry_after: Some(Duration::from_secs(7)) });
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(!format!("{error} {error:?}").contains("low"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Script::json(302, &json!({})).with_header("location", "http://127.0.0.1:1/");
    let (answer, mock) = ask(elsewhere).await;
    assert_eq!(answer.err(), Some(LlmError::Upstream { status: Some(302), code: None }));
    assert_eq!(mock.asked().len(), 1);
}

#[tokio::test]
async fn more_than_we_take_is_refused() {
    let mock = Mock::start(|asked| {
        let big = "x".repeat(64 * 1024);
        match asked.body["seed"].as_i64() {
            Some(1) => Script::stream([format!("data: {big}")]).then(Step::Hang),
            _ => Script::stream(vec![PIECE.repeat(100); 20]).then(Step::Hang),
        }
    })
    .unwrap();
    let small = Limits { event_bytes: 8 * 1024, body_bytes: 64 * 1024, ..limits() };
    let provider = provider_with(&mock.url(), Dialect::OpenAiChat, small);
    for seed in [1, 2] {
        let mut request = question("m");
        request.sampling.seed = Some(seed);
        let answer = match provider.stream(&request).await {
            Ok(stream) => Answer::collect(stream).await,
            Err(error) => Err(error),
        };
        assert_eq!(answer.err(), Some(LlmError::TooLarge), "{seed}");
    }
}

#[tokio::test]
async fn a_remote_provider_on_this_machine_is_refused_before_anything_is_sent() {
    let mock = Mock::start(|_| Script::stream([PIECE, END])).unwrap();
    let url = mock.url().replace("http://127.0.0.1", "https://localhost");
    let config = RemoteConfig {
        id: "mock".parse().unwrap(),
        dialect: Dialect::OpenAiChat,
        url,
        location: Location::Remote,
        key: None,
        limits: limits(),
    };
    let provider = RemoteProvider::new(config, kernel::Env::system()).unwrap();
    let refused = provider.stream(&question("m")).await.err();
    assert!(matches!(refused, Some(LlmError::Address(_))));
    assert_eq!(mock.connections(), 0);
}

#[tokio::test]
async fn nobody_there_is_an_error_of_connecting() {
    let closed = Mock::start(|_| Script::stream([END])).unwrap().url();
    let provider = provider(&closed, Dialect::OpenAiChat);
    let error = provider.models().await.err();
    assert!(matches!(error, Some(LlmError::Connect(_))), "{error:?}");
}

#[tokio::test]
async fn a_provider_learns_the_key_and_nothing_about_who_asks() {
    let (_, mock) = ask(Script::stream([PIECE, END])).await;
    let asked = mock.asked();
    assert_eq!(asked[0].header("authorization"), "Bearer sk-test");
    let names: Vec<&str> = asked[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["content-type", "authorization", "host", "content-length"]);
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_is_not_spoken_to() {
    let mock = Mock::start(|_| Script::stream([PIECE, END])).unwrap();
    let url = mock.url().replace("http://", "https://");
    let error = provider(&url, Dialect::OpenAiChat).models().await.err();
    assert_eq!(error, Some(LlmError::Connect("no trusted TLS connection")));
    assert!(mock.asked().is_empty());
}

#[tokio::test]
async fn a_provider_that_recovers_serves_many_at_once_from_the_first_word_on() {
    let sick = Arc::new(AtomicBool::new(true));
    let told = sick.clone();
    let mock = Mock::start(move |_| {
        if told.load(Ordering::SeqCst) {
            return Script::json(500, &json!({"error": {"message": "no"}}));
        }
        Script::stream([PIECE]).then(Step::Hang)
    })
    .unwrap();
    let patient = Limits { idle: Duration::from_mins(1), ..limits() };
    let provider = Arc::new(provider_with(&mock.url(), Dialect::OpenAiChat, patient));
    let model = Model {
        id: "mock/m".parse().unwrap(),
        title: "m".to_owned(),
        location: Location::Local,
        context: None,
        abilities: Abilities { chat: true, ..Abilities::default() },
        prices: None,
    };
    let config = GatewayConfig {
        attempts: 1,
        breaker: BreakerConfig { failures: 1, rest: Duration::ZERO, probes: 1 },
        ..GatewayConfig::default()
    };
    let registry = Registry::new().with(provider, vec![model]);
    let gateway = Gateway::new(kernel::Env::system(), config, registry);
    let (request, wish) = (question("m"), Wish::default());
    assert!(gateway.stream(&request, &wish).await.is_err());
    sick.store(false, Ordering::SeqCst);
    let mut probe = gateway.stream(&request, &wish).await.unwrap();
    let meanwhile = gateway.stream(&request, &wish).await.err();
    assert!(matches!(meanwhile, Some(LlmError::Resting { .. })), "nobody knows yet");
    assert!(matches!(probe.stream.next().await, Some(Ok(StreamEvent::Delta(_)))));
    // The probe hangs, and nobody waits for it.
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut other = gateway.stream(&request, &wish).await.unwrap();
        assert!(matches!(other.stream.next().await, Some(Ok(StreamEvent::Delta(_)))));
        others.push(other);
    }
    assert_eq!(mock.asked().len(), 5);
}
