//! An answer as it is passed on to a program, piece by piece.

use super::{Companion, Head, Ready, charge::Charge};
use crate::{error::CompanionError, model::KeyId};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use identity::Watch;
use kernel::{Ctx, Phi};
use llm::{Answer, EventStream, Finish, LlmError, Meter, StreamEvent};
use std::{collections::VecDeque, pin::Pin, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// How often it is looked whether whoever asks may still read on, and the time is not over.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The pieces of an answer. It ends with one `Finish` or one error. Dropping it ends the question
/// to the model, and settles what came until then.
pub(crate) type Pieces =
    Pin<Box<dyn Stream<Item = Result<StreamEvent, CompanionError>> + Send + 'static>>;

/// A whole answer as pieces.
pub(super) fn whole(answer: Answer) -> Pieces {
    Box::pin(answer.into_stream().map(|piece| piece.map_err(CompanionError::from)))
}

struct Relay {
    companion: Companion,
    ctx: Ctx,
    charge: Charge,
    stream: EventStream,
    ready: VecDeque<StreamEvent>,
    right: Right,
    look: Interval,
    deadline: Instant,
    counted: bool,
}

/// What whoever asks has to go on having.
enum Right {
    Key(KeyId),
    LogIn(Watch),
}

impl Companion {
    pub(super) async fn relay(
        &self,
        ctx: &Ctx,
        ready: Ready,
    ) -> Result<(Head, Pieces), CompanionError> {
        let Ready { mut charge, wish, request, mut head, first, .. } = ready;
        let right = match charge.key() {
            Some(key) => Right::Key(key),
            None => Right::LogIn(self.watch(ctx)?),
        };
        charge.begun(Meter::new(&request));
        let asked = tokio::select! {
            biased;
            () = self.0.hub.closed() => Err(CompanionError::Stopping),
            asked = self.gateway().stream(&request, &wish) => asked.map_err(Into::into),
        };
        let started = match asked {
            Ok(started) => started,
            Err(error) => return Err(charge.failed(error).await),
        };
        charge.by(&started.model);
        head.model = started.model.id.to_string();
        let most = Duration::from_secs(u64::from(self.0.config.answer_seconds));
        let first = first.map(|text| {
            // EXPOSE: put together as Phi again.
            StreamEvent::Delta(Phi::new(format!("{}\n\n", text.expose())))
        });
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        let relay = Relay {
            companion: self.clone(),
            ctx: ctx.clone(),
            charge,
            stream: started.stream,
            ready: first.into_iter().collect(),
            right,
            look,
            deadline: Instant::now() + most,
            counted: false,
        };
        let pieces = stream::unfold(Some(Box::new(relay)), async |relay| {
            let mut relay = relay?;
            match relay.next().await {
                Ok(event) => {
                    let ended = matches!(event, StreamEvent::Finish(_));
                    Some((Ok(event), (!ended).then_some(relay)))
                }
                Err(error) => Some((Err(relay.charge.failed(error).await), None)),
            }
        });
        Ok((head, Box::pin(pieces)))
    }
}

impl Relay {
    async fn next(&mut self) -> Result<StreamEvent, CompanionError> {
        if let Some(event) = self.ready.pop_front() {
            return Ok(event);
        }
        let event = loop {
            // One timer that stays, and not one for each piece.
            tokio::select! {
                biased;
                _ = self.look.tick() => self.look().await?,
                event = self.stream.next() => break event.unwrap_or(Err(LlmError::Truncated))?,
            }
        };
        self.charge.see(&event);
        match event {
            StreamEvent::Usage(_) => self.counted = true,
            StreamEvent::Finish(finish) => return self.finish(finish).await,
            _ => {}
        }
        Ok(event)
    }

    async fn look(&mut self) -> Result<(), CompanionError> {
        if self.companion.0.hub.is_closing() {
            return Err(CompanionError::Stopping);
        }
        if Instant::now() >= self.deadline {
            return Err(CompanionError::TooLong);
        }
        self.right.lost(&self.companion, &self.ctx).await.map_or(Ok(()), Err)
    }

    /// Settles first, so that no answer ends well that was not counted.
    async fn finish(&mut self, finish: Finish) -> Result<StreamEvent, CompanionError> {
        let usage = self.charge.usage();
        self.charge.settle().await?;
        let end = StreamEvent::Finish(finish);
        if self.counted {
            return Ok(end);
        }
        self.ready.push_back(end);
        Ok(StreamEvent::Usage(usage))
    }
}

impl Right {
    /// Whether whoever asks may not read on, and why.
    async fn lost(&mut self, companion: &Companion, ctx: &Ctx) -> Option<CompanionError> {
        match self {
            Self::LogIn(watch) => watch.ended().now_or_never().map(|()| CompanionError::Ended),
            Self::Key(key) => {
                let Ok(subject) = ctx.own_subject() else { return Some(CompanionError::Ended) };
                match companion.known_key(ctx.now(), subject, *key).await {
                    Ok(None) => Some(CompanionError::Ended),
                    // A database that does not answer now ends nothing: it is asked again.
                    Ok(Some(_)) | Err(_) => None,
                }
            }
        }
    }
}
