//! Check-ins, and that what people write is looked at.

use super::world::*;
use crate::*;
use crisis::{Attention, Attentive, Level, NOTICED_TOPIC, Whereabouts, opinion::Again};
use db::{Db, db_test, params, row};
use http::StatusCode;
use kernel::{Ctx, Phi};
use serde_json::{Value, json};
use std::sync::Arc;

const CHECK_INS: &str = "/api/journal/check-ins";
const DANGER: &str = "I want to kill myself tonight, I have the pills here";

/// How often counters were told, without a person.
async fn told(db: &Db) -> Vec<Value> {
    db::statements! { "journal.tests";
        OUTBOX = "SELECT topic, payload FROM outbox ORDER BY id";
    }
    row! {
        struct Event {
            topic: String,
            payload: String,
        }
    }
    let events: Vec<Event> = db.all(&OUTBOX, params![]).await.unwrap();
    let of_care = events.into_iter().filter(|event| event.topic == NOTICED_TOPIC);
    of_care.map(|event| serde_json::from_str(&event.payload).unwrap()).collect()
}

db_test!(a_check_in_is_written_listed_handed_over_and_deleted, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let body = json!({
        "mood": "calm", "scale": 2, "emotions": [{ "name": "joy", "strength": 7 }],
        "urges": [{ "name": "withdraw" }], "factors": ["sleep", "friends", "sleep"],
        "note": "A walk.", "occurred_at": "2026-01-02T03:04:05Z",
    });
    let made = anna.post(CHECK_INS, &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let made = made.json();
    assert_eq!((&made["mood"], made.get("safety")), (&json!("calm"), None));
    assert_eq!(made["factors"], json!(["sleep", "friends"]));
    assert_eq!(made["urges"], json!([{ "name": "withdraw", "strength": null }]));
    for n in 0..3 {
        anna.post(CHECK_INS, &json!({ "scale": n })).await;
    }
    let first = anna.get(&format!("{CHECK_INS}?limit=2")).await.json();
    assert_eq!(first["check_ins"].as_array().unwrap().len(), 2);
    let next = first["next_cursor"].as_str().unwrap();
    let rest = anna.get(&format!("{CHECK_INS}?limit=2&cursor={next}")).await.json();
    assert_eq!(
        (rest["check_ins"][1]["id"].clone(), &rest["next_cursor"]),
        (made["id"].clone(), &Value::Null)
    );
    assert_eq!(ben.get(CHECK_INS).await.json()["check_ins"], json!([]));

    let file = anna.get("/api/journal/check-ins/export").await;
    assert_eq!(file.json()["check_ins"].as_array().unwrap().len(), 4);
    assert_eq!(file.json()["check_ins"][0]["note"], "A walk.");
    let one = format!("{CHECK_INS}/{}", made["id"].as_str().unwrap());
    assert_eq!(ben.send(("DELETE", &one), None, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.send(("DELETE", &one), None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.send(("DELETE", &one), None, "").await.status, StatusCode::NOT_FOUND);
});

db_test!(
    a_check_in_that_is_sent_again_is_one_and_another_under_its_id_is_refused,
    schema(),
    |db| {
        let world = world(db).await;
        let anna = world.client("1");
        let id = uuid::Uuid::from_u128(7);
        let body = json!({ "id": id, "mood": "sad", "note": "Rain." });
        let first = anna.post(CHECK_INS, &body).await.json();
        assert_eq!(anna.post(CHECK_INS, &body).await.json(), first);
        let last = world.recorded_actions().await.pop().unwrap();
        assert_eq!(last, "journal.check_in.list", "what was stored was read");
        let other = json!({ "id": id, "mood": "calm" });
        assert_eq!(anna.post(CHECK_INS, &other).await.refusal(), (409, "ENTRY_EXISTS".to_owned()));
        assert_eq!(anna.get(CHECK_INS).await.json()["check_ins"].as_array().unwrap().len(), 1);
    }
);

db_test!(a_check_in_that_breaks_a_rule_is_refused_by_name, schema(), |db| {
    let anna = world(db).await.client("1");
    for (body, field) in [
        (json!({}), "mood"),
        (json!({ "mood": "green" }), "mood"),
        (json!({ "scale": 6 }), "scale"),
        (json!({ "scale": 1, "emotions": [{ "name": "joy", "strength": 11 }] }), "strength"),
        (json!({ "scale": 1, "urges": [{ "name": " " }] }), "tags"),
        (json!({ "scale": 1, "urges": vec![json!({ "name": "x" }); 21] }), "urges"),
        (json!({ "scale": 1, "note": "x".repeat(2001) }), "note"),
    ] {
        let answer = anna.post(CHECK_INS, &body).await;
        assert_eq!(answer.refusal(), (400, "ENTRY_INVALID".to_owned()), "{field}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(field), "{field}");
    }
    let carla = world(db).await.client("3");
    let refused = carla.post(CHECK_INS, &json!({ "scale": 1 })).await;
    assert_eq!(refused.refusal(), (403, "CONSENT_REQUIRED".to_owned()));
});

db_test!(check_ins_count_in_the_mood_statistics, schema(), |db| {
    let anna = world(db).await.client("1");
    anna.post("/api/journal/entries", &json!({ "mood": "calm" })).await;
    anna.post(CHECK_INS, &json!({ "mood": "sad" })).await;
    anna.post(CHECK_INS, &json!({ "mood": "calm" })).await;
    let stats = anna.get("/api/journal/mood-stats?to=2027-02-01T00:00:00Z").await.json();
    assert_eq!(stats["entries"], 3);
    assert!(stats["moods"].as_array().unwrap().contains(&json!({ "mood": "calm", "count": 2 })));
});

db_test!(whoever_writes_of_dying_is_answered_wherever_they_write_it, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let entry = json!({ "title": "Tonight", "content": DANGER });
    let id = uuid::Uuid::from_u128(9);
    let file = json!({ "salus_journal": 1, "entries": [
        { "occurred_at": "2026-01-02T03:04:05Z", "title": "", "content": DANGER } ] });
    let mut answers = vec![
        anna.post("/api/journal/entries?country=AT&language=de", &entry).await,
        anna.post("/api/journal/sync?country=AT", &json!({ "changes": [change_of(id)] })).await,
        anna.post("/api/journal/import?format=json&country=AT", &file).await,
        anna.post("/api/journal/check-ins?country=AT", &json!({ "mood": "sad", "note": DANGER }))
            .await,
    ];
    let path =
        format!("/api/journal/entries/{}?country=AT", answers[0].json()["id"].as_str().unwrap());
    answers.push(anna.send(("PUT", &path), Some(("if-match", "*")), entry.to_string()).await);
    for (n, answer) in answers.iter().enumerate() {
        assert!(answer.status.is_success(), "{n}: {}", answer.json());
        let safety = &answer.json()["safety"];
        assert_eq!(safety["alert"], true, "{n}: {}", answer.json());
        assert_eq!(safety["resources"]["country"], "AT", "{n}");
        assert!(!safety["response"]["text"].as_str().unwrap().is_empty());
        assert!(!safety["response"]["footer"].as_str().unwrap().is_empty());
    }
    assert_eq!(
        anna.get("/api/journal/entries").await.json()["entries"].as_array().unwrap().len(),
        3
    );
    let noticed = world.recorded_actions().await;
    assert_eq!(noticed.iter().filter(|action| *action == "crisis.notice").count(), 5);
    let told = told(db).await;
    assert_eq!(told.len(), 5);
    for event in &told {
        let keys: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["alert", "at", "imminent", "source", "tenant"], "nothing of the person");
    }

    let again = json!({ "changes": [change_of(id)] });
    assert_eq!(anna.post("/api/journal/sync", &again).await.json()["safety"]["alert"], true);
    assert_eq!(self::told(db).await.len(), 5, "the same sent again is no news");
});

fn change_of(id: uuid::Uuid) -> Value {
    json!({ "id": id, "entry": { "content": DANGER, "occurred_at": "2026-01-02T03:04:05Z" } })
}

db_test!(an_urge_that_is_rated_high_opens_crisis_care, schema(), |db| {
    let anna = world(db).await.client("1");
    let rated = |strength: u8| json!({ "scale": 0, "urges": [{ "name": "suicide", "strength": strength }] });
    assert_eq!(anna.post(CHECK_INS, &rated(0)).await.json()["safety"], Value::Null);
    let low = anna.post(CHECK_INS, &rated(2)).await.json();
    assert_eq!((&low["safety"]["support"], &low["safety"]["alert"]), (&json!(true), &json!(false)));
    let high = anna.post(CHECK_INS, &rated(8)).await.json();
    assert_eq!(high["safety"]["alert"], true);
    assert!(high["safety"]["rules"].as_array().unwrap().iter().any(|rule| rule == "urge.suicide"));
});

db_test!(everyday_words_are_kept_without_a_word_of_crisis_care, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let kept = anna.post("/api/journal/entries", &json!({ "content": "Soup, then a nap." })).await;
    assert_eq!(kept.json()["safety"], Value::Null);
    assert!(told(db).await.is_empty());
});

/// A check that breaks.
struct Broken;

impl Attentive for Broken {
    fn attend(&self, _: &Phi<String>, _: &Whereabouts) -> Option<Attention> {
        unreachable!("broken on purpose")
    }

    fn attend_urge(&self, _: &str, _: u8, _: &Whereabouts) -> Option<Attention> {
        unreachable!("broken on purpose")
    }

    fn answer_to(&self, _: Level, _: String, _: &Whereabouts) -> Option<Attention> {
        unreachable!("broken on purpose")
    }

    fn again(&self, _: &Ctx, _: Again) {
        unreachable!("broken on purpose")
    }
}

db_test!(a_check_that_breaks_costs_nothing_that_was_written, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let journal = world.journal_watched_by(Db::clone(db), Arc::new(Broken));
    let kept = journal.create_entry(&anna, draft("kept")).await.unwrap();
    assert!(kept.safety.is_none());
    let scale = Some(1);
    let urges = vec![(Phi::new("suicide".to_owned()), Some(9))];
    let check_in = CheckInDraft { scale, urges, ..CheckInDraft::default() };
    assert!(journal.check_in(&anna, check_in).await.unwrap().safety.is_none());
    assert_eq!(world.journal.read_entry(&anna, kept.entry.id).await.unwrap().version, 1);
});
