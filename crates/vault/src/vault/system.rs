//! Secrets of the program itself: for tokens, cookies, the ledger's signature.

use super::{ATTEMPTS, Vault};
use crate::{
    context::Canonical,
    error::VaultError,
    hazmat::{self, Key},
    store::{KeyKind, KeyLine, KeyRow, installation},
    tree,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use kernel::{Pending, Secret, Timestamp};
use std::{sync::Arc, time::Duration};

/// A secret of the program, as the crate that uses it declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemSecret {
    /// Its name.
    pub name: &'static str,
    /// For how long something may still come back that was made with a version which is no longer
    /// the newest; `None` for ever, because it is stored.
    pub keep: Option<Duration>,
}

/// One version of a secret of the program: 32 random bytes.
pub struct SystemKey {
    version: u32,
    active_from: Timestamp,
    key: Key,
}

impl SystemKey {
    /// Which version it is: what a token names, so that it can be checked after a rotation.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The secret, for a library that wants it as bytes.
    #[must_use]
    pub fn secret(&self) -> Secret<Vec<u8>> {
        Secret::new(self.key.bytes().to_vec())
    }

    /// HMAC-SHA-256 over the parts, each with its length, so that no two lists of parts are alike.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let start = Canonical::new(b"salus-system-v1");
        let message = parts.iter().fold(start, |message, part| message.part(part)).finish();
        hazmat::hmac_sha256(self.key.bytes(), &[&message])
    }

    /// Whether the bytes are the [`Self::mac`] of the parts; takes as long if they are not.
    #[must_use]
    pub fn is_mac(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        hazmat::equal(&self.mac(parts), mac)
    }

    /// The secret as the seed of an Ed25519 key. A secret that signs must do nothing else.
    pub fn signing_key(&self) -> Result<SigningKey, VaultError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(self.key.bytes());
        pair.map(SigningKey).map_err(|_| VaultError::WrongKms("program"))
    }
}

/// An Ed25519 key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The signature of a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        for (to, from) in out.iter_mut().zip(self.0.sign(message).as_ref()) {
            *to = *from;
        }
        out
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        out
    }
}

/// All versions of a secret of the program. Cheap to clone; ask the vault for it before each
/// piece of work.
#[derive(Clone)]
pub struct SystemKeys {
    versions: Arc<[SystemKey]>,
    current: usize,
}

impl SystemKeys {
    /// The version to make new things with.
    pub fn current(&self) -> Result<&SystemKey, VaultError> {
        self.versions.get(self.current).ok_or(VaultError::WrongKms("program"))
    }

    /// The version that something names, as long as it is kept.
    #[must_use]
    pub fn version(&self, version: u32) -> Option<&SystemKey> {
        self.iter().find(|key| key.version == version)
    }

    /// All versions that are kept, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &SystemKey> {
        self.versions.iter()
    }
}

/// The line of a secret of the program.
pub(super) fn system_line(name: &str) -> KeyLine {
    KeyLine { kind: KeyKind::System, ring: None, name: name.to_owned() }
}

impl Vault {
    /// A secret of the program; made on first use.
    pub async fn system_key(&self, name: &'static str) -> Result<SystemKeys, VaultError> {
        match self.inner.system.get(&name.to_owned(), self.inner.env.now()) {
            Some(keys) => Ok(keys),
            None => self.system_key_fresh(name).await,
        }
    }

    /// A secret of the program as it is in the store right now: for something that names a
    /// version which is not known.
    pub fn system_key_fresh(
        &self,
        name: &'static str,
    ) -> Pending<'_, Result<SystemKeys, VaultError>> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                let mut rows = self.inner.store.load(&installation()).await?;
                rows.retain(|row| row.line.kind == KeyKind::System && row.line.name == name);
                if let Some(keys) = self.unwrap_system(rows).await? {
                    self.inner.system.put(name.to_owned(), keys.clone(), self.inner.env.now());
                    return Ok(keys);
                }
                let mut row = tree::draft(&self.inner.env, installation(), system_line(name), 1);
                row.wrapping = self.wrap_by_root(&row, &Key::generate(&self.inner.env)).await?;
                self.inner.store.insert(&[row]).await?;
            }
            Err(VaultError::Contended)
        })
    }

    async fn unwrap_system(&self, mut rows: Vec<KeyRow>) -> Result<Option<SystemKeys>, VaultError> {
        rows.sort_by_key(|row| std::cmp::Reverse(row.version));
        let mut versions = Vec::new();
        for row in &rows {
            let key = self.unwrap_by_root(row, "program").await?;
            versions.push(SystemKey { version: row.version, active_from: row.active_from, key });
        }
        let used = tree::in_use(versions.iter().enumerate(), self.inner.env.now(), |(_, key)| {
            (key.version, key.active_from)
        });
        let current = used.map(|(at, _)| at);
        Ok(current.map(|current| SystemKeys { versions: versions.into(), current }))
    }
}
