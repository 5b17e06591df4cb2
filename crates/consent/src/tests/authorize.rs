//! Who may do what, and what is written down about those who may not.

use super::world::*;
use crate::*;
use audit::Outcome;
use db::db_test;
use kernel::{Actor, Coded, Ctx, Purpose, common};
use std::time::Duration;

const AGREED: TextVersion = ConsentType::HealthData.version_in_force();

async fn code(world: &World, ctx: &Ctx, action: Action, whose: u128) -> &'static str {
    match world.consents.authorize(ctx, action, subject(whose)).await {
        Ok(access) => {
            assert_eq!((access.subject(), access.action()), (subject(whose), action));
            assert_eq!(access.purpose(), ctx.purpose);
            "OK"
        }
        Err(error) => error.code().code,
    }
}

db_test!(a_person_may_use_their_own_data_while_they_consent, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    assert_eq!(code(&world, &anna, Action::Read, 1).await, "CONSENT_REQUIRED");
    world.consents.record(&anna, ConsentType::HealthData, AGREED).await.unwrap();
    assert_eq!(code(&world, &anna, Action::Read, 1).await, "OK");
    assert_eq!(code(&world, &anna, Action::Write, 1).await, "OK");
    world.consents.withdraw(&anna, ConsentType::HealthData).await.unwrap();
    assert_eq!(code(&world, &anna, Action::Read, 1).await, "CONSENT_REQUIRED");
    assert_eq!(code(&world, &anna, Action::Export, 1).await, "OK");
    assert_eq!(code(&world, &anna, Action::Delete, 1).await, "OK");
});

db_test!(a_model_needs_a_consent_of_its_own, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    world.consents.record(&anna, ConsentType::HealthData, AGREED).await.unwrap();
    let asking_a_model = world.by(1).for_purpose(Purpose::AiInteraction);
    let refused = world.consents.authorize(&asking_a_model, Action::Read, subject(1)).await;
    assert_eq!(refused.unwrap_err().detail().as_deref(), Some("ai_interaction"));
    let models = ConsentType::AiInteraction;
    world.consents.record(&anna, models, models.version_in_force()).await.unwrap();
    assert_eq!(code(&world, &asking_a_model, Action::Read, 1).await, "OK");
});

db_test!(someone_elses_data_does_not_exist, schema(), |db| {
    let world = world(db).await;
    world.consents.record(&world.by(1), ConsentType::HealthData, AGREED).await.unwrap();
    for action in [Action::Read, Action::Write, Action::Delete, Action::Export] {
        assert_eq!(code(&world, &world.by(2), action, 1).await, common::NOT_FOUND.code);
    }
    assert_eq!(code(&world, &world.asks(Actor::Anonymous), Action::Read, 1).await, "AUTH_REQUIRED");
    assert_eq!(code(&world, &world.asks(Actor::Operator), Action::Read, 1).await, "NOT_FOUND");
});

db_test!(the_program_itself_may_only_do_what_is_listed, schema(), |db| {
    let world = world(db).await;
    world.consents.record(&world.by(1), ConsentType::HealthData, AGREED).await.unwrap();
    let job = Ctx::system(world.env.clone(), "test.job.v1");
    assert_eq!(code(&world, &job, Action::Delete, 1).await, "OK");
    for action in [Action::Read, Action::Write, Action::Export] {
        assert_eq!(code(&world, &job, action, 1).await, "NOT_FOUND");
    }
    let curious = job.for_purpose(Purpose::SelfCare);
    assert_eq!(code(&world, &curious, Action::Delete, 1).await, "NOT_FOUND");
    let pretender = world.by(1).for_purpose(Purpose::Operations);
    assert_eq!(code(&world, &pretender, Action::Read, 1).await, "NOT_FOUND");
});

db_test!(every_refusal_is_recorded_before_it_is_answered, schema(), |db| {
    let world = world(db).await;
    code(&world, &world.by(1), Action::Read, 1).await;
    code(&world, &world.by(2), Action::Write, 1).await;
    code(&world, &world.asks(Actor::Anonymous), Action::Read, 1).await;
    let entries = world.recorded().await;
    let refusals: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action.as_str(), entry.outcome, entry.reason.as_str()))
        .collect();
    assert_eq!(
        refusals,
        [
            ("access.deny", Outcome::Denied, "CONSENT_REQUIRED"),
            ("access.deny", Outcome::Denied, "NOT_FOUND"),
            ("access.deny", Outcome::Denied, "AUTH_REQUIRED"),
        ]
    );
    let intruder = world.ledger.pseudonym(subject(2)).await.unwrap();
    assert_eq!(entries[1].subject, intruder, "nothing is written about people who may not exist");
});

db_test!(a_refusal_that_cannot_be_recorded_is_a_failure, schema(), |db| {
    let world = world(db).await;
    code(&world, &world.by(1), Action::Read, 1).await; // makes the keys
    db.tamper("DROP TABLE audit_outbox").await.unwrap();
    let refused = world.consents.authorize(&world.by(1), Action::Read, subject(1)).await;
    assert!(matches!(refused, Err(ConsentError::Audit(_))));
});

db_test!(a_withdrawal_elsewhere_counts_within_half_a_second, schema(), |db| {
    let here = world(db).await;
    let elsewhere = Consents::new(db.another(), here.ledger.clone());
    let anna = here.by(1);
    here.consents.record(&anna, ConsentType::HealthData, AGREED).await.unwrap();
    assert_eq!(code(&here, &anna, Action::Read, 1).await, "OK");
    elsewhere.withdraw(&anna, ConsentType::HealthData).await.unwrap();
    assert_eq!(code(&here, &anna, Action::Read, 1).await, "OK", "not noticed yet");
    here.clock.advance(Duration::from_millis(500));
    assert_eq!(code(&here, &anna, Action::Read, 1).await, "CONSENT_REQUIRED");
});

db_test!(consent_to_a_text_that_meant_something_else_does_not_count, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    world.consents.record(&anna, ConsentType::HealthData, AGREED).await.unwrap();
    let later = Consents::with_texts(db.db.clone(), world.ledger.clone(), |_| TextVersion {
        major: 2,
        minor: 0,
    });
    let refused = later.authorize(&anna, Action::Read, subject(1)).await.unwrap_err();
    assert_eq!(refused.code(), &CONSENT_REQUIRED);
    let old = later.record(&anna, ConsentType::HealthData, AGREED).await.unwrap_err();
    assert_eq!(old.code(), &CONSENT_TEXT_CHANGED);
    assert_eq!(old.detail().as_deref(), Some("health_data 2.0"));
    let new = TextVersion { major: 2, minor: 0 };
    later.record(&anna, ConsentType::HealthData, new).await.unwrap();
    assert!(later.authorize(&anna, Action::Read, subject(1)).await.is_ok());
});
