//! Reading along an answer, here or where another process writes it, and stopping it.

use super::{
    ANSWER_FOLLOWED, ANSWER_STOPPED, Companion, Help, Opened, ToolShown, Used, Work,
    ask::HELP_WAITS,
    events::{Broken, Done, Meta, Stopped},
};
use crate::{
    envelope,
    error::CompanionError,
    live::frame,
    model::{Body, ConversationId, Message, MessageId, State, ToolState},
    store,
};
use bytes::{Bytes, BytesMut};
use consent::Action;
use futures_util::{StreamExt, stream, stream::BoxStream};
use kernel::Ctx;
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
    tools: Vec<ToolShown>,
}

/// What somebody knows by now of an answer that is not written here: how long it is, how far its
/// tools have come, and whether help was shown.
#[derive(PartialEq, Eq)]
struct Known {
    bytes: usize,
    tools: Vec<ToolState>,
    help: bool,
}

impl Known {
    fn of(body: &Body) -> Self {
        Self {
            // EXPOSE: only measured.
            bytes: body.text.expose().len(),
            tools: body.tools.iter().map(|used| used.state).collect(),
            help: Help::kept(body).is_some(),
        }
    }
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
        let place = (row.ok_or(CompanionError::NoMessage)?.conversation, id);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        let state = (self.clone(), ctx.clone(), work, Some(None));
        let looked = stream::unfold(state, move |(companion, ctx, work, known)| async move {
            let known = known?;
            let (bytes, known) = companion.look(&ctx, &work, place, known).await;
            Some((bytes, (companion, ctx, work, known.map(Some))))
        });
        Ok(looked.boxed())
    }

    /// Waits until there is more of an answer that is not written here; answers it, and what is
    /// known then, unless that was the end. Whoever knows nothing yet is told all that was shown
    /// while it was written.
    async fn look(
        &self,
        ctx: &Ctx,
        work: &Work,
        (conversation, id): (ConversationId, MessageId),
        known: Option<Known>,
    ) -> (Bytes, Option<Known>) {
        loop {
            match self.message(ctx, work, id).await {
                Ok(message) => {
                    let runs = message.state == State::Running;
                    let now = Known::of(&message.body);
                    if runs && known.as_ref() == Some(&now) {
                        sleep(LOOK_EVERY).await;
                        continue;
                    }
                    let mut bytes = BytesMut::new();
                    if known.is_none() {
                        tell_beginning(&mut bytes, conversation, &message);
                    }
                    let help = Help::kept(&message.body);
                    if let Some(help) = help.filter(|_| known.is_none_or(|known| !known.help)) {
                        bytes.extend_from_slice(&frame(None, "safety", &help));
                    }
                    bytes.extend_from_slice(&whole(&message.body));
                    if runs {
                        return (bytes.freeze(), Some(now));
                    }
                    tell_end(&mut bytes, ctx, &message);
                    return (bytes.freeze(), None);
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
    let tools = body.tools.iter().map(ToolShown::from).collect();
    frame(None, "snapshot", &Whole { text, reasoning, tools })
}

/// What stood before the words.
fn tell_beginning(bytes: &mut BytesMut, conversation: ConversationId, message: &Message) {
    bytes.extend_from_slice(&frame(None, "meta", &Meta::of_stored(conversation, message)));
    if let Some(notice) = &message.body.notice {
        bytes.extend_from_slice(&frame(None, "notice", notice));
    }
}

/// What stood after them.
fn tell_end(bytes: &mut BytesMut, ctx: &Ctx, message: &Message) {
    if let Some(tally) = message.body.tally {
        bytes.extend_from_slice(&frame(None, "usage", &Used::from(tally)));
    }
    let end = match (message.state, &message.body.failure) {
        (State::Stopped, _) => {
            frame(None, "cancelled", &Stopped { message_id: message.id, partial: true })
        }
        (_, Some(failure)) => frame(None, "error", &Broken::of_stored(ctx, message.id, failure)),
        _ => {
            let finish = message.body.finish.as_deref().unwrap_or("stop");
            frame(None, "done", &Done { message_id: Some(message.id), finish })
        }
    };
    bytes.extend_from_slice(&end);
}
