//! An answer while it is written: asks the model, passes on what it says, keeps it now and then,
//! and ends once, however it ends.

use super::{
    Companion, Work,
    ask::LEASE,
    choose::reason_name,
    events::{Broken, Done, Stopped, Used},
    settle::Ended,
    title::Untitled,
    tools::Kit,
};
use crate::{
    envelope,
    error::CompanionError,
    live::{Live, Place},
    model::{ANSWER_BYTES, Body, Failure, MessageId, State, Tally},
    store::{self, Held, Wishes},
};
use consent::Action;
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Fuse, FusedFuture},
};
use kernel::{Ctx, Purpose};
use llm::{
    ChatRequest, EventStream, Finish, LlmError, Location, Meter, ModelId, Started, StreamEvent,
    Wish,
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};

/// How often what was written is kept.
const KEEP_EVERY: Duration = Duration::from_secs(2);
/// Waits between attempts to store an end.
const STORE_AGAIN: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(9),
];

/// An answer that is to be written.
pub(super) struct Writing {
    pub(super) id: MessageId,
    pub(super) body: Body,
    pub(super) held: Held,
    pub(super) wish: Wish,
    pub(super) request: ChatRequest,
    pub(super) live: Arc<Live>,
    /// Where readers find it, for as long as this is here.
    #[expect(dead_code, reason = "what counts is when it is dropped")]
    pub(super) place: Place,
    /// Whether a model hears what is said, and not only this program.
    pub(super) hears: bool,
    /// Its conversation, if that has no title but its first words.
    pub(super) untitled: Option<Untitled>,
    /// What the model may ask for.
    pub(super) kit: Kit,
}

/// How an answer ended.
pub(super) enum Ending {
    Done(Finish),
    Stopped,
    Failed(CompanionError),
    /// It was deleted, or somebody else ended it.
    Gone,
}

impl Writing {
    /// Writes the answer to its end.
    pub(super) async fn run(mut self, companion: Companion, ctx: Ctx, work: Work) {
        let mut ending = self.turn(&companion, &ctx, &work).await;
        while self.wants_tools(&ending) {
            ending = match self.use_tools(&companion, &ctx, &work).await {
                Ok(()) => self.turn(&companion, &ctx, &work).await,
                Err(ending) => ending,
            };
        }
        let untitled = self.untitled.take().filter(|_| matches!(ending, Ending::Done(_)));
        self.end(&companion, &ctx, &work, ending).await;
        if let Some(untitled) = untitled {
            companion.entitle(&ctx, &work, untitled).await;
        }
    }

    /// Asks, and writes what is answered to its end or to where tools are wanted.
    async fn turn(&mut self, companion: &Companion, ctx: &Ctx, work: &Work) -> Ending {
        match self.open(companion, ctx, work).await {
            Ok(Started { model, stream, .. }) => {
                self.hears = model.location != Location::Builtin;
                let parts = (stream, Meter::new(&self.request));
                let (ending, meter) = self.write(companion, ctx, work, parts).await;
                self.count(Tally::of(&meter.usage(), model.prices.as_ref()));
                self.kit.asked_by = Some(model);
                ending
            }
            Err(ending) => {
                if matches!(ending, Ending::Stopped | Ending::Gone) {
                    self.count(self.read_by_now(companion));
                }
                ending
            }
        }
    }

    /// Adds what a turn used to what those before it did.
    fn count(&mut self, used: Tally) {
        self.body.tally = Some(self.body.tally.map_or(used, |before| before.plus(&used)));
    }

    /// The first model that begins to answer. One that is only being loaded may take minutes.
    async fn open(
        &mut self,
        companion: &Companion,
        ctx: &Ctx,
        work: &Work,
    ) -> Result<Started, Ending> {
        let opening = companion.gateway().stream(&self.request, &self.wish);
        let begun = self.meanwhile((companion, ctx, work), opening).await?;
        let started = begun.map_err(|error| Ending::Failed(error.into()))?;
        for (model, error) in &started.failed {
            tracing::warn!(%model, %error, "a model did not answer");
        }
        self.body.model = Some(started.model.id.to_string());
        self.body.chosen = Some(reason_name(started.reason).to_owned());
        Ok(started)
    }

    /// What whoever was asked has used that said nothing yet: it may have read the question.
    fn read_by_now(&self, companion: &Companion) -> Tally {
        let id = self.body.model.as_ref().and_then(|name| name.parse().ok());
        let registry = companion.gateway().registry();
        let model = id.and_then(|id: ModelId| registry.model(&id).cloned());
        let prices = model.and_then(|model| model.prices);
        Tally::of(&Meter::new(&self.request).usage(), prices.as_ref())
    }

    /// Waits for something, and keeps the answer meanwhile; a stop ends the waiting.
    pub(super) async fn meanwhile<T>(
        &self,
        (companion, ctx, work): (&Companion, &Ctx, &Work),
        awaited: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        let mut keep = kept_every();
        let mut keeping = pin!(Fuse::terminated());
        let mut awaited = pin!(awaited);
        loop {
            tokio::select! {
                biased;
                () = self.live.stopped() => return Err(stopped(companion)),
                there = &mut awaited => return Ok(there),
                kept = &mut keeping, if !keeping.is_terminated() => kept?,
                _ = keep.tick(), if keeping.is_terminated() => {
                    keeping.set(self.keep(companion, ctx, work).fuse());
                }
            }
        }
    }

    async fn write(
        &mut self,
        companion: &Companion,
        ctx: &Ctx,
        work: &Work,
        (mut stream, mut meter): (EventStream, Meter),
    ) -> (Ending, Meter) {
        let most = Duration::from_secs(u64::from(companion.0.config.answer_seconds));
        let deadline = Instant::now() + most;
        let mut keep = kept_every();
        let mut keeping = pin!(Fuse::terminated());
        loop {
            tokio::select! {
                biased;
                () = self.live.stopped() => return (stopped(companion), meter),
                () = sleep_until(deadline) => {
                    return (Ending::Failed(CompanionError::TooLong), meter);
                }
                kept = &mut keeping, if !keeping.is_terminated() => {
                    if let Err(ending) = kept {
                        return (ending, meter);
                    }
                }
                _ = keep.tick(), if keeping.is_terminated() => {
                    keeping.set(self.keep(companion, ctx, work).fuse());
                }
                event = stream.next() => {
                    let event = event.unwrap_or(Err(LlmError::Truncated));
                    match event {
                        Ok(event) => {
                            meter.see(&event);
                            if let Some(ending) = self.take(event) {
                                return (ending, meter);
                            }
                        }
                        Err(error) => return (Ending::Failed(error.into()), meter),
                    }
                }
            }
        }
    }

    /// Takes one piece of the answer.
    fn take(&mut self, event: StreamEvent) -> Option<Ending> {
        // EXPOSE: goes to the person it is for, and into the body of their message.
        match event {
            StreamEvent::Delta(more) => {
                self.live.delta(more.expose());
                self.body.text.expose_mut().push_str(more.expose());
            }
            StreamEvent::Refusal(more) => {
                self.body.refused = true;
                self.live.delta(more.expose());
                self.body.text.expose_mut().push_str(more.expose());
            }
            StreamEvent::Reasoning(more) => {
                self.live.reasoning(more.expose());
                self.body.reasoning.expose_mut().push_str(more.expose());
            }
            StreamEvent::ToolCall(call) => self.kit.calls.push(call),
            StreamEvent::Thought(thought) => self.kit.thoughts.push(thought),
            StreamEvent::Usage(_) => {}
            StreamEvent::Finish(finish) => return Some(Ending::Done(finish)),
        }
        let length = self.body.text.expose().len() + self.body.reasoning.expose().len();
        (length > ANSWER_BYTES).then_some(Ending::Failed(LlmError::TooLarge.into()))
    }

    /// Keeps what was written by now, if the person still agrees and nobody else wants it to stop.
    /// Meanwhile the answer goes on, and can be stopped: the database may be slow.
    pub(super) fn keep<'w>(
        &self,
        companion: &'w Companion,
        ctx: &'w Ctx,
        work: &'w Work,
    ) -> BoxFuture<'w, Result<(), Ending>> {
        let (id, hears, live) = (self.id, self.hears, self.live.clone());
        let body = envelope::seal_body(&work.keyring, id, &self.body);
        Box::pin(async move {
            companion.still_allowed(ctx, work, hears).await?;
            let body = body.map_err(Ending::Failed)?;
            let until = ctx.now().plus(LEASE);
            match store::keep_message(&companion.0.db, &work.access, (id, until), &body).await {
                Ok(Some(Wishes { stop: true, .. })) => Err(Ending::Stopped),
                Ok(Some(Wishes { stop: false, decided })) => {
                    // Another process may have been told.
                    if let Some(decided) = decided {
                        live.decide(decided);
                    }
                    Ok(())
                }
                Ok(None) => Err(Ending::Gone),
                Err(error) => {
                    // The answer goes on: what matters is that its end is stored.
                    tracing::warn!(%error, "a part of an answer could not be kept yet");
                    Ok(())
                }
            }
        })
    }

    async fn end(mut self, companion: &Companion, ctx: &Ctx, work: &Work, ending: Ending) {
        if let Some((safety, shown)) = self.live.raised() {
            self.body.safety = Some(safety);
            self.body.help = shown;
        }
        self.body.lapse();
        let (state, error) = match ending {
            Ending::Done(finish) => {
                self.body.finish = Some(finish_name(finish).to_owned());
                if let Some(tally) = self.body.tally {
                    self.live.say("usage", &Used::from(tally));
                }
                return self.end_well(companion, ctx, work, finish).await;
            }
            Ending::Stopped => (State::Stopped, None),
            Ending::Failed(error) => (State::Failed, Some(error)),
            Ending::Gone => {
                // What it used is charged all the same.
                if let Err(error) = self.store(companion, ctx, work, State::Stopped).await {
                    tracing::warn!(%error, "what a deleted answer used could not be charged yet");
                }
                return self.end_gone(ctx);
            }
        };
        self.body.failure = error.as_ref().map(Failure::of);
        let stored = self.store(companion, ctx, work, state).await;
        if let Some(tally) = self.body.tally {
            self.live.say("usage", &Used::from(tally));
        }
        match error.or(stored.err()) {
            None => self.live.end("cancelled", &Stopped { message_id: self.id, partial: true }),
            Some(error) => {
                tracing::info!(%error, "an answer broke off");
                self.live.end("error", &Broken::of(&error, ctx, Some(self.id), true));
            }
        }
    }

    fn end_gone(&self, ctx: &Ctx) {
        let error = CompanionError::NotRunning;
        self.live.end("error", &Broken::of(&error, ctx, Some(self.id), true));
    }

    async fn end_well(self, companion: &Companion, ctx: &Ctx, work: &Work, finish: Finish) {
        match self.store(companion, ctx, work, State::Done).await {
            // Somebody else ended it: what is stored is not this.
            Ok(false) => self.end_gone(ctx),
            Ok(true) => {
                let done = Done { message_id: Some(self.id), finish: finish_name(finish) };
                self.live.end("done", &done);
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be stored");
                self.live.end("error", &Broken::of(&error, ctx, Some(self.id), true));
            }
        }
    }

    /// Stores the end, again and again for a while where the database does not answer; whether it
    /// had not ended before.
    async fn store(
        &self,
        companion: &Companion,
        ctx: &Ctx,
        work: &Work,
        state: State,
    ) -> Result<bool, CompanionError> {
        let ended = Ended { id: self.id, state, body: &self.body, held: self.held };
        for pause in STORE_AGAIN {
            match companion.settle(ctx, work, &ended).await {
                Ok(first) => return Ok(first),
                Err(error) if error.is_retryable() && !companion.0.hub.is_closing() => {
                    tracing::warn!(%error, "the end of an answer could not be stored yet");
                    sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
        companion.settle(ctx, work, &ended).await
    }
}

impl Companion {
    /// Whether the person still agrees to what goes on; only a refusal ends it.
    async fn still_allowed(&self, ctx: &Ctx, work: &Work, hears: bool) -> Result<(), Ending> {
        let (consents, subject) = (&self.0.consents, work.subject());
        let mut allowed = consents.authorize(ctx, Action::Write, subject).await;
        if hears && allowed.is_ok() {
            let for_models = ctx.clone().for_purpose(Purpose::AiInteraction);
            allowed = consents.authorize(&for_models, Action::Read, subject).await;
        }
        match allowed {
            Err(error) if error.is_refusal() => Err(Ending::Failed(error.into())),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn kept_every() -> Interval {
    let mut keep = interval(KEEP_EVERY);
    keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    keep.reset();
    keep
}

fn stopped(companion: &Companion) -> Ending {
    if companion.0.hub.is_closing() {
        Ending::Failed(CompanionError::Stopping)
    } else {
        Ending::Stopped
    }
}

const fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::Refusal => "refusal",
        Finish::ContentFilter => "content_filter",
        Finish::Paused => "paused",
        Finish::ContextFull => "context_full",
    }
}
