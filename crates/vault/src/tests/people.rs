//! Key rings of people: what they open, what they refuse, and when.

use super::support::{DETAIL, NOTE, TITLE, World, row, subject};
use crate::{
    Column, KeyPurpose, Ring, Sealed, SealedRow, Start, StoreError, Target, VaultError, hazmat::Key,
};
use kernel::{Coded, ErrorKind};
use static_assertions::assert_not_impl_any;
use std::{
    fmt::{Debug, Display},
    time::Duration,
};

assert_not_impl_any!(Key: Debug, Display, Clone, PartialEq);
assert_not_impl_any!(crate::Keyring: Debug, Display, PartialEq);
assert_not_impl_any!(crate::FileKey: Debug, Display, Clone, PartialEq);
assert_not_impl_any!(crate::SystemKey: Debug, Display, Clone, PartialEq);
assert_not_impl_any!(crate::SystemKeys: Debug, Display, PartialEq);
assert_not_impl_any!(crate::SigningKey: Debug, Display, Clone, PartialEq);
assert_not_impl_any!(crate::Passphrase: Debug, Display, PartialEq);
assert_not_impl_any!(crate::Vault: Debug, Display);

#[tokio::test]
async fn what_is_sealed_opens_in_its_place() {
    let world = World::new();
    world.write(&NOTE, subject(1), row(1), "a quiet day").await;
    assert_eq!(world.read(&NOTE, subject(1), row(1)).await, "a quiet day");
    let sealed = world.rows.get(&NOTE, &subject(1), row(1)).unwrap();
    assert_eq!(sealed.as_bytes().len(), "a quiet day".len() + Sealed::OVERHEAD);
    assert_eq!(Sealed::OVERHEAD, 90);
}

#[tokio::test]
async fn another_process_opens_what_was_sealed() {
    let world = World::new();
    world.write(&NOTE, subject(1), row(1), "shared").await;
    let keyring = world.other_process().keyring(subject(1)).await.unwrap();
    let sealed = world.rows.get(&NOTE, &subject(1), row(1)).unwrap();
    assert_eq!(keyring.open(&NOTE, row(1), &sealed).unwrap().expose(), b"shared");
}

#[tokio::test]
async fn an_older_format_is_opened_only_when_asked_for() {
    let world = World::new();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let old = keyring.seal(&Column { format: 1, ..TITLE }, row(1), b"old").unwrap();
    assert!(matches!(keyring.open(&TITLE, row(1), &old), Err(VaultError::Unopenable)));
    let (format, plaintext) = keyring.open_any_format(&TITLE, row(1), &old).unwrap();
    assert_eq!((format, plaintext.expose().as_slice()), (1, b"old".as_slice()));
}

#[tokio::test]
async fn keys_in_memory_are_enough_while_the_kms_and_the_store_are_down() {
    let world = World::new();
    world.write(&NOTE, subject(1), row(1), "still here").await;
    world.kms.set_down(true);
    world.store.set_down(true);
    assert_eq!(world.read(&NOTE, subject(1), row(1)).await, "still here");
    let unknown = world.vault.keyring(subject(2)).await.err().unwrap();
    assert_eq!(unknown.code().kind, ErrorKind::Unavailable);
    world.store.set_down(false);
    world.wait();
    let expired = world.vault.keyring(subject(1)).await.err().unwrap();
    assert_eq!(expired.code().kind, ErrorKind::Unavailable);
    world.kms.set_down(false);
    assert_eq!(world.read(&NOTE, subject(1), row(1)).await, "still here");
}

#[tokio::test]
async fn a_key_ring_that_was_kept_too_long_refuses_to_work() {
    let world = World::new();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let sealed = keyring.seal(&NOTE, row(1), b"text").unwrap();
    world.clock.advance(Duration::from_mins(10));
    assert!(matches!(keyring.seal(&NOTE, row(1), b"text"), Err(VaultError::KeyringTooOld)));
    assert!(matches!(keyring.open(&NOTE, row(1), &sealed), Err(VaultError::KeyringTooOld)));
}

#[tokio::test]
async fn a_key_made_by_another_process_is_known_after_one_more_try() {
    let world = World::new();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let other = world.other_process();
    let target = Target::Purpose(subject(1), NOTE.purpose);
    other.rotate(target, Start::Now).await.unwrap();
    let sealed = other.keyring(subject(1)).await.unwrap().seal(&NOTE, row(1), b"new key").unwrap();
    let refused = keyring.open(&NOTE, row(1), &sealed).err().unwrap();
    assert!(matches!(refused, VaultError::KeyNotLoaded));
    assert_eq!(refused.code().kind, ErrorKind::Unavailable);
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    assert_eq!(keyring.open(&NOTE, row(1), &sealed).unwrap().expose(), b"new key");
}

#[tokio::test]
async fn a_value_that_names_a_key_of_nobody_is_refused_for_good_once_that_was_looked_for() {
    let world = World::new();
    world.write(&NOTE, subject(2), row(1), "of another person").await;
    let sealed = world.rows.get(&NOTE, &subject(2), row(1)).unwrap();
    let open = async || {
        world.vault.keyring(subject(1)).await.unwrap().open(&NOTE, row(1), &sealed).err().unwrap()
    };
    assert!(matches!(open().await, VaultError::KeyNotLoaded));
    assert!(matches!(open().await, VaultError::Unopenable));
    assert!(matches!(open().await, VaultError::Unopenable));
}

#[tokio::test]
async fn a_purpose_that_was_not_registered_is_refused() {
    let world = World::new();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let column = Column { purpose: KeyPurpose::clinical("nowhere"), ..NOTE };
    assert!(matches!(keyring.seal(&column, row(1), b""), Err(VaultError::UnknownPurpose(_))));
}

#[tokio::test]
async fn many_who_come_first_at_once_share_the_same_keys() {
    let world = World::new();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let vault = world.other_process();
        tasks.spawn(async move {
            let keyring = vault.keyring(subject(1)).await.unwrap();
            keyring.seal(&NOTE, row(1), b"x").unwrap().key_id()
        });
    }
    let ids = tasks.join_all().await;
    assert!(ids.iter().all(|id| id.is_some() && *id == ids[0]));
}

#[tokio::test]
async fn keys_that_do_not_unwrap_are_reported_and_never_replaced() {
    let world = World::new();
    world.write(&NOTE, subject(1), row(1), "text").await;
    let mut rows = world.store.backup();
    let before = rows.len();
    for row in &mut rows {
        if row.line.ring == Some(Ring::Clinical) {
            row.wrapping.bytes[20] ^= 1;
        }
    }
    world.store.restore(rows);
    let keyring = world.vault.keyring_fresh(subject(1)).await.unwrap();
    let refused = keyring.seal(&NOTE, row(1), b"x").err().unwrap();
    assert!(matches!(refused, VaultError::KeysLost(Ring::Clinical)));
    assert!(keyring.seal(&DETAIL, row(1), b"the other ring").is_ok());
    assert_eq!(world.store.backup().len(), before);
}

#[tokio::test]
async fn the_wrong_kms_is_noticed_before_anything_is_made() {
    let world = World::new();
    world.write(&NOTE, subject(1), row(1), "text").await;
    let before = world.store.backup();
    let stranger = World::new();
    stranger.store.restore(before.clone());
    let refused = stranger.vault.keyring(subject(1)).await.err().unwrap();
    assert!(matches!(refused, VaultError::WrongKms(_)));
    assert_eq!(stranger.store.backup(), before);
}

#[tokio::test]
async fn pseudonyms_stay_the_same_and_tell_people_apart() {
    let world = World::new();
    let one = world.vault.keyring(subject(1)).await.unwrap();
    let name = one.pseudonym("ip", b"192.0.2.1").unwrap();
    assert_ne!(name, one.pseudonym("user_agent", b"192.0.2.1").unwrap());
    let two = world.vault.keyring(subject(2)).await.unwrap();
    assert_ne!(name, two.pseudonym("ip", b"192.0.2.1").unwrap());
    let target = Target::Person(subject(1), Ring::Accountability);
    world.vault.rotate(target, Start::Now).await.unwrap();
    world.wait();
    world.sweep().await;
    let later = world.vault.keyring(subject(1)).await.unwrap();
    assert_eq!(name, later.pseudonym("ip", b"192.0.2.1").unwrap());
}

#[tokio::test]
async fn nothing_is_told_by_printing_a_sealed_value_or_an_error() {
    let sealed = Sealed::from_bytes(vec![1; 120]);
    assert_eq!(format!("{sealed:?}"), "Sealed(120 bytes)");
    let error = VaultError::from(StoreError::unavailable("no connection"));
    assert_eq!(error.to_string(), "the store of wrapped keys: no connection");
    let row = SealedRow { subject: subject(1), row: row(1), sealed };
    assert!(format!("{row:?}").contains("120 bytes"));
}
