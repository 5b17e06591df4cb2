//! The SQL of cases.

use super::model::{CaseId, State};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{Cursor, Subject, TenantId, Timestamp, UserId};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// What somebody wrote who asked for a human, and what responders noted.
    CASE_BODY = ("crisis_cases", "body", KeyPurpose::clinical("crisis"), 1);
}

db::statements! { "crisis.team";
    INSERT = "INSERT INTO crisis_cases (tenant_id, shard_id, user_id, id, state, created_at,
            updated_at, body) VALUES ($1, $2, $3, $4, 0, $5, $5, $6)";
    /// A person has one that is not closed, at most.
    OPEN_OF = "SELECT user_id, id, state, created_at, updated_at, responder_id, body
        FROM crisis_cases WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND state < 2
        {for_update}";
    OF_PERSON = "SELECT user_id, id, state, created_at, updated_at, responder_id, body
        FROM crisis_cases WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
            AND (created_at, id) < ($4, $5)
        ORDER BY created_at DESC, id DESC LIMIT $6";
    /// Over all people of a tenant: whom to answer, who waits longest first.
    QUEUE = "SELECT user_id, id, state, created_at, updated_at, responder_id, body
        FROM crisis_cases WHERE tenant_id = $1 AND state = $2 AND (created_at, id) > ($3, $4)
        ORDER BY created_at, id LIMIT $5";
    /// A responder knows the case, not the person.
    BY_ID = "SELECT user_id, id, state, created_at, updated_at, responder_id, body
        FROM crisis_cases WHERE tenant_id = $1 AND id = $2";
    /// The same for whoever is about to change it: nobody else does meanwhile.
    TAKE = "SELECT user_id, id, state, created_at, updated_at, responder_id, body
        FROM crisis_cases WHERE tenant_id = $1 AND id = $2 {for_update}";
    CLAIM = "UPDATE crisis_cases SET state = 1, responder_id = $5, updated_at = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND state = 0";
    PUT = "UPDATE crisis_cases SET state = $5, updated_at = $6, body = $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    ERASE = "DELETE FROM crisis_cases WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
}

row! {
    /// A case as it is stored.
    pub(super) struct CaseRow {
        pub(super) user_id: UserId as Uuid,
        pub(super) id: CaseId as Uuid,
        pub(super) state: i64,
        pub(super) created_at: Timestamp,
        pub(super) updated_at: Timestamp,
        pub(super) responder_id: Option<Uuid>,
        pub(super) body: Vec<u8>,
    }
}

impl CaseRow {
    pub(super) const fn cursor(&self) -> Cursor {
        Cursor { at: self.created_at, id: self.id.as_uuid() }
    }
}

fn limit(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// Adds a case; refused if the person has one that is not closed.
pub(super) fn insert(tx: &mut Tx, whose: Subject, (id, now): (CaseId, Timestamp), body: &Sealed) {
    tx.defer(&INSERT, params![whose => id.as_uuid(), now, body.as_bytes()]);
}

/// The person's case that is not closed.
pub(super) async fn open_of(tx: &mut Tx, whose: Subject) -> Result<Option<CaseRow>, DbError> {
    tx.opt(&OPEN_OF, params![whose =>]).await
}

/// The person's cases before this place, newest first.
pub(super) async fn of_person(
    db: &Db,
    whose: Subject,
    before: Cursor,
    most: usize,
) -> Result<Vec<CaseRow>, DbError> {
    db.all(&OF_PERSON, params![whose => before.at, before.id, limit(most)]).await
}

/// Cases in a state after this place, who waits longest first.
pub(super) async fn queue(
    db: &Db,
    (tenant, state): (TenantId, State),
    after: Cursor,
    most: usize,
) -> Result<Vec<CaseRow>, DbError> {
    let params = params![tenant.as_uuid(), state.number(), after.at, after.id, limit(most)];
    db.all(&QUEUE, params).await
}

/// The case with this id.
pub(super) async fn by_id(
    db: &Db,
    tenant: TenantId,
    id: CaseId,
) -> Result<Option<CaseRow>, DbError> {
    db.opt(&BY_ID, params![tenant.as_uuid(), id.as_uuid()]).await
}

/// The same, as this transaction sees it.
pub(super) async fn by_id_in(
    tx: &mut Tx,
    tenant: TenantId,
    id: CaseId,
) -> Result<Option<CaseRow>, DbError> {
    tx.opt(&TAKE, params![tenant.as_uuid(), id.as_uuid()]).await
}

/// Gives a case that nobody has to this responder; whether nobody had it.
pub(super) async fn claim(
    tx: &mut Tx,
    (whose, id): (Subject, CaseId),
    (responder, now): (UserId, Timestamp),
) -> Result<bool, DbError> {
    let params = params![whose => id.as_uuid(), responder.as_uuid(), now];
    Ok(tx.exec(&CLAIM, params).await? == 1)
}

/// Puts a case back.
pub(super) fn put(
    tx: &mut Tx,
    (whose, id): (Subject, CaseId),
    (state, now): (State, Timestamp),
    body: &Sealed,
) {
    tx.defer(&PUT, params![whose => id.as_uuid(), state.number(), now, body.as_bytes()]);
}

/// Removes those of this person.
pub(super) fn erase(tx: &mut Tx, access: &Access) {
    tx.defer(&ERASE, params![access.subject() =>]);
}
