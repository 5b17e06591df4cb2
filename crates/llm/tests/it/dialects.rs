//! Each dialect against a server that speaks it as it should be spoken.

use super::*;
use kernel::Phi;
use llm::{
    Answer, EmbedRequest, Finish, LlmError, Message, Part, Place, Provider, Tool, ToolResult,
    detect,
};
use modelmock::{Mock, Script, Step, faithful};
use serde_json::json;

const DIALECTS: [(Dialect, &str); 4] = [
    (Dialect::OpenAiChat, "/v1"),
    (Dialect::OpenAiResponses, "/v1"),
    (Dialect::Anthropic, ""),
    (Dialect::LmStudio, "/v1"),
];

async fn both_ways(
    provider: &RemoteProvider,
    request: &ChatRequest,
) -> [Result<Answer, LlmError>; 2] {
    let streamed = match provider.stream(request).await {
        Ok(stream) => Answer::collect(stream).await,
        Err(error) => Err(error),
    };
    [streamed, provider.complete(request).await]
}

#[tokio::test]
async fn text_usage_and_refusals_are_the_same_in_every_dialect() {
    let mock = Mock::start(faithful).unwrap();
    for (dialect, base) in DIALECTS {
        let provider = provider(&format!("{}{base}", mock.url()), dialect);
        for answer in both_ways(&provider, &question("echo")).await {
            let answer = answer.unwrap_or_else(|error| panic!("{dialect:?}: {error}"));
            assert_eq!(answer.text.expose(), "You said: good day", "{dialect:?}");
            assert_eq!(answer.finish, Finish::Stop, "{dialect:?}");
            let usage = answer.usage.unwrap();
            assert!(usage.input > 0 && usage.output > 0 && !usage.estimated, "{dialect:?}");
        }
        for answer in both_ways(&provider, &question("refuse")).await {
            assert_eq!(answer.unwrap().finish, Finish::Refusal, "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_understood_in_every_dialect() {
    let mock = Mock::start(faithful).unwrap();
    for (dialect, base) in DIALECTS {
        let provider = provider(&format!("{}{base}", mock.url()), dialect);
        let mut request = question("tool");
        let parameters = json!({"type": "object"});
        request.tools.push(Tool { name: "look".into(), description: "Looks.".into(), parameters });
        for answer in both_ways(&provider, &request).await {
            let answer = answer.unwrap_or_else(|error| panic!("{dialect:?}: {error}"));
            assert_eq!(answer.finish, Finish::ToolCalls, "{dialect:?}");
            let call = answer.tool_calls[0].clone();
            assert_eq!((call.name.as_str(), call.arguments.expose().as_str()), ("look", "{}"));
            let mut next = request.clone();
            let result = ToolResult {
                call_id: call.id.clone(),
                text: Phi::new("sun".into()),
                failed: false,
            };
            next.messages
                .push(Message { role: Role::Assistant, parts: vec![Part::ToolCall(call)] });
            next.messages.push(Message { role: Role::User, parts: vec![Part::ToolResult(result)] });
            let answer = provider.complete(&next).await.unwrap();
            assert_eq!(answer.text.expose(), "It says: sun", "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn failures_are_told_apart_in_every_dialect() {
    let mock = Mock::start(faithful).unwrap();
    for (dialect, base) in DIALECTS {
        let provider = provider(&format!("{}{base}", mock.url()), dialect);
        let stream =
            async |model: &str| both_ways(&provider, &question(model)).await[0].clone().err();
        assert_eq!(stream("cut").await, Some(LlmError::Truncated), "{dialect:?}");
        assert_eq!(stream("auth").await, Some(LlmError::Auth), "{dialect:?}");
        assert_eq!(stream("nobody").await, Some(LlmError::ModelNotFound), "{dialect:?}");
        assert_eq!(stream("too-long").await, Some(LlmError::ContextTooLong), "{dialect:?}");
        let limited = LlmError::RateLimited { retry_after: Some(Duration::from_secs(7)) };
        assert_eq!(stream("limited").await, Some(limited), "{dialect:?}");
        let broken = stream("break").await;
        assert!(
            matches!(broken, Some(LlmError::Upstream { status: None, .. })),
            "{dialect:?} {broken:?}"
        );
    }
}

#[tokio::test]
async fn models_and_vectors_come_over_http_too() {
    let mock = Mock::start(faithful).unwrap();
    let openai = provider(&format!("{}/v1", mock.url()), Dialect::OpenAiChat);
    let models = openai.models().await.unwrap();
    assert_eq!(models[0].id.to_string(), "mock/echo");
    let inputs = vec![Phi::new("a".to_owned()), Phi::new("b".to_owned())];
    let vectors = openai
        .embed(&EmbedRequest { model: "m".into(), inputs, dimensions: None, names: Vec::new() })
        .await;
    assert_eq!(vectors.unwrap().vectors.len(), 2);
    let anthropic = provider(&mock.url(), Dialect::Anthropic);
    assert!(anthropic.models().await.unwrap()[0].abilities.tools);
    let request =
        EmbedRequest { model: "m".into(), inputs: Vec::new(), dimensions: None, names: Vec::new() };
    let refused = anthropic.embed(&request).await;
    assert_eq!(refused.err(), Some(LlmError::Unsupported("embeddings")));
}

#[tokio::test]
async fn a_server_on_this_machine_is_found_and_one_that_is_silent_is_not_waited_for() {
    let lm_studio = Mock::start(|asked| match asked.path.as_str() {
        "/api/v0/models" => Script::json(200, &json!({"data": [{"id": "qwen3", "type": "llm"}]})),
        _ => Script::json(404, &json!({})),
    })
    .unwrap();
    let silent = Mock::start(|_| Script::stream([""; 0]).then(Step::Hang)).unwrap();
    let place = |id: &str, dialect, url| Place { id: id.into(), dialect, url };
    let places = [
        place("lmstudio", Dialect::LmStudio, lm_studio.url()),
        place("ollama", Dialect::Ollama, silent.url()),
    ];
    let patience = Duration::from_millis(300);
    let began = std::time::Instant::now();
    let found = detect(&places, &kernel::Env::system(), limits(), patience).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1[0].id.to_string(), "lmstudio/qwen3");
}

#[tokio::test]
async fn ollama_is_asked_what_each_of_its_models_can_do() {
    let mock = Mock::start(|asked| match (asked.path.as_str(), asked.body["model"].as_str()) {
        ("/api/tags", _) => {
            Script::json(200, &json!({"models": [{"model": "sees"}, {"model": "mute"}]}))
        }
        ("/api/show", Some("sees")) => Script::json(
            200,
            &json!({
                "capabilities": ["completion", "vision", "tools"],
                "model_info": {"general.architecture": "x", "x.context_length": 8192},
            }),
        ),
        _ => Script::json(500, &json!({"error": "no"})),
    })
    .unwrap();
    let models = provider(&mock.url(), Dialect::Ollama).models().await.unwrap();
    assert!(models[0].abilities.vision && models[0].abilities.tools);
    assert_eq!((models[0].context, models[1].context), (Some(8192), None));
    assert!(models[1].abilities.chat && !models[1].abilities.tools);
}
