//! argon2id, then an HMAC under a key of the program (the pepper): a stolen table of hashes is
//! worth nothing without the keys, and the pepper can be rotated.

use super::{
    Password,
    phc::{Cost, OUTPUT, Phc, SALT},
    pool::{Busy, Pool, PoolMetrics},
};
use crate::{config::PasswordConfig, error::IdentityError};
use argon2_rust::{Algorithm, Argon2, Hasher as Memory, Params, Version, params};
use kernel::Env;
use subtle::ConstantTimeEq;
use vault::{SystemKey, SystemKeys, Vault};
use zeroize::Zeroizing;

/// The system key that hashes are peppered with.
pub(crate) const PEPPER: &str = "identity.pepper";
/// argon2id and HMAC-SHA-256. Other schemes get other numbers.
pub(crate) const SCHEME: i64 = 1;

/// A hash as stored.
#[derive(Clone)]
pub(crate) struct StoredHash {
    pub(crate) scheme: i64,
    pub(crate) pepper: u32,
    pub(crate) phc: String,
}

/// What a password is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    No,
    Yes,
    /// It is right, and should be hashed anew: the hash is weaker than today's.
    YesButWeak,
}

pub(crate) struct Hasher {
    env: Env,
    vault: Vault,
    pool: Pool,
    cost: Cost,
    /// Compared with when there is no account: costs the same and never matches.
    nobody: Phc,
}

impl Hasher {
    pub(crate) fn new(env: Env, vault: Vault, config: &PasswordConfig) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let permits = match config.hash_permits {
            0 => cores,
            permits => usize::from(permits),
        };
        let cost = Cost { memory_kib: config.memory_kib, passes: config.passes };
        let nobody = Phc { cost, salt: env.random(), output: env.random() };
        let pool = Pool::new(permits, usize::from(config.hash_queue));
        Self { env, vault, pool, cost, nobody }
    }

    pub(crate) fn metrics(&self) -> &PoolMetrics {
        self.pool.metrics()
    }

    /// A new hash at today's cost.
    pub(crate) async fn hash(&self, password: &Password) -> Result<StoredHash, IdentityError> {
        let peppers = self.vault.system_key(PEPPER).await?;
        let salt = self.env.random();
        let raw = self.argon2(password, self.cost, salt).await?;
        let pepper = peppers.current()?;
        let phc = Phc { cost: self.cost, salt, output: peppered(pepper, &raw) };
        Ok(StoredHash { scheme: SCHEME, pepper: pepper.version(), phc: phc.to_string() })
    }

    /// Compares a password with a hash, or with nothing at the same cost.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        stored: Option<&StoredHash>,
    ) -> Result<Match, IdentityError> {
        let peppers = self.vault.system_key(PEPPER).await?;
        let Some(stored) = stored else {
            let raw = self.argon2(password, self.nobody.cost, self.nobody.salt).await?;
            let matches = peppered(peppers.current()?, &raw).ct_eq(&self.nobody.output);
            // The comparison is done for its time only.
            std::hint::black_box(bool::from(matches));
            return Ok(Match::No);
        };
        let peppers = self.with_version(peppers, stored.pepper).await?;
        let known = Phc::parse(&stored.phc).filter(|_| stored.scheme == SCHEME);
        let (Some(phc), Some(pepper)) = (known, peppers.version(stored.pepper)) else {
            return Err(IdentityError::UnreadableHash);
        };
        let raw = self.argon2(password, phc.cost, phc.salt).await?;
        if !bool::from(peppered(pepper, &raw).ct_eq(&phc.output)) {
            return Ok(Match::No);
        }
        let old = peppers.current()?.version() != stored.pepper;
        let weak = phc.cost.work() < self.cost.work() || phc.cost.memory_kib < self.cost.memory_kib;
        Ok(if old || weak { Match::YesButWeak } else { Match::Yes })
    }

    /// Another process may have begun to use a newer pepper.
    async fn with_version(
        &self,
        peppers: SystemKeys,
        version: u32,
    ) -> Result<SystemKeys, IdentityError> {
        match peppers.version(version) {
            Some(_) => Ok(peppers),
            None => Ok(self.vault.system_key_fresh(PEPPER).await?),
        }
    }

    async fn argon2(
        &self,
        password: &Password,
        cost: Cost,
        salt: [u8; SALT],
    ) -> Result<Zeroizing<[u8; OUTPUT]>, IdentityError> {
        let password = password.clone();
        let hashed = self.pool.run(move |memory| argon2id(&password, cost, salt, memory)).await;
        hashed?.ok_or(IdentityError::UnreadableHash)
    }
}

impl From<Busy> for IdentityError {
    fn from(Busy: Busy) -> Self {
        Self::HashersBusy
    }
}

/// `None` for a cost that no hash of ours has.
fn argon2id(
    password: &Password,
    cost: Cost,
    salt: [u8; SALT],
    memory: &mut Memory,
) -> Option<Zeroizing<[u8; OUTPUT]>> {
    let kib = params::Memory::kib(cost.memory_kib.into());
    let params = Params::builder().memory(kib).passes(cost.passes).lanes(1).build().ok()?;
    memory.set_argon2(Argon2::new(Algorithm::Argon2id, Version::V0x13, params));
    let mut out = Zeroizing::new([0; OUTPUT]);
    // EXPOSE: it is hashed.
    memory.hash_into(password.text().expose().as_bytes(), &salt, out.as_mut()).ok()?;
    Some(out)
}

fn peppered(pepper: &SystemKey, raw: &[u8; OUTPUT]) -> [u8; OUTPUT] {
    pepper.mac(&[b"password", raw])
}

#[cfg(test)]
mod tests {
    use super::{super::pool::memory, *};
    use crate::tests::{memory_vault, quick_passwords};
    use kernel::Secret;
    use proptest::{collection::vec, prelude::*};

    fn password(text: &str) -> Password {
        Password::new(&Secret::new(text.to_owned()))
    }

    fn hasher(vault: &Vault, config: &PasswordConfig) -> Hasher {
        Hasher::new(Env::system(), vault.clone(), config)
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = hasher(&memory_vault(), &quick_passwords());
        let stored = hasher.hash(&password("three goats")).await.unwrap();
        let verify = async |text, stored| hasher.verify(&password(text), stored).await.unwrap();
        assert_eq!(verify("three goats", Some(&stored)).await, Match::Yes);
        assert_eq!(verify("three goat", Some(&stored)).await, Match::No);
        assert_eq!(verify("three goats", None).await, Match::No);
    }

    #[tokio::test]
    async fn a_hash_under_another_pepper_never_matches() {
        let stored =
            hasher(&memory_vault(), &quick_passwords()).hash(&password("three goats")).await;
        let other = hasher(&memory_vault(), &quick_passwords());
        let result = other.verify(&password("three goats"), Some(&stored.unwrap())).await;
        assert_eq!(result.unwrap(), Match::No);
    }

    #[tokio::test]
    async fn a_hash_cheaper_than_todays_is_to_be_replaced() {
        let vault = memory_vault();
        let stored =
            hasher(&vault, &quick_passwords()).hash(&password("three goats")).await.unwrap();
        let dearer = PasswordConfig { passes: 3, ..quick_passwords() };
        let result = hasher(&vault, &dearer).verify(&password("three goats"), Some(&stored)).await;
        assert_eq!(result.unwrap(), Match::YesButWeak);
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_no_match() {
        let hasher = hasher(&memory_vault(), &quick_passwords());
        let mut stored = hasher.hash(&password("three goats")).await.unwrap();
        stored.phc.push('x');
        let result = hasher.verify(&password("three goats"), Some(&stored)).await;
        assert!(matches!(result, Err(IdentityError::UnreadableHash)));
    }

    #[test]
    fn the_hash_is_that_of_other_implementations() {
        // argon2-cffi: hash_secret_raw(b"password", b"somesaltsomesalt", 2, 19456, 1, 32, ID)
        let cost = Cost { memory_kib: 19_456, passes: 2 };
        let out = argon2id(&password("password"), cost, *b"somesaltsomesalt", &mut memory());
        assert_eq!(*out.unwrap(), REFERENCE);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// One buffer for all of them, so that nothing of one hash gets into the next.
        #[test]
        fn every_hash_is_that_of_the_other_library(
            hashes in vec((".{0,80}", any::<[u8; SALT]>(), 8..300_u32, 1..4_u32), 1..8),
        ) {
            let mut memory = memory();
            for (text, salt, memory_kib, passes) in hashes {
                let password = password(&text);
                let ours = argon2id(&password, Cost { memory_kib, passes }, salt, &mut memory);
                let params = argon2::Params::new(memory_kib, passes, 1, Some(OUTPUT)).unwrap();
                let (algorithm, version) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
                let mut theirs = [0; OUTPUT];
                argon2::Argon2::new(algorithm, version, params)
                    .hash_password_into(password.text().expose().as_bytes(), &salt, &mut theirs)
                    .unwrap();
                prop_assert_eq!(*ours.unwrap(), theirs);
            }
        }
    }

    const REFERENCE: [u8; OUTPUT] = [
        0x2b, 0x5d, 0xc4, 0x05, 0x48, 0x86, 0xec, 0x95, 0x7e, 0xf5, 0x9c, 0x73, 0xb6, 0x61, 0xc5,
        0x4d, 0xd6, 0xfb, 0x27, 0x45, 0x90, 0xb2, 0x78, 0xf6, 0x57, 0xc6, 0xd9, 0x6a, 0xac, 0x8f,
        0xa6, 0xd1,
    ];
}
