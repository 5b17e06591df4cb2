//! The SQL about invitations.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Cursor, PageSize, Subject, TenantId, Timestamp};
use uuid::Uuid;

statements! { "identity.invites";
    ADD_INVITE = "INSERT INTO invites (tenant_id, shard_id, user_id, id, code_hash, roles,
            email_index, max_uses, uses, note, created_by, created_at, expires_at, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, NULL)";
    INVITES = "SELECT id, roles, email_index, max_uses, uses, note, created_by, created_at,
            expires_at, revoked_at FROM invites
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND (created_at, id) < ($4, $5)
        ORDER BY created_at DESC, id DESC LIMIT $6";
    INVITE_OF = "SELECT id, roles, email_index, max_uses, uses, note, created_by, created_at,
            expires_at, revoked_at FROM invites
        WHERE tenant_id = $1 AND code_hash = $2 AND revoked_at IS NULL AND uses < max_uses
            AND expires_at > $3";
    /// Of many who want the last use at once, one gets it.
    USE_INVITE = "UPDATE invites SET uses = uses + 1
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND revoked_at IS NULL AND uses < max_uses AND expires_at > $5";
    REVOKE_INVITE = "UPDATE invites SET revoked_at = COALESCE(revoked_at, $5)
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
}

row! {
    pub(crate) struct InviteRow {
        pub(crate) id: Uuid,
        pub(crate) roles: u8,
        pub(crate) email_index: Option<[u8; 32]>,
        pub(crate) max_uses: u32,
        pub(crate) uses: u32,
        pub(crate) note: Option<Vec<u8>>,
        pub(crate) created_by: Option<Uuid>,
        pub(crate) created_at: Timestamp,
        pub(crate) expires_at: Timestamp,
        pub(crate) revoked_at: Option<Timestamp>,
    }
}

/// The organisation to which invitations belong.
fn owner(tenant: TenantId) -> Subject {
    Subject::tenant_itself(tenant)
}

pub(crate) fn add_invite(tx: &mut Tx, tenant: TenantId, row: &InviteRow, code_hash: [u8; 32]) {
    let InviteRow { id, roles, email_index, max_uses, note, created_by, .. } = row;
    let params = params![owner(tenant) => *id, code_hash, *roles, *email_index, *max_uses,
        note.clone(), *created_by, row.created_at, row.expires_at];
    tx.defer(&ADD_INVITE, params);
}

pub(crate) async fn invites(
    db: &Db,
    tenant: TenantId,
    after: Cursor,
    size: PageSize,
) -> Result<Vec<InviteRow>, DbError> {
    let limit = i64::try_from(size.get() + 1).unwrap_or(i64::MAX);
    db.all(&INVITES, params![owner(tenant) => after.at, after.id, limit]).await
}

/// The invitation with this code, as long as it holds.
pub(crate) async fn invite_of(
    db: &Db,
    tenant: TenantId,
    code_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<InviteRow>, DbError> {
    db.opt(&INVITE_OF, params![tenant.as_uuid(), code_hash, now]).await
}

/// Uses it once; `false` if it holds no longer.
pub(crate) async fn use_invite(
    tx: &mut Tx,
    tenant: TenantId,
    id: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&USE_INVITE, params![owner(tenant) => id, now]).await? == 1)
}

/// Makes it worthless; `false` if there is none.
pub(crate) async fn revoke_invite(
    tx: &mut Tx,
    tenant: TenantId,
    id: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&REVOKE_INVITE, params![owner(tenant) => id, now]).await? == 1)
}
