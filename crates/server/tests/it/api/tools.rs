//! Tools while an answer is written, through the whole program: asked for, agreed to by the person,
//! run, and told.

use db::{db_test, testing::TestDb};
use serde_json::{Value, json};
use server::{config::Config, registry};
use std::sync::Arc;
use testkit::{Answer, Login, ManualClock, TestApp};
use vault::MemoryKms;

const FACT: &str = "I keep bees.";

async fn with(db: &TestDb, change: impl FnOnce(&mut Config)) -> TestApp {
    let clock = ManualClock::at(kernel::Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    TestApp::configured(db, (clock, kms), change).await
}

/// A person who is remembered, and a conversation of theirs.
async fn remembered(app: &TestApp) -> (Login, String) {
    let ana = app.register().await;
    let on = json!({ "enabled": true });
    app.request("PUT", "/api/memory").json(&on).by(&ana).send().await.expect(200);
    let talk = conversation(app, &ana).await;
    (ana, talk)
}

async fn conversation(app: &TestApp, login: &Login) -> String {
    let new = app.post("/api/conversations", &json!({})).by(login).send().await.expect(201);
    new.json()["id"].as_str().unwrap().to_owned()
}

fn proposal(conversation: &str) -> Value {
    let content = format!("use remember {}", json!({ "fact": FACT }));
    asking(conversation, &content)
}

fn asking(conversation: &str, content: &str) -> Value {
    json!({ "conversation_id": conversation, "content": content, "model": "scripted/tool",
        "tools": true })
}

async fn last(app: &TestApp, login: &Login, conversation: &str) -> Value {
    let path = format!("/api/conversations/{conversation}/messages?limit=100");
    let page = app.get(&path).by(login).send().await.expect(200).json();
    page["messages"].as_array().unwrap().last().cloned().unwrap_or_default()
}

/// The answer once one of its tools waits.
async fn waiting(app: &TestApp, login: &Login, conversation: &str) -> Value {
    for _ in 0..5_000 {
        let answer = last(app, login, conversation).await;
        let tools = answer["tools"].as_array().cloned().unwrap_or_default();
        if tools.last().is_some_and(|used| used["state"] == "waiting") {
            return answer;
        }
    }
    panic!("nothing waits");
}

async fn decide(app: &TestApp, login: &Login, answer: &Value, decision: &str) -> Answer {
    let number = answer["tools"].as_array().unwrap().len();
    let body = json!({ "stream_id": answer["id"], "number": number, "decision": decision });
    app.post("/api/chat/approve", &body).by(login).send().await
}

/// Asks, and says this as soon as a tool waits; what the answer is then.
async fn answered(app: &TestApp, login: &Login, ask: &Value, decision: &str) -> Value {
    let conversation = ask["conversation_id"].as_str().unwrap();
    let (talk, ()) = tokio::join!(app.post("/api/ai/chat", ask).by(login).send(), async {
        let answer = waiting(app, login, conversation).await;
        let taken = decide(app, login, &answer, decision).await.expect(200).json();
        assert_eq!(taken["taken"], true);
    });
    talk.expect(200).json()["message"].clone()
}

async fn facts(app: &TestApp, login: &Login) -> Vec<Value> {
    let page = app.get("/api/memory/facts").by(login).send().await.expect(200).json();
    page["facts"].as_array().unwrap().clone()
}

async fn recorded(app: &TestApp) -> Vec<String> {
    app.app.ledger.sequence_all().await.unwrap();
    let (all, most) = (audit::Filter::default(), kernel::PageSize::MAX);
    let entries = app.app.ledger.entries(&all, None, most).await.unwrap().items;
    entries.iter().map(|record| record.entry.action.to_string()).collect()
}

db_test!(what_a_model_wants_to_remember_waits_for_the_person, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, talk) = remembered(&app).await;
    let kept = answered(&app, &ana, &proposal(&talk), "once").await;
    assert_eq!(kept["state"], "done");
    let used = &kept["tools"][0];
    assert_eq!((&used["tool"], &used["state"]), (&json!("remember"), &json!("done")));
    assert_eq!((&used["touches"], &used["may_always"]), (&json!("keeps"), &json!(false)));
    assert_eq!(used["arguments"], json!({ "fact": FACT }).to_string());
    let text = kept["content"].as_str().unwrap();
    assert!(text.starts_with("Let me look.It says: What the tool remember gave."), "{text}");
    let facts = facts(&app, &ana).await;
    assert_eq!((&facts[0]["text"], &facts[0]["origin"]), (&json!(FACT), &json!("chat")));
    let actions = recorded(&app).await;
    let place = |name: &str| actions.iter().position(|action| action == name).unwrap();
    assert!(place("companion.tool.decide") > 0 && place("companion.tool.run") > 0, "{actions:?}");
    let file = app.get("/api/conversations/export").by(&ana).send().await.expect(200).text();
    assert!(file.contains("\"tool\":\"remember\"") && file.contains("It is remembered."), "{file}");
    app.app.db.close();
});

db_test!(what_the_person_does_not_want_is_not_done, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, talk) = remembered(&app).await;
    let kept = answered(&app, &ana, &proposal(&talk), "refuse").await;
    assert_eq!((&kept["state"], &kept["tools"][0]["state"]), (&json!("done"), &json!("refused")));
    assert!(kept["content"].as_str().unwrap().contains("The person did not want this."));
    assert!(facts(&app, &ana).await.is_empty());
    assert!(!recorded(&app).await.contains(&"companion.tool.run".to_owned()));
    // Said once more, it changes nothing.
    let late = decide(&app, &ana, &kept, "once").await.expect(200).json();
    assert_eq!(late["taken"], false);
    assert!(facts(&app, &ana).await.is_empty());
    app.app.db.close();
});

db_test!(a_tool_waits_for_nobody_but_its_person_and_asks_each_time, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, talk) = remembered(&app).await;
    let ben = app.register().await;
    let ask = proposal(&talk);
    let (answer, ()) = tokio::join!(app.post("/api/ai/chat", &ask).by(&ana).send(), async {
        let answer = waiting(&app, &ana, &talk).await;
        decide(&app, &ben, &answer, "once").await.expect(404);
        let always = decide(&app, &ana, &answer, "always").await.expect(400);
        assert_eq!(always.code(), "MESSAGE_INVALID");
        assert_eq!(last(&app, &ana, &talk).await["tools"][0]["state"], "waiting");
        let stop = json!({ "stream_id": answer["id"] });
        app.post("/api/chat/cancel", &stop).by(&ana).send().await.expect(200);
    });
    let kept = answer.expect(200).json()["message"].clone();
    assert_eq!(
        (&kept["state"], &kept["tools"][0]["state"]),
        (&json!("stopped"), &json!("expired"))
    );
    assert!(facts(&app, &ana).await.is_empty());
    app.app.db.close();
});

db_test!(nobody_who_says_nothing_is_taken_to_agree, registry::migrations(), |db| {
    let app = with(db, |config| config.companion.tools.approval_seconds = 0).await;
    let (ana, talk) = remembered(&app).await;
    let answer = app.post("/api/ai/chat", &proposal(&talk)).by(&ana).send().await.expect(200);
    let kept = answer.json()["message"].clone();
    assert_eq!((&kept["state"], &kept["tools"][0]["state"]), (&json!("done"), &json!("expired")));
    assert!(facts(&app, &ana).await.is_empty());
    app.app.db.close();
});

db_test!(a_person_may_agree_through_another_process, registry::migrations(), |db| {
    let here = TestApp::on(db).await;
    let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
    let (ana, talk) = remembered(&here).await;
    let ask = proposal(&talk);
    let (answer, ()) = tokio::join!(here.post("/api/ai/chat", &ask).by(&ana).send(), async {
        let answer = waiting(&elsewhere, &ana, &talk).await;
        let taken = decide(&elsewhere, &ana, &answer, "once").await.expect(200).json();
        assert_eq!(taken["taken"], true);
    });
    assert_eq!(answer.expect(200).json()["message"]["tools"][0]["state"], "done");
    assert_eq!(facts(&here, &ana).await.len(), 1);
    for app in [here, elsewhere] {
        app.app.db.close();
    }
});

db_test!(a_model_of_this_house_looks_into_the_journal_of_who_asks, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, ben) = (app.register().await, app.register().await);
    let new = json!({ "title": "A walk", "content": "It rained on the hill.", "mood": "calm" });
    app.post("/api/journal/entries", &new).by(&ana).send().await.expect(201);
    for (login, found) in [(&ana, "It rained on the hill."), (&ben, "There is no such entry.")] {
        let talk = conversation(&app, login).await;
        let ask = asking(&talk, "use journal_search {\"words\":\"HILL\"}");
        let answer = app.post("/api/ai/chat", &ask).by(login).send().await.expect(200).json();
        let used = &answer["message"]["tools"][0];
        assert_eq!((&used["state"], &used["touches"]), (&json!("done"), &json!("own_data")));
        assert!(used["result"].as_str().unwrap().contains(found), "{used}");
    }
    let talk = conversation(&app, &ana).await;
    for (ask, found) in [
        ("use recent_moods {}", "calm (journal)"),
        ("use find_exercise {\"concerns\":[\"sleep\"]}", "1. "),
    ] {
        let ask = asking(&talk, ask);
        let answer = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200).json();
        let used = &answer["message"]["tools"][0];
        assert!(used["result"].as_str().unwrap().contains(found), "{used}");
    }
    let wrong = asking(&talk, "use journal_search {\"pages\":7}");
    let answer = app.post("/api/ai/chat", &wrong).by(&ana).send().await.expect(200).json();
    assert_eq!(answer["message"]["tools"][0]["state"], "failed");
    app.app.db.close();
});

db_test!(a_model_that_asks_without_end_is_told_that_it_is_enough, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let talk = conversation(&app, &ana).await;
    let mut ask = asking(&talk, "Good morning");
    ask["model"] = json!("scripted/insist");
    let answer = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200).json();
    let message = &answer["message"];
    assert_eq!(message["tools"].as_array().unwrap().len(), 5);
    assert!(message["content"].as_str().unwrap().ends_with("That is enough."), "{message}");

    let usage = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    let used = &message["usage"];
    let counted = used["input_tokens"].as_u64().unwrap() + used["output_tokens"].as_u64().unwrap();
    let (limits, left) = (&usage["limits"], &usage["remaining"]);
    let taken = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
    assert_eq!(taken, counted, "every turn is counted, and what was held is given back");
    app.app.db.close();
});

db_test!(no_turn_begins_that_the_allowance_does_not_have, registry::migrations(), |db| {
    let app = with(db, |config| {
        config.companion.answer_tokens = 1_000;
        config.companion.allowance.user.tokens_per_day = 3_500;
    })
    .await;
    let ana = app.register().await;
    let talk = conversation(&app, &ana).await;
    let mut ask = asking(&talk, "Good morning");
    ask["model"] = json!("scripted/insist");
    let answer = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200).json();
    let message = &answer["message"];
    assert_eq!(
        (&message["state"], &message["error"]),
        (&json!("failed"), &json!("QUOTA_EXCEEDED"))
    );
    let usage = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    assert!(usage["remaining"]["tokens"].as_u64().unwrap() > 1_000, "what was held is given back");
    app.app.db.close();
});

db_test!(who_is_in_danger_is_helped_before_any_tool, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let talk = conversation(&app, &ana).await;
    let ask = asking(&talk, "I want to kill myself tonight. use journal_search {}");
    let answer = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200).json();
    assert_eq!(answer["safety"]["alert"], true);
    assert_eq!(answer["message"]["tools"], json!([]));
    // Nobody who did not ask for tools has any.
    let talk = conversation(&app, &ana).await;
    let mut plain = asking(&talk, "use journal_search {}");
    plain["tools"] = json!(false);
    let answer = app.post("/api/ai/chat", &plain).by(&ana).send().await.expect(200).json();
    assert_eq!(answer["message"]["content"], "No tools here.");
    app.app.db.close();
});
