//! The KMS of an installation that stands alone: one file for each key, in a folder that only the
//! owner can enter.
//!
//! A root key lies in its file in the clear (mode 0600) or sealed under a passphrase. Epoch keys
//! always lie in the clear: alone they open nothing, what counts is that they can be destroyed.
//! A file appears whole or not at all, is on disk before its key is used, and is refused when
//! others could read it. Several processes may share the folder.

use super::{
    Kms, KmsError, KmsKey, KmsLine, KmsVersion, KmsWrapped,
    keyfile::{self, Header, Seal, Stored},
    passphrase::{Cost, Passphrase, SALT_LEN},
    table::{self, Entry, KeyTable},
};
use crate::{hazmat::Key, kms::folder};
use async_trait::async_trait;
use kernel::{Env, Secret};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

/// How the root key is protected on disk.
pub enum Unlock {
    /// By the mode of its file alone.
    Plain,
    /// By a passphrase.
    Passphrase(Passphrase),
}

/// Keys in files.
pub struct FileKms {
    dir: PathBuf,
    env: Env,
    state: Mutex<State>,
}

struct State {
    table: KeyTable,
    lock: Option<Lock>,
}

/// The passphrase and the key made of it, which took long to make.
struct Lock {
    passphrase: Passphrase,
    made: Option<(Cost, [u8; SALT_LEN], Key)>,
}

impl FileKms {
    /// Opens the folder; on the first start makes it, and the first key of each line. A sealed
    /// root key needs its passphrase; one in the clear stays so until [`Self::protect`].
    pub fn open(dir: &Path, env: Env, unlock: Unlock) -> Result<Self, KmsError> {
        folder::ensure(&env, dir)?;
        let lock = match unlock {
            Unlock::Plain => None,
            Unlock::Passphrase(passphrase) => Some(Lock { passphrase, made: None }),
        };
        let state = Mutex::new(State { table: KeyTable::default(), lock });
        let this = Self { dir: dir.to_owned(), env, state };
        this.start()?;
        Ok(this)
    }

    fn start(&self) -> Result<(), KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        let has_root = state.table.newest(KmsLine::Root).is_some();
        if !has_root && state.table.newest(KmsLine::Epoch).is_some() {
            return Err(KmsError::Malformed {
                path: self.dir.clone(),
                reason: "the root key is missing although there are others: restore it",
            });
        }
        for line in KmsLine::ALL {
            if state.table.newest(line).is_none() {
                self.add(&mut state, line)?;
            }
        }
        Ok(())
    }

    /// Protects every root key anew: under another passphrase, under one for the first time, or
    /// under none. Each file is replaced whole, so that it opens at any moment with either.
    pub fn protect(&self, unlock: Unlock) -> Result<(), KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        state.lock = match unlock {
            Unlock::Plain => None,
            Unlock::Passphrase(passphrase) => Some(Lock { passphrase, made: None }),
        };
        let roots: Vec<KmsKey> =
            state.table.versions(KmsLine::Root).into_iter().map(|version| version.key).collect();
        for key in roots {
            let State { table, lock } = &mut *state;
            let entry = table.0.get(&key).ok_or(KmsError::NoSuchKey(key))?;
            let bytes = encode(&self.env, lock.as_mut(), key, entry)?;
            folder::replace(&self.env, &self.path(key), &bytes)?;
        }
        Ok(())
    }

    /// Makes the next key of a line. Another process may be quicker; then its key is ours too.
    fn add(&self, state: &mut State, line: KmsLine) -> Result<KmsKey, KmsError> {
        let key = state.table.next(line);
        let entry = Entry { key: Key::generate(&self.env), created_at: self.env.now() };
        let lock = if line == KmsLine::Root { state.lock.as_mut() } else { None };
        let bytes = encode(&self.env, lock, key, &entry)?;
        folder::create(&self.env, &self.path(key), &bytes)?;
        self.refresh(state)?;
        if state.table.0.contains_key(&key) { Ok(key) } else { Err(KmsError::NoSuchKey(key)) }
    }

    /// Learns of keys that other processes made, and forgets those they destroyed.
    fn refresh(&self, state: &mut State) -> Result<(), KmsError> {
        folder::check(&self.dir)?;
        let mut present = BTreeSet::new();
        for path in folder::key_files(&self.dir)? {
            if let Some(key) = named(&path).filter(|key| state.table.0.contains_key(key)) {
                present.insert(key);
                continue;
            }
            let Some(bytes) = folder::read(&path)? else { continue };
            let malformed = |reason| KmsError::Malformed { path: path.clone(), reason };
            let (header, stored) = keyfile::parse(&bytes).map_err(malformed)?;
            if path != self.path(header.key) {
                return Err(malformed("its name is that of another key"));
            }
            let key = match stored {
                Stored::Plain(key) => key,
                Stored::Sealed(seal) => unseal(state.lock.as_mut(), &path, &seal)?,
            };
            present.insert(header.key);
            state.table.0.insert(header.key, Entry { key, created_at: header.created_at });
        }
        state.table.0.retain(|key, _| present.contains(key));
        Ok(())
    }

    fn unwrap_with(
        &self,
        state: &mut State,
        wrapped: &[u8],
        context: &[u8],
    ) -> Result<Secret<Vec<u8>>, KmsError> {
        match state.table.unwrap(wrapped, context) {
            Err(KmsError::NoSuchKey(_)) => {
                self.refresh(state)?;
                state.table.unwrap(wrapped, context)
            }
            other => other,
        }
    }

    fn path(&self, key: KmsKey) -> PathBuf {
        self.dir.join(format!("{}-{:04}.key", key.line.name(), key.version))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that a file is named after.
fn named(path: &Path) -> Option<KmsKey> {
    let (line, version) = path.file_stem()?.to_str()?.split_once('-')?;
    let line = KmsLine::ALL.into_iter().find(|known| known.name() == line)?;
    Some(KmsKey { line, version: version.parse().ok()? })
}

fn encode(
    env: &Env,
    lock: Option<&mut Lock>,
    key: KmsKey,
    entry: &Entry,
) -> Result<Zeroizing<Vec<u8>>, KmsError> {
    let header = Header { key, created_at: entry.created_at };
    let Some(lock) = lock else { return Ok(keyfile::encode_plain(header, &entry.key)) };
    let (cost, salt) = match &lock.made {
        Some((cost, salt, _)) => (*cost, *salt),
        None => (lock.passphrase.cost(), env.random()),
    };
    let sealed = lock.key(cost, salt).and_then(|passphrase_key| {
        keyfile::encode_sealed(env, header, &entry.key, (passphrase_key, cost, salt)).ok()
    });
    sealed.ok_or(KmsError::Refused)
}

fn unseal(lock: Option<&mut Lock>, path: &Path, seal: &Seal) -> Result<Key, KmsError> {
    let path = path.to_owned();
    let Some(lock) = lock else { return Err(KmsError::PassphraseNeeded { path }) };
    let malformed = |path| KmsError::Malformed { path, reason: "its cost is out of bounds" };
    let Some(passphrase_key) = lock.key(seal.cost, seal.salt) else { return Err(malformed(path)) };
    seal.open(passphrase_key).map_err(|_| KmsError::WrongPassphrase { path })
}

impl Lock {
    /// The key made of the passphrase; made once as long as cost and salt stay the same.
    fn key(&mut self, cost: Cost, salt: [u8; SALT_LEN]) -> Option<&Key> {
        let known = self.made.as_ref().is_some_and(|(c, s, _)| *c == cost && *s == salt);
        if !known {
            self.made = Some((cost, salt, self.passphrase.derive(cost, salt).ok()?));
        }
        self.made.as_ref().map(|(_, _, key)| key)
    }
}

#[async_trait]
impl Kms for FileKms {
    async fn versions(&self, line: KmsLine) -> Result<Vec<KmsVersion>, KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        Ok(state.table.versions(line))
    }

    async fn wrap(
        &self,
        line: KmsLine,
        plaintext: &[u8],
        context: &[u8],
    ) -> Result<KmsWrapped, KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        state.table.wrap(&self.env, line, plaintext, context)
    }

    async fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, KmsError> {
        self.unwrap_with(&mut self.lock(), wrapped, context)
    }

    async fn rewrap(&self, wrapped: &[u8], context: &[u8]) -> Result<KmsWrapped, KmsError> {
        let mut state = self.lock();
        let (key, _) = table::parse(wrapped).ok_or(KmsError::Refused)?;
        self.refresh(&mut state)?;
        let plaintext = state.table.unwrap(wrapped, context)?;
        // EXPOSE: straight into the next wrapping.
        state.table.wrap(&self.env, key.line, plaintext.expose(), context)
    }

    async fn generate(&self, line: KmsLine) -> Result<KmsKey, KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        self.add(&mut state, line)
    }

    async fn destroy(&self, key: KmsKey) -> Result<(), KmsError> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        if state.table.newest(key.line) == Some(key) {
            return Err(KmsError::InUse(key));
        }
        folder::destroy(&self.path(key))?;
        state.table.0.remove(&key);
        Ok(())
    }

    async fn health(&self) -> Result<(), KmsError> {
        self.refresh(&mut self.lock())
    }
}
