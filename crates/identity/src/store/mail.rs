//! The SQL about letters: links in them, addresses they prove, devices they tell of.

use super::NameRow;
use crate::model::NameKind;
use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, Timestamp};
use uuid::Uuid;

statements! { "identity.mail";
    ADD_LINK = "INSERT INTO mail_links (tenant_id, shard_id, user_id, id, purpose, name_id,
            created_at, expires_at, used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
    /// A new link makes those before it worthless.
    DROP_LINKS = "DELETE FROM mail_links
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND purpose = $4";
    LINK = "SELECT id, purpose, name_id, expires_at FROM mail_links
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND used_at IS NULL AND expires_at > $5";
    /// Of two who follow a link at once, one gets through.
    USE_LINK = "UPDATE mail_links SET used_at = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND purpose = $5
            AND used_at IS NULL AND expires_at > $6";
    DROP_ALL_LINKS = "DELETE FROM mail_links
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people: links that are over.
    FORGET_LINKS = "DELETE FROM mail_links WHERE expires_at < $1";

    NAME_OF_KIND = "SELECT id, kind, name FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND kind = $4";
    VERIFIED = "SELECT verified_at FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    VERIFY = "UPDATE account_names SET verified_at = COALESCE(verified_at, $5)
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";

    KNOWN_DEVICES = "SELECT id FROM known_devices
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY last_seen_at DESC LIMIT 100";
    SEE_DEVICE = "INSERT INTO known_devices
            (tenant_id, shard_id, user_id, id, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (tenant_id, shard_id, user_id, id)
        DO UPDATE SET last_seen_at = excluded.last_seen_at";
    DROP_DEVICES = "DELETE FROM known_devices
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    pub(crate) struct LinkRow {
        pub(crate) id: Uuid,
        pub(crate) purpose: String,
        pub(crate) name_id: Option<Uuid>,
        pub(crate) expires_at: Timestamp,
    }
}

row! {
    struct VerifiedRow {
        verified_at: Option<Timestamp>,
    }
}

row! {
    struct DeviceRow {
        id: Uuid,
    }
}

pub(crate) fn add_link(tx: &mut Tx, subject: Subject, link: &LinkRow, now: Timestamp) {
    tx.defer(&DROP_LINKS, params![subject => link.purpose.as_str()]);
    let params = params![subject => link.id, link.purpose.as_str(), link.name_id, now,
        link.expires_at];
    tx.defer(&ADD_LINK, params);
}

/// The link, as long as it holds.
pub(crate) async fn link(
    db: &Db,
    subject: Subject,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<LinkRow>, DbError> {
    db.opt(&LINK, params![subject => id, now]).await
}

/// Uses it up; `false` if it holds no longer.
pub(crate) async fn use_link(
    tx: &mut Tx,
    subject: Subject,
    (id, purpose): (Uuid, &'static str),
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&USE_LINK, params![subject => id, purpose, now]).await? == 1)
}

pub(crate) async fn forget_links(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    db.exec(&FORGET_LINKS, params![before]).await
}

pub(crate) async fn name_of_kind(
    db: &Db,
    subject: Subject,
    kind: NameKind,
) -> Result<Option<NameRow>, DbError> {
    db.opt(&NAME_OF_KIND, params![subject => kind.name()]).await
}

/// Whether it was proved that the address is that of its person.
pub(crate) async fn is_verified(db: &Db, subject: Subject, name: Uuid) -> Result<bool, DbError> {
    let row: Option<VerifiedRow> = db.opt(&VERIFIED, params![subject => name]).await?;
    Ok(row.is_some_and(|row| row.verified_at.is_some()))
}

pub(crate) fn verify(tx: &mut Tx, subject: Subject, name: Uuid, now: Timestamp) {
    tx.defer(&VERIFY, params![subject => name, now]);
}

/// Fingerprints of the kinds of devices that the person was logged in on.
pub(crate) async fn known_devices(db: &Db, subject: Subject) -> Result<Vec<Uuid>, DbError> {
    let rows: Vec<DeviceRow> = db.all(&KNOWN_DEVICES, params![subject =>]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) fn see_device(tx: &mut Tx, subject: Subject, id: Uuid, now: Timestamp) {
    tx.defer(&SEE_DEVICE, params![subject => id, now]);
}

/// Removes links and devices of a person.
pub(crate) fn drop_mail(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_ALL_LINKS, params![subject =>]);
    tx.defer(&DROP_DEVICES, params![subject =>]);
}
