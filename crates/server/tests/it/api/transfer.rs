//! Conversations go into files and come out of them.

use db::db_test;
use serde_json::{Value, json};
use server::registry;
use std::time::Duration;
use testkit::{Login, TestApp};

async fn export(app: &TestApp, login: &Login) -> Value {
    let file = app.get("/api/conversations/export").by(login).send().await.expect(200);
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"conversations.json\"")
    );
    serde_json::from_str(&file.text()).unwrap()
}

async fn import(app: &TestApp, login: &Login, file: &Value) -> Value {
    app.post("/api/conversations/import", file).by(login).send().await.expect(200).json()
}

/// The words of a file, conversation by conversation.
fn words(file: &Value) -> Vec<Vec<String>> {
    let of = |talk: &Value| {
        let text = |message: &Value| message["content"].as_str().unwrap().to_owned();
        talk["messages"].as_array().unwrap().iter().map(text).collect()
    };
    file["conversations"].as_array().unwrap().iter().map(of).collect()
}

db_test!(conversations_go_into_a_file_and_come_out_of_it_once, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, ben) = (app.register().await, app.register().await);
    assert_eq!(export(&app, &ana).await, json!({ "salus_conversations": 1, "conversations": [] }));
    for text in ["first", "second"] {
        app.clock.advance(Duration::from_secs(1));
        let ask = json!({ "content": text });
        app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200);
    }
    let listed = app.get("/api/conversations").by(&ana).send().await.expect(200).json();
    let away = listed["conversations"][0]["id"].as_str().unwrap().to_owned();
    let away = app.request("PATCH", &format!("/api/conversations/{away}"));
    away.json(&json!({ "archived": true })).by(&ana).send().await.expect(200);

    let file = export(&app, &ana).await;
    assert_eq!(words(&file), [["first", "You said: first"], ["second", "You said: second"]]);
    let report = import(&app, &ana, &file).await;
    assert_eq!((&report["taken"], &report["already_there"]), (&json!(0), &json!(2)));
    let report = import(&app, &ben, &file).await;
    assert_eq!((&report["taken"], &report["already_there"]), (&json!(2), &json!(0)));
    let again = export(&app, &ben).await;
    assert_eq!(words(&again), words(&file));
    assert_eq!(again["conversations"][1]["archived"], true);
    assert_eq!(import(&app, &ben, &file).await["already_there"], 2);

    let read = app.get("/api/conversations").by(&ben).send().await.expect(200).json();
    let here = read["conversations"][0].clone();
    assert_eq!((&here["title"], &here["messages"]), (&json!("first"), &json!(2)));
    let on = json!({ "content": "and on", "conversation_id": here["id"] });
    app.post("/api/ai/chat", &on).by(&ben).send().await.expect(200);
    app.app.db.close();
});

db_test!(a_chatgpt_export_is_taken_and_what_is_none_is_refused, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let node = |id: &str, parent: Value, role: &str, text: &str| {
        json!({ "id": id, "parent": parent, "message": { "author": { "role": role },
            "content": { "content_type": "text", "parts": [text] } } })
    };
    let file = json!([
        { "title": "A trip", "create_time": 1_700_000_000.0, "conversation_id": "abc",
            "mapping": { "a": node("a", json!(null), "user", "Where to?"),
                "b": node("b", json!("a"), "assistant", "To the sea.") } },
        { "title": "nothing", "mapping": {} },
    ]);
    let report = import(&app, &ana, &file).await;
    assert_eq!((&report["taken"], &report["rejected"][0]["number"]), (&json!(1), &json!(2)));
    let words = json!({ "words": "sea" });
    let listed = app.post("/api/conversations/search", &words).by(&ana).send().await;
    let listed = listed.expect(200).json();
    assert_eq!(listed["conversations"][0]["title"], "A trip");
    assert_eq!(import(&app, &ana, &file).await["already_there"], 1);
    for bad in ["", "nothing", "{}", "[[[["] {
        let request = app.request("POST", "/api/conversations/import");
        let refused = request.body("application/json", bad).by(&ana).send().await.expect(400);
        assert_eq!(refused.code(), "FILE_NOT_CONVERSATIONS");
    }
    app.app.db.close();
});
