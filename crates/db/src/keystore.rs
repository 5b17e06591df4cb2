//! Wrapped keys in the database: what the vault calls its key store.
//!
//! Each call is a durable transaction of its own. The contract is the vault's; a test runs it on
//! both databases.

use crate::{database::Db, error::DbError, params, row, run_tx, statements, value::Value};
use async_trait::async_trait;
use kernel::{Subject, TenantId, Timestamp, UserId};
use uuid::Uuid;
use vault::{
    KeyCount, KeyKind, KeyLine, KeyPosition, KeyRow, KeyStore, KmsKey, Ring, Select, StoreError,
    Wrapping,
};

/// Rows of the key table as [`StoredKey`] reads them.
macro_rules! keys {
    ($which:expr) => {
        concat!(
            "SELECT tenant_id, shard_id, user_id, id, kind, ring, name, version, parent_id, ",
            "kms_key, wrapped, created_at, active_from, expires_at FROM vault_keys ",
            $which
        )
    };
}

/// A page of them: the first five parameters are those of [`position`].
macro_rules! page {
    ($which:literal) => {
        keys!(concat!(
            "WHERE (tenant_id, shard_id, user_id, id) > ($1, $2, $3, $4) ",
            $which,
            " ORDER BY tenant_id, shard_id, user_id, id LIMIT $5"
        ))
    };
}

/// A new row with the parameters of [`all_columns`].
macro_rules! new_key {
    ($how:literal) => {
        concat!(
            "INSERT INTO vault_keys (tenant_id, shard_id, user_id, id, kind, ring, name, version, ",
            "parent_id, kms_key, wrapped, created_at, active_from, expires_at) ",
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            $how
        )
    };
}

statements! { "vault";
    LOAD = keys!("WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY id");
    INSERT = new_key!("");
    BURY = new_key!(" ON CONFLICT DO NOTHING");
    TOMBSTONES = "SELECT COUNT(*) AS tombstones FROM vault_keys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND kind = 'tombstone' AND ring = $4";
    EXPIRE_OLDER = "UPDATE vault_keys SET expires_at = $8
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND kind = $4 AND ring = $5
            AND name = $6 AND version < $7 AND expires_at IS NULL";
    REWRAP = "UPDATE vault_keys SET parent_id = $5, kms_key = $6, wrapped = $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND wrapped = $8";
    EXPIRE = "UPDATE vault_keys SET expires_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    REMOVE = "DELETE FROM vault_keys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    SHRED = "DELETE FROM vault_keys WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND ring = $4 AND kind <> 'tombstone'";
    PAGE_ALL = page!("");
    PAGE_BY_KMS_KEY = page!("AND kms_key = $6");
    PAGE_BY_TENANT_KEY = page!("AND parent_id = $6 AND kind <> 'dek'");
    PAGE_BY_KIND = page!("AND kind = $6");
    PAGE_SUPERSEDED = page!("AND expires_at <= $6");
    COUNTS = "SELECT kind, ring, name, version, kms_key,
            CAST(SUM(CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS in_use,
            COUNT(*) AS total
        FROM vault_keys GROUP BY kind, ring, name, version, kms_key
        ORDER BY kind, ring, name, version, kms_key";
}

row! {
    struct StoredKey {
        tenant_id: TenantId as Uuid,
        shard_id: u16,
        user_id: UserId as Uuid,
        id: Uuid,
        kind: String,
        ring: String,
        name: String,
        version: u32,
        parent_id: Option<Uuid>,
        kms_key: Option<String>,
        wrapped: Vec<u8>,
        created_at: Timestamp,
        active_from: Timestamp,
        expires_at: Option<Timestamp>,
    }
}

row! {
    struct StoredCount {
        kind: String,
        ring: String,
        name: String,
        version: u32,
        kms_key: Option<String>,
        in_use: i64,
        total: i64,
    }
}

row! {
    struct Dead {
        tombstones: i64,
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Unavailable(_) | DbError::Serialization => Self::unavailable(error),
            DbError::Duplicate { .. }
            | DbError::Constraint(_)
            | DbError::NoRow
            | DbError::Column(_)
            | DbError::Config(_)
            | DbError::Schema(_)
            | DbError::Unmet { .. }
            | DbError::Refused { .. } => Self::broken(error),
        }
    }
}

/// The person with these key columns; an error if they do not fit together.
pub(crate) fn subject(tenant: TenantId, shard: u16, user: UserId) -> Result<Subject, StoreError> {
    let subject = Subject::new(tenant, user);
    if subject.shard.number() == shard {
        return Ok(subject);
    }
    Err(StoreError::broken("a row is in the wrong shard"))
}

fn line(kind: &str, ring: &str, name: String) -> Result<KeyLine, StoreError> {
    let kind = KeyKind::from_name(kind).ok_or_else(|| StoreError::broken("unknown kind of key"))?;
    let ring = match ring {
        "" => None,
        ring => Some(Ring::from_name(ring).ok_or_else(|| StoreError::broken("unknown ring"))?),
    };
    Ok(KeyLine { kind, ring, name })
}

fn kms_key(text: Option<String>) -> Result<Option<KmsKey>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(StoreError::broken)
}

impl TryFrom<StoredKey> for KeyRow {
    type Error = StoreError;
    fn try_from(stored: StoredKey) -> Result<Self, StoreError> {
        let wrapping = Wrapping {
            parent: stored.parent_id.map(Into::into),
            kms: kms_key(stored.kms_key)?,
            bytes: stored.wrapped,
        };
        Ok(Self {
            owner: subject(stored.tenant_id, stored.shard_id, stored.user_id)?,
            id: stored.id.into(),
            line: line(&stored.kind, &stored.ring, stored.name)?,
            version: stored.version,
            wrapping,
            created_at: stored.created_at,
            active_from: stored.active_from,
            expires_at: stored.expires_at,
        })
    }
}

fn ring_name(line: &KeyLine) -> &'static str {
    line.ring.map_or("", Ring::name)
}

fn all_columns(row: &KeyRow) -> Vec<Value> {
    params![row.owner =>
        row.id.as_uuid(),
        row.line.kind.name(),
        ring_name(&row.line),
        &row.line.name,
        row.version,
        row.wrapping.parent.map(Uuid::from),
        row.wrapping.kms.map(|key| key.to_string()),
        &row.wrapping.bytes,
        row.created_at,
        row.active_from,
        row.expires_at,
    ]
}

/// Wrapped keys in this database.
pub struct SqlKeyStore {
    db: Db,
}

impl SqlKeyStore {
    /// In this database, whose schema is up to date.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Stores the rows, and lets the older versions of the one they succeed expire. An erasure at
    /// the very same moment may slip past the look at the tombstone; the vault ignores what such
    /// a race leaves behind, and its sweep shreds the ring once more.
    async fn add(
        &self,
        rows: &[KeyRow],
        older_expire_at: Option<Timestamp>,
    ) -> Result<bool, DbError> {
        let stored = run_tx!(self.db, "vault.add_keys", |tx| {
            for row in rows {
                let ring = ring_name(&row.line);
                let dead: Dead = tx.one(&TOMBSTONES, params![row.owner => ring]).await?;
                if dead.tombstones > 0 {
                    return Ok(false);
                }
            }
            for row in rows {
                tx.defer(&INSERT, all_columns(row));
                if let Some(at) = older_expire_at {
                    let (kind, ring) = (row.line.kind.name(), ring_name(&row.line));
                    let older = params![row.owner => kind, ring, &row.line.name, row.version, at];
                    tx.defer(&EXPIRE_OLDER, older);
                }
            }
            Ok(true)
        });
        match stored {
            Err(DbError::Duplicate { .. }) => Ok(false),
            other => other,
        }
    }
}

#[async_trait]
impl KeyStore for SqlKeyStore {
    async fn load(&self, owner: &Subject) -> Result<Vec<KeyRow>, StoreError> {
        let rows: Vec<StoredKey> = self.db.all(&LOAD, params![*owner =>]).await?;
        rows.into_iter().map(KeyRow::try_from).collect()
    }

    async fn insert(&self, rows: &[KeyRow]) -> Result<bool, StoreError> {
        Ok(self.add(rows, None).await?)
    }

    async fn succeed(&self, row: &KeyRow, older_expire_at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.add(std::slice::from_ref(row), Some(older_expire_at)).await?)
    }

    async fn rewrap(&self, row: &KeyRow, to: &Wrapping) -> Result<bool, StoreError> {
        let params = params![row.owner =>
            row.id.as_uuid(),
            to.parent.map(Uuid::from),
            to.kms.map(|key| key.to_string()),
            &to.bytes,
            &row.wrapping.bytes,
        ];
        Ok(self.db.exec(&REWRAP, params).await? == 1)
    }

    async fn expire(&self, row: &KeyRow, at: Timestamp) -> Result<(), StoreError> {
        self.db.exec(&EXPIRE, params![row.owner => row.id.as_uuid(), at]).await?;
        Ok(())
    }

    async fn remove(&self, row: &KeyRow) -> Result<bool, StoreError> {
        Ok(self.db.exec(&REMOVE, params![row.owner => row.id.as_uuid()]).await? == 1)
    }

    async fn shred(&self, tombstone: &KeyRow) -> Result<u64, StoreError> {
        let ring = ring_name(&tombstone.line);
        let removed: Result<u64, DbError> = run_tx!(self.db, "vault.shred", |tx| {
            let removed = tx.exec(&SHRED, params![tombstone.owner => ring]).await?;
            tx.defer(&BURY, all_columns(tombstone));
            Ok(removed)
        });
        Ok(removed?)
    }

    async fn page(
        &self,
        select: Select,
        after: Option<KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let mut params = position(after.map(|place| (place.owner, place.id.as_uuid())), limit);
        let (statement, selected) = match select {
            Select::All => (&PAGE_ALL, None),
            Select::WrappedByKms(key) => (&PAGE_BY_KMS_KEY, Some(key.to_string().into())),
            Select::WrappedByTenantKey(key) => (&PAGE_BY_TENANT_KEY, Some(key.as_uuid().into())),
            Select::Kind(kind) => (&PAGE_BY_KIND, Some(kind.name().into())),
            Select::Superseded(by) => (&PAGE_SUPERSEDED, Some(by.into())),
        };
        params.extend(selected);
        let rows: Vec<StoredKey> = self.db.all(statement, params).await?;
        rows.into_iter().map(KeyRow::try_from).collect()
    }

    async fn counts(&self) -> Result<Vec<KeyCount>, StoreError> {
        let rows: Vec<StoredCount> = self.db.all(&COUNTS, params![]).await?;
        let mut counts = Vec::new();
        for row in rows {
            let line = line(&row.kind, &row.ring, row.name)?;
            let (version, kms) = (row.version, kms_key(row.kms_key)?);
            for (superseded, count) in [(false, row.in_use), (true, row.total - row.in_use)] {
                let count = u64::try_from(count).unwrap_or_default();
                if count > 0 {
                    counts.push(KeyCount { line: line.clone(), version, kms, superseded, count });
                }
            }
        }
        Ok(counts)
    }
}

/// The first five parameters of a page: behind which row it starts (or before all), and how many
/// rows it has.
pub(crate) fn position(after: Option<(Subject, Uuid)>, limit: usize) -> Vec<Value> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match after {
        Some((subject, id)) => params![subject => id, limit],
        // No shard has this number.
        None => params![Uuid::nil(), -1_i64, Uuid::nil(), Uuid::nil(), limit],
    }
}

#[cfg(test)]
mod tests;
