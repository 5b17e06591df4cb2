//! An account is closed, and after the time to change one's mind everything is gone for good.

use audit::VerifyOptions;
use db::{db_test, params, row};
use serde_json::json;
use server::registry;
use std::time::Duration;
use testkit::{PASSWORD, TestApp};

db::statements! { "it.erasure";
    ENTRIES = "SELECT COUNT(*) AS n FROM journal_entries WHERE user_id = $1";
}

row! {
    struct Count {
        n: i64,
    }
}

db_test!(
    an_erased_person_leaves_nothing_readable_and_a_sound_ledger,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, ben) = (app.register().await, app.register().await);
        let entry = json!({ "title": "A day", "content": "It was one.", "mood": "calm" });
        for login in [&ana, &ben] {
            app.post("/api/journal/entries", &entry).by(login).send().await.expect(201);
        }
        let goodbye = json!({ "password": PASSWORD });
        let closed = app.request("DELETE", "/api/auth/account").json(&goodbye).by(&ana);
        closed.send().await.expect(202);
        app.get("/api/journal/entries").by(&ana).send().await.expect(401);

        app.work().await;
        assert_eq!(entries_of(db, &ana).await, 1, "there is time to change one's mind");
        app.clock.advance(Duration::from_hours(24 * 15));
        app.work().await;
        assert_eq!(entries_of(db, &ana).await, 0);
        assert_eq!(entries_of(db, &ben).await, 1);
        let credentials = json!({ "username": ana.username, "password": PASSWORD });
        app.post("/api/auth/login", &credentials).send().await.expect(401);

        let report = app.app.ledger.verify(&VerifyOptions::default()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
        assert_eq!(STATEMENTS.len(), 1);
        app.app.db.close();
    }
);

async fn entries_of(db: &db::Db, login: &testkit::Login) -> i64 {
    let count: Count = db.one(&ENTRIES, params![login.user.as_uuid()]).await.unwrap();
    count.n
}
