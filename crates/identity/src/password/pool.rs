//! Threads that hash. Each owns one buffer, which it keeps while there is work: fresh memory
//! costs nearly as much time as the hash itself. After each hash the buffer is wiped. A thread
//! without work gives its memory back and ends.

use argon2_rust::{Algorithm, Argon2, Hasher, Params, Version};
use kernel::{Clock, SystemClock, Timestamp};
use prometheus_client::{
    metrics::{counter::Counter, histogram::Histogram},
    registry::Registry,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a thread waits for work before it gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

/// There are too many waiting already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub(crate) struct Busy;

/// How long passwords wait for their turn, and how many are sent away.
#[derive(Clone)]
pub struct PoolMetrics {
    wait: Histogram,
    refused: Counter,
    hashed: Counter,
}

impl Default for PoolMetrics {
    fn default() -> Self {
        let wait = Histogram::new([0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
        Self { wait, refused: Counter::default(), hashed: Counter::default() }
    }
}

impl PoolMetrics {
    /// How many passwords were hashed.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.hashed.get()
    }

    /// Makes them part of what `/metrics` shows.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("password_hashes", "Passwords that were hashed", self.hashed.clone());
        registry.register(
            "password_hash_wait_seconds",
            "Time that passwords wait before they are hashed",
            self.wait.clone(),
        );
        registry.register(
            "password_hash_refused",
            "Passwords that were not hashed because too many waited",
            self.refused.clone(),
        );
    }
}

type Work = Box<dyn FnOnce(&mut Hasher) + Send>;

struct Waiting {
    work: Work,
    since: Timestamp,
    /// Whether the one who asked is still there.
    wanted: Box<dyn Fn() -> bool + Send>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Waiting>,
    threads: usize,
    idle: usize,
}

struct Shared {
    state: Mutex<State>,
    more: Condvar,
    metrics: PoolMetrics,
}

/// Up to so many threads, for up to so many who wait.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    permits: usize,
    queue: usize,
}

impl Pool {
    pub(crate) fn new(permits: usize, queue: usize) -> Self {
        let shared = Shared {
            state: Mutex::new(State::default()),
            more: Condvar::new(),
            metrics: PoolMetrics::default(),
        };
        Self { shared: Arc::new(shared), permits, queue }
    }

    pub(crate) fn metrics(&self) -> &PoolMetrics {
        &self.shared.metrics
    }

    /// Does the work on one of the threads. If the caller goes away first, it is not done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, result) = oneshot::channel();
        let answer = Arc::new(Mutex::new(Some(answer)));
        let asked = Arc::clone(&answer);
        let waiting = Waiting {
            work: Box::new(move |memory| {
                let value = work(memory);
                if let Some(answer) = lock(&answer).take() {
                    // Nobody may be there to hear it.
                    drop(answer.send(value));
                }
            }),
            since: SystemClock.now(),
            wanted: Box::new(move || lock(&asked).as_ref().is_some_and(|to| !to.is_closed())),
        };
        self.submit(waiting)?;
        result.await.map_err(|_| Busy)
    }

    fn submit(&self, waiting: Waiting) -> Result<(), Busy> {
        let mut state = lock(&self.shared.state);
        if state.queue.len() >= self.queue {
            state.queue.retain(|waiting| (waiting.wanted)());
        }
        if state.queue.len() >= self.queue {
            self.shared.metrics.refused.inc();
            return Err(Busy);
        }
        state.queue.push_back(waiting);
        if state.idle < state.queue.len() && state.threads < self.permits {
            let shared = Arc::clone(&self.shared);
            let started =
                thread::Builder::new().name("password".into()).spawn(move || work(&shared));
            match started {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    tracing::error!(%error, "no thread for hashing passwords");
                    state.queue.pop_back();
                    return Err(Busy);
                }
                Err(_) => {}
            }
        }
        self.shared.more.notify_one();
        Ok(())
    }
}

/// None yet: the first hash makes it.
pub(super) fn memory() -> Hasher {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default()).hasher()
}

/// The life of one thread.
fn work(shared: &Shared) {
    let mut memory = memory();
    while let Some(waiting) = next(shared) {
        if (waiting.wanted)() {
            let waited = SystemClock.now().since(waiting.since);
            shared.metrics.wait.observe(waited.as_secs_f64());
            shared.metrics.hashed.inc();
            (waiting.work)(&mut memory);
        }
    }
}

fn next(shared: &Shared) -> Option<Waiting> {
    let mut state = lock(&shared.state);
    loop {
        if let Some(waiting) = state.queue.pop_front() {
            return Some(waiting);
        }
        state.idle += 1;
        let (back, late) =
            shared.more.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
        state = back;
        state.idle -= 1;
        if late.timed_out() && state.queue.is_empty() {
            state.threads -= 1;
            return None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_sent_away_and_the_others_are_served() {
        let pool = Pool::new(1, 2);
        let (go, gate) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let first = pool.run(move |_| {
            begun.send(()).unwrap();
            gate.recv().unwrap();
            1
        });
        let rest = async {
            has_begun.await.unwrap();
            let waiting = async { tokio::join!(pool.run(|_| 2), pool.run(|_| 3)) };
            let late = async {
                let refused = pool.run(|_| 4).await;
                go.send(()).unwrap();
                refused
            };
            tokio::join!(biased; waiting, late)
        };
        let (first, (served, refused)) = tokio::join!(first, rest);
        assert_eq!(first, Ok(1));
        assert_eq!(served, (Ok(2), Ok(3)));
        assert_eq!(refused, Err(Busy));
        assert_eq!(pool.metrics().refused.get(), 1);
    }

    #[tokio::test]
    async fn the_buffer_is_used_again() {
        let pool = Pool::new(1, 8);
        pool.run(|memory| memory.reserve().unwrap()).await.unwrap();
        assert!(pool.run(|memory| memory.reserved_blocks()).await.unwrap() > 0);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_makes_room() {
        let pool = Pool::new(1, 1);
        let (go, gate) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let first = pool.run(move |_| {
            begun.send(()).unwrap();
            gate.recv().unwrap();
        });
        let rest = async {
            has_begun.await.unwrap();
            {
                let given_up = std::pin::pin!(pool.run(|_| panic!("nobody wants this")));
                let ready = std::future::ready(());
                tokio::select! { biased; _ = given_up => unreachable!(), () = ready => {} }
            }
            let next = pool.run(|_| 7);
            let open = async { go.send(()).unwrap() };
            tokio::join!(next, open).0
        };
        assert_eq!(tokio::join!(first, rest).1, Ok(7));
    }
}
