//! Help in a crisis: for everybody, and whatever else is out of order.

use db::{db_test, testing::TestDb};
use kernel::{Env, Role, Secret};
use notify::WebhookConfig;
use serde_json::{Value, json};
use server::{config::Config, registry};
use std::{sync::Arc, time::Duration};
use testkit::{Login, ManualClock, TestApp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use vault::MemoryKms;

const DANGER: &str = "I want to kill myself tonight. I have the pills here.";

async fn with(db: &TestDb, change: impl FnOnce(&mut Config)) -> TestApp {
    let clock = ManualClock::at(Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    TestApp::configured(db, (clock, kms), change).await
}

db_test!(help_answers_everybody_also_while_the_database_is_down, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    app.app.db.close();
    let danger = json!({ "text": "I want to kill myself tonight", "country": "DE" });
    for token in [None, Some(&ana.access_token)] {
        let as_whoever = |request: testkit::Request| match token {
            Some(token) => request.token(token),
            None => request,
        };
        let found = as_whoever(app.post("/api/crisis/assess", &danger)).send().await.expect(200);
        let found = found.json();
        assert_eq!(found["alert"], true, "{found}");
        assert!(!found["response"]["text"].as_str().unwrap().is_empty());
        assert!(found["resources"]["emergency"].as_array().unwrap().contains(&json!("112")));
        let lines = as_whoever(app.get("/api/crisis/hotlines?country=de")).send().await.expect(200);
        assert!(!lines.json()["lines"].as_array().unwrap().is_empty());
        let anywhere = as_whoever(app.post("/api/crisis/resources", &json!({})));
        let anywhere = anywhere.send().await.expect(200).json();
        assert_eq!(anywhere["lines"], json!([]));
        assert!(!anywhere["directories"].as_array().unwrap().is_empty());
    }
});

db_test!(a_no_does_not_end_the_help, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let later = json!({
        "text": "no, I'm fine",
        "history": [
            { "role": "user", "text": "I don't want to live anymore" },
            { "role": "assistant", "text": "Are you thinking about killing yourself?" },
        ],
    });
    let found = app.post("/api/crisis/assess", &later).send().await.expect(200).json();
    assert_eq!(found["support"], true, "{found}");
    assert!(!found["resources"]["directories"].as_array().unwrap().is_empty());
    app.app.db.close();
});

/// Takes one connection and the request on it: head and body.
async fn one_call(listener: TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.unwrap().parse::<usize>().unwrap() {
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            return (head.to_owned(), body.as_bytes().to_vec());
        }
    }
}

db_test!(a_pager_is_called_and_hears_of_nobody_and_no_word, registry::migrations(), |db| {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = WebhookConfig {
        url: format!("http://{}/salus", listener.local_addr().unwrap()),
        secret: Some(Secret::new("0123456789abcdef0123456789abcdef".to_owned())),
        internal: true,
        ..WebhookConfig::default()
    };
    let app = with(db, |config| {
        config.crisis.webhooks.insert("pager".to_owned(), hook);
        config.http.public_url = Some("https://salus.example".to_owned());
    })
    .await;
    let ana = app.register().await;
    let body = json!({ "message": DANGER, "country": "AT" });
    let asked = app.post("/api/crisis/escalate", &body).by(&ana).send().await.expect(201).json();
    let ((head, told), ()) = tokio::join!(one_call(listener), app.work());
    assert!(head.starts_with("POST /salus HTTP/1.1") && head.contains("salus-signature: v1="));
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!((&told["type"], &told["state"]), (&json!("crisis.escalation"), &json!("waiting")));
    assert_eq!(told["queue"], "https://salus.example/team");
    assert!(told["level"].as_u64().unwrap() >= 7 && !told["rules"].as_array().unwrap().is_empty());
    let text = format!("{head}{told}");
    for secret in [asked["id"].as_str().unwrap(), &ana.user.to_string(), &ana.username] {
        assert!(!text.contains(secret), "{text}");
    }
    for word in ["kill", "tonight", "pills", "0123456789abcdef"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(db::jobs::dead(&app.app.db, 10).await.unwrap().is_empty());
    app.app.db.close();
});

async fn say(app: &TestApp, who: &Login, body: &Value) -> Value {
    app.post("/api/ai/chat", body).by(who).send().await.expect(200).json()
}

db_test!(
    help_that_was_shown_counts_wherever_it_was_and_the_ledger_names_rules,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let admin = app.register_as(Role::Admin).await;
        let ana = app.register().await;
        for _ in 0..11 {
            say(&app, &ana, &json!({ "content": DANGER })).await;
            let entry = json!({ "content": DANGER });
            app.post("/api/journal/entries", &entry).by(&ana).send().await.expect(201);
            let note = json!({ "mood": "sad", "note": DANGER });
            app.post("/api/journal/check-ins", &note).by(&ana).send().await.expect(201);
            app.post("/api/crisis/assess", &json!({ "text": DANGER })).send().await.expect(200);
            app.post("/api/crisis/escalate", &json!({ "message": DANGER }))
                .by(&ana)
                .send()
                .await
                .expect(201);
        }
        app.work().await;
        app.app.crisis.tidy(app.app.env.now()).await;
        let report = app.get("/api/admin/crisis/report").by(&admin).send().await.expect(200).json();
        let counted: Vec<(&str, i64)> = report["counts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["source"].as_str().unwrap(), one["times"].as_i64().unwrap()))
            .collect();
        let all = ["assess", "chat", "check_in", "journal", "wish"].map(|source| (source, 11));
        assert_eq!(counted, all);
        let own = app.get("/api/user/activity?limit=100").by(&ana).send().await.expect(200).text();
        assert!(!own.contains("kill") && !own.contains("pills"), "{own}");
        app.app.db.close();
    }
);

db_test!(
    help_that_was_shown_while_nothing_could_be_kept_is_counted_later,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let ana = app.register().await;
        let withdrawal = json!({ "consent_type": "health_data" });
        app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
        let said =
            app.post("/api/chat/stream", &json!({ "content": DANGER })).by(&ana).send().await;
        let said = said.expect(200).text();
        assert!(said.contains("event: safety") && said.contains("CONSENT_REQUIRED"), "{said}");
        app.app.crisis.tidy(app.app.env.now()).await;
        let admin = app.register_as(Role::Admin).await;
        let report = app.get("/api/admin/crisis/report").by(&admin).send().await.expect(200).json();
        assert_eq!(report["counts"][0]["source"], "chat", "{report}");
        app.app.db.close();
    }
);

db_test!(
    that_an_ai_answers_is_said_at_the_beginning_and_every_three_hours,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let ana = app.register().await;
        let first = say(&app, &ana, &json!({ "content": "Hello", "language": "de" })).await;
        assert_eq!(first["message"]["notice"]["kind"], "begins", "{first}");
        assert!(first["message"]["notice"]["text"].as_str().unwrap().contains("einem KI-"));
        let talk = first["conversation_id"].clone();
        let mut kinds = Vec::new();
        for _ in 0..8 {
            app.clock.advance(Duration::from_mins(50));
            let ana = app.log_in(&ana.username).await;
            let next = json!({ "content": "And then", "conversation_id": talk });
            kinds.push(say(&app, &ana, &next).await["message"]["notice"]["kind"].clone());
        }
        let goes_on = json!("goes_on");
        let none = Value::Null;
        assert_eq!(
            kinds.iter().collect::<Vec<_>>(),
            [&none, &none, &none, &goes_on, &none, &none, &none, &goes_on],
        );
        let ana = app.log_in(&ana.username).await;
        let path = format!("/api/conversations/{}/messages?limit=100", talk.as_str().unwrap());
        let kept = app.get(&path).by(&ana).send().await.expect(200).json();
        let told =
            kept["messages"].as_array().unwrap().iter().filter(|one| one["notice"].is_object());
        assert_eq!(told.count(), 3, "it is there after a reload");
        let stream = json!({ "content": "Hello" });
        let stream = app.post("/api/chat/stream", &stream).by(&ana).send().await.expect(200).text();
        let (meta, notice) = (stream.find("event: meta").unwrap(), stream.find("event: notice"));
        assert!(meta < notice.unwrap() && notice.unwrap() < stream.find("event: delta").unwrap());
        let protocol = app.get("/api/crisis/protocol").send().await.expect(200).text();
        assert!(protocol.contains("every three hours"));
        app.app.db.close();
    }
);

db_test!(it_cannot_be_set_to_be_said_less_often, registry::migrations(), |db| {
    let mut config = Config::default();
    config.companion.notice_minutes = 181;
    let clock = ManualClock::at(Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    let started = server::app::assemble(config, clock.env(), db.another(), kms).await;
    assert!(started.err().unwrap().to_string().contains("notice_minutes"));
});

db_test!(lines_of_the_house_are_there_while_the_database_is_down, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let admin = app.register_as(Role::Admin).await;
    let body = json!({ "put": [{
        "id": "house", "name": "Line of the house", "needs": ["everyone"], "call": "+43 1 4000",
        "hours": "24/7", "languages": ["de"], "source": "https://example.org",
        "checked": "2026-11-21", "sure": true,
    }] });
    let path = "/api/admin/crisis/lines/AT";
    app.request("PUT", path).json(&body).by(&admin).send().await.expect(200);
    app.app.db.close();
    let danger = json!({ "text": DANGER, "country": "AT" });
    let found = app.post("/api/crisis/assess", &danger).send().await.expect(200).json();
    assert_eq!(found["resources"]["lines"][0]["id"], "house");
    let lines = app.get("/api/crisis/lines").send().await.expect(200).json();
    assert_eq!(lines["countries"][0]["code"], "AT");
});
