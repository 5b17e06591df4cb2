//! The SQL about accounts elsewhere that open one here.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, TenantId, Timestamp};
use uuid::Uuid;
use vault::Sealed;

statements! { "identity.linked";
    LINKED = "SELECT user_id FROM linked_logins WHERE tenant_id = $1 AND subject_index = $2";
    ADD = "INSERT INTO linked_logins
            (tenant_id, shard_id, user_id, id, subject_index, account, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, subject_index) DO NOTHING";
    /// A person has a few at most.
    ALL = "SELECT id, account, created_at FROM linked_logins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY created_at, id";
    DROP = "DELETE FROM linked_logins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_ALL = "DELETE FROM linked_logins
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// What opens an account by itself. A password does so together with a name.
    WAYS_IN = "SELECT
        (SELECT COUNT(*) FROM passwords
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND EXISTS (
                SELECT 1 FROM logins WHERE tenant_id = $1 AND user_id = $3))
        + (SELECT COUNT(*) FROM sealed_identities
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3)
        + (SELECT COUNT(*) FROM passkeys
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3)
        + (SELECT COUNT(*) FROM linked_logins
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) AS n";
}

row! {
    struct UserRow {
        user_id: Uuid,
    }
}

row! {
    pub(crate) struct LinkedRow {
        pub(crate) id: Uuid,
        pub(crate) account: Vec<u8>,
        pub(crate) created_at: Timestamp,
    }
}

row! {
    struct CountRow {
        n: i64,
    }
}

/// An account elsewhere that is to open one here.
pub(crate) struct NewLinked {
    pub(crate) id: Uuid,
    pub(crate) index: [u8; 32],
    pub(crate) account: Sealed,
}

/// Whose account it opens.
pub(crate) async fn linked(
    db: &Db,
    tenant: TenantId,
    index: &[u8; 32],
) -> Result<Option<Uuid>, DbError> {
    let row: Option<UserRow> = db.opt(&LINKED, params![tenant.as_uuid(), *index]).await?;
    Ok(row.map(|row| row.user_id))
}

/// `false` if it opens an account already.
pub(crate) async fn add(
    tx: &mut Tx,
    subject: Subject,
    new: &NewLinked,
    now: Timestamp,
) -> Result<bool, DbError> {
    let params = params![subject => new.id, new.index, new.account.as_bytes(), now];
    Ok(tx.exec(&ADD, params).await? == 1)
}

pub(crate) async fn all(db: &Db, subject: Subject) -> Result<Vec<LinkedRow>, DbError> {
    db.all(&ALL, params![subject =>]).await
}

/// `false` if there is none such.
pub(crate) async fn remove(tx: &mut Tx, subject: Subject, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP, params![subject => id]).await? == 1)
}

/// How many ways in a person has. Lock the account first, or two may each take what the other
/// leaves.
pub(crate) async fn ways_in(tx: &mut Tx, subject: Subject) -> Result<i64, DbError> {
    Ok(tx.one::<CountRow>(&WAYS_IN, params![subject =>]).await?.n)
}

/// Removes all of a person.
pub(crate) fn drop_all(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_ALL, params![subject =>]);
}
