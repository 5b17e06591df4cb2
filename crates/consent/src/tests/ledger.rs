//! The ledger over both databases.

use super::world::*;
use crate::*;
use db::{DbError, Worker, db_test, outbox, run_tx};
use kernel::Coded;
use std::time::Duration;
use tokio::time::timeout;

const AGREED: TextVersion = TextVersion { major: 1, minor: 0 };

db_test!(both_databases_can_prepare_every_statement, schema(), |db| {
    for statement in STATEMENTS.iter().copied().flatten() {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(the_newest_line_of_each_type_counts, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let consents = &world.consents;
    consents.record(&anna, ConsentType::Terms, AGREED).await.unwrap();
    consents.record(&anna, ConsentType::Marketing, AGREED).await.unwrap();
    let told = consents.withdraw(&anna, ConsentType::Marketing).await.unwrap();
    let read = consents.status(&anna).await.unwrap();
    assert_eq!(told, read);
    assert_eq!(read.standing(ConsentType::Terms, AGREED), Standing::Given);
    assert_eq!(read.standing(ConsentType::Marketing, AGREED), Standing::Withdrawn);
    assert_eq!(read.standing(ConsentType::HealthData, AGREED), Standing::Never);
    assert_eq!(consents.status(&world.by(2)).await.unwrap(), Consented::default());
    assert_eq!(
        world.recorded_actions().await,
        ["consent.give", "consent.give", "consent.withdraw"]
    );
});

db_test!(a_person_who_changes_their_mind_all_day_slows_nobody_down, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    world.consents.record(&anna, ConsentType::Terms, AGREED).await.unwrap();
    db.tamper(
        "INSERT INTO consent_ledger
            WITH RECURSIVE line(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM line WHERE seq < 30001)
            SELECT tenant_id, shard_id, user_id, line.seq,
                CASE WHEN line.seq < 15001 THEN 'marketing' ELSE 'data_sharing' END,
                text_version, given, at FROM consent_ledger, line WHERE consent_ledger.seq = 1",
    )
    .await
    .unwrap();
    let read = timeout(Duration::from_secs(5), world.consents.status(&anna)).await;
    let read = read.expect("it takes milliseconds").unwrap();
    for consent in [ConsentType::Terms, ConsentType::Marketing, ConsentType::DataSharing] {
        assert_eq!(read.standing(consent, AGREED), Standing::Given);
    }
});

db_test!(saying_the_same_again_writes_nothing, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    for _ in 0..3 {
        world.consents.withdraw(&anna, ConsentType::Marketing).await.unwrap();
        world.consents.record(&anna, ConsentType::Terms, AGREED).await.unwrap();
    }
    assert_eq!(world.recorded_actions().await, ["consent.give"]);
});

db_test!(the_terms_cannot_be_withdrawn_alone, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    world.consents.record(&anna, ConsentType::Terms, AGREED).await.unwrap();
    let refused = world.consents.withdraw(&anna, ConsentType::Terms).await.unwrap_err();
    assert_eq!(refused.code(), &TERMS_BIND);
});

db_test!(many_who_write_at_once_lose_nothing, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let other = Consents::new(db.another(), world.ledger.clone());
    let write = |n: usize| {
        let consents = if n.is_multiple_of(2) { &world.consents } else { &other };
        let (anna, consent) = (&anna, ConsentType::ALL[n % 5]);
        let version = consent.version_in_force();
        async move { consents.record(anna, consent, version).await.unwrap() }
    };
    futures_util::future::join_all((0..20).map(write)).await;
    let read = world.consents.status(&anna).await.unwrap();
    for consent in ConsentType::ALL {
        assert_eq!(read.standing(consent, consent.version_in_force()), Standing::Given);
    }
    assert_eq!(world.recorded_actions().await.len(), 5);
});

db_test!(registration_writes_what_was_agreed_to_with_the_account_or_not_at_all, schema(), |db| {
    let world = world(db).await;
    let (anna, ctx) = (subject(1), world.asks(kernel::Actor::Anonymous));
    let keys = world.ledger.keys(&ctx, anna).await.unwrap();
    let register = async |given: &[(ConsentType, TextVersion)]| {
        run_tx!(db, "test.register", |tx| {
            let registration = Registration { subject: anna, given };
            world.consents.record_at_registration(tx, &ctx, &keys, registration)
        })
    };
    let without_terms = register(&[(ConsentType::HealthData, AGREED)]).await.unwrap_err();
    assert_eq!(without_terms.detail().as_deref(), Some("terms"));
    let old = register(&[(ConsentType::Terms, TextVersion { major: 0, minor: 9 })]).await;
    assert_eq!(old.unwrap_err().code(), &CONSENT_TEXT_CHANGED);
    let nothing = world.consents.status(&world.by(1)).await.unwrap();
    assert_eq!(nothing, Consented::default());

    let both = [(ConsentType::Terms, AGREED), (ConsentType::HealthData, AGREED)];
    register(&both).await.unwrap();
    let given = world.consents.status(&world.by(1)).await.unwrap();
    assert_eq!(given.standing(ConsentType::HealthData, AGREED), Standing::Given);
    assert_eq!(world.recorded_actions().await, ["consent.give", "consent.give"]);
});

db_test!(a_line_can_be_neither_changed_nor_removed, schema(), |db| {
    let world = world(db).await;
    world.consents.record(&world.by(1), ConsentType::Terms, AGREED).await.unwrap();
    for intrusion in ["UPDATE consent_ledger SET given = NOT given", "DELETE FROM consent_ledger"] {
        let refused = db.tamper(intrusion).await;
        assert!(
            matches!(refused, Err(DbError::Constraint(_) | DbError::Refused { .. })),
            "{refused:?}"
        );
    }
    let kept = world.consents.status(&world.by(1)).await.unwrap();
    assert_eq!(kept.standing(ConsentType::Terms, AGREED), Standing::Given);
});

db_test!(a_ledger_goes_with_the_account_and_nobody_elses_does, schema(), |db| {
    let world = world(db).await;
    for number in [1, 2] {
        world.consents.record(&world.by(number), ConsentType::Terms, AGREED).await.unwrap();
    }
    let worker = Worker::new(db.db.clone(), jobs(&world.consents));
    for _ in 0..2 {
        run_tx!(db, "test.erase", |tx| {
            let gone = serde_json::json!({
                "tenant": subject(1).tenant, "user": subject(1).user, "reason": "asked for it",
            });
            outbox::publish(tx, db.env(), "identity.account_erased", &gone)
        })
        .unwrap();
        assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    }
    assert_eq!(world.consents.status(&world.by(1)).await.unwrap(), Consented::default());
    let other = world.consents.status(&world.by(2)).await.unwrap();
    assert_eq!(other.standing(ConsentType::Terms, AGREED), Standing::Given);
});
