//! The journal as a client sees it.

use super::world::*;
use db::db_test;
use http::StatusCode;
use serde_json::{Value, json};

const ENTRIES: &str = "/api/journal/entries";
const SEARCH: &str = "/api/journal/entries/search";
const SYNC: &str = "/api/journal/sync";

fn path(id: &serde_json::Value) -> String {
    format!("{ENTRIES}/{}", id.as_str().unwrap())
}

db_test!(nobody_gets_anywhere_without_logging_in, schema(), |db| {
    let nobody = world(db).await.client("nobody");
    let one = format!("{ENTRIES}/{}", entry_id(1));
    for (method, path) in [
        ("GET", ENTRIES),
        ("POST", ENTRIES),
        ("GET", &one),
        ("PUT", &one),
        ("DELETE", &one),
        ("POST", SYNC),
        ("GET", "/api/journal/mood-stats"),
        ("GET", "/api/journal/export?format=json"),
        ("POST", "/api/journal/import?format=json"),
    ] {
        let answer = nobody.send((method, path), None, "{}").await;
        assert_eq!(answer.refusal(), (401, "AUTH_REQUIRED".to_owned()), "{method} {path}");
    }
});

db_test!(whole_files_are_costly_and_limited_as_such, schema(), |db| {
    let world = world(db).await;
    for (method, path) in
        [("GET", "/api/journal/export?format=json"), ("POST", "/api/journal/import?format=json")]
    {
        let anna = world.client("1");
        let mut refused = false;
        for _ in 0..60 {
            let file = "{\"salus_journal\":1,\"entries\":[]}";
            refused |= anna.send((method, path), None, file).await.status.as_u16() == 429;
        }
        assert!(refused, "{method} {path}");
    }
    assert_eq!(world.client("1").get(ENTRIES).await.status.as_u16(), 200);
});

db_test!(an_entry_is_written_read_changed_and_deleted, schema(), |db| {
    let anna = world(db).await.client("1");
    let body = json!({
        "occurredAt": "2026-01-02T03:04:05Z", "title": "A day", "content": "at the sea",
        "mood": "calm", "scale": 3, "tags": ["sea"], "isFavorite": true,
    });
    let created = anna.post(ENTRIES, &body).await;
    assert_eq!((created.status, created.header("etag").unwrap()), (StatusCode::CREATED, "\"v1\""));
    let entry = created.json();
    assert_eq!(entry["occurred_at"], "2026-01-02T03:04:05.000000Z");
    assert_eq!((&entry["mood"], &entry["scale"]), (&json!("calm"), &json!(3)));
    assert_eq!((&entry["favourite"], &entry["tags"]), (&json!(true), &json!(["sea"])));
    let one = path(&entry["id"]);
    let read = anna.get(&one).await;
    assert_eq!((read.json(), read.header("etag").unwrap()), (entry, "\"v1\""));

    let change = |etag: Option<&'static str>| {
        let header = etag.map(|etag| ("if-match", etag));
        let (anna, one) = (&anna, one.as_str());
        async move { anna.send(("PUT", one), header, r#"{"title": "Another day"}"#).await }
    };
    assert_eq!(change(None).await.refusal(), (428, "PRECONDITION_REQUIRED".to_owned()));
    assert_eq!(change(Some("\"v9\"")).await.refusal(), (412, "VERSION_STALE".to_owned()));
    let changed = change(Some("\"v1\"")).await;
    assert_eq!((changed.status, changed.header("etag").unwrap()), (StatusCode::OK, "\"v2\""));
    assert_eq!(changed.json()["occurred_at"], "2026-01-02T03:04:05.000000Z");
    assert_eq!(changed.json()["content"], "", "a change replaces everything");

    let delete = ("DELETE", one.as_str());
    let stale = anna.send(delete, Some(("if-match", "\"v1\"")), "").await;
    assert_eq!(stale.refusal(), (412, "VERSION_STALE".to_owned()));
    assert_eq!(anna.send(delete, None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.send(delete, None, "").await.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(anna.get(&one).await.refusal(), (404, "NOT_FOUND".to_owned()));
});

db_test!(someone_elses_entry_does_not_exist, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let one = path(&anna.post(ENTRIES, &json!({"title": "mine"})).await.json()["id"]);
    for method in ["GET", "PUT", "DELETE"] {
        let answer = ben.send((method, &one), Some(("if-match", "*")), "{}").await;
        assert_eq!(answer.refusal(), (404, "NOT_FOUND".to_owned()), "{method}");
    }
    assert_eq!(ben.get(ENTRIES).await.json()["entries"], json!([]));
    assert_eq!(ben.post(SYNC, &json!({})).await.json()["changes"], json!([]));
    assert_eq!(anna.get(&one).await.json()["title"], "mine");
});

db_test!(without_consent_nothing_is_kept_or_shown, schema(), |db| {
    let carla = world(db).await.client("3");
    let one = format!("{ENTRIES}/{}", entry_id(1));
    for (method, path) in [
        ("GET", ENTRIES),
        ("POST", ENTRIES),
        ("GET", &one),
        ("PUT", &one),
        ("POST", SYNC),
        ("GET", "/api/journal/mood-stats"),
        ("POST", "/api/journal/import?format=json"),
    ] {
        let answer = carla.send((method, path), Some(("if-match", "*")), "{}").await;
        assert_eq!(answer.refusal(), (403, "CONSENT_REQUIRED".to_owned()), "{method} {path}");
        assert_eq!(answer.json()["detail"], "health_data");
    }
});

db_test!(what_breaks_a_rule_is_named_and_not_repeated, schema(), |db| {
    let anna = world(db).await.client("1");
    let long = "x".repeat(64 * 1024 + 1);
    for (body, code, detail) in [
        (json!({"title": "x".repeat(201)}), "ENTRY_INVALID", "title: at most 200 characters"),
        (json!({"title": "secret\nline"}), "ENTRY_INVALID", "title: must be one line"),
        (json!({"content": long}), "ENTRY_INVALID", "content: at most 65536 bytes"),
        (json!({"mood": "secret"}), "ENTRY_INVALID", "mood: is none of those that are known"),
        (json!({"scale": 6}), "ENTRY_INVALID", "scale: must be from -5 to 5"),
        (json!({"scale": 300}), "ENTRY_INVALID", "scale: must be from -5 to 5"),
        (json!({"tags": ["secret", " "]}), "ENTRY_INVALID", "tags: must not be empty"),
        (json!({"tags": ["x".repeat(41)]}), "ENTRY_INVALID", "tags: at most 40 characters each"),
        (
            json!({"occurred_at": "1850-01-01T00:00:00Z"}),
            "ENTRY_INVALID",
            "occurred_at: must be between 1900 and 2199",
        ),
        (
            json!({"occurred_at": "secret"}),
            "INVALID_REQUEST",
            "occurred_at: does not have the expected form",
        ),
        (json!({"title": 5}), "INVALID_REQUEST", "title: does not have the expected form"),
    ] {
        let answer = anna.post(ENTRIES, &body).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{body}");
        assert_eq!(answer.json()["detail"], detail);
    }
    let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    let answer = anna.post(ENTRIES, &json!({"tags": many})).await;
    assert_eq!(answer.json()["detail"], "tags: at most 20");
    let bad = anna.get(&format!("{ENTRIES}/secret")).await;
    assert_eq!(bad.refusal(), (400, "INVALID_ID".to_owned()));
});

db_test!(the_same_entry_may_be_sent_again, schema(), |db| {
    let anna = world(db).await.client("1");
    let body = json!({"id": entry_id(5), "title": "A day"});
    let first = anna.post(ENTRIES, &body).await;
    let again = anna.post(ENTRIES, &body).await;
    assert_eq!((again.status, again.header("etag")), (StatusCode::CREATED, first.header("etag")));
    assert_eq!(again.json(), first.json());
    let other = anna.post(ENTRIES, &json!({"id": entry_id(5), "title": "Another"})).await;
    assert_eq!(other.refusal(), (409, "ENTRY_EXISTS".to_owned()));
});

db_test!(lists_are_paged_and_filtered, schema(), |db| {
    let anna = world(db).await.client("1");
    for n in 0..5 {
        let body = json!({
            "occurred_at": format!("2026-01-0{}T00:00:00Z", n + 1), "title": n.to_string(),
            "mood": if n == 2 { "sad" } else { "calm" },
        });
        anna.post(ENTRIES, &body).await;
    }
    let mut path = format!("{ENTRIES}?limit=2");
    let mut titles = Vec::new();
    loop {
        let page = anna.get(&path).await.json();
        let entries = page["entries"].as_array().unwrap().clone();
        titles.extend(entries.iter().map(|entry| entry["title"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("{ENTRIES}?limit=2&cursor={next}");
    }
    assert_eq!(titles, ["4", "3", "2", "1", "0"]);
    for (query, count) in
        [("from=2026-01-02T00:00:00Z&to=2026-01-04T00:00:00Z", 2), ("favorite=true", 0)]
    {
        let page = anna.get(&format!("{ENTRIES}?{query}")).await.json();
        assert_eq!(page["entries"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, code) in [
        ("cursor=x", "INVALID_CURSOR"),
        // What tells of health is looked for by a body, and in no address.
        ("q=4", "INVALID_REQUEST"),
        ("mood=calm", "INVALID_REQUEST"),
        ("tag=x", "INVALID_REQUEST"),
        ("from=yesterday", "INVALID_REQUEST"),
        ("colour=blue", "INVALID_REQUEST"),
    ] {
        let answer = anna.get(&format!("{ENTRIES}?{query}")).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{query}");
    }
});

db_test!(what_is_looked_for_is_in_the_body, schema(), |db| {
    let world = world(db).await;
    let (anna, bert) = (world.client("1"), world.client("2"));
    for n in 0..5 {
        let mood = if n == 2 { "sad" } else { "calm" };
        let at = format!("2026-01-0{}T00:00:00Z", n + 1);
        let body = json!({"occurred_at": at, "title": format!("Day {n}"), "mood": mood});
        anna.post(ENTRIES, &body).await;
    }
    for (search, count) in [
        (json!({}), 5),
        (json!({"mood": "sad"}), 1),
        (json!({"words": "DAY 4", "mood": "calm"}), 1),
        (json!({"words": "day", "from": "2026-01-02T00:00:00Z", "to": "2026-01-04T00:00:00Z"}), 2),
        (json!({"favorite": true}), 0),
        (json!({"tag": "x"}), 0),
    ] {
        let page = anna.post(SEARCH, &search).await.json();
        assert_eq!(page["entries"].as_array().unwrap().len(), count, "{search}");
    }
    let first = anna.post(SEARCH, &json!({"words": "day", "limit": 3})).await.json();
    let rest = json!({"words": "day", "limit": 3, "cursor": first["next_cursor"]});
    let rest = anna.post(SEARCH, &rest).await.json();
    let title = |page: &Value, n: usize| page["entries"][n]["title"].as_str().unwrap().to_owned();
    assert_eq!((title(&first, 0), title(&rest, 1)), ("Day 4".to_owned(), "Day 0".to_owned()));
    for (search, code) in [
        (json!({"cursor": "x"}), "INVALID_CURSOR"),
        (json!({"mood": "blue"}), "INVALID_REQUEST"),
        (json!({"q": "day"}), "INVALID_REQUEST"),
    ] {
        let answer = anna.post(SEARCH, &search).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{search}");
    }
    let page = bert.post(SEARCH, &json!({"words": "day"})).await.json();
    assert_eq!(page["entries"].as_array().unwrap().len(), 0);
});

db_test!(devices_sync, schema(), |db| {
    let anna = world(db).await.client("1");
    let entry = |title: &str| json!({"occurred_at": "2026-01-01T00:00:00Z", "title": title});
    let first = json!({"changes": [
        {"id": entry_id(1), "entry": entry("one")},
        {"id": entry_id(2), "entry": {"title": "without a date"}},
        {"id": entry_id(3), "entry": {"occurred_at": "2026-01-01T00:00:00Z", "mood": "new"}},
    ]});
    let answer = anna.post(SYNC, &first).await.json();
    let outcomes: Vec<_> = answer["applied"]
        .as_array()
        .unwrap()
        .iter()
        .map(|applied| applied["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["created", "invalid", "invalid"]);
    assert_eq!(answer["applied"][1]["detail"], "occurred_at: is missing");
    assert_eq!(answer["changes"][0]["entry"]["title"], "one");
    let cursor = answer["next_cursor"].clone();

    let late = json!({"cursor": cursor, "changes": [
        {"id": entry_id(1), "baseVersion": 0, "entry": entry("late")},
    ]});
    for _ in 0..2 {
        let answer = anna.post(SYNC, &late).await.json();
        let applied = &answer["applied"][0];
        assert_eq!(applied["outcome"], "conflict_copy");
        assert_eq!(applied["entry"]["title"], "one");
        assert_eq!(answer["changes"].as_array().unwrap().len(), 1);
        assert_eq!(answer["changes"][0]["id"], applied["copy_id"]);
        assert_eq!(answer["changes"][0]["entry"]["copy_of"], json!(entry_id(1)));
    }
    let delete = json!({"changes": [{"id": entry_id(1), "base_version": 1, "deleted": true}]});
    let answer = anna.post(SYNC, &delete).await.json();
    assert_eq!(answer["applied"][0]["outcome"], "deleted");
    let gone = &answer["changes"][1];
    assert_eq!((&gone["deleted"], &gone["entry"]), (&json!(true), &json!(null)));

    for (body, code) in [
        (json!({"cursor": "x"}), (400, "INVALID_CURSOR")),
        (json!({"cursor": format!("s999.{}", "0".repeat(32))}), (410, "SYNC_RESTART")),
        (
            json!({"changes": [delete["changes"][0], delete["changes"][0]]}),
            (400, "SYNC_CHANGED_TWICE"),
        ),
        (json!({"changes": vec![delete["changes"][0].clone(); 101]}), (413, "TOO_LARGE")),
        (json!({"changes": [{"id": "x"}]}), (400, "INVALID_REQUEST")),
    ] {
        let (status, name) = code;
        assert_eq!(anna.post(SYNC, &body).await.refusal(), (status, name.to_owned()));
    }
});

db_test!(moods_add_up, schema(), |db| {
    let anna = world(db).await.client("1");
    for day in 1..=14 {
        let body = json!({"occurred_at": format!("2027-01-{day:02}T12:00:00Z"), "mood": "calm"});
        anna.post(ENTRIES, &body).await;
    }
    let stats = anna.get("/api/journal/mood-stats?period=month&tz_offset=60").await.json();
    assert_eq!((&stats["entries"], &stats["truncated"]), (&json!(14), &json!(false)));
    assert_eq!(stats["moods"], json!([{"mood": "calm", "count": 14}]));
    assert_eq!((&stats["mean"]["basis"], &stats["mean"]["value"]), (&json!("enough"), &json!(2.0)));
    assert_eq!(stats["trend"]["wording"], "not_enough_entries");
    assert_eq!((&stats["trend"]["days"], &stats["trend"]["days_needed"]), (&json!(14), &json!(21)));
    assert_eq!(stats["weekdays"]["basis"], "not_enough_entries");
    assert_eq!(stats["calendar"][0], json!({"date": "2027-01-01", "count": 1, "mean": 2.0}));
    let week = anna.get("/api/journal/mood-stats?period=week").await.json();
    assert_eq!(week["entries"], 7);
    for query in ["tz_offset=900", "period=decade", "tz_offset=x"] {
        let answer = anna.get(&format!("/api/journal/mood-stats?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
});

db_test!(a_journal_is_handed_over_and_taken_back, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    anna.post(ENTRIES, &json!({"title": "=1+1", "content": "---\n---"})).await;
    for (format, media) in
        [("json", "application/json"), ("csv", "text/csv"), ("markdown", "text/markdown")]
    {
        let file = anna.get(&format!("/api/journal/export?format={format}")).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.headers["content-type"].to_str().unwrap().starts_with(media));
        assert_eq!(file.headers["cache-control"], "no-store");
        let import = format!("/api/journal/import?format={format}");
        let report = ben.send(("POST", &import), None, file.bytes).await.json();
        let taken = usize::from(format == "json");
        let wanted =
            json!({"taken": taken, "already_there": 1 - taken, "copied": 0, "rejected": []});
        assert_eq!(report, wanted);
    }
    let unreadable = ben.send(("POST", "/api/journal/import?format=csv"), None, vec![0xff]).await;
    assert_eq!(unreadable.refusal(), (400, "FILE_UNREADABLE".to_owned()));
    let unknown = ben.get("/api/journal/export?format=pdf").await;
    assert_eq!(unknown.refusal(), (400, "INVALID_REQUEST".to_owned()));
    let huge = vec![b'x'; 33 * 1024 * 1024];
    let refused = ben.send(("POST", "/api/journal/import?format=csv"), None, huge).await;
    assert_eq!(refused.refusal(), (413, "TOO_LARGE".to_owned()));
});

/// Every name that a document refers to.
fn references(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(|name| name.as_str()) {
                found.push(name.rsplit('/').next().unwrap().to_owned());
            }
            fields.values().for_each(|field| references(field, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_describes_every_operation_and_everything_it_refers_to() {
    let api = crate::routes().into_openapi();
    let facts = httpkit::openapi::facts(&api).unwrap();
    assert_eq!(facts.len(), 14);
    for fact in &facts {
        assert_eq!(fact.access.as_deref(), Some("own"), "{}", fact.id);
        let recorded = fact.audit.as_deref().unwrap();
        assert!(crate::ACTIONS.iter().any(|action| action.name() == recorded), "{recorded}");
    }
    let value = serde_json::to_value(&api).unwrap();
    let (mut names, schemas) = (Vec::new(), &value["components"]["schemas"]);
    references(&value, &mut names);
    for name in names {
        assert!(schemas.get(&name).is_some(), "{name} is not described");
    }
}
