//! The only SQL about accounts and log-ins.
//!
//! Whose rows they are is decided by who holds the credentials, which is found out right here, so
//! these statements take a `Subject` and no witness of `consent`. Names come and go sealed.

use crate::{
    model::{NameKind, Status},
    password::StoredHash,
};
use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Cursor, PageSize, Subject, TenantId, Timestamp};
use uuid::Uuid;

pub(crate) mod factors;
mod invites;
mod labels;
pub(crate) mod linked;
mod mail;
pub(crate) mod passkeys;
mod people;
pub(crate) mod reindex;
mod sessions;
pub(crate) mod sign_up;
pub(crate) mod vouched;

pub(crate) use invites::*;
pub(crate) use labels::*;
pub(crate) use mail::*;
pub(crate) use people::*;
pub(crate) use sessions::*;

/// The statements about labels.
pub(crate) static OF_LABELS: &[&db::Statement] = labels::STATEMENTS;

/// The statements about log-ins.
pub(crate) static OF_SESSIONS: &[&db::Statement] = sessions::STATEMENTS;
/// The statements about letters.
pub(crate) static OF_MAIL: &[&db::Statement] = mail::STATEMENTS;
/// The statements about what people see of themselves.
pub(crate) static OF_PEOPLE: &[&db::Statement] = people::STATEMENTS;
/// The statements about invitations.
pub(crate) static OF_INVITES: &[&db::Statement] = invites::STATEMENTS;

statements! { "identity";
    LOGIN = "SELECT user_id FROM logins WHERE tenant_id = $1 AND name_index = $2";
    /// The row with this index, or the one that comes after it, or the first: one row, whatever is
    /// asked for, as soon as there are any.
    NEAREST_LOGIN = "SELECT user_id, name_index FROM logins
        WHERE tenant_id = $1 AND name_index = COALESCE(
            (SELECT name_index FROM logins WHERE tenant_id = $1 AND name_index >= $2
                ORDER BY name_index LIMIT 1),
            (SELECT name_index FROM logins WHERE tenant_id = $1 ORDER BY name_index LIMIT 1))";
    ADD_LOGIN = "INSERT INTO logins (tenant_id, name_index, user_id) VALUES ($1, $2, $3)";
    DROP_LOGINS = "DELETE FROM logins WHERE tenant_id = $1 AND user_id = $2";

    ADD_ACCOUNT = "INSERT INTO accounts
        (tenant_id, shard_id, user_id, status, roles, created_at, erase_at)
        VALUES ($1, $2, $3, 'active', $4, $5, NULL)";
    ACCOUNT = "SELECT user_id, status, roles, created_at, erase_at FROM accounts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    LOCK_ACCOUNT = "SELECT user_id, status, roles, created_at, erase_at FROM accounts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 {for_update}";
    SET_STATUS = "UPDATE accounts SET status = $4, erase_at = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    SET_ROLES = "UPDATE accounts SET roles = $4
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people of a tenant, for administrators.
    ACCOUNTS = "SELECT user_id, status, roles, created_at, erase_at FROM accounts
        WHERE tenant_id = $1 AND (created_at, user_id) < ($2, $3)
            AND (status = $5 OR $5 = '') AND (roles & $6) = $6
        ORDER BY created_at DESC, user_id DESC LIMIT $4";
    /// Over all people of a tenant: those who can administer it, so that no other transaction
    /// changes one of them before this one ends.
    LOCK_ADMINS = "SELECT user_id FROM accounts
        WHERE tenant_id = $1 AND (roles & $2) <> 0 AND status = 'active' {for_update}";
    /// Over all people of a tenant: whether the first administrator is still to come.
    ADMINS = "SELECT COUNT(*) AS n FROM accounts
        WHERE tenant_id = $1 AND (roles & $2) <> 0 AND status IN ('active', 'suspended')";
    /// Over all people: those whose time to change their mind is over.
    DUE = "SELECT tenant_id, user_id FROM accounts
        WHERE erase_at <= $1 AND status IN ('deleting', 'erasing') ORDER BY erase_at LIMIT $2";
    BEGIN_ERASURE = "UPDATE accounts SET status = 'erasing'
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND status IN ('deleting', 'erasing') AND erase_at <= $4";
    DROP_ACCOUNT = "DELETE FROM accounts
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND status = 'erasing'";

    ADD_NAME = "INSERT INTO account_names (tenant_id, shard_id, user_id, id, kind, name)
        VALUES ($1, $2, $3, $4, $5, $6)";
    NAMES = "SELECT id, kind, name FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    DROP_NAMES = "DELETE FROM account_names
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";

    PUT_PASSWORD = "INSERT INTO passwords
        (tenant_id, shard_id, user_id, scheme, pepper, phc, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, shard_id, user_id) DO UPDATE SET scheme = excluded.scheme,
            pepper = excluded.pepper, phc = excluded.phc, changed_at = excluded.changed_at";
    PASSWORD = "SELECT p.scheme, p.pepper, p.phc FROM accounts a
        JOIN passwords p ON p.tenant_id = a.tenant_id AND p.shard_id = a.shard_id
            AND p.user_id = a.user_id
        WHERE a.tenant_id = $1 AND a.shard_id = $2 AND a.user_id = $3";
    DROP_PASSWORD = "DELETE FROM passwords
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";

    PUT_SETUP_CODE = "INSERT INTO setup_codes (tenant_id, code_hash, created_at)
        VALUES ($1, $2, $3) ON CONFLICT (tenant_id) DO UPDATE
        SET code_hash = excluded.code_hash, created_at = excluded.created_at";
    SETUP_CODE = "SELECT COUNT(*) AS n FROM setup_codes
        WHERE tenant_id = $1 AND code_hash = $2 AND created_at > $3";
    TAKE_SETUP_CODE = "DELETE FROM setup_codes
        WHERE tenant_id = $1 AND code_hash = $2 AND created_at > $3";
    DROP_SETUP_CODE = "DELETE FROM setup_codes WHERE tenant_id = $1";
}

row! {
    pub(crate) struct UserRow {
        pub(crate) user_id: Uuid,
    }
}

row! {
    pub(crate) struct LoginRow {
        pub(crate) user_id: Uuid,
        pub(crate) name_index: [u8; 32],
    }
}

row! {
    pub(crate) struct AccountRow {
        pub(crate) user_id: Uuid,
        pub(crate) status: String,
        pub(crate) roles: u8,
        pub(crate) created_at: Timestamp,
        pub(crate) erase_at: Option<Timestamp>,
    }
}

row! {
    pub(crate) struct NameRow {
        pub(crate) id: Uuid,
        pub(crate) kind: String,
        pub(crate) name: Vec<u8>,
    }
}

row! {
    struct PasswordRow {
        scheme: i64,
        pepper: u32,
        phc: String,
    }
}

row! {
    pub(crate) struct DueRow {
        pub(crate) tenant_id: Uuid,
        pub(crate) user_id: Uuid,
    }
}

row! {
    struct CountRow {
        n: i64,
    }
}

/// A name as stored.
pub(crate) struct SealedName {
    pub(crate) id: Uuid,
    pub(crate) kind: NameKind,
    pub(crate) sealed: vault::Sealed,
}

pub(crate) async fn user_of_login(
    db: &Db,
    tenant: TenantId,
    index: &[u8; 32],
) -> Result<Option<Uuid>, DbError> {
    let row: Option<UserRow> = db.opt(&LOGIN, params![tenant.as_uuid(), *index]).await?;
    Ok(row.map(|row| row.user_id))
}

/// The log-in with this index, or one that stands in for it.
pub(crate) async fn nearest_login(
    db: &Db,
    tenant: TenantId,
    index: &[u8; 32],
) -> Result<Option<LoginRow>, DbError> {
    db.opt(&NEAREST_LOGIN, params![tenant.as_uuid(), *index]).await
}

pub(crate) fn add_login(tx: &mut Tx, subject: Subject, index: &[u8; 32]) {
    tx.defer(&ADD_LOGIN, params![subject.tenant.as_uuid(), *index, subject.user.as_uuid()]);
}

/// Whether someone took the same log-in name a moment ago.
pub(crate) fn is_taken_name(error: &DbError) -> bool {
    matches!(error, DbError::Duplicate { constraint } if constraint.contains("logins"))
}

pub(crate) fn add_account(tx: &mut Tx, subject: Subject, roles: u8, now: Timestamp) {
    tx.defer(&ADD_ACCOUNT, params![subject => roles, now]);
}

pub(crate) async fn account(db: &Db, subject: Subject) -> Result<Option<AccountRow>, DbError> {
    db.opt(&ACCOUNT, params![subject =>]).await
}

/// The account, so that no other transaction changes it before this one ends.
pub(crate) async fn lock_account(
    tx: &mut Tx,
    subject: Subject,
) -> Result<Option<AccountRow>, DbError> {
    tx.opt(&LOCK_ACCOUNT, params![subject =>]).await
}

pub(crate) fn set_status(
    tx: &mut Tx,
    subject: Subject,
    status: Status,
    erase_at: Option<Timestamp>,
) {
    tx.defer(&SET_STATUS, params![subject => status.name(), erase_at]);
}

pub(crate) fn set_roles(tx: &mut Tx, subject: Subject, roles: u8) {
    tx.defer(&SET_ROLES, params![subject => roles]);
}

pub(crate) async fn accounts(
    db: &Db,
    (tenant, status, roles): (TenantId, Option<Status>, u8),
    after: Cursor,
    size: PageSize,
) -> Result<Vec<AccountRow>, DbError> {
    let limit = i64::try_from(size.get() + 1).unwrap_or(i64::MAX);
    let status = status.map_or("", Status::name);
    db.all(&ACCOUNTS, params![tenant.as_uuid(), after.at, after.id, limit, status, roles]).await
}

/// Whether someone else can administer the tenant. Whoever asks this at the same time waits.
pub(crate) async fn another_admin(tx: &mut Tx, subject: Subject) -> Result<bool, DbError> {
    let bit = kernel::RoleSet::of(&[kernel::Role::Admin]).bits();
    let admins: Vec<UserRow> = tx.all(&LOCK_ADMINS, params![subject.tenant.as_uuid(), bit]).await?;
    Ok(admins.iter().any(|admin| admin.user_id != subject.user.as_uuid()))
}

/// How many administrators there are.
pub(crate) async fn admins(tx: &mut Tx, tenant: TenantId) -> Result<i64, DbError> {
    let bit = kernel::RoleSet::of(&[kernel::Role::Admin]).bits();
    Ok(tx.one::<CountRow>(&ADMINS, params![tenant.as_uuid(), bit]).await?.n)
}

pub(crate) async fn due(db: &Db, now: Timestamp, limit: u32) -> Result<Vec<DueRow>, DbError> {
    db.all(&DUE, params![now, limit]).await
}

/// From here on the account cannot be opened again; `false` if it was.
pub(crate) async fn begin_erasure(
    db: &Db,
    subject: Subject,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(db.exec(&BEGIN_ERASURE, params![subject => now]).await? == 1)
}

/// Removes all rows of the account but its log-ins; `false` if they are gone already.
pub(crate) async fn drop_account(tx: &mut Tx, subject: Subject) -> Result<bool, DbError> {
    tx.defer(&DROP_LOGINS, params![subject.tenant.as_uuid(), subject.user.as_uuid()]);
    tx.defer(&DROP_NAMES, params![subject =>]);
    tx.defer(&DROP_PASSWORD, params![subject =>]);
    drop_own(tx, subject);
    factors::drop_all(tx, subject);
    drop_mail(tx, subject);
    drop_label(tx, subject);
    passkeys::drop_all(tx, subject);
    linked::drop_all(tx, subject);
    vouched::drop_all(tx, subject);
    Ok(tx.exec(&DROP_ACCOUNT, params![subject =>]).await? == 1)
}

pub(crate) fn add_name(tx: &mut Tx, subject: Subject, name: &SealedName) {
    let bytes = name.sealed.as_bytes();
    tx.defer(&ADD_NAME, params![subject => name.id, name.kind.name(), bytes]);
}

pub(crate) async fn names(db: &Db, subject: Subject) -> Result<Vec<NameRow>, DbError> {
    db.all(&NAMES, params![subject =>]).await
}

pub(crate) fn put_password(tx: &mut Tx, subject: Subject, hash: &StoredHash, now: Timestamp) {
    let params = params![subject => hash.scheme, hash.pepper, hash.phc.as_str(), now];
    tx.defer(&PUT_PASSWORD, params);
}

pub(crate) async fn password(db: &Db, subject: Subject) -> Result<Option<StoredHash>, DbError> {
    let row: Option<PasswordRow> = db.opt(&PASSWORD, params![subject =>]).await?;
    Ok(row.map(|PasswordRow { scheme, pepper, phc }| StoredHash { scheme, pepper, phc }))
}

pub(crate) fn put_setup_code(tx: &mut Tx, tenant: TenantId, hash: [u8; 32], now: Timestamp) {
    tx.defer(&PUT_SETUP_CODE, params![tenant.as_uuid(), hash, now]);
}

/// Whether it is the present code, made after this moment.
pub(crate) async fn is_setup_code(
    db: &Db,
    tenant: TenantId,
    (hash, after): ([u8; 32], Timestamp),
) -> Result<bool, DbError> {
    Ok(db.one::<CountRow>(&SETUP_CODE, params![tenant.as_uuid(), hash, after]).await?.n == 1)
}

/// Uses the code up; `false` if it is not the present one, made after this moment.
pub(crate) async fn take_setup_code(
    tx: &mut Tx,
    tenant: TenantId,
    (hash, after): ([u8; 32], Timestamp),
) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE_SETUP_CODE, params![tenant.as_uuid(), hash, after]).await? == 1)
}

pub(crate) fn drop_setup_code(tx: &mut Tx, tenant: TenantId) {
    tx.defer(&DROP_SETUP_CODE, params![tenant.as_uuid()]);
}
