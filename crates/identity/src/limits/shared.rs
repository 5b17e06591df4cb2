//! Counters as rows, for processes that share a database.

use super::{Attempt, Attempts, Lane, MemoryAttempts, memory::worse, window::Window};
use async_trait::async_trait;
use db::{Db, DbError, Tx, TxSpec, params, row, run_tx, statements};
use kernel::Timestamp;
use std::time::Duration;

statements! { "identity.attempts";
    /// Takes the row, so that whoever else tries in the same lane comes after, and reads it.
    TAKE = "INSERT INTO login_attempts (lane, failures, forget_at) VALUES ($1, $2, $3)
        ON CONFLICT (lane) DO UPDATE SET forget_at = login_attempts.forget_at
        RETURNING failures";
    PUT = "UPDATE login_attempts SET failures = $2, forget_at = $3 WHERE lane = $1";
    /// Over all people, whose names the rows do not hold.
    FORGET = "DELETE FROM login_attempts WHERE forget_at < $1";
}

row! {
    struct LaneRow {
        failures: Vec<u8>,
    }
}

/// Counts in the database, and in this process for the time when that cannot be reached.
pub struct SharedAttempts {
    db: Db,
    own: MemoryAttempts,
}

impl SharedAttempts {
    /// In this database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, own: MemoryAttempts::default() }
    }

    async fn begin_shared(
        &self,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Result<Duration, Duration>, DbError> {
        run_tx!(self.db, TxSpec::queue("identity.begin_attempt"), |tx| {
            let mut windows = Vec::new();
            let mut verdict = Ok(Duration::ZERO);
            for lane in &attempt.lanes {
                let mut window = take(tx, lane, now).await?;
                verdict = worse(verdict, window.admit(lane.rule, now));
                windows.push((lane, window));
            }
            if verdict.is_ok() {
                for (lane, mut window) in windows {
                    window.count(now);
                    put(tx, lane, &window, now);
                }
            }
            Ok::<_, DbError>(verdict)
        })
    }

    async fn change(
        &self,
        attempt: &Attempt,
        now: Timestamp,
        change: impl Fn(&mut Window, &Lane) + Send + Sync,
    ) {
        let changed = run_tx!(self.db, TxSpec::queue("identity.end_attempt"), |tx| {
            for lane in &attempt.lanes {
                let mut window = take(tx, lane, now).await?;
                change(&mut window, lane);
                put(tx, lane, &window, now);
            }
            Ok::<_, DbError>(())
        });
        if let Err(error) = changed {
            // Then the try counts as a failure, which is the safe side.
            tracing::warn!(%error, "the end of an attempt could not be shared");
        }
    }
}

async fn take(tx: &mut Tx, lane: &Lane, now: Timestamp) -> Result<Window, DbError> {
    let forget_at = now.plus(lane.rule.memory());
    let row: LaneRow = tx.one(&TAKE, params![lane.key, Vec::<u8>::new(), forget_at]).await?;
    Ok(Window::from_bytes(&row.failures))
}

fn put(tx: &mut Tx, lane: &Lane, window: &Window, now: Timestamp) {
    tx.defer(&PUT, params![lane.key, window.to_bytes(), now.plus(lane.rule.memory())]);
}

/// Removes counters that no longer matter; answers how many.
pub(crate) async fn forget_attempts(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    db.exec(&FORGET, params![now]).await
}

#[async_trait]
impl Attempts for SharedAttempts {
    async fn begin(&self, attempt: &Attempt, now: Timestamp) -> Result<Duration, Duration> {
        match self.begin_shared(attempt, now).await {
            Ok(Ok(wait)) => {
                self.own.count(attempt, now);
                Ok(wait)
            }
            Ok(Err(wait)) => Err(wait),
            Err(error) => {
                tracing::warn!(%error, "attempts are counted in this process only");
                let halved = attempt.lanes.iter();
                let halved = halved.map(|lane| Lane { rule: lane.rule.halved(), ..*lane });
                let verdict = self.own.judge(halved, now);
                if verdict.is_ok() {
                    self.own.count(attempt, now);
                }
                verdict
            }
        }
    }

    async fn succeeded(&self, attempt: &Attempt, now: Timestamp) {
        self.own.succeeded(attempt, now).await;
        self.change(attempt, now, |window, lane| window.succeeded(lane.rule)).await;
    }

    async fn withdraw(&self, attempt: &Attempt, now: Timestamp) {
        self.own.withdraw(attempt, now).await;
        self.change(attempt, now, |window, _| window.uncount()).await;
    }
}
