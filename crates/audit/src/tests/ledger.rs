//! The ledger over both databases.

use super::bed::*;
use crate::*;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use db::{DbError, Engine, db_test, run_tx};
use kernel::{
    Actor, Coded, Cursor, Env, ErrorKind, PageSize, Subject, SystemRng, TenantId, common,
};
use sha2::Sha256;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::timeout;
use uuid::Uuid;
use vault::{KeyPurpose, MemoryRows, Ring, Start, Target};

db_test!(every_statement_is_understood, schema(), |db| {
    for statement in STATEMENTS {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(an_event_exists_exactly_if_its_change_does, schema(), |db| {
    let (bed, subject) = (bed(db).await, person());
    let (ctx, keys) = (by(subject), bed.ledger.keys(&by(subject), subject).await.unwrap());
    let undone: Result<(), AuditError> = run_tx!(db, "test.undone", |tx| {
        let event = Event::new(&THING_CHANGED, subject);
        bed.ledger.record(tx, &ctx, &keys, &event)?;
        Err(AuditError::NoSuchEvent)
    });
    assert!(undone.is_err());
    assert_eq!(bed.ledger.sequence_all().await.unwrap(), 0);
    bed.fill(subject, 3).await;
    assert_eq!(bed.ledger.sequence_all().await.unwrap(), 3);
    assert_eq!(bed.ledger.head().await.unwrap().size, 3);
    bed.assert_sound().await;
});

db_test!(the_stored_tree_is_that_of_the_other_implementation, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(45).await;
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for leaf in store::leaves(db, 0, 45, 100).await.unwrap() {
        other.push(leaf.entry.unwrap());
    }
    let head = bed.ledger.head().await.unwrap();
    assert_eq!(other.root().as_bytes().as_slice(), head.root);
    for (old, new) in [(1, 45), (8, 20), (44, 45), (32, 33)] {
        let ours = bed.ledger.consistency(old, new).await.unwrap();
        let proof = ct_merkle::ConsistencyProof::try_from_bytes(ours.concat()).unwrap();
        let root = |size: u64| {
            let mut frontier = Frontier::default();
            let leaves = other.items().iter().take(usize::try_from(size).unwrap());
            leaves.for_each(|leaf| drop(frontier.append(leaf_hash(leaf))));
            ct_merkle::RootHash::<Sha256>::new(frontier.root().into(), size)
        };
        root(new).verify_consistency(&root(old), &proof).unwrap();
    }
});

db_test!(a_proof_holds_without_the_ledger, schema(), |db| {
    let bed = bed(db).await;
    let ids = bed.signed(20).await;
    let keys = bed.ledger.verifier_keys().await.unwrap();
    for id in ids.iter().step_by(6) {
        let text = bed.ledger.prove(*id).await.unwrap().to_string();
        let entry = text.parse::<TlogProof>().unwrap().verify(&keys).unwrap();
        assert_eq!(entry.event, *id);
    }
    // One that is still waiting gets its place, and a checkpoint that covers it.
    let waiting = bed.fill(person(), 1).await;
    let proof = bed.ledger.prove(waiting[0]).await.unwrap();
    assert_eq!((proof.index, proof.checkpoint.checkpoint().head.size), (20, 21));
    let unknown = bed.ledger.prove(EventId::from_uuid(Uuid::from_u128(1))).await;
    assert!(matches!(unknown, Err(AuditError::NoSuchEvent)));
});

db_test!(lists_are_filtered_and_paged, schema(), |db| {
    let bed = bed(db).await;
    let (anna, ben) = (person(), person());
    bed.fill(anna, 5).await;
    bed.fill(ben, 4).await;
    // Ben reads what is Anna's.
    let keys = bed.ledger.keys(&by(ben), anna).await.unwrap();
    let read = Event::new(&THING_READ, anna).denied(&common::FORBIDDEN);
    bed.ledger.record_now(&by(ben), &keys, &read).await.unwrap();
    bed.ledger.sequence_all().await.unwrap();
    let list = async |filter: Filter, size: u32| {
        let (mut all, mut after) = (Vec::new(), None::<Cursor>);
        loop {
            let page = bed.ledger.entries(&filter, after, PageSize::clamped(size)).await.unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return all.iter().map(|record| record.seq).collect::<Vec<u64>>();
            }
        }
    };
    let newest_first = |range: std::ops::Range<u64>| range.rev().collect::<Vec<u64>>();
    assert_eq!(list(Filter::default(), 3).await, newest_first(0..10));
    let about = ByOrAbout::About(bed.ledger.pseudonym(anna).await.unwrap());
    let filter = Filter { person: Some(about), ..Filter::default() };
    assert_eq!(list(filter, 2).await, [9, 4, 3, 2, 1, 0]);
    let ben = ByOrAbout::By(bed.ledger.pseudonym(ben).await.unwrap());
    let filter = Filter { person: Some(ben), tenant: Some(TenantId::DEFAULT), ..Filter::default() };
    assert_eq!(list(filter.clone(), 9).await, newest_first(5..10));
    let refused = Filter { action: "test.thing.read".parse().ok(), ..filter };
    assert_eq!(list(refused, 9).await, [9]);
    let other = TenantId::from_uuid(Uuid::from_u128(3));
    assert_eq!(list(Filter { tenant: Some(other), ..Filter::default() }, 9).await, [0; 0]);
    let now = db.env().now();
    assert_eq!(list(Filter { from: Some(now), ..Filter::default() }, 9).await, [0; 0]);
    assert_eq!(list(Filter { to: Some(now), ..Filter::default() }, 9).await.len(), 10);
});

db_test!(nothing_personal_stands_in_the_clear, schema(), |db| {
    let (bed, subject) = (bed(db).await, person());
    let keys = bed.ledger.keys(&by(subject), subject).await.unwrap();
    let thing = Uuid::from_u128(0x1234_5678_9abc_def0_1122_3344_5566_7788);
    let event = Event::new(&THING_READ, subject).resource(thing).detail("note", "a secret word");
    bed.ledger.record_now(&by(subject), &keys, &event).await.unwrap();
    bed.ledger.sequence_all().await.unwrap();
    let bytes = store::leaves(db, 0, 1, 1).await.unwrap().remove(0).entry.unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"test.thing.read"));
    for secret in [b"a secret word".as_slice(), b"192.0.2.7", b"Secret Browser", thing.as_bytes()] {
        assert!(!holds(secret));
    }
    assert!(!holds(subject.user.as_uuid().as_bytes()));
    assert!(!holds(subject.user.to_string().as_bytes()));

    let entry = Entry::decode(&bytes).unwrap();
    let keyring = bed.vault.keyring(subject).await.unwrap();
    let read = |side| {
        let detail = open_detail(&keyring, &entry, side).unwrap().unwrap();
        serde_json::from_slice::<serde_json::Value>(detail.expose()).unwrap()
    };
    let about = read(Side::Subject);
    assert_eq!(about["note"], "a secret word");
    assert_eq!(about["resource"], thing.to_string());
    assert_eq!(about["user"], subject.user.to_string());
    let who = read(Side::Actor);
    assert_eq!(
        (who["ip"].as_str(), who["user_agent"].as_str()),
        (Some("192.0.2.7"), Some("Secret Browser"))
    );
});

db_test!(erasing_a_person_leaves_every_proof_valid_and_no_detail_readable, schema(), |db| {
    let (bed, subject) = (bed(db).await, person());
    let ids = bed.fill(subject, 9).await;
    bed.ledger.sequence_all().await.unwrap();
    let before = bed.ledger.checkpoint().await.unwrap();
    let proof = bed.ledger.prove(ids[4]).await.unwrap();
    bed.vault.shred(subject, Ring::Accountability).await.unwrap();

    let keys = bed.ledger.verifier_keys().await.unwrap();
    let entry = proof.verify(&keys).unwrap();
    assert_eq!(bed.ledger.prove(ids[4]).await.unwrap(), proof);
    let report =
        bed.verify(VerifyOptions { known: vec![before], ..VerifyOptions::default() }).await;
    assert_eq!(report.findings, []);
    let keyring = bed.vault.keyring_fresh(subject).await.unwrap();
    for side in [Side::Subject, Side::Actor] {
        assert!(matches!(open_detail(&keyring, &entry, side), Err(AuditError::Vault(_))));
    }
    assert!(bed.ledger.pseudonym(subject).await.is_err());
});

db_test!(details_stay_readable_when_their_key_was_rotated_and_swept, schema(), |db| {
    let clock = Arc::new(Ahead::default());
    let env = Env::new(clock.clone(), Arc::new(SystemRng));
    let (bed, subject) = (bed_in(db, env, config()).await, person());
    bed.fill(subject, 1).await;
    let purpose = KeyPurpose::accountability("audit");
    for _ in 0..2 {
        bed.vault.rotate(Target::Purpose(subject, purpose), Start::WhenKnown).await.unwrap();
        clock.0.fetch_add(86_400, Ordering::SeqCst);
        let report = bed.vault.sweep(&MemoryRows::default(), &|_| ()).await.unwrap();
        assert_eq!(report.removed, 0);
        bed.fill(subject, 1).await;
    }
    bed.ledger.sequence_all().await.unwrap();
    let page = bed.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
    let keyring = bed.vault.keyring_fresh(subject).await.unwrap();
    let read = |record: &Record| open_detail(&keyring, &record.entry, Side::Subject).unwrap();
    assert_eq!(page.items.iter().filter_map(read).count(), 3);
});

db_test!(keys_of_other_people_are_refused, schema(), |db| {
    let (bed, anna, ben) = (bed(db).await, person(), person());
    let event = Event::new(&THING_READ, anna);
    let of_ben = bed.ledger.keys(&by(anna), ben).await.unwrap();
    let wrong = bed.ledger.record_now(&by(anna), &of_ben, &event).await;
    assert!(matches!(wrong, Err(AuditError::WrongKeys)));
    let of_anna = bed.ledger.keys(&by(anna), anna).await.unwrap();
    let wrong = bed.ledger.record_now(&by(ben), &of_anna, &event).await;
    assert!(matches!(wrong, Err(AuditError::WrongKeys)));
});

db_test!(what_concerns_no_person_is_recorded_too, schema(), |db| {
    let bed = bed(db).await;
    let tenant = Subject::tenant_itself(TenantId::DEFAULT);
    let mut stranger = by(person());
    stranger.actor = Actor::Anonymous;
    for ctx in [later(Duration::ZERO), kernel::Ctx::operator(db.env().clone()), stranger] {
        let keys = bed.ledger.keys(&ctx, tenant).await.unwrap();
        let event = Event::new(&THING_READ, tenant).failed(&common::AUTH_REQUIRED);
        bed.ledger.record_now(&ctx, &keys, &event).await.unwrap();
    }
    bed.ledger.sequence_all().await.unwrap();
    let page = bed.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
    let mut actors: Vec<String> =
        page.items.iter().map(|record| format!("{:?}", record.entry.actor)).collect();
    actors.sort();
    assert_eq!(actors, ["Anonymous", "Operator", "System { job: Word(\"test.job\") }"]);
    bed.assert_sound().await;
});

db_test!(what_cannot_be_recorded_does_not_happen, schema(), |db| {
    let (bed, subject) = (bed(db).await, person());
    let keys = bed.ledger.keys(&by(subject), subject).await.unwrap();
    run(db, "ALTER TABLE audit_outbox RENAME TO gone").await;
    let refused =
        bed.ledger.record_now(&by(subject), &keys, &Event::new(&THING_READ, subject)).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, AuditError::NotRecorded(_)));
    assert_eq!(error.code(), &AUDIT_UNAVAILABLE);
    assert_eq!(error.code().kind, ErrorKind::Unavailable);
    let ctx = by(subject);
    let change: Result<EventId, AuditError> = run_tx!(db, "test.change", |tx| {
        bed.ledger.record(tx, &ctx, &keys, &Event::new(&THING_CHANGED, subject))
    });
    assert!(change.is_err());
});

db_test!(the_tables_refuse_changes, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(4).await;
    for sql in [
        "UPDATE audit_leaf SET action = 'other' WHERE seq = 1",
        "UPDATE audit_leaf SET entry = NULL WHERE seq = 1",
        "UPDATE audit_leaf SET entry = NULL, at = NULL, tenant_id = NULL, subject_ref = NULL,
            actor_ref = NULL, action = NULL, event_id = NULL WHERE seq = 1",
        "DELETE FROM audit_leaf WHERE seq = 3",
        "UPDATE audit_batch SET size = size + 1",
        "DELETE FROM audit_batch",
        "UPDATE audit_checkpoint SET note = ''",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_head SET size = size - 1",
        "DELETE FROM audit_head",
    ] {
        let refused = db.tamper(sql).await;
        assert!(matches!(refused, Err(DbError::Constraint(_))), "{sql}: {refused:?}");
    }
    bed.assert_sound().await;
});

db_test!(retention_takes_bodies_and_no_proof, schema(), |db| {
    let bed = bed(db).await;
    let ids = bed.signed(12).await;
    let known = bed.ledger.checkpoint().await.unwrap();
    let held = bed.ledger.prove(ids[3]).await.unwrap();
    let year = Duration::from_hours(366 * 24);
    assert_eq!(bed.ledger.apply_retention(&later(6 * year)).await.unwrap(), 0);
    assert_eq!(bed.ledger.apply_retention(&later(8 * year)).await.unwrap(), 12);
    bed.ledger.sequence_all().await.unwrap();

    let report = bed.verify(VerifyOptions { known: vec![known], ..VerifyOptions::default() }).await;
    assert_eq!(
        (report.findings.as_slice(), report.size, report.without_body),
        ([].as_slice(), 13, 12)
    );
    let page = bed.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
    assert_eq!(page.items.len(), 1, "only the event that tells of it is left");
    let bare = bed.ledger.prove(ids[3]).await.unwrap();
    let keys = bed.ledger.verifier_keys().await.unwrap();
    assert_eq!((bare.entry.clone(), bare.index), (None, held.index));
    assert_eq!(bare.verify(&keys), Err(TlogProofError::NoEntry));
    // Who kept the entry can still prove it, with the old proof and with the new one.
    let leaf = leaf_hash(held.entry.as_ref().unwrap());
    assert!(bare.verify_leaf(&leaf, &keys).is_ok());
    assert!(held.verify(&keys).is_ok());
});

db_test!(no_body_is_dropped_without_a_record_of_it, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(12).await;
    let refuse = match db.engine() {
        Engine::Sqlite => "BEGIN SELECT RAISE(ABORT, 'no'); END",
        Engine::Postgres => "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    };
    run(db, format!("CREATE TRIGGER nothing_more BEFORE INSERT ON audit_outbox {refuse}")).await;
    let eight_years = Duration::from_hours(8 * 366 * 24);
    assert!(bed.ledger.apply_retention(&later(eight_years)).await.is_err());
    let page = bed.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
    assert_eq!(page.items.len(), 12);
});

db_test!(a_line_that_never_ends_holds_nobody_up, schema(), |db| {
    let bed = bed(db).await;
    // Whenever a batch was written, one more event waits.
    let one_more = "INSERT INTO audit_outbox (queued_at, entry) VALUES (1, '')";
    match db.engine() {
        Engine::Sqlite => {
            let one_more = one_more.replace("''", "x''");
            let body = format!("AFTER INSERT ON audit_batch BEGIN {one_more}; END");
            run(db, format!("CREATE TRIGGER flood {body}")).await;
        }
        Engine::Postgres => {
            let body = format!("BEGIN {one_more}; RETURN NULL; END");
            run(
                db,
                format!("CREATE FUNCTION flood() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"),
            )
            .await;
            let on = "AFTER INSERT ON audit_batch FOR EACH ROW EXECUTE FUNCTION flood()";
            run(db, format!("CREATE TRIGGER flood {on}")).await;
        }
    }
    bed.fill(person(), 1).await;
    let sequenced = timeout(Duration::from_secs(20), bed.ledger.sequence_all()).await;
    assert_eq!(sequenced.expect("it must end").unwrap(), 1);
});

db_test!(many_writers_and_sequencers_lose_and_double_nothing, schema(), |db| {
    let bed = bed(db).await;
    let subject = person();
    let keys = bed.ledger.keys(&by(subject), subject).await.unwrap();
    let writers = (0..6).map(async |_| {
        for _ in 0..20 {
            let event = Event::new(&THING_READ, subject);
            bed.ledger.record_now(&by(subject), &keys, &event).await.unwrap();
        }
    });
    let done = std::sync::atomic::AtomicBool::new(false);
    let sequencers = (0..3).map(async |_| {
        let connection = db.another();
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            sequencer::sequence(&connection, 5, |_| Ok(())).await.unwrap();
            bed.ledger.checkpoint().await.unwrap();
        }
        connection.close();
    });
    let write = async {
        futures_util::future::join_all(writers).await;
        done.store(true, std::sync::atomic::Ordering::SeqCst);
    };
    tokio::join!(write, futures_util::future::join_all(sequencers));
    bed.ledger.sequence_all().await.unwrap();
    let report = bed.verify(VerifyOptions::default()).await;
    assert_eq!((report.findings.as_slice(), report.size, report.waiting), ([].as_slice(), 120, 0));
});

db_test!(a_sequencer_stopped_at_any_step_loses_and_doubles_nothing, schema(), |db| {
    let bed = bed(db).await;
    bed.fill(person(), 3).await;
    for step in sequencer::Step::ALL {
        let stop = move |reached| {
            if reached == step { Err(AuditError::NoSuchEvent) } else { Ok(()) }
        };
        assert!(sequencer::sequence(db, 2, stop).await.is_err());
        // As if the process died: nothing is rolled back, the connection just ends.
        let connection = db.another();
        let died = tokio::task::LocalSet::new()
            .run_until(async {
                let task = tokio::task::spawn_local(async move {
                    let die = move |reached| {
                        assert_ne!(reached, step, "died");
                        Ok(())
                    };
                    sequencer::sequence(&connection, 2, die).await
                });
                task.await
            })
            .await;
        assert!(died.is_err(), "{step:?}");
        assert_eq!(bed.ledger.head().await.unwrap().size, 0, "{step:?}");
    }
    assert_eq!(bed.ledger.sequence_all().await.unwrap(), 3);
    bed.assert_sound().await;
});

#[test]
fn declared_actions_are_listed() {
    let names: Vec<&str> = crate::ACTIONS.iter().map(|action| action.name()).collect();
    assert_eq!(names, ["audit.ledger.export", "audit.ledger.retention"]);
    assert_eq!(super::bed::ACTIONS[0].resource_type(), "thing");
}

db_test!(two_instances_open_one_ledger, schema(), |db| {
    let first = bed(db).await;
    let second = bed(db).await;
    assert_eq!(first.ledger.log_id(), second.ledger.log_id());
});

db_test!(the_keeper_leaves_nothing_waiting_and_nothing_unsigned, schema(), |db| {
    let bed = bed(db).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let keeper = bed.ledger.keep(async { drop(stopped.await) });
    let work = async {
        bed.fill(person(), 20).await;
        stop.send(()).unwrap();
    };
    tokio::join!(keeper, work);
    let report = bed.verify(VerifyOptions::default()).await;
    assert_eq!((report.size, report.signed_size, report.waiting), (20, 20, 0));
});
