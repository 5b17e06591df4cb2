//! Conversations with scripted models, through the whole program.

use db::{db_test, testing::TestDb};
use serde_json::{Value, json};
use server::registry;
use std::{sync::Arc, time::Duration};
use testkit::{Login, ManualClock, TestApp};
use vault::MemoryKms;

const STREAM: &str = "/api/chat/stream";

/// The events of a stream: name and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    for event in text.split_terminator("\n\n").filter(|event| !event.starts_with(':')) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let name = field("event: ").unwrap().to_owned();
        events.push((name, serde_json::from_str(field("data: ").unwrap()).unwrap()));
    }
    events
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

fn data<'a>(events: &'a [(String, Value)], wanted: &str) -> &'a Value {
    &events.iter().find(|(name, _)| name == wanted).unwrap_or_else(|| panic!("{events:?}")).1
}

fn text(events: &[(String, Value)]) -> String {
    let deltas = events.iter().filter(|(name, _)| name == "delta");
    deltas.map(|(_, data)| data["text"].as_str().unwrap()).collect()
}

async fn say(app: &TestApp, login: &Login, body: &Value) -> Vec<(String, Value)> {
    let answer = app.post(STREAM, body).by(login).send().await.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    events(&answer.text())
}

async fn messages(app: &TestApp, login: &Login, conversation: &Value) -> Vec<Value> {
    let path = format!("/api/conversations/{}/messages?limit=100", conversation.as_str().unwrap());
    let page = app.get(&path).by(login).send().await.expect(200).json();
    page["messages"].as_array().unwrap().clone()
}

async fn with(db: &TestDb, change: impl FnOnce(&mut server::config::Config)) -> TestApp {
    let clock = ManualClock::at(kernel::Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    TestApp::configured(db, (clock, kms), change).await
}

db_test!(an_answer_streams_is_kept_and_is_counted, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let said = say(&app, &ana, &json!({ "content": "The rain has stopped at last" })).await;
    assert_eq!(said[0].0, "meta");
    assert_eq!(said.last().unwrap().0, "done");
    let ends = ["done", "error", "cancelled"];
    assert_eq!(names(&said).iter().filter(|name| ends.contains(name)).count(), 1);
    assert_eq!(text(&said), "You said: The rain has stopped at last");
    let meta = data(&said, "meta");
    assert_eq!(meta["model"], "scripted/echo");
    assert_eq!(meta["chosen"], "preferred");
    assert_eq!(meta["stream_id"], meta["message_id"]);

    let kept = messages(&app, &ana, &meta["conversation_id"]).await;
    assert_eq!(kept.len(), 2);
    assert_eq!((&kept[0]["role"], &kept[1]["role"]), (&json!("user"), &json!("assistant")));
    assert_eq!(kept[1]["parent_id"], kept[0]["id"]);
    assert_eq!(kept[1]["state"], "done");
    assert_eq!(kept[1]["content"], "You said: The rain has stopped at last");
    let used = &kept[1]["usage"];
    assert_eq!(used["micro_usd"], 0);
    assert!(used["output_tokens"].as_u64().unwrap() > 0);

    let usage = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    assert_eq!(usage["days"][0]["answers"], 1);
    assert_eq!(usage["days"][0]["output_tokens"], used["output_tokens"]);
    let (limits, left) = (&usage["limits"], &usage["remaining"]);
    let taken = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
    let counted = used["input_tokens"].as_u64().unwrap() + used["output_tokens"].as_u64().unwrap();
    assert_eq!(taken, counted, "what was held was given back");

    let conversation = &meta["conversation_id"].as_str().unwrap();
    let path = format!("/api/conversations/{conversation}");
    let read = app.get(&path).by(&ana).send().await.expect(200).json();
    assert_eq!(read["title"], "The rain has stopped at last");
    let ben = app.register().await;
    for path in
        [path.clone(), format!("{path}/messages"), format!("/api/chat/stream/{conversation}")]
    {
        app.get(&path).by(&ben).send().await.expect(404);
    }
    app.request("DELETE", &path).by(&ana).send().await.expect(204);
    app.get(&path).by(&ana).send().await.expect(404);
    let usage = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    assert_eq!(usage["days"][0]["answers"], 1, "usage outlives what was said");
    app.app.db.close();
});

db_test!(an_answer_that_broke_off_is_kept_as_far_as_it_came, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    for (model, code) in [("cut", "ANSWER_INCOMPLETE"), ("break", "PROVIDER_UNREACHABLE")] {
        let ask = json!({ "content": "one two three four", "model": format!("scripted/{model}") });
        let said = say(&app, &ana, &ask).await;
        let end = &said.last().unwrap();
        assert_eq!((end.0.as_str(), &end.1["code"]), ("error", &json!(code)), "{said:?}");
        assert_eq!((&end.1["partial"], &end.1["retryable"]), (&json!(true), &json!(true)));
        let kept = messages(&app, &ana, &data(&said, "meta")["conversation_id"]).await;
        assert_eq!((&kept[1]["state"], &kept[1]["error"]), (&json!("failed"), &json!(code)));
        assert_eq!(kept[1]["content"], text(&said));
        assert!(kept[1]["usage"]["estimated"].as_bool().unwrap());
    }
    let ask = json!({ "content": "hello", "model": "scripted/auth" });
    let said = say(&app, &ana, &ask).await;
    assert_eq!(said.last().unwrap().1["code"], "PROVIDER_MISCONFIGURED");
    let usage = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    let (limits, left) = (&usage["limits"], &usage["remaining"]);
    let messages = limits["messages_per_day"].as_u64().unwrap();
    assert_eq!(left["messages"], messages - 2, "a message without any answer is given back");
    app.app.db.close();
});

db_test!(
    a_model_that_does_not_answer_is_replaced_unless_it_was_named,
    registry::migrations(),
    |db| {
        let app = with(db, |config| {
            config.companion.models = ["scripted/overloaded", "scripted/limited", "scripted/echo"]
                .map(str::to_owned)
                .to_vec();
        })
        .await;
        let ana = app.register().await;
        let said = say(&app, &ana, &json!({ "content": "hello" })).await;
        assert_eq!(
            (text(&said).as_str(), said.last().unwrap().0.as_str()),
            ("You said: hello", "done")
        );
        let kept = messages(&app, &ana, &data(&said, "meta")["conversation_id"]).await;
        assert_eq!(kept[1]["model"], "scripted/echo");
        let named =
            say(&app, &ana, &json!({ "content": "hi", "model": "scripted/overloaded" })).await;
        assert_eq!(named.last().unwrap().1["code"], "PROVIDER_BUSY");
        let unknown = json!({ "content": "hi", "model": "scripted/nothing" });
        let refused = app.post(STREAM, &unknown).by(&ana).send().await.expect(404);
        assert_eq!(refused.code(), "MODEL_NOT_FOUND");
        app.app.db.close();
    }
);

db_test!(whoever_is_in_danger_is_helped_whatever_fails, registry::migrations(), |db| {
    let app = with(db, |config| config.companion.allowance.user.messages_per_day = 0).await;
    let ana = app.register().await;
    let refused =
        app.post(STREAM, &json!({ "content": "hello" })).by(&ana).send().await.expect(429);
    assert_eq!(refused.code(), "QUOTA_EXCEEDED");

    let danger = json!({
        "content": "I want to kill myself tonight. I have the pills here.", "country": "AT",
    });
    let said = say(&app, &ana, &danger).await;
    assert_eq!(said.last().unwrap().0, "done");
    let safety = data(&said, "safety");
    assert_eq!(safety["alert"], true);
    assert!(
        safety["contacts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|contact| contact["at"] == "144" || contact["at"] == "112"),
        "{safety}"
    );
    assert_eq!(text(&said), safety["message"].as_str().unwrap());
    let kept = messages(&app, &ana, &data(&said, "meta")["conversation_id"]).await;
    assert_eq!((kept.len(), &kept[1]["model"]), (2, &json!(null)));
    assert_eq!(kept[1]["safety"]["alert"], true);

    let withdrawal = json!({ "consent_type": "health_data" });
    app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
    let said = say(&app, &ana, &danger).await;
    assert_eq!(names(&said), ["meta", "safety", "delta", "error"]);
    assert_eq!(said.last().unwrap().1["code"], "CONSENT_REQUIRED");
    app.app.db.close();
});

db_test!(nobody_gets_past_the_allowance_however_many_try_at_once, registry::migrations(), |db| {
    let limit = |config: &mut server::config::Config| {
        config.companion.allowance.user.messages_per_day = 7;
        config.companion.answers_at_once = 1_000;
    };
    let here = with(db, limit).await;
    let world = (here.clock.clone(), here.kms.clone());
    let elsewhere = TestApp::configured(db, world, limit).await;
    let ana = here.register().await;
    let ask = json!({ "content": "hello" });
    let tries = (0..100).map(|number| {
        let app = if number % 2 == 0 { &here } else { &elsewhere };
        let (ask, ana) = (&ask, &ana);
        async move { app.post(STREAM, ask).by(ana).send().await.status.as_u16() }
    });
    let statuses = futures_util::future::join_all(tries).await;
    let admitted = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((admitted, refused), (7, 93));
    here.clock.advance(Duration::from_hours(24));
    let ana = here.log_in(&ana.username).await;
    here.post(STREAM, &ask).by(&ana).send().await.expect(200);
    here.app.db.close();
    elsewhere.app.db.close();
});

db_test!(messages_have_a_pace, registry::migrations(), |db| {
    let app = with(db, |config| config.companion.allowance.user.messages_per_minute = 3).await;
    let ana = app.register().await;
    let ask = json!({ "content": "hello" });
    for _ in 0..3 {
        app.post(STREAM, &ask).by(&ana).send().await.expect(200);
    }
    let refused = app.post(STREAM, &ask).by(&ana).send().await.expect(429);
    assert_eq!(refused.code(), "PACE_EXCEEDED");
    assert_eq!(refused.header("retry-after"), Some("20"));
    app.clock.advance(Duration::from_secs(20));
    app.post(STREAM, &ask).by(&ana).send().await.expect(200);
    app.post(STREAM, &ask).by(&ana).send().await.expect(429);
    app.app.db.close();
});

db_test!(a_message_written_anew_is_a_branch_of_its_own, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let first = say(&app, &ana, &json!({ "content": "first" })).await;
    let conversation = data(&first, "meta")["conversation_id"].clone();
    let second = json!({ "content": "second", "conversation_id": conversation });
    let second = say(&app, &ana, &second).await;
    let asked = data(&second, "meta")["user_message_id"].as_str().unwrap().to_owned();
    let path = format!("/api/messages/{asked}");
    let anew = app.request("PATCH", &path).json(&json!({ "content": "another" })).by(&ana);
    let anew = anew.send().await.expect(201).json();
    assert_eq!(anew["parent_id"], data(&first, "meta")["message_id"]);
    let reply = say(&app, &ana, &json!({ "reply_to": anew["id"] })).await;
    assert_eq!(text(&reply), "You said: another");
    let again = say(&app, &ana, &json!({ "reply_to": anew["id"] })).await;
    let all = messages(&app, &ana, &conversation).await;
    assert_eq!(all.len(), 7);
    let read = app.get(&format!("/api/conversations/{}", conversation.as_str().unwrap()));
    let read = read.by(&ana).send().await.expect(200).json();
    assert_eq!(read["leaf_id"], data(&again, "meta")["message_id"]);

    let copy = json!({ "from_message_id": anew["id"], "title": "A copy" });
    let copy = app.post("/api/conversations", &copy).by(&ana).send().await.expect(201).json();
    let copied = messages(&app, &ana, &copy["id"]).await;
    let texts: Vec<&str> =
        copied.iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["first", "You said: first", "another"]);

    let search = async |words: &str| {
        let body = json!({ "words": words });
        let page = app.post("/api/conversations/search", &body).by(&ana).send().await;
        let page = page.expect(200).json();
        page["conversations"].as_array().unwrap().len()
    };
    assert_eq!(
        (search("SECOND").await, search("another").await, search("nothing").await),
        (0, 2, 0)
    );
    let in_address = app.get("/api/conversations?q=another").by(&ana).send().await;
    in_address.expect(400);

    let gone = app.request("DELETE", &format!("/api/messages/{}", anew["id"].as_str().unwrap()));
    gone.by(&ana).send().await.expect(204);
    assert_eq!(messages(&app, &ana, &conversation).await.len(), 4);
    let both = json!({ "content": "x", "reply_to": asked });
    let refused = app.post(STREAM, &both).by(&ana).send().await.expect(400);
    assert_eq!(refused.code(), "MESSAGE_INVALID");
    app.app.db.close();
});

async fn agree_to_models(app: &TestApp, login: &Login) {
    let version = consent::ConsentType::AiInteraction.version_in_force();
    let given = json!({ "consent_type": "ai_interaction", "version": version });
    app.post("/api/consent/record", &given).by(login).send().await.expect(200);
}

fn elsewhere(config: &mut server::config::Config) {
    let provider = json!({
        "kind": "openai_chat", "url": "https://models.invalid/v1", "models": ["one", "two"],
    });
    let provider = serde_json::from_value(provider).unwrap();
    config.models.providers.insert("elsewhere".to_owned(), provider);
    config.companion.models = vec!["elsewhere/one".to_owned()];
}

db_test!(
    only_models_elsewhere_that_the_installation_allows_are_asked,
    registry::migrations(),
    |db| {
        let app = with(db, |config| {
            elsewhere(config);
            config.companion.elsewhere = Some(vec!["elsewhere/two".to_owned()]);
        })
        .await;
        let ana = app.register().await;
        agree_to_models(&app, &ana).await;
        let said = say(&app, &ana, &json!({ "content": "hello" })).await;
        assert_eq!(data(&said, "meta")["model"], "salus/companion");
        let named = json!({ "content": "hello", "model": "elsewhere/one" });
        app.post(STREAM, &named).by(&ana).send().await.expect(404);
        let listed = app.get("/api/providers").by(&ana).send().await.expect(200).text();
        assert!(listed.contains("elsewhere/two") && !listed.contains("elsewhere/one"), "{listed}");
        app.app.db.close();
    }
);

db_test!(a_model_elsewhere_is_asked_only_for_people_who_agreed, registry::migrations(), |db| {
    let app = with(db, elsewhere).await;
    let ana = app.register().await;
    let said = say(&app, &ana, &json!({ "content": "hello" })).await;
    assert_eq!(data(&said, "meta")["model"], "salus/companion", "nothing leaves the machine");
    let named = json!({ "content": "hello", "model": "elsewhere/one" });
    let refused = app.post(STREAM, &named).by(&ana).send().await.expect(403);
    assert_eq!(refused.code(), "CONSENT_REQUIRED");

    agree_to_models(&app, &ana).await;
    let said = say(&app, &ana, &json!({ "content": "hello" })).await;
    assert_eq!(data(&said, "meta")["model"], "elsewhere/one");
    app.app.ledger.sequence_all().await.unwrap();
    let (all, most) = (audit::Filter::default(), kernel::PageSize::MAX);
    let recorded = app.app.ledger.entries(&all, None, most).await.unwrap().items;
    let told =
        recorded.iter().filter(|record| record.entry.action.to_string() == "companion.disclose");
    assert_eq!(told.count(), 1, "what may have left is recorded");
    app.app.db.close();
});

/// The events of a stream without those that are told in other pieces after it.
fn lasting(events: &[(String, Value)]) -> Vec<(String, Value)> {
    let mut all: Vec<_> = events.iter().filter(|(name, _)| name != "delta").cloned().collect();
    for (_, data) in &mut all {
        if let Some(data) = data.as_object_mut() {
            // What was left by then is not kept, and each request has an id of its own.
            for name in ["remaining", "nearly_used_up", "request_id"] {
                data.remove(name);
            }
        }
    }
    all
}

db_test!(what_is_read_after_the_end_is_what_was_read_live, registry::migrations(), |db| {
    let here = TestApp::on(db).await;
    let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
    let ana = here.register().await;
    let low = "Everything feels hopeless and I am so tired of it all";
    let danger = "I want to kill myself tonight. I have the pills here.";
    for (content, model) in [
        (low, "echo"),
        (low, "length"),
        (low, "refuse"),
        (low, "limited"),
        ("good day", "cut"),
        (danger, "echo"),
    ] {
        let model = format!("scripted/{model}");
        let live = say(&here, &ana, &json!({ "content": content, "model": model })).await;
        let id = data(&live, "meta")["stream_id"].as_str().unwrap().to_owned();
        // Whoever wrote it has gone, too.
        while !here.app.tasks.is_empty() {
            tokio::task::yield_now().await;
        }
        for app in [&here, &elsewhere] {
            let path = format!("/api/chat/stream/{id}");
            let later = app.get(&path).by(&ana).send().await.expect(200);
            let later = events(&later.text());
            assert_eq!(data(&later, "snapshot")["text"], text(&live), "{model}");
            let later: Vec<_> = later.into_iter().filter(|(name, _)| name != "snapshot").collect();
            assert_eq!(lasting(&later), lasting(&live), "{model}");
        }
        let kept = messages(&here, &ana, &data(&live, "meta")["conversation_id"]).await;
        if let Some((_, safety)) = live.iter().find(|(name, _)| name == "safety") {
            assert_eq!(kept[1]["safety"]["message"], safety["message"]);
            assert_eq!(kept[1]["safety"]["contacts"], safety["contacts"]);
        }
        assert_eq!(kept[1]["finish"], live.last().unwrap().1["finish"]);
    }
    here.app.db.close();
    elsewhere.app.db.close();
});

db_test!(a_provider_that_limits_us_says_when_to_come_back, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let ask = json!({ "content": "good day", "model": "scripted/limited" });
    let said = say(&app, &ana, &ask).await;
    let end = &said.last().unwrap().1;
    assert_eq!((&end["code"], &end["retry_after"]), (&json!("PROVIDER_LIMITED"), &json!(7)));
    let whole = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200).json();
    let message = &whole["message"];
    assert_eq!((&message["error"], &message["retry_after"]), (&end["code"], &json!(7)));
    app.app.db.close();
});

db_test!(a_message_about_a_result_is_answered_as_a_whole, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let ask = json!({ "message": "What does it mean?" });
    let said = app.post("/api/chat/message", &ask).by(&ana).send().await.expect(200).json();
    assert_eq!(said["message"]["content"], "You said: What does it mean?");
    let on = json!({ "message": "And now?", "conversationId": said["conversation_id"] });
    let on = app.post("/api/chat/message", &on).by(&ana).send().await.expect(200).json();
    assert_eq!(on["conversation_id"], said["conversation_id"]);
    let danger = json!({ "message": "I want to kill myself tonight. I have the pills here." });
    let help = app.post("/api/chat/message", &danger).by(&ana).send().await.expect(200).json();
    assert_eq!(help["safety"]["alert"], true);
    app.app.db.close();
});
