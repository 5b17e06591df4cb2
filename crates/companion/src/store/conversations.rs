//! Conversations.

use super::{limit, signed, unsigned};
use crate::model::{Conversation, ConversationId, MessageId};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, Timestamp};
use uuid::Uuid;
use vault::Sealed;

db::statements! { "companion.conversations";
    INSERT = "INSERT INTO companion_conversations (tenant_id, shard_id, user_id, id, created_at,
            updated_at, version, archived, messages, leaf_id, head)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    PUT = "UPDATE companion_conversations SET updated_at = $5, version = $6, archived = $7,
            messages = $8, leaf_id = $9, head = $10
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    GET = "SELECT id, created_at, updated_at, version, archived, messages, leaf_id, head
        FROM companion_conversations
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    /// Others who change this conversation wait from here on.
    TAKE = "SELECT id, created_at, updated_at, version, archived, messages, leaf_id, head
        FROM companion_conversations
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 {for_update}";
    LIST = "SELECT id, created_at, updated_at, version, archived, messages, leaf_id, head
        FROM companion_conversations
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND archived = $4
            AND (updated_at, id) < ($5, $6)
        ORDER BY updated_at DESC, id DESC LIMIT $7";
    DELETE = "DELETE FROM companion_conversations
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
}

row! {
    struct Row {
        id: ConversationId as Uuid,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: i64,
        archived: bool,
        messages: i64,
        leaf_id: Option<Uuid>,
        head: Vec<u8>,
    }
}

/// A conversation as it is stored.
pub(crate) struct SealedConversation {
    pub(crate) id: ConversationId,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u64,
    pub(crate) archived: bool,
    pub(crate) messages: u64,
    pub(crate) leaf: Option<MessageId>,
    pub(crate) head: Sealed,
}

impl SealedConversation {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.updated_at, id: self.id.as_uuid() }
    }
}

impl From<Row> for SealedConversation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: unsigned(row.version),
            archived: row.archived,
            messages: unsigned(row.messages),
            leaf: row.leaf_id.map(MessageId::from),
            head: Sealed::from_bytes(row.head),
        }
    }
}

/// Writes a new conversation.
pub(crate) fn insert_conversation(
    tx: &mut Tx,
    access: &Access,
    conversation: &Conversation,
    head: &Sealed,
) {
    let Conversation { id, archived, messages, leaf, created_at, updated_at, version, .. } =
        *conversation;
    let leaf = leaf.map(|leaf| leaf.as_uuid());
    let params = params![access.subject() => id.as_uuid(), created_at, updated_at,
        signed(version), archived, signed(messages), leaf, head.as_bytes()];
    tx.defer(&INSERT, params);
}

/// Writes a conversation anew.
pub(crate) fn put_conversation(
    tx: &mut Tx,
    access: &Access,
    conversation: &Conversation,
    head: &Sealed,
) {
    let Conversation { id, archived, messages, leaf, updated_at, version, .. } = *conversation;
    let leaf = leaf.map(|leaf| leaf.as_uuid());
    let params = params![access.subject() => id.as_uuid(), updated_at, signed(version), archived,
        signed(messages), leaf, head.as_bytes()];
    tx.defer(&PUT, params);
}

/// The conversation as it is now; whoever else wants to change it waits for this transaction.
/// Run it as `TxSpec::queue`.
pub(crate) async fn take_conversation(
    tx: &mut Tx,
    access: &Access,
    id: ConversationId,
) -> Result<Option<SealedConversation>, DbError> {
    let row: Option<Row> = tx.opt(&TAKE, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedConversation::from))
}

/// The conversation as it is now.
pub(crate) async fn get_conversation(
    db: &Db,
    access: &Access,
    id: ConversationId,
) -> Result<Option<SealedConversation>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedConversation::from))
}

/// Conversations before this place, the last used first.
pub(crate) async fn list_conversations(
    db: &Db,
    access: &Access,
    (archived, before): (bool, Cursor),
    most: usize,
) -> Result<Vec<SealedConversation>, DbError> {
    let params = params![access.subject() => archived, before.at, before.id, limit(most)];
    let rows: Vec<Row> = db.all(&LIST, params).await?;
    Ok(rows.into_iter().map(SealedConversation::from).collect())
}

/// Removes a conversation, without its messages.
pub(crate) fn delete_conversation(tx: &mut Tx, access: &Access, id: ConversationId) {
    tx.defer(&DELETE, params![access.subject() => id.as_uuid()]);
}
