//! A world in which time stands still until it is told to move, and chance can repeat itself.

use crate::{
    Column, KeyPurpose, MemoryKeyStore, MemoryKms, MemoryRows, SealedRow, Vault, VaultConfig,
    hazmat,
};
use kernel::{Clock, Env, Rng, Subject, SystemRng, TenantId, Timestamp, UserId};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

crate::columns! {
    /// What a person writes.
    NOTE = ("notes", "body", KeyPurpose::clinical("journal"), 1);
    /// A title, of a format that has changed twice.
    TITLE = ("notes", "title", KeyPurpose::clinical("journal"), 3);
    /// The key of an attached file.
    FILE_KEY = ("files", "file_key", KeyPurpose::clinical("documents"), 1);
    /// Who did what.
    DETAIL = ("audit_entries", "detail", KeyPurpose::accountability("audit"), 1);
}

/// Stands still until it is moved.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Always gives the same bytes in the same order.
pub(crate) struct CountingRng(AtomicU64);

impl Rng for CountingRng {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            let block = hazmat::sha256(&[b"salus vectors", &count]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock(AtomicI64::new(1_750_000_000_000_000)))
}

/// A still clock and real randomness.
pub(crate) fn env() -> (Env, Arc<ManualClock>) {
    let clock = clock();
    (Env::new(clock.clone(), Arc::new(SystemRng)), clock)
}

/// A still clock and always the same "randomness", for vectors.
pub(crate) fn repeatable_env() -> Env {
    Env::new(clock(), Arc::new(CountingRng(AtomicU64::new(0))))
}

pub(crate) fn subject(number: u128) -> Subject {
    Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
}

pub(crate) fn row(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A vault over everything in memory.
pub(crate) struct World {
    pub(crate) env: Env,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) kms: Arc<MemoryKms>,
    pub(crate) store: Arc<MemoryKeyStore>,
    pub(crate) rows: Arc<MemoryRows>,
    pub(crate) vault: Vault,
}

impl World {
    pub(crate) fn new() -> Self {
        let (env, clock) = env();
        let kms = Arc::new(MemoryKms::new(env.clone()));
        let store = Arc::new(MemoryKeyStore::default());
        let rows = Arc::new(MemoryRows::default());
        let vault = Vault::new(env.clone(), kms.clone(), store.clone(), config());
        Self { env, clock, kms, store, rows, vault }
    }

    /// Another process over the same keys and rows.
    pub(crate) fn other_process(&self) -> Vault {
        Vault::new(self.env.clone(), self.kms.clone(), self.store.clone(), config())
    }

    pub(crate) async fn write(&self, column: &Column, subject: Subject, row: Uuid, text: &str) {
        let keyring = self.vault.keyring(subject).await.unwrap();
        let sealed = keyring.seal(column, row, text.as_bytes()).unwrap();
        self.rows.put(column, SealedRow { subject, row, sealed });
    }

    pub(crate) async fn read(&self, column: &Column, subject: Subject, row: Uuid) -> String {
        let keyring = self.vault.keyring(subject).await.unwrap();
        let sealed = self.rows.get(column, &subject, row).unwrap();
        let plaintext = keyring.open(column, row, &sealed).unwrap();
        String::from_utf8(plaintext.expose().clone()).unwrap()
    }

    pub(crate) async fn sweep(&self) -> crate::SweepReport {
        self.vault.sweep(&*self.rows, &|_| ()).await.unwrap()
    }

    /// Long enough for everything old to be removable.
    pub(crate) fn wait(&self) {
        self.clock.advance(Duration::from_hours(1));
    }
}

pub(crate) fn config() -> VaultConfig {
    let mut config = VaultConfig::new(&[COLUMNS]);
    config.batch = 3;
    config.backup_age = Duration::ZERO;
    config
}
