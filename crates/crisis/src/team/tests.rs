//! The way to a human, as a client sees it. Persons 7 and 8 are responders, 9 is an administrator.

use crate::{
    CRISIS_NOTICED, Lookout, STATEMENTS, Source, Whereabouts, attention::Attentive, notice,
    team::NotTold, tests::world::*,
};
use db::{db_test, run_tx};
use http::StatusCode;
use serde_json::{Value, json};

const ESCALATE: &str = "/api/crisis/escalate";
const CASES: &str = "/api/crisis/cases";

db_test!(both_databases_can_prepare_every_statement, schema(), |db| {
    for statement in STATEMENTS.concat() {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(whoever_asks_waits_with_their_words_until_one_responder_takes_the_case, schema(), |db| {
    let world = world(db).await;
    let (anna, ben) = (world.client("1"), world.client("2"));
    let (first, second) = (world.client("7"), world.client("8"));
    let asked =
        anna.post(ESCALATE, &json!({ "message": "Please call me.", "country": "AT" })).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.json());
    let asked = asked.json();
    assert_eq!(
        (&asked["state"], &asked["resources"]["country"]),
        (&json!("waiting"), &json!("AT"))
    );
    assert!(asked["notice"].as_str().unwrap().contains("Nobody has seen it yet"));
    assert_eq!(ben.get(CASES).await.refusal(), (403, "FORBIDDEN".to_owned()));

    let queue = first.get(CASES).await.json();
    assert_eq!(queue["cases"].as_array().unwrap().len(), 1);
    let text = queue.to_string();
    assert!(!text.contains("call me") && !text.contains("person_id"), "{text}");
    assert_eq!(queue["cases"][0]["pseudonym"].as_str().unwrap().len(), 32);
    let path = format!("{CASES}/{}", asked["id"].as_str().unwrap());
    assert_eq!(first.get(&path).await.status, StatusCode::NOT_FOUND, "nobody has it");

    let claim = format!("{path}/claim");
    let taken = first.post(&claim, &json!({})).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.json());
    assert_eq!(taken.json()["notes"][0]["text"], "Please call me.");
    assert_eq!(first.post(&claim, &json!({})).await.status, StatusCode::OK, "it is theirs");
    assert_eq!(second.post(&claim, &json!({})).await.refusal(), (409, "CASE_TAKEN".to_owned()));
    assert_eq!(second.get(&path).await.status, StatusCode::NOT_FOUND);
    for what in ["note", "close"] {
        let refused = second.post(&format!("{path}/{what}"), &json!({ "text": "x" })).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }

    let again = anna.post(ESCALATE, &json!({ "message": "Today, if you can." })).await.json();
    assert_eq!((&again["id"], &again["state"]), (&asked["id"], &json!("claimed")));
    let noted = first.post(&format!("{path}/note"), &json!({ "text": "Called at noon." })).await;
    assert_eq!(noted.json()["state"], "claimed");
    let read = first.get(&path).await.json();
    assert_eq!(read["notes"].as_array().unwrap().len(), 3);
    assert_eq!(
        read["notes"][2],
        json!({
        "by_person": false, "text": "Called at noon.", "at": read["notes"][2]["at"] })
    );
    assert_eq!(first.post(&format!("{path}/close"), &json!({})).await.json()["state"], "closed");
    let late = first.post(&format!("{path}/note"), &json!({ "text": "x" })).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "it is over");
    assert_eq!(first.get(CASES).await.json()["cases"], json!([]));
    let closed = first.get(&format!("{CASES}?state=closed")).await.json();
    assert_eq!(closed["cases"][0]["own"], true);

    let own = anna.get("/api/crisis/escalations").await.json();
    assert_eq!(own["cases"][0]["state"], "closed");
    assert_eq!(ben.get("/api/crisis/escalations").await.json()["cases"], json!([]));
    let anew = anna.post(ESCALATE, &json!({})).await.json();
    assert_ne!(anew["id"], asked["id"], "a closed case is not opened again");
    let recorded = world.recorded_actions().await;
    for action in ["create", "queue", "claim", "read", "note", "close", "list_own"] {
        assert!(recorded.contains(&format!("crisis.case.{action}")), "{action}: {recorded:?}");
    }
});

db_test!(two_responders_who_reach_for_the_same_case_do_not_both_get_it, schema(), |db| {
    let world = world(db).await;
    for _ in 0..5 {
        let asked = world.client("1").post(ESCALATE, &json!({})).await.json();
        let path = format!("{CASES}/{}/claim", asked["id"].as_str().unwrap());
        let (one, other) = (world.client("7"), world.client("8"));
        let none = json!({});
        let (first, second) = tokio::join!(one.post(&path, &none), other.post(&path, &none));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let who = if first.status.is_success() { one } else { other };
        who.post(&path.replace("claim", "close"), &none).await;
    }
});

db_test!(what_is_too_long_or_by_nobody_is_refused, schema(), |db| {
    let world = world(db).await;
    let long = json!({ "message": "x".repeat(4001) });
    assert_eq!(
        world.client("1").post(ESCALATE, &long).await.refusal(),
        (400, "CASE_INVALID".to_owned())
    );
    let nobody = world.client("nobody");
    for path in [ESCALATE.to_owned(), format!("{CASES}/{}/claim", uuid::Uuid::nil())] {
        assert_eq!(nobody.post(&path, &json!({})).await.status, StatusCode::UNAUTHORIZED);
    }
    for path in [CASES, "/api/crisis/escalations", "/api/admin/crisis/report"] {
        assert_eq!(nobody.get(path).await.status, StatusCode::UNAUTHORIZED);
    }
    let gone = format!("{CASES}/{}/claim", uuid::Uuid::from_u128(3));
    assert_eq!(world.client("7").post(&gone, &json!({})).await.status, StatusCode::NOT_FOUND);
});

db_test!(danger_in_the_message_is_answered_at_once_and_told_to_the_responder, schema(), |db| {
    let world = world(db).await;
    let message = "I want to kill myself tonight, I have the pills here";
    let asked = world.client("1").post(ESCALATE, &json!({ "message": message })).await.json();
    assert_eq!(asked["safety"]["alert"], true);
    let path = format!("{CASES}/{}/claim", asked["id"].as_str().unwrap());
    let taken = world.client("7").post(&path, &json!({})).await.json();
    assert!(
        taken["level"].as_u64().unwrap() >= 7 && !taken["rules"].as_array().unwrap().is_empty()
    );
});

db_test!(counters_know_how_often_and_nobody, schema(), |db| {
    let world = world(db).await;
    let lookout = Lookout::shared().unwrap();
    let found = lookout
        .answer_to(crate::Level::Alert, "a.rule".to_owned(), &Whereabouts::default())
        .unwrap();
    let ctx = world.by(1);
    let whose = subject(1);
    let keys = world.ledger.keys(&ctx, whose).await.unwrap();
    for n in 0..15 {
        let source = if n < 12 { Source::Journal } else { Source::Chat };
        run_tx!(world.db, "test.notice", |tx| {
            notice(tx, &ctx, (&world.ledger, &keys, whose), source, &found)?;
            Ok::<_, audit::AuditError>(())
        })
        .unwrap();
    }
    world.work().await;
    let report = world.client("9").get("/api/admin/crisis/report?year=2027").await.json();
    assert_eq!(
        report["counts"],
        json!([
            { "source": "chat", "level": "alert", "times": null },
            { "source": "journal", "level": "alert", "times": 12 },
        ])
    );
    assert_eq!((&report["total"], &report["year"]), (&Value::Null, &json!(2027)));
    let before = world.client("9").get("/api/admin/crisis/report?year=2026").await.json();
    assert_eq!((&before["counts"], &before["total"]), (&json!([]), &json!(0)));
    assert_eq!(world.client("7").get("/api/admin/crisis/report").await.status.as_u16(), 403);
    let noticed = world.recorded_actions().await;
    assert_eq!(noticed.iter().filter(|action| *action == CRISIS_NOTICED.name()).count(), 15);
});

db_test!(
    what_is_shown_without_being_kept_is_counted_in_memory_and_written_down_later,
    schema(),
    |db| {
        let world = world(db).await;
        let danger = json!({ "text": "I want to kill myself tonight, I have the pills here" });
        for _ in 0..11 {
            world.client("nobody").post("/api/crisis/assess", &danger).await;
        }
        world.client("nobody").post("/api/crisis/assess", &json!({ "text": "I made soup." })).await;
        let year = "/api/admin/crisis/report";
        assert_eq!(world.client("9").get(year).await.json()["counts"], json!([]));
        world.team.write_down_counts(world.env.now()).await.unwrap();
        world.team.write_down_counts(world.env.now()).await.unwrap();
        let report = world.client("9").get(year).await.json();
        let cell = json!({ "source": "assess", "level": "imminent", "times": 11 });
        assert_eq!(report["counts"], json!([cell]));
        world.db.close();
        world.client("nobody").post("/api/crisis/assess", &danger).await;
        assert!(world.team.write_down_counts(world.env.now()).await.is_err());
        assert_eq!(world.lookout.tally().take().len(), 1, "it is kept for the next time");
    }
);

const DANGER: &str = "I want to kill myself tonight, I have the pills here";

db_test!(programs_elsewhere_hear_that_somebody_waits_and_nothing_of_who_or_what, schema(), |db| {
    let world = world(db).await;
    *world.pagers.names.lock().unwrap() = vec!["pager".to_owned(), "phone".to_owned()];
    let ana = world.client("1");
    let asked = ana.post(ESCALATE, &json!({ "message": "Please call me." })).await.json();
    assert!(asked["notice"].as_str().unwrap().contains("a program elsewhere"), "{asked}");
    world.work().await;
    let told = std::mem::take(&mut *world.pagers.told.lock().unwrap());
    let mut names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["pager", "phone"]);
    let queue = world.client("7").get(CASES).await.json();
    for (_, body) in &told {
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let known = ["at", "id", "level", "pseudonym", "queue", "reason", "rules", "state", "type"];
        assert_eq!(keys, known);
        assert_eq!(body["pseudonym"], queue["cases"][0]["pseudonym"]);
        assert_eq!((&body["level"], &body["reason"]), (&Value::Null, &json!("asked")));
        let text = body.to_string();
        assert!(!text.contains("call me") && !text.contains(asked["id"].as_str().unwrap()));
        assert!(!text.contains(&subject(1).user.to_string()), "{text}");
    }
    assert_ne!(told[0].1["id"], told[1].1["id"], "each call has an id of its own");

    // More words are no new call, unless they look more serious.
    ana.post(ESCALATE, &json!({ "message": "Or write." })).await;
    world.work().await;
    assert!(world.pagers.told.lock().unwrap().is_empty());
    ana.post(ESCALATE, &json!({ "message": DANGER })).await;
    ana.post(ESCALATE, &json!({ "message": DANGER })).await;
    world.work().await;
    let told = std::mem::take(&mut *world.pagers.told.lock().unwrap());
    assert_eq!(told.len(), 2, "the same again is no news");
    assert_eq!(told[0].1["reason"], "more_serious");
    assert!(told[0].1["level"].as_u64().unwrap() >= 7);
    assert!(!told[0].1["rules"].as_array().unwrap().is_empty());
    assert!(!told[0].1.to_string().contains("pills here"));
    let recorded = world.recorded_actions().await;
    let tells = recorded.iter().filter(|action| *action == "crisis.case.tell").count();
    assert_eq!(tells, 4);
});

db_test!(a_program_that_cannot_be_told_is_told_again_and_at_last_put_aside, schema(), |db| {
    let world = world(db).await;
    *world.pagers.names.lock().unwrap() = vec!["pager".to_owned()];
    *world.pagers.answers.lock().unwrap() = vec![NotTold::Later("webhook_unreachable"); 13];
    world.client("1").post(ESCALATE, &json!({})).await;
    for _ in 0..15 {
        world.work().await;
        world.hours_pass(3);
    }
    let tries = std::mem::take(&mut *world.pagers.told.lock().unwrap());
    assert_eq!(tries.len(), 12);
    let ids: std::collections::BTreeSet<String> =
        tries.iter().map(|(_, body)| body["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "a receiver can tell that it is one call");
    let dead = db::jobs::dead(&world.db, 10).await.unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("webhook_unreachable"));
    world.pagers.answers.lock().unwrap().clear();
    assert!(db::jobs::revive(&world.db, dead[0].id).await.unwrap());
    world.work().await;
    assert_eq!(world.pagers.told.lock().unwrap().len(), 1);
    assert!(world.recorded_actions().await.contains(&"crisis.case.tell".to_owned()));
});

db_test!(a_program_that_was_taken_out_of_the_settings_is_not_told, schema(), |db| {
    let world = world(db).await;
    *world.pagers.names.lock().unwrap() = vec!["pager".to_owned()];
    *world.pagers.answers.lock().unwrap() = vec![NotTold::Gone];
    world.client("1").post(ESCALATE, &json!({})).await;
    world.work().await;
    assert!(db::jobs::counts(&world.db).await.unwrap().is_empty());
    assert!(!world.recorded_actions().await.contains(&"crisis.case.tell".to_owned()));
});
