//! Where 256 secret bits live.

use kernel::Env;
use zeroize::Zeroize;

/// Bytes of every key in this crate.
pub(crate) const KEY_LEN: usize = 32;

/// A key. On the heap, so that moving it leaves no copy behind; wiped when dropped; cannot be
/// printed, compared, cloned or serialized.
pub(crate) struct Key(Box<[u8; KEY_LEN]>);

impl Key {
    /// A new one.
    pub(crate) fn generate(env: &Env) -> Self {
        Self::build(|bytes| env.fill(bytes))
    }

    /// Filled in place.
    pub(crate) fn build(fill: impl FnOnce(&mut [u8; KEY_LEN])) -> Self {
        let mut key = Self(Box::new([0; KEY_LEN]));
        fill(&mut key.0);
        key
    }

    /// The key with these bytes, if they are as many as a key has.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; KEY_LEN] = bytes.try_into().ok()?;
        Some(Self::build(|out| out.copy_from_slice(bytes)))
    }

    /// The bytes.
    pub(crate) const fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
