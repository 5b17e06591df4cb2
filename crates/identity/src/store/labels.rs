//! The SQL about labels and their keys.

use crate::label::KeyAlgorithm;
use db::{Db, DbError, Tx, params, row, statements};
use kernel::{Subject, TenantId, Timestamp};
use uuid::Uuid;

statements! { "identity.labels";
    ADD_LABEL = "INSERT INTO sealed_identities (tenant_id, shard_id, user_id, label_hash, algorithm,
            sign_key, receive_key, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, label_hash) DO NOTHING";
    LABEL = "SELECT user_id, algorithm, sign_key FROM sealed_identities
        WHERE tenant_id = $1 AND label_hash = $2";
    DROP_LABEL = "DELETE FROM sealed_identities
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    USE_CHALLENGE = "INSERT INTO used_challenges (nonce, forget_at) VALUES ($1, $2)
        ON CONFLICT (nonce) DO NOTHING";
    FORGET_CHALLENGES = "DELETE FROM used_challenges WHERE forget_at < $1";
}

row! {
    pub(crate) struct LabelRow {
        pub(crate) user_id: Uuid,
        pub(crate) algorithm: String,
        pub(crate) sign_key: Vec<u8>,
    }
}

/// The public keys of a label.
pub(crate) struct LabelKeys {
    pub(crate) algorithm: KeyAlgorithm,
    pub(crate) sign: Vec<u8>,
    pub(crate) receive: Vec<u8>,
}

/// `false` if someone has this label.
pub(crate) async fn add_label(
    tx: &mut Tx,
    subject: Subject,
    (label, keys): ([u8; 32], &LabelKeys),
    now: Timestamp,
) -> Result<bool, DbError> {
    let params = params![subject => label, keys.algorithm.name(), &keys.sign, &keys.receive, now];
    Ok(tx.exec(&ADD_LABEL, params).await? == 1)
}

pub(crate) async fn label(
    db: &Db,
    tenant: TenantId,
    label: [u8; 32],
) -> Result<Option<LabelRow>, DbError> {
    db.opt(&LABEL, params![tenant.as_uuid(), label]).await
}

pub(crate) fn drop_label(tx: &mut Tx, subject: Subject) {
    tx.defer(&DROP_LABEL, params![subject =>]);
}

/// `false` if it was used before.
pub(crate) async fn use_challenge(
    tx: &mut Tx,
    nonce: [u8; 16],
    forget_at: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.exec(&USE_CHALLENGE, params![nonce, forget_at]).await? == 1)
}

pub(crate) async fn forget_challenges(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    db.exec(&FORGET_CHALLENGES, params![now]).await
}
