//! Jobs that last, jobs that panic, and workers that die.

use super::*;
use crate::{MIGRATIONS, MigrationSet, Statement, db_test, params, run_tx, testing::TestDb};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

static PLAN: Statement = Statement::declare(
    "db.worker.tests.PLAN",
    "INSERT INTO schedules (name, next_at) VALUES ('test', 0)",
);
static DELAY: Statement = Statement::declare(
    "db.worker.tests.DELAY",
    "UPDATE schedules SET next_at = next_at + 1 WHERE name = 'test'",
);
static GIVE_AWAY: Statement = Statement::declare(
    "db.worker.tests.GIVE_AWAY",
    "UPDATE jobs SET lease_by = $1, run_at = $2 WHERE id <> $3",
);

fn schema() -> MigrationSet {
    MigrationSet::new(&[MIGRATIONS])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Many statements in one transaction.
    Lasts,
    /// What a fault of ours would do.
    Panics,
    /// Gives all other jobs to another worker.
    GivesAway,
    /// The first of them never ends.
    Hangs,
}

struct Test {
    db: Db,
    does: Does,
    runs: AtomicUsize,
    ran: Notify,
    ended: Notify,
}

#[async_trait]
impl JobHandler for Test {
    fn kind(&self) -> &'static str {
        "test.v1"
    }

    async fn run(&self, _: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let before = self.runs.fetch_add(1, Ordering::SeqCst);
        self.ran.notify_one();
        if self.does == Does::Hangs && before == 0 {
            std::future::pending::<()>().await;
        }
        assert!(self.does != Does::Panics, "as it was told");
        if self.does == Does::GivesAway {
            let other = Uuid::from_u128(1);
            self.db.exec(&GIVE_AWAY, params![other, i64::MAX, job.id]).await?;
        }
        run_tx!(self.db, "test.last", |tx| {
            lease.finish(tx).await?;
            tx.exec(&PLAN, params![]).await?;
            for _ in 0..500 {
                tx.exec(&DELAY, params![]).await?;
            }
            Ok::<_, JobError>(())
        })?;
        self.ended.notify_one();
        Ok(())
    }
}

/// Ready when that many jobs were begun.
async fn until_ran(handler: &Test, jobs: usize) {
    while handler.runs.load(Ordering::SeqCst) < jobs {
        handler.ran.notified().await;
    }
}

/// A worker that thinks of its leases all the time, and so many jobs for it.
async fn worker(db: &TestDb, does: Does, jobs: usize) -> (Worker, Arc<Test>) {
    let handler = Arc::new(Test {
        db: db.db.clone(),
        does,
        runs: AtomicUsize::new(0),
        ran: Notify::new(),
        ended: Notify::new(),
    });
    for _ in 0..jobs {
        let now = db.env().now();
        run_tx!(db, "test.ask", |tx| jobs::enqueue(tx, db.env(), "test.v1", &(), now)).unwrap();
    }
    let mut worker = Worker::new(db.db.clone(), vec![handler.clone()]);
    Arc::get_mut(&mut worker.hands).unwrap().extend_after = Duration::from_millis(1);
    (worker, handler)
}

db_test!(a_lease_is_extended_while_the_job_is_in_a_long_transaction, schema(), |db| {
    let (worker, handler) = worker(db, Does::Lasts, 1).await;
    assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    assert_eq!(handler.runs.load(Ordering::SeqCst), 1);
    assert!(jobs::counts(db).await.unwrap().is_empty());
});

db_test!(a_job_that_went_to_another_worker_meanwhile_is_not_begun, schema(), |db| {
    let (worker, handler) = worker(db, Does::GivesAway, 2).await;
    // Begun so often that they are not begun together.
    db.tamper("UPDATE jobs SET attempts = 5").await.unwrap();
    worker.run(until_ran(&handler, 1)).await;
    worker.run_until_idle().await.unwrap();
    assert_eq!(handler.runs.load(Ordering::SeqCst), 1);
    assert_eq!(jobs::counts(db).await.unwrap()[0].jobs, 1);
});

db_test!(a_job_that_panics_takes_no_worker_with_it, schema(), |db| {
    let (worker, handler) = worker(db, Does::Panics, 2).await;
    assert_eq!(worker.run_until_idle().await.unwrap(), 2);
    assert_eq!(handler.runs.load(Ordering::SeqCst), 2);
    assert_eq!(jobs::counts(db).await.unwrap()[0].jobs, 2);
});

db_test!(a_job_that_kills_every_worker_is_put_aside, schema(), |db| {
    let (worker, handler) = worker(db, Does::Lasts, 1).await;
    db.tamper("UPDATE jobs SET attempts = 12").await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(handler.runs.load(Ordering::SeqCst), 0);
    assert_eq!(jobs::dead(db, 1).await.unwrap()[0].last_error.as_deref(), Some("worker_died"));
});

db_test!(a_job_that_lasts_holds_up_no_other_and_not_the_end, schema(), |db| {
    let (mut worker, handler) = worker(db, Does::Hangs, 2).await;
    worker.grace = Duration::ZERO;
    // The second is begun although the first never ends, and neither does the worker wait for it.
    worker.run(handler.ended.notified()).await;
    assert_eq!(handler.runs.load(Ordering::SeqCst), 2);
    assert_eq!(jobs::counts(db).await.unwrap()[0].jobs, 1);
});

db_test!(a_job_that_kills_its_workers_takes_no_other_with_it, schema(), |db| {
    let (worker, handler) = worker(db, Does::Lasts, 3).await;
    // Four times a worker died in the middle of them.
    for _ in 0..=TOGETHER {
        jobs::claim(db, Uuid::from_u128(1), 3).await.unwrap();
        db.tamper("UPDATE jobs SET run_at = 0").await.unwrap();
    }
    let mut shift = Shift::default();
    assert_eq!(worker.begin(&mut shift, AT_ONCE).await.unwrap(), 1);
    assert_eq!((shift.running.len(), shift.alone.len()), (1, 2));
    assert_eq!(worker.begin(&mut shift, AT_ONCE).await.unwrap(), 0);
    shift.running.join_next().await.unwrap().unwrap();
    assert_eq!(worker.begin(&mut shift, AT_ONCE).await.unwrap(), 1);
    assert_eq!(handler.runs.load(Ordering::SeqCst), 1);
});

db_test!(a_job_of_a_newer_program_is_left_to_it, schema(), |db| {
    let (worker, handler) = worker(db, Does::Lasts, 1).await;
    db.tamper("UPDATE jobs SET kind = 'test.v2', attempts = 2").await.unwrap();
    assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    assert_eq!(handler.runs.load(Ordering::SeqCst), 0);
    let left = jobs::claim(db, Uuid::from_u128(1), 9).await.unwrap();
    assert!(left.is_empty(), "it waits a while");
    db.tamper("UPDATE jobs SET run_at = 0").await.unwrap();
    assert_eq!(jobs::claim(db, Uuid::from_u128(1), 9).await.unwrap()[0].attempts, 3);
});
