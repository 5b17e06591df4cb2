//! The SQL about log-ins that a provider vouched for.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, TenantId, Timestamp};
use uuid::Uuid;
use vault::Sealed;

statements! { "identity.vouched";
    ADD = "INSERT INTO provider_sessions (tenant_id, shard_id, user_id, id, session_id,
            subject_index, sid_index, account, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// What stood for half of a log-in stands for the whole.
    SETTLE = "UPDATE provider_sessions SET session_id = $5, expires_at = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND session_id = $4";
    /// Over all people: whose account is opened there is not known before.
    BY_SUBJECT = "SELECT user_id, id, session_id, subject_index FROM provider_sessions
        WHERE tenant_id = $1 AND subject_index = $2 ORDER BY id LIMIT $3";
    /// The same.
    BY_SID = "SELECT user_id, id, session_id, subject_index FROM provider_sessions
        WHERE tenant_id = $1 AND sid_index = $2 ORDER BY id LIMIT $3";
    DROP = "DELETE FROM provider_sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_ALL = "DELETE FROM provider_sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people: log-ins that are over.
    FORGET = "DELETE FROM provider_sessions WHERE expires_at < $1";
}

/// What a log-in is found by.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) subject: [u8; 32],
    pub(crate) sid: Option<[u8; 32]>,
}

/// A log-in that a provider vouched for, before it is one.
pub(crate) struct NewVouched {
    pub(crate) id: Uuid,
    pub(crate) by: Found,
    pub(crate) account: Sealed,
}

row! {
    pub(crate) struct VouchedRow {
        pub(crate) user_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) session_id: Uuid,
        pub(crate) subject_index: [u8; 32],
    }
}

pub(crate) fn add(
    tx: &mut Tx,
    subject: Subject,
    new: &NewVouched,
    (session, expires_at): (Uuid, Timestamp),
) {
    let NewVouched { id, by, account } = new;
    let params = params![subject => *id, session, by.subject, by.sid, account.as_bytes(),
        expires_at];
    tx.defer(&ADD, params);
}

pub(crate) fn settle(
    tx: &mut Tx,
    subject: Subject,
    ticket: Uuid,
    (session, expires_at): (Uuid, Timestamp),
) {
    tx.defer(&SETTLE, params![subject => ticket, session, expires_at]);
}

pub(crate) async fn by_subject(
    db: &Db,
    tenant: TenantId,
    index: [u8; 32],
    limit: u32,
) -> Result<Vec<VouchedRow>, DbError> {
    db.all(&BY_SUBJECT, params![tenant.as_uuid(), index, limit]).await
}

pub(crate) async fn by_sid(
    db: &Db,
    tenant: TenantId,
    index: [u8; 32],
    limit: u32,
) -> Result<Vec<VouchedRow>, DbError> {
    db.all(&BY_SID, params![tenant.as_uuid(), index, limit]).await
}

/// `false` if it is gone already.
pub(crate) async fn remove(tx: &mut Tx, subject: Subject, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP, params![subject => id]).await? == 1)
}

/// Removes all of a person.
pub(crate) fn drop_all(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_ALL, params![subject =>]);
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    db.exec(&FORGET, params![before]).await
}
