//! Erasure: what is destroyed stays destroyed, also in copies from before.

use super::support::{DETAIL, NOTE, World, row, subject};
use crate::{KeyKind, KeyRow, KmsKey, KmsLine, Ring, Start, Target, VaultError};
use kernel::{Coded, ErrorKind};
use std::time::Duration;

async fn world_with_two_people() -> World {
    let world = World::new();
    for person in [1, 2] {
        world.write(&NOTE, subject(person), row(1), "health").await;
        world.write(&DETAIL, subject(person), row(1), "name and address").await;
    }
    world
}

async fn open(world: &World, ring: Ring) -> Result<(), VaultError> {
    let column = if ring == Ring::Clinical { NOTE } else { DETAIL };
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let sealed = world.rows.get(&column, &subject(1), row(1)).unwrap();
    keyring.open(&column, row(1), &sealed).map(drop)
}

#[tokio::test]
async fn a_destroyed_ring_opens_nothing_and_takes_nothing_new() {
    let world = world_with_two_people().await;
    assert_eq!(world.vault.shred(subject(1), Ring::Clinical).await.unwrap(), 3);
    let refused = open(&world, Ring::Clinical).await.err().unwrap();
    assert!(matches!(refused, VaultError::Erased(Ring::Clinical)));
    assert_eq!(refused.code().kind, ErrorKind::Gone);
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    assert!(matches!(keyring.seal(&NOTE, row(2), b"new"), Err(VaultError::Erased(_))));
    open(&world, Ring::Accountability).await.unwrap();
    assert_eq!(world.read(&NOTE, subject(2), row(1)).await, "health");
}

#[tokio::test]
async fn the_other_ring_is_destroyed_when_its_time_has_come() {
    let world = world_with_two_people().await;
    for ring in Ring::ALL {
        world.vault.shred(subject(1), ring).await.unwrap();
        assert_eq!(world.vault.shred(subject(1), ring).await.unwrap(), 0, "again is fine");
    }
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    assert!(matches!(keyring.pseudonym("ip", b"x"), Err(VaultError::Erased(_))));
    let left: Vec<_> = world.store.backup().into_iter().map(|row| (row.owner, row.line)).collect();
    let of_person = left.iter().filter(|(owner, _)| *owner == subject(1));
    assert!(of_person.clone().all(|(_, line)| line.kind == KeyKind::Tombstone));
    assert_eq!(of_person.count(), 2);
}

#[tokio::test]
async fn whoever_was_erased_long_ago_is_forgotten_by_name_too() {
    let world = world_with_two_people().await;
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();
    let erased_at = world.env.now();
    assert_eq!(world.vault.forget_erased(erased_at).await.unwrap(), 0, "not yet");
    open(&world, Ring::Accountability).await.unwrap();
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.vault.forget_erased(world.env.now()).await.unwrap(), 1);
    assert!(matches!(open(&world, Ring::Accountability).await, Err(VaultError::Erased(_))));
    assert_eq!(world.vault.forget_erased(world.env.now()).await.unwrap(), 0, "once");
    assert_eq!(world.read(&DETAIL, subject(2), row(1)).await, "name and address");
}

#[tokio::test]
async fn keys_that_slipped_past_an_erasure_are_gone_after_the_next_sweep() {
    let world = world_with_two_people().await;
    let before = world.store.backup();
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();
    let mut both = world.store.backup();
    let of_ring = |row: &&KeyRow| row.owner == subject(1) && row.line.ring == Some(Ring::Clinical);
    both.extend(before.iter().filter(of_ring).cloned());
    world.store.restore(both);
    world.sweep().await;
    let left = world.store.backup();
    let left: Vec<_> = left.iter().filter(of_ring).map(|row| row.line.kind).collect();
    assert_eq!(left, [KeyKind::Tombstone]);
    assert_eq!(world.read(&NOTE, subject(2), row(1)).await, "health");
}

#[tokio::test]
async fn other_processes_forget_a_destroyed_ring_in_time() {
    let world = world_with_two_people().await;
    let other = world.other_process();
    let held = other.keyring(subject(1)).await.unwrap();
    let sealed = world.rows.get(&NOTE, &subject(1), row(1)).unwrap();
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();
    world.clock.advance(Duration::from_mins(10));
    assert!(held.open(&NOTE, row(1), &sealed).is_err());
    let fresh = other.keyring(subject(1)).await.unwrap();
    assert!(matches!(fresh.open(&NOTE, row(1), &sealed), Err(VaultError::Erased(_))));
}

#[tokio::test]
async fn an_old_copy_of_the_key_table_opens_nothing_once_its_epoch_is_destroyed() {
    let world = world_with_two_people().await;
    let backup = world.store.backup();
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();

    // Before the epoch has ended the copy still opens: this is the window that is told of.
    let after_erasure = world.store.backup();
    world.store.restore(backup.clone());
    world.vault.forget_all();
    open(&world, Ring::Clinical).await.unwrap();
    world.store.restore(after_erasure);

    world.clock.advance(Duration::from_hours(30 * 24));
    assert!(world.vault.rotate_epoch_if_due().await.unwrap().is_some());
    assert!(world.vault.rotate_epoch_if_due().await.unwrap().is_none(), "once is enough");
    world.sweep().await;
    world.wait();
    let report = world.sweep().await;
    assert_eq!((report.removed, report.waiting), (1, 0));
    let epochs = world.vault.status().await.unwrap().kms;
    let epochs: Vec<_> = epochs.into_iter().map(|count| count.version.key).collect();
    assert!(epochs.contains(&KmsKey { line: KmsLine::Epoch, version: 2 }));
    assert!(!epochs.contains(&KmsKey { line: KmsLine::Epoch, version: 1 }));
    assert_eq!(world.read(&NOTE, subject(2), row(1)).await, "health");

    world.store.restore(backup);
    world.vault.forget_all();
    let refused = open(&world, Ring::Clinical).await.err().unwrap();
    assert!(matches!(refused, VaultError::KeysLost(Ring::Clinical)));
    let report = world.vault.verify(&*world.rows, &|_| ()).await.unwrap();
    assert_eq!(report.opened, 0);
}

#[tokio::test]
async fn rotating_and_sweeping_do_not_bring_a_destroyed_ring_back() {
    let world = world_with_two_people().await;
    let target = Target::Purpose(subject(1), NOTE.purpose);
    world.vault.rotate(target, Start::Now).await.unwrap();
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();
    for target in [target, Target::Person(subject(1), Ring::Clinical)] {
        let refused = world.vault.rotate(target, Start::Now).await.err().unwrap();
        assert!(matches!(refused, VaultError::Erased(Ring::Clinical)));
    }
    world.wait();
    let report = world.sweep().await;
    assert_eq!((report.resealed, report.unopenable), (0, 0));
    assert!(open(&world, Ring::Clinical).await.is_err());
}

#[tokio::test]
async fn keys_left_over_from_a_race_with_erasure_are_removed() {
    let world = world_with_two_people().await;
    let target = Target::Purpose(subject(1), NOTE.purpose);
    world.vault.rotate(target, Start::Now).await.unwrap();
    let before = world.store.backup();
    world.vault.shred(subject(1), Ring::Clinical).await.unwrap();
    let mut rows = world.store.backup();
    let left_over = |row: &&crate::KeyRow| row.owner == subject(1) && row.expires_at.is_some();
    rows.extend(before.iter().filter(left_over).cloned());
    world.store.restore(rows);
    world.wait();
    assert!(matches!(open(&world, Ring::Clinical).await, Err(VaultError::Erased(_))));
    assert_eq!(world.sweep().await.removed, 1);
}
