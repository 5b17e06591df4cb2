//! Titles of conversations: the first words, and a better one where a model may be asked for it.

use db::db_test;
use serde_json::{Value, json};
use server::registry;
use std::sync::Arc;
use testkit::{Login, ManualClock, TestApp};
use vault::MemoryKms;

type World = (ManualClock, Arc<MemoryKms>);

fn world() -> World {
    let clock = ManualClock::at(kernel::Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    (clock, kms)
}

/// The title of a conversation once everything has ended that began with it.
async fn title(app: &TestApp, login: &Login, text: &str) -> (Value, Value) {
    let talk = app.post("/api/ai/chat", &json!({ "content": text })).by(login).send().await;
    let id = talk.expect(200).json()["conversation_id"].as_str().unwrap().to_owned();
    app.app.tasks.close();
    app.app.tasks.wait().await;
    let read = app.get(&format!("/api/conversations/{id}")).by(login).send().await.expect(200);
    (read.json()["title"].clone(), id.into())
}

db_test!(a_model_that_is_named_for_it_gives_a_better_title, registry::migrations(), |db| {
    let app = TestApp::configured(db, world(), |config| {
        config.companion.titles.model = Some("scripted/echo".to_owned());
    })
    .await;
    let ana = app.register().await;
    let (given, id) = title(&app, &ana, "good day").await;
    assert_eq!(given, "You said: good day");
    let used = app.get("/api/usage").by(&ana).send().await.expect(200).json();
    let (limits, left) = (&used["limits"], &used["remaining"]);
    assert_eq!(used["days"][0]["answers"], 1, "a title is no answer");
    let messages = limits["messages_per_day"].as_u64().unwrap();
    assert_eq!(left["messages"], messages - 1);

    let path = format!("/api/conversations/{}", id.as_str().unwrap());
    let named = app.request("PATCH", &path).json(&json!({ "title": "Mine" })).by(&ana);
    named.send().await.expect(200);
    let again = json!({ "content": "and more", "conversation_id": id });
    app.post("/api/ai/chat", &again).by(&ana).send().await.expect(200);
    app.app.tasks.wait().await;
    let read = app.get(&path).by(&ana).send().await.expect(200).json();
    assert_eq!(read["title"], "Mine");
    app.app.db.close();
});

db_test!(without_a_model_for_it_the_first_words_are_the_title, registry::migrations(), |db| {
    let world = world();
    for off in [false, true] {
        let app = TestApp::configured(db, world.clone(), |config| {
            let model = off.then(|| "scripted/echo".to_owned());
            config.companion.titles = companion::Titles { by_model: !off, model };
        })
        .await;
        let ana = app.register().await;
        assert_eq!(title(&app, &ana, "good day").await.0, "good day");
        app.app.db.close();
    }
    let app = TestApp::configured(db, world, |config| {
        config.companion.titles.model = Some("scripted/error".to_owned());
    })
    .await;
    let ana = app.register().await;
    assert_eq!(title(&app, &ana, "good day").await.0, "good day", "it fails quietly");
    app.app.db.close();
});
