//! The SQL about who may make an account.

use db::{Db, DbError, Tx, params, row, statements};
use kernel::{TenantId, Timestamp};

statements! { "identity.sign_up";
    MODE = "SELECT mode, decided_at FROM sign_up_modes WHERE tenant_id = $1";
    PUT_MODE = "INSERT INTO sign_up_modes (tenant_id, mode, decided_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id) DO UPDATE SET mode = excluded.mode, decided_at = excluded.decided_at";
    DROP_MODE = "DELETE FROM sign_up_modes WHERE tenant_id = $1";
}

row! {
    pub(crate) struct ModeRow {
        pub(crate) mode: String,
        pub(crate) decided_at: Timestamp,
    }
}

/// What was decided, if anything was.
pub(crate) async fn mode(db: &Db, tenant: TenantId) -> Result<Option<ModeRow>, DbError> {
    db.opt(&MODE, params![tenant.as_uuid()]).await
}

pub(crate) fn put_mode(tx: &mut Tx, tenant: TenantId, mode: &'static str, now: Timestamp) {
    tx.defer(&PUT_MODE, params![tenant.as_uuid(), mode, now]);
}

/// From now on the settings count again.
pub(crate) fn drop_mode(tx: &mut Tx, tenant: TenantId) {
    tx.defer(&DROP_MODE, params![tenant.as_uuid()]);
}
