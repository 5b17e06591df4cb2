//! The only file with SQL. It knows sealed values and never what is in them.

use crate::model::{RecordId, Shelf};
use consent::Access;
use db::{Db, DbError, Tx, Value, params, row};
use kernel::{Cursor, Timestamp};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// What was filled in, and what kind of thing it is.
    RECORD_BODY = ("wellbeing_records", "body", KeyPurpose::clinical("wellbeing"), 1);
    /// The same, as it was before.
    VERSION_BODY = ("wellbeing_versions", "body", KeyPurpose::clinical("wellbeing"), 1);
}

/// How many versions of a record are kept besides the present one.
pub(crate) const VERSIONS: i64 = 50;

db::statements! { "wellbeing";
    INSERT = "INSERT INTO wellbeing_records (tenant_id, shard_id, user_id, id, shelf, occurred_at,
            created_at, updated_at, version, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE = "UPDATE wellbeing_records
        SET shelf = $5, occurred_at = $6, created_at = $7, updated_at = $8, version = $9, body = $10
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    GET = "SELECT id, shelf, occurred_at, created_at, updated_at, version, body
        FROM wellbeing_records
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND shelf = $5";
    NEWEST_FIRST = "SELECT id, shelf, occurred_at, created_at, updated_at, version, body
        FROM wellbeing_records WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND shelf = $4 AND (occurred_at, id) < ($5, $6)
        ORDER BY occurred_at DESC, id DESC LIMIT $7";
    DELETE = "DELETE FROM wellbeing_records
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND shelf = $5";
    ADD_VERSION = "INSERT INTO wellbeing_versions (tenant_id, shard_id, user_id, id, record_id,
            version, written_at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FORGET_VERSIONS = "DELETE FROM wellbeing_versions WHERE tenant_id = $1 AND shard_id = $2
        AND user_id = $3 AND record_id = $4 AND version <= $5";
    VERSIONS_OF = "SELECT id, record_id, version, written_at, body FROM wellbeing_versions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND record_id = $4
        ORDER BY version DESC LIMIT $5";
    ERASE_RECORDS = "DELETE FROM wellbeing_records
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_VERSIONS = "DELETE FROM wellbeing_versions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    struct Row {
        id: RecordId as Uuid,
        shelf: i64,
        occurred_at: Timestamp,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: i64,
        body: Vec<u8>,
    }
}

row! {
    struct VersionRow {
        id: Uuid,
        record_id: RecordId as Uuid,
        version: i64,
        written_at: Timestamp,
        body: Vec<u8>,
    }
}

/// A record as it is stored.
pub(crate) struct SealedRecord {
    pub(crate) id: RecordId,
    pub(crate) shelf: i64,
    pub(crate) occurred_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u64,
    pub(crate) body: Sealed,
}

/// What a record said before, as it is stored.
pub(crate) struct SealedVersion {
    pub(crate) id: Uuid,
    pub(crate) record: RecordId,
    pub(crate) version: u64,
    pub(crate) written_at: Timestamp,
    pub(crate) body: Sealed,
}

impl From<Row> for SealedRecord {
    fn from(row: Row) -> Self {
        let Row { id, shelf, occurred_at, created_at, updated_at, version, body } = row;
        let (version, body) = (unsigned(version), Sealed::from_bytes(body));
        Self { id, shelf, occurred_at, created_at, updated_at, version, body }
    }
}

impl From<VersionRow> for SealedVersion {
    fn from(row: VersionRow) -> Self {
        let VersionRow { id, record_id: record, version, written_at, body } = row;
        let (version, body) = (unsigned(version), Sealed::from_bytes(body));
        Self { id, record, version, written_at, body }
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn columns(access: &Access, record: &SealedRecord) -> Vec<Value> {
    params![access.subject() =>
        record.id.as_uuid(), record.shelf, record.occurred_at, record.created_at,
        record.updated_at, signed(record.version), record.body.as_bytes()]
}

/// Writes a new record; refused if there is one with its id.
pub(crate) fn insert(tx: &mut Tx, access: &Access, record: &SealedRecord) {
    tx.defer(&INSERT, columns(access, record));
}

/// Replaces a record.
pub(crate) fn update(tx: &mut Tx, access: &Access, record: &SealedRecord) {
    tx.defer(&UPDATE, columns(access, record));
}

/// Keeps what a record said before, and forgets what it said very long ago.
pub(crate) fn keep_version(tx: &mut Tx, access: &Access, version: &SealedVersion) {
    let number = signed(version.version);
    let record = version.record.as_uuid();
    let body = version.body.as_bytes();
    tx.defer(
        &ADD_VERSION,
        params![access.subject() => version.id, record, number, version.written_at, body],
    );
    tx.defer(&FORGET_VERSIONS, params![access.subject() => record, number - VERSIONS]);
}

/// The record of this shelf, as this transaction sees it.
pub(crate) async fn get_in(
    tx: &mut Tx,
    access: &Access,
    (shelf, id): (Shelf, RecordId),
) -> Result<Option<SealedRecord>, DbError> {
    let params = params![access.subject() => id.as_uuid(), shelf.number()];
    let row: Option<Row> = tx.opt(&GET, params).await?;
    Ok(row.map(SealedRecord::from))
}

/// The record of this shelf.
pub(crate) async fn get(
    db: &Db,
    access: &Access,
    (shelf, id): (Shelf, RecordId),
) -> Result<Option<SealedRecord>, DbError> {
    let params = params![access.subject() => id.as_uuid(), shelf.number()];
    let row: Option<Row> = db.opt(&GET, params).await?;
    Ok(row.map(SealedRecord::from))
}

/// Records of a shelf before this place, newest first.
pub(crate) async fn newest_first(
    db: &Db,
    access: &Access,
    (shelf, before): (Shelf, Cursor),
    most: usize,
) -> Result<Vec<SealedRecord>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let params = params![access.subject() => shelf.number(), before.at, before.id, most];
    let rows: Vec<Row> = db.all(&NEWEST_FIRST, params).await?;
    Ok(rows.into_iter().map(SealedRecord::from).collect())
}

/// What a record said before, newest first.
pub(crate) async fn versions(
    db: &Db,
    access: &Access,
    id: RecordId,
) -> Result<Vec<SealedVersion>, DbError> {
    let params = params![access.subject() => id.as_uuid(), VERSIONS];
    let rows: Vec<VersionRow> = db.all(&VERSIONS_OF, params).await?;
    Ok(rows.into_iter().map(SealedVersion::from).collect())
}

/// Removes a record and what it said before; whether there was one.
pub(crate) async fn delete(
    tx: &mut Tx,
    access: &Access,
    (shelf, id): (Shelf, RecordId),
) -> Result<bool, DbError> {
    let params = params![access.subject() => id.as_uuid(), shelf.number()];
    let there = tx.exec(&DELETE, params).await? > 0;
    tx.defer(&FORGET_VERSIONS, params![access.subject() => id.as_uuid(), i64::MAX]);
    Ok(there)
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    tx.defer(&ERASE_RECORDS, params![access.subject() =>]);
    tx.defer(&ERASE_VERSIONS, params![access.subject() =>]);
}
