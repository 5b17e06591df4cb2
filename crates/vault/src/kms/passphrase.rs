//! A key out of a passphrase, slowly on purpose.

use super::KmsError;
use crate::hazmat::{Key, Unopenable};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Secret;

/// Bytes of the salt of a passphrase.
pub(crate) const SALT_LEN: usize = 16;

/// What guessing once costs: memory in KiB, passes, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory in KiB.
    pub(crate) memory: u32,
    /// Passes over the memory.
    pub(crate) passes: u32,
    /// Lanes.
    pub(crate) lanes: u32,
}

impl Cost {
    /// What new files are sealed with.
    pub(crate) const NEW: Self = Self { memory: 256 * 1024, passes: 4, lanes: 1 };
    /// The least that is accepted of a file: one that says less was not written by us.
    const FLOOR: Self = Self { memory: 64 * 1024, passes: 3, lanes: 1 };
    /// The most: one that says more would only tie up the machine.
    const CEILING: Self = Self { memory: 4 * 1024 * 1024, passes: 64, lanes: 16 };
    /// For tests, where nothing is protected.
    const WEAK: Self = Self { memory: 64, passes: 1, lanes: 1 };

    fn at_least(self, floor: Self) -> bool {
        self.memory >= floor.memory && self.passes >= floor.passes && self.lanes >= floor.lanes
    }
}

/// A passphrase that unlocks the root key.
#[derive(Clone)]
pub struct Passphrase {
    secret: Secret<String>,
    cost: Cost,
    floor: Cost,
}

impl Passphrase {
    /// This passphrase, at full cost.
    pub fn new(secret: Secret<String>) -> Result<Self, KmsError> {
        // EXPOSE: only measured.
        if secret.expose().is_empty() {
            return Err(KmsError::EmptyPassphrase);
        }
        Ok(Self { secret, cost: Cost::NEW, floor: Cost::FLOOR })
    }

    /// This passphrase at a cost that protects nothing, so that tests take no time.
    #[must_use]
    pub const fn weak_for_tests(secret: Secret<String>) -> Self {
        Self { secret, cost: Cost::WEAK, floor: Cost::WEAK }
    }

    /// The cost of files that are newly sealed.
    pub(crate) const fn cost(&self) -> Cost {
        self.cost
    }

    /// The key out of the passphrase; `Unopenable` if the cost is out of bounds.
    pub(crate) fn derive(&self, cost: Cost, salt: [u8; SALT_LEN]) -> Result<Key, Unopenable> {
        if !cost.at_least(self.floor) || !Cost::CEILING.at_least(cost) {
            return Err(Unopenable);
        }
        let params = Params::new(cost.memory, cost.passes, cost.lanes, None);
        let argon =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| Unopenable)?);
        let mut result = Ok(());
        // EXPOSE: the passphrase goes into the hash.
        let secret = self.secret.expose().as_bytes();
        let key = Key::build(|out| result = argon.hash_password_into(secret, &salt, out));
        result.map(|()| key).map_err(|_| Unopenable)
    }
}
