//! The only SQL, with that of its modules. It knows sealed values and never what is in them.

pub(crate) mod check_ins;

use crate::model::EntryId;
use consent::Access;
use db::{Db, DbError, Tx, Value, params, row};
use kernel::{Cursor, Timestamp};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// Mood, scale, tags and favourite.
    ENTRY_META = ("journal_entries", "meta", KeyPurpose::clinical("journal"), 1);
    /// Title and text.
    ENTRY_BODY = ("journal_entries", "body", KeyPurpose::clinical("journal"), 1);
    /// Everything that a check-in says.
    CHECK_IN_BODY = ("journal_check_ins", "body", KeyPurpose::clinical("journal"), 1);
}

/// How many entries are asked for by their ids at once.
const MANY: usize = 25;

db::statements! { "journal";
    /// Makes everyone else who changes this journal wait, and counts so many changes on.
    TAKE_TURN = "INSERT INTO journal_heads (tenant_id, shard_id, user_id, seq)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, shard_id, user_id)
        DO UPDATE SET seq = journal_heads.seq + excluded.seq";
    INSERT = "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id, occurred_at,
            created_at, updated_at, version, deleted, meta, body, seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT seq FROM journal_heads
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) - $12)";
    PUT = "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id, occurred_at,
            created_at, updated_at, version, deleted, meta, body, seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT seq FROM journal_heads
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) - $12)
        ON CONFLICT (tenant_id, shard_id, user_id, id) DO UPDATE SET
            occurred_at = excluded.occurred_at, updated_at = excluded.updated_at,
            version = excluded.version, deleted = excluded.deleted, meta = excluded.meta,
            body = excluded.body, seq = excluded.seq";
    GET = "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    GET_MANY = "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id IN
            ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23, $24, $25, $26, $27, $28)";
    NEWEST_FIRST = "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND NOT deleted AND (occurred_at, id) < ($4, $5) AND occurred_at >= $6
        ORDER BY occurred_at DESC, id DESC LIMIT $7";
    OLDEST_FIRST = "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND NOT deleted AND (occurred_at, id) > ($4, $5)
        ORDER BY occurred_at, id LIMIT $6";
    MOODS = "SELECT id, occurred_at, meta
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND NOT deleted AND occurred_at >= $4 AND occurred_at < $5
        ORDER BY occurred_at DESC, id DESC LIMIT $6";
    /// Deleted ones too.
    SINCE = "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body
        FROM journal_entries WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND seq > $4
        ORDER BY seq LIMIT $5";
    HEAD = "SELECT seq FROM journal_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_ENTRIES = "DELETE FROM journal_entries
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_HEAD = "DELETE FROM journal_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    struct Row {
        id: EntryId as Uuid,
        occurred_at: Timestamp,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: i64,
        seq: i64,
        meta: Option<Vec<u8>>,
        body: Option<Vec<u8>>,
    }
}

row! {
    struct MoodRow {
        id: EntryId as Uuid,
        occurred_at: Timestamp,
        meta: Vec<u8>,
    }
}

row! {
    struct Head {
        seq: i64,
    }
}

/// An entry as it is stored.
pub(crate) struct SealedEntry {
    pub(crate) id: EntryId,
    pub(crate) occurred_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u64,
    /// `None` if it was deleted.
    pub(crate) content: Option<SealedContent>,
}

/// What a person wrote, as it is stored.
pub(crate) struct SealedContent {
    pub(crate) meta: Sealed,
    pub(crate) body: Sealed,
}

/// The part of an entry that is counted.
pub(crate) struct SealedMeta {
    pub(crate) id: EntryId,
    pub(crate) occurred_at: Timestamp,
    pub(crate) meta: Sealed,
}

/// An entry with its place among all changes.
pub(crate) struct Numbered {
    pub(crate) entry: SealedEntry,
    pub(crate) seq: u64,
}

impl SealedEntry {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.occurred_at, id: self.id.as_uuid() }
    }
}

impl From<Row> for Numbered {
    fn from(row: Row) -> Self {
        let content = row.meta.zip(row.body).map(|(meta, body)| SealedContent {
            meta: Sealed::from_bytes(meta),
            body: Sealed::from_bytes(body),
        });
        let Row { id, occurred_at, created_at, updated_at, .. } = row;
        let version = unsigned(row.version);
        let entry = SealedEntry { id, occurred_at, created_at, updated_at, version, content };
        Self { entry, seq: unsigned(row.seq) }
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn limit(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// Waits for others who change this journal, and counts so many changes on. The transaction must
/// see what they committed: run it as `TxSpec::queue`.
pub(crate) fn take_turn(tx: &mut Tx, access: &Access, changes: usize) {
    tx.defer(&TAKE_TURN, params![access.subject() => limit(changes)]);
}

/// Writes a new entry as the last change that was counted; refused if there is one with its id.
pub(crate) fn insert(tx: &mut Tx, access: &Access, entry: &SealedEntry) {
    tx.defer(&INSERT, columns(access, entry, 0));
}

/// Writes an entry as one of the changes that were counted: `behind` others come after it.
pub(crate) fn put(tx: &mut Tx, access: &Access, entry: &SealedEntry, behind: usize) {
    tx.defer(&PUT, columns(access, entry, behind));
}

fn columns(access: &Access, entry: &SealedEntry, behind: usize) -> Vec<Value> {
    let meta = entry.content.as_ref().map(|content| content.meta.as_bytes());
    let body = entry.content.as_ref().map(|content| content.body.as_bytes());
    params![access.subject() =>
        entry.id.as_uuid(), entry.occurred_at, entry.created_at, entry.updated_at,
        signed(entry.version), entry.content.is_none(), meta, body, limit(behind)]
}

/// The entry, deleted or not, as this transaction sees it.
pub(crate) async fn get_in(
    tx: &mut Tx,
    access: &Access,
    id: EntryId,
) -> Result<Option<SealedEntry>, DbError> {
    let row: Option<Row> = tx.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(|row| Numbered::from(row).entry))
}

/// The entry, deleted or not.
pub(crate) async fn get(
    db: &Db,
    access: &Access,
    id: EntryId,
) -> Result<Option<SealedEntry>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(|row| Numbered::from(row).entry))
}

/// Those of these entries that there are, deleted or not, as this transaction sees them.
pub(crate) async fn get_many(
    tx: &mut Tx,
    access: &Access,
    ids: &[EntryId],
) -> Result<Vec<SealedEntry>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(MANY) {
        let mut params = params![access.subject() =>];
        let wanted = some.iter().map(|id| Value::from(id.as_uuid()));
        params.extend(wanted.chain(std::iter::repeat(Value::Null)).take(MANY));
        let rows: Vec<Row> = tx.all(&GET_MANY, params).await?;
        found.extend(rows.into_iter().map(|row| Numbered::from(row).entry));
    }
    Ok(found)
}

/// Entries before this place and not before this moment, newest first.
pub(crate) async fn newest_first(
    db: &Db,
    access: &Access,
    (before, from): (Cursor, Timestamp),
    most: usize,
) -> Result<Vec<SealedEntry>, DbError> {
    let params = params![access.subject() => before.at, before.id, from, limit(most)];
    let rows: Vec<Row> = db.all(&NEWEST_FIRST, params).await?;
    Ok(rows.into_iter().map(|row| Numbered::from(row).entry).collect())
}

/// Entries after this place, oldest first.
pub(crate) async fn oldest_first(
    db: &Db,
    access: &Access,
    after: Cursor,
    most: usize,
) -> Result<Vec<SealedEntry>, DbError> {
    let params = params![access.subject() => after.at, after.id, limit(most)];
    let rows: Vec<Row> = db.all(&OLDEST_FIRST, params).await?;
    Ok(rows.into_iter().map(|row| Numbered::from(row).entry).collect())
}

/// The newest moods from one moment to another.
pub(crate) async fn moods(
    db: &Db,
    access: &Access,
    (from, to): (Timestamp, Timestamp),
    most: usize,
) -> Result<Vec<SealedMeta>, DbError> {
    let params = params![access.subject() => from, to, limit(most)];
    let rows: Vec<MoodRow> = db.all(&MOODS, params).await?;
    let sealed = |MoodRow { id, occurred_at, meta }| SealedMeta {
        id,
        occurred_at,
        meta: Sealed::from_bytes(meta),
    };
    Ok(rows.into_iter().map(sealed).collect())
}

/// What changed after this point, deletions too, in the order in which it was committed.
pub(crate) async fn since(
    db: &Db,
    access: &Access,
    seen: u64,
    most: usize,
) -> Result<Vec<Numbered>, DbError> {
    let params = params![access.subject() => signed(seen), limit(most)];
    let rows: Vec<Row> = db.all(&SINCE, params).await?;
    Ok(rows.into_iter().map(Numbered::from).collect())
}

/// How many changes this journal has seen.
pub(crate) async fn head(db: &Db, access: &Access) -> Result<u64, DbError> {
    let head: Option<Head> = db.opt(&HEAD, params![access.subject() =>]).await?;
    Ok(head.map_or(0, |head| unsigned(head.seq)))
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    tx.defer(&ERASE_ENTRIES, params![access.subject() =>]);
    tx.defer(&ERASE_HEAD, params![access.subject() =>]);
    check_ins::erase(tx, access);
}
