//! The same request again.

use audit::Filter;
use db::{db_test, params, row};
use kernel::PageSize;
use serde_json::json;
use server::registry;
use testkit::TestApp;

db::statements! { "it.idempotency";
    ANSWERS = "SELECT answer FROM idempotency";
}

row! {
    struct Kept {
        answer: Vec<u8>,
    }
}

db_test!(
    the_same_request_again_gets_the_same_answer_and_does_nothing,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, ben) = (app.register().await, app.register().await);
        let entry = json!({ "content": "Only once, canary-3c1d." });
        let create = |login| {
            let request = app.post("/api/journal/entries", &entry).by(login);
            request.header("idempotency-key", "first-entry-of-today").send()
        };
        let first = create(&ana).await.expect(201);
        let again = create(&ana).await.expect(201);
        assert_eq!(first.json(), again.json());
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let list = app.get("/api/journal/entries").by(&ana).send().await.expect(200).json();
        assert_eq!(list["entries"].as_array().unwrap().len(), 1);

        // Giving it again is reading it: recorded, and only while that is allowed.
        app.app.ledger.sequence_all().await.unwrap();
        let newest = app.app.ledger.entries(&Filter::default(), None, PageSize::clamped(2)).await;
        let actions: Vec<_> =
            newest.unwrap().items.iter().map(|record| record.entry.action.to_string()).collect();
        assert!(actions.contains(&"server.answer.repeat".to_owned()), "{actions:?}");

        // Another person's key of the same name is another key.
        let theirs = create(&ben).await.expect(201);
        assert_ne!(theirs.json()["id"], first.json()["id"]);

        // What is kept is sealed.
        let kept: Vec<Kept> = db.all(&ANSWERS, params![]).await.unwrap();
        assert_eq!(kept.len(), 2);
        for row in kept {
            assert!(!crate::program::contains(&row.answer, b"canary-3c1d"));
        }
        assert_eq!(STATEMENTS.len(), 1);

        let withdrawal = json!({ "consent_type": "health_data" });
        app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
        assert_eq!(create(&ana).await.expect(403).code(), "CONSENT_REQUIRED");
        app.app.db.close();
    }
);

db_test!(what_is_told_once_is_not_kept_to_be_told_again, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let make = || {
        let request = app.post("/api/ai/keys", &json!({ "name": "Scripts" })).by(&ana);
        request.header("idempotency-key", "the-key-for-my-scripts").send()
    };
    let (first, second) = (make().await.expect(201).json(), make().await.expect(201).json());
    assert_ne!(first["key"], second["key"]);
    let kept: Vec<Kept> = db.all(&ANSWERS, params![]).await.unwrap();
    assert!(kept.is_empty());
    app.app.db.close();
});
