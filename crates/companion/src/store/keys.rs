//! Personal keys, and what is held and used with them.

use super::{Held, limit, signed, unsigned};
use crate::model::{KeyId, KeyLimits, Scopes, Tally};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Subject, TenantId, Timestamp, UserId};
use uuid::Uuid;
use vault::Sealed;

db::statements! { "companion.keys";
    INSERT = "INSERT INTO companion_keys (tenant_id, shard_id, user_id, id, secret_hash, scopes,
            created_at, expires_at, used_at, messages_per_day, tokens_per_day, name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11)";
    LIST = "SELECT id, secret_hash, scopes, created_at, expires_at, used_at, messages_per_day,
            tokens_per_day, name
        FROM companion_keys WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
        ORDER BY created_at DESC, id DESC LIMIT $4";
    COUNT = "SELECT COUNT(*) AS n FROM companion_keys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    GET = "SELECT id, secret_hash, scopes, created_at, expires_at, used_at, messages_per_day,
            tokens_per_day, name
        FROM companion_keys WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    NOTE_USE = "UPDATE companion_keys SET used_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE = "DELETE FROM companion_keys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE_DAYS = "DELETE FROM companion_key_days
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND key_id = $4";
    /// Takes a message and tokens out of what a key may use on a day, if both are there.
    RESERVE = "INSERT INTO companion_key_days
            (tenant_id, shard_id, user_id, key_id, day, messages, tokens)
        VALUES ($1, $2, $3, $4, $5, 1, $6)
        ON CONFLICT (tenant_id, shard_id, user_id, key_id, day) DO UPDATE SET
            messages = companion_key_days.messages + 1,
            tokens = companion_key_days.tokens + excluded.tokens
        WHERE companion_key_days.messages < $7
            AND companion_key_days.tokens + excluded.tokens <= $8";
    SETTLE = "UPDATE companion_key_days SET messages = messages - $6, tokens = tokens + $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND key_id = $4 AND day = $5";
    BEGIN_CALL = "INSERT INTO companion_calls (tenant_id, shard_id, user_id, id, key_id, model,
            state, lease_until, quota_day, reserved_tokens, reserved_cost)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)";
    /// Only while it goes on: whoever comes first ends it.
    END_CALL = "UPDATE companion_calls SET state = 1, lease_until = $5, reserved_tokens = 0,
            reserved_cost = 0
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    /// Of anybody: calls whose program is gone.
    ABANDONED_CALLS = "SELECT tenant_id, user_id, id, key_id, model, quota_day, reserved_tokens,
            reserved_cost
        FROM companion_calls WHERE state = 0 AND lease_until < $1 ORDER BY lease_until LIMIT $2";
    /// Of anybody: what ended long enough ago.
    FORGET_CALLS = "DELETE FROM companion_calls WHERE state = 1 AND lease_until < $1";
}

row! {
    struct Row {
        id: KeyId as Uuid,
        secret_hash: [u8; 32],
        scopes: u8,
        created_at: Timestamp,
        expires_at: Option<Timestamp>,
        used_at: Option<Timestamp>,
        messages_per_day: Option<i64>,
        tokens_per_day: Option<i64>,
        name: Vec<u8>,
    }
}

row! {
    struct CountRow {
        n: i64,
    }
}

row! {
    struct CallRow {
        tenant_id: TenantId as Uuid,
        user_id: UserId as Uuid,
        id: Uuid,
        key_id: Option<Uuid>,
        model: String,
        quota_day: i64,
        reserved_tokens: i64,
        reserved_cost: i64,
    }
}

/// A key as it is stored.
pub(crate) struct SealedKey {
    pub(crate) id: KeyId,
    pub(crate) hash: [u8; 32],
    pub(crate) scopes: Scopes,
    pub(crate) limits: KeyLimits,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) name: Sealed,
}

impl From<Row> for SealedKey {
    fn from(row: Row) -> Self {
        let limits = KeyLimits {
            messages: row.messages_per_day.and_then(|most| u32::try_from(most).ok()),
            tokens: row.tokens_per_day.map(unsigned),
        };
        Self {
            id: row.id,
            hash: row.secret_hash,
            scopes: Scopes::from_bits(row.scopes),
            limits,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            name: Sealed::from_bytes(row.name),
        }
    }
}

/// A question of a program, as it is stored.
pub(crate) struct Call {
    pub(crate) id: Uuid,
    pub(crate) key: Option<KeyId>,
    pub(crate) model: String,
    pub(crate) held: Held,
}

/// Writes a new key.
pub(crate) fn insert_key(tx: &mut Tx, access: &Access, key: &SealedKey) {
    let (messages, tokens) = (key.limits.messages.map(i64::from), key.limits.tokens.map(signed));
    let params = params![access.subject() => key.id.as_uuid(), key.hash, key.scopes.bits(),
        key.created_at, key.expires_at, messages, tokens, key.name.as_bytes()];
    tx.defer(&INSERT, params);
}

/// The keys of a person, the newest first.
pub(crate) async fn list_keys(
    db: &Db,
    access: &Access,
    most: usize,
) -> Result<Vec<SealedKey>, DbError> {
    let rows: Vec<Row> = db.all(&LIST, params![access.subject() => limit(most)]).await?;
    Ok(rows.into_iter().map(SealedKey::from).collect())
}

/// How many keys a person has.
pub(crate) async fn count_keys(tx: &mut Tx, access: &Access) -> Result<usize, DbError> {
    let CountRow { n } = tx.one(&COUNT, params![access.subject() =>]).await?;
    Ok(usize::try_from(n).unwrap_or(usize::MAX))
}

/// The key that somebody shows. Whose it is is found out with it, so it takes no `Access`.
pub(crate) async fn shown_key(
    db: &Db,
    subject: Subject,
    id: KeyId,
) -> Result<Option<SealedKey>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![subject => id.as_uuid()]).await?;
    Ok(row.map(SealedKey::from))
}

/// Notes that a key is in use.
pub(crate) async fn note_use(
    db: &Db,
    subject: Subject,
    id: KeyId,
    now: Timestamp,
) -> Result<(), DbError> {
    db.exec(&NOTE_USE, params![subject => id.as_uuid(), now]).await.map(drop)
}

/// Removes a key; whether it was there.
pub(crate) async fn delete_key(tx: &mut Tx, access: &Access, id: KeyId) -> Result<bool, DbError> {
    tx.defer(&DELETE_DAYS, params![access.subject() => id.as_uuid()]);
    Ok(tx.exec(&DELETE, params![access.subject() => id.as_uuid()]).await? == 1)
}

/// Takes a message and these tokens out of what a key may use on a day; if they are not there, the
/// transaction never was. False if no day could have them.
pub(crate) fn reserve_of_key(
    tx: &mut Tx,
    access: &Access,
    (key, limits): (KeyId, &KeyLimits),
    (day, held): (i64, &Held),
) -> bool {
    let messages = limits.messages.map_or(i64::MAX, i64::from);
    let tokens = limits.tokens.unwrap_or(u64::MAX);
    if messages == 0 || held.tokens > tokens {
        return false;
    }
    let params = params![access.subject() => key.as_uuid(), day, signed(held.tokens), messages,
        signed(tokens)];
    tx.require(&RESERVE, params);
    true
}

/// Whether a transaction never was because a key's day did not have enough.
pub(crate) fn exceeded_the_key(refused: &DbError) -> bool {
    refused.is_unmet(&RESERVE)
}

/// Writes down that a call begins.
pub(crate) fn begin_call(tx: &mut Tx, access: &Access, call: &Call, lease_until: Timestamp) {
    let key = call.key.map(|key| key.as_uuid());
    let params = params![access.subject() => call.id, key, call.model.as_str(), lease_until,
        call.held.day.unwrap_or_default(), signed(call.held.tokens), signed(call.held.cost)];
    tx.defer(&BEGIN_CALL, params);
}

/// Ends a call, whose line may go at that moment. If it was not going on any more, the transaction
/// never was.
pub(crate) fn end_call(tx: &mut Tx, access: &Access, id: Uuid, forget_at: Timestamp) {
    tx.require(&END_CALL, params![access.subject() => id, forget_at]);
}

/// Whether a transaction never was because its call had ended before.
pub(crate) fn call_had_ended(refused: &DbError) -> bool {
    refused.is_unmet(&END_CALL)
}

/// Puts what was used in the place of what was held with a key.
pub(crate) fn settle_key(tx: &mut Tx, access: &Access, call: &Call, used: Option<&Tally>) {
    let (Some(key), Some(day)) = (call.key, call.held.day) else { return };
    let tokens = used.map_or(0, Tally::tokens);
    let params = params![access.subject() => key.as_uuid(), day, i64::from(used.is_none()),
        signed(tokens).saturating_sub(signed(call.held.tokens))];
    tx.defer(&SETTLE, params);
}

/// Calls of anybody that should have ended before this moment.
pub(crate) async fn abandoned_calls(
    db: &Db,
    before: Timestamp,
    most: usize,
) -> Result<Vec<(Subject, Call)>, DbError> {
    let rows: Vec<CallRow> = db.all(&ABANDONED_CALLS, params![before, limit(most)]).await?;
    let call = |row: CallRow| {
        let held = Held {
            day: Some(row.quota_day),
            tokens: unsigned(row.reserved_tokens),
            cost: unsigned(row.reserved_cost),
        };
        let key = row.key_id.map(KeyId::from);
        (Subject::new(row.tenant_id, row.user_id), Call { id: row.id, key, model: row.model, held })
    };
    Ok(rows.into_iter().map(call).collect())
}

/// Forgets calls of anybody that ended before this moment.
pub(crate) async fn forget_calls(db: &Db, before: Timestamp) -> Result<(), DbError> {
    db.exec(&FORGET_CALLS, params![before]).await.map(drop)
}
