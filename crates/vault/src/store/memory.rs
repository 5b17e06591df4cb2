//! Both stores in memory, for tests, with a switch to make them fail.

use super::{
    KeyCount, KeyKind, KeyPosition, KeyRow, KeyStore, RowPosition, SealedRow, SealedRows, Select,
    StoreError, Wrapping,
};
use crate::{column::Column, sealed::Sealed, store::KeyId};
use async_trait::async_trait;
use kernel::{Subject, Timestamp};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

/// Tenant, shard and user: the order in which both stores are read.
type Place = (Uuid, u16, Uuid, Uuid);

fn place(subject: &Subject, id: Uuid) -> Place {
    (subject.tenant.as_uuid(), subject.shard.number(), subject.user.as_uuid(), id)
}

#[derive(Default)]
struct Switch(AtomicBool);

impl Switch {
    fn check(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("switched off"));
        }
        Ok(())
    }
}

/// Wrapped keys in memory.
#[derive(Default)]
pub struct MemoryKeyStore {
    rows: Mutex<BTreeMap<Place, KeyRow>>,
    down: Switch,
}

impl MemoryKeyStore {
    /// From now on every call fails as unavailable, or no longer.
    pub fn set_down(&self, down: bool) {
        self.down.0.store(down, Ordering::SeqCst);
    }

    /// A copy of all rows, like that of a backup.
    #[must_use]
    pub fn backup(&self) -> Vec<KeyRow> {
        self.lock().values().cloned().collect()
    }

    /// Holds these rows and no others, as after restoring a backup.
    pub fn restore(&self, rows: Vec<KeyRow>) {
        *self.lock() = rows.into_iter().map(|row| (place_of(&row), row)).collect();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, KeyRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<MutexGuard<'_, BTreeMap<Place, KeyRow>>, StoreError> {
        self.down.check()?;
        Ok(self.lock())
    }
}

fn place_of(row: &KeyRow) -> Place {
    place(&row.owner, row.id.as_uuid())
}

fn hinders(there: &KeyRow, new: &KeyRow) -> bool {
    let same_version = there.line == new.line && there.version == new.version;
    let dead_ring = there.line.kind == KeyKind::Tombstone && there.line.ring == new.line.ring;
    there.owner == new.owner && (same_version || dead_ring)
}

fn selected(select: Select, row: &KeyRow) -> bool {
    match select {
        Select::All => true,
        Select::WrappedByKms(key) => row.wrapping.kms == Some(key),
        Select::WrappedByTenantKey(key) => {
            row.line.kind != KeyKind::Dek && row.wrapping.parent == Some(key)
        }
        Select::Kind(kind) => row.line.kind == kind,
        Select::Superseded(by) => row.expires_at.is_some_and(|at| at <= by),
    }
}

#[async_trait]
impl KeyStore for MemoryKeyStore {
    async fn load(&self, owner: &Subject) -> Result<Vec<KeyRow>, StoreError> {
        let rows = self.open()?;
        Ok(rows.values().filter(|row| row.owner == *owner).cloned().collect())
    }

    async fn insert(&self, new: &[KeyRow]) -> Result<bool, StoreError> {
        let mut rows = self.open()?;
        if new.iter().any(|new| rows.values().any(|there| hinders(there, new))) {
            return Ok(false);
        }
        rows.extend(new.iter().map(|row| (place_of(row), row.clone())));
        Ok(true)
    }

    async fn succeed(&self, new: &KeyRow, older_expire_at: Timestamp) -> Result<bool, StoreError> {
        let mut rows = self.open()?;
        if rows.values().any(|there| hinders(there, new)) {
            return Ok(false);
        }
        for row in rows.values_mut() {
            let older = row.owner == new.owner && row.line == new.line && row.version < new.version;
            if older && row.expires_at.is_none() {
                row.expires_at = Some(older_expire_at);
            }
        }
        rows.insert(place_of(new), new.clone());
        Ok(true)
    }

    async fn rewrap(&self, row: &KeyRow, to: &Wrapping) -> Result<bool, StoreError> {
        let mut rows = self.open()?;
        match rows.get_mut(&place_of(row)) {
            Some(there) if there.wrapping.bytes == row.wrapping.bytes => {
                there.wrapping = to.clone();
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }

    async fn expire(&self, row: &KeyRow, at: Timestamp) -> Result<(), StoreError> {
        if let Some(there) = self.open()?.get_mut(&place_of(row)) {
            there.expires_at = Some(at);
        }
        Ok(())
    }

    async fn remove(&self, row: &KeyRow) -> Result<bool, StoreError> {
        Ok(self.open()?.remove(&place_of(row)).is_some())
    }

    async fn shred(&self, tombstone: &KeyRow) -> Result<u64, StoreError> {
        let mut rows = self.open()?;
        let doomed = |row: &KeyRow| {
            row.owner == tombstone.owner
                && row.line.ring == tombstone.line.ring
                && row.line.kind != KeyKind::Tombstone
        };
        let count = rows.values().filter(|row| doomed(row)).count();
        rows.retain(|_, row| !doomed(row));
        if !rows.values().any(|there| hinders(there, tombstone)) {
            rows.insert(place_of(tombstone), tombstone.clone());
        }
        Ok(count as u64)
    }

    async fn page(
        &self,
        select: Select,
        after: Option<KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let rows = self.open()?;
        let after = after.map(|position| place(&position.owner, position.id.as_uuid()));
        let later = rows.iter().filter(|(place, _)| after.is_none_or(|after| **place > after));
        let wanted = later.filter(|(_, row)| selected(select, row));
        Ok(wanted.take(limit).map(|(_, row)| row.clone()).collect())
    }

    async fn counts(&self) -> Result<Vec<KeyCount>, StoreError> {
        let mut counts: BTreeMap<_, u64> = BTreeMap::new();
        for row in self.open()?.values() {
            let alike = (row.line.clone(), row.version, row.wrapping.kms, row.expires_at.is_some());
            *counts.entry(alike).or_default() += 1;
        }
        let count = |((line, version, kms, superseded), count)| KeyCount {
            line,
            version,
            kms,
            superseded,
            count,
        };
        Ok(counts.into_iter().map(count).collect())
    }
}

/// Sealed values in memory.
#[derive(Default)]
pub struct MemoryRows {
    columns: Mutex<HashMap<Column, BTreeMap<Place, SealedRow>>>,
    down: Switch,
}

impl MemoryRows {
    /// From now on every call fails as unavailable, or no longer.
    pub fn set_down(&self, down: bool) {
        self.down.0.store(down, Ordering::SeqCst);
    }

    /// Stores a value, in the place of what was there.
    pub fn put(&self, column: &Column, row: SealedRow) {
        self.lock().entry(*column).or_default().insert(place(&row.subject, row.row), row);
    }

    /// The value at a place.
    #[must_use]
    pub fn get(&self, column: &Column, subject: &Subject, row: Uuid) -> Option<Sealed> {
        self.lock().get(column)?.get(&place(subject, row)).map(|row| row.sealed.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Column, BTreeMap<Place, SealedRow>>> {
        self.columns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn select(
        &self,
        column: &Column,
        wanted: impl Fn(&Place, &SealedRow) -> bool,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        self.down.check()?;
        let columns = self.lock();
        let Some(rows) = columns.get(column) else { return Ok(Vec::new()) };
        let rows = rows.iter().filter(|(place, row)| wanted(place, row));
        Ok(rows.take(limit).map(|(_, row)| row.clone()).collect())
    }
}

#[async_trait]
impl SealedRows for MemoryRows {
    async fn page(
        &self,
        column: &Column,
        after: Option<RowPosition>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let after = after.map(|position| place(&position.subject, position.row));
        self.select(column, |place, _| after.is_none_or(|after| *place > after), limit)
    }

    async fn sealed_with(
        &self,
        (column, subject): (&Column, &Subject),
        key: KeyId,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let wanted = |_: &Place, row: &SealedRow| {
            row.subject == *subject
                && row.sealed.key_id() == Some(key)
                && after.is_none_or(|after| row.row > after)
        };
        self.select(column, wanted, limit)
    }

    async fn replace(
        &self,
        column: &Column,
        row: &SealedRow,
        with: &Sealed,
    ) -> Result<bool, StoreError> {
        self.down.check()?;
        let mut columns = self.lock();
        let rows = columns.entry(*column).or_default();
        match rows.get_mut(&place(&row.subject, row.row)) {
            Some(there) if there.sealed == row.sealed => {
                there.sealed = with.clone();
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }
}
