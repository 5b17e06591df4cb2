//! The only file with SQL. Most of it takes the person and no `Access`: what stands here is what
//! an `Access` is made from.

use crate::{
    access::Access,
    model::{ConsentType, Consented, Latest},
};
use db::{Db, DbError, Tx, params, row};
use kernel::{Subject, Timestamp};

db::statements! { "consent";
    /// Makes everyone else who adds to this ledger wait, and counts one on.
    TAKE_TURN = "INSERT INTO consent_heads (tenant_id, shard_id, user_id, last_seq, erased)
        VALUES ($1, $2, $3, 1, FALSE)
        ON CONFLICT (tenant_id, shard_id, user_id)
        DO UPDATE SET last_seq = consent_heads.last_seq + 1";
    APPEND = "INSERT INTO consent_ledger
            (tenant_id, shard_id, user_id, seq, consent_type, text_version, given, at)
        VALUES ($1, $2, $3, (SELECT last_seq FROM consent_heads
                WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3), $4, $5, $6, $7)";
    /// The newest line of each type. Looks at each line once, however many there are: people can
    /// change their minds as often as they like.
    LATEST = "SELECT consent_type, text_version, given, at FROM (
            SELECT consent_type, text_version, given, at,
                ROW_NUMBER() OVER (PARTITION BY consent_type ORDER BY seq DESC) AS place
            FROM consent_ledger WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3) AS line
        WHERE place = 1";
    UNLOCK = "UPDATE consent_heads SET erased = TRUE
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_LEDGER = "DELETE FROM consent_ledger
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    ERASE_HEAD = "DELETE FROM consent_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    struct Line {
        consent_type: String,
        text_version: String,
        given: bool,
        at: Timestamp,
    }
}

impl Line {
    fn read(self) -> Result<(ConsentType, Latest), DbError> {
        let consent = ConsentType::from_name(&self.consent_type);
        let consent = consent.ok_or(DbError::Column("consent_type"))?;
        let version = self.text_version.parse().map_err(|_| DbError::Column("text_version"))?;
        Ok((consent, Latest { given: self.given, version, at: self.at }))
    }
}

/// What this person's ledger says now.
pub(crate) async fn latest(db: &Db, subject: Subject) -> Result<Consented, DbError> {
    read(db.all(&LATEST, params![subject =>]).await?)
}

/// Waits for others who add to this ledger, then says what stands there. The transaction must
/// see what they committed: run it as `TxSpec::queue`.
pub(crate) async fn take_turn(tx: &mut Tx, subject: Subject) -> Result<Consented, DbError> {
    tx.defer(&TAKE_TURN, params![subject =>]);
    read(tx.all(&LATEST, params![subject =>]).await?)
}

fn read(lines: Vec<Line>) -> Result<Consented, DbError> {
    lines.into_iter().map(Line::read).collect()
}

/// Adds a line in the turn that was taken.
pub(crate) fn append(tx: &mut Tx, subject: Subject, consent: ConsentType, line: Latest) {
    let version = line.version.to_string();
    tx.defer(&APPEND, params![subject => consent.name(), version, line.given, line.at]);
}

/// Takes a turn and adds a line, to a ledger that nobody else writes to yet.
pub(crate) fn append_first(tx: &mut Tx, subject: Subject, consent: ConsentType, line: Latest) {
    tx.defer(&TAKE_TURN, params![subject =>]);
    append(tx, subject, consent, line);
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    let subject = access.subject();
    tx.defer(&UNLOCK, params![subject =>]);
    tx.defer(&ERASE_LEDGER, params![subject =>]);
    tx.defer(&ERASE_HEAD, params![subject =>]);
    crate::emergency::erase(tx, access);
}
