//! The SQL of check-ins.

use super::limit;
use crate::model::CheckInId;
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, Timestamp};
use uuid::Uuid;
use vault::Sealed;

db::statements! { "journal.check_ins";
    INSERT = "INSERT INTO journal_check_ins (tenant_id, shard_id, user_id, id, occurred_at, body)
        VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT id, occurred_at, body FROM journal_check_ins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    NEWEST_FIRST = "SELECT id, occurred_at, body FROM journal_check_ins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND (occurred_at, id) < ($4, $5) AND occurred_at >= $6
        ORDER BY occurred_at DESC, id DESC LIMIT $7";
    OLDEST_FIRST = "SELECT id, occurred_at, body FROM journal_check_ins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND (occurred_at, id) > ($4, $5)
        ORDER BY occurred_at, id LIMIT $6";
    DELETE = "DELETE FROM journal_check_ins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    ERASE = "DELETE FROM journal_check_ins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    struct Row {
        id: CheckInId as Uuid,
        occurred_at: Timestamp,
        body: Vec<u8>,
    }
}

/// A check-in as it is stored.
pub(crate) struct SealedCheckIn {
    pub(crate) id: CheckInId,
    pub(crate) occurred_at: Timestamp,
    pub(crate) body: Sealed,
}

impl SealedCheckIn {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.occurred_at, id: self.id.as_uuid() }
    }
}

impl From<Row> for SealedCheckIn {
    fn from(Row { id, occurred_at, body }: Row) -> Self {
        Self { id, occurred_at, body: Sealed::from_bytes(body) }
    }
}

/// Writes a check-in; refused if there is one with its id.
pub(crate) fn insert(tx: &mut Tx, access: &Access, row: &SealedCheckIn) {
    let body = row.body.as_bytes();
    tx.defer(&INSERT, params![access.subject() => row.id.as_uuid(), row.occurred_at, body]);
}

/// The check-in with this id.
pub(crate) async fn get(
    db: &Db,
    access: &Access,
    id: CheckInId,
) -> Result<Option<SealedCheckIn>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedCheckIn::from))
}

/// Check-ins before this place and not before this moment, newest first.
pub(crate) async fn newest_first(
    db: &Db,
    access: &Access,
    (before, from): (Cursor, Timestamp),
    most: usize,
) -> Result<Vec<SealedCheckIn>, DbError> {
    let params = params![access.subject() => before.at, before.id, from, limit(most)];
    let rows: Vec<Row> = db.all(&NEWEST_FIRST, params).await?;
    Ok(rows.into_iter().map(SealedCheckIn::from).collect())
}

/// Check-ins after this place, oldest first.
pub(crate) async fn oldest_first(
    db: &Db,
    access: &Access,
    after: Cursor,
    most: usize,
) -> Result<Vec<SealedCheckIn>, DbError> {
    let params = params![access.subject() => after.at, after.id, limit(most)];
    let rows: Vec<Row> = db.all(&OLDEST_FIRST, params).await?;
    Ok(rows.into_iter().map(SealedCheckIn::from).collect())
}

/// Removes a check-in; whether there was one.
pub(crate) async fn delete(tx: &mut Tx, access: &Access, id: CheckInId) -> Result<bool, DbError> {
    Ok(tx.exec(&DELETE, params![access.subject() => id.as_uuid()]).await? > 0)
}

/// Removes those of this person.
pub(super) fn erase(tx: &mut Tx, access: &Access) {
    tx.defer(&ERASE, params![access.subject() =>]);
}
