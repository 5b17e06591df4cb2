//! An account is closed, and after the time to change one's mind everything is gone for good.

use audit::VerifyOptions;
use db::{Db, Statement, db_test, params, row};
use kernel::UserId;
use serde_json::json;
use server::registry;
use std::{collections::BTreeMap, time::Duration};
use testkit::{PASSWORD, TestApp};

/// What stays of a person who was erased, and why.
const STAYS: &[(&str, &str)] = &[
    ("accounts", "that there was an account with this id, for the ledger; without a name"),
    ("vault_keys", "the accountability keys, until the ledger may forget its entries"),
];

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
        let before = rows_of(db, ana.user).await;
        let goodbye = json!({ "password": PASSWORD });
        let closed = app.request("DELETE", "/api/auth/account").json(&goodbye).by(&ana);
        closed.send().await.expect(202);
        app.get("/api/journal/entries").by(&ana).send().await.expect(401);

        app.work().await;
        let closing = rows_of(db, ana.user).await;
        assert_eq!(closing["journal_entries"], 1, "there is time to change one's mind");
        app.clock.advance(Duration::from_hours(24 * 15));
        app.work().await;
        let after = rows_of(db, ana.user).await;
        assert!(before.len() > STAYS.len(), "{before:?}");
        for table in after.keys() {
            let stays = STAYS.iter().any(|(name, _)| name == table);
            assert!(stays, "{table} keeps rows; is its erasure in `App::jobs`? {after:?}");
        }
        assert_eq!(rows_of(db, ben.user).await["journal_entries"], 1);
        let credentials = json!({ "username": ana.username, "password": PASSWORD });
        app.post("/api/auth/login", &credentials).send().await.expect(401);

        let report = app.app.ledger.verify(&VerifyOptions::default()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
        app.app.db.close();
    }
);

/// How many rows each table that knows of people has of this one; tables without any are left out.
async fn rows_of(db: &Db, user: UserId) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for (table, columns) in db.schema().await.unwrap().0 {
        if !columns.contains("user_id") {
            continue;
        }
        let text = format!("SELECT COUNT(*) AS n FROM {table} WHERE user_id = $1");
        let statement = Statement::generated("it.erasure.ROWS", text);
        let Count { n } = db.one(statement, params![user.as_uuid()]).await.unwrap();
        if n > 0 {
            rows.insert(table, n);
        }
    }
    rows
}
