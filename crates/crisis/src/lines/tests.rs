//! Lines that an administrator changes.

use crate::{CrisisLines, Lookout, tests::world::*};
use db::db_test;
use http::StatusCode;
use serde_json::{Value, json};
use std::{os::unix::fs::PermissionsExt, path::Path};

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

/// What another process would answer that finds this folder and no database.
fn recalled(folder: &Path) -> Vec<Value> {
    let lookout = Lookout::shared().unwrap();
    CrisisLines::recall(folder, &lookout);
    let help = lookout.help(Some("AT"), None, care::Lang::German);
    serde_json::to_value(help).unwrap()["lines"].as_array().unwrap().clone()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

db_test!(a_process_that_starts_without_a_database_has_the_lines_from_the_disk, schema(), |db| {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = world(db).await;
    let over = (world.db.clone(), world.ledger.clone());
    let lines = CrisisLines::with_copy(over, world.lookout.clone(), Some(folder));
    lines.refresh().await.unwrap();
    assert!(names(folder).is_empty(), "where nothing is changed nothing is kept");
    assert_eq!(recalled(folder)[0]["call"], "142");

    let admin = world.client("9");
    admin.put(AT, &json!({ "put": [line("house", "+43 1 4000")] })).await;
    lines.refresh().await.unwrap();
    assert_eq!(names(folder), ["crisis-lines.json"]);
    let path = folder.join("crisis-lines.json");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(recalled(folder)[0]["id"], "house");
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    lines.refresh().await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before, "no news");

    world.db.close();
    assert!(lines.refresh().await.is_err());
    assert_eq!(recalled(folder)[0]["id"], "house", "what fails takes nothing away");
});

db_test!(lines_that_were_taken_back_are_gone_from_the_disk_too, schema(), |db| {
    let folder = tempfile::tempdir().unwrap();
    let world = world(db).await;
    let over = (world.db.clone(), world.ledger.clone());
    let lines = CrisisLines::with_copy(over, world.lookout.clone(), Some(folder.path()));
    world.client("9").put(AT, &json!({ "put": [line("house", "+43 1 4000")] })).await;
    lines.refresh().await.unwrap();
    world.client("9").send(("DELETE", AT), None, "").await;
    lines.refresh().await.unwrap();
    assert_eq!(recalled(folder.path())[0]["call"], "142");
});

/// A line as it stands in the copy.
fn kept_line(id: &str, call: &str) -> Value {
    let mut one = line(id, call);
    one.as_object_mut().unwrap().remove("sure");
    one["confidence"] = json!("high");
    one
}

#[test]
fn a_copy_that_was_meddled_with_costs_itself_and_never_what_is_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let put = |text: &str| {
        std::fs::write(folder.path().join("crisis-lines.json"), text).unwrap();
        recalled(folder.path())
    };
    let file = |change: &Value| json!({ "form": 1, "changes": [change] }).to_string();
    let good = json!({ "code": "AT", "put": [kept_line("house", "+43 1 4000")] });
    assert_eq!(put(&file(&good))[0]["id"], "house");
    let wrong = |id: &str, call: &str| json!({ "code": "AT", "put": [kept_line(id, call)] });
    for text in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "\u{0}".repeat(100),
        json!({ "form": 2, "changes": [good] }).to_string(),
        file(&wrong("house", "call me")),
        file(&wrong("A line", "112")),
        file(&json!({ "code": "AT", "emergency": [] })),
        file(&json!({ "code": "AT", "put": vec![kept_line("house", "112"); 41] })),
    ] {
        assert_eq!(put(&text)[0]["call"], "142", "{text}");
    }
    let both = json!({ "form": 1, "changes": [wrong("other", "call me"), good] });
    assert_eq!(put(&both.to_string())[0]["id"], "house", "one costs no other");
    std::fs::remove_file(folder.path().join("crisis-lines.json")).unwrap();
    std::fs::create_dir(folder.path().join("crisis-lines.json")).unwrap();
    assert_eq!(recalled(folder.path())[0]["call"], "142");
}

#[test]
fn a_copy_in_a_folder_that_is_not_there_costs_nothing() {
    assert_eq!(recalled(Path::new("/nowhere/at/all"))[0]["call"], "142");
}
