//! AES-256-GCM with the nonce chosen by the caller, who must never choose one twice.

use super::{envelope::Unopenable, key::KEY_LEN};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of a nonce.
pub(crate) const NONCE_LEN: usize = 12;
/// Bytes of a tag.
pub(crate) const TAG_LEN: usize = 16;

/// A key made ready for use.
pub(crate) struct Aead(LessSafeKey);

impl Aead {
    /// Makes the key ready.
    pub(crate) fn new(key: &[u8; KEY_LEN]) -> Result<Self, Unopenable> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Unopenable)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Appends the sealed plaintext and its tag to `out`.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Unopenable> {
        out.reserve(plaintext.len() + TAG_LEN);
        let start = out.len();
        out.extend_from_slice(plaintext);
        let body = out.get_mut(start..).ok_or(Unopenable)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(aad), body)
            .map_err(|_| Unopenable)?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens in place; the plaintext is the start of `body` and as long as said.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        body: &mut [u8],
    ) -> Result<usize, Unopenable> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .open_in_place(nonce, Aad::from(aad), body)
            .map(|plaintext| plaintext.len())
            .map_err(|_| Unopenable)
    }
}
