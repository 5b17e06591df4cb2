#![doc = include_str!("../README.md")]
//!
//! # What always holds
//!
//! There is no vault without a KMS, so nothing is ever stored unsealed by mistake. A sealed value
//! opens only for the person, table, column and row it was sealed for, and all failures to open
//! look the same. Every sealed value and wrapped key names the key it needs. A key is stored and
//! read back before it is used. No key can be printed, compared or copied by accident, and all
//! are wiped when dropped.

mod cache;
mod chunked;
mod column;
mod context;
pub mod contract;
mod error;
mod hazmat;
mod keyring;
mod kms;
mod sealed;
mod store;
mod tree;
mod vault;

#[cfg(test)]
mod tests;

pub use chunked::{ChunkOpener, ChunkSealer, FileKey};
pub use column::{BlindColumn, Column, KeyPurpose, Ring};
pub use error::{CODES, DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE, VaultError};
pub use keyring::Keyring;
pub use kms::{
    FileKms, Kms, KmsError, KmsKey, KmsKeyError, KmsLine, KmsVersion, KmsWrapped, MemoryKms,
    Passphrase, Unlock,
};
pub use sealed::Sealed;
pub use store::{
    KeyCount, KeyId, KeyKind, KeyLine, KeyPosition, KeyRow, KeyStore, MemoryKeyStore, MemoryRows,
    RowPosition, SealedRow, SealedRows, Select, StoreError, Wrapping, installation,
};
pub use vault::{
    BlindIndex, KmsCount, Place, Progress, SigningKey, Start, Status, SweepReport, SystemKey,
    SystemKeys, SystemSecret, Target, Vault, VaultConfig, VerifyReport,
};
