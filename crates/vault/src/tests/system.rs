//! Secrets of the program and blind indexes.

use super::support::{World, env};
use crate::{BlindColumn, BlindIndex, FileKms, MemoryKeyStore, Start, Target, Unlock, Vault};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use kernel::TenantId;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const EMAIL: BlindColumn = BlindColumn { table: "accounts", column: "email_index" };
const TENANT: TenantId = TenantId::DEFAULT;

#[tokio::test]
async fn a_secret_is_made_once_and_the_same_for_all() {
    let world = World::new();
    let one = world.vault.system_key("tokens").await.unwrap();
    let two = world.other_process().system_key("tokens").await.unwrap();
    let mac = one.current().unwrap().mac(&[b"user", b"7"]);
    assert!(two.current().unwrap().is_mac(&[b"user", b"7"], &mac));
    assert!(!two.current().unwrap().is_mac(&[b"user7", b""], &mac));
    let other = world.vault.system_key("csrf").await.unwrap();
    assert!(!other.current().unwrap().is_mac(&[b"user", b"7"], &mac));
}

#[tokio::test]
async fn an_old_secret_still_checks_until_its_time_is_over() {
    let world = World::new();
    let mac = world.vault.system_key("tokens").await.unwrap().current().unwrap().mac(&[b"a"]);
    let keep = Some(Duration::from_mins(30));
    world.vault.rotate(Target::System("tokens", keep), Start::WhenKnown).await.unwrap();
    let version = async || {
        let keys = world.vault.system_key("tokens").await.unwrap();
        (
            keys.current().unwrap().version(),
            keys.version(1).is_some_and(|k| k.is_mac(&[b"a"], &mac)),
        )
    };
    assert_eq!(version().await, (1, true), "not before all know it");
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(version().await, (2, true));
    world.sweep().await;
    world.vault.forget_all();
    assert_eq!(version().await, (2, true));
    world.wait();
    world.sweep().await;
    world.vault.forget_all();
    assert_eq!(version().await, (2, false));
}

#[tokio::test]
async fn a_secret_without_an_end_is_kept_for_ever() {
    let world = World::new();
    world.vault.system_key("pepper").await.unwrap();
    world.vault.rotate(Target::System("pepper", None), Start::Now).await.unwrap();
    world.wait();
    world.sweep().await;
    world.vault.forget_all();
    let keys = world.vault.system_key("pepper").await.unwrap();
    assert_eq!(keys.iter().map(crate::SystemKey::version).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn what_a_secret_signs_its_public_half_proves() {
    let world = World::new();
    let keys = world.vault.system_key("ledger").await.unwrap();
    let signing = keys.current().unwrap().signing_key().unwrap();
    let public = UnparsedPublicKey::new(&ED25519, signing.public_key());
    assert!(public.verify(b"checkpoint", &signing.sign(b"checkpoint")).is_ok());
    assert!(public.verify(b"another", &signing.sign(b"checkpoint")).is_err());
}

async fn index(world: &World, value: &str) -> BlindIndex {
    world.vault.blind_index(TENANT, &EMAIL, value.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn a_blind_index_finds_its_value_and_nothing_else() {
    let world = World::new();
    let ada = index(&world, "ada@example.org").await;
    assert_eq!(ada, index(&world, "ada@example.org").await);
    assert_ne!(ada, index(&world, "bob@example.org").await);
    let other_column = BlindColumn { column: "phone_index", ..EMAIL };
    let value = b"ada@example.org";
    assert_ne!(ada, world.vault.blind_index(TENANT, &other_column, value).await.unwrap());
    let tenant = TenantId::from_uuid(Uuid::from_u128(5));
    assert_ne!(ada, world.vault.blind_index(tenant, &EMAIL, value).await.unwrap());
}

#[tokio::test]
async fn during_a_rotation_a_value_is_found_under_both_keys() {
    let world = World::new();
    let old = index(&world, "ada@example.org").await;
    world.vault.rotate(Target::Index(TENANT), Start::WhenKnown).await.unwrap();
    assert_eq!(index(&world, "ada@example.org").await, old, "not before all know it");
    let candidates =
        async || world.vault.blind_candidates(TENANT, &EMAIL, b"ada@example.org").await.unwrap();
    assert_eq!(candidates().await.len(), 2, "but it is looked up by both already");
    world.clock.advance(Duration::from_mins(11));
    let new = index(&world, "ada@example.org").await;
    assert_eq!((old.version(), new.version()), (1, 2));
    assert!(old < new, "old ones sort before new ones");
    assert_eq!(candidates().await, [new, old]);
    world.vault.retire_index(TENANT).await.unwrap();
    world.wait();
    world.sweep().await;
    world.vault.forget_all();
    assert_eq!(candidates().await, [new]);
}

#[tokio::test]
async fn an_old_index_key_may_go_only_when_nobody_writes_with_it_any_more() {
    let world = World::new();
    index(&world, "ada@example.org").await;
    let retiring = async || world.vault.retiring_index(TENANT).await.unwrap();
    assert_eq!(retiring().await, None, "there is no old one");
    world.vault.rotate(Target::Index(TENANT), Start::WhenKnown).await.unwrap();
    assert_eq!(retiring().await, None, "it is still the one that is written with");
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(retiring().await, None, "a process may have it in memory");
    world.wait();
    assert_eq!(retiring().await, Some(2));
    world.vault.retire_index(TENANT).await.unwrap();
    assert_eq!(retiring().await, None, "it is going");
}

#[tokio::test]
async fn without_the_keys_no_guess_at_an_index_comes_true() {
    let (env, _) = env();
    let dir = tempfile::tempdir().unwrap();
    let open = |name: &str| {
        let kms = FileKms::open(&dir.path().join(name), env.clone(), Unlock::Plain).unwrap();
        let store = Arc::new(MemoryKeyStore::default());
        Vault::new(env.clone(), Arc::new(kms), store, super::support::config())
    };
    let (real, thief) = (open("real"), open("thief"));
    let mut stolen = Vec::new();
    for number in 0..50 {
        let value = format!("user{number}@example.org");
        stolen.push(real.blind_index(TENANT, &EMAIL, value.as_bytes()).await.unwrap());
    }
    for number in 0..50 {
        let guess = format!("user{number}@example.org");
        let guess = thief.blind_index(TENANT, &EMAIL, guess.as_bytes()).await.unwrap();
        assert!(!stolen.contains(&guess));
    }
}
