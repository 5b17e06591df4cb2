//! Lines that an administrator changes.

use crate::tests::world::*;
use db::db_test;
use http::StatusCode;
use serde_json::{Value, json};

const AT: &str = "/api/admin/crisis/lines/AT";

fn line(id: &str, call: &str) -> Value {
    json!({
        "id": id, "name": "Line of the house", "needs": ["everyone"], "call": call,
        "hours": "24/7", "languages": ["de"], "source": "https://example.org",
        "checked": "2026-11-21", "sure": true,
    })
}

async fn austria(world: &World) -> Value {
    world.client("nobody").get("/api/crisis/hotlines?country=AT").await.json()
}

db_test!(an_administrator_adds_replaces_and_hides_lines_and_takes_it_back, schema(), |db| {
    let world = world(db).await;
    let admin = world.client("9");
    let before = austria(&world).await;
    assert_eq!(before["lines"][0]["call"], "142");
    assert_eq!(
        world.client("nobody").get("/api/crisis/lines").await.json()["countries"],
        json!([])
    );
    let known = admin.get(AT).await.json();
    assert_eq!((&known["built_in"]["code"], &known["change"]), (&json!("AT"), &Value::Null));

    let body = json!({
        "put": [line("house", "+43 1 4000"), line("at-1", "116 123")],
        "remove": ["at-2"],
    });
    let changed = admin.put("/api/admin/crisis/lines/at", &body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json());
    let after = austria(&world).await;
    let calls: Vec<&str> = after["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line["call"].as_str())
        .collect();
    assert!(calls.contains(&"+43 1 4000") && calls.contains(&"116 123"), "{calls:?}");
    assert!(!calls.contains(&"142"), "{calls:?}");
    assert_eq!(after["emergency"], before["emergency"]);
    let told = world.client("nobody").get("/api/crisis/lines").await.json();
    let ids = |country: &Value| -> Vec<String> {
        let lines = country["lines"].as_array().unwrap();
        lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told["countries"].as_array().unwrap().len(), 1);
    let shown = ids(&told["countries"][0]);
    assert!(shown.starts_with(&["house".to_owned(), "at-1".to_owned()]), "{shown:?}");
    assert!(!shown.contains(&"at-2".to_owned()));
    let listed = admin.get("/api/admin/crisis/lines").await.json();
    assert_eq!(listed["changes"][0]["remove"], json!(["at-2"]));

    let back = admin.send(("DELETE", AT), None, "").await;
    assert_eq!(back.status, StatusCode::NO_CONTENT);
    assert_eq!(austria(&world).await, before);
    let recorded = world.recorded_actions().await;
    for action in ["read", "change", "restore"] {
        assert!(recorded.contains(&format!("crisis.lines.{action}")), "{recorded:?}");
    }
});

db_test!(changed_lines_are_there_while_the_database_is_not, schema(), |db| {
    let world = world(db).await;
    let body = json!({ "put": [line("house", "+43 1 4000")] });
    world.client("9").put(AT, &body).await;
    world.db.close();
    assert!(world.lines.refresh().await.is_err());
    assert_eq!(austria(&world).await["lines"][0]["id"], "house");
    let told = world.client("nobody").get("/api/crisis/lines").await.json();
    assert_eq!(told["countries"][0]["lines"][0]["id"], "house");
});

db_test!(another_process_takes_changed_lines_up, schema(), |db| {
    let (one, other) = (world(db).await, world(db).await);
    one.client("9").put(AT, &json!({ "put": [line("house", "+43 1 4000")] })).await;
    assert_ne!(austria(&other).await["lines"][0]["id"], "house");
    other.lines.refresh().await.unwrap();
    assert_eq!(austria(&other).await["lines"][0]["id"], "house");
});

db_test!(
    a_country_that_is_not_known_can_be_added_and_one_that_does_not_fit_any_more_costs_itself,
    schema(),
    |db| {
        let world = world(db).await;
        let admin = world.client("9");
        let known = admin.get("/api/admin/crisis/lines/ZZ").await.json();
        assert_eq!(known["built_in"], Value::Null);
        let new = json!({ "name": "Nowhere", "emergency": ["112"], "put": [line("zz-1", "112")] });
        assert_eq!(admin.put("/api/admin/crisis/lines/ZZ", &new).await.status, StatusCode::OK);
        admin.put(AT, &json!({ "put": [line("house", "+43 1 4000")], "remove": ["at-2"] })).await;
        db.tamper(
            "UPDATE crisis_lines SET body = REPLACE(body, 'at-2', 'at-99') WHERE code = 'AT'",
        )
        .await
        .unwrap();
        world.lines.refresh().await.unwrap();
        assert_eq!(austria(&world).await["lines"][0]["call"], "142", "as it is built in");
        let there = world.client("nobody").get("/api/crisis/hotlines?country=ZZ").await.json();
        assert_eq!(there["lines"][0]["id"], "zz-1");
    }
);

db_test!(what_does_not_fit_is_refused_by_name_and_changes_nothing, schema(), |db| {
    let world = world(db).await;
    let admin = world.client("9");
    let with = |name: &str, value: Value| {
        let mut one = line("house", "+43 1 4000");
        one[name] = value;
        json!({ "put": [one] })
    };
    for (body, named) in [
        (with("call", json!("+43 12")), "house.call"),
        (with("call", json!("call me")), "house.call"),
        (with("text", json!("0800 0000000000000")), "house.text"),
        (with("source", json!("http://example.org")), "house.source"),
        (with("source", json!("")), "house.source"),
        (with("checked", json!("yesterday")), "house.checked"),
        (with("chat", json!("javascript:alert(1)")), "house.chat"),
        (with("needs", json!([])), "house.needs"),
        (with("name", json!("x".repeat(301))), "text"),
        (with("id", json!("A line")), "A line.id"),
        (json!({ "remove": ["at-99"] }), "AT.remove"),
        (json!({ "emergency": [] }), "AT.emergency"),
        (json!({ "emergency": ["call me"] }), "AT.emergency"),
        (json!({ "put": vec![line("house", "112"); 41] }), "put"),
    ] {
        let refused = admin.put(AT, &body).await;
        assert_eq!(refused.refusal(), (400, "CRISIS_LINES_INVALID".to_owned()), "{body}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(named), "{detail}");
    }
    assert_eq!(admin.get("/api/admin/crisis/lines/Austria").await.status.as_u16(), 404);
    for who in ["1", "7"] {
        assert_eq!(world.client(who).put(AT, &json!({})).await.status.as_u16(), 403);
    }
    assert_eq!(world.client("nobody").put(AT, &json!({})).await.status.as_u16(), 401);
    assert!(world.lines.changed().is_empty());
});
