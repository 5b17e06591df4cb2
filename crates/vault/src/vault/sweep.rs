//! The sweep: moves everything from old keys to new ones, then removes the old ones.
//!
//! It may be stopped and started at any time and run in several processes at once: every step
//! replaces one thing only if it is still as it was read, and what remains to do follows from
//! what is stored. Readers and writers are never kept waiting, and a key is removed only when
//! nothing names it and nobody can still be writing with it.

use super::{Vault, tenant::TenantKeys};
use crate::{
    column::Column,
    error::VaultError,
    keyring::{Keyring, RingState},
    kms::{KmsError, KmsKey, KmsLine, KmsVersion},
    sealed::Sealed,
    store::{KeyKind, KeyPosition, KeyRow, SealedRow, SealedRows, Select, Wrapping},
    tree,
};
use kernel::{Subject, Timestamp};
use std::fmt;
use uuid::Uuid;

/// Of how many values that do not open the place is told.
const PLACES: usize = 100;

/// Where a sealed value is. Names no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Whose value it is.
    pub subject: Subject,
    /// The row.
    pub row: Uuid,
}

impl Place {
    pub(super) const fn of(column: &Column, row: &SealedRow) -> Self {
        let Column { table, column, .. } = *column;
        Self { table, column, subject: row.subject, row: row.row }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, subject, row } = self;
        write!(f, "{table}.{column} of user {} row {row}", subject.user)
    }
}

/// What a sweep has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Keys that were wrapped anew.
    pub rewrapped: u64,
    /// Values that were sealed anew.
    pub resealed: u64,
    /// Old keys that were removed or destroyed.
    pub removed: u64,
    /// Old keys that nothing names any more, kept for backups.
    pub kept: u64,
    /// Old keys that are still needed or not yet old enough.
    pub waiting: u64,
    /// Keys and values that someone else changed meanwhile; the next sweep looks at them again.
    pub changed: u64,
    /// Values and keys that do not open; what they name is never removed.
    pub unopenable: u64,
    /// Where the first of the values are that do not open.
    pub places: Vec<Place>,
}

impl SweepReport {
    fn failed(&mut self, place: Option<Place>) {
        self.unopenable += 1;
        if self.places.len() < PLACES {
            self.places.extend(place);
        }
    }
}

/// Is told now and then how far a long piece of work has come.
pub type Progress<'a> = &'a (dyn Fn(&SweepReport) + Send + Sync);

/// A sweep under way.
struct Run<'a> {
    rows: &'a dyn SealedRows,
    on_progress: Progress<'a>,
    report: SweepReport,
}

impl Run<'_> {
    fn tell(&self) {
        (self.on_progress)(&self.report);
    }
}

impl Vault {
    /// Moves everything to the newest keys and removes the old ones as far as that is safe.
    pub async fn sweep(
        &self,
        rows: &dyn SealedRows,
        on_progress: Progress<'_>,
    ) -> Result<SweepReport, VaultError> {
        let mut run = Run { rows, on_progress, report: SweepReport::default() };
        self.shred_again(&mut run).await?;
        for line in KmsLine::ALL {
            self.sweep_kms(line, &mut run).await?;
        }
        let kinds = [KeyKind::TenantKek, KeyKind::PersonKek, KeyKind::Dek];
        for kind in kinds.into_iter().chain([KeyKind::Index, KeyKind::System]) {
            self.sweep_kind(kind, &mut run).await?;
        }
        Ok(run.report)
    }

    /// Keys that were stored at the very moment of an erasure, or came back with an older copy of
    /// the table, are removed before anything wraps them anew.
    async fn shred_again(&self, run: &mut Run<'_>) -> Result<(), VaultError> {
        let mut after = None;
        loop {
            let select = Select::Kind(KeyKind::Tombstone);
            let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(KeyPosition::of(last));
            for tombstone in &page {
                run.report.removed += self.inner.store.shred(tombstone).await?;
            }
            run.tell();
        }
    }

    async fn sweep_kms(&self, line: KmsLine, run: &mut Run<'_>) -> Result<(), VaultError> {
        let versions = self.inner.kms.versions(line).await?;
        for pair in versions.windows(2) {
            let [old, newer] = pair else { continue };
            self.rewrap_by_kms(old.key, run).await?;
            if line == KmsLine::Root {
                continue; // Backups may need it: see `retire_roots`.
            }
            if self.may_destroy(old.key, newer).await? {
                self.inner.kms.destroy(old.key).await?;
                run.report.removed += 1;
            } else {
                run.report.waiting += 1;
            }
        }
        Ok(())
    }

    /// Destroys old root keys that wrap nothing any more; answers which. Backups from before their
    /// rotation can then no longer be opened, so this is never done by itself.
    pub async fn retire_roots(&self) -> Result<Vec<KmsKey>, VaultError> {
        let versions = self.inner.kms.versions(KmsLine::Root).await?;
        let mut destroyed = Vec::new();
        for pair in versions.windows(2) {
            let [old, newer] = pair else { continue };
            if self.may_destroy(old.key, newer).await? {
                self.inner.kms.destroy(old.key).await?;
                destroyed.push(old.key);
            }
        }
        Ok(destroyed)
    }

    async fn rewrap_by_kms(&self, old: KmsKey, run: &mut Run<'_>) -> Result<(), VaultError> {
        let mut after = None;
        loop {
            let select = Select::WrappedByKms(old);
            let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(KeyPosition::of(last));
            for row in &page {
                let context = tree::context(row);
                let to = match self.inner.kms.rewrap(&row.wrapping.bytes, &context).await {
                    Ok(new) => {
                        let parent = row.wrapping.parent;
                        Some(Wrapping { parent, kms: Some(new.key), bytes: new.bytes })
                    }
                    Err(KmsError::Refused | KmsError::NoSuchKey(_)) => None,
                    Err(error) => return Err(error.into()),
                };
                self.replace_wrapping(row, to, run).await?;
            }
            run.tell();
        }
    }

    /// Nothing names it, and its successor is so old that nobody is about to store what does.
    async fn may_destroy(&self, old: KmsKey, newer: &KmsVersion) -> Result<bool, VaultError> {
        let settled = newer.created_at.plus(self.inner.config.grace()) <= self.inner.env.now();
        let named = self.inner.store.page(Select::WrappedByKms(old), None, 1).await?;
        Ok(settled && named.is_empty())
    }

    async fn sweep_kind(&self, kind: KeyKind, run: &mut Run<'_>) -> Result<(), VaultError> {
        let mut after = None;
        loop {
            let batch = self.inner.config.batch;
            // Those that are kept for backups only do not expire so soon.
            let soon = self.inner.config.activation().saturating_add(self.inner.config.grace());
            let select = Select::Superseded(self.inner.env.now().plus(soon));
            let page = self.inner.store.page(select, after, batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(KeyPosition::of(last));
            for old in page.iter().filter(|row| row.line.kind == kind) {
                let free = match kind {
                    KeyKind::TenantKek => self.free_tenant_kek(old, run).await?,
                    KeyKind::PersonKek => self.free_person_kek(old, run).await?,
                    KeyKind::Dek => self.free_dek(old, run).await?,
                    KeyKind::Index | KeyKind::System => true,
                    KeyKind::Tombstone => false,
                };
                self.remove_if(free, old, &mut run.report).await?;
                run.tell();
            }
        }
    }

    async fn remove_if(
        &self,
        free: bool,
        old: &KeyRow,
        report: &mut SweepReport,
    ) -> Result<(), VaultError> {
        let now = self.inner.env.now();
        if !free || old.expires_at.is_none_or(|at| at > now) {
            report.waiting += 1;
            return Ok(());
        }
        if let Some(until) = self.kept_for_backups(old).await?.filter(|until| *until > now) {
            self.inner.store.expire(old, until).await?;
            report.kept += 1;
        } else {
            self.inner.store.remove(old).await?;
            report.removed += 1;
        }
        Ok(())
    }

    /// Until when a purpose key may be needed for rows of a backup that is put back.
    async fn kept_for_backups(&self, old: &KeyRow) -> Result<Option<Timestamp>, VaultError> {
        if old.line.kind != KeyKind::Dek {
            return Ok(None);
        }
        let rows = self.inner.store.load(&old.owner).await?;
        let newer = rows.iter().filter(|row| row.line == old.line && row.version > old.version);
        let next = newer.min_by_key(|row| row.version);
        let kept = self.inner.config.grace().saturating_add(self.inner.config.backup_age);
        Ok(next.map(|row| row.active_from.plus(kept)))
    }

    /// Wraps what a tenant's old key wraps with its newest; whether nothing names it any more.
    async fn free_tenant_kek(&self, old: &KeyRow, run: &mut Run<'_>) -> Result<bool, VaultError> {
        let tenant = self.tenant_fresh(old.owner.tenant).await?;
        let mut after = None;
        loop {
            let select = Select::WrappedByTenantKey(old.id);
            let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { break };
            after = Some(KeyPosition::of(last));
            for row in &page {
                let to = self.wrap_by_newest(&tenant, row).await?;
                self.replace_wrapping(row, to, run).await?;
            }
            run.tell();
        }
        let select = Select::WrappedByTenantKey(old.id);
        Ok(self.inner.store.page(select, None, 1).await?.is_empty())
    }

    async fn wrap_by_newest(
        &self,
        tenant: &TenantKeys,
        row: &KeyRow,
    ) -> Result<Option<Wrapping>, VaultError> {
        if row.line.kind == KeyKind::Index {
            let kek = tree::newest(&tenant.keks).ok_or(VaultError::WrongKms("tenant"))?;
            let key = tree::unwrap(&tenant.keks, row, &row.wrapping.bytes).ok();
            return key.map(|key| self.wrap_index(kek, row, &key)).transpose();
        }
        match self.unwrap_person_kek(&tenant.keks, row).await? {
            Some(key) => Ok(Some(self.wrap_person_kek(&tenant.keks, row, &key).await?)),
            None => Ok(None),
        }
    }

    /// Wraps what an old key of a ring wraps with its newest; whether nothing names it any more.
    async fn free_person_kek(&self, old: &KeyRow, run: &mut Run<'_>) -> Result<bool, VaultError> {
        let rings = self.load_person(old.owner).await?;
        let ring = rings.iter().find(|loaded| Some(loaded.ring) == old.line.ring);
        let ring = ring.ok_or(VaultError::Unopenable)?;
        if ring.state == RingState::Erased {
            return Ok(true);
        }
        let named = async || -> Result<Vec<KeyRow>, VaultError> {
            let mut rows = self.inner.store.load(&old.owner).await?;
            rows.retain(|row| row.wrapping.parent == Some(old.id));
            Ok(rows)
        };
        for row in named().await? {
            let key = tree::unwrap(&ring.keks, &row, &row.wrapping.bytes).ok();
            let to = match key.zip(tree::newest(&ring.keks)) {
                Some((key, kek)) => Some(self.wrap_dek(kek, &row, &key)?),
                None => None,
            };
            self.replace_wrapping(&row, to, run).await?;
        }
        Ok(named().await?.is_empty())
    }

    async fn replace_wrapping(
        &self,
        row: &KeyRow,
        to: Option<Wrapping>,
        run: &mut Run<'_>,
    ) -> Result<(), VaultError> {
        match to {
            Some(to) if self.inner.store.rewrap(row, &to).await? => run.report.rewrapped += 1,
            Some(_) => run.report.changed += 1,
            None => run.report.failed(None),
        }
        Ok(())
    }

    /// Seals anew what an old purpose key sealed; whether nothing names it any more.
    async fn free_dek(&self, old: &KeyRow, run: &mut Run<'_>) -> Result<bool, VaultError> {
        if self.names_unseen(old) {
            return Ok(false);
        }
        let keyring = self.existing_keyring(old.owner).await?;
        let mut free = true;
        for column in self.columns_of(old) {
            match keyring.current(column.purpose) {
                Ok(dek) if dek.id != old.id => self.reseal_column(column, old, run).await?,
                // Its successor is not known to every process yet.
                Ok(_) => return Ok(false),
                Err(VaultError::Erased(_)) => return Ok(true),
                Err(VaultError::KeysLost(_)) => {
                    run.report.failed(None);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
            let place = (column, &old.owner);
            free &= run.rows.sealed_with(place, old.id, None, 1).await?.is_empty();
        }
        Ok(free)
    }

    /// Whether there may be values of this key that the sweep cannot see: in columns that are never
    /// written again, or in ones that nobody declares any more.
    fn names_unseen(&self, dek: &KeyRow) -> bool {
        let mut columns = self.columns_of(dek).peekable();
        columns.peek().is_none() || columns.any(|column| column.append_only)
    }

    fn columns_of(&self, dek: &KeyRow) -> impl Iterator<Item = &'static Column> {
        let columns = self.inner.config.columns.iter().copied();
        columns.filter(|column| {
            Some(column.purpose.ring) == dek.line.ring && column.purpose.name == dek.line.name
        })
    }

    async fn reseal_column(
        &self,
        column: &Column,
        old: &KeyRow,
        run: &mut Run<'_>,
    ) -> Result<(), VaultError> {
        let mut after = None;
        loop {
            // One key ring does not live as long as a walk over many rows.
            let keyring = self.existing_keyring(old.owner).await?;
            let (place, batch) = ((column, &old.owner), self.inner.config.batch);
            let page = run.rows.sealed_with(place, old.id, after, batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.row);
            for row in &page {
                match reseal(&keyring, column, row) {
                    Ok(sealed) if run.rows.replace(column, row, &sealed).await? => {
                        run.report.resealed += 1;
                    }
                    Ok(_) => run.report.changed += 1,
                    Err(VaultError::Unopenable) => {
                        run.report.failed(Some(Place::of(column, row)));
                    }
                    Err(error) => return Err(error),
                }
            }
            run.tell();
        }
    }
}

fn reseal(keyring: &Keyring, column: &Column, row: &SealedRow) -> Result<Sealed, VaultError> {
    let (format, plaintext) = keyring.open_any_format(column, row.row, &row.sealed)?;
    // EXPOSE: straight into the next sealing.
    keyring.seal_as((column, format), row.row, plaintext.expose())
}
