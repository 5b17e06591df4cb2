//! Where the keys above all others are kept.
//!
//! A [`Kms`] holds two lines of keys: the *root*, which wraps the keys of tenants and of the
//! program itself, and the *shred epochs*, which lie around the keys of people and are destroyed
//! one after the other, so that an old copy of the key table opens nothing. Neither ever leaves
//! it. Every implementation passes the same contract ([`crate::contract::kms`]).

mod file;
mod folder;
mod keyfile;
mod memory;
mod passphrase;
mod table;

pub use file::{FileKms, Unlock};
pub use memory::MemoryKms;
pub use passphrase::Passphrase;

#[cfg(test)]
pub(crate) use keyfile::{Header, Stored, encode_plain, encode_sealed, parse as parse_key_file};
#[cfg(test)]
pub(crate) use table::{Entry, KeyTable};

use async_trait::async_trait;
use kernel::{Secret, Timestamp};
use std::{fmt, path::PathBuf, str::FromStr};

/// A line of keys that succeed one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KmsLine {
    /// Wraps the keys of tenants and of the program.
    Root,
    /// Lies around the keys of people until it is destroyed.
    Epoch,
}

impl KmsLine {
    /// Both lines.
    pub const ALL: [Self; 2] = [Self::Root, Self::Epoch];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Epoch => "epoch",
        }
    }
}

/// One key of the KMS. Prints and reads as `root/1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsKey {
    /// Its line.
    pub line: KmsLine,
    /// Its number in the line, from 1.
    pub version: u32,
}

impl fmt::Display for KmsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.line.name(), self.version)
    }
}

/// The text named no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a KMS key")]
pub struct KmsKeyError;

impl FromStr for KmsKey {
    type Err = KmsKeyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (line, version) = text.split_once('/').ok_or(KmsKeyError)?;
        let line = KmsLine::ALL.into_iter().find(|known| known.name() == line);
        let key = Self {
            line: line.ok_or(KmsKeyError)?,
            version: version.parse().map_err(|_| KmsKeyError)?,
        };
        if key.to_string() == text { Ok(key) } else { Err(KmsKeyError) }
    }
}

/// A key of the KMS and its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KmsVersion {
    /// The key.
    pub key: KmsKey,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Something the KMS wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsWrapped {
    /// The key around it.
    pub key: KmsKey,
    /// The wrapped bytes.
    pub bytes: Vec<u8>,
}

/// Why the KMS did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// It does not answer; later it may.
    #[error("the key store does not answer: {0}")]
    Unavailable(String),
    /// The wrapped bytes do not open here: damaged, of another place, or of another installation.
    #[error("the key store refuses to unwrap this")]
    Refused,
    /// There is no such key, or no longer.
    #[error("there is no key {0}")]
    NoSuchKey(KmsKey),
    /// The newest key of a line cannot be destroyed.
    #[error("the key {0} is in use")]
    InUse(KmsKey),
    /// Others than the owner can read the file or folder.
    #[error(
        "{} can be read by others (mode {mode:03o}); only its owner may: run chmod {wanted:03o} on it",
        path.display()
    )]
    TooOpen {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// What the mode must be.
        wanted: u32,
    },
    /// The file is not a key file of ours, or damaged.
    #[error("{} is not a valid key file: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file is sealed and no passphrase was given.
    #[error("{} is sealed: a passphrase is needed", path.display())]
    PassphraseNeeded {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase is set, and the root key is in the clear all the same.
    #[error(
        "{} is in the clear although a passphrase is set: run `salus keys protect` with it",
        path.display()
    )]
    Unprotected {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase has to be something.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The passphrase is not the right one.
    #[error("the passphrase does not open {}", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Keeps the keys above all others.
#[async_trait]
pub trait Kms: Send + Sync {
    /// The keys of a line that exist, oldest first. The last one is what `wrap` uses.
    async fn versions(&self, line: KmsLine) -> Result<Vec<KmsVersion>, KmsError>;

    /// Wraps under the newest key of the line. It unwraps only with the same context.
    async fn wrap(
        &self,
        line: KmsLine,
        plaintext: &[u8],
        context: &[u8],
    ) -> Result<KmsWrapped, KmsError>;

    /// Unwraps what this KMS wrapped under any key that still exists.
    async fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, KmsError>;

    /// Wraps anew under the newest key of the same line, without showing what is inside.
    async fn rewrap(&self, wrapped: &[u8], context: &[u8]) -> Result<KmsWrapped, KmsError>;

    /// Makes a new key, durably, which is from now on the newest of its line.
    async fn generate(&self, line: KmsLine) -> Result<KmsKey, KmsError>;

    /// Destroys a key for good. The newest of a line is refused; one already gone is fine.
    async fn destroy(&self, key: KmsKey) -> Result<(), KmsError>;

    /// Whether it could serve now.
    async fn health(&self) -> Result<(), KmsError>;
}
