//! What an intruder does to the ledger, and who finds it.

use super::bed::*;
use crate::*;
use db::{db_test, testing::TestDb};
use kernel::{Env, Secret, Timestamp};
use std::path::PathBuf;

/// Leaves of the ledger that is tampered with.
const LEAVES: u64 = 20;

async fn broken(db: &TestDb) -> Bed {
    let bed = bed(db).await;
    bed.signed(usize::try_from(LEAVES).unwrap()).await;
    bed.assert_sound().await;
    break_in(db).await;
    bed
}

async fn entry(db: &TestDb, seq: u64) -> Vec<u8> {
    store::leaves(db, seq, seq + 1, 1).await.unwrap().remove(0).entry.unwrap()
}

fn known(checkpoint: SignedCheckpoint) -> VerifyOptions {
    VerifyOptions { known: vec![checkpoint], ..VerifyOptions::default() }
}

db_test!(a_changed_byte_of_an_entry_is_found, schema(), |db| {
    let bed = broken(db).await;
    let mut bytes = entry(db, 6).await;
    for at in [0, 40, 90, bytes.len() - 1] {
        bytes[at] ^= 1;
        run(db, format!("UPDATE audit_leaf SET entry = {} WHERE seq = 6", blob(db, &bytes))).await;
        assert_eq!(bed.findings().await, [Finding::EntryAltered { seq: 6 }]);
        bytes[at] ^= 1;
    }
});

db_test!(two_swapped_rows_are_found, schema(), |db| {
    let bed = broken(db).await;
    run(db, "UPDATE audit_leaf SET seq = -1 WHERE seq = 4").await;
    run(db, "UPDATE audit_leaf SET seq = 4 WHERE seq = 9").await;
    run(db, "UPDATE audit_leaf SET seq = 9 WHERE seq = -1").await;
    let findings = bed.findings().await;
    assert!(
        findings.contains(&Finding::HashAltered { seq: 4 })
            || findings.contains(&Finding::HashAltered { seq: 5 })
    );
    assert!(findings.contains(&Finding::RootMismatch { size: 10, of: RootOf::Checkpoint }));
});

db_test!(a_cut_off_end_is_found, schema(), |db| {
    let bed = broken(db).await;
    run(db, "DELETE FROM audit_leaf WHERE seq >= 17").await;
    assert!(bed.findings().await.contains(&Finding::Missing { from: 17, to: LEAVES }));
});

db_test!(a_row_taken_out_of_the_middle_is_found, schema(), |db| {
    let bed = broken(db).await;
    run(db, "DELETE FROM audit_leaf WHERE seq = 11").await;
    assert_eq!(bed.findings().await, [Finding::Missing { from: 11, to: 12 }]);
    // Closing the gap does not help. One at a time, upwards, so that no place is taken twice.
    for seq in 12..LEAVES {
        run(db, format!("UPDATE audit_leaf SET seq = {} WHERE seq = {seq}", seq - 1)).await;
    }
    let findings = bed.findings().await;
    assert!(
        findings.contains(&Finding::RootMismatch { size: 17, of: RootOf::Batch }),
        "{findings:?}"
    );
    assert!(findings.contains(&Finding::Missing { from: LEAVES - 1, to: LEAVES }), "{findings:?}");
});

/// Writes the ledger anew as if leaf `from` had always been another: all hashes, roots and the
/// right edge fit one another again.
async fn rewrite(db: &TestDb, from: u64) {
    let (mut frontier, mut roots) = (Frontier::default(), vec![empty_root()]);
    for leaf in store::leaves(db, 0, LEAVES, 100).await.unwrap() {
        let mut bytes = leaf.entry.unwrap();
        if frontier.size() == from {
            let mut entry = Entry::decode(&bytes).unwrap();
            entry.break_glass = !entry.break_glass;
            bytes = entry.encode();
        }
        let hashes = frontier.append(leaf_hash(&bytes)).concat();
        roots.push(frontier.root());
        let (bytes, hashes) = (blob(db, &bytes), blob(db, &hashes));
        let row = format!("UPDATE audit_leaf SET entry = {bytes}, hashes = {hashes}");
        run(db, format!("{row} WHERE seq = {}", leaf.seq)).await;
    }
    for batch in store::batches(db, 0, LEAVES).await.unwrap() {
        let root = blob(db, &roots[usize::try_from(batch.size).unwrap()]);
        run(db, format!("UPDATE audit_batch SET root = {root} WHERE size = {}", batch.size)).await;
    }
    run(db, format!("UPDATE audit_head SET frontier = {}", blob(db, &frontier.to_bytes()))).await;
}

db_test!(a_history_written_anew_contradicts_what_was_signed, schema(), |db| {
    let bed = broken(db).await;
    let signed = bed.ledger.checkpoint().await.unwrap();
    rewrite(db, 12).await;
    assert_eq!(
        bed.findings().await,
        [Finding::RootMismatch { size: LEAVES, of: RootOf::Checkpoint }],
    );
    // The ledger does not sign a tree that contradicts the last one it signed.
    assert!(matches!(bed.ledger.checkpoint().await, Err(AuditError::Contradiction(_))));
    bed.fill(person(), 1).await;
    bed.ledger.sequence_all().await.unwrap();
    assert!(matches!(bed.ledger.checkpoint().await, Err(AuditError::Contradiction(_))));

    // Without the signatures the ledger looks sound: only who has a checkpoint can tell. The
    // process that signed it has one, and signs no other tree in its place.
    run(db, "DELETE FROM audit_checkpoint").await;
    bed.assert_sound().await;
    assert!(matches!(bed.ledger.checkpoint().await, Err(AuditError::Contradiction(_))));
    assert_eq!(
        bed.verify(known(signed)).await.findings,
        [Finding::RootMismatch { size: LEAVES, of: RootOf::Known }],
    );
});

db_test!(a_forged_checkpoint_is_found, schema(), |db| {
    let bed = broken(db).await;
    let intruder =
        SigningKey::from_seed(&bed.ledger.origin(), KeyKind::Ed25519, &Secret::new(vec![1; 32]))
            .unwrap();
    let head = TreeHead { size: LEAVES, root: [7; 32] };
    let forged = Checkpoint { origin: bed.ledger.origin(), head };
    let note = SignedCheckpoint::sign(forged, &intruder, Timestamp::MIN).unwrap();
    run(db, format!("UPDATE audit_checkpoint SET note = '{note}' WHERE size = {LEAVES}")).await;
    assert_eq!(bed.findings().await, [Finding::CheckpointFalse { size: LEAVES }]);
    run(db, format!("DELETE FROM audit_checkpoint WHERE size = {LEAVES}")).await;
    run(db, format!("UPDATE audit_checkpoint SET size = {LEAVES}")).await;
    assert_eq!(bed.findings().await, [Finding::CheckpointFalse { size: LEAVES }]);
});

db_test!(altered_hashes_columns_and_stolen_bodies_are_found, schema(), |db| {
    let bed = broken(db).await;
    run(db, "UPDATE audit_leaf SET action = 'other' WHERE seq = 2").await;
    run(db, "UPDATE audit_leaf SET subject_ref = actor_ref, at = at + 1 WHERE seq = 3").await;
    let hashes = blob(db, &[1; 64]);
    run(db, format!("UPDATE audit_leaf SET hashes = {hashes} WHERE seq = 5")).await;
    run(db, "UPDATE audit_leaf SET entry = NULL WHERE seq = 8").await;
    let findings = bed.findings().await;
    for finding in [
        Finding::ColumnAltered { seq: 2 },
        Finding::ColumnAltered { seq: 3 },
        Finding::EntryAltered { seq: 5 },
        Finding::HashAltered { seq: 5 },
        Finding::BodyMissing { seq: 8 },
        Finding::RootMismatch { size: 10, of: RootOf::Checkpoint },
    ] {
        assert!(findings.contains(&finding), "{finding:?} in {findings:?}");
    }
});

db_test!(rows_beyond_the_end_are_found, schema(), |db| {
    let bed = broken(db).await;
    run(db, "UPDATE audit_leaf SET seq = 500 WHERE seq = 19").await;
    let findings = bed.findings().await;
    assert!(findings.contains(&Finding::BeyondEnd { size: LEAVES }), "{findings:?}");
    assert!(findings.contains(&Finding::Missing { from: 19, to: LEAVES }), "{findings:?}");
});

db_test!(an_event_put_in_twice_is_found, schema(), |db| {
    let bed = bed(db).await;
    bed.fill(person(), 2).await;
    run(db, "DROP INDEX audit_leaf_event").await;
    run(
        db,
        "INSERT INTO audit_outbox (queued_at, entry) SELECT queued_at, entry FROM audit_outbox",
    )
    .await;
    bed.ledger.sequence_all().await.unwrap();
    let findings = bed.findings().await;
    assert_eq!(findings.len(), 2);
    assert!(matches!(findings[0], Finding::DuplicateEvent { .. }));
});

db_test!(an_event_put_in_twice_holds_nobody_up, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(2).await;
    let copied = "INSERT INTO audit_outbox (queued_at, entry) SELECT 1, entry FROM audit_leaf";
    run(db, copied).await;
    run(db, copied).await;
    let honest = bed.fill(person(), 1).await.remove(0);
    bed.ledger.sequence_all().await.unwrap();
    assert_eq!(bed.ledger.prove(honest).await.unwrap().index, 6);
    let twice = [2, 3, 4, 5].map(|seq| Finding::ColumnAltered { seq });
    assert_eq!(bed.findings().await, twice);
});

db_test!(rubbish_in_the_line_becomes_a_leaf_and_a_finding, schema(), |db| {
    let bed = bed(db).await;
    bed.fill(person(), 1).await;
    let rubbish = blob(db, b"not an entry");
    run(db, format!("INSERT INTO audit_outbox (queued_at, entry) VALUES (1, {rubbish})")).await;
    assert!(matches!(bed.findings().await.as_slice(), [Finding::LineStands { waiting: 2, .. }]));
    bed.ledger.sequence_all().await.unwrap();
    bed.ledger.checkpoint().await.unwrap();
    let report = bed.verify(VerifyOptions::default()).await;
    let unreadable = report.findings.contains(&Finding::EntryUnreadable { seq: 1 });
    assert!(unreadable && !report.is_sound(), "{:?}", report.findings);
});

db_test!(entries_of_another_ledger_are_found, schema(), |db| {
    let bed = bed(db).await;
    bed.fill(person(), 1).await;
    let waiting = bed.fill(person(), 1).await;
    bed.ledger.sequence_all().await.unwrap();
    let mut foreign = Entry::decode(&entry(db, 1).await).unwrap();
    assert_eq!(foreign.event, waiting[0]);
    foreign.log = LogId::from_uuid(uuid::Uuid::from_u128(1));
    foreign.event = Env::system().new_id();
    foreign.at = Timestamp::from_micros(1);
    let bytes = blob(db, &foreign.encode());
    run(db, format!("INSERT INTO audit_outbox (queued_at, entry) VALUES (1, {bytes})")).await;
    bed.ledger.sequence_all().await.unwrap();
    let findings = bed.findings().await;
    assert_eq!(findings[0], Finding::EntryOfAnotherLedger { seq: 2 });
    assert!(matches!(findings[1], Finding::ClockWentBack { seq: 2, .. }));
});

/// Puts the ledger back to how it was when it had so many leaves.
async fn put_back(db: &TestDb, size: u64, frontier: &Frontier) {
    run(db, format!("DELETE FROM audit_leaf WHERE seq >= {size}")).await;
    run(db, format!("DELETE FROM audit_batch WHERE size > {size}")).await;
    run(db, format!("DELETE FROM audit_checkpoint WHERE size > {size}")).await;
    let frontier = blob(db, &frontier.to_bytes());
    run(db, format!("UPDATE audit_head SET size = {size}, frontier = {frontier}")).await;
}

fn state_file() -> PathBuf {
    std::env::temp_dir().join(format!("salus-witness-{}", Env::system().new_id::<uuid::Uuid>()))
}

async fn witness(bed: &Bed) -> (Witness, PathBuf) {
    let key =
        SigningKey::from_seed("witness.test", KeyKind::Cosignature, &Secret::new(vec![8; 32]))
            .unwrap();
    let path = state_file();
    (Witness::open(key, bed.ledger.verifier_keys().await.unwrap(), &path).unwrap(), path)
}

async fn ask(bed: &Bed, witness: &mut Witness) -> Result<String, Refusal> {
    let seen = witness.seen(&bed.ledger.origin());
    let request = bed.ledger.witness_request(seen.size).await.unwrap().to_string();
    assert_eq!(request.parse::<WitnessRequest>().unwrap().to_string(), request);
    witness.add_checkpoint(&request, &Env::system())
}

db_test!(a_ledger_put_back_looks_sound_and_its_witness_refuses_it, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(10).await;
    let old: store::Head = store::head(db).await.unwrap().try_into().unwrap();
    let (mut witness, path) = witness(&bed).await;
    let lines = ask(&bed, &mut witness).await.unwrap();
    bed.signed(6).await;
    let mut signed = bed.ledger.checkpoint().await.unwrap();
    let lines = ask(&bed, &mut witness).await.map(|new| (lines, new)).unwrap().1;
    let keys = [VerifierKey::clone(&witness_key())];
    signed.add_cosignatures(&lines, &keys).unwrap();
    assert_eq!(signed.note().verify(&keys).unwrap().len(), 1);

    break_in(db).await;
    put_back(db, 10, &old.frontier).await;
    bed.assert_sound().await;
    assert!(matches!(bed.ledger.checkpoint().await, Err(AuditError::Contradiction(_))));
    let bed = bed.restarted().await;
    let cut = [Finding::CutOff { known: 16, size: 10 }];
    assert_eq!(bed.verify(known(signed.clone())).await.findings, cut);
    // The ledger cannot even prove to the witness that it continues what the witness saw.
    let seen = witness.seen(&bed.ledger.origin()).size;
    assert!(bed.ledger.witness_request(seen).await.is_err());
    let request = bed.ledger.witness_request(10).await.unwrap().to_string();
    let refused = witness.add_checkpoint(&request, &Env::system());
    assert_eq!(refused, Err(Refusal::OtherSize(16)));

    // Grown again to the same size and beyond, it is another tree.
    for (leaves, refusal) in [(6, Refusal::Forked(16)), (5, Refusal::NotContinued)] {
        bed.fill(person(), leaves).await;
        bed.ledger.sequence_all().await.unwrap();
        assert_eq!(ask(&bed, &mut witness).await, Err(refusal));
        let forked = bed.verify(known(signed.clone())).await.findings;
        assert_eq!(forked, [Finding::RootMismatch { size: 16, of: RootOf::Known }]);
    }
    std::fs::remove_file(path).unwrap();
});

fn witness_key() -> VerifierKey {
    SigningKey::from_seed("witness.test", KeyKind::Cosignature, &Secret::new(vec![8; 32]))
        .unwrap()
        .verifier()
        .clone()
}

db_test!(a_witness_remembers_over_a_restart_and_answers_as_the_protocol_says, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(10).await;
    let (mut first, path) = witness(&bed).await;
    ask(&bed, &mut first).await.unwrap();
    drop(first);
    let key = || {
        SigningKey::from_seed("witness.test", KeyKind::Cosignature, &Secret::new(vec![8; 32]))
            .unwrap()
    };
    let keys = bed.ledger.verifier_keys().await.unwrap();
    let mut again = Witness::open(key(), keys.clone(), &path).unwrap();
    let seen = again.seen(&bed.ledger.origin());
    assert_eq!(seen, bed.ledger.head().await.unwrap());
    assert!(ask(&bed, &mut again).await.is_ok(), "the same tree is signed again");

    let env = Env::system();
    let request = bed.ledger.witness_request(4).await.unwrap().to_string();
    let refused = again.add_checkpoint(&request, &env).unwrap_err();
    assert_eq!((refused.status(), refused.body().as_str()), (409, "10\n"));
    let too_old = request.replacen("old 4", "old 11", 1);
    assert_eq!(again.add_checkpoint(&too_old, &env).unwrap_err().status(), 400);
    assert_eq!(again.add_checkpoint("old 4", &env).unwrap_err().status(), 400);
    let unsigned = request.replacen("old 4", "old 10", 1).replace(&bed.ledger.origin(), "other");
    assert_eq!(again.add_checkpoint(&unsigned, &env).unwrap_err().status(), 404);
    let mut stranger = Witness::open(
        key(),
        vec![VerifierKey::new(&bed.ledger.origin(), KeyKind::Ed25519, [9; 32]).unwrap()],
        &state_file(),
    )
    .unwrap();
    assert_eq!(stranger.add_checkpoint(&request, &env).unwrap_err().status(), 403);
    bed.signed(3).await;
    let request = bed.ledger.witness_request(10).await.unwrap();
    let wrong = WitnessRequest { proof: vec![[0; 32]], ..request };
    assert_eq!(again.add_checkpoint(&wrong.to_string(), &env).unwrap_err().status(), 422);
    std::fs::write(&path, "{\"x\":{\"size\":1,\"root\":\"!\"}}").unwrap();
    assert!(Witness::open(key(), keys, &path).is_err(), "a witness without memory is none");
    std::fs::remove_file(path).unwrap();
});

db_test!(verification_goes_on_from_a_checkpoint, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(11).await;
    let since = bed.ledger.checkpoint().await.unwrap();
    bed.signed(9).await;
    let options = VerifyOptions { since: Some(since), ..VerifyOptions::default() };
    let report = bed.verify(options.clone()).await;
    assert_eq!((report.since, report.leaves, report.size), (11, 9, 20));
    assert_eq!((report.findings.as_slice(), report.signed_size), ([].as_slice(), 20));
    break_in(db).await;
    // Hashes before it are not taken on trust: they must lead to the root that was signed.
    run(db, format!("UPDATE audit_leaf SET hashes = {} WHERE seq = 7", blob(db, &[1; 128]))).await;
    let report = bed.verify(options).await;
    assert_eq!(report.since, 0);
    assert!(report.findings.contains(&Finding::HashAltered { seq: 7 }));
});

db_test!(an_export_is_verified_without_a_database, schema(), |db| {
    let bed = bed(db).await;
    bed.signed(20).await;
    let folder = state_file();
    let mut told = Vec::new();
    let ctx = later(std::time::Duration::ZERO);
    let header = bed.ledger.export(&ctx, &folder, |done, of| told.push((done, of))).await.unwrap();
    assert_eq!((header.size, told.as_slice()), (21, [(21, 21)].as_slice()));
    let options = VerifyOptions {
        keys: bed.ledger.verifier_keys().await.unwrap(),
        known: vec![bed.ledger.checkpoint().await.unwrap()],
        ..VerifyOptions::default()
    };
    let report = verify_export(&folder, &options).unwrap();
    assert_eq!((report.findings.as_slice(), report.size, report.leaves), ([].as_slice(), 21, 21));
    assert_eq!((report.checkpoints, report.signed_size), (3, 21));
    assert!(verify_export(&folder, &VerifyOptions::default()).unwrap().is_sound());

    let leaves = folder.join("leaves.ndjson");
    let text = std::fs::read_to_string(&leaves).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let tampered = |lines: &[&str]| {
        std::fs::write(&leaves, lines.join("\n")).unwrap();
        verify_export(&folder, &options).unwrap().is_sound()
    };
    assert!(tampered(&lines));
    assert!(!tampered(&lines[..20]), "the end cut off");
    assert!(!tampered(&[&lines[..4], &lines[5..]].concat()), "one left out");
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert!(!tampered(&swapped), "two swapped");
    let doubled = lines[3].replacen("\"seq\":3", "\"seq\":21", 1);
    assert!(!tampered(&[lines.as_slice(), &[&doubled]].concat()), "one put in twice");
    std::fs::write(&leaves, &text).unwrap();
    std::fs::write(folder.join("checkpoints.ndjson"), "").unwrap();
    let options = VerifyOptions { known: Vec::new(), ..options };
    let unsigned = [Finding::CheckpointFalse { size: 21 }];
    assert_eq!(verify_export(&folder, &options).unwrap().findings, unsigned);
    std::fs::remove_dir_all(folder).unwrap();
});
