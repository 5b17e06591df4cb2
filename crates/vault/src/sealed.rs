//! The envelope around a sealed value, as it is stored.

use crate::{
    hazmat::{BODY_OVERHEAD, Unopenable},
    store::KeyId,
};
use std::fmt;
use uuid::Uuid;

/// The version of the envelope.
const VERSION: u8 = 0x01;
/// The suite: HKDF-SHA256, AES-256-GCM, 32 bytes of commitment.
const SUITE: u8 = 0x01;
/// What every envelope starts with.
const START: [u8; 2] = [VERSION, SUITE];
/// Bytes of version, suite and key id.
pub(crate) const HEADER_LEN: usize = 18;

/// A sealed value. Its bytes are safe to store and to show.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// What a sealed value is longer than its plaintext.
    pub const OVERHEAD: usize = HEADER_LEN + BODY_OVERHEAD;

    /// As read from where it was stored. Whether it opens is seen when it is opened.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The key that it says it was sealed with; `None` if it is no envelope.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        parse(&self.0).ok().map(|(id, _)| id)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// The start of an envelope that names this key, with room for a body.
pub(crate) fn header(id: KeyId, plaintext_len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(Sealed::OVERHEAD + plaintext_len);
    bytes.extend_from_slice(&START);
    bytes.extend_from_slice(id.as_uuid().as_bytes());
    bytes
}

/// The key that an envelope names, and its body.
pub(crate) fn parse(bytes: &[u8]) -> Result<(KeyId, &[u8]), Unopenable> {
    let (start, rest) = bytes.split_first_chunk::<2>().ok_or(Unopenable)?;
    let (id, body) = rest.split_first_chunk::<16>().ok_or(Unopenable)?;
    if *start != START || body.len() < BODY_OVERHEAD {
        return Err(Unopenable);
    }
    Ok((KeyId::from_uuid(Uuid::from_bytes(*id)), body))
}
