//! What people fill in, as a client sees it.

use super::world::*;
use crate::STATEMENTS;
use db::db_test;
use http::StatusCode;
use journal::CheckInDraft;
use kernel::Phi;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const RESULTS: &str = "/api/wellbeing/results";
const FORMS: &str = "/api/wellbeing/forms";
const PRACTICE: &str = "/api/wellbeing/practice";

/// Every question of a questionnaire with this answer.
fn all(world: &World, name: &str, value: u8) -> BTreeMap<String, u8> {
    let one = world.wellbeing.care().questionnaires.get(name).unwrap();
    let asked = one.items.iter().filter(|item| value > 0 || item.only_if.is_empty());
    asked.map(|item| (item.id.clone(), value)).collect()
}

fn card(suicide: u8, note: &str) -> Value {
    json!({
        "emotions": { "marks": { "sadness": 2 } },
        "urges": { "marks": { "suicide": suicide } },
        "note": { "text": note },
    })
}

db_test!(both_databases_can_prepare_every_statement, schema(), |db| {
    for statement in STATEMENTS {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(nobody_gets_anywhere_without_logging_in_or_without_consent, schema(), |db| {
    let world = world(db).await;
    let one = uuid::Uuid::from_u128(1);
    let (nobody, carla) = (world.client("nobody"), world.client("3"));
    for (method, path) in [
        ("POST", RESULTS.to_owned()),
        ("GET", RESULTS.to_owned()),
        ("GET", format!("{RESULTS}/{one}")),
        ("DELETE", format!("{RESULTS}/{one}")),
        ("GET", "/api/wellbeing/trend?questionnaire=phq-9".to_owned()),
        ("POST", FORMS.to_owned()),
        ("GET", FORMS.to_owned()),
        ("GET", format!("{FORMS}/{one}")),
        ("GET", format!("{FORMS}/{one}/history")),
        ("PUT", format!("{FORMS}/{one}")),
        ("DELETE", format!("{FORMS}/{one}")),
        ("POST", PRACTICE.to_owned()),
        ("GET", PRACTICE.to_owned()),
        ("DELETE", format!("{PRACTICE}/{one}")),
        ("GET", "/api/wellbeing/export".to_owned()),
        ("POST", "/api/ai/suggest-exercises".to_owned()),
        ("POST", "/api/ai/analyze-mood".to_owned()),
        ("POST", "/api/ai/generate-insights".to_owned()),
    ] {
        let body = match path.as_str() {
            RESULTS => json!({ "questionnaire": "phq-2", "answers": all(&world, "phq-2", 0) }),
            PRACTICE => json!({ "skill": "stop" }),
            _ if path.starts_with(FORMS) => json!({ "kind": "diary-card", "entry": card(0, "") }),
            _ => json!({}),
        };
        let send = async |client: &Client| {
            let header = Some(("if-match", "*"));
            client.send((method, &path), header, body.to_string()).await.refusal()
        };
        assert_eq!(send(&nobody).await, (401, "AUTH_REQUIRED".to_owned()), "{method} {path}");
        if method != "DELETE" && !path.ends_with("export") {
            let refused = (403, "CONSENT_REQUIRED".to_owned());
            assert_eq!(send(&carla).await, refused, "{method} {path}");
        }
    }
});

db_test!(a_questionnaire_is_answered_scored_listed_and_deleted, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let mut answers = all(&world, "phq-9", 1);
    let last = world.wellbeing.care().questionnaires.get("phq-9").unwrap();
    let ninth = last.flags.first().unwrap().item.clone();
    answers.insert(ninth.clone(), 0);
    let body = json!({ "questionnaire": "phq-9", "answers": answers });
    let made = anna.post(RESULTS, &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let made = made.json();
    assert_eq!((made["max"].clone(), made.get("safety")), (json!(27), None));
    assert!(made["total"].as_u64().unwrap() >= 8);
    assert!(!made["meaning"].as_str().unwrap().is_empty());
    let gad = json!({ "questionnaire": "gad-7", "answers": all(&world, "gad-7", 3) });
    assert_eq!(anna.post(RESULTS, &gad).await.json()["total"], 21);
    let list = anna.get(RESULTS).await.json();
    assert_eq!(list["results"].as_array().unwrap().len(), 2);
    let one = format!("{RESULTS}?name=phq-9&limit=1");
    assert_eq!(anna.get(&one).await.json()["results"][0]["id"], made["id"]);
    assert_eq!(ben.get(RESULTS).await.json()["results"], json!([]));
    let path = format!("{RESULTS}/{}", made["id"].as_str().unwrap());
    assert_eq!(anna.get(&path).await.json(), made);
    assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ben.send(("DELETE", &path), None, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.send(("DELETE", &path), None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.get(&path).await.status, StatusCode::NOT_FOUND);
});

db_test!(the_ninth_question_above_zero_opens_crisis_care_whatever_the_total, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let ninth = {
        let phq = world.wellbeing.care().questionnaires.get("phq-9").unwrap();
        phq.flags.first().unwrap().item.clone()
    };
    for value in 1..=3 {
        let mut answers = all(&world, "phq-9", 0);
        for item in &world.wellbeing.care().questionnaires.get("phq-9").unwrap().items {
            answers.entry(item.id.clone()).or_insert(0);
        }
        answers.insert(ninth.clone(), value);
        let questionnaire = world.wellbeing.care().questionnaires.get("phq-9").unwrap();
        answers.retain(|id, _| {
            let item = questionnaire.items.iter().find(|item| item.id == *id).unwrap();
            item.only_if.is_empty() || value > 0
        });
        let body = json!({ "questionnaire": "phq-9", "answers": answers });
        let made = anna.post(&format!("{RESULTS}?country=AT&language=de"), &body).await.json();
        assert_eq!(made["safety"]["alert"], true, "{made}");
        assert_eq!(made["safety"]["resources"]["country"], "AT");
        assert_eq!(made["safety"]["rules"], json!([format!("questionnaire.phq-9.{ninth}")]));
    }
    let noticed = world.recorded_actions().await;
    assert_eq!(noticed.iter().filter(|action| *action == "crisis.notice").count(), 3);
});

db_test!(a_yes_in_the_screening_for_suicide_opens_crisis_care, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let yes = json!({ "questionnaire": "asq", "answers": all(&world, "asq", 1) });
    let made = anna.post(RESULTS, &yes).await;
    assert_eq!(made.json()["safety"]["imminent"], true, "{}", made.json());
    let no = json!({ "questionnaire": "asq", "answers": all(&world, "asq", 0) });
    let made = anna.post(RESULTS, &no).await.json();
    assert!(made.get("safety").is_none() && made["total"] == 0, "{made}");
});

db_test!(answers_that_give_no_score_are_refused_by_question_and_not_repeated, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let mut short = all(&world, "gad-7", 1);
    let (first, _) = short.pop_first().unwrap();
    for (name, answers, detail) in [
        ("gad-7", short, first.as_str()),
        ("gad-7", all(&world, "gad-7", 9), "not one of the answers"),
        ("gad-7", BTreeMap::from([("x".to_owned(), 1)]), "x"),
        ("tarot", BTreeMap::new(), "questionnaire"),
    ] {
        let answer =
            anna.post(RESULTS, &json!({ "questionnaire": name, "answers": answers })).await;
        assert_eq!(answer.refusal(), (400, "FORM_INVALID".to_owned()), "{name}");
        let told = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains(detail), "{told}");
    }
    assert_eq!(anna.get(RESULTS).await.json()["results"], json!([]));
});

db_test!(a_change_is_told_as_more_than_chance_only_where_it_is, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let trend = "/api/wellbeing/trend?questionnaire=gad-7";
    let answer = async |value: u8, minute: u32| {
        let body = json!({
            "questionnaire": "gad-7", "answers": all(&world, "gad-7", value),
            "occurred_at": format!("2026-01-02T03:{minute:02}:05Z"),
        });
        anna.post(RESULTS, &body).await;
    };
    answer(2, 1).await;
    let one = anna.get(trend).await.json();
    assert_eq!((one["points"].as_array().unwrap().len(), &one["overall"]), (1, &Value::Null));
    answer(3, 2).await;
    answer(0, 3).await;
    let told = anna.get(trend).await.json();
    let totals: Vec<&Value> =
        told["points"].as_array().unwrap().iter().map(|point| &point["total"]).collect();
    assert_eq!(totals, [&json!(14), &json!(21), &json!(0)]);
    assert_eq!(told["overall"]["difference"], -14);
    assert_eq!(told["latest"]["direction"], "better");
    assert!(told["latest"]["text"].as_str().unwrap().contains("21"));
    let unknown = anna.get("/api/wellbeing/trend?questionnaire=tarot").await;
    assert_eq!(unknown.refusal(), (400, "FORM_INVALID".to_owned()));
});

db_test!(a_form_is_kept_changed_by_version_and_remembered, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let body = |note: &str| json!({ "kind": "diary-card", "entry": card(0, note) });
    let made = anna.post(FORMS, &body("one")).await;
    assert_eq!((made.status, made.header("etag").unwrap()), (StatusCode::CREATED, "\"v1\""));
    let path = format!("{FORMS}/{}", made.json()["id"].as_str().unwrap());
    let put = async |etag: Option<&'static str>, note: &str| {
        let header = etag.map(|etag| ("if-match", etag));
        anna.send(("PUT", &path), header, body(note).to_string()).await
    };
    assert_eq!(put(None, "two").await.refusal(), (428, "PRECONDITION_REQUIRED".to_owned()));
    assert_eq!(put(Some("\"v7\""), "two").await.refusal(), (412, "VERSION_STALE".to_owned()));
    world.clock.advance(Duration::from_mins(1));
    let changed = put(Some("\"v1\""), "two").await;
    assert_eq!((changed.status, changed.header("etag").unwrap()), (StatusCode::OK, "\"v2\""));
    assert_eq!(anna.get(&path).await.json()["entry"]["note"]["text"], "two");
    let history = anna.get(&format!("{path}/history")).await.json();
    assert_eq!(history["versions"].as_array().unwrap().len(), 1);
    assert_eq!(history["versions"][0]["entry"]["note"]["text"], "one");
    let other = json!({ "kind": "safety-plan", "entry": {} }).to_string();
    let other = anna.send(("PUT", &path), Some(("if-match", "*")), other).await;
    assert_eq!(other.refusal(), (400, "FORM_INVALID".to_owned()));
    for path in [path.clone(), format!("{path}/history")] {
        assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(anna.get(&format!("{FORMS}?name=safety-plan")).await.json()["forms"], json!([]));
    assert_eq!(anna.send(("DELETE", &path), None, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.get(&format!("{path}/history")).await.status, StatusCode::NOT_FOUND);
});

db_test!(what_is_rated_and_what_is_written_in_a_form_is_looked_at, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let keep = async |suicide: u8, note: &str| {
        let body = json!({ "kind": "diary-card", "entry": card(suicide, note) });
        anna.post(FORMS, &body).await.json()
    };
    assert!(keep(0, "A walk by the river.").await.get("safety").is_none());
    let rated = keep(1, "").await;
    assert_eq!(
        (&rated["safety"]["support"], &rated["safety"]["alert"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(keep(4, "").await["safety"]["alert"], true);
    let written = keep(0, "I want to kill myself tonight, I have the pills here").await;
    assert_eq!(written["safety"]["alert"], true);
    assert_eq!(anna.get(FORMS).await.json()["forms"].as_array().unwrap().len(), 4);
});

db_test!(what_helped_comes_first_and_what_did_not_is_left_out, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let suggest = async || {
        let wish = json!({ "mood": "anxious", "limit": 20 });
        let answer = anna.post("/api/ai/suggest-exercises", &wish).await.json();
        let names = answer["exercises"].as_array().unwrap().clone();
        names
            .iter()
            .map(|one| (one["skill"]["id"].as_str().unwrap().to_owned(), one["reason"].clone()))
            .collect::<Vec<_>>()
    };
    let before = suggest().await;
    assert!(before.len() > 3);
    let (useless, helpful) = (before[0].0.clone(), before[2].0.clone());
    anna.post(PRACTICE, &json!({ "skill": useless, "helped": "no" })).await;
    anna.post(PRACTICE, &json!({ "skill": helpful, "helped": "yes" })).await;
    let after = suggest().await;
    assert_eq!(after[0], (helpful.clone(), json!("helped_before")));
    assert!(after.iter().all(|(name, _)| *name != useless));
    let list = anna.get(&format!("{PRACTICE}?name={helpful}")).await.json();
    assert_eq!(list["practice"].as_array().unwrap().len(), 1);
    let unknown = anna.post(PRACTICE, &json!({ "skill": "magic" })).await;
    assert_eq!(unknown.refusal(), (400, "FORM_INVALID".to_owned()));
});

db_test!(the_mood_of_the_journal_is_taken_where_none_is_named, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let none = anna.post("/api/ai/suggest-exercises", &json!({})).await.json();
    assert_eq!(none["exercises"], json!([]));
    let mood = Some(Phi::new("anxious".to_owned()));
    let draft = CheckInDraft { mood, ..CheckInDraft::default() };
    world.journal.check_in(&world.by(1), draft).await.unwrap();
    let some = anna.post("/api/ai/suggest-exercises", &json!({})).await.json();
    assert_eq!(some["exercises"].as_array().unwrap().len(), 5);
    assert_eq!(some["exercises"][0]["reason"], "suits_mood");
});

db_test!(nothing_is_said_of_figures_before_it_is_honest, schema(), |db| {
    let world = world(db).await;
    let (anna, ctx) = (world.client("1"), world.by(1));
    let check_in = async |day: u64, good: bool| {
        let factors = if good { vec!["walk".to_owned()] } else { Vec::new() };
        // Neither the weekday nor the day before tells which it is.
        let at = world.env.now().minus(Duration::from_hours(24 * day));
        let scale = Some(if good { 3 } else { -2 } + i64::try_from(day % 2).unwrap());
        let draft =
            CheckInDraft { occurred_at: Some(at), scale, factors, ..CheckInDraft::default() };
        world.journal.check_in(&ctx, draft).await.unwrap();
    };
    let good = |day: u64| (day * day + day / 3).is_multiple_of(2);
    for day in 0..29 {
        check_in(day, good(day)).await;
    }
    let early = anna.post("/api/ai/generate-insights", &json!({})).await.json();
    assert_eq!((&early["days"], &early["comparisons"]), (&json!(29), &json!(0)));
    assert_eq!(early["insights"][0]["name"], "too_few_days");
    for day in 29..60 {
        check_in(day, good(day)).await;
    }
    let told = anna.post("/api/ai/generate-insights", &json!({})).await.json();
    let first = &told["insights"][0];
    assert_eq!((&first["name"], &first["factor"]), (&json!("higher"), &json!("walk")), "{told}");
    assert!(first["low"].as_f64().unwrap() > 3.0 && first["high"].as_f64().unwrap() < 7.0);
    let text = first["text"].as_str().unwrap();
    assert!(text.contains("went together") && !text.contains("because"));
    let analysis = anna.post("/api/ai/analyze-mood", &json!({ "tz_offset": 60 })).await.json();
    assert_eq!(analysis["entries"], 60);
    assert!(!analysis["mean"].is_null() && !analysis["insights"].as_array().unwrap().is_empty());
    let wrong = anna.post("/api/ai/analyze-mood", &json!({ "tz_offset": 5000 })).await;
    assert_eq!(wrong.refusal(), (400, "FORM_INVALID".to_owned()));
});

db_test!(everything_is_handed_over_as_a_file_without_consent, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let empty = anna.get("/api/wellbeing/export").await.json();
    assert_eq!(empty, json!({ "salus_wellbeing": 1, "results": [], "forms": [], "practice": [] }));
    for _ in 0..2 {
        anna.post(FORMS, &json!({ "kind": "diary-card", "entry": card(0, "x") })).await;
        anna.post(PRACTICE, &json!({ "skill": "stop" })).await;
        let body = json!({ "questionnaire": "phq-2", "answers": all(&world, "phq-2", 1) });
        anna.post(RESULTS, &body).await;
    }
    world.consents.withdraw(&world.by(1), consent::ConsentType::HealthData).await.unwrap();
    let file = anna.get("/api/wellbeing/export").await.json();
    for shelf in ["results", "forms", "practice"] {
        assert_eq!(file[shelf].as_array().unwrap().len(), 2, "{shelf}");
    }
    assert_eq!(world.client("2").get("/api/wellbeing/export").await.json(), empty);
});

db_test!(public_words_are_for_everybody_and_paged, schema(), |db| {
    let nobody = world(db).await.client("nobody");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = nobody.get(&format!("/api/skills?limit=30{cursor}")).await.json();
        let skills = page["skills"].as_array().unwrap().clone();
        seen.extend(skills.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(seen.len() >= 50 && seen.is_sorted());
    let some = nobody.get("/api/skills?family=breathing&minutes=5&language=de").await.json();
    let some = some["skills"].as_array().unwrap();
    assert!(!some.is_empty() && some.iter().all(|one| one["family"] == "breathing"));
    assert_eq!(nobody.get("/api/skills/stop?language=de").await.json()["language"], "de");
    let names = nobody.get("/api/questionnaires").await.json();
    assert!(names["questionnaires"].as_array().unwrap().len() >= 6);
    assert_eq!(nobody.get("/api/questionnaires/phq-9").await.json()["max"], 27);
    let languages = async |name: &str| {
        let one = nobody.get(&format!("/api/questionnaires/{name}?language=de")).await.json();
        (one["language"].clone(), one["words_language"].clone())
    };
    assert_eq!(languages("phq-9").await, (json!("de"), json!("de")));
    assert_eq!(languages("asq").await, (json!("en"), json!("de")), "no official wording");
    let plan = nobody.get("/api/forms/safety-plan?language=fr").await.json();
    assert_eq!(plan["language"], "fr");
    assert_eq!(nobody.get("/api/forms").await.json()["forms"].as_array().unwrap().len(), 3);
    let options = nobody.get("/api/chat/options?contentType=journal_entry").await.json();
    assert_eq!(options["content_type"], "journal_entry");
    assert!(!options["disclosure"].as_str().unwrap().is_empty());
    for path in ["/api/skills/x", "/api/questionnaires/x", "/api/forms/x"] {
        assert_eq!(nobody.get(path).await.refusal(), (404, "NOT_FOUND".to_owned()));
    }
    let lost = nobody.get("/api/skills?cursor=zzz").await;
    assert_eq!(lost.refusal(), (400, "INVALID_CURSOR".to_owned()));
});

db_test!(what_is_sent_again_is_kept_once, schema(), |db| {
    let world = world(db).await;
    let anna = world.client("1");
    let id = uuid::Uuid::from_u128(5);
    let body = json!({ "id": id, "kind": "diary-card", "entry": card(0, "x") });
    let first = anna.post(FORMS, &body).await.json();
    assert_eq!(anna.post(FORMS, &body).await.json(), first);
    let other = json!({ "id": id, "kind": "diary-card", "entry": card(0, "y") });
    assert_eq!(anna.post(FORMS, &other).await.refusal(), (409, "RECORD_EXISTS".to_owned()));
    let elsewhere = json!({ "id": id, "skill": "stop" });
    assert_eq!(anna.post(PRACTICE, &elsewhere).await.refusal(), (409, "RECORD_EXISTS".to_owned()));
});
