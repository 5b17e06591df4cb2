//! Programs of people, with personal keys, in the words of servers of models.

use db::{db_test, testing::TestDb};
use serde_json::{Value, json};
use server::registry;
use std::{sync::Arc, time::Duration};
use testkit::{Answer, Login, ManualClock, TestApp};
use vault::MemoryKms;

const CHAT: &str = "/v1/chat/completions";

/// A new key of this person; its id and its text.
async fn key(app: &TestApp, login: &Login, body: &Value) -> (String, String) {
    let made = app.post("/api/ai/keys", body).by(login).send().await.expect(201).json();
    let text = |place: &str| made.pointer(place).unwrap().as_str().unwrap().to_owned();
    (text("/key/id"), text("/secret"))
}

fn question(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

async fn ask(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.post(CHAT, body).token(key).send().await
}

fn said(answer: &Answer) -> String {
    answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

fn error_code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

async fn usage(app: &TestApp, login: &Login) -> Value {
    app.get("/api/usage").by(login).send().await.expect(200).json()
}

async fn with(db: &TestDb, change: impl FnOnce(&mut server::config::Config)) -> TestApp {
    let clock = ManualClock::at(kernel::Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    TestApp::configured(db, (clock, kms), change).await
}

db_test!(a_key_asks_a_model_and_is_counted_until_it_is_revoked, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let (id, text) = key(&app, &ana, &json!({ "name": "notebook" })).await;
    let answer = ask(&app, &text, &question("scripted/echo", "good day")).await.expect(200);
    assert_eq!(said(&answer), "You said: good day");
    let counted = answer.json()["usage"]["total_tokens"].as_u64().unwrap();
    let used = usage(&app, &ana).await;
    assert_eq!(used["days"][0]["answers"], 1);
    let (limits, left) = (&used["limits"], &used["remaining"]);
    let taken = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
    assert_eq!(taken, counted, "what was held was given back");

    let stream = json!({ "model": "scripted/think", "stream": true,
        "stream_options": { "include_usage": true },
        "messages": [{ "role": "user", "content": "good day" }] });
    let streamed = ask(&app, &text, &stream).await.expect(200);
    assert_eq!(streamed.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let streamed = streamed.text();
    assert!(streamed.contains("reasoning_content") && streamed.ends_with("data: [DONE]\n\n"));
    assert_eq!(usage(&app, &ana).await["days"].as_array().unwrap().len(), 2);

    let listed = app.get("/api/ai/keys").by(&ana).send().await.expect(200);
    assert_eq!(listed.json()["keys"][0]["name"], "notebook");
    assert!(listed.json()["keys"][0]["used_at"].is_string());
    assert!(!listed.text().contains(&text), "it is told once");
    let path = format!("/api/ai/keys/{id}");
    let ben = app.register().await;
    app.request("DELETE", &path).by(&ben).send().await.expect(404);
    app.request("DELETE", &path).by(&ana).send().await.expect(204);
    let refused = ask(&app, &text, &question("scripted/echo", "good day")).await.expect(401);
    assert_eq!(refused.json()["error"]["type"], "authentication_error");
    app.app.db.close();
});

db_test!(another_process_hears_of_a_revoked_key_within_a_second, registry::migrations(), |db| {
    let here = TestApp::on(db).await;
    let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
    let ana = here.register().await;
    let (id, text) = key(&here, &ana, &json!({ "name": "notebook" })).await;
    let body = question("scripted/echo", "hello");
    ask(&elsewhere, &text, &body).await.expect(200);
    ask(&elsewhere, &text, &body).await.expect(200);
    here.request("DELETE", &format!("/api/ai/keys/{id}")).by(&ana).send().await.expect(204);
    here.clock.advance(Duration::from_millis(900));
    ask(&elsewhere, &text, &body).await.expect(401);
    here.app.db.close();
    elsewhere.app.db.close();
});

db_test!(a_key_is_good_for_what_it_says_as_long_and_as_often, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let (_, models) = key(&app, &ana, &json!({ "name": "m", "scopes": ["models"] })).await;
    app.get("/v1/models").token(&models).send().await.expect(200);
    let refused = ask(&app, &models, &question("scripted/echo", "x")).await.expect(403);
    assert_eq!(error_code(&refused), "key_scope_missing");
    app.get("/api/auth/me").token(&models).send().await.expect(401);

    let end = app.clock.env().now().plus(Duration::from_mins(5)).to_string();
    let limited = json!({ "name": "l", "expires_at": end, "messages_per_day": 2 });
    let (_, limited) = key(&app, &ana, &limited).await;
    for _ in 0..2 {
        ask(&app, &limited, &question("scripted/echo", "x")).await.expect(200);
    }
    let refused = ask(&app, &limited, &question("scripted/echo", "x")).await.expect(429);
    assert_eq!(error_code(&refused), "quota_exceeded");
    assert_eq!(refused.header("x-should-retry"), Some("false"), "not before tomorrow");
    let (_, other) = key(&app, &ana, &json!({ "name": "o" })).await;
    ask(&app, &other, &question("scripted/echo", "x")).await.expect(200);
    let left = usage(&app, &ana).await["remaining"]["messages"].as_u64().unwrap();
    ask(&app, &limited, &question("scripted/echo", "x")).await.expect(429);
    assert_eq!(usage(&app, &ana).await["remaining"]["messages"], left, "a refusal takes nothing");
    app.clock.advance(Duration::from_mins(6));
    ask(&app, &limited, &question("scripted/echo", "x")).await.expect(401);
    for body in [
        json!({ "name": "" }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "expires_at": "2001-01-01T00:00:00Z" }),
    ] {
        let refused = app.post("/api/ai/keys", &body).by(&ana).send().await.expect(400);
        assert_eq!(refused.code(), "MESSAGE_INVALID");
    }
    app.app.db.close();
});

db_test!(a_program_cannot_get_past_the_guard_or_the_agreement, registry::migrations(), |db| {
    let app = with(db, |config| config.companion.allowance.user.messages_per_day = 0).await;
    let ana = app.register().await;
    let (_, text) = key(&app, &ana, &json!({ "name": "notebook" })).await;
    ask(&app, &text, &question("scripted/echo", "hello")).await.expect(429);
    let danger = question("scripted/echo", "I want to kill myself tonight. I have the pills here.");
    let help = ask(&app, &text, &danger).await.expect(200);
    assert!(!said(&help).contains("You said") && said(&help).len() > 40, "{}", said(&help));
    let mut stream = danger.clone();
    stream["stream"] = true.into();
    let streamed = ask(&app, &text, &stream).await.expect(200).text();
    assert!(streamed.ends_with("data: [DONE]\n\n") && !streamed.contains("You said"));
    let withdrawal = json!({ "consent_type": "health_data" });
    app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
    ask(&app, &text, &danger).await.expect(200);
    let refused = ask(&app, &text, &question("scripted/echo", "hello")).await.expect(403);
    assert_eq!(error_code(&refused), "consent_required");
    app.app.db.close();
});

db_test!(
    failures_are_said_in_the_words_of_each_and_nothing_stays_held,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let ana = app.register().await;
        let (_, text) = key(&app, &ana, &json!({ "name": "notebook" })).await;
        for (model, status, code) in [
            ("scripted/auth", 503, "provider_misconfigured"),
            ("scripted/limited", 429, "provider_limited"),
            ("scripted/too-long", 413, "context_too_long"),
            ("nobody/nothing", 404, "model_not_found"),
            ("nothing", 404, "model_not_found"),
        ] {
            let failed = ask(&app, &text, &question(model, "x")).await.expect(status);
            assert_eq!(error_code(&failed), code);
            let wait = (model == "scripted/limited").then_some("7");
            assert_eq!(
                (failed.header("retry-after"), failed.header("x-should-retry")),
                (wait, None)
            );
        }
        let messages = json!({ "model": "scripted/auth", "max_tokens": 5,
        "messages": [{ "role": "user", "content": "x" }] });
        let failed = app.post("/v1/messages", &messages).header("x-api-key", &text).send().await;
        let failed = failed.expect(503).json();
        assert_eq!(
            (&failed["type"], &failed["error"]["type"]),
            (&json!("error"), &json!("overloaded_error"))
        );
        let mut cut = question("scripted/cut", "one two three four");
        cut["stream"] = true.into();
        let streamed = ask(&app, &text, &cut).await.expect(200).text();
        assert!(
            streamed.contains("answer_incomplete") && !streamed.contains("[DONE]"),
            "{streamed}"
        );
        let vectors = json!({ "model": "salus/companion", "input": "x" });
        let failed = app.post("/v1/embeddings", &vectors).token(&text).send().await.expect(400);
        assert_eq!(error_code(&failed), "model_cannot");
        let used = usage(&app, &ana).await;
        let (limits, left) = (&used["limits"], &used["remaining"]);
        let day = &used["days"][0];
        assert_eq!((&day["model"], &day["estimated_answers"]), (&json!("scripted/cut"), &json!(1)));
        let counted =
            day["input_tokens"].as_u64().unwrap() + day["output_tokens"].as_u64().unwrap();
        let taken = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
        assert_eq!(taken, counted, "only what broke off in the middle is counted");
        app.get("/v1/nothing").token(&text).send().await.expect(404);
        app.app.db.close();
    }
);

db_test!(what_a_killed_process_held_is_settled_by_another, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let (_, text) = key(&app, &ana, &json!({ "name": "notebook" })).await;
    ask(&app, &text, &question("scripted/echo", "x")).await.expect(200);
    let before = usage(&app, &ana).await["remaining"]["tokens"].as_u64().unwrap();
    db.tamper("UPDATE companion_calls SET state = 0, lease_until = 0, reserved_tokens = 100")
        .await
        .unwrap();
    db.tamper("UPDATE companion_allowance SET tokens = tokens + 100").await.unwrap();
    app.clock.advance(Duration::from_mins(2));
    app.work().await;
    let used = usage(&app, &ana).await;
    assert_eq!(used["remaining"]["tokens"].as_u64().unwrap(), before - 100);
    assert_eq!(
        (&used["days"][0]["answers"], &used["days"][0]["estimated_answers"]),
        (&json!(2), &json!(1))
    );
    app.clock.advance(Duration::from_mins(2));
    app.work().await;
    assert_eq!(usage(&app, &ana).await["days"][0]["answers"], 2, "once");
    app.app.db.close();
});

db_test!(what_tells_of_nobody_is_answered_again_at_no_cost, registry::migrations(), |db| {
    let app = with(db, |config| config.companion.remember.answers = 10).await;
    let (ana, ben) = (app.register().await, app.register().await);
    let (_, of_ana) = key(&app, &ana, &json!({ "name": "notebook" })).await;
    let (_, of_ben) = key(&app, &ben, &json!({ "name": "notebook" })).await;
    let asked = |text: &str, stream: bool| {
        let said = json!([{ "role": "user", "content": text }]);
        json!({ "model": "scripted/echo", "temperature": 0, "messages": said, "stream": stream })
    };
    let ask = async |key: &str, body: &Value| {
        let question = app.post(CHAT, body).header("x-salus-cache", "allow");
        question.token(key).send().await.expect(200)
    };
    let word = |answer: &Answer| answer.header("x-salus-cache").map(ToOwned::to_owned);
    let (miss, hit) = (Some("miss".to_owned()), Some("hit".to_owned()));
    let paris = asked("What is the capital of France?", false);
    let first = ask(&of_ana, &paris).await;
    assert_eq!(word(&first), miss);
    let before = usage(&app, &ana).await;
    let again = ask(&of_ana, &paris).await;
    assert_eq!((word(&again), said(&again)), (hit.clone(), said(&first)));
    let streamed = ask(&of_ana, &asked("What is the capital of France?", true)).await;
    assert_eq!(word(&streamed), hit);
    assert!(streamed.text().contains("capital") && streamed.text().ends_with("[DONE]\n\n"));
    // It counts as a message, and as nothing else.
    let after = usage(&app, &ana).await;
    assert_eq!(after["remaining"]["tokens"], before["remaining"]["tokens"]);
    let messages = |usage: &Value| usage["remaining"]["messages"].as_u64().unwrap();
    assert_eq!(messages(&before) - messages(&after), 2);
    // Another person, and whoever did not say so, gets an answer of their own.
    assert_eq!(word(&ask(&of_ben, &paris).await), miss);
    let unasked = app.post(CHAT, &paris).token(&of_ana).send().await.expect(200);
    assert_eq!(word(&unasked), None);
    for personal in ["I have not slept for days", "Is Anna Berger in Vienna?", "Estoy triste"] {
        for _ in 0..2 {
            assert_eq!(word(&ask(&of_ana, &asked(personal, false)).await), None, "{personal}");
        }
    }
    app.app.db.close();
});

db_test!(nothing_is_answered_again_unless_the_settings_say_so, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let (_, text) = key(&app, &ana, &json!({ "name": "notebook" })).await;
    let mut body = question("scripted/echo", "What is the capital of France?");
    body["temperature"] = json!(0);
    for _ in 0..2 {
        let asked = app.post(CHAT, &body).header("x-salus-cache", "allow").token(&text);
        assert_eq!(asked.send().await.expect(200).header("x-salus-cache"), None);
    }
    app.app.db.close();
});

db_test!(
    no_program_gets_past_an_allowance_however_many_try_at_once,
    registry::migrations(),
    |db| {
        let limit = |config: &mut server::config::Config| {
            config.companion.allowance.user.messages_per_day = 7;
            config.companion.allowance.user.messages_per_minute = 1_000;
            config.companion.answers_at_once = 1_000;
        };
        let here = with(db, limit).await;
        let elsewhere =
            TestApp::configured(db, (here.clock.clone(), here.kms.clone()), limit).await;
        let ana = here.register().await;
        let (_, of_person) = key(&here, &ana, &json!({ "name": "a" })).await;
        let (_, of_key) = key(&here, &ana, &json!({ "name": "b", "messages_per_day": 3 })).await;
        let body = question("scripted/echo", "hello");
        let tries = async |key: &str| {
            let tries = (0..100).map(|number| {
                let app = if number % 2 == 0 { &here } else { &elsewhere };
                let asked = app.post(CHAT, &body).token(key);
                async move { asked.send().await.status.as_u16() }
            });
            let statuses = futures_util::future::join_all(tries).await;
            let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
            (count(200), count(429))
        };
        assert_eq!(tries(&of_key).await, (3, 97));
        assert_eq!(tries(&of_person).await, (4, 96));
        assert_eq!(usage(&here, &ana).await["remaining"]["messages"], 0);
        here.app.db.close();
        elsewhere.app.db.close();
    }
);
