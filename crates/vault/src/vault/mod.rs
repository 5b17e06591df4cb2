//! The front door: key rings for people, blind indexes for tenants, secrets for the program, and
//! what an operator does with keys.

mod person;
mod report;
mod rotate;
mod sweep;
mod system;
mod tenant;

pub use report::{KmsCount, Status, VerifyReport};
pub use rotate::{Start, Target};
pub use sweep::{Place, Progress, SweepReport};
pub use system::{SigningKey, SystemKey, SystemKeys, SystemSecret};
pub use tenant::BlindIndex;

use crate::{
    cache::Cache,
    column::{BlindColumn, Column, KeyPurpose, Ring},
    error::VaultError,
    keyring::Keyring,
    kms::Kms,
    store::{KeyKind, KeyLine, KeyPosition, KeyStore, Select},
    tree,
};
use kernel::{Env, Subject, TenantId, Timestamp};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tenant::TenantKeys;

/// How often creating keys is tried while others create the same ones.
const ATTEMPTS: usize = 5;

/// How the vault behaves. The defaults fit every installation.
#[derive(Clone)]
pub struct VaultConfig {
    columns: Vec<&'static Column>,
    /// How long unwrapped keys are kept in memory. Everything else follows from it: a key ring
    /// works for twice as long, a new version of a key is written with after twice, and an old
    /// one may be removed after four times as long.
    pub cache_ttl: Duration,
    /// Of how many people unwrapped keys are kept in memory.
    pub cache_capacity: usize,
    /// After how long a new shred epoch begins.
    pub epoch_age: Duration,
    /// How old a backup may be whose rows the present key table is to open: for so long an old
    /// purpose key is kept although nothing names it any more. Erasure does not wait for it.
    pub backup_age: Duration,
    /// How many rows a sweep reads at once.
    pub batch: usize,
}

impl VaultConfig {
    /// For these sealed columns: the `COLUMNS` of every slice.
    #[must_use]
    pub fn new(columns: &[&[&'static Column]]) -> Self {
        Self {
            columns: columns.concat(),
            cache_ttl: Duration::from_mins(5),
            cache_capacity: 10_000,
            epoch_age: Duration::from_hours(30 * 24),
            backup_age: Duration::from_hours(7 * 366 * 24),
            batch: 500,
        }
    }

    /// The purposes that every person has a key for.
    fn purposes(&self) -> Vec<KeyPurpose> {
        let mut purposes: Vec<KeyPurpose> =
            self.columns.iter().map(|column| column.purpose).collect();
        purposes.push(KeyPurpose::PSEUDONYM);
        purposes.sort_unstable();
        purposes.dedup();
        purposes
    }

    /// How long a key ring works after it was loaded.
    const fn keyring_life(&self) -> Duration {
        self.cache_ttl.saturating_mul(2)
    }

    /// How long after it was made a new version of a key is written with: by then no process has
    /// a key ring without it.
    const fn activation(&self) -> Duration {
        self.keyring_life()
    }

    /// How long after it was superseded a key may be removed if nothing names it: by then nobody
    /// writes with it.
    const fn grace(&self) -> Duration {
        self.cache_ttl.saturating_mul(4)
    }
}

/// Everything about keys. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    env: Env,
    kms: Arc<dyn Kms>,
    store: Arc<dyn KeyStore>,
    config: VaultConfig,
    purposes: Vec<KeyPurpose>,
    people: Cache<Subject, Keyring>,
    tenants: Cache<TenantId, Arc<TenantKeys>>,
    system: Cache<String, SystemKeys>,
}

impl Vault {
    /// Over this KMS and this store of wrapped keys. There is no vault without either.
    #[must_use]
    pub fn new(env: Env, kms: Arc<dyn Kms>, store: Arc<dyn KeyStore>, config: VaultConfig) -> Self {
        let people = Cache::new(config.cache_ttl, config.cache_capacity);
        let tenants = Cache::new(config.cache_ttl, config.cache_capacity);
        let system = Cache::new(config.cache_ttl, config.cache_capacity);
        let purposes = config.purposes();
        let inner = Inner { env, kms, store, config, purposes, people, tenants, system };
        Self { inner: Arc::new(inner) }
    }

    /// The keys of a person, from memory or else from the store; those that are missing are made.
    /// Ask for it before opening a transaction: it may write in one of its own.
    pub async fn keyring(&self, subject: Subject) -> Result<Keyring, VaultError> {
        let Some(cached) = self.inner.people.get(&subject, self.inner.env.now()) else {
            return self.keyring_fresh(subject).await;
        };
        if !cached.is_stale() {
            return Ok(cached);
        }
        let fresh = self.load_or_create_person(subject).await?.in_place_of(&cached);
        self.inner.people.put(subject, fresh.clone(), self.inner.env.now());
        Ok(fresh)
    }

    /// The keys of a person as they are in the store right now.
    pub async fn keyring_fresh(&self, subject: Subject) -> Result<Keyring, VaultError> {
        let keyring = self.load_or_create_person(subject).await?;
        self.inner.people.put(subject, keyring.clone(), self.inner.env.now());
        Ok(keyring)
    }

    /// The blind index to store for a value. The caller brings the value into its one form first.
    pub async fn blind_index(
        &self,
        tenant: TenantId,
        column: &BlindColumn,
        value: &[u8],
    ) -> Result<BlindIndex, VaultError> {
        let keys = self.tenant(tenant).await?;
        let key = tree::in_use(keys.index(), self.inner.env.now(), |key| key.rank());
        key.map(|key| key.index(tenant, column, value)).ok_or(VaultError::WrongKms("tenant"))
    }

    /// Every blind index that may stand for a value, newest first: more than one only while index
    /// keys rotate. Look a value up by all of them, also before storing one that must be unique.
    pub async fn blind_candidates(
        &self,
        tenant: TenantId,
        column: &BlindColumn,
        value: &[u8],
    ) -> Result<Vec<BlindIndex>, VaultError> {
        let keys = self.tenant(tenant).await?;
        Ok(keys.index().map(|key| key.index(tenant, column, value)).collect())
    }

    /// Destroys one ring of a person's keys, for good. Copies of the key table from before stay
    /// readable until the shred epoch they were made in is destroyed.
    pub async fn shred(&self, subject: Subject, ring: Ring) -> Result<u64, VaultError> {
        let line = KeyLine { kind: KeyKind::Tombstone, ring: Some(ring), name: String::new() };
        let tombstone = tree::draft(&self.inner.env, subject, line, 1);
        let removed = self.inner.store.shred(&tombstone).await?;
        self.forget(&subject);
        Ok(removed)
    }

    /// Destroys the accountability rings of people whose clinical ring was destroyed before that;
    /// answers how many. Interrupted, it may simply be called again.
    pub async fn forget_erased(&self, before: Timestamp) -> Result<u64, VaultError> {
        let (mut due, mut after) = (HashSet::new(), None);
        loop {
            let select = Select::Kind(KeyKind::Tombstone);
            let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { break };
            after = Some(KeyPosition::of(last));
            // Those of one person stand together, in the order in which they were put there.
            for row in &page {
                match row.line.ring {
                    Some(Ring::Clinical) if row.created_at < before => due.insert(row.owner),
                    Some(Ring::Accountability) => due.remove(&row.owner),
                    Some(Ring::Clinical) | None => false,
                };
            }
        }
        for owner in &due {
            self.shred(*owner, Ring::Accountability).await?;
        }
        Ok(u64::try_from(due.len()).unwrap_or(u64::MAX))
    }

    /// Forgets the unwrapped keys of a person, such as when another process has destroyed them.
    pub fn forget(&self, subject: &Subject) {
        self.inner.people.remove(subject);
    }

    /// Forgets all unwrapped keys.
    pub fn forget_all(&self) {
        self.inner.people.clear();
        self.inner.tenants.clear();
        self.inner.system.clear();
    }

    /// Forgets unwrapped keys that were kept long enough; to be called now and then, because an
    /// idle process would keep them otherwise.
    pub fn tidy(&self) {
        let now = self.inner.env.now();
        self.inner.people.expire(now);
        self.inner.tenants.expire(now);
        self.inner.system.expire(now);
    }

    /// Whether keys could be unwrapped now.
    pub async fn health(&self) -> Result<(), VaultError> {
        Ok(self.inner.kms.health().await?)
    }
}
