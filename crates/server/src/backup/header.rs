//! What a file of a backup says before what is sealed in it.
//!
//! ```text
//! file    start key:text8 wrapped:bytes16 sealed
//! start   "SALUSBAK" version:u16 part:u8 id:[16] created:i64 (microseconds)
//! ```
//! Numbers are big-endian; lengths stand before the key's name (one byte) and the wrapped file key
//! (two). The KMS wraps the file key for this `start`, and the file opens only with the whole
//! header as it was: `sealed` is a dump ([`db::dump`]) in C2SP chunked encryption.

use super::BackupError;
use kernel::Timestamp;
use std::{
    io::{ErrorKind, Read},
    path::Path,
};
use uuid::Uuid;
use vault::KmsKey;

const MAGIC: [u8; 8] = *b"SALUSBAK";
const VERSION: u16 = 1;

/// Which of the two files of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything but the wrapped keys.
    Data,
    /// The wrapped keys.
    Keys,
}

impl Part {
    const ALL: [Self; 2] = [Self::Data, Self::Keys];

    /// How the names of such files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Data => "backup",
            Self::Keys => "keys",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Keys => 2,
        }
    }
}

/// Which file of which backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) part: Part,
    pub(super) id: Uuid,
    pub(super) created: Timestamp,
}

impl Start {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.push(self.part.number());
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.created.as_micros().to_be_bytes());
        out
    }
}

/// What a file says about itself. It is believed once the file was opened with the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which of the two files it is.
    pub part: Part,
    /// The backup; the same in both files.
    pub id: Uuid,
    /// When it was made.
    pub created: Timestamp,
    /// The root key that is needed.
    pub key: KmsKey,
    pub(super) wrapped: Vec<u8>,
}

impl Header {
    pub(super) fn start(&self) -> Start {
        Start { part: self.part, id: self.id, created: self.created }
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, BackupError> {
        let too_long = |_| BackupError::KeyTooLong;
        let key = self.key.to_string();
        let mut out = self.start().bytes();
        out.push(u8::try_from(key.len()).map_err(too_long)?);
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(&u16::try_from(self.wrapped.len()).map_err(too_long)?.to_be_bytes());
        out.extend_from_slice(&self.wrapped);
        Ok(out)
    }

    /// Reads it; what follows is the sealed part.
    pub(super) fn read(from: &mut impl Read, path: &Path) -> Result<Self, BackupError> {
        let damaged = || BackupError::Damaged(path.to_owned());
        let mut input = Input { from, path };
        match input.array() {
            Ok(MAGIC) => {}
            Ok(_) | Err(BackupError::Damaged(_)) => {
                return Err(BackupError::NotABackup(path.to_owned()));
            }
            Err(error) => return Err(error),
        }
        if u16::from_be_bytes(input.array()?) != VERSION {
            return Err(BackupError::Newer(path.to_owned()));
        }
        let [number] = input.array()?;
        let part = Part::ALL.into_iter().find(|part| part.number() == number);
        let part = part.ok_or_else(damaged)?;
        let id = Uuid::from_bytes(input.array()?);
        let micros = i64::from_be_bytes(input.array()?);
        let created = Timestamp::from_micros(micros);
        let [length] = input.array()?;
        let key = String::from_utf8(input.bytes(length.into())?).map_err(|_| damaged())?;
        let key = key.parse().map_err(|_| damaged())?;
        let length = u16::from_be_bytes(input.array()?);
        let wrapped = input.bytes(length.into())?;
        if created.as_micros() != micros {
            return Err(damaged());
        }
        Ok(Self { part, id, created, key, wrapped })
    }
}

struct Input<'a, R> {
    from: &'a mut R,
    path: &'a Path,
}

impl<R: Read> Input<'_, R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, BackupError> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        self.from.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => BackupError::Damaged(self.path.to_owned()),
            _ => BackupError::io(self.path)(error),
        })
    }
}
