//! Keys, and everything that is sealed with them.
//!
//! Owns the key tree, the formats of sealed values, wrapped keys, key files, blind indexes and
//! pseudonyms, and rotation and destruction of keys. Knows no database: wrapped keys and sealed
//! rows are reached through [`KeyStore`] and [`SealedRows`].
//!
//! What always holds: there is no vault without a KMS, so nothing is ever stored unsealed by
//! mistake; a sealed value opens only for the person, table, column and row it was sealed for;
//! every sealed value and wrapped key names the key it needs; a key is stored and read back
//! before it is used; a key that is destroyed is gone from backups too, once its shred epoch is.
//!
//! What it cannot do: notice that someone put an older sealed value back into its own place, or
//! hide how long a value is.

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
    SystemKeys, Target, Vault, VaultConfig, VerifyReport,
};
