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
    /// root key needs its passphrase. With a passphrase, one in the clear is refused until
    /// [`Self::protect`] has sealed it: whoever set a passphrase relies on it.
    pub fn open(dir: &Path, env: Env, unlock: Unlock) -> Result<Self, KmsError> {
        folder::ensure(&env, dir)?;
        let state = Mutex::new(State { table: KeyTable::default(), lock: Lock::of(unlock) });
        let this = Self { dir: dir.to_owned(), env, state };
        this.start()?;
        Ok(this)
    }

    fn start(&self) -> Result<(), KmsError> {
        let mut state = self.lock();
        let mut begins = folder::is_begun(&self.dir)?;
        self.refresh(&mut state)?;
        if !begins && missing(&state).count() == 1 {
            // Another process may be in the middle of the first start, or have just ended it.
            begins = folder::is_begun(&self.dir)?;
            self.refresh(&mut state)?;
        }
        let missing: Vec<KmsLine> = missing(&state).collect();
        match missing.as_slice() {
            [] => {}
            // A key that got lost is never made anew: all that it opens would be lost for good.
            [line] if !begins => {
                let reason = match line {
                    KmsLine::Root => {
                        "the root key is missing although there are others: restore it"
                    }
                    KmsLine::Epoch => {
                        "the epoch key is missing although there are others: restore it"
                    }
                };
                return Err(KmsError::Malformed { path: self.dir.clone(), reason });
            }
            _ => folder::begin(&self.dir)?,
        }
        for line in missing {
            // Another process may have been quicker meanwhile.
            if state.table.newest(line).is_none() {
                self.add(&mut state, line)?;
            }
        }
        folder::begun(&self.dir)
    }

    /// Protects every root key anew: under another passphrase, under one for the first time, or
    /// under none. A process that died in the middle of it left some files under the one and some
    /// under the other; so each may be under either, and it is simply run again.
    pub fn protect(
        dir: &Path,
        env: &Env,
        known: Option<&Passphrase>,
        wanted: Unlock,
    ) -> Result<(), KmsError> {
        folder::ensure(env, dir)?;
        let mut wanted = Lock::of(wanted);
        let mut known = known.map(|passphrase| Lock::new(passphrase.clone()));
        for path in folder::key_files(dir)? {
            let Some(found) = Found::read(&path)? else { continue };
            if found.header.key.line != KmsLine::Root {
                continue;
            }
            let Header { key: name, created_at } = found.header;
            let key = found.open(&path, known.iter_mut().chain(&mut wanted))?;
            let bytes = encode(env, wanted.as_mut(), name, &Entry { key, created_at })?;
            folder::replace(env, &path, &bytes)?;
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
            let Some(found) = Found::read(&path)? else { continue };
            let Header { key: name, created_at } = found.header;
            let in_the_clear = matches!(found.stored, Stored::Plain(_));
            if in_the_clear && name.line == KmsLine::Root && state.lock.is_some() {
                return Err(KmsError::Unprotected { path });
            }
            let key = found.open(&path, &mut state.lock)?;
            present.insert(name);
            state.table.0.insert(name, Entry { key, created_at });
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

/// The lines that have no key.
fn missing(state: &State) -> impl Iterator<Item = KmsLine> {
    KmsLine::ALL.into_iter().filter(|line| state.table.newest(*line).is_none())
}

/// What a key file says.
struct Found {
    header: Header,
    stored: Stored,
}

impl Found {
    /// `None` if another process has just destroyed it.
    fn read(path: &Path) -> Result<Option<Self>, KmsError> {
        let Some(bytes) = folder::read(path)? else { return Ok(None) };
        let malformed = |reason| KmsError::Malformed { path: path.to_owned(), reason };
        let (header, stored) = keyfile::parse(&bytes).map_err(malformed)?;
        if named(path) != Some(header.key) {
            return Err(malformed("its name is that of another key"));
        }
        Ok(Some(Self { header, stored }))
    }

    /// With the first of these passphrases that opens it.
    fn open<'l>(
        self,
        path: &Path,
        locks: impl IntoIterator<Item = &'l mut Lock>,
    ) -> Result<Key, KmsError> {
        let seal = match self.stored {
            Stored::Plain(key) => return Ok(key),
            Stored::Sealed(seal) => seal,
        };
        let mut refusal = KmsError::PassphraseNeeded { path: path.to_owned() };
        for lock in locks {
            match unseal(lock, path, &seal) {
                Err(wrong @ KmsError::WrongPassphrase { .. }) => refusal = wrong,
                other => return other,
            }
        }
        Err(refusal)
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

fn unseal(lock: &mut Lock, path: &Path, seal: &Seal) -> Result<Key, KmsError> {
    let path = path.to_owned();
    let malformed = |path| KmsError::Malformed { path, reason: "its cost is out of bounds" };
    let Some(passphrase_key) = lock.key(seal.cost, seal.salt) else { return Err(malformed(path)) };
    seal.open(passphrase_key).map_err(|_| KmsError::WrongPassphrase { path })
}

impl Lock {
    fn new(passphrase: Passphrase) -> Self {
        Self { passphrase, made: None }
    }

    fn of(unlock: Unlock) -> Option<Self> {
        match unlock {
            Unlock::Plain => None,
            Unlock::Passphrase(passphrase) => Some(Self::new(passphrase)),
        }
    }

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
