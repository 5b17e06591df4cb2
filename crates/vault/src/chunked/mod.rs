//! Files, sealed chunk by chunk: C2SP chunked-encryption as Cobblestone-256 (AES-256-GCM,
//! HKDF-SHA-512, chunks of 16 KiB), so that memory stays small, any part can be read by itself,
//! and a file that was cut off does not pass for a whole one.
//!
//! Each file has a random key of its own, stored as a sealed value in a column; rotating the
//! person's keys seals that value anew and leaves the file as it is, and destroying them takes
//! the file with them.

mod installation;
mod io;
mod push;

pub use push::{ChunkOpener, ChunkSealer};

use crate::{
    column::Column,
    context::Context,
    error::VaultError,
    hazmat::{self, Aead, KEY_LEN, Key, NONCE_LEN, TAG_LEN, Unopenable},
    keyring::Keyring,
    sealed::Sealed,
};
use kernel::Env;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of plaintext in every chunk but the last, which has fewer.
pub(crate) const CHUNK: usize = 16 * 1024;
/// Bytes of a sealed chunk that is not the last.
pub(crate) const SEALED_CHUNK: usize = CHUNK + TAG_LEN;
/// Bytes before the first chunk: salt and commitment.
pub(crate) const HEADER_LEN: usize = SALT_LEN + COMMITMENT_LEN;
const SALT_LEN: usize = 24;
const COMMITMENT_LEN: usize = 32;
const MAX_CHUNKS: u64 = 1 << 38;
const INFO: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// The key of one file, together with the place of the file: it opens no other.
pub struct FileKey {
    key: Key,
    context: Vec<u8>,
    env: Env,
}

impl Keyring {
    /// A key for a new file, and the sealed value of it to store at this place.
    pub fn new_file_key(
        &self,
        column: &Column,
        row: Uuid,
    ) -> Result<(FileKey, Sealed), VaultError> {
        let key = Key::generate(self.env());
        let sealed = self.seal(column, row, key.bytes())?;
        Ok((self.at_place(column, row, key), sealed))
    }

    /// The key of a file, out of the sealed value stored at this place.
    pub fn file_key(
        &self,
        column: &Column,
        row: Uuid,
        sealed: &Sealed,
    ) -> Result<FileKey, VaultError> {
        let bytes = self.open(column, row, sealed)?;
        // EXPOSE: the key goes into its own guarded place.
        let key = Key::from_slice(bytes.expose()).ok_or(VaultError::Unopenable)?;
        Ok(self.at_place(column, row, key))
    }

    fn at_place(&self, column: &Column, row: Uuid, key: Key) -> FileKey {
        let subject = &self.subject();
        let context = Context { subject, column, row, format: column.format }.bytes();
        FileKey { key, context, env: self.env().clone() }
    }
}

impl FileKey {
    /// Starts to seal a file.
    pub fn sealer(&self) -> Result<ChunkSealer, VaultError> {
        Ok(ChunkSealer::new(&self.key, &self.context, self.env.random())?)
    }

    /// A key for a context of no place, for vectors that others made.
    #[cfg(test)]
    pub(crate) fn for_tests(key: Key, context: &[u8]) -> Self {
        Self { key, context: context.to_vec(), env: Env::system() }
    }

    /// Starts to open a file.
    #[must_use]
    pub fn opener(&self) -> ChunkOpener<'_> {
        ChunkOpener::new(&self.key, &self.context)
    }
}

/// What seals or opens the chunks of one file.
pub(crate) struct Chunks {
    aead: Aead,
    base_nonce: [u8; NONCE_LEN],
    commitment: [u8; COMMITMENT_LEN],
}

impl Chunks {
    /// Out of the file's key, its salt and its context.
    pub(crate) fn derive(key: &Key, salt: &[u8], context: &[u8]) -> Result<Self, Unopenable> {
        let mut okm = Zeroizing::new([0; KEY_LEN + NONCE_LEN + COMMITMENT_LEN]);
        hazmat::expand_sha512(key.bytes(), &[INFO, salt, context], okm.as_mut_slice())?;
        let (key, rest) = okm.split_first_chunk::<KEY_LEN>().ok_or(Unopenable)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unopenable)?;
        let commitment = rest.first_chunk::<COMMITMENT_LEN>().ok_or(Unopenable)?;
        Ok(Self { aead: Aead::new(key)?, base_nonce: *nonce, commitment: *commitment })
    }

    /// Out of the header of a sealed file.
    pub(crate) fn open(key: &Key, header: &[u8], context: &[u8]) -> Result<Self, Unopenable> {
        let (salt, commitment) = header.split_first_chunk::<SALT_LEN>().ok_or(Unopenable)?;
        let chunks = Self::derive(key, salt, context)?;
        if !hazmat::equal(&chunks.commitment, commitment) {
            return Err(Unopenable);
        }
        Ok(chunks)
    }

    /// The nonce of a chunk: the base nonce with the number of the chunk mixed in.
    fn nonce(&self, chunk: u64) -> Result<[u8; NONCE_LEN], Unopenable> {
        if chunk >= MAX_CHUNKS {
            return Err(Unopenable);
        }
        let mut nonce = self.base_nonce;
        for (to, from) in nonce.iter_mut().rev().zip(chunk.to_be_bytes().iter().rev()) {
            *to ^= from;
        }
        Ok(nonce)
    }

    /// Appends a sealed chunk.
    pub(crate) fn seal_chunk(
        &self,
        chunk: u64,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Unopenable> {
        self.aead.seal(self.nonce(chunk)?, &[], plaintext, out)
    }

    /// Appends an opened chunk.
    pub(crate) fn open_chunk(
        &self,
        chunk: u64,
        sealed: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Unopenable> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self.aead.open(self.nonce(chunk)?, &[], &mut buffer)?;
        out.extend_from_slice(buffer.get(..length).ok_or(Unopenable)?);
        Ok(())
    }
}
