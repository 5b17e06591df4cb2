//! The SQL about second factors.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, Timestamp};
use uuid::Uuid;
use vault::Sealed;

statements! { "identity.factors";
    /// All there is to know before anything is asked for.
    FACTORS = "SELECT
        (SELECT MAX(confirmed_at) FROM totp_factors
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) AS totp_since,
        (SELECT COUNT(*) FROM totp_factors WHERE tenant_id = $1 AND shard_id = $2
            AND user_id = $3 AND confirmed_at IS NULL) AS totp_begun,
        (SELECT COUNT(*) FROM passkeys
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) AS passkeys,
        (SELECT COUNT(*) FROM recovery_codes WHERE tenant_id = $1 AND shard_id = $2
            AND user_id = $3 AND used_at IS NULL) AS recovery_left";
    TOTP = "SELECT id, secret FROM totp_factors
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND confirmed_at IS NOT NULL";
    TOTP_BEGUN = "SELECT id, secret FROM totp_factors
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND confirmed_at IS NULL
            AND created_at > $4";
    ADD_TOTP = "INSERT INTO totp_factors
            (tenant_id, shard_id, user_id, id, secret, last_step, created_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6)";
    /// No step is taken twice, nor one before it.
    TAKE_STEP = "UPDATE totp_factors SET last_step = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND last_step < $5
            AND confirmed_at IS NOT NULL";
    CONFIRM_TOTP = "UPDATE totp_factors SET confirmed_at = $5, last_step = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND confirmed_at IS NULL";
    DROP_BEGUN_TOTP = "DELETE FROM totp_factors
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND confirmed_at IS NULL";
    DROP_TOTP = "DELETE FROM totp_factors
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND confirmed_at IS NOT NULL";
    DROP_ALL_TOTP = "DELETE FROM totp_factors
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";

    ADD_RECOVERY = "INSERT INTO recovery_codes
            (tenant_id, shard_id, user_id, code_hash, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    TAKE_RECOVERY = "UPDATE recovery_codes SET used_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND code_hash = $4
            AND used_at IS NULL";
    DROP_RECOVERY = "DELETE FROM recovery_codes
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";

    ADD_TICKET = "INSERT INTO login_tickets (tenant_id, shard_id, user_id, id, secret_hash, amr,
            with_cookie, restore, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    TICKET = "SELECT secret_hash, amr, with_cookie, restore, expires_at FROM login_tickets
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    TAKE_TICKET = "DELETE FROM login_tickets
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_TICKETS = "DELETE FROM login_tickets
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people: what came to nothing.
    TIDY_TICKETS = "DELETE FROM login_tickets WHERE expires_at < $1";

    /// A cookie gets a new secret with every step up, so that one from before is worth nothing.
    STEP_UP_COOKIE = "UPDATE sessions SET secret_hash = $5, acr = $6, amr = $7, auth_at = $8
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND ended_at IS NULL
            AND secret_hash IS NOT NULL";
    SESSION = "SELECT secret_hash, acr, amr, auth_at, expires_at FROM sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND ended_at IS NULL";
    /// The token of a log-in that is neither used nor revoked; there is one at most.
    LIVE_TOKEN = "SELECT id FROM refresh_tokens
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND session_id = $4
            AND consumed_at IS NULL AND revoked_at IS NULL";
    END_OTHERS = "UPDATE sessions SET ended_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id <> $4
            AND ended_at IS NULL RETURNING id";
}

row! {
    pub(crate) struct FactorsRow {
        pub(crate) totp_since: Option<Timestamp>,
        pub(crate) totp_begun: i64,
        pub(crate) passkeys: u32,
        pub(crate) recovery_left: u32,
    }
}

row! {
    pub(crate) struct TotpRow {
        pub(crate) id: Uuid,
        pub(crate) secret: Vec<u8>,
    }
}

row! {
    pub(crate) struct TicketRow {
        pub(crate) secret_hash: [u8; 32],
        pub(crate) amr: String,
        pub(crate) with_cookie: bool,
        pub(crate) restore: bool,
        pub(crate) expires_at: Timestamp,
    }
}

row! {
    pub(crate) struct OpenSessionRow {
        pub(crate) secret_hash: Option<[u8; 32]>,
        pub(crate) acr: String,
        pub(crate) amr: String,
        pub(crate) auth_at: Timestamp,
        pub(crate) expires_at: Timestamp,
    }
}

row! {
    struct IdRow {
        id: Uuid,
    }
}

pub(crate) async fn factors(db: &Db, subject: Subject) -> Result<FactorsRow, DbError> {
    db.one(&FACTORS, params![subject =>]).await
}

/// The secret of the person's authenticator app.
pub(crate) async fn totp(db: &Db, subject: Subject) -> Result<Option<TotpRow>, DbError> {
    db.opt(&TOTP, params![subject =>]).await
}

/// The secret that an app is to be given, if it was made after this moment.
pub(crate) async fn totp_begun(
    db: &Db,
    subject: Subject,
    after: Timestamp,
) -> Result<Option<TotpRow>, DbError> {
    db.opt(&TOTP_BEGUN, params![subject => after]).await
}

/// Puts a secret that is not confirmed in place of any other such.
pub(crate) fn begin_totp(
    tx: &mut Tx,
    subject: Subject,
    (id, secret): (Uuid, &Sealed),
    now: Timestamp,
) {
    tx.defer(&DROP_BEGUN_TOTP, params![subject =>]);
    tx.defer(&ADD_TOTP, params![subject => id, secret.as_bytes(), now]);
}

/// From now on this is the person's app, and no other; `false` if it was not begun.
pub(crate) async fn confirm_totp(
    tx: &mut Tx,
    subject: Subject,
    (id, step): (Uuid, i64),
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.defer(&DROP_TOTP, params![subject =>]);
    Ok(tx.exec(&CONFIRM_TOTP, params![subject => id, now, step]).await? == 1)
}

pub(crate) async fn drop_totp(tx: &mut Tx, subject: Subject) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP_TOTP, params![subject =>]).await? > 0)
}

/// `false` if this step or a later one was taken before.
pub(crate) async fn take_step(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
    step: i64,
) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE_STEP, params![subject => id, step]).await? == 1)
}

/// These codes and no others.
pub(crate) fn put_recovery(tx: &mut Tx, subject: Subject, hashes: &[[u8; 32]], now: Timestamp) {
    tx.defer(&DROP_RECOVERY, params![subject =>]);
    for hash in hashes {
        tx.defer(&ADD_RECOVERY, params![subject => *hash, now]);
    }
}

/// Uses a code up; `false` if there is none such, or not any more.
pub(crate) async fn take_recovery(
    tx: &mut Tx,
    subject: Subject,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE_RECOVERY, params![subject => hash, now]).await? == 1)
}

pub(crate) fn drop_recovery(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_RECOVERY, params![subject =>]);
}

pub(crate) fn add_ticket(tx: &mut Tx, subject: Subject, id: Uuid, ticket: &TicketRow) {
    let TicketRow { secret_hash, amr, with_cookie, restore, expires_at } = ticket;
    let params = params![subject => id, *secret_hash, amr.as_str(), *with_cookie, *restore,
        *expires_at];
    tx.defer(&ADD_TICKET, params);
}

pub(crate) async fn ticket(
    db: &Db,
    subject: Subject,
    id: Uuid,
) -> Result<Option<TicketRow>, DbError> {
    db.opt(&TICKET, params![subject => id]).await
}

/// Uses a ticket up; `false` if it was used.
pub(crate) async fn take_ticket(tx: &mut Tx, subject: Subject, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE_TICKET, params![subject => id]).await? == 1)
}

pub(crate) fn drop_tickets(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_TICKETS, params![subject =>]);
}

pub(crate) async fn tidy_tickets(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    db.exec(&TIDY_TICKETS, params![before]).await
}

/// How a person was recognised, as a log-in with a cookie remembers it.
pub(crate) struct Raised<'a> {
    pub(crate) secret_hash: [u8; 32],
    pub(crate) acr: &'static str,
    pub(crate) amr: &'a str,
    pub(crate) auth_at: Timestamp,
}

/// `false` if the log-in has ended.
pub(crate) async fn step_up_cookie(
    tx: &mut Tx,
    subject: Subject,
    session: Uuid,
    raised: &Raised<'_>,
) -> Result<bool, DbError> {
    let Raised { secret_hash, acr, amr, auth_at } = raised;
    let params = params![subject => session, *secret_hash, *acr, *amr, *auth_at];
    Ok(tx.exec(&STEP_UP_COOKIE, params).await? == 1)
}

pub(crate) async fn open_session(
    db: &Db,
    subject: Subject,
    session: Uuid,
) -> Result<Option<OpenSessionRow>, DbError> {
    db.opt(&SESSION, params![subject => session]).await
}

pub(crate) async fn live_token(
    db: &Db,
    subject: Subject,
    session: Uuid,
) -> Result<Option<Uuid>, DbError> {
    let row: Option<IdRow> = db.opt(&LIVE_TOKEN, params![subject => session]).await?;
    Ok(row.map(|row| row.id))
}

/// Ends all log-ins of the person but this one, wherever they are open.
pub(crate) async fn end_others(
    tx: &mut Tx,
    subject: Subject,
    session: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let ended: Vec<IdRow> = tx.all(&END_OTHERS, params![subject => session, now]).await?;
    for row in ended {
        super::revoked(tx, subject, Some(row.id.into()), now);
    }
    Ok(())
}

/// Removes all that concerns second factors.
pub(crate) fn drop_all(tx: &mut Tx, subject: Subject) {
    for statement in [&DROP_ALL_TOTP, &DROP_RECOVERY, &DROP_TICKETS] {
        tx.defer(statement, params![subject =>]);
    }
}
