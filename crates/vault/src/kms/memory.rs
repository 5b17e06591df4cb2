//! A KMS that forgets everything when it is dropped, for tests, and that can be switched off.

use super::{
    Kms, KmsError, KmsKey, KmsLine, KmsVersion, KmsWrapped,
    table::{self, Entry, KeyTable},
};
use crate::hazmat::Key;
use async_trait::async_trait;
use kernel::{Env, Secret};
use std::sync::{
    PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
    atomic::{AtomicBool, Ordering},
};

/// Keys in memory only.
pub struct MemoryKms {
    env: Env,
    table: RwLock<KeyTable>,
    down: AtomicBool,
}

impl MemoryKms {
    /// With one new key in each line.
    #[must_use]
    pub fn new(env: Env) -> Self {
        let this = Self { env, table: RwLock::default(), down: AtomicBool::new(false) };
        for line in KmsLine::ALL {
            this.add(line);
        }
        this
    }

    /// With just these keys, for vectors.
    #[cfg(test)]
    pub(crate) const fn holding(env: Env, table: KeyTable) -> Self {
        Self { env, table: RwLock::new(table), down: AtomicBool::new(false) }
    }

    /// From now on every call fails as unavailable, or no longer.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn add(&self, line: KmsLine) -> KmsKey {
        let mut table = self.write();
        let key = table.next(line);
        let entry = Entry { key: Key::generate(&self.env), created_at: self.env.now() };
        table.0.insert(key, entry);
        key
    }

    fn up(&self) -> Result<(), KmsError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(KmsError::Unavailable("switched off".to_owned()));
        }
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, KeyTable> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, KeyTable> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Kms for MemoryKms {
    async fn versions(&self, line: KmsLine) -> Result<Vec<KmsVersion>, KmsError> {
        self.up()?;
        Ok(self.read().versions(line))
    }

    async fn wrap(
        &self,
        line: KmsLine,
        plaintext: &[u8],
        context: &[u8],
    ) -> Result<KmsWrapped, KmsError> {
        self.up()?;
        self.read().wrap(&self.env, line, plaintext, context)
    }

    async fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, KmsError> {
        self.up()?;
        self.read().unwrap(wrapped, context)
    }

    async fn rewrap(&self, wrapped: &[u8], context: &[u8]) -> Result<KmsWrapped, KmsError> {
        self.up()?;
        let (key, _) = table::parse(wrapped).ok_or(KmsError::Refused)?;
        let table = self.read();
        let plaintext = table.unwrap(wrapped, context)?;
        // EXPOSE: straight into the next wrapping.
        table.wrap(&self.env, key.line, plaintext.expose(), context)
    }

    async fn generate(&self, line: KmsLine) -> Result<KmsKey, KmsError> {
        self.up()?;
        Ok(self.add(line))
    }

    async fn destroy(&self, key: KmsKey) -> Result<(), KmsError> {
        self.up()?;
        let mut table = self.write();
        if table.newest(key.line) == Some(key) {
            return Err(KmsError::InUse(key));
        }
        table.0.remove(&key);
        Ok(())
    }

    async fn health(&self) -> Result<(), KmsError> {
        self.up()
    }
}
