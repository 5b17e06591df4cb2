//! The SQL of changed lines. They belong to the installation and to nobody in it.

use db::{Db, DbError, Tx, params, row};
use kernel::Timestamp;

db::statements! { "crisis.lines";
    /// There are as many as countries, at most.
    ALL = "SELECT code, changed_at, body FROM crisis_lines ORDER BY code LIMIT 300";
    PUT = "INSERT INTO crisis_lines (code, changed_at, body) VALUES ($1, $2, $3)
        ON CONFLICT (code) DO UPDATE SET changed_at = excluded.changed_at, body = excluded.body";
    REMOVE = "DELETE FROM crisis_lines WHERE code = $1";
}

row! {
    /// A change as it is stored.
    pub(super) struct ChangeRow {
        pub(super) code: String,
        pub(super) changed_at: Timestamp,
        pub(super) body: String,
    }
}

/// All changes, by country.
pub(super) async fn all(db: &Db) -> Result<Vec<ChangeRow>, DbError> {
    db.all(&ALL, params![]).await
}

/// Puts the change of a country, instead of the one before.
pub(super) fn put(tx: &mut Tx, code: &str, now: Timestamp, body: &str) {
    tx.defer(&PUT, params![code, now, body]);
}

/// Takes the change of a country back.
pub(super) fn remove(tx: &mut Tx, code: &str) {
    tx.defer(&REMOVE, params![code]);
}
