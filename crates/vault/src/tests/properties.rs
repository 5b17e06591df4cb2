//! What must hold for every input: nothing opens outside its place, nothing damaged opens,
//! nothing panics.

use super::support::{DETAIL, NOTE, World, env, row, subject};
use crate::{
    Column, KeyPurpose, Keyring, KmsKey, KmsLine, MemoryKms, Ring, Sealed,
    hazmat::{self, Key, Label},
    kms::{KeyTable, Kms},
    store::{KeyId, KeyKind, KeyLine, KeyRow},
    tree::{self, Node},
};
use kernel::{Subject, TenantId, UserId};
use proptest::prelude::*;
use std::{collections::HashSet, sync::OnceLock};
use uuid::Uuid;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

fn keyring(subject: Subject) -> Keyring {
    run(world().vault.keyring(subject)).unwrap()
}

/// A string for use as a table or column name.
fn name(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

proptest! {
    #[test]
    fn every_plaintext_opens_in_its_place(text in proptest::collection::vec(any::<u8>(), 0..3000), id in any::<u128>()) {
        let keyring = keyring(subject(1));
        let sealed = keyring.seal(&NOTE, row(id), &text).unwrap();
        prop_assert_eq!(sealed.as_bytes().len(), text.len() + Sealed::OVERHEAD);
        let again = Sealed::from_bytes(sealed.into_bytes());
        let opened = keyring.open(&NOTE, row(id), &again).unwrap();
        prop_assert_eq!(opened.expose(), &text);
    }

    #[test]
    fn every_other_place_is_refused(
        table in "[a-z_]{1,12}",
        column in "[a-z_]{1,12}",
        format in 2..u16::MAX,
        other in 2..u128::MAX,
    ) {
        let ring = keyring(subject(1));
        let sealed = ring.seal(&NOTE, row(1), b"here").unwrap();
        let places = [
            Column { table: name(&table), ..NOTE },
            Column { column: name(&column), ..NOTE },
            Column { table: name(&table), column: name(&column), ..NOTE },
            // The same letters with the border elsewhere.
            Column { table: "note", column: "sbody", ..NOTE },
            Column { table: "notesb", column: "ody", ..NOTE },
            Column { format, ..NOTE },
            Column { purpose: KeyPurpose::clinical("documents"), ..NOTE },
            Column { purpose: DETAIL.purpose, ..NOTE },
        ];
        for place in places.iter().filter(|place| **place != NOTE) {
            prop_assert!(ring.open(place, row(1), &sealed).is_err());
        }
        prop_assert!(ring.open(&NOTE, row(other), &sealed).is_err());
        prop_assert!(ring.open(&NOTE, row(1), &sealed).is_ok());
    }

    #[test]
    fn any_flipped_bit_of_a_sealed_value_is_refused(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let ring = keyring(subject(1));
        let sealed = ring.seal(&NOTE, row(1), &text).unwrap().into_bytes();
        for at in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[at / 8] ^= 1 << (at % 8);
            prop_assert!(ring.open(&NOTE, row(1), &Sealed::from_bytes(bad)).is_err(), "bit {}", at);
        }
        for cut in 0..sealed.len() {
            let cut = Sealed::from_bytes(sealed[..cut].to_vec());
            prop_assert!(ring.open(&NOTE, row(1), &cut).is_err());
        }
        let longer = Sealed::from_bytes([sealed.as_slice(), &[0]].concat());
        prop_assert!(ring.open(&NOTE, row(1), &longer).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let ring = keyring(subject(1));
        let right_start = [ring.seal(&NOTE, row(1), b"").unwrap().as_bytes()[..18].to_vec(), bytes.clone()].concat();
        for bytes in [bytes, right_start] {
            let sealed = Sealed::from_bytes(bytes.clone());
            prop_assert!(ring.open(&NOTE, row(1), &sealed).is_err());
            prop_assert!(ring.open_any_format(&NOTE, row(1), &sealed).is_err());
            prop_assert!(ring.file_key(&NOTE, row(1), &sealed).is_err());
            let parents = [Node { id: KeyId::from_uuid(Uuid::nil()), version: 1, key: Key::generate(&env().0) }];
            prop_assert!(tree::unwrap(&parents, &wrapped_row(), &bytes).is_err());
            prop_assert!(KeyTable::default().unwrap(&bytes, b"").is_err());
            prop_assert!(crate::kms::parse_key_file(&bytes).is_err());
            let key = Key::generate(&env().0);
            prop_assert!(hazmat::open(Label::Field, &key, b"", &bytes).is_err());
        }
    }

    #[test]
    fn names_of_kms_keys_read_back_and_others_are_refused(text in "\\PC{0,12}", version in any::<u32>()) {
        for line in KmsLine::ALL {
            let key = KmsKey { line, version };
            prop_assert_eq!(key.to_string().parse::<KmsKey>(), Ok(key));
        }
        if let Ok(key) = text.parse::<KmsKey>() {
            prop_assert_eq!(key.to_string(), text);
        }
    }
}

#[test]
fn values_of_other_people_and_tenants_are_refused() {
    let sealed = keyring(subject(1)).seal(&NOTE, row(1), b"mine").unwrap();
    assert!(keyring(subject(2)).open(&NOTE, row(1), &sealed).is_err());
    let user = UserId::from_uuid(Uuid::from_u128(1));
    let elsewhere = Subject::new(TenantId::from_uuid(Uuid::from_u128(9)), user);
    assert!(keyring(elsewhere).open(&NOTE, row(1), &sealed).is_err());
}

/// Even with the very same key a value is bound to its person and tenant.
#[test]
fn the_context_alone_keeps_people_and_tenants_apart() {
    let key = Key::generate(&env().0);
    let context = |subject: &Subject| {
        crate::context::Context { subject, column: &NOTE, row: row(1), format: 1 }.bytes()
    };
    let user = UserId::from_uuid(Uuid::from_u128(1));
    let elsewhere = Subject::new(TenantId::from_uuid(Uuid::from_u128(9)), user);
    let mut body = Vec::new();
    let mine = context(&subject(1));
    hazmat::seal(Label::Field, (&key, [7; 24]), &mine, b"mine", &mut body).unwrap();
    assert!(hazmat::open(Label::Field, &key, &mine, &body).is_ok());
    for other in [subject(2), elsewhere] {
        assert!(hazmat::open(Label::Field, &key, &context(&other), &body).is_err());
    }
    for label in [Label::Wrap, Label::Kms, Label::Passphrase] {
        assert!(hazmat::open(label, &key, &mine, &body).is_err());
    }
}

fn wrapped_row() -> KeyRow {
    let line = KeyLine { kind: KeyKind::Dek, ring: Some(Ring::Clinical), name: "journal".into() };
    tree::draft(&env().0, subject(1), line, 1)
}

#[test]
fn a_wrapped_key_is_bound_to_everything_it_says() {
    let (env, _) = env();
    let parents = [Node { id: env.new_id(), version: 1, key: Key::generate(&env) }];
    let row = wrapped_row();
    let key = Key::generate(&env);
    let bytes = tree::wrap(&env, &parents[0], &row, &key).unwrap();
    assert_eq!(bytes.len(), 122);
    let opened = tree::unwrap(&parents, &row, &bytes).unwrap();
    assert!(hazmat::equal(opened.bytes(), key.bytes()));
    let moved_user = Subject { user: UserId::from_uuid(Uuid::from_u128(77)), ..row.owner };
    let other_tenant = TenantId::from_uuid(Uuid::from_u128(9));
    let shard = Subject::new(row.owner.tenant, UserId::from_uuid(Uuid::from_u128(2))).shard;
    let others = [
        KeyRow { id: env.new_id(), ..row.clone() },
        KeyRow { version: 2, ..row.clone() },
        KeyRow { owner: moved_user, ..row.clone() },
        KeyRow { owner: Subject { tenant: other_tenant, ..row.owner }, ..row.clone() },
        KeyRow { owner: Subject { shard, ..row.owner }, ..row.clone() },
        KeyRow { line: KeyLine { kind: KeyKind::Index, ..row.line.clone() }, ..row.clone() },
        KeyRow { line: KeyLine { ring: None, ..row.line.clone() }, ..row.clone() },
        KeyRow { line: KeyLine { name: "chat".into(), ..row.line.clone() }, ..row.clone() },
    ];
    for other in &others {
        assert!(tree::unwrap(&parents, other, &bytes).is_err(), "{other:?}");
    }
    for at in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[at / 8] ^= 1 << (at % 8);
        assert!(tree::unwrap(&parents, &row, &bad).is_err(), "bit {at}");
    }
}

#[test]
fn no_salt_is_ever_used_twice() {
    let ring = keyring(subject(1));
    let mut salts = HashSet::new();
    for _ in 0..20_000 {
        let sealed = ring.seal(&NOTE, row(1), b"the same text").unwrap();
        assert!(salts.insert(sealed.as_bytes()[18..42].to_vec()));
    }
}

#[tokio::test]
async fn a_key_wrapped_by_one_kms_does_not_unwrap_in_another() {
    let (one, other) = (MemoryKms::new(env().0), MemoryKms::new(env().0));
    let wrapped = one.wrap(KmsLine::Root, b"key", b"context").await.unwrap();
    assert!(other.unwrap(&wrapped.bytes, b"context").await.is_err());
}
