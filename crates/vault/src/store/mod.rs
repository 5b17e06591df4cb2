//! Where wrapped keys and sealed rows are stored, as far as the vault needs to know.
//!
//! Both traits are implemented in memory here, for tests, and in SQL by the crate `db`; every
//! implementation passes [`crate::contract`].

mod memory;

pub use memory::{MemoryKeyStore, MemoryRows};

use crate::{
    column::{Column, Ring},
    kms::KmsKey,
    sealed::Sealed,
};
use async_trait::async_trait;
use kernel::{Subject, TenantId, Timestamp};
use std::{error::Error, fmt};
use uuid::Uuid;

kernel::typed_id!(
    /// One version of one key.
    KeyId
);

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Wraps the keys of a tenant's people and its index keys.
    TenantKek,
    /// Wraps one ring of one person's keys.
    PersonKek,
    /// Seals values of one person for one purpose.
    Dek,
    /// Makes a tenant's blind indexes.
    Index,
    /// A secret of the program itself.
    System,
    /// No key: says that a ring was destroyed and stays so.
    Tombstone,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::TenantKek, Self::PersonKek, Self::Dek, Self::Index, Self::System, Self::Tombstone];

    /// The stable name, as stored and as bound into wrapped keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenantKek => "tenant_kek",
            Self::PersonKek => "person_kek",
            Self::Dek => "dek",
            Self::Index => "index",
            Self::System => "system",
            Self::Tombstone => "tombstone",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A key with all its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyLine {
    /// What it is.
    pub kind: KeyKind,
    /// The ring it hangs on, if it is a person's.
    pub ring: Option<Ring>,
    /// The purpose of a person's key, the name of the program's; otherwise empty.
    pub name: String,
}

/// How a key is wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapping {
    /// The key of this table that wraps it, if one does.
    pub parent: Option<KeyId>,
    /// The key of the KMS that wraps it, if one does.
    pub kms: Option<KmsKey>,
    /// The wrapped bytes; empty for a tombstone.
    pub bytes: Vec<u8>,
}

/// One version of one key, wrapped. Safe to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The person it belongs to; the tenant itself; or [`installation`].
    pub owner: Subject,
    /// Its id.
    pub id: KeyId,
    /// The key it is a version of.
    pub line: KeyLine,
    /// Which version, from 1.
    pub version: u32,
    /// How it is wrapped.
    pub wrapping: Wrapping,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is first used, so that every process knows it by then.
    pub active_from: Timestamp,
    /// From when on it is no longer needed, if a newer version has taken its place.
    pub expires_at: Option<Timestamp>,
}

/// The owner of the keys of the program itself.
#[must_use]
pub fn installation() -> Subject {
    Subject::tenant_itself(TenantId::from_uuid(Uuid::nil()))
}

/// Which rows of the key table are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// All of them.
    All,
    /// Those wrapped by this key of the KMS.
    WrappedByKms(KmsKey),
    /// Those wrapped by this key of a tenant: keys of rings, and index keys.
    WrappedByTenantKey(KeyId),
    /// Those of this kind.
    Kind(KeyKind),
    /// Those that have been superseded and are no longer needed from then on at the latest.
    Superseded(Timestamp),
}

/// Where a page of the key table ended: owner and id. The table is read in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPosition {
    /// The owner of the last row.
    pub owner: Subject,
    /// The id of the last row.
    pub id: KeyId,
}

impl KeyPosition {
    /// The place of a row.
    #[must_use]
    pub const fn of(row: &KeyRow) -> Self {
        Self { owner: row.owner, id: row.id }
    }
}

/// How many rows of the key table are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCount {
    /// The key.
    pub line: KeyLine,
    /// Its version.
    pub version: u32,
    /// The key of the KMS around it, if any.
    pub kms: Option<KmsKey>,
    /// Whether a newer version has taken its place.
    pub superseded: bool,
    /// How many.
    pub count: u64,
}

/// The store failed.
#[derive(Debug)]
pub struct StoreError {
    /// Whether trying again later may help.
    pub unavailable: bool,
    source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// It does not answer; later it may.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { unavailable: true, source: source.into() }
    }

    /// It will not do this, or what it holds makes no sense.
    pub fn broken(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { unavailable: false, source: source.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of wrapped keys: {}", self.source)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// Stores wrapped keys. Every call is a durable transaction of its own.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// All rows of an owner, tombstones included.
    async fn load(&self, owner: &Subject) -> Result<Vec<KeyRow>, StoreError>;

    /// Stores all these rows or, answering `false`, none: if one of them has the owner, line and
    /// version of a row that is there, or hangs on a ring that has a tombstone.
    async fn insert(&self, rows: &[KeyRow]) -> Result<bool, StoreError>;

    /// Like `insert` for one row; and lets all older versions of its line that do not expire yet
    /// expire then.
    async fn succeed(&self, row: &KeyRow, older_expire_at: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the wrapping of the row if its wrapped bytes are still those of `row`; answers
    /// whether they were.
    async fn rewrap(&self, row: &KeyRow, to: &Wrapping) -> Result<bool, StoreError>;

    /// Says from when on a row is no longer needed.
    async fn expire(&self, row: &KeyRow, at: Timestamp) -> Result<(), StoreError>;

    /// Removes one row; answers whether it was there.
    async fn remove(&self, row: &KeyRow) -> Result<bool, StoreError>;

    /// Removes all rows of the tombstone's owner and ring and puts the tombstone there, unless it
    /// has one already; answers how many keys were removed.
    async fn shred(&self, tombstone: &KeyRow) -> Result<u64, StoreError>;

    /// The next rows of a selection in the order of the table, at most `limit`.
    async fn page(
        &self,
        select: Select,
        after: Option<KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError>;

    /// How many rows are alike, for the status.
    async fn counts(&self) -> Result<Vec<KeyCount>, StoreError>;
}

/// A sealed value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Whose value it is.
    pub subject: Subject,
    /// Its row.
    pub row: Uuid,
    /// The value.
    pub sealed: Sealed,
}

/// Where a page of sealed values ended. They are read in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowPosition {
    /// Whose value the last one was.
    pub subject: Subject,
    /// Its row.
    pub row: Uuid,
}

impl RowPosition {
    /// The place of a sealed value.
    #[must_use]
    pub const fn of(row: &SealedRow) -> Self {
        Self { subject: row.subject, row: row.row }
    }
}

/// Gives the sweep and the verification access to the sealed values of every column. Values that
/// are NULL do not exist for it.
#[async_trait]
pub trait SealedRows: Send + Sync {
    /// The next values of a column in the order of subject and row, at most `limit`.
    async fn page(
        &self,
        column: &Column,
        after: Option<RowPosition>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError>;

    /// The next values of a column that are this person's and name this key, in the order of
    /// rows, at most `limit`.
    async fn sealed_with(
        &self,
        (column, subject): (&Column, &Subject),
        key: KeyId,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError>;

    /// Replaces the value at the place of `row` if it is still that of `row`; answers whether it
    /// was.
    async fn replace(
        &self,
        column: &Column,
        row: &SealedRow,
        with: &Sealed,
    ) -> Result<bool, StoreError>;
}
