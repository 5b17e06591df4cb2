//! The SQL of follow-ups.

use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::Subject;
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// Whether and since when there is something to ask.
    FOLLOW_UP_BODY = ("crisis_follow_ups", "body", KeyPurpose::clinical("crisis"), 1);
}

db::statements! { "crisis.follow_up";
    GET = "SELECT id, body FROM crisis_follow_ups
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    PUT = "INSERT INTO crisis_follow_ups (tenant_id, shard_id, user_id, id, body)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, shard_id, user_id)
        DO UPDATE SET id = excluded.id, body = excluded.body";
    ERASE = "DELETE FROM crisis_follow_ups
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    /// What is kept about one person.
    pub(super) struct FollowUpRow {
        pub(super) id: Uuid,
        pub(super) body: Vec<u8>,
    }
}

/// What is kept about this person.
pub(super) async fn get(db: &Db, whose: Subject) -> Result<Option<FollowUpRow>, DbError> {
    db.opt(&GET, params![whose =>]).await
}

/// The same, as this transaction sees it.
pub(super) async fn get_in(tx: &mut Tx, whose: Subject) -> Result<Option<FollowUpRow>, DbError> {
    tx.opt(&GET, params![whose =>]).await
}

/// Keeps this, instead of what was there.
pub(super) fn put(tx: &mut Tx, whose: Subject, id: Uuid, body: &Sealed) {
    tx.defer(&PUT, params![whose => id, body.as_bytes()]);
}

/// Removes what is kept about this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    tx.defer(&ERASE, params![access.subject() =>]);
}
