//! Answers that are kept for requests that come again: in the database, sealed with the keys of
//! the person who asked.

use async_trait::async_trait;
use audit::{Event, Ledger};
use consent::{Action, Consents};
use db::{
    Db, DbError, JobHandler,
    jobs::{Claimed, JobError, Lease},
    params, row, run_tx,
};
use httpkit::idempotency::{
    AnswerSealer, Begin, Idempotency, IdempotencyStore, KEPT, LOST_AFTER, Slot, StoreError,
};
use kernel::{Ctx, Phi};
use std::{sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use vault::{KeyPurpose, Sealed, Vault};

vault::columns! {
    /// The answer as it was given.
    ANSWER = ("idempotency", "answer", KeyPurpose::clinical("answers"), 1);
}

db::statements! { "server.idempotency";
    /// Takes the slot if it is free or what is in it is too old.
    CLAIM = "INSERT INTO idempotency
            (tenant_id, shard_id, user_id, id, fingerprint, claim, claimed_at, answer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)
        ON CONFLICT (tenant_id, shard_id, user_id, id) DO UPDATE
        SET fingerprint = excluded.fingerprint, claim = excluded.claim,
            claimed_at = excluded.claimed_at, answer = NULL
        WHERE idempotency.claimed_at <= $8
            OR (idempotency.answer IS NULL AND idempotency.claimed_at <= $9
                AND idempotency.fingerprint = excluded.fingerprint)
        RETURNING claim";
    LOOK = "SELECT fingerprint, answer FROM idempotency
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    KEEP = "UPDATE idempotency SET answer = $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND claim = $5";
    FREE = "DELETE FROM idempotency
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND claim = $5
            AND answer IS NULL";
    FORGET = "DELETE FROM idempotency WHERE claimed_at <= $1";
}

row! {
    struct ClaimRow {
        claim: Uuid,
    }
}

row! {
    struct SlotRow {
        fingerprint: Vec<u8>,
        answer: Option<Vec<u8>>,
    }
}

/// Keeps answers in the database.
#[derive(Clone)]
pub struct SqlAnswers {
    db: Db,
    vault: Vault,
}

impl SqlAnswers {
    /// In this database, under these keys.
    #[must_use]
    pub const fn new(db: Db, vault: Vault) -> Self {
        Self { db, vault }
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError(Box::new(error))
}

#[async_trait]
impl IdempotencyStore for SqlAnswers {
    async fn begin(&self, ctx: &Ctx, slot: &Slot) -> Result<Begin, StoreError> {
        let (now, claim) = (ctx.now(), ctx.new_id::<Uuid>());
        // A request may be short enough to be guessed: its bare hash would tell what it said.
        let keys = self.vault.keyring(slot.subject).await.map_err(failed)?;
        let fingerprint = keys.pseudonym("idempotency", &slot.fingerprint).map_err(failed)?;
        let begun: Result<Begin, DbError> = run_tx!(self.db, "server.begin_answer", |tx| {
            let (stale, lost) = (now.minus(KEPT), now.minus(LOST_AFTER));
            let claimed: Option<ClaimRow> = tx
                .opt(&CLAIM, params![slot.subject => slot.id, fingerprint, claim, now, stale, lost])
                .await?;
            if let Some(row) = claimed {
                return Ok(Begin::Fresh(row.claim));
            }
            let found: SlotRow = tx.one(&LOOK, params![slot.subject => slot.id]).await?;
            Ok(match found.answer {
                _ if found.fingerprint != fingerprint => Begin::Reused,
                Some(answer) => Begin::Answered(answer),
                None => Begin::InProgress,
            })
        });
        begun.map_err(failed)
    }

    async fn finish(
        &self,
        _ctx: &Ctx,
        slot: &Slot,
        claim: Uuid,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        let kept = self.db.exec(&KEEP, params![slot.subject => slot.id, claim, sealed]).await;
        kept.map(drop).map_err(failed)
    }

    async fn abandon(&self, _ctx: &Ctx, slot: &Slot, claim: Uuid) -> Result<(), StoreError> {
        let freed = self.db.exec(&FREE, params![slot.subject => slot.id, claim]).await;
        freed.map(drop).map_err(failed)
    }
}

audit::actions! {
    /// A person was given the answer to an earlier request again.
    ANSWER_REPEATED = "server.answer.repeat" on "kept_answer";
}

/// Gives a kept answer again only while its person's data may be read, and records that.
pub struct GuardedAnswers {
    /// Where answers are kept.
    pub kept: SqlAnswers,
    /// Says what may be read.
    pub consents: Consents,
    /// Where giving one again is recorded.
    pub ledger: Ledger,
}

#[async_trait]
impl IdempotencyStore for GuardedAnswers {
    async fn begin(&self, ctx: &Ctx, slot: &Slot) -> Result<Begin, StoreError> {
        let begun = self.kept.begin(ctx, slot).await?;
        if !matches!(begun, Begin::Answered(_)) {
            return Ok(begun);
        }
        match self.consents.authorize(ctx, Action::Read, slot.subject).await {
            Ok(_) => {
                let keys = self.ledger.keys(ctx, slot.subject).await.map_err(failed)?;
                let event = Event::new(&ANSWER_REPEATED, slot.subject).resource(slot.id);
                self.ledger.record_now(ctx, &keys, &event).await.map_err(failed)?;
                Ok(begun)
            }
            // The handler refuses, too, and says why; a claim that was never made keeps nothing.
            Err(error) if error.is_refusal() => Ok(Begin::Fresh(ctx.new_id())),
            Err(error) => Err(failed(error)),
        }
    }

    async fn finish(
        &self,
        ctx: &Ctx,
        slot: &Slot,
        claim: Uuid,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.kept.finish(ctx, slot, claim, sealed).await
    }

    async fn abandon(&self, ctx: &Ctx, slot: &Slot, claim: Uuid) -> Result<(), StoreError> {
        self.kept.abandon(ctx, slot, claim).await
    }
}

#[async_trait]
impl AnswerSealer for SqlAnswers {
    async fn seal(&self, slot: &Slot, plain: Phi<Vec<u8>>) -> Result<Vec<u8>, StoreError> {
        let keys = self.vault.keyring(slot.subject).await.map_err(failed)?;
        // EXPOSE: only to be sealed.
        let sealed = keys.seal(&ANSWER, slot.id, plain.expose()).map_err(failed)?;
        Ok(sealed.into_bytes())
    }

    async fn open(&self, slot: &Slot, sealed: Vec<u8>) -> Result<Phi<Vec<u8>>, StoreError> {
        let keys = self.vault.keyring(slot.subject).await.map_err(failed)?;
        keys.open(&ANSWER, slot.id, &Sealed::from_bytes(sealed)).map_err(failed)
    }
}

/// Forgets answers that nobody can ask for any more.
pub struct ForgetAnswers(pub Db);

#[async_trait]
impl JobHandler for ForgetAnswers {
    fn kind(&self) -> &'static str {
        "server.forget_answers.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_hours(1))
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let oldest = ctx.now().minus(KEPT);
        run_tx!(self.0, "server.forget_answers", |tx| {
            lease.finish(tx).await?;
            tx.defer(&FORGET, params![oldest]);
            Ok(())
        })
    }
}

/// Answers that are given again to whoever asks the same again.
pub fn answers(
    (db, vault): (&Db, &Vault),
    (consents, ledger): (&Consents, &Ledger),
    tasks: &TaskTracker,
) -> Idempotency {
    let kept = SqlAnswers::new(db.clone(), vault.clone());
    let guarded =
        GuardedAnswers { kept: kept.clone(), consents: consents.clone(), ledger: ledger.clone() };
    Idempotency::new(Arc::new(guarded), Arc::new(kept), tasks.clone())
}

#[cfg(test)]
mod tests;
