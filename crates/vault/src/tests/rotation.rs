//! Rotation at every level, and what the sweep does about it.

use super::support::{DETAIL, NOTE, TITLE, World, config, row, subject};
use crate::{
    Column, KeyKind, KeyRow, KmsKey, KmsLine, Ring, Sealed, SealedRow, Start, SweepReport, Target,
    Vault, VaultError,
};
use kernel::TenantId;
use std::time::Duration;

async fn world_with_rows() -> World {
    let world = World::new();
    for person in 1..=3 {
        for at in 0..4 {
            let text = format!("note {at} of {person}");
            world.write(&NOTE, subject(person), row(at), &text).await;
            world.write(&DETAIL, subject(person), row(at), &text).await;
        }
    }
    world
}

async fn assert_all_readable(world: &World) {
    for person in 1..=3 {
        for at in 0..4 {
            let text = format!("note {at} of {person}");
            assert_eq!(world.read(&NOTE, subject(person), row(at)).await, text);
            assert_eq!(world.read(&DETAIL, subject(person), row(at)).await, text);
        }
    }
    assert!(world.vault.verify(&*world.rows, &|_| ()).await.unwrap().is_clean());
}

fn rows_of(world: &World, wanted: impl Fn(&KeyRow) -> bool) -> Vec<KeyRow> {
    world.store.backup().into_iter().filter(wanted).collect()
}

fn key_of(world: &World, column: &Column, person: u128, at: u128) -> crate::KeyId {
    world.rows.get(column, &subject(person), row(at)).unwrap().key_id().unwrap()
}

/// After enough time and two sweeps only the newest version of everything is left.
async fn settle(world: &World) {
    world.wait();
    world.sweep().await;
    world.wait();
    let report = world.sweep().await;
    assert_eq!((report.waiting, report.unopenable), (0, 0), "{report:?}");
    assert_eq!(rows_of(world, |row| row.expires_at.is_some()), []);
}

#[tokio::test]
async fn a_new_root_wraps_everything_and_the_old_one_goes_when_it_is_told_to() {
    let world = world_with_rows().await;
    world.vault.system_key("tokens").await.unwrap();
    world.vault.rotate(Target::Root, Start::WhenKnown).await.unwrap();
    let first = world.sweep().await;
    assert_eq!((first.rewrapped, first.waiting), (2, 0), "the tenant's key and the secret");
    assert_eq!(world.vault.retire_roots().await.unwrap(), [], "someone may be about to use it");
    settle(&world).await;
    let old = KmsKey { line: KmsLine::Root, version: 1 };
    assert_eq!(world.vault.status().await.unwrap().kms[0].version.key, old, "for backups");
    assert_eq!(world.vault.retire_roots().await.unwrap(), [old]);
    let status = world.vault.status().await.unwrap();
    let root: Vec<_> =
        status.kms.iter().filter(|count| count.version.key.line == KmsLine::Root).collect();
    assert_eq!(root.len(), 1);
    assert_eq!(root[0].version.key, KmsKey { line: KmsLine::Root, version: 2 });
    assert_eq!(root[0].wraps, 2);
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn a_new_tenant_key_wraps_every_person_and_index_key() {
    let world = world_with_rows().await;
    let target = Target::Tenant(TenantId::DEFAULT);
    world.vault.rotate(target, Start::WhenKnown).await.unwrap();
    assert_all_readable(&world).await;
    let report = world.sweep().await;
    assert_eq!(report.rewrapped, 3 * 2 + 1);
    settle(&world).await;
    assert_eq!(rows_of(&world, |row| row.line.kind == KeyKind::TenantKek).len(), 1);
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn a_new_key_of_a_ring_wraps_all_that_hang_on_it() {
    let world = world_with_rows().await;
    let target = Target::Person(subject(2), Ring::Clinical);
    world.vault.rotate(target, Start::WhenKnown).await.unwrap();
    assert_all_readable(&world).await;
    settle(&world).await;
    let keks = rows_of(&world, |row| {
        row.owner == subject(2)
            && row.line.kind == KeyKind::PersonKek
            && row.line.ring == Some(Ring::Clinical)
    });
    assert_eq!(keks.iter().map(|row| row.version).collect::<Vec<_>>(), [2]);
    let hanging = rows_of(&world, |row| row.wrapping.parent == Some(keks[0].id));
    assert_eq!(hanging.len(), 2, "the keys for journal and documents");
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn a_new_purpose_key_is_written_with_only_when_all_know_it() {
    let world = world_with_rows().await;
    let old = key_of(&world, &NOTE, 1, 0);
    let target = Target::Purpose(subject(1), NOTE.purpose);
    world.vault.rotate(target, Start::WhenKnown).await.unwrap();
    world.write(&NOTE, subject(1), row(9), "soon after").await;
    assert_eq!(key_of(&world, &NOTE, 1, 9), old);
    assert_eq!(world.sweep().await.resealed, 0, "it is too early to seal anew");
    world.wait();
    world.write(&NOTE, subject(1), row(9), "later").await;
    assert_ne!(key_of(&world, &NOTE, 1, 9), old);
    assert_eq!(key_of(&world, &NOTE, 1, 0), old);
    assert_eq!(world.sweep().await.resealed, 4);
    assert_ne!(key_of(&world, &NOTE, 1, 0), old);
    settle(&world).await;
    assert!(rows_of(&world, |row| row.id == old).is_empty());
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn an_old_purpose_key_stays_as_long_as_a_value_names_it() {
    let world = world_with_rows().await;
    let old = key_of(&world, &NOTE, 1, 0);
    let mut bytes = world.rows.get(&NOTE, &subject(1), row(0)).unwrap().into_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let damaged = Sealed::from_bytes(bytes);
    world.rows.put(&NOTE, SealedRow { subject: subject(1), row: row(0), sealed: damaged });
    let target = Target::Purpose(subject(1), NOTE.purpose);
    world.vault.rotate(target, Start::Now).await.unwrap();
    world.wait();
    let report = world.sweep().await;
    assert_eq!((report.resealed, report.unopenable, report.removed), (3, 1, 0));
    assert_eq!(
        report.places[0].to_string(),
        format!("notes.body of user {} row {}", subject(1).user, row(0))
    );
    assert_eq!(rows_of(&world, |row| row.id == old).len(), 1);
    let verified = world.vault.verify(&*world.rows, &|_| ()).await.unwrap();
    assert_eq!((verified.failed, verified.opened), (1, 23));
    assert_eq!(verified.places, report.places);
}

#[tokio::test]
async fn sealing_anew_keeps_the_format_of_a_value() {
    let world = World::new();
    let old_title = Column { format: 2, ..TITLE };
    world.write(&old_title, subject(1), row(1), "in format 2").await;
    let sealed = world.rows.get(&old_title, &subject(1), row(1)).unwrap();
    world.rows.put(&TITLE, SealedRow { subject: subject(1), row: row(1), sealed });
    let target = Target::Purpose(subject(1), TITLE.purpose);
    world.vault.rotate(target, Start::Now).await.unwrap();
    assert_eq!(world.sweep().await.resealed, 1);
    let sealed = world.rows.get(&TITLE, &subject(1), row(1)).unwrap();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let (format, plaintext) = keyring.open_any_format(&TITLE, row(1), &sealed).unwrap();
    assert_eq!((format, plaintext.expose().as_slice()), (2, b"in format 2".as_slice()));
}

#[tokio::test]
async fn everyone_gets_new_purpose_keys_and_only_once() {
    let world = world_with_rows().await;
    world.wait();
    let before = world.env.now();
    let rotate = async || world.vault.rotate_purposes(before, Start::Now, &|_| ()).await.unwrap();
    assert_eq!(rotate().await, 3 * 3, "journal, documents and audit of three people");
    assert_eq!(rotate().await, 0);
    settle(&world).await;
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn the_pseudonym_key_never_rotates() {
    let world = world_with_rows().await;
    let target = Target::Purpose(subject(1), crate::KeyPurpose::PSEUDONYM);
    let refused = world.vault.rotate(target, Start::Now).await.err().unwrap();
    assert!(matches!(refused, VaultError::NothingToRotate(_)));
}

#[tokio::test]
async fn a_sweep_that_was_interrupted_goes_on_where_it_was() {
    let world = world_with_rows().await;
    for person in 1..=3 {
        let target = Target::Purpose(subject(person), NOTE.purpose);
        world.vault.rotate(target, Start::Now).await.unwrap();
    }
    let interrupt = |report: &SweepReport| world.rows.set_down(report.resealed == 3);
    assert!(world.vault.sweep(&*world.rows, &interrupt).await.is_err());
    world.rows.set_down(false);
    assert_eq!(world.sweep().await.resealed, 12 - 3);
    settle(&world).await;
    assert_all_readable(&world).await;
}

#[tokio::test]
async fn a_sweep_with_nothing_to_do_changes_nothing() {
    let world = world_with_rows().await;
    let before = world.store.backup();
    assert_eq!(world.sweep().await, SweepReport::default());
    assert_eq!(world.store.backup(), before);
}

#[tokio::test]
async fn the_status_counts_keys_by_version() {
    let world = world_with_rows().await;
    let target = Target::Purpose(subject(1), NOTE.purpose);
    world.vault.rotate(target, Start::Now).await.unwrap();
    let status = world.vault.status().await.unwrap();
    let journal: Vec<_> = status
        .keys
        .iter()
        .filter(|count| count.line.name == "journal")
        .map(|count| (count.version, count.superseded, count.count))
        .collect();
    assert_eq!(journal, [(1, false, 2), (1, true, 1), (2, false, 1)]);
    let epoch = status.kms.iter().find(|count| count.version.key.line == KmsLine::Epoch);
    assert_eq!(epoch.unwrap().wraps, 3 * 2);
}

#[tokio::test]
async fn verification_tells_of_keys_that_do_not_unwrap() {
    let world = world_with_rows().await;
    let mut rows = world.store.backup();
    let broken = |row: &&mut KeyRow| row.owner == subject(2) && row.line.kind == KeyKind::Dek;
    rows.iter_mut().find(broken).unwrap().version = 9;
    world.store.restore(rows);
    let report = world.vault.verify(&*world.rows, &|_| ()).await.unwrap();
    assert_eq!((report.owners_failed, report.failed_owners), (1, vec![subject(2)]));
    assert!(report.failed >= 4);
}

#[tokio::test]
async fn an_old_purpose_key_is_kept_for_rows_that_come_back_from_a_backup() {
    let world = World::new();
    let mut config = config();
    config.backup_age = Duration::from_hours(24);
    let vault = Vault::new(world.env.clone(), world.kms.clone(), world.store.clone(), config);
    world.write(&NOTE, subject(1), row(1), "of last year").await;
    let backup = world.rows.get(&NOTE, &subject(1), row(1)).unwrap();
    vault.rotate(Target::Purpose(subject(1), NOTE.purpose), Start::Now).await.unwrap();
    let sweep = async || vault.sweep(&*world.rows, &|_| ()).await.unwrap();
    let first = sweep().await;
    assert_eq!((first.resealed, first.waiting), (1, 1));
    world.wait();
    let second = sweep().await;
    assert_eq!((second.kept, second.removed), (1, 0));
    assert_eq!(sweep().await, SweepReport::default(), "it is not looked at every time");
    let keyring = vault.keyring(subject(1)).await.unwrap();
    assert_eq!(keyring.open(&NOTE, row(1), &backup).unwrap().expose(), b"of last year");
    world.rows.put(&NOTE, SealedRow { subject: subject(1), row: row(1), sealed: backup });
    world.clock.advance(Duration::from_hours(24));
    let third = sweep().await;
    assert_eq!((third.resealed, third.removed), (1, 1), "what came back is moved before it goes");
    assert_eq!(world.read(&NOTE, subject(1), row(1)).await, "of last year");
}
