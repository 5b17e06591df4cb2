//! The in-memory and the file implementations keep the contracts.

use super::support::{NOTE, env};
use crate::{
    FileKms, MemoryKeyStore, MemoryKms, MemoryRows, Passphrase, Unlock,
    contract::{key_store, kms, sealed_rows},
};
use kernel::Secret;

#[tokio::test]
async fn the_memory_kms_keeps_its_contract() {
    kms(&MemoryKms::new(env().0)).await.unwrap();
}

#[tokio::test]
async fn the_file_kms_keeps_its_contract() {
    let dir = tempfile::tempdir().unwrap();
    let keys = FileKms::open(&dir.path().join("keys"), env().0, Unlock::Plain).unwrap();
    kms(&keys).await.unwrap();
}

#[tokio::test]
async fn the_file_kms_with_a_passphrase_keeps_its_contract() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::weak_for_tests(Secret::new("correct horse".to_owned()));
    let unlock = Unlock::Passphrase(passphrase);
    kms(&FileKms::open(&dir.path().join("keys"), env().0, unlock).unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_memory_key_store_keeps_its_contract() {
    key_store(&MemoryKeyStore::default(), &env().0).await.unwrap();
}

#[tokio::test]
async fn the_memory_rows_keep_their_contract() {
    let rows = MemoryRows::default();
    let put = async |row: &crate::SealedRow| {
        rows.put(&NOTE, row.clone());
        Ok(())
    };
    sealed_rows(&rows, &NOTE, &env().0, put).await.unwrap();
}
