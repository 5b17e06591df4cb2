//! What pages of others, and cookies that others planted, can make a browser do: nothing.

use db::db_test;
use serde_json::json;
use server::{forgery, registry};
use std::time::Duration;
use testkit::{Answer, PASSWORD, TestApp};
use vault::{Start, Target};

/// Name and value of the cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let header = answer.header("set-cookie").unwrap();
    header.split(';').next().unwrap().to_owned()
}

/// A log-in from a page of ours, in a browser that has this cookie already.
async fn enter(app: &TestApp, name: &str, planted: &str) -> Answer {
    let body = json!({ "username": name, "password": PASSWORD, "cookie": true });
    let request = app.post("/api/auth/login", &body).header("sec-fetch-site", "same-origin");
    request.header("cookie", planted).send().await
}

db_test!(
    a_cookie_that_was_planted_before_a_log_in_is_not_the_one_after_it,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, thief) = (app.register().await, app.register().await);
        // Made up, over, and somebody else's.
        let over = cookie(&enter(&app, &ana.username, "").await.expect(200));
        let ended = app.post("/api/auth/logout-all", &json!({})).by(&ana).send().await;
        ended.expect(204);
        for planted in ["salus_sid=AAAA", over.as_str()] {
            let given = cookie(&enter(&app, &ana.username, planted).await.expect(200));
            assert_ne!(given, planted);
            app.get("/api/auth/me").header("cookie", planted).send().await.expect(401);
            let me = app.get("/api/auth/me").header("cookie", &given).send().await.expect(200);
            assert_eq!(me.json()["user"]["id"], ana.user.to_string());
        }
        // Nobody is logged in over somebody else's log-in, and that one stays whose it was.
        let planted = cookie(&enter(&app, &thief.username, "").await.expect(200));
        enter(&app, &ana.username, &planted).await.expect(403);
        let me = app.get("/api/auth/me").header("cookie", &planted).send().await.expect(200);
        assert_eq!(me.json()["user"]["id"], thief.user.to_string());
        app.app.db.close();
    }
);

db_test!(
    a_page_of_someone_else_changes_nothing_even_with_cookie_and_token,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let ana = app.register().await;
        let shown = cookie(&enter(&app, &ana.username, "").await.expect(200));
        let me = app.get("/api/auth/me").header("cookie", &shown).send().await.expect(200).json();
        let token = me["csrf_token"].as_str().unwrap();
        let entry = json!({ "content": "Written by somebody else." });
        let write = || app.post("/api/journal/entries", &entry).header("cookie", &shown);
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let refused = write().header(name, value).header("x-csrf-token", token).send().await;
            assert_eq!(refused.expect(403).code(), "CSRF_INVALID", "{name}: {value}");
        }
        write().header("sec-fetch-site", "same-origin").send().await.expect(403);
        let own = write().header("sec-fetch-site", "same-origin").header("x-csrf-token", token);
        own.send().await.expect(201);
        app.app.db.close();
    }
);

db_test!(
    the_keys_of_pages_are_renewed_while_the_program_runs_and_pages_stay_as_they_are,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let ana = app.register().await;
        let shown = cookie(&enter(&app, &ana.username, "").await.expect(200));
        let token = async || {
            let me = app.get("/api/auth/me").header("cookie", &shown).send().await.expect(200);
            me.json()["csrf_token"].as_str().unwrap().to_owned()
        };
        let write = async |token: &str| {
            let request = app.post("/api/journal/entries", &json!({ "content": "A day." }));
            let request = request.header("cookie", &shown).header("sec-fetch-site", "same-origin");
            request.header("x-csrf-token", token).send().await.status.as_u16()
        };
        let before = token().await;
        let csrf = Target::System(identity::CSRF_KEY, Some(Duration::from_hours(24)));
        app.app.vault.rotate(csrf, Start::Now).await.unwrap();
        forgery::renew(&app.app.csrf, &app.app.vault).await.unwrap();
        let after = token().await;
        assert_eq!((write(&before).await, write(&after).await), (201, 201));
        // Another process, which never knew the old key alone, takes both as well.
        let other = TestApp::with(db, app.clock.clone(), app.kms.clone()).await;
        for token in [&before, &after] {
            let entry = json!({ "content": "Another." });
            let request = other.post("/api/journal/entries", &entry).header("cookie", &shown);
            let request = request.header("sec-fetch-site", "same-origin");
            request.header("x-csrf-token", token).send().await.expect(201);
        }
        other.app.db.close();
        app.app.db.close();
    }
);
