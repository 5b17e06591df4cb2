//! Reading along an answer, here or where another process writes it, and stopping it.

use super::{
    ANSWER_FOLLOWED, ANSWER_STOPPED, Companion, Opened, Work,
    ask::HELP_WAITS,
    events::{Broken, Done, Stopped},
};
use crate::{
    envelope,
    error::CompanionError,
    live::frame,
    model::{Body, Message, MessageId, State},
    store,
};
use bytes::Bytes;
use consent::Action;
use futures_util::{StreamExt, stream, stream::BoxStream};
use kernel::{Coded, Ctx};
use serde::Serialize;
use std::time::Duration;
use tokio::time::sleep;

/// How often somebody who reads along an answer that another process writes looks for more.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A whole text for whoever comes late.
#[derive(Serialize)]
struct Whole<'a> {
    text: &'a str,
    reasoning: &'a str,
}

impl Companion {
    /// Stops an answer of the caller; whether it was being written.
    pub async fn stop(&self, ctx: &Ctx, id: MessageId) -> Result<bool, CompanionError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let here = self.0.hub.get(work.subject(), id);
        let running = match here {
            Some(live) => {
                live.stop();
                true
            }
            // Another process may write it, and looks now and then.
            None => store::want_stop(&self.0.db, &work.access, id).await?,
        };
        if !running && store::get_message(&self.0.db, &work.access, id).await?.is_none() {
            return Err(CompanionError::NoMessage);
        }
        let event = work.event_on(&ANSWER_STOPPED, id);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(running)
    }

    /// Reads along an answer of the caller after this event, to its end.
    pub async fn follow(
        &self,
        ctx: &Ctx,
        id: MessageId,
        after: u64,
    ) -> Result<BoxStream<'static, Bytes>, CompanionError> {
        let work = self.begin(ctx, Action::Read).await?;
        let event = work.event_on(&ANSWER_FOLLOWED, id);
        if let Some(live) = self.0.hub.get(work.subject(), id) {
            self.0.ledger.record_now(ctx, &work.keys, &event).await?;
            return Ok(live.follow(after).boxed());
        }
        let row = store::get_message(&self.0.db, &work.access, id).await?;
        row.ok_or(CompanionError::NoMessage)?;
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        let state = (self.clone(), ctx.clone(), work, Some(String::new()));
        let looked = stream::unfold(state, move |(companion, ctx, work, known)| async move {
            let known = known?;
            let (bytes, known) = companion.look(&ctx, &work, id, known).await;
            Some((bytes, (companion, ctx, work, known)))
        });
        Ok(looked.boxed())
    }

    /// Waits until there is more of an answer that is not written here; answers it, and what is
    /// known then, unless that was the end.
    async fn look(
        &self,
        ctx: &Ctx,
        work: &Work,
        id: MessageId,
        known: String,
    ) -> (Bytes, Option<String>) {
        loop {
            match self.message(ctx, work, id).await {
                Ok(message) if message.state == State::Running => {
                    // EXPOSE: goes to the person it was written for.
                    let text = message.body.text.expose();
                    if *text == known {
                        sleep(LOOK_EVERY).await;
                        continue;
                    }
                    return (whole(&message.body), Some(text.clone()));
                }
                Ok(message) => {
                    let end = last_event(ctx, &message);
                    return ([whole(&message.body), end].concat().into(), None);
                }
                Err(error) => {
                    let broken = Broken::of(&error, ctx, Some(id), true);
                    return (frame(None, "error", &broken), None);
                }
            }
        }
    }

    async fn message(
        &self,
        ctx: &Ctx,
        work: &Work,
        id: MessageId,
    ) -> Result<Message, CompanionError> {
        let row = store::get_message(&self.0.db, &work.access, id).await?;
        let row = row.ok_or(CompanionError::NoMessage)?;
        let abandoned = row.lease_until.is_some_and(|until| until < ctx.now());
        if row.is_running() && abandoned && self.end_abandoned(ctx, work, id).await? {
            let row = store::get_message(&self.0.db, &work.access, id).await?;
            return envelope::open_message(&work.keyring, &row.ok_or(CompanionError::NoMessage)?);
        }
        envelope::open_message(&work.keyring, &row)
    }

    /// The caller's message once it has ended, as a whole.
    pub async fn answer_when_ended(
        &self,
        ctx: &Ctx,
        opened: &Opened,
    ) -> Result<Option<Message>, CompanionError> {
        opened.live.ended().await;
        let read = self.ended_answer(ctx, opened);
        if opened.help.as_ref().is_none_or(|help| !help.alert) {
            return read.await;
        }
        // Help is there already: it neither waits nor fails.
        let in_time = tokio::time::timeout(HELP_WAITS, read).await;
        Ok(in_time.ok().and_then(Result::ok).flatten())
    }

    async fn ended_answer(
        &self,
        ctx: &Ctx,
        opened: &Opened,
    ) -> Result<Option<Message>, CompanionError> {
        let Some(id) = opened.answer else { return Ok(None) };
        let work = self.begin(ctx, Action::Read).await?;
        let event = work.event_on(&ANSWER_FOLLOWED, id);
        let message = self.message(ctx, &work, id).await?;
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(Some(message))
    }
}

fn whole(body: &Body) -> Bytes {
    // EXPOSE: goes to the person it was written for.
    let (text, reasoning) = (body.text.expose(), body.reasoning.expose());
    frame(None, "snapshot", &Whole { text, reasoning })
}

fn last_event(ctx: &Ctx, message: &Message) -> Bytes {
    let message_id = Some(message.id);
    match (message.state, &message.body.failure) {
        (State::Stopped, _) => {
            frame(None, "cancelled", &Stopped { message_id: message.id, partial: true })
        }
        (_, Some(failure)) => {
            let broken = Broken {
                message_id,
                code: &failure.code,
                message: CompanionError::NotRunning.code().message,
                request_id: ctx.request_id.to_string(),
                retryable: failure.retryable,
                partial: true,
            };
            frame(None, "error", &broken)
        }
        _ => frame(None, "done", &Done { message_id, finish: "stop" }),
    }
}
