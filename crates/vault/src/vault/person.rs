//! Loading the keys of a person, and making those that are missing.
//!
//! A key is used only after it was stored and read back: making keys stores them and then loads
//! everything again. What is loaded is never replaced by something new because it does not open:
//! that would hide the loss of keys.

use super::{ATTEMPTS, Vault, tenant::TenantKeys};
use crate::{
    column::{KeyPurpose, Ring},
    error::VaultError,
    hazmat::Key,
    keyring::{Dek, Keyring, RingState, Rings},
    kms::{KmsError, KmsLine},
    store::{KeyKind, KeyLine, KeyRow, Wrapping},
    tree::{self, Node, UnwrapError},
};
use kernel::{Pending, Subject};
use std::sync::Arc;

/// One ring as it was stored.
pub(crate) struct LoadedRing {
    /// Which ring.
    pub(crate) ring: Ring,
    /// What became of it.
    pub(crate) state: RingState,
    /// Its keys, unwrapped.
    pub(crate) keks: Vec<Node>,
    /// The purpose keys that hang on it, unwrapped.
    pub(crate) deks: Vec<Dek>,
}

impl LoadedRing {
    fn lacks<'a>(
        &'a self,
        purposes: &'a [KeyPurpose],
    ) -> impl Iterator<Item = &'a KeyPurpose> + 'a {
        let wanted = purposes.iter().filter(|purpose| purpose.ring == self.ring);
        wanted.filter(|purpose| {
            self.state == RingState::Usable
                && !self.deks.iter().any(|dek| dek.purpose == purpose.name)
        })
    }
}

impl Vault {
    pub(super) fn load_or_create_person(
        &self,
        subject: Subject,
    ) -> Pending<'_, Result<Keyring, VaultError>> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                let rings = self.load_person(subject).await?;
                let mut missing = Vec::new();
                for ring in &rings {
                    missing.extend(self.missing_keys(subject, ring).await?);
                }
                if missing.is_empty() {
                    return Ok(self.assemble(subject, rings));
                }
                // Whether these rows or another process's are stored: the next turn reads them.
                self.inner.store.insert(&missing).await?;
            }
            Err(VaultError::Contended)
        })
    }

    /// The key ring of a person out of what is stored, without making anything.
    pub(super) async fn existing_keyring(&self, subject: Subject) -> Result<Keyring, VaultError> {
        let rings = self.load_person(subject).await?;
        Ok(self.assemble(subject, rings))
    }

    fn assemble(&self, subject: Subject, rings: [LoadedRing; 2]) -> Keyring {
        let [clinical, accountability] = &rings;
        let states = Rings { clinical: clinical.state, accountability: accountability.state };
        let deks = rings.into_iter().flat_map(|ring| ring.deks).collect();
        let life = self.inner.config.keyring_life();
        Keyring::new(self.inner.env.clone(), subject, life, states, deks)
    }

    /// Both rings as they are stored.
    pub(super) async fn load_person(
        &self,
        subject: Subject,
    ) -> Result<[LoadedRing; 2], VaultError> {
        let rows = self.inner.store.load(&subject).await?;
        let mut tenant = self.tenant(subject.tenant).await?;
        let unknown = |row: &KeyRow| {
            row.line.kind == KeyKind::PersonKek
                && !tenant.keks.iter().any(|kek| Some(kek.id) == row.wrapping.parent)
        };
        if rows.iter().any(unknown) {
            tenant = self.tenant_fresh(subject.tenant).await?;
        }
        Ok([
            self.load_ring(Ring::Clinical, &tenant, &rows).await?,
            self.load_ring(Ring::Accountability, &tenant, &rows).await?,
        ])
    }

    async fn load_ring(
        &self,
        ring: Ring,
        tenant: &Arc<TenantKeys>,
        rows: &[KeyRow],
    ) -> Result<LoadedRing, VaultError> {
        let of = |kind| {
            let wanted = move |row: &&KeyRow| row.line.kind == kind && row.line.ring == Some(ring);
            rows.iter().filter(wanted)
        };
        let empty = |state| LoadedRing { ring, state, keks: Vec::new(), deks: Vec::new() };
        if of(KeyKind::Tombstone).next().is_some() {
            return Ok(empty(RingState::Erased));
        }
        let mut keks = Vec::new();
        for row in of(KeyKind::PersonKek) {
            match self.unwrap_person_kek(&tenant.keks, row).await? {
                Some(key) => keks.push(Node::of(row, key)),
                None => return Ok(empty(RingState::Lost)),
            }
        }
        let mut deks = Vec::new();
        for row in of(KeyKind::Dek) {
            let Ok(key) = tree::unwrap(&keks, row, &row.wrapping.bytes) else {
                return Ok(empty(RingState::Lost));
            };
            let (id, purpose, version) = (row.id, row.line.name.clone(), row.version);
            deks.push(Dek { id, ring, purpose, version, active_from: row.active_from, key });
        }
        Ok(LoadedRing { ring, state: RingState::Usable, keks, deks })
    }

    async fn missing_keys(
        &self,
        subject: Subject,
        ring: &LoadedRing,
    ) -> Result<Vec<KeyRow>, VaultError> {
        let env = &self.inner.env;
        let mut rows = Vec::new();
        let mut lacking = ring.lacks(&self.inner.purposes).peekable();
        if lacking.peek().is_none() {
            return Ok(rows);
        }
        let made;
        let kek = if let Some(kek) = tree::newest(&ring.keks) {
            kek
        } else {
            let (row, kek) = self.new_person_kek(subject, ring.ring, 1).await?;
            rows.push(row);
            made = kek;
            &made
        };
        for purpose in lacking {
            let line = dek_line(purpose.ring, purpose.name.to_owned());
            let mut row = tree::draft(env, subject, line, 1);
            row.wrapping = self.wrap_dek(kek, &row, &Key::generate(env))?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// A new key for a ring, and its row, not stored yet.
    pub(super) async fn new_person_kek(
        &self,
        subject: Subject,
        ring: Ring,
        version: u32,
    ) -> Result<(KeyRow, Node), VaultError> {
        let line = KeyLine { kind: KeyKind::PersonKek, ring: Some(ring), name: String::new() };
        let mut row = tree::draft(&self.inner.env, subject, line, version);
        let key = Key::generate(&self.inner.env);
        let tenant = self.tenant(subject.tenant).await?;
        row.wrapping = self.wrap_person_kek(&tenant.keks, &row, &key).await?;
        let node = Node::of(&row, key);
        Ok((row, node))
    }

    /// Wraps the key of a ring: under the tenant's newest key, and that under the shred epoch.
    pub(super) async fn wrap_person_kek(
        &self,
        tenant: &[Node],
        row: &KeyRow,
        key: &Key,
    ) -> Result<Wrapping, VaultError> {
        let kek = tree::newest(tenant).ok_or(VaultError::WrongKms("tenant"))?;
        let inner = tree::wrap(&self.inner.env, kek, row, key)?;
        let outer = self.inner.kms.wrap(KmsLine::Epoch, &inner, &tree::context(row)).await?;
        Ok(Wrapping { parent: Some(kek.id), kms: Some(outer.key), bytes: outer.bytes })
    }

    /// Unwraps the key of a ring; `None` if that cannot be done, now or ever.
    pub(super) async fn unwrap_person_kek(
        &self,
        tenant: &[Node],
        row: &KeyRow,
    ) -> Result<Option<Key>, VaultError> {
        let outer = self.inner.kms.unwrap(&row.wrapping.bytes, &tree::context(row)).await;
        let inner = match outer {
            Ok(inner) => inner,
            Err(KmsError::Refused | KmsError::NoSuchKey(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // EXPOSE: still wrapped by the tenant's key.
        match tree::unwrap(tenant, row, inner.expose()) {
            Ok(key) => Ok(Some(key)),
            Err(UnwrapError::NoParent | UnwrapError::Unopenable) => Ok(None),
        }
    }

    /// Wraps a purpose key under the key of its ring.
    pub(super) fn wrap_dek(
        &self,
        kek: &Node,
        row: &KeyRow,
        key: &Key,
    ) -> Result<Wrapping, VaultError> {
        let bytes = tree::wrap(&self.inner.env, kek, row, key)?;
        Ok(Wrapping { parent: Some(kek.id), kms: None, bytes })
    }
}

/// The line of a purpose key.
pub(super) const fn dek_line(ring: Ring, name: String) -> KeyLine {
    KeyLine { kind: KeyKind::Dek, ring: Some(ring), name }
}
