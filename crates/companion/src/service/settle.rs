//! How an answer comes to its end, once: its state, what was written, what it used and what it
//! held change in one transaction, and only while it was running.
//!
//! An answer that is deleted while it is written leaves behind what it holds, as a call does that
//! goes on: whoever writes it settles that with what was used, or a job with all of it where the
//! writer is gone. So money comes back once, whoever comes first.

use super::{ANSWER_ENDED, Companion, Work, ask::LEASE, calls::KEPT, events::whole_seconds};
use crate::{
    envelope,
    error::CompanionError,
    model::{Author, Body, Failure, MessageId, State, Tally},
    store::{self, Call, Held},
};
use audit::Event;
use consent::Action;
use db::{Tx, TxSpec, run_tx};
use kernel::{Coded, Ctx, Subject};

/// An answer that is to end.
pub(super) struct Ended<'a> {
    pub(super) id: MessageId,
    pub(super) state: State,
    pub(super) body: &'a Body,
    pub(super) held: Held,
}

impl Companion {
    /// Ends an answer; whether it had not ended before.
    pub(super) async fn settle(
        &self,
        ctx: &Ctx,
        work: &Work,
        ended: &Ended<'_>,
    ) -> Result<bool, CompanionError> {
        let Ended { id, state, body, .. } = ended;
        let sealed = envelope::seal_body(&work.keyring, *id, body)?;
        let event = Self::ended_event(work, ended);
        let settled = run_tx!(self.0.db, TxSpec::queue("companion.end_answer"), |tx| {
            store::finish_message(tx, &work.access, (*id, *state), &sealed);
            self.charge(tx, ctx, work, ended);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        match settled {
            Ok(()) => Ok(true),
            Err(CompanionError::Db(refused)) if store::message_had_ended(&refused) => {
                self.settle_deleted(ctx, work, ended).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Settles an answer that was deleted while it was written; one that had ended was settled.
    async fn settle_deleted(
        &self,
        ctx: &Ctx,
        work: &Work,
        ended: &Ended<'_>,
    ) -> Result<(), CompanionError> {
        let event = Self::ended_event(work, ended);
        let settled = run_tx!(self.0.db, TxSpec::queue("companion.end_deleted"), |tx| {
            store::end_call(tx, &work.access, ended.id.as_uuid(), ctx.now().plus(KEPT));
            self.charge(tx, ctx, work, ended);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        match settled {
            Err(CompanionError::Db(refused)) if store::call_had_ended(&refused) => Ok(()),
            settled => settled,
        }
    }

    /// Takes what an answer used, gives back the rest of what it held, and counts it.
    fn charge(&self, tx: &mut Tx, ctx: &Ctx, work: &Work, Ended { body, held, .. }: &Ended<'_>) {
        self.settle_held(tx, work, held, body.tally.as_ref());
        if let (Some(model), Some(tally)) = (&body.model, &body.tally) {
            let day = held.day.unwrap_or_else(|| day_of(ctx));
            store::count_usage(tx, &work.access, (day, model, 1), tally);
        }
    }

    /// Puts what was used in the place of what was held, of the person's allowance and of the
    /// installation's money.
    pub(super) fn settle_held(&self, tx: &mut Tx, work: &Work, held: &Held, used: Option<&Tally>) {
        store::settle(tx, &work.access, held, used);
        self.settle_budget(tx, held, used.and_then(|tally| tally.cost).unwrap_or_default());
    }

    fn ended_event(work: &Work, ended: &Ended<'_>) -> Event {
        let event = work.event_on(&ANSWER_ENDED, ended.id);
        let model = ended.body.model.clone().unwrap_or_default();
        let event = event.detail("model", model);
        match &ended.body.failure {
            Some(failure) => event.detail("failure", failure.code.clone()),
            None => event,
        }
    }

    /// An answer that is about to be deleted leaves behind what it holds, if it is being written.
    pub(super) async fn leave_held(
        &self,
        tx: &mut Tx,
        (ctx, work): (&Ctx, &Work),
        id: MessageId,
    ) -> Result<(), CompanionError> {
        let Some(row) = store::take_running(tx, &work.access, id).await? else { return Ok(()) };
        if row.held.day.is_none() {
            return Ok(());
        }
        let body = envelope::open_body(&work.keyring, id.as_uuid(), &row.body)?;
        let model = body.model.unwrap_or_default();
        let call = Call { id: id.as_uuid(), key: None, model, held: row.held };
        store::begin_call(tx, &work.access, &call, ctx.now().plus(LEASE));
        Ok(())
    }

    /// Brings an answer to its end whose writer is gone, with what was kept of it.
    pub(super) async fn end_abandoned(
        &self,
        ctx: &Ctx,
        work: &Work,
        id: MessageId,
    ) -> Result<bool, CompanionError> {
        let row = store::get_message(&self.0.db, &work.access, id).await?;
        let Some(row) = row.filter(store::SealedMessage::is_running) else { return Ok(false) };
        if row.lease_until.is_some_and(|until| until >= ctx.now()) {
            return Ok(false);
        }
        let mut body = envelope::open_body(&work.keyring, id.as_uuid(), &row.body)?;
        body.lapse();
        body.failure = Some(Failure::of(&CompanionError::Stopping));
        // The provider's count died with the writer; what was held covers what can have been used.
        body.tally = body.model.is_some().then(|| Tally {
            input: row.held.tokens.saturating_sub(estimate(&body)),
            output: estimate(&body),
            estimated: true,
            cost: Some(row.held.cost),
            ..Tally::default()
        });
        let ended = Ended { id, state: State::Failed, body: &body, held: row.held };
        self.settle(ctx, work, &ended).await
    }

    /// Ends answers of anybody whose writers are gone; answers how many.
    pub(crate) async fn end_all_abandoned(
        &self,
        ctx: &Ctx,
        most: usize,
    ) -> Result<usize, CompanionError> {
        let mut done = 0;
        for (subject, id) in store::abandoned(&self.0.db, ctx.now(), most).await? {
            done += usize::from(self.end_one_abandoned(ctx, subject, id).await?);
        }
        Ok(done)
    }

    async fn end_one_abandoned(
        &self,
        ctx: &Ctx,
        subject: Subject,
        id: MessageId,
    ) -> Result<bool, CompanionError> {
        let work = self.begin_for(ctx, Action::Delete, subject).await?;
        self.end_abandoned(ctx, &work, id).await
    }
}

/// The UTC day since 1970.
pub(super) fn day_of(ctx: &Ctx) -> i64 {
    const DAY: i64 = 86_400 * 1_000_000;
    ctx.now().as_micros().div_euclid(DAY)
}

/// About how many tokens an answer has, where nobody counted.
pub(super) fn estimate(body: &Body) -> u64 {
    tokens_of(&body.text).saturating_add(tokens_of(&body.reasoning))
}

/// About how many tokens a text is.
pub(super) fn tokens_of(text: &kernel::Phi<String>) -> u64 {
    // EXPOSE: measured, not shown.
    llm::estimate(text.expose())
}

impl Failure {
    /// What is kept of an error.
    pub(super) fn of(error: &CompanionError) -> Self {
        Self {
            code: error.code().code.to_owned(),
            retryable: error.is_retryable(),
            after: error.retry_after().map(whole_seconds),
        }
    }
}

impl Author {
    /// What a model is told of who said it.
    pub(super) const fn role(self) -> llm::Role {
        match self {
            Self::Person => llm::Role::User,
            Self::Companion => llm::Role::Assistant,
        }
    }
}
