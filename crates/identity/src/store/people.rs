//! The SQL about what people see of themselves: profiles, devices, and open streams that end.

use crate::model::NameKind;
use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Cursor, PageSize, SessionId, Subject, Timestamp};
use uuid::Uuid;

statements! { "identity.people";
    PROFILE = "SELECT version, profile, updated_at FROM profiles
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $3";
    /// Of two who change the same version at once, one does.
    PUT_PROFILE = "INSERT INTO profiles
            (tenant_id, shard_id, user_id, id, version, profile, updated_at)
        VALUES ($1, $2, $3, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, shard_id, user_id, id) DO UPDATE
        SET version = excluded.version, profile = excluded.profile,
            updated_at = excluded.updated_at
        WHERE profiles.version = excluded.version - 1";
    DROP_PROFILE = "DELETE FROM profiles WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    DROP_NAME = "DELETE FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND kind = $4";

    HAS_NAME = "SELECT COUNT(*) AS n FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND kind = $4";

    DEVICES = "SELECT id, secret_hash, acr, amr, created_at, seen_at, expires_at, client
        FROM sessions
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND (created_at, id) < ($4, $5)
            AND ended_at IS NULL AND idle_until > $6 AND expires_at > $6
        ORDER BY created_at DESC, id DESC LIMIT $7";
    DEVICE = "SELECT id, secret_hash, acr, amr, created_at, seen_at, expires_at, client
        FROM sessions WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";

    /// Told to every process that holds a stream open.
    REVOKED = "INSERT INTO revocations (tenant_id, shard_id, user_id, id, at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, shard_id, user_id, id) DO UPDATE SET at = excluded.at";
    /// Over all people: whose log-ins ended a moment ago.
    REVOKED_SINCE = "SELECT DISTINCT tenant_id, user_id FROM revocations WHERE at > $1";
    ALIVE = "SELECT s.id FROM sessions s
        JOIN accounts a ON a.tenant_id = s.tenant_id AND a.shard_id = s.shard_id
            AND a.user_id = s.user_id
        WHERE s.tenant_id = $1 AND s.shard_id = $2 AND s.user_id = $3 AND s.id = $4
            AND s.ended_at IS NULL AND s.idle_until > $5 AND s.expires_at > $5
            AND a.status = 'active'";
    /// Over all people: what every process has heard by now.
    FORGET_REVOKED = "DELETE FROM revocations WHERE at < $1";
    DROP_REVOKED = "DELETE FROM revocations
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    pub(crate) struct ProfileRow {
        pub(crate) version: i64,
        pub(crate) profile: Vec<u8>,
        pub(crate) updated_at: Timestamp,
    }
}

row! {
    pub(crate) struct DeviceRow {
        pub(crate) id: Uuid,
        pub(crate) secret_hash: Option<[u8; 32]>,
        pub(crate) acr: String,
        pub(crate) amr: String,
        pub(crate) created_at: Timestamp,
        pub(crate) seen_at: Timestamp,
        pub(crate) expires_at: Timestamp,
        pub(crate) client: Vec<u8>,
    }
}

row! {
    pub(crate) struct RevokedRow {
        pub(crate) tenant_id: Uuid,
        pub(crate) user_id: Uuid,
    }
}

row! {
    struct AliveRow {
        id: Uuid,
    }
}

pub(crate) async fn profile(db: &Db, subject: Subject) -> Result<Option<ProfileRow>, DbError> {
    db.opt(&PROFILE, params![subject =>]).await
}

/// Writes this version; `false` if someone else wrote it first.
pub(crate) async fn put_profile(
    tx: &mut Tx,
    subject: Subject,
    row: &ProfileRow,
) -> Result<bool, DbError> {
    let params = params![subject => row.version, row.profile.clone(), row.updated_at];
    Ok(tx.exec(&PUT_PROFILE, params).await? == 1)
}

/// Removes what else is kept of a person besides their account.
pub(crate) fn drop_own(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_PROFILE, params![subject =>]);
    tx.defer(&DROP_REVOKED, params![subject =>]);
}

pub(crate) fn drop_name(tx: &mut Tx, subject: Subject, kind: NameKind) {
    tx.defer(&DROP_NAME, params![subject => kind.name()]);
}

/// Whether a person has such a name. Lock the account first, or two may be given at once.
pub(crate) async fn has_name(
    tx: &mut Tx,
    subject: Subject,
    kind: NameKind,
) -> Result<bool, DbError> {
    Ok(tx.one::<super::CountRow>(&HAS_NAME, params![subject => kind.name()]).await?.n > 0)
}

pub(crate) async fn devices(
    db: &Db,
    subject: Subject,
    (after, size): (Cursor, PageSize),
    now: Timestamp,
) -> Result<Vec<DeviceRow>, DbError> {
    let limit = i64::try_from(size.get() + 1).unwrap_or(i64::MAX);
    db.all(&DEVICES, params![subject => after.at, after.id, now, limit]).await
}

pub(crate) async fn device(
    db: &Db,
    subject: Subject,
    session: SessionId,
) -> Result<Option<DeviceRow>, DbError> {
    db.opt(&DEVICE, params![subject => session.as_uuid()]).await
}

/// Tells every process that this log-in ended, or all of this person.
pub(crate) fn revoked(tx: &mut Tx, subject: Subject, session: Option<SessionId>, now: Timestamp) {
    let id = session.map_or(Uuid::nil(), |session| session.as_uuid());
    tx.defer(&REVOKED, params![subject => id, now]);
}

pub(crate) async fn revoked_since(db: &Db, after: Timestamp) -> Result<Vec<RevokedRow>, DbError> {
    db.all(&REVOKED_SINCE, params![after]).await
}

pub(crate) async fn is_alive(
    db: &Db,
    subject: Subject,
    session: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let row: Option<AliveRow> = db.opt(&ALIVE, params![subject => session.as_uuid(), now]).await?;
    Ok(row.is_some_and(|row| row.id == session.as_uuid()))
}

pub(crate) async fn forget_revoked(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    db.exec(&FORGET_REVOKED, params![before]).await
}
