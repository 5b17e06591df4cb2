//! Whoever is in danger is helped, by each way of talking, whatever else fails.

use db::{db_test, testing::TestDb};
use serde_json::{Value, json};
use server::registry;
use std::sync::Arc;
use testkit::{Login, ManualClock, TestApp};
use vault::MemoryKms;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Nothing,
    NoConsent,
    NoSuchConversation,
    ModelThatIsNoName,
    PictureThatIsNone,
    AllowanceUsedUp,
    DatabaseGone,
}

type World = (ManualClock, Arc<MemoryKms>);

async fn app(db: &TestDb, world: World, wrong: Wrong) -> (TestApp, Login) {
    let app = TestApp::configured(db, world, |config| {
        if matches!(wrong, Wrong::AllowanceUsedUp) {
            config.companion.allowance.user.messages_per_day = 0;
        }
    })
    .await;
    let ana = app.register().await;
    if matches!(wrong, Wrong::NoConsent) {
        let withdrawal = json!({ "consent_type": "health_data" });
        app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
    }
    (app, ana)
}

fn said(text: &str, wrong: Wrong) -> Value {
    let mut body = json!({ "content": text, "country": "AT" });
    match wrong {
        Wrong::NoSuchConversation => body["conversation_id"] = json!(uuid::Uuid::nil()),
        Wrong::ModelThatIsNoName => body["model"] = json!("gpt-4"),
        Wrong::PictureThatIsNone => {
            body["pictures"] = json!([{ "media_type": "image/png", "data": "?" }]);
        }
        Wrong::Nothing | Wrong::NoConsent | Wrong::AllowanceUsedUp | Wrong::DatabaseGone => {}
    }
    body
}

fn of_stream(text: &str) -> Value {
    let event = text.split("\n\n").find(|event| event.contains("event: safety"));
    let data = event.and_then(|event| event.lines().find_map(|line| line.strip_prefix("data: ")));
    serde_json::from_str(data.unwrap_or_else(|| panic!("no help in {text}"))).unwrap()
}

async fn helped(db: &TestDb, (text, alert): (&str, bool), all: &[Wrong]) {
    let clock = ManualClock::at(kernel::Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    let both = ["/api/chat/stream", "/api/ai/chat"];
    for (path, wrong) in both.iter().flat_map(|path| all.iter().map(move |wrong| (*path, *wrong))) {
        let (app, ana) = app(db, (clock.clone(), kms.clone()), wrong).await;
        // The log-in is known for a moment after it was looked up.
        app.get("/api/consent/status").by(&ana).send().await.expect(200);
        if matches!(wrong, Wrong::DatabaseGone) {
            app.app.db.close();
        }
        let answer = app.post(path, &said(text, wrong)).by(&ana).send().await.expect(200);
        let help = match path {
            "/api/ai/chat" => answer.json()["safety"].clone(),
            _ => of_stream(&answer.text()),
        };
        assert_eq!(help["alert"], alert, "{path}, {wrong:?}: {help}");
        assert!(!help["message"].as_str().unwrap().is_empty(), "{path}, {wrong:?}");
        assert!(!help["contacts"].as_array().unwrap().is_empty(), "{path}, {wrong:?}");
        app.app.db.close();
    }
}

db_test!(danger_is_answered_with_help_whatever_fails, registry::migrations(), |db| {
    let danger = ("I want to kill myself tonight. I have the pills here.", true);
    let all = [
        Wrong::Nothing,
        Wrong::NoConsent,
        Wrong::NoSuchConversation,
        Wrong::ModelThatIsNoName,
        Wrong::PictureThatIsNone,
        Wrong::AllowanceUsedUp,
        Wrong::DatabaseGone,
    ];
    helped(db, danger, &all).await;
});

db_test!(despair_is_offered_help_whatever_fails, registry::migrations(), |db| {
    let despair = ("I feel so hopeless, I can't see any way forward anymore.", false);
    let all = [
        Wrong::Nothing,
        Wrong::NoConsent,
        Wrong::NoSuchConversation,
        Wrong::AllowanceUsedUp,
        Wrong::DatabaseGone,
    ];
    helped(db, despair, &all).await;
});
