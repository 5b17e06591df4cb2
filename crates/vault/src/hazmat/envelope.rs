//! The one construction behind fields, wrapped keys and key files: a fresh salt makes a key, a
//! nonce and a commitment out of a long-lived key and the context; AES-256-GCM does the rest.
//!
//! A body opens under one key and one context only (the commitment is checked first, in constant
//! time), no nonce can repeat because no key does, and every failure looks the same.

use super::{
    aead::{Aead, NONCE_LEN, TAG_LEN},
    kdf::expand_sha256,
    key::{KEY_LEN, Key},
    mac::{equal, sha256},
};
use zeroize::Zeroizing;

/// Bytes of the random salt.
pub(crate) const SALT_LEN: usize = 24;
const COMMITMENT_LEN: usize = 32;
const OKM_LEN: usize = KEY_LEN + NONCE_LEN + COMMITMENT_LEN;
/// HKDF-SHA256, AES-256-GCM, 32 bytes of commitment.
pub(crate) const SUITE: u8 = 0x01;
/// What a body is longer than its plaintext.
pub(crate) const BODY_OVERHEAD: usize = SALT_LEN + COMMITMENT_LEN + TAG_LEN;

/// It does not open: damaged, moved, or sealed under another key. Which one is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not open")]
pub(crate) struct Unopenable;

/// What a body is, so that a body of one kind never opens as another.
#[derive(Clone, Copy)]
pub(crate) enum Label {
    /// A sealed field.
    Field,
    /// A key wrapped by another key of the tree.
    Wrap,
    /// A key wrapped by the KMS.
    Kms,
    /// A key file sealed under a passphrase.
    Passphrase,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Field => b"salus/field/v1",
            Self::Wrap => b"salus/wrap/v1",
            Self::Kms => b"salus/kms/v1",
            Self::Passphrase => b"salus/passphrase/v1",
        }
    }
}

struct Derived(Zeroizing<[u8; OKM_LEN]>);

impl Derived {
    fn new(label: Label, key: &Key, salt: &[u8], context: &[u8]) -> Result<Self, Unopenable> {
        let info = [label.bytes(), &[0, SUITE], salt, &sha256(&[context])];
        let mut okm = Zeroizing::new([0; OKM_LEN]);
        expand_sha256(key.bytes(), &info, okm.as_mut_slice())?;
        Ok(Self(okm))
    }

    fn parts(&self) -> Result<(Aead, [u8; NONCE_LEN], &[u8]), Unopenable> {
        let (key, rest) = self.0.split_first_chunk::<KEY_LEN>().ok_or(Unopenable)?;
        let (nonce, commitment) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unopenable)?;
        Ok((Aead::new(key)?, *nonce, commitment))
    }
}

/// Appends `salt || commitment || ciphertext || tag` to `out`. The salt must be random.
pub(crate) fn seal(
    label: Label,
    (key, salt): (&Key, [u8; SALT_LEN]),
    context: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Unopenable> {
    let derived = Derived::new(label, key, &salt, context)?;
    let (aead, nonce, commitment) = derived.parts()?;
    out.reserve(BODY_OVERHEAD + plaintext.len());
    out.extend_from_slice(&salt);
    out.extend_from_slice(commitment);
    aead.seal(nonce, context, plaintext, out)
}

/// Opens what [`seal`] appended.
pub(crate) fn open(
    label: Label,
    key: &Key,
    context: &[u8],
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
    let (salt, rest) = body.split_first_chunk::<SALT_LEN>().ok_or(Unopenable)?;
    let (claimed, sealed) = rest.split_first_chunk::<COMMITMENT_LEN>().ok_or(Unopenable)?;
    let derived = Derived::new(label, key, salt, context)?;
    let (aead, nonce, commitment) = derived.parts()?;
    if !equal(commitment, claimed) {
        return Err(Unopenable);
    }
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length = aead.open(nonce, context, &mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}
