//! Memory as a client sees it.

use super::world::*;
use crate::Kind;
use db::db_test;
use http::StatusCode;
use serde_json::json;

const MEMORY: &str = "/api/memory";
const FACTS: &str = "/api/memory/facts";
const ONE: &str = "/api/memory/facts/00000000-0000-0000-0000-000000000001";
const EXPORT: &str = "/api/memory/export";

db_test!(nobody_gets_anywhere_without_logging_in, schema(), |db| {
    let nobody = world(db).await.client("nobody");
    for (method, path) in [
        ("GET", MEMORY),
        ("PUT", MEMORY),
        ("GET", FACTS),
        ("POST", FACTS),
        ("DELETE", FACTS),
        ("PUT", ONE),
        ("DELETE", ONE),
        ("GET", EXPORT),
    ] {
        let answer = nobody.send((method, path), None, "{}").await;
        assert_eq!(answer.refusal(), (401, "AUTH_REQUIRED".to_owned()), "{method} {path}");
    }
});

db_test!(it_is_off_until_it_is_switched_on_and_says_how_it_finds, schema(), |db| {
    let anna = world(db).await.client("1");
    let status = anna.get(MEMORY).await.json();
    let off = json!({ "enabled": false, "changed_at": null, "facts": 0, "retrieval": "lexical" });
    assert_eq!(status, off);
    let fact = json!({ "text": "I keep bees." });
    assert_eq!(anna.post(FACTS, &fact).await.refusal(), (409, "MEMORY_OFF".to_owned()));
    let on = anna.put(MEMORY, &json!({ "enabled": true })).await.json();
    assert_eq!((&on["enabled"], on["changed_at"].is_string()), (&json!(true), true));
    assert_eq!(anna.post(FACTS, &fact).await.status, StatusCode::CREATED);
    assert_eq!(anna.get(MEMORY).await.json()["facts"], 1);
});

db_test!(a_fact_is_written_listed_changed_and_deleted, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[]).await;
    let anna = world.client("1");
    let body = json!({ "text": " I keep bees. ", "kind": "about_me" });
    let created = anna.post(FACTS, &body).await;
    assert_eq!((created.status, created.header("etag").unwrap()), (StatusCode::CREATED, "\"v1\""));
    let fact = created.json();
    assert_eq!((&fact["text"], &fact["kind"]), (&json!("I keep bees."), &json!("about_me")));
    assert_eq!((&fact["origin"], &fact["version"]), (&json!("person"), &json!(1)));
    assert_eq!(anna.get(FACTS).await.json()["facts"], json!([fact]));

    let one = format!("{FACTS}/{}", fact["id"].as_str().unwrap());
    let change = |etag: Option<&'static str>| {
        let header = etag.map(|etag| ("if-match", etag));
        let (anna, one) = (&anna, one.as_str());
        async move { anna.send(("PUT", one), header, r#"{"text":"I kept bees."}"#).await }
    };
    assert_eq!(change(None).await.refusal(), (428, "PRECONDITION_REQUIRED".to_owned()));
    assert_eq!(change(Some("\"v9\"")).await.refusal(), (412, "VERSION_STALE".to_owned()));
    let changed = change(Some("\"v1\"")).await;
    assert_eq!((changed.status, changed.header("etag").unwrap()), (StatusCode::OK, "\"v2\""));
    assert_eq!(changed.json()["created_at"], fact["created_at"]);

    let delete = ("DELETE", one.as_str());
    assert_eq!(anna.send(delete, None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.send(delete, None, "").await.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(anna.get(FACTS).await.json()["facts"], json!([]));
});

db_test!(someone_elses_fact_does_not_exist, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[("I keep bees.", Kind::Other)]).await;
    world.remembers(2, &[]).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let id = anna.get(FACTS).await.json()["facts"][0]["id"].clone();
    let one = format!("{FACTS}/{}", id.as_str().unwrap());
    for method in ["PUT", "DELETE"] {
        let sent = ben.send((method, &one), Some(("if-match", "*")), r#"{"text":"mine"}"#);
        assert_eq!(sent.await.refusal(), (404, "NOT_FOUND".to_owned()), "{method}");
    }
    assert_eq!(ben.get(FACTS).await.json()["facts"], json!([]));
    assert_eq!(ben.get(EXPORT).await.json()["facts"], json!([]));
    assert_eq!(ben.send(("DELETE", FACTS), None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.get(MEMORY).await.json()["facts"], 1);
});

db_test!(without_consent_nothing_is_kept_or_shown_but_all_can_be_taken_away, schema(), |db| {
    let carla = world(db).await.client("3");
    for (method, path, body) in [
        ("PUT", MEMORY, r#"{"enabled":true}"#),
        ("GET", FACTS, ""),
        ("POST", FACTS, r#"{"text":"x"}"#),
        ("PUT", ONE, r#"{"text":"x"}"#),
    ] {
        let answer = carla.send((method, path), Some(("if-match", "*")), body).await;
        assert_eq!(answer.refusal(), (403, "CONSENT_REQUIRED".to_owned()), "{method} {path}");
    }
    for (method, path, body) in [
        ("GET", MEMORY, ""),
        ("PUT", MEMORY, r#"{"enabled":false}"#),
        ("DELETE", FACTS, ""),
        ("GET", EXPORT, ""),
    ] {
        let answer = carla.send((method, path), None, body).await;
        assert!(answer.status.is_success(), "{method} {path}");
    }
});

db_test!(what_breaks_a_rule_is_named_and_not_repeated, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[]).await;
    let anna = world.client("1");
    for (text, detail) in [(" ".to_owned(), "empty"), ("x".repeat(501), "500 characters")] {
        let refused = anna.post(FACTS, &json!({ "text": text })).await;
        assert_eq!(refused.refusal(), (400, "FACT_INVALID".to_owned()));
        assert!(refused.json()["detail"].as_str().unwrap().contains(detail));
    }
});

db_test!(help_is_offered_beside_a_fact_that_needs_it, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[]).await;
    let anna = world.client("1");
    let kept = anna.post(FACTS, &json!({ "text": "I want to kill myself tonight." })).await.json();
    assert_eq!((&kept["safety"]["alert"], &kept["version"]), (&json!(true), &json!(1)));
});

db_test!(everything_is_listed_by_pages_exported_and_deleted_at_once, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[("one", Kind::Other), ("two", Kind::Other), ("three", Kind::Other)]).await;
    let anna = world.client("1");
    let first = anna.get("/api/memory/facts?limit=2").await.json();
    assert_eq!(first["facts"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = anna.get(&format!("/api/memory/facts?limit=2&cursor={cursor}")).await.json();
    assert_eq!(
        (second["facts"].as_array().unwrap().len(), &second["next_cursor"]),
        (1, &json!(null))
    );
    let file = anna.get(EXPORT).await.json();
    assert_eq!((&file["salus_memory"], file["facts"].as_array().unwrap().len()), (&json!(1), 3));
    assert_eq!(anna.send(("DELETE", FACTS), None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.get(MEMORY).await.json()["facts"], 0);
    assert_eq!(anna.get(FACTS).await.json()["facts"], json!([]));
    let actions = world.recorded_actions().await;
    for action in ["memory.switch", "memory.fact.create", "memory.fact.list", "memory.export"] {
        assert!(actions.iter().any(|done| done == action), "{action}");
    }
});
