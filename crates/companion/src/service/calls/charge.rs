//! What a call holds of somebody's allowance, until it is settled: by whoever makes the call, or
//! when they go away in the middle, or by a job where the whole program died.

use super::super::{CALL_ENDED, Companion, Work};
use crate::{
    error::CompanionError,
    live::Slot,
    model::{Failure, KeyId, Tally},
    store::{self, Call},
};
use audit::Event;
use consent::Action;
use db::{TxSpec, run_tx};
use kernel::{Ctx, Subject};
use llm::{Answer, Meter, Model, StreamEvent, Usage};
use std::time::Duration;

/// How long a call that ended is kept.
pub(in crate::service) const KEPT: Duration = Duration::from_hours(24);

/// A call that is to be settled.
pub(super) struct Charge(Option<Box<Open>>);

struct Open {
    companion: Companion,
    ctx: Ctx,
    work: Work,
    call: Call,
    meter: Option<Meter>,
    prices: Option<llm::Prices>,
    tally: Option<Tally>,
    failure: Option<Failure>,
    _slot: Slot,
}

impl Charge {
    pub(super) fn new(
        companion: Companion,
        ctx: Ctx,
        work: Work,
        (call, slot): (Call, Slot),
    ) -> Self {
        Self(Some(Box::new(Open {
            companion,
            ctx,
            work,
            call,
            meter: None,
            prices: None,
            tally: None,
            failure: None,
            _slot: slot,
        })))
    }

    /// The model is asked: from now on something may have been used.
    pub(super) fn begun(&mut self, meter: Meter) {
        if let Some(open) = &mut self.0 {
            open.meter = Some(meter);
        }
    }

    /// The key that it was asked with.
    pub(super) fn key(&self) -> Option<KeyId> {
        self.0.as_ref().and_then(|open| open.call.key)
    }

    /// This model answers.
    pub(super) fn by(&mut self, model: &Model) {
        if let Some(open) = &mut self.0 {
            open.call.model = model.id.to_string();
            open.prices = model.prices;
        }
    }

    /// A piece of the answer came.
    pub(super) fn see(&mut self, event: &StreamEvent) {
        if let Some(meter) = self.0.as_mut().and_then(|open| open.meter.as_mut()) {
            meter.see(event);
        }
    }

    /// What was used so far.
    pub(super) fn usage(&self) -> Usage {
        let meter = self.0.as_ref().and_then(|open| open.meter.as_ref());
        meter.map(Meter::usage).unwrap_or_default()
    }

    /// This was used of this model.
    pub(super) fn used(&mut self, model: &Model, usage: &Usage) {
        self.by(model);
        if let Some(open) = &mut self.0 {
            open.tally = Some(Tally::of(usage, model.prices.as_ref()));
        }
    }

    /// The whole answer came; what it used.
    pub(super) fn answered(&mut self, model: &Model, answer: &Answer) -> Usage {
        let usage = answer.usage.unwrap_or_else(|| {
            self.see(&StreamEvent::Reasoning(answer.reasoning.clone()));
            self.see(&StreamEvent::Delta(answer.text.clone()));
            self.see(&StreamEvent::Delta(answer.refusal.clone()));
            self.usage()
        });
        self.used(model, &usage);
        usage
    }

    /// It failed, before or after something of the answer came.
    pub(super) async fn failed(&mut self, error: CompanionError) -> CompanionError {
        let nothing_came = self.usage().output == 0;
        if let Some(open) = &mut self.0 {
            open.failure = Some(Failure::of(&error));
            if nothing_came {
                open.meter = None;
            }
        }
        if let Err(error) = self.settle().await {
            tracing::warn!(%error, "a call that failed could not be settled yet");
        }
        error
    }

    /// Settles it, once.
    pub(super) async fn settle(&mut self) -> Result<(), CompanionError> {
        match self.0.take() {
            Some(open) => open.settle().await,
            None => Ok(()),
        }
    }
}

impl Drop for Charge {
    /// Whoever asked has gone away.
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        // Without a runtime the program ends; then the job settles it.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let tasks = open.companion.0.tasks.clone();
        tasks.spawn(async move {
            if let Err(error) = open.settle().await {
                tracing::warn!(%error, "a call that was given up could not be settled yet");
            }
        });
    }
}

impl Open {
    async fn settle(self) -> Result<(), CompanionError> {
        let Self { companion, ctx, work, call, meter, prices, tally, failure, .. } = self;
        let counted = meter.map(|meter| Tally::of(&meter.usage(), prices.as_ref()));
        let tally = tally.or(counted);
        companion.settle_call(&ctx, &work, &call, (tally.as_ref(), failure.as_ref())).await
    }
}

impl Companion {
    async fn settle_call(
        &self,
        ctx: &Ctx,
        work: &Work,
        call: &Call,
        (tally, failure): (Option<&Tally>, Option<&Failure>),
    ) -> Result<(), CompanionError> {
        let event = ended(work, call, failure);
        let settled = run_tx!(self.0.db, TxSpec::queue("companion.end_call"), |tx| {
            store::end_call(tx, &work.access, call.id, ctx.now().plus(KEPT));
            self.settle_held(tx, work, &call.held, tally);
            store::settle_key(tx, &work.access, call, tally);
            if let (Some(tally), Some(day)) = (tally, call.held.day) {
                store::count_usage(tx, &work.access, (day, &call.model, 1), tally);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        match settled {
            Err(CompanionError::Db(refused)) if store::call_had_ended(&refused) => Ok(()),
            settled => settled,
        }
    }

    /// Settles calls of anybody whose program died, and forgets those that ended long ago.
    pub(crate) async fn settle_abandoned_calls(
        &self,
        ctx: &Ctx,
        most: usize,
    ) -> Result<(), CompanionError> {
        for (subject, call) in store::abandoned_calls(&self.0.db, ctx.now(), most).await? {
            self.settle_abandoned_call(ctx, subject, &call).await?;
        }
        Ok(store::forget_calls(&self.0.db, ctx.now()).await?)
    }

    /// Nobody knows what was used; what was held covers it.
    async fn settle_abandoned_call(
        &self,
        ctx: &Ctx,
        subject: Subject,
        call: &Call,
    ) -> Result<(), CompanionError> {
        let work = self.begin_for(ctx, Action::Delete, subject).await?;
        let (input, cost) = (call.held.tokens, Some(call.held.cost));
        let tally = Tally { input, cost, estimated: true, ..Tally::default() };
        let failure = Failure::of(&CompanionError::Stopping);
        self.settle_call(ctx, &work, call, (Some(&tally), Some(&failure))).await
    }
}

fn ended(work: &Work, call: &Call, failure: Option<&Failure>) -> Event {
    let event = work.event_on(&CALL_ENDED, call.id).detail("model", call.model.clone());
    match failure {
        Some(failure) => event.detail("failure", failure.code.clone()),
        None => event,
    }
}
