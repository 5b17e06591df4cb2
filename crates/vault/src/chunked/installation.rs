//! Keys of files that belong to no one person, such as backups: wrapped by the KMS itself, and
//! kept in the file they open.

use super::FileKey;
use crate::{
    context::Canonical,
    error::VaultError,
    hazmat::Key,
    kms::{Kms, KmsLine, KmsWrapped},
};
use kernel::Env;

impl FileKey {
    /// A key for a new file of the installation, and its wrapped form to store with the file.
    /// `place` says which file it is: the key unwraps for no other.
    pub async fn for_installation(
        kms: &dyn Kms,
        env: &Env,
        place: &[u8],
    ) -> Result<(Self, KmsWrapped), VaultError> {
        let key = Key::generate(env);
        let context = Canonical::new(b"salus-file-v1").part(place).finish();
        let wrapped = kms.wrap(KmsLine::Root, key.bytes(), &context).await?;
        Ok((Self { key, context, env: env.clone() }, wrapped))
    }

    /// The key of a file of the installation, out of its wrapped form.
    pub async fn of_installation(
        kms: &dyn Kms,
        env: &Env,
        place: &[u8],
        wrapped: &[u8],
    ) -> Result<Self, VaultError> {
        let context = Canonical::new(b"salus-file-v1").part(place).finish();
        let bytes = kms.unwrap(wrapped, &context).await?;
        // EXPOSE: the key goes into its own guarded place.
        let key = Key::from_slice(bytes.expose()).ok_or(VaultError::Unopenable)?;
        Ok(Self { key, context, env: env.clone() })
    }

    /// The same key bound to something more, such as the header of the file: what is sealed with
    /// it opens only together with the same.
    #[must_use]
    pub fn bound_to(mut self, more: &[u8]) -> Self {
        let context = Canonical::new(b"salus-bound-v1").part(&self.context).part(more).finish();
        self.context = context;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::MemoryKms;

    #[tokio::test]
    async fn a_key_of_the_installation_opens_its_own_file_only() {
        let env = Env::system();
        let kms = MemoryKms::new(env.clone());
        let (key, wrapped) = FileKey::for_installation(&kms, &env, b"one").await.unwrap();
        let mut sealed = Vec::new();
        key.bound_to(b"header").seal(&b"rows"[..], &mut sealed).unwrap();

        let again = async |kms: &MemoryKms, place: &[u8]| {
            FileKey::of_installation(kms, &env, place, &wrapped.bytes).await
        };
        let mut opened = Vec::new();
        let key = again(&kms, b"one").await.unwrap().bound_to(b"header");
        key.open(&sealed[..], &mut opened).unwrap();
        assert_eq!(opened, b"rows");

        assert!(again(&kms, b"two").await.is_err());
        assert!(again(&MemoryKms::new(env.clone()), b"one").await.is_err());
        for more in [&b"another header"[..], b""] {
            let key = again(&kms, b"one").await.unwrap().bound_to(more);
            assert!(key.open(&sealed[..], std::io::sink()).is_err());
        }
        let unbound = again(&kms, b"one").await.unwrap();
        assert!(unbound.open(&sealed[..], std::io::sink()).is_err());
    }
}
