//! A second opinion on danger, by a model over a real connection.

use db::{Db, db_test, params, testing::TestDb};
use kernel::{Env, PageSize};
use llm::{Location, Model};
use modelmock::{Asked, Mock, Script, Step};
use providers::Gate;
use serde_json::{Value, json};
use server::{config::Config, registry};
use std::{sync::Arc, time::Duration};
use testkit::{Login, ManualClock, TestApp};
use vault::MemoryKms;

/// Veiled enough for the rules to stay below an alert.
const VEILED: &str =
    "I brought my cat to my sister and paid everything I owed, it is all in order now";
const DANGER: &str = "I want to kill myself tonight. I have the pills here.";

db::row! {
    struct Counted {
        source: String,
        verdict: String,
        times: i64,
    }
}

db::statements! { "server.tests.second_opinion";
    COUNTED = "SELECT source, verdict, times FROM crisis_opinions ORDER BY source, verdict";
    SHOWN = "SELECT source, level AS verdict, times FROM crisis_counts ORDER BY source, level";
}

fn said(content: &str) -> Script {
    let choice = json!({ "index": 0, "finish_reason": "stop",
        "message": { "role": "assistant", "content": content } });
    let usage = json!({ "prompt_tokens": 200, "completion_tokens": 6, "total_tokens": 206 });
    let body = json!({ "id": "1", "object": "chat.completion", "created": 1, "model": "judge",
        "choices": [choice], "usage": usage });
    Script::json(200, &body)
}

fn level(word: &str) -> Script {
    said(&json!({ "level": word }).to_string())
}

/// A judge on this machine that answers so, and a program that asks it.
async fn with(
    db: &TestDb,
    answer: impl Fn(&Asked) -> Script + Send + Sync + 'static,
    change: impl FnOnce(&mut Config),
) -> (TestApp, Mock) {
    let mock = Mock::start(answer).unwrap();
    let provider = json!({ "kind": "openai_chat", "url": format!("{}/v1", mock.url()),
        "local": true, "models": ["judge", "talk"] });
    let clock = ManualClock::at(Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    let app = TestApp::configured(db, (clock, kms), |config| {
        let provider = serde_json::from_value(provider).unwrap();
        config.models.providers.insert("near".to_owned(), provider);
        config.companion.titles.by_model = false;
        config.crisis.second_opinion.model = Some("near/judge".to_owned());
        change(config);
    })
    .await;
    (app, mock)
}

async fn agree(app: &TestApp, login: &Login) {
    let version = consent::ConsentType::AiInteraction.version_in_force();
    let given = json!({ "consent_type": "ai_interaction", "version": version });
    app.post("/api/consent/record", &given).by(login).send().await.expect(200);
}

async fn somebody(app: &TestApp) -> Login {
    let ana = app.register().await;
    agree(app, &ana).await;
    ana
}

/// The stream of an answer, and then everything that went on beside it.
async fn stream(app: &TestApp, who: &Login, body: &Value) -> String {
    let said = app.post("/api/chat/stream", body).by(who).send().await.expect(200).text();
    all_done(app).await;
    said
}

async fn all_done(app: &TestApp) {
    app.app.tasks.close();
    app.app.tasks.wait().await;
}

/// What was counted: of opinions, and of what the rules found.
async fn counted(app: &TestApp) -> (Vec<String>, Vec<String>) {
    app.work().await;
    app.app.crisis.tidy(app.app.env.now()).await;
    let lines = |rows: Vec<Counted>| {
        rows.iter().map(|row| format!("{} {} {}", row.source, row.verdict, row.times)).collect()
    };
    let db: &Db = &app.app.db;
    (
        lines(db.all(&COUNTED, params![]).await.unwrap()),
        lines(db.all(&SHOWN, params![]).await.unwrap()),
    )
}

async fn recorded(app: &TestApp, action: &str) -> usize {
    app.app.ledger.sequence_all().await.unwrap();
    let all = app.app.ledger.entries(&audit::Filter::default(), None, PageSize::MAX).await.unwrap();
    all.items.iter().filter(|record| record.entry.action.to_string() == action).count()
}

/// The question of the next time, some hours later.
async fn asked_next_time(app: &TestApp, who: &Login) -> bool {
    app.work().await;
    app.clock.advance(Duration::from_hours(7));
    let who = app.log_in(&who.username).await;
    let asked = app.get("/api/crisis/follow-up").by(&who).send().await.expect(200).json();
    asked["question"].is_object()
}

/// Talks slowly and judges at once.
fn slow_talk(asked: &Asked) -> Script {
    if asked.body["model"] == "judge" {
        return level("imminent");
    }
    let piece = |delta: Value, finish: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
        let chunk = json!({ "id": "1", "object": "chat.completion.chunk", "created": 1,
            "model": "talk", "choices": [choice] });
        format!("data: {chunk}\n\n")
    };
    Script::stream([piece(json!({ "role": "assistant", "content": "I hear" }), Value::Null)])
        .then(Step::Wait(Duration::from_secs(4)))
        .then(Step::Write(piece(json!({ "content": " you." }), json!("stop")).into_bytes()))
        .then(Step::Write(b"data: [DONE]\n\n".to_vec()))
}

db_test!(
    danger_that_only_the_model_sees_is_answered_in_an_open_stream,
    registry::migrations(),
    |db| {
        let (app, mock) = with(db, slow_talk, |config| {
            config.companion.models = vec!["near/talk".to_owned()];
        })
        .await;
        let ana = somebody(&app).await;
        let before = app.get("/api/usage").by(&ana).send().await.expect(200).json();
        let body = json!({ "content": VEILED, "country": "AT", "language": "en" });
        let told = stream(&app, &ana, &body).await;
        let at = told.find("event: safety").unwrap_or_else(|| panic!("{told}"));
        assert!(at < told.find("event: done").unwrap(), "nothing comes after the end");
        let safety =
            told.get(at..).unwrap().lines().nth(1).unwrap().strip_prefix("data: ").unwrap();
        let safety: Value = serde_json::from_str(safety).unwrap();
        assert_eq!((&safety["alert"], &safety["support"]), (&json!(true), &json!(true)));
        assert_eq!(safety["contacts"][0]["by"], "emergency");
        assert!(safety["message"].as_str().unwrap().len() > 40);
        assert!(told.contains("I hear") && told.contains(" you."), "the answer went on");

        let talk: Value = serde_json::from_str(
            told.lines().find_map(|line| line.strip_prefix("data: ")).unwrap(),
        )
        .unwrap();
        let path =
            format!("/api/conversations/{}/messages", talk["conversation_id"].as_str().unwrap());
        let kept = app.get(&path).by(&ana).send().await.expect(200).json();
        assert_eq!(
            kept["messages"][1]["safety"]["alert"], true,
            "it is there after a reload: {kept}"
        );
        assert_eq!(kept["messages"][1]["content"], "I hear you.");

        let judged: Vec<_> =
            mock.asked().into_iter().filter(|asked| asked.body["model"] == "judge").collect();
        assert_eq!(judged.len(), 1);
        assert!(judged[0].body["messages"][1].to_string().contains("my cat"));
        assert_eq!(judged[0].body["response_format"]["type"], "json_schema");
        let (opinions, shown) = counted(&app).await;
        assert_eq!((opinions, shown), (vec!["chat imminent 1".to_owned()], vec![]));
        assert_eq!(recorded(&app, "crisis.notice").await, 1);
        let own = app.get("/api/user/activity?limit=100").by(&ana).send().await.expect(200).text();
        assert!(!own.contains("my cat"), "{own}");
        let used = app.get("/api/usage").by(&ana).send().await.expect(200).json();
        let messages = |usage: &Value| usage["remaining"]["messages"].as_u64().unwrap();
        assert_eq!(messages(&before) - messages(&used), 1, "the question is not the person's");
        assert!(asked_next_time(&app, &ana).await);
        app.app.db.close();
    }
);

db_test!(what_comes_after_the_end_is_asked_about_the_next_time, registry::migrations(), |db| {
    let late = |_: &Asked| {
        let Script { status, headers, mut steps } = level("high");
        steps.insert(0, Step::Wait(Duration::from_millis(300)));
        Script { status, headers, steps }
    };
    let (app, _mock) = with(db, late, |_| {}).await;
    let ana = somebody(&app).await;
    let told = stream(&app, &ana, &json!({ "content": VEILED })).await;
    assert!(told.contains("event: done") && !told.contains("\"alert\":true"), "{told}");
    assert_eq!(counted(&app).await.0, ["chat alert 1"]);
    assert!(asked_next_time(&app, &ana).await);
    app.app.db.close();
});

db_test!(it_lowers_nothing_and_is_not_asked_where_help_came_first, registry::migrations(), |db| {
    let (app, mock) = with(db, |_| level("none"), |_| {}).await;
    let ana = somebody(&app).await;
    let told = stream(&app, &ana, &json!({ "content": DANGER })).await;
    assert!(told.contains("\"alert\":true") && told.contains("\"finish\":\"help\""), "{told}");
    assert!(mock.asked().is_empty());
    let low = "Everything feels hopeless and I am so tired of it all";
    let found = app.post("/api/crisis/assess", &json!({ "text": low })).send().await.expect(200);
    let found = found.json();
    assert_eq!((&found["support"], &found["alert"]), (&json!(true), &json!(false)), "{found}");
    assert!(mock.asked().is_empty(), "nobody agreed for words that anybody had looked at");
    let told = stream(&app, &ana, &json!({ "content": low })).await;
    assert!(told.contains("event: safety") && told.contains("\"support\":true"), "{told}");
    assert_eq!(mock.asked().len(), 1);
    assert_eq!(counted(&app).await.0, ["chat lower 1"]);
    app.app.db.close();
});

db_test!(no_opinion_changes_nothing_and_is_counted_by_its_reason, registry::migrations(), |db| {
    let answer = |asked: &Asked| {
        let text = asked.body["messages"][1].to_string();
        match () {
            () if text.contains("one cat") => said("{\"level\": \"hi"),
            () if text.contains("two cats") => {
                let refused = json!({ "index": 0, "finish_reason": "stop", "message":
                    { "role": "assistant", "content": null, "refusal": "I cannot." } });
                Script::json(200, &json!({ "id": "1", "choices": [refused] }))
            }
            () if text.contains("three cats") => {
                Script { status: 200, headers: Vec::new(), steps: vec![Step::Hang] }
            }
            () if text.contains("four cats") => Script::json(401, &json!({ "error": {} })),
            () => level("low"),
        }
    };
    let (app, mock) = with(db, answer, |config| config.crisis.second_opinion.seconds = 1).await;
    let ana = somebody(&app).await;
    for cats in ["one cat", "five cats", "two cats", "three cats", "six cats", "four cats"] {
        let body = json!({ "content": format!("I brought {cats} to my sister today") });
        let told = stream(&app, &ana, &body).await;
        assert!(told.contains("event: done") && !told.contains("event: safety"), "{told}");
    }
    assert_eq!(mock.asked().len(), 6);
    let verdicts = ["failed 1", "late 1", "refused 1", "same 2", "unreadable 1"];
    assert_eq!(counted(&app).await.0, verdicts.map(|verdict| format!("chat {verdict}")));
    assert!(!asked_next_time(&app, &ana).await);
    app.app.db.close();
});

db_test!(whoever_did_not_agree_is_not_read, registry::migrations(), |db| {
    let (app, mock) = with(db, |_| level("imminent"), |_| {}).await;
    let ana = app.register().await;
    stream(&app, &ana, &json!({ "content": VEILED })).await;
    let entry = json!({ "content": VEILED });
    app.post("/api/journal/entries", &entry).by(&ana).send().await.expect(201);
    all_done(&app).await;
    assert!(mock.asked().is_empty());
    assert!(counted(&app).await.0.is_empty());
    agree(&app, &ana).await;
    app.post("/api/journal/entries", &entry).by(&ana).send().await.expect(201);
    all_done(&app).await;
    assert_eq!(mock.asked().len(), 1);
    app.app.db.close();
});

db_test!(what_goes_to_someone_else_is_covered_and_recorded_first, registry::migrations(), |db| {
    let (app, mock) = with(db, |_| level("low"), |_| {}).await;
    // As a provider elsewhere is set up: behind the gate.
    let gateway = app.app.providers.gateway();
    let registry = gateway.registry();
    let near = registry.provider(&"near".parse().unwrap()).unwrap().clone();
    let models = registry.models().filter(|model| model.id.provider() == near.id());
    let models =
        models.map(|model| Model { location: Location::Remote, ..model.clone() }).collect();
    gateway.replace((*registry).clone().with(Arc::new(Gate::new(near)), models));
    let ana = somebody(&app).await;
    let text = "My name is Theresa Falkenrath and everything feels hopeless. +43 660 1234567";
    let entry = json!({ "content": text });
    app.post("/api/journal/entries", &entry).by(&ana).send().await.expect(201);
    all_done(&app).await;
    let asked = mock.asked();
    let sent = asked[0].body.to_string();
    assert!(sent.contains("hopeless") && sent.contains("[NAME_1]"), "{sent}");
    assert!(!sent.contains("Falkenrath") && !sent.contains("1234567"), "{sent}");
    assert_eq!(recorded(&app, "companion.disclose").await, 1);
    app.app.db.close();
});

db_test!(a_model_that_fails_is_left_alone_for_a_while, registry::migrations(), |db| {
    let (app, mock) = with(db, |_| said("I would rather talk about cats."), |_| {}).await;
    let ana = somebody(&app).await;
    for _ in 0..6 {
        stream(&app, &ana, &json!({ "content": VEILED })).await;
    }
    assert_eq!(mock.asked().len(), 3);
    app.clock.advance(Duration::from_mins(6));
    stream(&app, &ana, &json!({ "content": VEILED })).await;
    stream(&app, &ana, &json!({ "content": VEILED })).await;
    assert_eq!(mock.asked().len(), 4, "one tries, and it rests again");
    app.app.db.close();
});

db_test!(one_person_is_not_asked_about_without_end, registry::migrations(), |db| {
    let limit = |config: &mut Config| config.crisis.second_opinion.per_person_an_hour = 2;
    let (app, mock) = with(db, |_| level("low"), limit).await;
    let (ana, ben) = (somebody(&app).await, somebody(&app).await);
    for _ in 0..4 {
        stream(&app, &ana, &json!({ "content": VEILED })).await;
    }
    assert_eq!(mock.asked().len(), 2);
    stream(&app, &ben, &json!({ "content": VEILED })).await;
    assert_eq!(mock.asked().len(), 3);
    app.app.db.close();
});

db_test!(everything_that_is_looked_at_goes_through_the_one_door, registry::migrations(), |db| {
    let (app, mock) = with(db, |_| level("high"), |_| {}).await;
    let ana = somebody(&app).await;
    let send = async |path: &str, body: &Value| {
        app.post(path, body).by(&ana).send().await.expect(201);
    };
    send("/api/journal/entries", &json!({ "content": VEILED })).await;
    send("/api/journal/check-ins", &json!({ "mood": "sad", "note": VEILED })).await;
    send("/api/crisis/escalate", &json!({ "message": VEILED })).await;
    all_done(&app).await;
    assert_eq!(mock.asked().len(), 3);
    let (opinions, shown) = counted(&app).await;
    assert_eq!(opinions, ["check_in alert 1", "journal alert 1", "wish alert 1"]);
    assert_eq!(shown, Vec::<String>::new(), "apart from the rules");

    let responder = app.register_as(kernel::Role::CrisisResponder).await;
    let queue = app.get("/api/crisis/cases").by(&responder).send().await.expect(200).json();
    let path = format!("/api/crisis/cases/{}/claim", queue["cases"][0]["id"].as_str().unwrap());
    let case = app.post(&path, &json!({})).by(&responder).send().await.expect(200).json();
    assert_eq!(case["rules"], json!(["model.second"]), "{case}");
    assert!(case["level"].as_u64().unwrap() >= 5);
    assert_eq!(case["notes"].as_array().unwrap().len(), 1, "its words are kept nowhere");
    app.app.db.close();
});

db_test!(without_a_model_in_the_settings_nobody_is_asked, registry::migrations(), |db| {
    let off = |config: &mut Config| config.crisis.second_opinion.model = None;
    let (app, mock) = with(db, |_| level("imminent"), off).await;
    let ana = somebody(&app).await;
    stream(&app, &ana, &json!({ "content": VEILED })).await;
    assert!(mock.asked().is_empty());
    app.app.db.close();
});
