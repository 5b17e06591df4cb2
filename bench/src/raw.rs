//! The same rows in the same transactions, written by hand without anything of ours between: what
//! a database can do at best if a person with experience asks it for just this.

pub mod postgres;
pub mod sqlite;

use uuid::Uuid;

/// The shapes of rows, copied from what the program wrote.
#[derive(Clone, Default)]
pub struct Shape {
    /// The sealed mood and tags.
    pub meta: Vec<u8>,
    /// The sealed title and text.
    pub body: Vec<u8>,
    /// An event as it waits in the ledger's line.
    pub event: Vec<u8>,
    /// The tenant.
    pub tenant: Uuid,
    /// The shard.
    pub shard: i64,
}

pub(crate) const TAKE_TURN: &str = "INSERT INTO journal_heads (tenant_id, shard_id, user_id, seq)
    VALUES ($1, $2, $3, 1) ON CONFLICT (tenant_id, shard_id, user_id)
    DO UPDATE SET seq = journal_heads.seq + 1 RETURNING seq";
pub(crate) const INSERT: &str = "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id,
        occurred_at, created_at, updated_at, version, deleted, meta, body, seq)
    VALUES ($1, $2, $3, $4, $5, $5, $5, 1, FALSE, $6, $7, $8)";
pub(crate) const QUEUE: &str = "INSERT INTO audit_outbox (queued_at, entry) VALUES ($1, $2)";
pub(crate) const GET: &str =
    "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body FROM journal_entries
    WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
pub(crate) const LIST: &str =
    "SELECT id, occurred_at, created_at, updated_at, version, seq, meta, body FROM journal_entries
    WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND NOT deleted
    ORDER BY occurred_at DESC, id DESC LIMIT 21";
pub(crate) const SHAPE: &str = "SELECT e.meta, e.body, o.entry, e.tenant_id, e.shard_id
    FROM journal_entries e, audit_outbox o ORDER BY o.id DESC LIMIT 1";
/// A person in this shard gets what another one has: their entries, under the same ids. Parameters
/// appear in the order of their numbers, because SQLite counts them by appearance.
pub(crate) const COPY: [&str; 2] = [
    "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id, occurred_at, created_at,
        updated_at, version, deleted, meta, body, seq)
    SELECT tenant_id, $1, $2, id, occurred_at, created_at, updated_at, version, deleted,
        meta, body, seq FROM journal_entries WHERE user_id = $3",
    "INSERT INTO journal_heads (tenant_id, shard_id, user_id, seq)
    SELECT tenant_id, $1, $2, seq FROM journal_heads WHERE user_id = $3",
];
