//! The SQL about blind indexes that were made with an older key.

use super::{LoginRow, vouched::Found};
use db::{Db, DbError, params, row, statements};
use kernel::{Subject, TenantId, Timestamp};
use uuid::Uuid;

statements! { "identity.reindex";
    /// An index begins with the version of its key, so older ones sort before newer ones.
    OLD_LOGINS = "SELECT user_id, name_index FROM logins
        WHERE tenant_id = $1 AND name_index > $2 AND name_index < $3
        ORDER BY name_index LIMIT $4";
    MOVE_LOGIN = "UPDATE logins SET name_index = $3 WHERE tenant_id = $1 AND name_index = $2";
    OLD_LINKS = "SELECT user_id, id, account, subject_index FROM linked_logins
        WHERE tenant_id = $1 AND subject_index > $2 AND subject_index < $3
        ORDER BY subject_index LIMIT $4";
    MOVE_LINK = "UPDATE linked_logins SET subject_index = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    OLD_VOUCHED = "SELECT user_id, id, account, subject_index FROM provider_sessions
        WHERE tenant_id = $1 AND subject_index > $2 AND subject_index < $3
        ORDER BY subject_index LIMIT $4";
    MOVE_VOUCHED = "UPDATE provider_sessions SET subject_index = $5, sid_index = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    /// Nobody knows the address of an invitation any more: its index lasts as long as it does.
    OLD_INVITES = "SELECT COUNT(*) AS n FROM invites
        WHERE tenant_id = $1 AND email_index < $2 AND revoked_at IS NULL AND uses < max_uses
            AND expires_at > $3";
}

row! {
    /// An account elsewhere, or a log-in by one.
    pub(crate) struct OldLink {
        pub(crate) user_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) account: Vec<u8>,
        pub(crate) subject_index: [u8; 32],
    }
}

row! {
    struct CountRow {
        n: i64,
    }
}

/// Which indexes: those made with a key older than this version, behind this one.
#[derive(Clone)]
pub(crate) struct Older {
    pub(crate) tenant: TenantId,
    pub(crate) version: u16,
    pub(crate) after: Vec<u8>,
}

impl Older {
    fn params(&self, limit: u32) -> Vec<db::Value> {
        let version = self.version.to_be_bytes().to_vec();
        params![self.tenant.as_uuid(), self.after.clone(), version, limit]
    }
}

pub(crate) async fn logins(db: &Db, older: &Older, limit: u32) -> Result<Vec<LoginRow>, DbError> {
    db.all(&OLD_LOGINS, older.params(limit)).await
}

pub(crate) async fn move_login(
    db: &Db,
    tenant: TenantId,
    from: &[u8; 32],
    to: &[u8; 32],
) -> Result<bool, DbError> {
    Ok(db.exec(&MOVE_LOGIN, params![tenant.as_uuid(), *from, *to]).await? == 1)
}

pub(crate) async fn links(db: &Db, older: &Older, limit: u32) -> Result<Vec<OldLink>, DbError> {
    db.all(&OLD_LINKS, older.params(limit)).await
}

pub(crate) async fn move_link(
    db: &Db,
    subject: Subject,
    id: Uuid,
    index: [u8; 32],
) -> Result<bool, DbError> {
    Ok(db.exec(&MOVE_LINK, params![subject => id, index]).await? == 1)
}

pub(crate) async fn vouched(db: &Db, older: &Older, limit: u32) -> Result<Vec<OldLink>, DbError> {
    db.all(&OLD_VOUCHED, older.params(limit)).await
}

pub(crate) async fn move_vouched(
    db: &Db,
    subject: Subject,
    id: Uuid,
    by: Found,
) -> Result<bool, DbError> {
    Ok(db.exec(&MOVE_VOUCHED, params![subject => id, by.subject, by.sid]).await? == 1)
}

/// How many invitations that may still be used are bound to an address by such an index.
pub(crate) async fn invites(
    db: &Db,
    tenant: TenantId,
    version: u16,
    now: Timestamp,
) -> Result<i64, DbError> {
    let version = version.to_be_bytes().to_vec();
    Ok(db.one::<CountRow>(&OLD_INVITES, params![tenant.as_uuid(), version, now]).await?.n)
}
