//! The SQL about passkeys.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, Timestamp};
use uuid::Uuid;
use vault::Sealed;

statements! { "identity.passkeys";
    ADD = "INSERT INTO passkeys
            (tenant_id, shard_id, user_id, id, name, credential, sign_count, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A person has a few at most.
    ALL = "SELECT id, name, credential, created_at, used_at FROM passkeys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY created_at, id";
    /// One that counts must have counted on; one that does not stays at nought.
    USE = "UPDATE passkeys SET credential = $5, sign_count = $6, used_at = $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4
            AND (sign_count < $6 OR sign_count = 0)";
    COUNT_OF = "SELECT sign_count FROM passkeys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    RENAME = "UPDATE passkeys SET name = $5
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP = "DELETE FROM passkeys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_ALL = "DELETE FROM passkeys
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";

    TAKE_ANSWER = "INSERT INTO passkey_answers (tenant_id, shard_id, user_id, id, expires_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    ANSWERED = "SELECT id FROM passkey_answers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DROP_ANSWERS = "DELETE FROM passkey_answers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Over all people: what is too old to be answered again.
    TIDY_ANSWERS = "DELETE FROM passkey_answers WHERE expires_at < $1";
}

row! {
    pub(crate) struct PasskeyRow {
        pub(crate) id: Uuid,
        pub(crate) name: Vec<u8>,
        pub(crate) credential: Vec<u8>,
        pub(crate) created_at: Timestamp,
        pub(crate) used_at: Option<Timestamp>,
    }
}

row! {
    struct CountRow {
        sign_count: u32,
    }
}

row! {
    struct AnswerRow {
        id: Uuid,
    }
}

/// A passkey after it was made or used.
pub(crate) struct Kept<'a> {
    pub(crate) id: Uuid,
    pub(crate) credential: &'a Sealed,
    pub(crate) sign_count: u32,
    pub(crate) now: Timestamp,
}

/// What came of using a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It was used.
    Used,
    /// It is not there any more.
    Gone,
    /// It had counted further before: there is a copy of it.
    Copied,
}

pub(crate) async fn all(db: &Db, subject: Subject) -> Result<Vec<PasskeyRow>, DbError> {
    db.all(&ALL, params![subject =>]).await
}

pub(crate) fn add(tx: &mut Tx, subject: Subject, kept: &Kept<'_>, name: &Sealed) {
    let Kept { id, credential, sign_count, now } = *kept;
    let count = i64::from(sign_count);
    let params = params![subject => id, name.as_bytes(), credential.as_bytes(), count, now];
    tx.defer(&ADD, params);
}

/// Uses a passkey, unless it was removed or copied.
pub(crate) async fn used(tx: &mut Tx, subject: Subject, kept: &Kept<'_>) -> Result<Use, DbError> {
    let Kept { id, credential, sign_count, now } = *kept;
    let params = params![subject => id, credential.as_bytes(), i64::from(sign_count), now];
    if tx.exec(&USE, params).await? == 1 {
        return Ok(Use::Used);
    }
    let row: Option<CountRow> = tx.opt(&COUNT_OF, params![subject => id]).await?;
    let copied = row.is_some_and(|row| row.sign_count >= sign_count);
    Ok(if copied { Use::Copied } else { Use::Gone })
}

/// `false` if there is no such passkey.
pub(crate) async fn rename(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
    name: &Sealed,
) -> Result<bool, DbError> {
    Ok(tx.exec(&RENAME, params![subject => id, name.as_bytes()]).await? == 1)
}

/// `false` if there is no such passkey.
pub(crate) async fn remove(tx: &mut Tx, subject: Subject, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP, params![subject => id]).await? == 1)
}

/// Whether this question was answered before, so that nothing sent twice looks like a copied key.
pub(crate) async fn is_answered(db: &Db, subject: Subject, id: Uuid) -> Result<bool, DbError> {
    let row: Option<AnswerRow> = db.opt(&ANSWERED, params![subject => id]).await?;
    Ok(row.is_some_and(|row| row.id == id))
}

/// `false` if this question was answered before.
pub(crate) async fn take_answer(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE_ANSWER, params![subject => id, expires_at]).await? == 1)
}

pub(crate) async fn tidy_answers(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    db.exec(&TIDY_ANSWERS, params![before]).await
}

/// Removes all that concerns passkeys.
pub(crate) fn drop_all(tx: &mut Tx, subject: Subject) {
    for statement in [&DROP_ALL, &DROP_ANSWERS] {
        tx.defer(statement, params![subject =>]);
    }
}
