//! Streams and sockets that end with the log-in they were opened by.
//!
//! A request is checked when it comes; a stream lives on. Whoever holds one open selects on
//! [`Watch::ended`] beside their own work. Every process asks the database a few times a second
//! whose log-ins ended a moment ago, as long as it holds a stream at all, and looks the log-ins of
//! those people up; now and then it looks all of them up, so that ones that expire end too. While
//! the database cannot be asked nothing is known, and after five seconds every stream ends.

use crate::store;
use db::{Db, DbError};
use kernel::{SessionId, Subject, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};

/// How often it is asked whose log-ins ended.
const ASK_EVERY: Duration = Duration::from_millis(300);
/// How often all log-ins are looked up.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// What ended this long ago was heard of: longer than any transaction lasts, and than clocks of
/// processes may differ.
const WINDOW: Duration = Duration::from_mins(1);
/// How long the database may be silent.
const SILENCE: Duration = Duration::from_secs(5);

struct Held {
    subject: Subject,
    session: SessionId,
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct Streams {
    next: u64,
    held: HashMap<u64, Held>,
}

/// All streams of this process.
#[derive(Clone, Default)]
pub(crate) struct Revocations(Arc<Inner>);

#[derive(Default)]
struct Inner {
    streams: Mutex<Streams>,
    begun: Notify,
}

/// Tells when the log-in of one stream has ended. The stream is forgotten when this is dropped.
pub struct Watch {
    place: u64,
    ended: watch::Receiver<bool>,
    all: Revocations,
}

impl Watch {
    /// Ready once the log-in has ended, whoever ended it, in whatever process.
    pub async fn ended(&mut self) {
        // A sender that is gone means the same.
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.all.lock().held.remove(&self.place);
    }
}

impl Revocations {
    pub(crate) fn watch(&self, subject: Subject, session: SessionId) -> Watch {
        let (sender, ended) = watch::channel(false);
        let mut streams = self.lock();
        let place = streams.next;
        streams.next += 1;
        streams.held.insert(place, Held { subject, session, ended: sender });
        drop(streams);
        self.0.begun.notify_one();
        Watch { place, ended, all: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.0.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_ins(&self) -> HashSet<(Subject, SessionId)> {
        self.lock().held.values().map(|held| (held.subject, held.session)).collect()
    }

    fn end(&self, ended: impl Fn(Subject, SessionId) -> bool) {
        for held in self.lock().held.values() {
            if ended(held.subject, held.session) {
                held.ended.send_replace(true);
            }
        }
    }

    /// Goes on until `stop` is ready.
    pub(crate) async fn keep(&self, db: &Db, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut heard = Instant::now();
        let mut looked = Instant::now();
        loop {
            let idle = self.lock().held.is_empty();
            let pause = async {
                if idle {
                    self.0.begun.notified().await;
                } else {
                    sleep(ASK_EVERY).await;
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = pause => {}
            }
            if idle {
                heard = Instant::now();
            }
            let all = looked.elapsed() >= LOOK_EVERY;
            match self.ask(db, all).await {
                Ok(()) => {
                    heard = Instant::now();
                    if all {
                        looked = heard;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "whose log-ins ended cannot be asked");
                    if heard.elapsed() >= SILENCE {
                        self.end(|_, _| true);
                    }
                }
            }
        }
    }

    /// Ends the streams whose log-in has ended: of people of whom it was told, or of all.
    async fn ask(&self, db: &Db, all: bool) -> Result<(), DbError> {
        let now: Timestamp = db.env().now();
        let told = store::revoked_since(db, now.minus(WINDOW)).await?;
        let told: HashSet<Subject> = told
            .into_iter()
            .map(|row| Subject::new(row.tenant_id.into(), row.user_id.into()))
            .collect();
        for (subject, session) in self.log_ins() {
            let asked = all || told.contains(&subject);
            if asked && !store::is_alive(db, subject, session, now).await? {
                self.end(|whose, which| whose == subject && which == session);
            }
        }
        Ok(())
    }
}
