//! The only file with SQL. It knows sealed values and never what is in them.

use crate::model::{FACTS, FactId};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, Timestamp};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// What is remembered: text, kind and origin.
    FACT_BODY = ("memory_facts", "body", KeyPurpose::clinical("memory"), 1);
    /// What it means, as numbers of a model.
    FACT_VECTOR = ("memory_facts", "vector", KeyPurpose::clinical("memory"), 1);
}

db::statements! { "memory";
    HEAD = "SELECT enabled, changed_at, revision FROM memory_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Makes everyone else who changes this memory wait, and counts a change on.
    TAKE_TURN = "INSERT INTO memory_heads (tenant_id, shard_id, user_id, enabled, changed_at,
            revision)
        VALUES ($1, $2, $3, $4, $5, 1)
        ON CONFLICT (tenant_id, shard_id, user_id)
        DO UPDATE SET revision = memory_heads.revision + 1";
    SWITCH = "INSERT INTO memory_heads (tenant_id, shard_id, user_id, enabled, changed_at,
            revision)
        VALUES ($1, $2, $3, $4, $5, 1)
        ON CONFLICT (tenant_id, shard_id, user_id) DO UPDATE SET enabled = excluded.enabled,
            changed_at = excluded.changed_at, revision = memory_heads.revision + 1";
    COUNT = "SELECT COUNT(*) AS n FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    INSERT = "INSERT INTO memory_facts (tenant_id, shard_id, user_id, id, created_at, updated_at,
            version, body, vector)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    PUT = "UPDATE memory_facts SET updated_at = $5, version = $6, body = $7, vector = $8
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    /// Only of the version that was reckoned.
    PUT_VECTOR = "UPDATE memory_facts SET vector = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND version = $5";
    GET = "SELECT id, created_at, updated_at, version, body FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    NEWEST_FIRST = "SELECT id, created_at, updated_at, version, body FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND (created_at, id) < ($4, $5)
        ORDER BY created_at DESC, id DESC LIMIT $6";
    WHOLE = "SELECT id, created_at, updated_at, version, body, vector FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
        ORDER BY created_at DESC, id DESC LIMIT $4";
    DELETE = "DELETE FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE_ALL = "DELETE FROM memory_facts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_HEAD = "DELETE FROM memory_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    struct HeadRow {
        enabled: bool,
        changed_at: Timestamp,
        revision: i64,
    }
}

row! {
    struct Count {
        n: i64,
    }
}

row! {
    struct Row {
        id: FactId as Uuid,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: i64,
        body: Vec<u8>,
    }
}

row! {
    struct WholeRow {
        id: FactId as Uuid,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: i64,
        body: Vec<u8>,
        vector: Option<Vec<u8>>,
    }
}

/// What a person wishes, and how often what is remembered changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) enabled: bool,
    /// When the wish last changed; none where nothing was ever wished.
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) revision: i64,
}

impl From<HeadRow> for Head {
    fn from(HeadRow { enabled, changed_at, revision }: HeadRow) -> Self {
        Self { enabled, changed_at: Some(changed_at), revision }
    }
}

/// A fact as it is stored.
pub(crate) struct SealedFact {
    pub(crate) id: FactId,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u64,
    pub(crate) body: Sealed,
}

impl SealedFact {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.created_at, id: self.id.as_uuid() }
    }
}

impl From<Row> for SealedFact {
    fn from(row: Row) -> Self {
        let Row { id, created_at, updated_at, version, body } = row;
        let version = u64::try_from(version).unwrap_or_default();
        Self { id, created_at, updated_at, version, body: Sealed::from_bytes(body) }
    }
}

/// A fact with its vector, if it has one.
pub(crate) type WithVector = (SealedFact, Option<Sealed>);

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn limit(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// What this person wishes.
pub(crate) async fn head(db: &Db, access: &Access) -> Result<Head, DbError> {
    let row: Option<HeadRow> = db.opt(&HEAD, params![access.subject() =>]).await?;
    Ok(row.map(Head::from).unwrap_or_default())
}

/// Waits for others who change this memory and counts a change; what this person wishes now. The
/// transaction must see what others committed: run it as `TxSpec::queue`.
pub(crate) async fn take_turn(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
) -> Result<Head, DbError> {
    tx.defer(&TAKE_TURN, params![access.subject() => false, now]);
    let row: HeadRow = tx.one(&HEAD, params![access.subject() =>]).await?;
    Ok(row.into())
}

/// Writes down what this person wishes from now on.
pub(crate) fn switch(tx: &mut Tx, access: &Access, (enabled, now): (bool, Timestamp)) {
    tx.defer(&SWITCH, params![access.subject() => enabled, now]);
}

/// How many facts there are.
pub(crate) async fn count(db: &Db, access: &Access) -> Result<usize, DbError> {
    let count: Count = db.one(&COUNT, params![access.subject() =>]).await?;
    Ok(usize::try_from(count.n).unwrap_or_default())
}

/// How many facts there are, as this transaction sees them.
pub(crate) async fn count_in(tx: &mut Tx, access: &Access) -> Result<usize, DbError> {
    let count: Count = tx.one(&COUNT, params![access.subject() =>]).await?;
    Ok(usize::try_from(count.n).unwrap_or_default())
}

/// Writes a new fact.
pub(crate) fn insert(tx: &mut Tx, access: &Access, (fact, vector): &WithVector) {
    let SealedFact { id, created_at, updated_at, version, body } = fact;
    let vector = vector.as_ref().map(Sealed::as_bytes);
    tx.defer(
        &INSERT,
        params![access.subject() => id.as_uuid(), *created_at, *updated_at, signed(*version),
            body.as_bytes(), vector],
    );
}

/// Writes a fact anew.
pub(crate) fn put(tx: &mut Tx, access: &Access, (fact, vector): &WithVector) {
    let SealedFact { id, updated_at, version, body, .. } = fact;
    let vector = vector.as_ref().map(Sealed::as_bytes);
    tx.defer(
        &PUT,
        params![access.subject() => id.as_uuid(), *updated_at, signed(*version), body.as_bytes(),
            vector],
    );
}

/// Writes down what this version of a fact means.
pub(crate) fn put_vector(
    tx: &mut Tx,
    access: &Access,
    (id, version): (FactId, u64),
    vector: &Sealed,
) {
    let params = params![access.subject() => id.as_uuid(), signed(version), vector.as_bytes()];
    tx.defer(&PUT_VECTOR, params);
}

/// The fact as this transaction sees it.
pub(crate) async fn get_in(
    tx: &mut Tx,
    access: &Access,
    id: FactId,
) -> Result<Option<SealedFact>, DbError> {
    let row: Option<Row> = tx.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedFact::from))
}

/// Facts before this place, newest first.
pub(crate) async fn newest_first(
    db: &Db,
    access: &Access,
    before: Cursor,
    most: usize,
) -> Result<Vec<SealedFact>, DbError> {
    let params = params![access.subject() => before.at, before.id, limit(most)];
    let rows: Vec<Row> = db.all(&NEWEST_FIRST, params).await?;
    Ok(rows.into_iter().map(SealedFact::from).collect())
}

/// All facts with their vectors, newest first.
pub(crate) async fn whole(db: &Db, access: &Access) -> Result<Vec<WithVector>, DbError> {
    let rows: Vec<WholeRow> = db.all(&WHOLE, params![access.subject() => limit(FACTS)]).await?;
    let split = |row: WholeRow| {
        let WholeRow { id, created_at, updated_at, version, body, vector } = row;
        let fact = Row { id, created_at, updated_at, version, body }.into();
        (fact, vector.map(Sealed::from_bytes))
    };
    Ok(rows.into_iter().map(split).collect())
}

/// Removes a fact; whether there was one.
pub(crate) async fn delete(tx: &mut Tx, access: &Access, id: FactId) -> Result<bool, DbError> {
    Ok(tx.exec(&DELETE, params![access.subject() => id.as_uuid()]).await? > 0)
}

/// Removes all facts of this person.
pub(crate) fn delete_all(tx: &mut Tx, access: &Access) {
    tx.defer(&DELETE_ALL, params![access.subject() =>]);
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    delete_all(tx, access);
    tx.defer(&ERASE_HEAD, params![access.subject() =>]);
}
