//! What an operator sees: which keys there are, and whether everything opens.

use super::{Place, Vault};
use crate::{
    column::{Column, Ring},
    error::VaultError,
    keyring::Keyring,
    kms::{KmsLine, KmsVersion},
    store::{
        KeyCount, KeyKind, KeyPosition, KeyRow, RowPosition, SealedRows, Select, installation,
    },
};
use kernel::{Subject, TenantId};
use uuid::Uuid;

/// Of how many values that do not open the place is told.
const PLACES: usize = 1000;

/// A key of the KMS and how many keys it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KmsCount {
    /// The key.
    pub version: KmsVersion,
    /// How many keys of the table it wraps.
    pub wraps: u64,
}

/// Which keys there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The keys of the KMS, oldest first in each line.
    pub kms: Vec<KmsCount>,
    /// The keys of the table, alike ones counted together.
    pub keys: Vec<KeyCount>,
}

/// Whether everything opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Owners whose keys unwrap.
    pub owners: u64,
    /// Owners some of whose keys do not unwrap.
    pub owners_failed: u64,
    /// The first of them.
    pub failed_owners: Vec<Subject>,
    /// Values that opened.
    pub opened: u64,
    /// Values that did not.
    pub failed: u64,
    /// Where the first of them are.
    pub places: Vec<Place>,
}

impl VerifyReport {
    /// Whether everything opened.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.owners_failed == 0 && self.failed == 0
    }

    fn count_owner(&mut self, owner: Subject, unwraps: bool) {
        if unwraps {
            self.owners += 1;
            return;
        }
        self.owners_failed += 1;
        if self.failed_owners.len() < PLACES {
            self.failed_owners.push(owner);
        }
    }

    fn count_value(&mut self, place: Place, opens: bool) {
        if opens {
            self.opened += 1;
            return;
        }
        self.failed += 1;
        if self.places.len() < PLACES {
            self.places.push(place);
        }
    }
}

impl Vault {
    /// Which keys there are, and how many of each version.
    pub async fn status(&self) -> Result<Status, VaultError> {
        let keys = self.inner.store.counts().await?;
        let mut kms = Vec::new();
        for line in KmsLine::ALL {
            for version in self.inner.kms.versions(line).await? {
                let wrapped = keys.iter().filter(|count| count.kms == Some(version.key));
                let wraps = wrapped.map(|count| count.count).sum();
                kms.push(KmsCount { version, wraps });
            }
        }
        Ok(Status { kms, keys })
    }

    /// Unwraps every key and opens every sealed value. Changes nothing, shows no content, and
    /// goes on after what does not open.
    pub async fn verify(
        &self,
        rows: &dyn SealedRows,
        on_progress: &(dyn Fn(&VerifyReport) + Send + Sync),
    ) -> Result<VerifyReport, VaultError> {
        let mut report = self.verify_keys(on_progress).await?;
        for column in self.inner.config.columns.iter().filter(|column| !column.append_only) {
            self.verify_column(column, rows, &mut report, on_progress).await?;
        }
        Ok(report)
    }

    /// Unwraps every key and opens no value: quick enough to be asked in passing.
    pub async fn verify_keys(
        &self,
        on_progress: &(dyn Fn(&VerifyReport) + Send + Sync),
    ) -> Result<VerifyReport, VaultError> {
        let mut report = VerifyReport::default();
        let mut after = None;
        let mut last_owner = None;
        loop {
            let batch = self.inner.config.batch;
            let page = self.inner.store.page(Select::All, after, batch).await?;
            let Some(last) = page.last() else { return Ok(report) };
            after = Some(KeyPosition::of(last));
            for row in &page {
                if last_owner != Some(row.owner) {
                    last_owner = Some(row.owner);
                    let unwraps = self.owner_unwraps(row.owner).await?;
                    report.count_owner(row.owner, unwraps);
                }
            }
            on_progress(&report);
        }
    }

    /// Whose accountability keys there are, in the order of the key table, behind this place; and
    /// the place to go on from, until there is none.
    pub async fn accountable(
        &self,
        after: Option<KeyPosition>,
    ) -> Result<(Vec<Subject>, Option<KeyPosition>), VaultError> {
        let select = Select::Kind(KeyKind::PersonKek);
        let page = self.inner.store.page(select, after, self.inner.config.batch).await?;
        let of_ring = |row: &&KeyRow| row.line.ring == Some(Ring::Accountability);
        let in_use = |row: &&KeyRow| row.expires_at.is_none();
        let owners = page.iter().filter(of_ring).filter(in_use).map(|row| row.owner).collect();
        Ok((owners, page.last().map(KeyPosition::of)))
    }

    async fn owner_unwraps(&self, owner: Subject) -> Result<bool, VaultError> {
        let result = if owner == installation() {
            self.unwrap_all_system().await
        } else if owner.user.as_uuid() == Uuid::nil() {
            self.unwrap_all_of_tenant(owner.tenant).await
        } else {
            self.unwrap_all_of_person(owner).await
        };
        match result {
            Ok(()) => Ok(true),
            Err(VaultError::WrongKms(_) | VaultError::KeysLost(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn unwrap_all_system(&self) -> Result<(), VaultError> {
        let rows = self.inner.store.load(&installation()).await?;
        for row in rows.iter().filter(|row| row.line.kind == KeyKind::System) {
            self.unwrap_by_root(row, "program").await?;
        }
        Ok(())
    }

    /// A tenant may own a key ring like a person, for what belongs to nobody.
    async fn unwrap_all_of_tenant(&self, tenant: TenantId) -> Result<(), VaultError> {
        self.tenant_fresh(tenant).await?;
        self.unwrap_all_of_person(Subject::tenant_itself(tenant)).await
    }

    async fn unwrap_all_of_person(&self, subject: Subject) -> Result<(), VaultError> {
        let rings = self.load_person(subject).await?;
        match rings.iter().find(|ring| ring.state == crate::keyring::RingState::Lost) {
            Some(lost) => Err(VaultError::KeysLost(lost.ring)),
            None => Ok(()),
        }
    }

    async fn verify_column(
        &self,
        column: &Column,
        rows: &dyn SealedRows,
        report: &mut VerifyReport,
        on_progress: &(dyn Fn(&VerifyReport) + Send + Sync),
    ) -> Result<(), VaultError> {
        let mut after = None;
        loop {
            let page = rows.page(column, after, self.inner.config.batch).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(RowPosition::of(last));
            // One key ring does not live as long as a walk over a large table.
            let mut keyring: Option<Keyring> = None;
            for row in &page {
                let current = match keyring.take().filter(|ring| ring.subject() == row.subject) {
                    Some(ring) => ring,
                    None => self.existing_keyring(row.subject).await?,
                };
                let opens = current.open_any_format(column, row.row, &row.sealed).is_ok();
                report.count_value(Place::of(column, row), opens);
                keyring = Some(current);
            }
            on_progress(report);
        }
    }
}
