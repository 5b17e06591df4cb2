//! The SQL about log-ins and their tokens.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Cursor, PageSize, SessionId, Subject, Timestamp};
use uuid::Uuid;

statements! { "identity.sessions";
    ADD_SESSION = "INSERT INTO sessions (tenant_id, shard_id, user_id, id, secret_hash, acr, amr,
            auth_at, created_at, seen_at, idle_until, expires_at, client)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, $9, $10, $11)";
    /// All that a request needs to know: the account, the log-in and the token that was shown.
    SHOWN = "SELECT a.status, a.roles, s.secret_hash, s.acr, s.auth_at, s.seen_at, s.idle_until,
            s.expires_at, s.ended_at, t.created_at AS issued_at, t.consumed_at, t.revoked_at,
            t.access_used_at
        FROM sessions s
        JOIN accounts a ON a.tenant_id = s.tenant_id AND a.shard_id = s.shard_id
            AND a.user_id = s.user_id
        LEFT JOIN refresh_tokens t ON t.tenant_id = s.tenant_id AND t.shard_id = s.shard_id
            AND t.user_id = s.user_id AND t.session_id = s.id AND t.id = $5
        WHERE s.tenant_id = $1 AND s.shard_id = $2 AND s.user_id = $3 AND s.id = $4";
    /// The sooner of two times counts: an idle log-in does not outlive its end.
    TOUCH_COOKIE = "UPDATE sessions SET seen_at = $5,
            idle_until = CASE WHEN $6 < expires_at THEN $6 ELSE expires_at END
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND ended_at IS NULL";
    SEE = "UPDATE sessions SET seen_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND ended_at IS NULL";
    USE_ACCESS = "UPDATE refresh_tokens SET access_used_at = COALESCE(access_used_at, $5)
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND consumed_at IS NULL AND revoked_at IS NULL";
    END = "UPDATE sessions SET ended_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND ended_at IS NULL";
    END_ALL = "UPDATE sessions SET ended_at = $4
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND ended_at IS NULL";
    /// After a restore: who was logged in then need not be the one who holds the device now.
    END_EVERYBODYS = "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL";
    LIST = "SELECT id, secret_hash, acr, created_at, seen_at, expires_at, client FROM sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND (created_at, id) < ($4, $5)
            AND ended_at IS NULL AND idle_until > $6 AND expires_at > $6
        ORDER BY created_at DESC, id DESC LIMIT $7";
    ADD_TOKEN = "INSERT INTO refresh_tokens
            (tenant_id, shard_id, user_id, id, session_id, secret_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Whose token it is, before anything is done about it.
    TOKEN = "SELECT t.session_id, t.secret_hash, s.auth_at, a.roles
        FROM refresh_tokens t
        JOIN sessions s ON s.tenant_id = t.tenant_id AND s.shard_id = t.shard_id
            AND s.user_id = t.user_id AND s.id = t.session_id
        JOIN accounts a ON a.tenant_id = t.tenant_id AND a.shard_id = t.shard_id
            AND a.user_id = t.user_id
        WHERE t.tenant_id = $1 AND t.shard_id = $2 AND t.user_id = $3 AND t.id = $4";
    /// A refresh token with its log-in and its account, so that nothing changes them meanwhile.
    LOCK_TOKEN = "SELECT t.consumed_at, t.successor_id, t.revoked_at,
            s.acr, s.amr, s.auth_at, s.idle_until, s.expires_at, s.ended_at, a.status, a.roles
        FROM refresh_tokens t
        JOIN sessions s ON s.tenant_id = t.tenant_id AND s.shard_id = t.shard_id
            AND s.user_id = t.user_id AND s.id = t.session_id
        JOIN accounts a ON a.tenant_id = t.tenant_id AND a.shard_id = t.shard_id
            AND a.user_id = t.user_id
        WHERE t.tenant_id = $1 AND t.shard_id = $2 AND t.user_id = $3 AND t.id = $4 {for_update}";
    LOCK_SUCCESSOR = "SELECT id, consumed_at, successor_id, revoked_at, access_used_at
        FROM refresh_tokens
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 {for_update}";
    CONSUME = "UPDATE refresh_tokens SET consumed_at = COALESCE(consumed_at, $6), successor_id = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    REVOKE = "UPDATE refresh_tokens SET revoked_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    RENEW = "UPDATE sessions SET seen_at = $5,
            idle_until = CASE WHEN $6 < expires_at THEN $6 ELSE expires_at END
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_TOKENS = "DELETE FROM refresh_tokens
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    DROP_SESSIONS = "DELETE FROM sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people: log-ins that ended long enough ago.
    STALE = "SELECT tenant_id, user_id, id FROM sessions WHERE expires_at < $1
        ORDER BY expires_at LIMIT $2";
    DROP_TOKENS_OF = "DELETE FROM refresh_tokens
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND session_id = $4";
    DROP_SESSION = "DELETE FROM sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
}

/// A log-in to be stored.
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) secret_hash: Option<[u8; 32]>,
    pub(crate) acr: &'static str,
    pub(crate) amr: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) idle_until: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) client: vault::Sealed,
}

row! {
    pub(crate) struct ShownRow {
        pub(crate) status: String,
        pub(crate) roles: u8,
        pub(crate) secret_hash: Option<[u8; 32]>,
        pub(crate) acr: String,
        pub(crate) auth_at: Timestamp,
        pub(crate) seen_at: Timestamp,
        pub(crate) idle_until: Timestamp,
        pub(crate) expires_at: Timestamp,
        pub(crate) ended_at: Option<Timestamp>,
        pub(crate) issued_at: Option<Timestamp>,
        pub(crate) consumed_at: Option<Timestamp>,
        pub(crate) revoked_at: Option<Timestamp>,
        pub(crate) access_used_at: Option<Timestamp>,
    }
}

row! {
    pub(crate) struct SessionRow {
        pub(crate) id: Uuid,
        pub(crate) secret_hash: Option<[u8; 32]>,
        pub(crate) acr: String,
        pub(crate) created_at: Timestamp,
        pub(crate) seen_at: Timestamp,
        pub(crate) expires_at: Timestamp,
        pub(crate) client: Vec<u8>,
    }
}

row! {
    pub(crate) struct FoundToken {
        pub(crate) session_id: Uuid,
        pub(crate) secret_hash: [u8; 32],
        pub(crate) auth_at: Timestamp,
        pub(crate) roles: u8,
    }
}

row! {
    pub(crate) struct TokenRow {
        pub(crate) consumed_at: Option<Timestamp>,
        pub(crate) successor_id: Option<Uuid>,
        pub(crate) revoked_at: Option<Timestamp>,
        pub(crate) acr: String,
        pub(crate) amr: String,
        pub(crate) auth_at: Timestamp,
        pub(crate) idle_until: Timestamp,
        pub(crate) expires_at: Timestamp,
        pub(crate) ended_at: Option<Timestamp>,
        pub(crate) status: String,
        pub(crate) roles: u8,
    }
}

row! {
    pub(crate) struct SuccessorRow {
        pub(crate) id: Uuid,
        pub(crate) consumed_at: Option<Timestamp>,
        pub(crate) successor_id: Option<Uuid>,
        pub(crate) revoked_at: Option<Timestamp>,
        pub(crate) access_used_at: Option<Timestamp>,
    }
}

row! {
    pub(crate) struct StaleRow {
        pub(crate) tenant_id: Uuid,
        pub(crate) user_id: Uuid,
        pub(crate) id: Uuid,
    }
}

pub(crate) fn add_session(tx: &mut Tx, subject: Subject, session: &NewSession<'_>) {
    let NewSession { id, secret_hash, acr, amr, now, idle_until, expires_at, client } = session;
    let params = params![subject => id.as_uuid(), *secret_hash, *acr, *amr, *now, *idle_until,
        *expires_at, client.as_bytes()];
    tx.defer(&ADD_SESSION, params);
}

/// `token` is nil when a cookie was shown.
pub(crate) async fn shown(
    db: &Db,
    subject: Subject,
    session: SessionId,
    token: Uuid,
) -> Result<Option<ShownRow>, DbError> {
    db.opt(&SHOWN, params![subject => session.as_uuid(), token]).await
}

/// Writes down that the log-in is in use; `idle_until` for cookies.
pub(crate) async fn touch(
    db: &Db,
    subject: Subject,
    session: SessionId,
    now: Timestamp,
    idle_until: Option<Timestamp>,
) -> Result<(), DbError> {
    let id = session.as_uuid();
    match idle_until {
        Some(until) => db.exec(&TOUCH_COOKIE, params![subject => id, now, until]).await,
        None => db.exec(&SEE, params![subject => id, now]).await,
    }
    .map(drop)
}

/// Writes down that the access token is in use; `false` if it is void.
pub(crate) async fn use_access(
    db: &Db,
    subject: Subject,
    token: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(db.exec(&USE_ACCESS, params![subject => token, now]).await? == 1)
}

/// Ends a log-in; `false` if it had ended.
pub(crate) async fn end(
    tx: &mut Tx,
    subject: Subject,
    session: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    super::revoked(tx, subject, Some(session), now);
    Ok(tx.exec(&END, params![subject => session.as_uuid(), now]).await? == 1)
}

pub(crate) fn end_all(tx: &mut Tx, subject: Subject, now: Timestamp) {
    super::revoked(tx, subject, None, now);
    tx.defer(&END_ALL, params![subject => now]);
}

/// Ends all log-ins of all people; answers how many.
pub(crate) async fn end_everybodys(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    tx.exec(&END_EVERYBODYS, params![now]).await
}

pub(crate) async fn sessions(
    db: &Db,
    subject: Subject,
    after: Cursor,
    size: PageSize,
    now: Timestamp,
) -> Result<Vec<SessionRow>, DbError> {
    let limit = i64::try_from(size.get() + 1).unwrap_or(i64::MAX);
    db.all(&LIST, params![subject => after.at, after.id, now, limit]).await
}

pub(crate) fn add_token(
    tx: &mut Tx,
    (subject, session): (Subject, SessionId),
    id: Uuid,
    hash: [u8; 32],
    now: Timestamp,
) {
    tx.defer(&ADD_TOKEN, params![subject => id, session.as_uuid(), hash, now]);
}

pub(crate) async fn token(
    db: &Db,
    subject: Subject,
    id: Uuid,
) -> Result<Option<FoundToken>, DbError> {
    db.opt(&TOKEN, params![subject => id]).await
}

pub(crate) async fn lock_token(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
) -> Result<Option<TokenRow>, DbError> {
    tx.opt(&LOCK_TOKEN, params![subject => id]).await
}

pub(crate) async fn lock_successor(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
) -> Result<Option<SuccessorRow>, DbError> {
    tx.opt(&LOCK_SUCCESSOR, params![subject => id]).await
}

pub(crate) fn consume(tx: &mut Tx, subject: Subject, id: Uuid, successor: Uuid, now: Timestamp) {
    tx.defer(&CONSUME, params![subject => id, successor, now]);
}

pub(crate) fn revoke(tx: &mut Tx, subject: Subject, id: Uuid, now: Timestamp) {
    tx.defer(&REVOKE, params![subject => id, now]);
}

pub(crate) fn renew(
    tx: &mut Tx,
    subject: Subject,
    session: SessionId,
    now: Timestamp,
    idle_until: Timestamp,
) {
    tx.defer(&RENEW, params![subject => session.as_uuid(), now, idle_until]);
}

pub(crate) fn drop_sessions(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_TOKENS, params![subject =>]);
    tx.defer(&DROP_SESSIONS, params![subject =>]);
}

pub(crate) async fn stale(
    db: &Db,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<StaleRow>, DbError> {
    db.all(&STALE, params![before, limit]).await
}

pub(crate) fn drop_session(tx: &mut Tx, subject: Subject, id: Uuid) {
    tx.defer(&DROP_TOKENS_OF, params![subject => id]);
    tx.defer(&DROP_SESSION, params![subject => id]);
}
