//! The keys of one person, unwrapped and ready: seals and opens values without waiting for
//! anything.

use crate::{
    column::{Column, KeyPurpose, Ring},
    context::{Canonical, Context},
    error::VaultError,
    hazmat::{self, Key, Label},
    sealed::{self, Sealed},
    store::KeyId,
    tree,
};
use kernel::{Env, Phi, Subject, Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How many unknown keys a ring remembers. Values that name keys of nobody are rare.
const UNKNOWN: usize = 64;

/// A version of a purpose key, unwrapped.
pub(crate) struct Dek {
    /// Its id, which every value sealed with it names.
    pub(crate) id: KeyId,
    /// The ring it hangs on.
    pub(crate) ring: Ring,
    /// Its purpose.
    pub(crate) purpose: String,
    /// Which version.
    pub(crate) version: u32,
    /// From when on it is written with.
    pub(crate) active_from: Timestamp,
    /// The key.
    pub(crate) key: Key,
}

/// What has become of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RingState {
    /// Its keys can be used.
    Usable,
    /// It was destroyed on purpose.
    Erased,
    /// It cannot be unwrapped.
    Lost,
}

/// The state of both rings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rings {
    /// Health data.
    pub(crate) clinical: RingState,
    /// What must be kept.
    pub(crate) accountability: RingState,
}

impl Rings {
    /// The state of one ring.
    pub(crate) const fn get(self, ring: Ring) -> RingState {
        match ring {
            Ring::Clinical => self.clinical,
            Ring::Accountability => self.accountability,
        }
    }
}

/// The keys of one person. Cheap to clone; ask the vault for it before each piece of work and
/// do not keep it: an old one refuses to work, so that rotation and erasure come to an end.
#[derive(Clone)]
pub struct Keyring {
    inner: Arc<Inner>,
}

struct Inner {
    env: Env,
    subject: Subject,
    loaded_at: Timestamp,
    life: Duration,
    /// Keys that values named and this ring does not know: it should be loaded anew.
    unknown: Mutex<Vec<KeyId>>,
    /// Keys that were looked for when this ring was loaded, in vain.
    absent: Vec<KeyId>,
    rings: Rings,
    deks: Vec<Dek>,
    /// Positions in `deks` of the keys that are written with.
    current: Vec<usize>,
}

impl Keyring {
    /// Out of what was loaded just now.
    pub(crate) fn new(
        env: Env,
        subject: Subject,
        life: Duration,
        rings: Rings,
        deks: Vec<Dek>,
    ) -> Self {
        let loaded_at = env.now();
        let current = currents(&deks, loaded_at);
        let (unknown, absent) = (Mutex::default(), Vec::new());
        let inner = Inner { env, subject, loaded_at, life, unknown, absent, rings, deks, current };
        Self { inner: Arc::new(inner) }
    }

    /// This ring, just loaded, in the place of an older one: what that did not know and this does
    /// not know either does not exist, because keys are stored before they are used.
    pub(crate) fn in_place_of(self, older: &Self) -> Self {
        let known = |id: &KeyId| self.inner.deks.iter().any(|dek| dek.id == *id);
        let mut absent = older.unknown().clone();
        absent.retain(|id| !known(id));
        match Arc::try_unwrap(self.inner) {
            Ok(inner) => Self { inner: Arc::new(Inner { absent, ..inner }) },
            Err(inner) => Self { inner },
        }
    }

    /// Whose keys they are.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.inner.subject
    }

    /// The world it runs in.
    pub(crate) fn env(&self) -> &Env {
        &self.inner.env
    }

    /// Whether a value named a key that this ring does not know.
    pub(crate) fn is_stale(&self) -> bool {
        !self.unknown().is_empty()
    }

    fn unknown(&self) -> MutexGuard<'_, Vec<KeyId>> {
        self.inner.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seals a value for its place.
    pub fn seal(&self, column: &Column, row: Uuid, plaintext: &[u8]) -> Result<Sealed, VaultError> {
        self.seal_as((column, column.format), row, plaintext)
    }

    /// Seals a value whose plaintext is in an older format.
    pub(crate) fn seal_as(
        &self,
        (column, format): (&Column, u16),
        row: Uuid,
        plaintext: &[u8],
    ) -> Result<Sealed, VaultError> {
        let dek = self.current(column.purpose)?;
        let context = self.context(column, row, format);
        let mut bytes = sealed::header(dek.id, plaintext.len());
        let with = (&dek.key, self.inner.env.random());
        hazmat::seal(Label::Field, with, &context, plaintext, &mut bytes)?;
        Ok(Sealed::from_bytes(bytes))
    }

    /// Opens a value that was sealed for this place, in the format that the column has now.
    pub fn open(
        &self,
        column: &Column,
        row: Uuid,
        sealed: &Sealed,
    ) -> Result<Phi<Vec<u8>>, VaultError> {
        let (dek, body) = self.dek_of(column.purpose, sealed)?;
        let context = self.context(column, row, column.format);
        let mut plaintext = hazmat::open(Label::Field, &dek.key, &context, body)?;
        Ok(Phi::new(std::mem::take(&mut *plaintext)))
    }

    /// Opens a value that was sealed for this place in any format that the column ever had; says
    /// in which.
    pub fn open_any_format(
        &self,
        column: &Column,
        row: Uuid,
        sealed: &Sealed,
    ) -> Result<(u16, Phi<Vec<u8>>), VaultError> {
        let mut last = Err(VaultError::Unopenable);
        for format in (1..=column.format).rev() {
            last = self.open(&Column { format, ..*column }, row, sealed);
            if !matches!(last, Err(VaultError::Unopenable)) {
                return last.map(|plaintext| (format, plaintext));
            }
        }
        last.map(|plaintext| (column.format, plaintext))
    }

    /// Stands for a value of this person without telling it: the same value under the same label
    /// gives the same bytes for this person, and others for everyone else, until the
    /// accountability ring is destroyed.
    pub fn pseudonym(&self, label: &'static str, value: &[u8]) -> Result<[u8; 16], VaultError> {
        self.check(Ring::Accountability)?;
        let KeyPurpose { name, ring } = KeyPurpose::PSEUDONYM;
        let of_purpose = |dek: &&Dek| dek.ring == ring && dek.purpose == name;
        let dek = self.inner.deks.iter().filter(of_purpose).min_by_key(|dek| dek.version);
        let dek = dek.ok_or_else(|| VaultError::UnknownPurpose(name.to_owned()))?;
        let message =
            Canonical::new(b"salus-pseudonym-v1").part(label.as_bytes()).part(value).finish();
        let tag = hazmat::hmac_sha256(dek.key.bytes(), &[&message]);
        tag.first_chunk().copied().ok_or(VaultError::Unopenable)
    }

    /// The purpose key that is written with now.
    pub(crate) fn current(&self, purpose: KeyPurpose) -> Result<&Dek, VaultError> {
        self.check(purpose.ring)?;
        let deks = self.inner.current.iter().filter_map(|at| self.inner.deks.get(*at));
        deks.into_iter()
            .find(|dek| dek.ring == purpose.ring && dek.purpose == purpose.name)
            .ok_or_else(|| VaultError::UnknownPurpose(purpose.name.to_owned()))
    }

    fn dek_of<'a>(
        &self,
        purpose: KeyPurpose,
        sealed: &'a Sealed,
    ) -> Result<(&Dek, &'a [u8]), VaultError> {
        self.check(purpose.ring)?;
        let (id, body) = sealed::parse(sealed.as_bytes())?;
        match self.inner.deks.iter().find(|dek| dek.id == id) {
            Some(dek) if dek.ring == purpose.ring && dek.purpose == purpose.name => Ok((dek, body)),
            Some(_) => Err(VaultError::Unopenable),
            None => Err(self.missed(id)),
        }
    }

    /// Another process may have made the key after this ring was loaded, or nobody ever did.
    fn missed(&self, id: KeyId) -> VaultError {
        if self.inner.absent.contains(&id) {
            return VaultError::Unopenable;
        }
        let mut unknown = self.unknown();
        if unknown.len() < UNKNOWN && !unknown.contains(&id) {
            unknown.push(id);
        }
        VaultError::KeyNotLoaded
    }

    fn check(&self, ring: Ring) -> Result<(), VaultError> {
        if self.inner.env.now().since(self.inner.loaded_at) >= self.inner.life {
            return Err(VaultError::KeyringTooOld);
        }
        match self.inner.rings.get(ring) {
            RingState::Usable => Ok(()),
            RingState::Erased => Err(VaultError::Erased(ring)),
            RingState::Lost => Err(VaultError::KeysLost(ring)),
        }
    }

    fn context(&self, column: &Column, row: Uuid, format: u16) -> Vec<u8> {
        Context { subject: &self.inner.subject, column, row, format }.bytes()
    }
}

fn currents(deks: &[Dek], now: Timestamp) -> Vec<usize> {
    let same = |a: &Dek, b: &Dek| a.ring == b.ring && a.purpose == b.purpose;
    let mut current = Vec::new();
    for (at, dek) in deks.iter().enumerate() {
        let first = deks.iter().position(|other| same(other, dek)) == Some(at);
        if first {
            let versions = deks.iter().enumerate().filter(|(_, other)| same(other, dek));
            let used = tree::in_use(versions, now, |(_, dek)| (dek.version, dek.active_from));
            current.extend(used.map(|(at, _)| at));
        }
    }
    current
}
