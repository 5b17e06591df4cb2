//! What people wanted to be remembered reaches the model that answers them, and nobody else.

use db::db_test;
use serde_json::{Value, json};
use server::registry;
use std::time::Duration;
use testkit::{Login, TestApp};

async fn remembers(app: &TestApp, login: &Login, text: &str) -> String {
    let on = json!({ "enabled": true });
    app.request("PUT", "/api/memory").json(&on).by(login).send().await.expect(200);
    let fact = app.post("/api/memory/facts", &json!({ "text": text })).by(login).send().await;
    fact.expect(201).json()["id"].as_str().unwrap().to_owned()
}

/// The answer of this model, as it is stored.
async fn answer(app: &TestApp, login: &Login, (model, text): (&str, &str)) -> Value {
    let asked = json!({ "content": text, "model": model });
    let talk = app.post("/api/ai/chat", &asked).by(login).send().await.expect(200).json();
    let id = talk["conversation_id"].as_str().unwrap();
    let list = app.get(&format!("/api/conversations/{id}/messages")).by(login).send().await;
    list.expect(200).json()["messages"][1].clone()
}

db_test!(an_answer_says_which_facts_the_model_was_told, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, ben) = (app.register().await, app.register().await);
    let fact = remembers(&app, &ana, "I keep bees.").await;
    let told = answer(&app, &ana, ("scripted/echo", "How are my bees?")).await;
    assert_eq!(told["memories"], json!([fact]));
    let plain = answer(&app, &ana, ("scripted/echo", "Good morning")).await;
    assert_eq!(plain["memories"], json!([]), "nothing fits");
    let tokens = |answer: &Value| answer["usage"]["input_tokens"].as_u64().unwrap();
    assert!(tokens(&told) > tokens(&plain) + 20, "what is told is counted");

    let other = answer(&app, &ben, ("scripted/echo", "How are my bees?")).await;
    assert_eq!(other["memories"], json!([]), "of somebody else");
    let builtin = answer(&app, &ana, ("salus/companion", "How are my bees?")).await;
    assert_eq!(builtin["memories"], json!([]), "the built-in companion is told nothing");

    let off = json!({ "enabled": false });
    app.request("PUT", "/api/memory").json(&off).by(&ana).send().await.expect(200);
    let forgotten = answer(&app, &ana, ("scripted/echo", "How are my bees?")).await;
    assert_eq!(forgotten["memories"], json!([]));
    app.app.db.close();
});

db_test!(what_a_message_asks_to_remember_is_kept_and_said, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    remembers(&app, &ana, "I keep bees.").await;
    app.clock.advance(Duration::from_secs(1));
    let wish = "Remember that I am allergic to nuts.";
    let kept = answer(&app, &ana, ("salus/companion", wish)).await["memories"].clone();
    let list = app.get("/api/memory/facts").by(&ana).send().await.expect(200).json();
    let fact = &list["facts"][0];
    assert_eq!(
        (&fact["text"], &fact["origin"]),
        (&json!("I am allergic to nuts."), &json!("chat"))
    );
    assert_eq!(kept, json!([fact["id"]]));
    app.app.db.close();
});
