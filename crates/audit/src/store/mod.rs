//! The only file with SQL.

mod rows;

pub(crate) use rows::{
    BatchRow, CheckpointRow, FoundRow, Furthest, Head, HeadRow, LeafRow, Line, ListRow, Waiting,
    signed, unsigned,
};

use crate::{
    entry::Entry,
    tree::{Frontier, Hash, Node},
};
use db::{Bulk, BulkType, Db, DbError, Tx, Value, params};
use kernel::Timestamp;
use rows::{EventRow, HashesRow, SeqRow};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

db::statements! { "audit";
    /// Puts an event into the line.
    QUEUE = "INSERT INTO audit_outbox (queued_at, entry) VALUES ($1, $2)";
    /// How many events wait, and since when.
    WAITING = "SELECT COUNT(*) AS events, MIN(queued_at) AS since FROM audit_outbox";
    /// Whether any event waits.
    ANY_WAITING = "SELECT id, entry FROM audit_outbox ORDER BY id LIMIT 1";
    /// For the rest of the transaction the line is read by its key. PostgreSQL keeps the plan of a
    /// statement that it has run a few times, and one made while the line was short would read the
    /// whole table, dead rows and all, when it is long.
    PREFER_KEYS = "SELECT {prefer_keys} AS setting";
    /// Takes the first events of the line.
    TAKE = "DELETE FROM audit_outbox WHERE id IN (SELECT id FROM audit_outbox ORDER BY id LIMIT $1)
        RETURNING id, entry";
    /// Begins the ledger, once.
    CREATE_HEAD = "INSERT INTO audit_head (id, log_id, size, frontier, bodies_from)
        VALUES (1, $1, 0, $2, 0) ON CONFLICT (id) DO NOTHING";
    /// The right edge.
    HEAD = "SELECT log_id, size, frontier, bodies_from FROM audit_head WHERE id = 1";
    /// The right edge, for one at a time to change.
    LOCK_HEAD = "SELECT log_id, size, frontier, bodies_from FROM audit_head WHERE id = 1 {for_update}";
    /// Moves the right edge.
    GROW = "UPDATE audit_head SET size = $1, frontier = $2 WHERE id = 1 AND size = $3";
    /// Keeps the root of a batch.
    ADD_BATCH = "INSERT INTO audit_batch (size, root, at) VALUES ($1, $2, $3)";
    /// The hashes kept with up to 16 leaves.
    HASHES = "SELECT seq, hashes FROM audit_leaf
        WHERE seq IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    /// The place of an event.
    FIND_EVENT = "SELECT seq, hashes, entry FROM audit_leaf WHERE event_id = $1";
    /// Newest first, of everyone.
    LIST = "SELECT seq, entry FROM audit_leaf
        WHERE at >= $1 AND at < $2 AND (at, seq) < ($3, $4)
          AND (action = $5 OR $5 = '')
          AND substr(action, 1, CAST(length(CAST($9 AS TEXT)) AS INTEGER)) = $9
          AND (tenant_id = $6 OR CAST($7 AS BIGINT) = 1)
        ORDER BY at DESC, seq DESC LIMIT $8";
    /// Newest first, about one person.
    LIST_ABOUT = "SELECT seq, entry FROM audit_leaf
        WHERE subject_ref = $10 AND at >= $1 AND at < $2 AND (at, seq) < ($3, $4)
          AND (action = $5 OR $5 = '')
          AND substr(action, 1, CAST(length(CAST($9 AS TEXT)) AS INTEGER)) = $9
          AND (tenant_id = $6 OR CAST($7 AS BIGINT) = 1)
        ORDER BY at DESC, seq DESC LIMIT $8";
    /// Newest first, by one person.
    LIST_BY = "SELECT seq, entry FROM audit_leaf
        WHERE actor_ref = $10 AND at >= $1 AND at < $2 AND (at, seq) < ($3, $4)
          AND (action = $5 OR $5 = '')
          AND substr(action, 1, CAST(length(CAST($9 AS TEXT)) AS INTEGER)) = $9
          AND (tenant_id = $6 OR CAST($7 AS BIGINT) = 1)
        ORDER BY at DESC, seq DESC LIMIT $8";
    /// The newest checkpoint.
    LAST_CHECKPOINT = "SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
    /// Keeps a checkpoint.
    ADD_CHECKPOINT = "INSERT INTO audit_checkpoint (size, note, at) VALUES ($1, $2, $3)
        ON CONFLICT (size) DO NOTHING";
    /// Leaves in their order.
    LEAVES = "SELECT seq, event_id, hashes, at, tenant_id, subject_ref, actor_ref, action, entry
        FROM audit_leaf WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT $3";
    /// Batches in their order.
    BATCHES = "SELECT size, root, at FROM audit_batch WHERE size > $1 AND size <= $2 ORDER BY size";
    /// Checkpoints in their order.
    CHECKPOINTS = "SELECT size, note FROM audit_checkpoint
        WHERE size > $1 AND size <= $2 ORDER BY size";
    /// The furthest that any table goes.
    FURTHEST = "SELECT
        (SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_leaf) AS leaves,
        (SELECT COALESCE(MIN(seq), 0) FROM audit_leaf) AS first_leaf,
        (SELECT COALESCE(MAX(size), 0) FROM audit_batch) AS batches,
        (SELECT COALESCE(MAX(size), 0) FROM audit_checkpoint) AS checkpoints";
    /// Events that stand in more than one leaf.
    DUPLICATES = "SELECT event_id FROM audit_leaf WHERE event_id IS NOT NULL
        GROUP BY event_id HAVING COUNT(*) > 1 ORDER BY event_id LIMIT 10";
    /// The first of some leaves that is too young to lose its body.
    FIRST_YOUNG = "SELECT MIN(seq) AS seq FROM audit_leaf WHERE seq >= $1 AND seq < $2 AND at >= $3";
    /// Takes bodies away.
    DROP_BODIES = "UPDATE audit_leaf SET entry = NULL, at = NULL, tenant_id = NULL,
        subject_ref = NULL, actor_ref = NULL, action = NULL WHERE seq >= $1 AND seq < $2";
    /// Remembers where bodies begin.
    SET_BODIES_FROM = "UPDATE audit_head SET bodies_from = $1 WHERE id = 1 AND bodies_from = $2";
}

static LEAF_ROWS: Bulk = Bulk::into_table(
    "audit_leaf",
    &[
        ("seq", BulkType::Int),
        ("event_id", BulkType::Uuid),
        ("hashes", BulkType::Bytes),
        ("at", BulkType::Int),
        ("tenant_id", BulkType::Uuid),
        ("subject_ref", BulkType::Bytes),
        ("actor_ref", BulkType::Bytes),
        ("action", BulkType::Text),
        ("entry", BulkType::Bytes),
    ],
);

/// One leaf, ready to be written.
pub(crate) struct NewLeaf {
    pub(crate) seq: u64,
    pub(crate) hashes: Vec<Hash>,
    pub(crate) bytes: Vec<u8>,
}

/// What is done about events that stand in the tree already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// Nothing: the database refuses the batch.
    Unexpected,
    /// They become leaves that cannot be found by their event, which the verification tells of.
    LookedFor,
}

impl NewLeaf {
    /// Whatever came out of the line becomes a leaf, readable or not: nothing is lost, and the
    /// verification tells of the unreadable.
    fn into_values(self, repeated: &HashSet<u64>) -> Vec<Value> {
        let entry = Entry::decode(&self.bytes).ok();
        let entry = entry.as_ref();
        let bytes = |reference: crate::word::Pseudonym| reference.0.to_vec();
        let findable = entry.filter(|_| !repeated.contains(&self.seq));
        vec![
            signed(self.seq).into(),
            findable.map(|entry| entry.event.as_uuid()).into(),
            self.hashes.concat().into(),
            entry.map(|entry| entry.at).into(),
            entry.map(|entry| entry.tenant.as_uuid()).into(),
            entry.map(|entry| bytes(entry.subject)).into(),
            entry.and_then(|entry| entry.actor.reference()).map(bytes).into(),
            entry.map(|entry| entry.action.as_str()).into(),
            self.bytes.into(),
        ]
    }
}

pub(crate) async fn add_leaves(
    tx: &mut Tx,
    leaves: Vec<NewLeaf>,
    repeated: Repeated,
) -> Result<(), DbError> {
    let repeated = match repeated {
        Repeated::Unexpected => HashSet::new(),
        Repeated::LookedFor => find_repeated(tx, &leaves).await?,
    };
    let rows = leaves.into_iter().map(|leaf| leaf.into_values(&repeated)).collect();
    tx.bulk(&LEAF_ROWS, rows).await.map(drop)
}

/// The places of those whose event stands in the tree, or earlier among them.
async fn find_repeated(tx: &mut Tx, leaves: &[NewLeaf]) -> Result<HashSet<u64>, DbError> {
    let (mut events, mut repeated) = (HashSet::new(), HashSet::new());
    for leaf in leaves {
        let Ok(entry) = Entry::decode(&leaf.bytes) else { continue };
        let event = entry.event.as_uuid();
        let stands = tx.opt::<FoundRow>(&FIND_EVENT, params![event]).await?.is_some();
        if stands || !events.insert(event) {
            repeated.insert(leaf.seq);
        }
    }
    Ok(repeated)
}

/// The first events of the line, in order.
pub(crate) async fn take(tx: &mut Tx, limit: u32) -> Result<Vec<Waiting>, DbError> {
    tx.defer(&PREFER_KEYS, params![]);
    let mut taken: Vec<Waiting> = tx.all(&TAKE, params![limit]).await?;
    taken.sort_unstable_by_key(|event| event.id);
    Ok(taken)
}

pub(crate) async fn head(db: &Db) -> Result<HeadRow, DbError> {
    db.one(&HEAD, params![]).await
}

/// The hashes of these subtrees, as far as they are in the table.
pub(crate) async fn nodes(
    db: &Db,
    wanted: impl Iterator<Item = Node>,
) -> Result<HashMap<Node, Hash>, DbError> {
    let wanted: Vec<Node> = wanted.collect();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(16) {
        let seq_at = |at: usize| some.get(at).map_or(-1, |node| signed(node.last_leaf()));
        let params = (0..16).map(|at| Value::from(seq_at(at))).collect();
        let rows: Vec<HashesRow> = db.all(&HASHES, params).await?;
        let rows: HashMap<i64, Vec<u8>> =
            rows.into_iter().map(|row| (row.seq, row.hashes)).collect();
        for node in some {
            let hashes = rows.get(&signed(node.last_leaf())).map(|bytes| bytes.as_chunks::<32>().0);
            if let Some(hash) = hashes.and_then(|hashes| hashes.get(usize::from(node.level))) {
                found.insert(*node, *hash);
            }
        }
    }
    Ok(found)
}

/// Where the bodies that must stay begin, among the leaves from `start` to `end`.
pub(crate) async fn first_young(
    tx: &mut Tx,
    start: u64,
    end: u64,
    cutoff: Timestamp,
) -> Result<u64, DbError> {
    let row: SeqRow = tx.one(&FIRST_YOUNG, params![signed(start), signed(end), cutoff]).await?;
    Ok(row.seq.map_or(end, unsigned))
}

/// Events that stand in more than one leaf; ten at most.
pub(crate) async fn duplicates(db: &Db) -> Result<Vec<Uuid>, DbError> {
    let rows: Vec<EventRow> = db.all(&DUPLICATES, params![]).await?;
    Ok(rows.into_iter().map(|row| row.event_id).collect())
}

/// Whether an event waits.
pub(crate) async fn is_waiting(db: &Db) -> Result<bool, DbError> {
    Ok(db.opt::<Waiting>(&ANY_WAITING, params![]).await?.is_some())
}

/// Puts an event into the line, with the caller's transaction.
pub(crate) fn queue(tx: &mut Tx, at: Timestamp, entry: Vec<u8>) {
    tx.defer(&QUEUE, params![at, entry]);
}

/// Puts an event into the line, durably before this returns.
pub(crate) async fn queue_now(db: &Db, at: Timestamp, entry: Vec<u8>) -> Result<(), DbError> {
    db.exec(&QUEUE, params![at, entry]).await.map(drop)
}

pub(crate) async fn line(db: &Db) -> Result<Line, DbError> {
    db.one(&WAITING, params![]).await
}

/// Begins the ledger, unless it has begun.
pub(crate) async fn create_head(db: &Db, log: Uuid) -> Result<(), DbError> {
    db.exec(&CREATE_HEAD, params![log, Vec::new()]).await.map(drop)
}

pub(crate) async fn lock_head(tx: &mut Tx) -> Result<HeadRow, DbError> {
    tx.one(&LOCK_HEAD, params![]).await
}

/// Moves the right edge; answers whether it was where the caller saw it.
pub(crate) async fn grow(tx: &mut Tx, to: &Frontier, from: u64) -> Result<bool, DbError> {
    let params = params![signed(to.size()), to.to_bytes(), signed(from)];
    Ok(tx.exec(&GROW, params).await? == 1)
}

pub(crate) fn add_batch(tx: &mut Tx, after: &Frontier, at: Timestamp) {
    tx.defer(&ADD_BATCH, params![signed(after.size()), after.root(), at]);
}

pub(crate) async fn last_checkpoint(db: &Db) -> Result<Option<CheckpointRow>, DbError> {
    db.opt(&LAST_CHECKPOINT, params![]).await
}

pub(crate) async fn add_checkpoint(
    db: &Db,
    size: u64,
    note: String,
    at: Timestamp,
) -> Result<(), DbError> {
    db.exec(&ADD_CHECKPOINT, params![signed(size), note, at]).await.map(drop)
}

pub(crate) async fn find_event(db: &Db, event: Uuid) -> Result<Option<FoundRow>, DbError> {
    db.opt(&FIND_EVENT, params![event]).await
}

/// Whose events a list shows.
pub(crate) enum Whose {
    Everyone,
    About([u8; 16]),
    By([u8; 16]),
}

/// A page of events; `params` are the nine that all three lists share.
pub(crate) async fn list(
    db: &Db,
    whose: Whose,
    mut params: Vec<Value>,
) -> Result<Vec<ListRow>, DbError> {
    let (statement, reference) = match whose {
        Whose::Everyone => (&LIST, None),
        Whose::About(reference) => (&LIST_ABOUT, Some(reference)),
        Whose::By(reference) => (&LIST_BY, Some(reference)),
    };
    params.extend(reference.map(Value::from));
    db.all(statement, params).await
}

/// Leaves from `start` to `end`, `limit` at most.
pub(crate) async fn leaves(
    db: &Db,
    start: u64,
    end: u64,
    limit: u32,
) -> Result<Vec<LeafRow>, DbError> {
    db.all(&LEAVES, params![signed(start), signed(end), limit]).await
}

/// Batches that end after `start` and not after `end`.
pub(crate) async fn batches(db: &Db, start: u64, end: u64) -> Result<Vec<BatchRow>, DbError> {
    db.all(&BATCHES, params![signed(start), signed(end)]).await
}

/// Checkpoints of sizes after `start` and not after `end`.
pub(crate) async fn checkpoints(
    db: &Db,
    start: u64,
    end: u64,
) -> Result<Vec<CheckpointRow>, DbError> {
    db.all(&CHECKPOINTS, params![signed(start), signed(end)]).await
}

pub(crate) async fn furthest(db: &Db) -> Result<Furthest, DbError> {
    db.one(&FURTHEST, params![]).await
}

/// Takes the bodies from `start` to `end` away.
pub(crate) async fn drop_bodies(tx: &mut Tx, start: u64, end: u64) -> Result<u64, DbError> {
    let gone = tx.exec(&DROP_BODIES, params![signed(start), signed(end)]).await?;
    tx.exec(&SET_BODIES_FROM, params![signed(end), signed(start)]).await?;
    Ok(gone)
}
