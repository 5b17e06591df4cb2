//! Jobs that last, jobs that panic, and workers that die.

use super::*;
use crate::{MIGRATIONS, MigrationSet, Statement, db_test, params, run_tx, testing::TestDb};
use std::sync::atomic::{AtomicUsize, Ordering};

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
}

struct Test {
    db: Db,
    does: Does,
    runs: AtomicUsize,
}

#[async_trait]
impl JobHandler for Test {
    fn kind(&self) -> &'static str {
        "test.v1"
    }

    async fn run(&self, _: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
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
            Ok(())
        })
    }
}

/// A worker that thinks of its leases all the time, and so many jobs for it.
async fn worker(db: &TestDb, does: Does, jobs: usize) -> (Worker, Arc<Test>) {
    let handler = Arc::new(Test { db: db.db.clone(), does, runs: AtomicUsize::new(0) });
    for _ in 0..jobs {
        let now = db.env().now();
        run_tx!(db, "test.ask", |tx| jobs::enqueue(tx, db.env(), "test.v1", &(), now)).unwrap();
    }
    let mut worker = Worker::new(db.db.clone(), vec![handler.clone()]);
    worker.extend_after = Duration::from_millis(1);
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
