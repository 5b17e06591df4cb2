//! The text form of a hash: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::fmt;

/// Bytes of salt and of hash.
pub(crate) const SALT: usize = 16;
pub(crate) const OUTPUT: usize = 32;

/// What a hash cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
}

impl Cost {
    /// Memory that is gone through, which is what an attacker pays for.
    pub(crate) const fn work(self) -> u64 {
        self.memory_kib as u64 * self.passes as u64
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phc {
    pub(crate) cost: Cost,
    pub(crate) salt: [u8; SALT],
    pub(crate) output: [u8; OUTPUT],
}

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { memory_kib, passes } = self.cost;
        let salt = STANDARD_NO_PAD.encode(self.salt);
        let output = STANDARD_NO_PAD.encode(self.output);
        write!(f, "$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${output}")
    }
}

impl Phc {
    /// Reads what [`Phc`] writes, and nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let mut next = || parts.next();
        if (next()?, next()?, next()?) != ("", "argon2id", "v=19") {
            return None;
        }
        let mut costs = next()?.split(',');
        let memory_kib = costs.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = costs.next()?.strip_prefix("t=")?.parse().ok()?;
        let salt = STANDARD_NO_PAD.decode(next()?).ok()?.try_into().ok()?;
        let output = STANDARD_NO_PAD.decode(next()?).ok()?.try_into().ok()?;
        let phc = Self { cost: Cost { memory_kib, passes }, salt, output };
        (phc.to_string() == text).then_some(phc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_hash_reads_back(
            memory_kib in any::<u32>(), passes in any::<u32>(),
            salt in any::<[u8; SALT]>(), output in any::<[u8; OUTPUT]>(),
        ) {
            let phc = Phc { cost: Cost { memory_kib, passes }, salt, output };
            prop_assert_eq!(Phc::parse(&phc.to_string()), Some(phc));
        }

        #[test]
        fn any_text_is_read_without_harm(text in "\\$?[$=,a-z0-9A-Z+/]{0,120}") {
            if let Some(phc) = Phc::parse(&text) {
                prop_assert_eq!(phc.to_string(), text);
            }
        }
    }
}
