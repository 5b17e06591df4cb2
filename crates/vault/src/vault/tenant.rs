//! The keys of a tenant: the one around the keys of its people, and those of its blind indexes.

use super::{ATTEMPTS, Vault};
use crate::{
    column::BlindColumn,
    context::Canonical,
    error::VaultError,
    hazmat::{self, Key},
    kms::{KmsError, KmsLine},
    store::{KeyKind, KeyLine, KeyRow, Wrapping},
    tree::{self, Node},
};
use kernel::{Pending, Subject, TenantId, Timestamp};
use std::sync::Arc;

/// A keyed fingerprint of a value, as stored: the version of its key in two bytes, then 30 bytes
/// of HMAC-SHA-256. Those made with an old key sort before those made with a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex([u8; 32]);

impl BlindIndex {
    /// The bytes to store and to look up.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The version of the key it was made with.
    #[must_use]
    pub const fn version(&self) -> u16 {
        let [high, low, ..] = self.0;
        u16::from_be_bytes([high, low])
    }
}

/// A version of a tenant's index key.
pub(crate) struct IndexKey {
    version: u32,
    active_from: Timestamp,
    key: Key,
}

impl IndexKey {
    /// What decides which version is written with.
    pub(crate) const fn rank(&self) -> (u32, Timestamp) {
        (self.version, self.active_from)
    }

    /// The fingerprint of a value.
    pub(crate) fn index(&self, tenant: TenantId, column: &BlindColumn, value: &[u8]) -> BlindIndex {
        let message = Canonical::new(b"salus-blind-v1")
            .part(tenant.as_uuid().as_bytes())
            .part(column.table.as_bytes())
            .part(column.column.as_bytes())
            .part(value)
            .finish();
        let version = u16::try_from(self.version).unwrap_or(u16::MAX).to_be_bytes();
        let tag = hazmat::hmac_sha256(self.key.bytes(), &[&message]);
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(version.iter().chain(&tag)) {
            *to = *from;
        }
        BlindIndex(out)
    }
}

/// The keys of a tenant, unwrapped.
pub(crate) struct TenantKeys {
    /// The keys around those of people.
    pub(crate) keks: Vec<Node>,
    index: Vec<IndexKey>,
}

impl TenantKeys {
    /// The index keys, newest first.
    pub(crate) fn index(&self) -> impl Iterator<Item = &IndexKey> {
        self.index.iter()
    }
}

/// The line of a kind of key that belongs to no person.
pub(crate) const fn line_of(kind: KeyKind) -> KeyLine {
    KeyLine { kind, ring: None, name: String::new() }
}

impl Vault {
    /// The keys of a tenant, from memory or else from the store; those missing are made.
    pub(crate) async fn tenant(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, VaultError> {
        match self.inner.tenants.get(&tenant, self.inner.env.now()) {
            Some(keys) => Ok(keys),
            None => self.tenant_fresh(tenant).await,
        }
    }

    /// The keys of a tenant as they are in the store right now.
    pub(crate) fn tenant_fresh(
        &self,
        tenant: TenantId,
    ) -> Pending<'_, Result<Arc<TenantKeys>, VaultError>> {
        Box::pin(async move {
            let owner = Subject::tenant_itself(tenant);
            for _ in 0..ATTEMPTS {
                let rows = self.inner.store.load(&owner).await?;
                let keks = self.unwrap_tenant_keks(&rows).await?;
                let Some(kek) = tree::newest(&keks) else {
                    self.insert_tenant_kek(owner).await?;
                    continue;
                };
                let index = unwrap_index(&keks, &rows)?;
                if index.is_empty() {
                    let mut row = tree::draft(&self.inner.env, owner, line_of(KeyKind::Index), 1);
                    row.wrapping = self.wrap_index(kek, &row, &Key::generate(&self.inner.env))?;
                    self.inner.store.insert(&[row]).await?;
                    continue;
                }
                let loaded = Arc::new(TenantKeys { keks, index });
                self.inner.tenants.put(tenant, Arc::clone(&loaded), self.inner.env.now());
                return Ok(loaded);
            }
            Err(VaultError::Contended)
        })
    }

    async fn insert_tenant_kek(&self, owner: Subject) -> Result<(), VaultError> {
        let mut row = tree::draft(&self.inner.env, owner, line_of(KeyKind::TenantKek), 1);
        row.wrapping = self.wrap_by_root(&row, &Key::generate(&self.inner.env)).await?;
        self.inner.store.insert(&[row]).await?;
        Ok(())
    }

    async fn unwrap_tenant_keks(&self, rows: &[KeyRow]) -> Result<Vec<Node>, VaultError> {
        let mut keks = Vec::new();
        for row in rows.iter().filter(|row| row.line.kind == KeyKind::TenantKek) {
            keks.push(Node::of(row, self.unwrap_by_root(row, "tenant").await?));
        }
        Ok(keks)
    }

    /// Wraps a key directly under the root.
    pub(crate) async fn wrap_by_root(
        &self,
        row: &KeyRow,
        key: &Key,
    ) -> Result<Wrapping, VaultError> {
        let context = tree::context(row);
        let wrapped = self.inner.kms.wrap(KmsLine::Root, key.bytes(), &context).await?;
        Ok(Wrapping { parent: None, kms: Some(wrapped.key), bytes: wrapped.bytes })
    }

    /// Unwraps a key that is directly under the root.
    pub(crate) async fn unwrap_by_root(
        &self,
        row: &KeyRow,
        whose: &'static str,
    ) -> Result<Key, VaultError> {
        let unwrapped = self.inner.kms.unwrap(&row.wrapping.bytes, &tree::context(row)).await;
        match unwrapped {
            // EXPOSE: the key goes into its own guarded place.
            Ok(key) => Key::from_slice(key.expose()).ok_or(VaultError::WrongKms(whose)),
            Err(KmsError::Refused | KmsError::NoSuchKey(_)) => Err(VaultError::WrongKms(whose)),
            Err(error) => Err(error.into()),
        }
    }

    /// Wraps an index key under a tenant's key.
    pub(crate) fn wrap_index(
        &self,
        kek: &Node,
        row: &KeyRow,
        key: &Key,
    ) -> Result<Wrapping, VaultError> {
        let bytes = tree::wrap(&self.inner.env, kek, row, key)?;
        Ok(Wrapping { parent: Some(kek.id), kms: None, bytes })
    }
}

fn unwrap_index(keks: &[Node], rows: &[KeyRow]) -> Result<Vec<IndexKey>, VaultError> {
    let mut index = Vec::new();
    for row in rows.iter().filter(|row| row.line.kind == KeyKind::Index) {
        let key = tree::unwrap(keks, row, &row.wrapping.bytes)
            .map_err(|_| VaultError::WrongKms("tenant"))?;
        index.push(IndexKey { version: row.version, active_from: row.active_from, key });
    }
    index.sort_by_key(|key| std::cmp::Reverse(key.version));
    Ok(index)
}
