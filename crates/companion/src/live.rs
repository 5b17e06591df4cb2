//! Answers that are being written in this process, and those who read along.
//!
//! Whoever writes does not wait for readers, and goes on when the last one leaves. What was said
//! is kept as it goes over the wire, up to a bound; a reader who comes back after more than that
//! gets the text as it is by then and reads on from there.

mod frame;
mod slots;

pub(crate) use frame::frame;
pub(crate) use slots::{Slot, Slots};

use crate::{
    error::CompanionError,
    model::{Decided, Decision, MessageId, Safety, Shown},
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use kernel::{Phi, Subject};
use serde::Serialize;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How many bytes of events are kept for readers who come back.
const KEPT_BYTES: usize = 128 * 1024;
/// How much is sent at once to a reader who is behind.
const SENT_BYTES: usize = 32 * 1024;

/// All answers that are being written in this process. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<HubInner>);

#[derive(Default)]
struct HubInner {
    live: Mutex<HashMap<MessageId, Arc<Live>>>,
    closing: CancellationToken,
}

/// One answer while it is written.
pub(crate) struct Live {
    whose: Subject,
    stop: CancellationToken,
    events: Mutex<Events>,
    told: watch::Sender<u64>,
    decided: watch::Sender<Option<Decided>>,
}

#[derive(Default)]
struct Events {
    /// The number of the next event; the first is 1.
    next: u64,
    kept: VecDeque<Bytes>,
    kept_bytes: usize,
    /// Events that nobody may miss: they come before a text that is caught up with.
    pinned: BytesMut,
    text: Phi<String>,
    reasoning: Phi<String>,
    /// What was seen while the answer was written.
    raised: Option<(Safety, Option<Shown>)>,
    ended: bool,
}

/// The text as it is by now.
#[derive(Serialize)]
struct Snapshot<'a> {
    text: &'a str,
    reasoning: &'a str,
}

#[derive(Serialize)]
struct More<'a> {
    text: &'a str,
}

/// Where readers find an answer. Dropped with whoever writes it, however that ends; readers keep what
/// they hold.
pub(crate) struct Place {
    hub: Hub,
    id: MessageId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.id);
    }
}

impl Hub {
    /// Begins an answer; refused where this person has too many at once, or the program stops.
    pub(crate) fn begin(
        &self,
        whose: Subject,
        id: MessageId,
        most: usize,
    ) -> Result<(Arc<Live>, Place), CompanionError> {
        if self.0.closing.is_cancelled() {
            return Err(CompanionError::Stopping);
        }
        let mut all = self.lock();
        if all.values().filter(|live| live.whose == whose).count() >= most {
            return Err(CompanionError::Pace(std::time::Duration::from_secs(5)));
        }
        let live = Arc::new(Live::new(whose, self.0.closing.child_token()));
        all.insert(id, live.clone());
        Ok((live, Place { hub: self.clone(), id }))
    }

    /// This person's answer, if it is being written here.
    pub(crate) fn get(&self, whose: Subject, id: MessageId) -> Option<Arc<Live>> {
        self.lock().get(&id).filter(|live| live.whose == whose).cloned()
    }

    /// Ends all answers, and begins no more.
    pub(crate) fn close(&self) {
        self.0.closing.cancel();
    }

    /// Whether the program stops.
    pub(crate) fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// Ready when the program stops.
    pub(crate) async fn closed(&self) {
        self.0.closing.cancelled().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, Arc<Live>>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    pub(crate) fn new(whose: Subject, stop: CancellationToken) -> Self {
        let events = Mutex::new(Events { next: 1, ..Events::default() });
        let (told, decided) = (watch::Sender::new(0), watch::Sender::new(None));
        Self { whose, stop, events, told, decided }
    }

    /// Asks whoever writes to stop.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Ready when somebody asked to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// The person said something to a tool that waits.
    pub(crate) fn decide(&self, decided: Decided) {
        self.decided.send_if_modified(|last| last.replace(decided) != Some(decided));
    }

    /// What the person says to the use of a tool with this number, once they say it.
    pub(crate) async fn decision(&self, number: u16) -> Decision {
        let mut decided = self.decided.subscribe();
        let of_it = |last: &Option<Decided>| last.is_some_and(|last| last.number == number);
        match decided.wait_for(of_it).await.map(|last| last.map(|last| last.decision)) {
            Ok(Some(decision)) => decision,
            // Who could say something lives as long as this does.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Whether danger was seen while the answer is written.
    pub(crate) fn is_raised(&self) -> bool {
        self.lock().raised.is_some()
    }

    /// Something happened that every reader must know, whenever they come.
    pub(crate) fn pin(&self, name: &'static str, data: &impl Serialize) {
        let mut events = self.lock();
        let event = frame(Some(events.next), name, data);
        events.pinned.extend_from_slice(&event);
        self.keep(events, event);
    }

    /// The same, unless the last event was said: nothing comes after that. Whether it was said.
    pub(crate) fn pin_while_open(&self, name: &'static str, data: &impl Serialize) -> bool {
        let mut events = self.lock();
        if events.ended {
            return false;
        }
        let event = frame(Some(events.next), name, data);
        events.pinned.extend_from_slice(&event);
        self.keep(events, event);
        true
    }

    /// Danger was seen while the answer is written.
    pub(crate) fn raise(&self, safety: Safety, shown: Option<Shown>) {
        self.lock().raised = Some((safety, shown));
    }

    /// What was seen while the answer was written, to be kept with it.
    pub(crate) fn raised(&self) -> Option<(Safety, Option<Shown>)> {
        self.lock().raised.take()
    }

    /// Something happened.
    pub(crate) fn say(&self, name: &'static str, data: &impl Serialize) {
        let events = self.lock();
        let event = frame(Some(events.next), name, data);
        self.keep(events, event);
    }

    /// More words.
    pub(crate) fn delta(&self, more: &str) {
        let mut events = self.lock();
        // EXPOSE: put together for readers who come later, as Phi again.
        events.text.expose_mut().push_str(more);
        let event = frame(Some(events.next), "delta", &More { text: more });
        self.keep(events, event);
    }

    /// More thoughts.
    pub(crate) fn reasoning(&self, more: &str) {
        let mut events = self.lock();
        // EXPOSE: put together for readers who come later, as Phi again.
        events.reasoning.expose_mut().push_str(more);
        let event = frame(Some(events.next), "reasoning", &More { text: more });
        self.keep(events, event);
    }

    /// The last event.
    pub(crate) fn end(&self, name: &'static str, data: &impl Serialize) {
        let mut events = self.lock();
        let event = frame(Some(events.next), name, data);
        events.ended = true;
        self.keep(events, event);
    }

    fn keep(&self, mut events: MutexGuard<'_, Events>, event: Bytes) {
        events.kept_bytes += event.len();
        events.kept.push_back(event);
        events.next += 1;
        while events.kept_bytes > KEPT_BYTES && events.kept.len() > 1 {
            let oldest = events.kept.pop_front().map_or(0, |oldest| oldest.len());
            events.kept_bytes -= oldest;
        }
        let next = events.next;
        drop(events);
        self.told.send_replace(next);
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events after this number, as they come, to the last one.
    pub(crate) fn follow(self: Arc<Self>, after: u64) -> impl Stream<Item = Bytes> + Send {
        let told = self.told.subscribe();
        stream::unfold((self, after + 1, told), async |(live, wanted, mut told)| {
            loop {
                told.mark_unchanged();
                let reading = live.lock().from(wanted);
                match reading {
                    Reading::Here(bytes, next) => return Some((bytes, (live, next, told))),
                    Reading::Over => return None,
                    Reading::NotYet => told.changed().await.ok()?,
                }
            }
        })
    }

    /// Waits until the answer has ended.
    pub(crate) async fn ended(&self) {
        let mut told = self.told.subscribe();
        while !self.lock().ended {
            if told.changed().await.is_err() {
                return;
            }
        }
    }
}

enum Reading {
    Here(Bytes, u64),
    NotYet,
    Over,
}

impl Events {
    fn from(&self, wanted: u64) -> Reading {
        let first = self.next - self.kept.len() as u64;
        if wanted >= self.next {
            return if self.ended { Reading::Over } else { Reading::NotYet };
        }
        if wanted < first {
            return self.catch_up();
        }
        let skip = usize::try_from(wanted - first).unwrap_or(usize::MAX);
        let mut rest = self.kept.iter().skip(skip);
        let Some(one) = rest.next() else { return Reading::NotYet };
        if wanted + 1 == self.next {
            return Reading::Here(one.clone(), self.next);
        }
        let (mut bytes, mut next) = (BytesMut::from(one.as_ref()), wanted + 1);
        for more in rest {
            if bytes.len() + more.len() > SENT_BYTES {
                break;
            }
            bytes.extend_from_slice(more);
            next += 1;
        }
        Reading::Here(bytes.freeze(), next)
    }

    /// For a reader who missed what is not kept any more: the whole text up to the newest event,
    /// or up to the one before an end, which is never swallowed.
    fn catch_up(&self) -> Reading {
        let up_to = if self.ended { self.next - 1 } else { self.next };
        // EXPOSE: goes to the person it was written for.
        let (text, reasoning) = (self.text.expose(), self.reasoning.expose());
        let mut bytes = self.pinned.clone();
        bytes.extend_from_slice(&frame(Some(up_to - 1), "snapshot", &Snapshot { text, reasoning }));
        Reading::Here(bytes.freeze(), up_to)
    }
}

#[cfg(test)]
mod tests;
