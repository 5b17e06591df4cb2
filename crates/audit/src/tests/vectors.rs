//! Files that were written once and must open for ever. If one of these tests fails, the format
//! changed: make a new version beside the old one, never a new file in place of an old one.

use super::{hex, unhex};
use crate::*;
use kernel::{Acr, Role, RoleSet, Secret, TenantId, Timestamp};
use uuid::Uuid;

const ORIGIN: &str = "salus/audit/01910000-0000-7000-8000-00000000000a";

fn signing_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &Secret::new(vec![0x42; 32])).unwrap()
}

fn at() -> Timestamp {
    Timestamp::from_micros(1_790_000_000_123_456)
}

/// A person's entry in which each field has another value.
fn by_a_person() -> Entry {
    Entry {
        log: LogId::from_uuid(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_000a)),
        event: EventId::from_uuid(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_000b)),
        at: at(),
        tenant: TenantId::DEFAULT,
        actor: ActorRef::Person {
            reference: Pseudonym([0xaa; 16]),
            roles: RoleSet::of(&[Role::User, Role::Provider]),
            acr: Acr::Mfa,
        },
        subject: Pseudonym([0xbb; 16]),
        action: Word::new("journal.entry.create").unwrap(),
        resource_type: Word::new("journal_entry").unwrap(),
        resource: Some(Pseudonym([0xcc; 16])),
        purpose: Word::new("self_care").unwrap(),
        outcome: Outcome::Denied,
        reason: Word::new("CONSENT_REQUIRED").unwrap(),
        break_glass: true,
        request_id: Word::new("req-12345678").unwrap(),
        instance: Word::new("node-1").unwrap(),
        subject_detail: DetailBox::new(vec![1, 2, 3]).unwrap(),
        actor_detail: DetailBox::new(vec![4, 5]).unwrap(),
    }
}

/// The program's own entry, with everything empty that may be.
fn by_the_program() -> Entry {
    Entry {
        actor: ActorRef::System { job: Word::new("audit.retention").unwrap() },
        resource_type: Word::default(),
        resource: None,
        outcome: Outcome::Success,
        reason: Word::default(),
        break_glass: false,
        subject_detail: DetailBox::default(),
        actor_detail: DetailBox::default(),
        ..by_a_person()
    }
}

fn proof() -> TlogProof {
    let mut third = by_a_person();
    third.subject = Pseudonym([0xdd; 16]);
    let entries = [by_a_person(), by_the_program(), third];
    let (mut frontier, mut nodes) = (Frontier::default(), std::collections::HashMap::new());
    for (seq, entry) in (0u64..).zip(&entries) {
        for (level, hash) in (0u8..).zip(frontier.append(entry.leaf_hash())) {
            nodes.insert(Node { level, index: seq >> level }, hash);
        }
    }
    let head = TreeHead { size: frontier.size(), root: frontier.root() };
    let checkpoint = Checkpoint { origin: ORIGIN.into(), head };
    let mut checkpoint = SignedCheckpoint::sign(checkpoint, &signing_key(), at()).unwrap();
    let seed = Secret::new(vec![0x43; 32]);
    let witness = SigningKey::from_seed("witness.test", KeyKind::Cosignature, &seed).unwrap();
    let cosignature = witness.sign(checkpoint.note().text(), at()).unwrap();
    checkpoint.note_mut().add(cosignature);
    let hashes = Plan::inclusion(1, 3).unwrap().resolve(|node| nodes.get(&node).copied()).unwrap();
    TlogProof { entry: Some(by_the_program().encode()), index: 1, hashes, checkpoint }
}

#[test]
fn entries_of_version_1_open_for_ever() {
    let stored = include_str!("../../vectors/entry-v1.hex");
    let ours = format!("{}\n{}\n", hex(&by_a_person().encode()), hex(&by_the_program().encode()));
    assert_eq!(stored, ours);
    for (line, entry) in stored.lines().zip([by_a_person(), by_the_program()]) {
        assert_eq!(Entry::decode(&unhex(line)), Ok(entry));
    }
}

#[test]
fn checkpoints_and_proofs_of_version_1_hold_for_ever() {
    let keys: Vec<VerifierKey> = include_str!("../../vectors/keys-v1.txt")
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    let stored = include_str!("../../vectors/checkpoint-v1.txt");
    let checkpoint: SignedCheckpoint = stored.parse().unwrap();
    assert_eq!(checkpoint.note().verify(&keys).unwrap().len(), 2);
    assert_eq!(checkpoint.verify(&keys).unwrap().head.size, 3);
    assert_eq!(stored, proof().checkpoint.to_string());

    let stored = include_str!("../../vectors/entry-v1.tlog-proof");
    let opened: TlogProof = stored.parse().unwrap();
    assert_eq!(opened.verify(&keys), Ok(by_the_program()));
    assert_eq!(stored, proof().to_string());
}
