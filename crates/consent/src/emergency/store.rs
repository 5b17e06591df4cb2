//! The SQL about emergency access.

use super::model::{ALONE, Token};
use crate::access::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, PageSize, Subject, TenantId, Timestamp};
use uuid::Uuid;
use vault::Sealed;

db::statements! { "consent.emergency";
    ADD_CARD = "INSERT INTO emergency_cards (tenant_id, shard_id, user_id, id, secret_hash, scope,
            created_at, expires_at, max_uses, uses)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
    /// Those that can still be used.
    CARDS = "SELECT id, secret_hash, scope, created_at, expires_at, max_uses, uses
        FROM emergency_cards WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND revoked_at IS NULL AND expires_at > $4 AND uses < max_uses
        ORDER BY created_at DESC, id DESC LIMIT 100";
    CARD = "SELECT id, secret_hash, scope, created_at, expires_at, max_uses, uses
        FROM emergency_cards WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND revoked_at IS NULL AND expires_at > $5 AND uses < max_uses";
    USE_CARD = "UPDATE emergency_cards SET uses = uses + 1
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND revoked_at IS NULL AND expires_at > $5 AND uses < max_uses";
    REVOKE_CARD = "UPDATE emergency_cards SET revoked_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND revoked_at IS NULL";
    TAKE_TURN = "INSERT INTO emergency_responders (tenant_id, responder_id, turns)
        VALUES ($1, $2, 1) ON CONFLICT (tenant_id, responder_id)
        DO UPDATE SET turns = emergency_responders.turns + 1";
    /// Over the people whom one responder helped: how many lately, and how many reviews are late.
    RECENT = "SELECT CAST(COALESCE(SUM(CASE WHEN created_at > $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
                AS recent,
            CAST(COALESCE(SUM(CASE WHEN reviewed_at IS NULL AND review_due_at <= $4
                THEN 1 ELSE 0 END), 0) AS BIGINT) AS overdue
        FROM emergency_overrides WHERE tenant_id = $1 AND responder_id = $2";
    ADD_OVERRIDE = "INSERT INTO emergency_overrides (tenant_id, shard_id, user_id, id,
            responder_id, secret_hash, reason_code, reason, created_at, expires_at, pending, uses,
            review_due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12)";
    OVERRIDE = "SELECT user_id, id, responder_id, secret_hash, reason_code, reason, created_at,
            expires_at, pending, uses, review_due_at, reviewed_at
        FROM emergency_overrides
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    /// Whoever approves or reviews knows the override, not the person.
    OVERRIDE_BY_ID = "SELECT user_id, id, responder_id, secret_hash, reason_code, reason,
            created_at, expires_at, pending, uses, review_due_at, reviewed_at
        FROM emergency_overrides WHERE tenant_id = $1 AND id = $2";
    USE_OVERRIDE = "UPDATE emergency_overrides SET uses = uses + 1
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND NOT pending AND expires_at > $5";
    APPROVE = "UPDATE emergency_overrides
        SET pending = FALSE, approved_by = $5, expires_at = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND pending AND expires_at > $7";
    REVIEW = "UPDATE emergency_overrides SET reviewed_at = $5, reviewed_by = $6, justified = $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND reviewed_at IS NULL";
    /// Over all people of a tenant: what nobody has reviewed yet.
    TO_REVIEW = "SELECT user_id, id, responder_id, secret_hash, reason_code, reason, created_at,
            expires_at, pending, uses, review_due_at, reviewed_at
        FROM emergency_overrides
        WHERE tenant_id = $1 AND reviewed_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4";
    USES = "SELECT user_id, id, responder_id, secret_hash, reason_code, reason, created_at,
            expires_at, pending, uses, review_due_at, reviewed_at
        FROM emergency_overrides WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND (created_at, id) < ($4, $5)
        ORDER BY created_at DESC, id DESC LIMIT $6";
    PUT_SHEET = "INSERT INTO emergency_sheets (tenant_id, shard_id, user_id, id, sheet,
            written_at)
        VALUES ($1, $2, $3, $3, $4, $5) ON CONFLICT (tenant_id, shard_id, user_id)
        DO UPDATE SET sheet = excluded.sheet, written_at = excluded.written_at";
    SHEET = "SELECT sheet, written_at FROM emergency_sheets
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    REMOVE_SHEET = "DELETE FROM emergency_sheets
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_CARDS = "DELETE FROM emergency_cards
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_OVERRIDES = "DELETE FROM emergency_overrides
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    pub(super) struct CardRow {
        pub(super) id: Uuid,
        pub(super) secret_hash: [u8; 32],
        pub(super) scope: u8,
        pub(super) created_at: Timestamp,
        pub(super) expires_at: Timestamp,
        pub(super) max_uses: u16,
        pub(super) uses: u16,
    }
}

row! {
    pub(super) struct OverrideRow {
        pub(super) user_id: Uuid,
        pub(super) id: Uuid,
        pub(super) responder_id: Uuid,
        pub(super) secret_hash: [u8; 32],
        pub(super) reason_code: String,
        pub(super) reason: Vec<u8>,
        pub(super) created_at: Timestamp,
        pub(super) expires_at: Timestamp,
        pub(super) pending: bool,
        pub(super) uses: u32,
        pub(super) review_due_at: Timestamp,
        pub(super) reviewed_at: Option<Timestamp>,
    }
}

row! {
    pub(super) struct SheetRow {
        pub(super) sheet: Vec<u8>,
        pub(super) written_at: Timestamp,
    }
}

row! {
    struct Recent {
        recent: i64,
        overdue: i64,
    }
}

/// What a responder may do next.
pub(super) enum Turn {
    Alone,
    WithApproval,
    ReviewFirst,
}

pub(super) fn add_card(tx: &mut Tx, token: &Token, card: &CardRow) {
    let (subject, hash) = (token.subject, token.hash());
    tx.defer(
        &ADD_CARD,
        params![subject => card.id, hash, card.scope, card.created_at, card.expires_at,
            card.max_uses],
    );
}

pub(super) async fn cards(
    db: &Db,
    subject: Subject,
    now: Timestamp,
) -> Result<Vec<CardRow>, DbError> {
    db.all(&CARDS, params![subject => now]).await
}

pub(super) async fn cards_in(
    tx: &mut Tx,
    subject: Subject,
    now: Timestamp,
) -> Result<usize, DbError> {
    Ok(tx.all::<CardRow>(&CARDS, params![subject => now]).await?.len())
}

pub(super) async fn card(
    db: &Db,
    (subject, id): (Subject, Uuid),
    now: Timestamp,
) -> Result<Option<CardRow>, DbError> {
    db.opt(&CARD, params![subject => id, now]).await
}

pub(super) async fn use_card(
    tx: &mut Tx,
    (subject, id): (Subject, Uuid),
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&USE_CARD, params![subject => id, now]).await? == 1)
}

pub(super) async fn revoke_card(
    tx: &mut Tx,
    (subject, id): (Subject, Uuid),
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&REVOKE_CARD, params![subject => id, now]).await? == 1)
}

/// Waits for others in the name of this responder, then says what they may do.
pub(super) async fn take_turn(
    tx: &mut Tx,
    responder: Subject,
    (since, now): (Timestamp, Timestamp),
) -> Result<Turn, DbError> {
    let whose = (responder.tenant.as_uuid(), responder.user.as_uuid());
    tx.defer(&TAKE_TURN, params![whose.0, whose.1]);
    let found: Recent = tx.one(&RECENT, params![whose.0, whose.1, since, now]).await?;
    Ok(match found {
        Recent { overdue: 1.., .. } => Turn::ReviewFirst,
        Recent { recent: ALONE.., .. } => Turn::WithApproval,
        _ => Turn::Alone,
    })
}

pub(super) fn add_override(
    tx: &mut Tx,
    token: &Token,
    (row, pending): (&OverrideRow, bool),
    reason: &Sealed,
) {
    let (subject, hash) = (token.subject, token.hash());
    tx.defer(
        &ADD_OVERRIDE,
        params![subject => row.id, row.responder_id, hash, row.reason_code.as_str(),
            reason.as_bytes(), row.created_at, row.expires_at, pending, row.review_due_at],
    );
}

pub(super) async fn find(
    db: &Db,
    (subject, id): (Subject, Uuid),
) -> Result<Option<OverrideRow>, DbError> {
    db.opt(&OVERRIDE, params![subject => id]).await
}

pub(super) async fn by_id(
    db: &Db,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<OverrideRow>, DbError> {
    db.opt(&OVERRIDE_BY_ID, params![tenant.as_uuid(), id]).await
}

pub(super) async fn use_override(
    tx: &mut Tx,
    (subject, id): (Subject, Uuid),
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&USE_OVERRIDE, params![subject => id, now]).await? == 1)
}

pub(super) async fn approve(
    tx: &mut Tx,
    (subject, id): (Subject, Uuid),
    by: Subject,
    (expires_at, now): (Timestamp, Timestamp),
) -> Result<bool, DbError> {
    let by = by.user.as_uuid();
    Ok(tx.exec(&APPROVE, params![subject => id, by, expires_at, now]).await? == 1)
}

pub(super) async fn review(
    tx: &mut Tx,
    (subject, id): (Subject, Uuid),
    by: Subject,
    (justified, now): (bool, Timestamp),
) -> Result<bool, DbError> {
    let by = by.user.as_uuid();
    Ok(tx.exec(&REVIEW, params![subject => id, now, by, justified]).await? == 1)
}

pub(super) async fn to_review(
    db: &Db,
    tenant: TenantId,
    after: Cursor,
    size: PageSize,
) -> Result<Vec<OverrideRow>, DbError> {
    db.all(&TO_REVIEW, params![tenant.as_uuid(), after.at, after.id, rows(size)]).await
}

pub(super) async fn uses(
    db: &Db,
    subject: Subject,
    after: Cursor,
    size: PageSize,
) -> Result<Vec<OverrideRow>, DbError> {
    db.all(&USES, params![subject => after.at, after.id, rows(size)]).await
}

/// One more than fits on a page, which proves that there is another.
fn rows(size: PageSize) -> i64 {
    i64::try_from(size.get() + 1).unwrap_or(i64::MAX)
}

pub(super) fn put_sheet(tx: &mut Tx, access: &Access, sheet: &Sealed, now: Timestamp) {
    let subject = access.subject();
    tx.defer(&PUT_SHEET, params![subject => sheet.as_bytes(), now]);
}

pub(super) async fn sheet(db: &Db, access: &Access) -> Result<Option<SheetRow>, DbError> {
    let subject = access.subject();
    db.opt(&SHEET, params![subject =>]).await
}

pub(super) fn remove_sheet(tx: &mut Tx, access: &Access) {
    let subject = access.subject();
    tx.defer(&REMOVE_SHEET, params![subject =>]);
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    let subject = access.subject();
    tx.defer(&ERASE_CARDS, params![subject =>]);
    tx.defer(&ERASE_OVERRIDES, params![subject =>]);
    remove_sheet(tx, access);
}
