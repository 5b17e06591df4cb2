//! Messages.

use super::{limit, signed, unsigned};
use crate::model::{ConversationId, Decided, MessageId, State};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, Subject, TenantId, Timestamp, UserId};
use uuid::Uuid;
use vault::Sealed;

db::statements! { "companion.messages";
    INSERT = "INSERT INTO companion_messages (tenant_id, shard_id, user_id, id, conversation_id,
            parent_id, role, state, created_at, body, lease_until, stop_wanted, quota_day,
            reserved_tokens, reserved_cost)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13, $14)";
    GET = "SELECT id, conversation_id, parent_id, role, state, created_at, body, lease_until,
            quota_day, reserved_tokens, reserved_cost
        FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    PAGE = "SELECT id, conversation_id, parent_id, role, state, created_at, body, lease_until,
            quota_day, reserved_tokens, reserved_cost
        FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4
            AND (created_at, id) > ($5, $6)
        ORDER BY created_at, id LIMIT $7";
    /// From a message up to where the conversation began, nearest first.
    BRANCH = "WITH RECURSIVE branch (id, depth) AS (
            SELECT id, 0 FROM companion_messages
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
          UNION ALL
            SELECT above.id, branch.depth + 1
            FROM branch
            JOIN companion_messages below ON below.tenant_id = $1 AND below.shard_id = $2
                AND below.user_id = $3 AND below.id = branch.id
            JOIN companion_messages above ON above.tenant_id = $1 AND above.shard_id = $2
                AND above.user_id = $3 AND above.id = below.parent_id
            WHERE branch.depth < $5)
        SELECT m.id AS id, m.conversation_id AS conversation_id, m.parent_id AS parent_id,
            m.role AS role, m.state AS state, m.created_at AS created_at, m.body AS body,
            m.lease_until AS lease_until, m.quota_day AS quota_day,
            m.reserved_tokens AS reserved_tokens, m.reserved_cost AS reserved_cost
        FROM branch JOIN companion_messages m ON m.tenant_id = $1 AND m.shard_id = $2
            AND m.user_id = $3 AND m.id = branch.id
        ORDER BY branch.depth";
    /// The shape of a conversation without what was said.
    TREE = "SELECT id, parent_id, created_at FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4
        ORDER BY created_at, id LIMIT $5";
    /// Only while somebody writes it: whoever comes first ends it.
    FINISH = "UPDATE companion_messages SET state = $5, body = $6, lease_until = NULL,
            stop_wanted = FALSE, reserved_tokens = 0, reserved_cost = 0
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    KEEP = "UPDATE companion_messages SET body = $5, lease_until = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0
        RETURNING stop_wanted, decided";
    WANT_STOP = "UPDATE companion_messages SET stop_wanted = TRUE
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    /// What a person said to a tool that waits.
    DECIDE = "UPDATE companion_messages SET decided = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    /// An answer that goes on holds more.
    HOLD_MORE = "UPDATE companion_messages SET reserved_tokens = reserved_tokens + $5,
            reserved_cost = reserved_cost + $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    DELETE = "DELETE FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE_ALL = "DELETE FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4";
    RUNNING_IN = "SELECT id FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4
            AND state = 0 LIMIT 5000";
    /// Whoever wants to end it waits from here on, and finds what became of it.
    TAKE_RUNNING = "SELECT id, conversation_id, parent_id, role, state, created_at, body,
            lease_until, quota_day, reserved_tokens, reserved_cost
        FROM companion_messages
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0
        {for_update}";
    /// Of anybody: answers whose writer is gone.
    ABANDONED = "SELECT tenant_id, user_id, id FROM companion_messages
        WHERE state = 0 AND lease_until < $1 ORDER BY lease_until LIMIT $2";
}

row! {
    struct Row {
        id: MessageId as Uuid,
        conversation_id: ConversationId as Uuid,
        parent_id: Option<Uuid>,
        role: i64,
        state: i64,
        created_at: Timestamp,
        body: Vec<u8>,
        lease_until: Option<Timestamp>,
        quota_day: Option<i64>,
        reserved_tokens: i64,
        reserved_cost: i64,
    }
}

row! {
    struct TreeRow {
        id: MessageId as Uuid,
        parent_id: Option<Uuid>,
        created_at: Timestamp,
    }
}

row! {
    struct WishRow {
        stop_wanted: bool,
        decided: Option<i64>,
    }
}

row! {
    struct IdRow {
        id: MessageId as Uuid,
    }
}

row! {
    struct AbandonedRow {
        tenant_id: TenantId as Uuid,
        user_id: UserId as Uuid,
        id: MessageId as Uuid,
    }
}

/// What an answer holds of somebody's allowance until it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The day it is of; `None` where nothing was reserved.
    pub(crate) day: Option<i64>,
    pub(crate) tokens: u64,
    pub(crate) cost: u64,
}

/// A message as it is stored.
pub(crate) struct SealedMessage {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) parent: Option<MessageId>,
    pub(crate) role: i64,
    pub(crate) state: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) body: Sealed,
    pub(crate) lease_until: Option<Timestamp>,
    pub(crate) held: Held,
}

impl SealedMessage {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.created_at, id: self.id.as_uuid() }
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.state == State::Running.number()
    }
}

impl From<Row> for SealedMessage {
    fn from(row: Row) -> Self {
        let held = Held {
            day: row.quota_day,
            tokens: unsigned(row.reserved_tokens),
            cost: unsigned(row.reserved_cost),
        };
        Self {
            id: row.id,
            conversation: row.conversation_id,
            parent: row.parent_id.map(MessageId::from),
            role: row.role,
            state: row.state,
            created_at: row.created_at,
            body: Sealed::from_bytes(row.body),
            lease_until: row.lease_until,
            held,
        }
    }
}

/// A message's place in its conversation.
pub(crate) struct Place {
    pub(crate) id: MessageId,
    pub(crate) parent: Option<MessageId>,
}

/// Writes a new message.
pub(crate) fn insert_message(tx: &mut Tx, access: &Access, message: &SealedMessage) {
    let Held { day, tokens, cost } = message.held;
    let parent = message.parent.map(|parent| parent.as_uuid());
    let params = params![access.subject() => message.id.as_uuid(), message.conversation.as_uuid(),
        parent, message.role, message.state, message.created_at, message.body.as_bytes(),
        message.lease_until, day, signed(tokens), signed(cost)];
    tx.defer(&INSERT, params);
}

/// The message as it is now.
pub(crate) async fn get_message(
    db: &Db,
    access: &Access,
    id: MessageId,
) -> Result<Option<SealedMessage>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedMessage::from))
}

/// The message as this transaction sees it.
pub(crate) async fn get_message_in(
    tx: &mut Tx,
    access: &Access,
    id: MessageId,
) -> Result<Option<SealedMessage>, DbError> {
    let row: Option<Row> = tx.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedMessage::from))
}

/// Messages of a conversation after this place, oldest first, over all branches.
pub(crate) async fn page_of_messages(
    db: &Db,
    access: &Access,
    (conversation, after): (ConversationId, Cursor),
    most: usize,
) -> Result<Vec<SealedMessage>, DbError> {
    let params =
        params![access.subject() => conversation.as_uuid(), after.at, after.id, limit(most)];
    let rows: Vec<Row> = db.all(&PAGE, params).await?;
    Ok(rows.into_iter().map(SealedMessage::from).collect())
}

/// The branch that ends with this message, its end first, as far up as that.
pub(crate) async fn branch(
    db: &Db,
    access: &Access,
    end: MessageId,
    most: usize,
) -> Result<Vec<SealedMessage>, DbError> {
    let deepest = limit(most.saturating_sub(1));
    let rows: Vec<Row> =
        db.all(&BRANCH, params![access.subject() => end.as_uuid(), deepest]).await?;
    Ok(rows.into_iter().map(SealedMessage::from).collect())
}

/// How the messages of a conversation hang together, oldest first.
pub(crate) async fn tree(
    tx: &mut Tx,
    access: &Access,
    conversation: ConversationId,
    most: usize,
) -> Result<Vec<Place>, DbError> {
    let params = params![access.subject() => conversation.as_uuid(), limit(most)];
    let rows: Vec<TreeRow> = tx.all(&TREE, params).await?;
    let place =
        |TreeRow { id, parent_id, .. }| Place { id, parent: parent_id.map(MessageId::from) };
    Ok(rows.into_iter().map(place).collect())
}

/// Ends an answer. If it had ended before, the transaction never was.
pub(crate) fn finish_message(
    tx: &mut Tx,
    access: &Access,
    (id, state): (MessageId, State),
    body: &Sealed,
) {
    let params = params![access.subject() => id.as_uuid(), state.number(), body.as_bytes()];
    tx.require(&FINISH, params);
}

/// Whether a transaction never was because its answer had ended before.
pub(crate) fn message_had_ended(refused: &DbError) -> bool {
    refused.is_unmet(&FINISH)
}

/// What people want of an answer that is being written.
pub(crate) struct Wishes {
    /// Somebody wants it to stop.
    pub(crate) stop: bool,
    /// What was said to a tool that waited.
    pub(crate) decided: Option<Decided>,
}

/// Keeps what was written so far and the right to go on. Answers what people want of it; `None` if
/// it has ended.
pub(crate) async fn keep_message(
    db: &Db,
    access: &Access,
    (id, lease_until): (MessageId, Timestamp),
    body: &Sealed,
) -> Result<Option<Wishes>, DbError> {
    let params = params![access.subject() => id.as_uuid(), body.as_bytes(), lease_until];
    let row: Option<WishRow> = db.exec_opt(&KEEP, params).await?;
    let wishes = |row: WishRow| Wishes {
        stop: row.stop_wanted,
        decided: row.decided.and_then(Decided::from_stored),
    };
    Ok(row.map(wishes))
}

/// Tells whoever writes this answer what was said to the tool that waits. If it has ended, the
/// transaction never was.
pub(crate) fn decide(tx: &mut Tx, access: &Access, (id, decided): (MessageId, Decided)) {
    tx.require(&DECIDE, params![access.subject() => id.as_uuid(), decided.stored()]);
}

/// Whether a transaction never was because nothing waited any more.
pub(crate) fn nothing_waited(refused: &DbError) -> bool {
    refused.is_unmet(&DECIDE)
}

/// Has an answer hold so much more. If it has ended, the transaction never was.
pub(crate) fn hold_more(tx: &mut Tx, access: &Access, (id, more): (MessageId, &Held)) {
    let (tokens, cost) = (signed(more.tokens), signed(more.cost));
    tx.require(&HOLD_MORE, params![access.subject() => id.as_uuid(), tokens, cost]);
}

/// Whether a transaction never was because the answer that would hold more had ended.
pub(crate) fn nothing_holds(refused: &DbError) -> bool {
    refused.is_unmet(&HOLD_MORE)
}

/// Asks whoever writes this answer to stop; whether there is anybody.
pub(crate) async fn want_stop(db: &Db, access: &Access, id: MessageId) -> Result<bool, DbError> {
    Ok(db.exec(&WANT_STOP, params![access.subject() => id.as_uuid()]).await? == 1)
}

/// Removes a message.
pub(crate) fn delete_message(tx: &mut Tx, access: &Access, id: MessageId) {
    tx.defer(&DELETE, params![access.subject() => id.as_uuid()]);
}

/// Removes all messages of a conversation.
pub(crate) fn delete_messages(tx: &mut Tx, access: &Access, conversation: ConversationId) {
    tx.defer(&DELETE_ALL, params![access.subject() => conversation.as_uuid()]);
}

/// The answers of a conversation that are being written.
pub(crate) async fn running_in(
    tx: &mut Tx,
    access: &Access,
    conversation: ConversationId,
) -> Result<Vec<MessageId>, DbError> {
    let params = params![access.subject() => conversation.as_uuid()];
    let rows: Vec<IdRow> = tx.all(&RUNNING_IN, params).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The answer, if it is still being written: nobody ends it before this transaction does.
pub(crate) async fn take_running(
    tx: &mut Tx,
    access: &Access,
    id: MessageId,
) -> Result<Option<SealedMessage>, DbError> {
    let row: Option<Row> = tx.opt(&TAKE_RUNNING, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(SealedMessage::from))
}

/// Answers of anybody whose lease ran out before this moment.
pub(crate) async fn abandoned(
    db: &Db,
    before: Timestamp,
    most: usize,
) -> Result<Vec<(Subject, MessageId)>, DbError> {
    let rows: Vec<AbandonedRow> = db.all(&ABANDONED, params![before, limit(most)]).await?;
    let whose = |row: AbandonedRow| (Subject::new(row.tenant_id, row.user_id), row.id);
    Ok(rows.into_iter().map(whose).collect())
}
