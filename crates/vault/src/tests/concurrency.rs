//! Rotation at every level and sweeping, while others read and write: nothing is lost.
//!
//! The clock moves only between pieces of work, because the vault promises nothing to one that
//! takes longer than a key ring lives.

use super::support::{NOTE, World, row, subject};
use crate::{KeyKind, Ring, SealedRow, Start, Target, Vault, VaultError};
use kernel::{Subject, TenantId};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::RwLock,
    task::{JoinSet, yield_now},
};

const WRITERS: u128 = 3;
const ROWS: u128 = 5;
const ROUNDS: u32 = 60;

struct Shared {
    world: World,
    pause: RwLock<()>,
}

/// Asks again as a client would that is told to try again soon.
macro_rules! patiently {
    ($work:expr) => {
        loop {
            match $work {
                Err(VaultError::KeyNotLoaded | VaultError::KeyringTooOld) => yield_now().await,
                other => break other.unwrap(),
            }
        }
    };
}

async fn read(
    shared: &Shared,
    vault: &Vault,
    person: Subject,
    at: u128,
) -> Result<Vec<u8>, VaultError> {
    let _still = shared.pause.read().await;
    let keyring = vault.keyring(person).await?;
    let sealed = shared.world.rows.get(&NOTE, &person, row(at)).unwrap();
    keyring.open(&NOTE, row(at), &sealed).map(|plaintext| plaintext.expose().clone())
}

async fn write_and_read(shared: Arc<Shared>, vault: Vault, writer: u128) -> HashMap<u128, String> {
    let person = subject(1 + writer % 2);
    let mut written = HashMap::new();
    for round in 0..ROUNDS {
        let at = writer * ROWS + u128::from(round) % ROWS;
        let text = format!("writer {writer} round {round}");
        {
            let _still = shared.pause.read().await;
            let keyring = vault.keyring(person).await.unwrap();
            yield_now().await;
            let sealed = keyring.seal(&NOTE, row(at), text.as_bytes()).unwrap();
            yield_now().await;
            shared.world.rows.put(&NOTE, SealedRow { subject: person, row: row(at), sealed });
        }
        written.insert(at, text);
        let (at, text) = written.iter().next().unwrap();
        assert_eq!(patiently!(read(&shared, &vault, person, *at).await), text.as_bytes());
        yield_now().await;
    }
    written
}

async fn rotate_and_sweep(shared: Arc<Shared>, vault: Vault) {
    for round in 0..12 {
        let start = if round % 3 == 0 { Start::Now } else { Start::WhenKnown };
        for person in [subject(1), subject(2)] {
            vault.rotate(Target::Purpose(person, NOTE.purpose), start).await.unwrap();
            vault.rotate(Target::Person(person, Ring::Clinical), start).await.unwrap();
        }
        vault.rotate(Target::Tenant(TenantId::DEFAULT), start).await.unwrap();
        vault.rotate(Target::Root, start).await.unwrap();
        vault.rotate(Target::Epoch, start).await.unwrap();
        for _ in 0..6 {
            patiently!(vault.sweep(&*shared.world.rows, &|_| ()).await);
            let _still = shared.pause.write().await;
            shared.world.clock.advance(Duration::from_mins(5));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_keys_rotate_under_readers_and_writers() {
    let shared = Arc::new(Shared { world: World::new(), pause: RwLock::new(()) });
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let vault = shared.world.other_process();
        writers.spawn(write_and_read(shared.clone(), vault, writer));
    }
    let mut keepers = JoinSet::new();
    for person in [subject(1), subject(2)] {
        shared.world.vault.keyring(person).await.unwrap();
    }
    keepers.spawn(rotate_and_sweep(shared.clone(), shared.world.other_process()));
    let mut sweeper = JoinSet::new();
    let other = shared.world.other_process();
    let sharing = shared.clone();
    sweeper.spawn(async move {
        for _ in 0..20 {
            patiently!(other.sweep(&*sharing.world.rows, &|_| ()).await);
            yield_now().await;
        }
    });
    let written = writers.join_all().await;
    keepers.join_all().await;
    sweeper.join_all().await;

    let world = &shared.world;
    for _ in 0..3 {
        world.wait();
        world.sweep().await;
    }
    assert_eq!(world.vault.retire_roots().await.unwrap().len(), 12);
    world.vault.forget_all();
    for (writer, written) in (0..).zip(written.iter().map(|rows| (rows.clone(), rows.len()))) {
        let (rows, count): (HashMap<u128, String>, usize) = written;
        assert_eq!(count, usize::try_from(ROWS).unwrap(), "writer {writer}");
        for (at, text) in rows {
            let person = subject(1 + (at / ROWS) % 2);
            assert_eq!(world.read(&NOTE, person, row(at)).await, text);
        }
    }
    assert!(world.vault.verify(&*world.rows, &|_| ()).await.unwrap().is_clean());
    let left = world.store.backup();
    assert!(left.iter().all(|row| row.expires_at.is_none()), "all old keys are gone");
    assert!(left.iter().any(|row| row.line.kind == KeyKind::Dek && row.version == 13));
    assert_eq!(world.vault.status().await.unwrap().kms.len(), 2);
}
