//! New versions of keys. Making one is quick; the sweep then moves what the old one protects.

use super::{ATTEMPTS, Vault, person::dek_line, system::system_line, tenant::line_of};
use crate::{
    column::{KeyPurpose, Ring},
    error::VaultError,
    hazmat::Key,
    keyring::RingState,
    kms::{KmsKey, KmsLine},
    store::{KeyKind, KeyLine, KeyPosition, KeyRow, Select, installation},
    tree,
};
use kernel::{Subject, TenantId, Timestamp};
use std::time::Duration;

/// Which key gets a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The key around the keys of all tenants and of the program.
    Root,
    /// The shred epoch: once the sweep is through, old copies of the key table open nothing.
    Epoch,
    /// The key around the keys of a tenant's people.
    Tenant(TenantId),
    /// One ring of a person.
    Person(Subject, Ring),
    /// What a person's values of one purpose are sealed with.
    Purpose(Subject, KeyPurpose),
    /// What a tenant's blind indexes are made with. The old version stays until
    /// [`Vault::retire_index`], because only the owner of a column can make its indexes anew.
    Index(TenantId),
    /// A secret of the program, and for how long after that the old version is still good for
    /// checking; `None` for ever.
    System(&'static str, Option<Duration>),
}

/// When a new version is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// As soon as every process knows it. Nobody notices.
    WhenKnown,
    /// At once, because the old one may be known to others. Until they have loaded it, other
    /// processes answer requests for values sealed with it by asking to try again.
    Now,
}

impl Vault {
    /// Makes a new version of a key. Safe to repeat; follow it by [`Vault::sweep`].
    pub async fn rotate(&self, target: Target, start: Start) -> Result<(), VaultError> {
        match target {
            Target::Root => self.inner.kms.generate(KmsLine::Root).await.map(drop)?,
            Target::Epoch => self.inner.kms.generate(KmsLine::Epoch).await.map(drop)?,
            Target::Tenant(tenant) => self.rotate_tenant(tenant).await?,
            Target::Person(subject, ring) => self.rotate_person(subject, ring).await?,
            Target::Purpose(subject, purpose) => {
                self.rotate_dek(subject, purpose.ring, purpose.name, start).await?;
            }
            Target::Index(tenant) => self.rotate_index(tenant, start).await?,
            Target::System(name, keep) => self.rotate_system(name, keep, start).await?,
        }
        Ok(())
    }

    /// Begins a new shred epoch if the current one is old enough; to be called every day.
    pub async fn rotate_epoch_if_due(&self) -> Result<Option<KmsKey>, VaultError> {
        let versions = self.inner.kms.versions(KmsLine::Epoch).await?;
        let now = self.inner.env.now();
        let young = |created_at: Timestamp| now.since(created_at) < self.inner.config.epoch_age;
        if versions.last().is_some_and(|newest| young(newest.created_at)) {
            return Ok(None);
        }
        Ok(Some(self.inner.kms.generate(KmsLine::Epoch).await?))
    }

    /// Gives every person a new key for what was sealed with keys made before `made_before`.
    /// Interrupted, it goes on where it was when it is called again.
    pub async fn rotate_purposes(
        &self,
        made_before: Timestamp,
        start: Start,
        on_progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<u64, VaultError> {
        let rotate = async |row: &KeyRow, ring| {
            self.rotate_dek(row.owner, ring, &row.line.name, start).await
        };
        self.rotate_each(KeyKind::Dek, made_before, rotate, on_progress).await
    }

    /// Gives every person new keys around those of their purposes, where these were made before
    /// `made_before`. Interrupted, it goes on where it was when it is called again.
    pub async fn rotate_rings(
        &self,
        made_before: Timestamp,
        on_progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<u64, VaultError> {
        let rotate = async |row: &KeyRow, ring| self.rotate_person(row.owner, ring).await;
        self.rotate_each(KeyKind::PersonKek, made_before, rotate, on_progress).await
    }

    async fn rotate_each(
        &self,
        kind: KeyKind,
        made_before: Timestamp,
        rotate: impl AsyncFn(&KeyRow, Ring) -> Result<(), VaultError>,
        on_progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<u64, VaultError> {
        let mut after = None;
        let mut rotated = 0;
        loop {
            let select = Select::Kind(kind);
            let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { return Ok(rotated) };
            after = Some(KeyPosition::of(last));
            let due = |row: &&KeyRow| {
                row.expires_at.is_none()
                    && row.created_at < made_before
                    && row.line.name != KeyPurpose::PSEUDONYM.name
            };
            for row in page.iter().filter(due) {
                let Some(ring) = row.line.ring else { continue };
                match rotate(row, ring).await {
                    Ok(()) => rotated += 1,
                    // Nothing of this person can be moved; `verify` tells of it.
                    Err(VaultError::Erased(_) | VaultError::KeysLost(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            on_progress(rotated);
        }
    }

    /// The newest version of a tenant's index key, if there are older ones and everybody has been
    /// writing with it for so long that no process can still make an older index.
    pub async fn retiring_index(&self, tenant: TenantId) -> Result<Option<u16>, VaultError> {
        let rows = self.index_rows(tenant).await?;
        let newest = rows.iter().max_by_key(|row| row.version);
        let others = rows.iter().any(|row| row.expires_at.is_none() && Some(row) != newest);
        let settled = newest.filter(|row| others && self.expiry(row) < self.inner.env.now());
        Ok(settled.map(|row| u16::try_from(row.version).unwrap_or(u16::MAX)))
    }

    /// Lets old versions of a tenant's index key go. Only once all blind indexes of every column
    /// have been made anew after [`Vault::retiring_index`] named the newest.
    pub async fn retire_index(&self, tenant: TenantId) -> Result<(), VaultError> {
        let rows = self.index_rows(tenant).await?;
        let newest = rows.iter().map(|row| row.version).max();
        let expire_at = self.inner.env.now().plus(self.inner.config.grace());
        let old = |row: &&KeyRow| row.expires_at.is_none() && Some(row.version) != newest;
        for row in rows.iter().filter(old) {
            self.inner.store.expire(row, expire_at).await?;
        }
        Ok(())
    }

    async fn index_rows(&self, tenant: TenantId) -> Result<Vec<KeyRow>, VaultError> {
        let mut rows = self.inner.store.load(&Subject::tenant_itself(tenant)).await?;
        rows.retain(|row| row.line.kind == KeyKind::Index);
        Ok(rows)
    }

    async fn rotate_tenant(&self, tenant: TenantId) -> Result<(), VaultError> {
        self.tenant(tenant).await?;
        let owner = Subject::tenant_itself(tenant);
        for _ in 0..ATTEMPTS {
            let mut row = self.next_version(owner, line_of(KeyKind::TenantKek)).await?;
            row.wrapping = self.wrap_by_root(&row, &Key::generate(&self.inner.env)).await?;
            if self.inner.store.succeed(&row, self.expiry(&row)).await? {
                self.tenant_fresh(tenant).await?;
                return Ok(());
            }
        }
        Err(VaultError::Contended)
    }

    async fn rotate_person(&self, subject: Subject, ring: Ring) -> Result<(), VaultError> {
        for _ in 0..ATTEMPTS {
            self.usable_ring(subject, ring).await?;
            let line = KeyLine { kind: KeyKind::PersonKek, ring: Some(ring), name: String::new() };
            let version = self.next_version(subject, line).await?.version;
            let (row, _) = self.new_person_kek(subject, ring, version).await?;
            if self.inner.store.succeed(&row, self.expiry(&row)).await? {
                self.usable_ring(subject, ring).await?;
                return Ok(());
            }
        }
        Err(VaultError::Contended)
    }

    async fn rotate_dek(
        &self,
        subject: Subject,
        ring: Ring,
        purpose: &str,
        start: Start,
    ) -> Result<(), VaultError> {
        if purpose == KeyPurpose::PSEUDONYM.name {
            return Err(VaultError::NothingToRotate("pseudonym"));
        }
        for _ in 0..ATTEMPTS {
            let loaded = self.usable_ring(subject, ring).await?;
            let kek = tree::newest(&loaded.keks).ok_or(VaultError::NothingToRotate("person"))?;
            let mut row = self.next_version(subject, dek_line(ring, purpose.to_owned())).await?;
            row.active_from = self.active_from(start);
            row.wrapping = self.wrap_dek(kek, &row, &Key::generate(&self.inner.env))?;
            if self.inner.store.succeed(&row, self.expiry(&row)).await? {
                // Reads the new key back before anything is sealed with it.
                self.usable_ring(subject, ring).await?;
                self.forget(&subject);
                return Ok(());
            }
        }
        Err(VaultError::Contended)
    }

    async fn rotate_index(&self, tenant: TenantId, start: Start) -> Result<(), VaultError> {
        let owner = Subject::tenant_itself(tenant);
        for _ in 0..ATTEMPTS {
            let keys = self.tenant_fresh(tenant).await?;
            let kek = tree::newest(&keys.keks).ok_or(VaultError::NothingToRotate("tenant"))?;
            let mut row = self.next_version(owner, line_of(KeyKind::Index)).await?;
            row.active_from = self.active_from(start);
            row.wrapping = self.wrap_index(kek, &row, &Key::generate(&self.inner.env))?;
            if self.inner.store.insert(&[row]).await? {
                self.tenant_fresh(tenant).await?;
                return Ok(());
            }
        }
        Err(VaultError::Contended)
    }

    async fn rotate_system(
        &self,
        name: &'static str,
        keep: Option<Duration>,
        start: Start,
    ) -> Result<(), VaultError> {
        self.system_key(name).await?;
        for _ in 0..ATTEMPTS {
            let mut row = self.next_version(installation(), system_line(name)).await?;
            row.active_from = self.active_from(start);
            row.wrapping = self.wrap_by_root(&row, &Key::generate(&self.inner.env)).await?;
            let stored = match keep {
                None => self.inner.store.insert(std::slice::from_ref(&row)).await?,
                Some(keep) => {
                    let expire_at = self.expiry(&row).plus(keep);
                    self.inner.store.succeed(&row, expire_at).await?
                }
            };
            if stored {
                self.system_key_fresh(name).await?;
                return Ok(());
            }
        }
        Err(VaultError::Contended)
    }

    /// A row for the next version of a key that exists.
    async fn next_version(&self, owner: Subject, line: KeyLine) -> Result<KeyRow, VaultError> {
        let rows = self.inner.store.load(&owner).await?;
        let versions = rows.iter().filter(|row| row.line == line).map(|row| row.version);
        let newest = versions.max().ok_or(VaultError::NothingToRotate(line.kind.name()))?;
        Ok(tree::draft(&self.inner.env, owner, line, newest.saturating_add(1)))
    }

    async fn usable_ring(
        &self,
        subject: Subject,
        ring: Ring,
    ) -> Result<super::person::LoadedRing, VaultError> {
        let [clinical, accountability] = self.load_person(subject).await?;
        let loaded = match ring {
            Ring::Clinical => clinical,
            Ring::Accountability => accountability,
        };
        match loaded.state {
            RingState::Usable => Ok(loaded),
            RingState::Erased => Err(VaultError::Erased(ring)),
            RingState::Lost => Err(VaultError::KeysLost(ring)),
        }
    }

    fn active_from(&self, start: Start) -> Timestamp {
        let now = self.inner.env.now();
        match start {
            Start::WhenKnown => now.plus(self.inner.config.activation()),
            Start::Now => now,
        }
    }

    /// From when on the versions before this one are no longer written with by anyone.
    fn expiry(&self, newer: &KeyRow) -> Timestamp {
        newer.active_from.plus(self.inner.config.grace())
    }
}
