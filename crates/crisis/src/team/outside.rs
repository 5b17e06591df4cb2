//! Programs of the crisis team elsewhere, such as a pager, are told that somebody waits: with a
//! pseudonym, a level, names of rules and a time. What the person wrote, who they are and any id of
//! theirs stays here; whoever is told looks into the queue.

use super::{
    error::TeamError,
    model::{CaseId, State},
    service::{CASE_TOLD, CrisisTeam, open},
    store,
};
use async_trait::async_trait;
use audit::{Event, Keys};
use db::{
    DbError, JobHandler, Tx,
    jobs::{self, Claimed, JobError, Lease},
    run_tx,
};
use kernel::{Coded, Ctx, Env, Subject, TenantId, Timestamp, UserId, common::NOT_FOUND, typed_id};
use serde::{Deserialize, Serialize};
use vault::DATA_ERASED;

const KIND: &str = "crisis.tell.v1";

typed_id!(
    /// One call: the same however often it is tried.
    CallId
);

/// Why a program elsewhere was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// There is no such program any more.
    #[error("there is no such program")]
    Gone,
    /// Worth another attempt. The text is a code.
    #[error("not reached: {0}")]
    Later(&'static str),
}

/// Programs of the crisis team elsewhere.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Their names.
    fn names(&self) -> Vec<String>;

    /// Where the crisis team finds who waits.
    fn queue(&self) -> String;

    /// Tells one of them, once.
    async fn tell(&self, name: &str, body: Vec<u8>, now: Timestamp) -> Result<(), NotTold>;
}

/// Nobody elsewhere is told.
pub struct Nobody;

#[async_trait]
impl Outside for Nobody {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn queue(&self) -> String {
        String::new()
    }

    async fn tell(&self, _: &str, _: Vec<u8>, _: Timestamp) -> Result<(), NotTold> {
        Err(NotTold::Gone)
    }
}

/// Why they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// Somebody asked for a human.
    Asked,
    /// Somebody who waits wrote something that looks more serious.
    MoreSerious,
}

/// What the job holds: ids, and no more.
#[derive(Serialize, Deserialize)]
struct Telling {
    tenant: TenantId,
    user: UserId,
    case: CaseId,
    call: CallId,
    to: String,
    reason: Reason,
    at: Timestamp,
}

/// What leaves this installation. `docs/operate/crisis.md` describes it.
#[derive(Serialize)]
struct Told<'a> {
    r#type: &'static str,
    id: CallId,
    reason: Reason,
    at: Timestamp,
    pseudonym: String,
    state: State,
    level: Option<u8>,
    rules: &'a [String],
    queue: String,
}

/// Asks for every program to be told, as part of this transaction.
pub(super) fn tell_all(
    tx: &mut Tx,
    (env, outside): (&Env, &dyn Outside),
    (whose, case): (Subject, CaseId),
    reason: Reason,
) -> Result<(), DbError> {
    let at = env.now();
    for to in outside.names() {
        let (tenant, user, call) = (whose.tenant, whose.user, env.new_id());
        let telling = Telling { tenant, user, case, call, to, reason, at };
        jobs::enqueue(tx, env, KIND, &telling, at)?;
    }
    Ok(())
}

/// Tells one program; again and again, with growing pauses, until it took it or the job is put
/// aside for a person to look at.
pub(super) struct TellOutside(pub(super) CrisisTeam);

#[async_trait]
impl JobHandler for TellOutside {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let telling: Telling = job.payload()?;
        let (body, keys) = match self.0.to_tell(ctx, &telling).await {
            Ok(prepared) => prepared,
            // The case or its person is gone: nobody waits.
            Err(error) if [&NOT_FOUND, &DATA_ERASED].contains(&error.code()) => return Ok(()),
            Err(error) => {
                tracing::warn!(%error, "a program of the crisis team could not be told yet");
                return Err(JobError::Retry("crisis_tell"));
            }
        };
        let inner = self.0.inner();
        match inner.outside.tell(&telling.to, body, ctx.now()).await {
            Ok(()) => {}
            Err(NotTold::Gone) => return Ok(()),
            Err(NotTold::Later(code)) => {
                tracing::warn!(code, to = telling.to, "a program of the crisis team was not told");
                return Err(JobError::Retry(code));
            }
        }
        let event = Event::new(&CASE_TOLD, telling.whose()).resource(telling.case);
        let event = event.detail("to", telling.to.as_str());
        // If the program dies at this moment, it is told again under the same id.
        run_tx!(inner.db, "crisis.tell", |tx| {
            lease.finish(tx).await?;
            let recorded = inner.ledger.record(tx, ctx, &keys, &event);
            recorded.map(drop).map_err(|_| JobError::Retry("ledger"))
        })
    }
}

impl Telling {
    fn whose(&self) -> Subject {
        Subject::new(self.tenant, self.user)
    }
}

impl CrisisTeam {
    /// What is to be told, and the keys to record that it was.
    async fn to_tell(&self, ctx: &Ctx, telling: &Telling) -> Result<(Vec<u8>, Keys), TeamError> {
        let (inner, whose) = (self.inner(), telling.whose());
        let row = store::by_id(&inner.db, whose.tenant, telling.case).await?;
        let row = row.ok_or(TeamError::NotFound)?;
        let keyring = inner.vault.keyring(whose).await?;
        let pseudonym = inner.ledger.pseudonym(whose).await?.to_string();
        let keys = inner.ledger.keys(ctx, whose).await?;
        let case = open(&keyring, &row)?;
        // EXPOSE: level and names of rules leave, and no word.
        let case = case.expose();
        let told = Told {
            r#type: "crisis.escalation",
            id: telling.call,
            reason: telling.reason,
            at: telling.at,
            pseudonym,
            state: row.case().state,
            level: case.level,
            rules: &case.rules,
            queue: inner.outside.queue(),
        };
        let body = serde_json::to_vec(&told).map_err(|_| TeamError::Damaged)?;
        Ok((body, keys))
    }
}
