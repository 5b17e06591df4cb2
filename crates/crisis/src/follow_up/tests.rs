//! The next time.

use crate::{Found, Source, notice, tests::world::*};
use db::db_test;
use serde_json::{Value, json};

const FOLLOW_UP: &str = "/api/crisis/follow-up";

async fn noticed(world: &World, alert: bool) {
    let ctx = world.by(1);
    let keys = world.ledger.keys(&ctx, subject(1)).await.unwrap();
    let found = Found { level: 7.0, support: true, alert, imminent: false, rules: &[] };
    db::run_tx!(world.db, "test.notice", |tx| {
        notice(tx, &ctx, (&world.ledger, &keys, subject(1)), Source::Journal, found)?;
        Ok::<_, audit::AuditError>(())
    })
    .unwrap();
    world.work().await;
}

async fn asked(world: &World) -> Value {
    let path = format!("{FOLLOW_UP}?country=AT&language=de");
    world.client("1").get(&path).await.json()["question"].clone()
}

async fn answered(world: &World, answer: &str) -> Value {
    let body = json!({ "answer": answer, "country": "AT", "language": "de" });
    world.client("1").post(FOLLOW_UP, &body).await.json()["question"].clone()
}

db_test!(whoever_was_in_danger_is_asked_when_they_come_back_and_once, schema(), |db| {
    let world = world(db).await;
    noticed(&world, false).await;
    world.hours_pass(8);
    assert_eq!(asked(&world).await, Value::Null, "help within reach is no alert");
    noticed(&world, true).await;
    assert_eq!(asked(&world).await, Value::Null, "the same visit");
    world.hours_pass(8);
    let question = asked(&world).await;
    assert!(question["response"]["text"].as_str().unwrap().len() > 20, "{question}");
    assert_eq!(question["resources"]["country"], "AT");
    assert_eq!(asked(&world).await, question, "a reload does not lose it");
    assert_eq!(world.client("2").get(FOLLOW_UP).await.json()["question"], Value::Null);
    assert_eq!(answered(&world, "better").await, Value::Null);
    assert_eq!(asked(&world).await, Value::Null);
    let recorded = world.recorded_actions().await;
    assert!(recorded.contains(&"crisis.follow_up.read".to_owned()));
    assert!(recorded.contains(&"crisis.follow_up.answer".to_owned()));
});

db_test!(whoever_is_still_not_well_gets_help, schema(), |db| {
    let world = world(db).await;
    noticed(&world, true).await;
    world.hours_pass(8);
    assert!(asked(&world).await.is_object());
    let help = answered(&world, "hard").await;
    assert!(!help["resources"]["lines"].as_array().unwrap().is_empty());
    assert!(!help["response"]["text"].as_str().unwrap().is_empty());
});

db_test!(a_no_for_good_is_kept_and_can_be_taken_back, schema(), |db| {
    let world = world(db).await;
    assert_eq!(answered(&world, "never").await, Value::Null);
    noticed(&world, true).await;
    world.hours_pass(8);
    assert_eq!(asked(&world).await, Value::Null);
    answered(&world, "allow").await;
    noticed(&world, true).await;
    world.hours_pass(8);
    assert!(asked(&world).await.is_object());
    let bad = world.client("1").post(FOLLOW_UP, &json!({ "answer": "maybe" })).await;
    assert_eq!(bad.status.as_u16(), 400);
    assert_eq!(world.client("nobody").get(FOLLOW_UP).await.status.as_u16(), 401);
});
