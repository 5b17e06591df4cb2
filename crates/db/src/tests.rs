//! One body, both databases.

use crate::{
    Bulk, BulkType, Db, DbError, JobHandler, MIGRATIONS, Migration, MigrationSet, TxSpec, Worker,
    db_test,
    jobs::{self, Claimed, JobError, Lease},
    outbox, params, row, run_tx, statements,
};
use async_trait::async_trait;
use kernel::Ctx;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use uuid::Uuid;

const THINGS: Migration = Migration {
    version: 9000,
    name: "9000_things",
    sql: "CREATE TABLE things (
        id {uuid} PRIMARY KEY, n {int} NOT NULL, label TEXT, body {bytes}, ok {bool}, x {float}
    ){strict};",
};

fn with_things() -> MigrationSet {
    MigrationSet::new(&[MIGRATIONS, &[THINGS]])
}

statements! { "db.tests";
    ADD = "INSERT INTO things (id, n, label, body, ok, x) VALUES ($1, $2, $3, $4, $5, $6)";
    COUNT = "SELECT COUNT(*) AS n FROM things";
    GET = "SELECT id, n, label, body, ok, x FROM things WHERE id = $1";
    BUMP = "UPDATE things SET n = $2 WHERE id = $1";
    ADD_AND_TELL = "INSERT INTO things (id, n) VALUES ($1, $2) RETURNING n";
    SUM = "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS n FROM things";
    SWAPPED = "SELECT n FROM things WHERE n = $2 AND id = $1";
}

row! {
    struct Thing {
        id: Uuid,
        n: i64,
        label: Option<String>,
        body: Option<Vec<u8>>,
        ok: Option<bool>,
        x: Option<f64>,
    }
}

row! {
    struct Number {
        n: i64,
    }
}

async fn count(db: &Db) -> i64 {
    db.one::<Number>(&COUNT, params![]).await.unwrap().n
}

fn add(id: Uuid, n: i64) -> Vec<crate::Value> {
    params![id, n, None::<String>, None::<Vec<u8>>, None::<bool>, None::<f64>]
}

db_test!(every_type_of_value_comes_back_as_it_went_in, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    let all = params![id, i64::MIN, "süß 💙", vec![0_u8, 255], true, 0.1];
    assert_eq!(db.exec(&ADD, all).await.unwrap(), 1);
    let thing: Thing = db.one(&GET, params![id]).await.unwrap();
    assert_eq!(thing.id, id);
    assert_eq!(thing.n, i64::MIN);
    assert_eq!(thing.label.as_deref(), Some("süß 💙"));
    assert_eq!(thing.body.as_deref(), Some(&[0_u8, 255][..]));
    assert_eq!(thing.ok, Some(true));
    assert_eq!(thing.x, Some(0.1));

    let id: Uuid = db.env().new_id();
    db.exec(&ADD, add(id, 0)).await.unwrap();
    let thing: Thing = db.one(&GET, params![id]).await.unwrap();
    assert!(thing.label.is_none() && thing.body.is_none() && thing.ok.is_none());
    assert!(thing.x.is_none());
});

db_test!(parameters_are_found_by_number_not_by_place, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    db.exec(&ADD, add(id, 7)).await.unwrap();
    let found: Option<Number> = db.opt(&SWAPPED, params![id, 7]).await.unwrap();
    assert!(found.is_some());
    assert!(matches!(db.opt::<Number>(&SWAPPED, params![id]).await, Err(DbError::Refused { .. })));
});

db_test!(a_second_row_with_the_same_key_is_named_a_duplicate, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    db.exec(&ADD, add(id, 1)).await.unwrap();
    assert!(db.exec(&ADD, add(id, 2)).await.unwrap_err().is_duplicate());
});

db_test!(a_refused_transaction_leaves_nothing_and_takes_nobody_with_it, with_things(), |db| {
    let taken: Uuid = db.env().new_id();
    db.exec(&ADD, add(taken, 1)).await.unwrap();
    // Many at once share commits on the embedded database; every second one is refused.
    let results = futures_util::future::join_all((0..40).map(|n| async move {
        run_tx!(db, "test.half", |tx| {
            tx.defer(&ADD, add(db.env().new_id(), n));
            tx.exec(&ADD, add(db.env().new_id(), n)).await?;
            if n % 2 == 0 {
                tx.defer(&ADD, add(taken, n));
            }
            Ok::<_, DbError>(())
        })
    }))
    .await;
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.is_err(), n % 2 == 0, "{n}: {result:?}");
    }
    assert_eq!(count(db).await, 1 + 20 * 2);
});

db_test!(who_is_told_of_a_duplicate_can_read_the_row_that_was_there, with_things(), |db| {
    let tasks = (0..24).map(|_| async move {
        let id = Uuid::from_u128(42);
        let made: Result<(), DbError> = run_tx!(db, "test.once", |tx| {
            tx.exec(&ADD, add(id, 1)).await?;
            Ok(())
        });
        let there: Option<Thing> = db.opt(&GET, params![id]).await.unwrap();
        assert!(there.is_some());
        made.is_ok()
    });
    let made = futures_util::future::join_all(tasks).await;
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
});

db_test!(
    a_write_that_has_to_change_a_row_takes_the_whole_transaction_with_it,
    with_things(),
    |db| {
        let there: Uuid = db.env().new_id();
        db.exec(&ADD, add(there, 1)).await.unwrap();
        // Whether or not somebody asked for an answer before, and whether or not it has to be on disk.
        for asks in [false, true] {
            for spec in [TxSpec::queue("test.require"), TxSpec::queue("test.require").unsynced()] {
                for (id, good) in [(there, true), (db.env().new_id(), false)] {
                    let before = count(db).await;
                    let done: Result<(), DbError> = run_tx!(db, spec, |tx| {
                        if asks {
                            tx.one::<Number>(&COUNT, params![]).await?;
                        }
                        tx.defer(&ADD, add(db.env().new_id(), 2));
                        tx.require(&BUMP, params![id, 3]);
                        tx.defer(&ADD, add(db.env().new_id(), 4));
                        Ok(())
                    });
                    let refused = done.as_ref().is_err_and(|error| error.is_unmet(&BUMP));
                    assert_eq!((done.is_ok(), refused), (good, !good), "{done:?}");
                    assert_eq!(count(db).await, before + if good { 2 } else { 0 });
                }
            }
        }
    }
);

db_test!(an_error_of_the_caller_rolls_everything_back, with_things(), |db| {
    let result: Result<(), DbError> = run_tx!(db, "test.fail", |tx| {
        tx.exec(&ADD, add(db.env().new_id(), 1)).await?;
        tx.defer(&ADD, add(db.env().new_id(), 2));
        Err(DbError::NoRow)
    });
    assert!(result.is_err());
    assert_eq!(count(db).await, 0);
});

db_test!(a_refusal_that_the_caller_overlooks_still_rolls_everything_back, with_things(), |db| {
    let taken: Uuid = db.env().new_id();
    db.exec(&ADD, add(taken, 1)).await.unwrap();
    let result: Result<(), DbError> = run_tx!(db, "test.overlook", |tx| {
        tx.exec(&ADD, add(db.env().new_id(), 2)).await?;
        assert!(tx.exec(&ADD, add(taken, 3)).await.is_err());
        Ok(())
    });
    assert!(result.unwrap_err().is_duplicate());
    assert_eq!(count(db).await, 1);
});

db_test!(a_value_that_cannot_be_sent_takes_the_whole_transaction_with_it, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    let mut no_number = add(id, 2);
    no_number[1] = "two".into();
    for wrong in [params![id], no_number] {
        let result: Result<(), DbError> = run_tx!(db, "test.misfit", |tx| {
            tx.defer(&ADD, add(db.env().new_id(), 1));
            tx.defer(&ADD, wrong.clone());
            tx.defer(&ADD, add(db.env().new_id(), 3));
            Ok(())
        });
        assert!(result.is_err());
        assert_eq!(count(db).await, 0);
    }
});

db_test!(a_transaction_given_up_half_way_never_was, with_things(), |db| {
    let given_up = async {
        run_tx!(db, "test.give_up", |tx| {
            tx.exec(&ADD, add(db.env().new_id(), 1)).await?;
            std::future::pending::<()>().await;
            Ok::<_, DbError>(())
        })
    };
    let late = tokio::time::timeout(std::time::Duration::from_millis(100), given_up).await;
    assert!(late.is_err());
    db.exec(&ADD, add(db.env().new_id(), 1)).await.unwrap();
    assert_eq!(count(db).await, 1);
});

db_test!(a_transaction_sees_its_own_writes, with_things(), |db| {
    let told = run_tx!(db, "test.own", |tx| {
        tx.defer(&ADD, add(db.env().new_id(), 1));
        let seen = tx.one::<Number>(&COUNT, params![]).await?.n;
        let told: Number = tx.one(&ADD_AND_TELL, params![db.env().new_id::<Uuid>(), 9]).await?;
        Ok::<_, DbError>((seen, told.n))
    })
    .unwrap();
    assert_eq!(told, (1, 9));
});

db_test!(no_increment_is_lost_between_two_processes, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    db.exec(&ADD, add(id, 0)).await.unwrap();
    let other = db.another();
    let bump = |db: Db| async move {
        run_tx!(db, "test.bump", |tx| {
            let n = tx.one::<Thing>(&GET, params![id]).await?.n;
            tx.exec(&BUMP, params![id, n + 1]).await?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    };
    let tasks = (0..30).map(|n| bump(if n % 2 == 0 { db.db.clone() } else { other.clone() }));
    futures_util::future::join_all(tasks).await;
    assert_eq!(db.one::<Thing>(&GET, params![id]).await.unwrap().n, 30);
    other.close();
});

const THINGS_IN_BULK: Bulk =
    Bulk::into_table("things", &[("id", BulkType::Uuid), ("n", BulkType::Int)]);
static BULK: &Bulk = &THINGS_IN_BULK;

db_test!(many_rows_are_written_at_once, with_things(), |db| {
    let written = run_tx!(db, "test.bulk", |tx| {
        let rows = (0..1000).map(|n| params![db.env().new_id::<Uuid>(), n]).collect();
        tx.bulk(BULK, rows).await
    })
    .unwrap();
    assert_eq!(written, 1000);
    assert_eq!(db.one::<Number>(&SUM, params![]).await.unwrap().n, 499_500);
});

db_test!(more_deferred_writes_than_one_pipeline_holds_keep_their_order, with_things(), |db| {
    let id: Uuid = db.env().new_id();
    run_tx!(db, "test.long", |tx| {
        tx.defer(&ADD, add(id, 0));
        for n in 1..=100 {
            tx.defer(&BUMP, params![id, n]);
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
    assert_eq!(db.one::<Thing>(&GET, params![id]).await.unwrap().n, 100);
});

db_test!(both_databases_can_prepare_every_statement, with_things(), |db| {
    for statement in crate::STATEMENTS.iter().chain([&STATEMENTS]).copied().flatten() {
        if let Err(reason) = db.check_statement(statement).await {
            panic!("{}: {reason}", statement.name());
        }
    }
});

db_test!(a_database_of_a_newer_program_is_refused, with_things(), |db| {
    let older = MigrationSet::new(&[MIGRATIONS]);
    assert!(matches!(db.migrate(&older).await, Err(DbError::Schema(_))));
});

db_test!(a_step_that_was_changed_after_the_fact_is_refused, with_things(), |db| {
    let changed = Migration { sql: "SELECT 1;", ..THINGS };
    let set = MigrationSet::new(&[MIGRATIONS, &[changed]]);
    assert!(matches!(db.migrate(&set).await, Err(DbError::Schema(_))));
});

db_test!(a_step_that_meets_rows_which_are_alike_is_not_taken_for_done, with_things(), |db| {
    db.exec(&ADD, add(db.env().new_id(), 1)).await.unwrap();
    db.exec(&ADD, add(db.env().new_id(), 1)).await.unwrap();
    let sql = "CREATE UNIQUE INDEX things_by_n ON things (n);";
    let unique = Migration { version: 9002, name: "9002_unique", sql };
    let set = MigrationSet::new(&[MIGRATIONS, &[THINGS, unique]]);
    assert!(db.migrate(&set).await.unwrap_err().is_duplicate());
    assert_eq!(db.missing(&set).await.unwrap().len(), 1);
});

db_test!(two_programs_may_migrate_at_once, MigrationSet::new(&[]), |db| {
    let other = db.another();
    let set = with_things();
    let (one, two) = tokio::join!(db.migrate(&set), other.migrate(&set));
    one.unwrap();
    two.unwrap();
    assert!(db.missing(&set).await.unwrap().is_empty());
    other.close();
});

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let set = with_things();
    let sqlite = crate::testing::TestDb::sqlite(&set).await;
    if let Some(postgres) = crate::testing::TestDb::postgres(&set).await {
        assert_eq!(sqlite.schema().await.unwrap(), postgres.schema().await.unwrap());
        postgres.discard().await;
    }
    sqlite.discard().await;
}

/// Counts how often it ran, and writes one thing per job.
struct AddThing {
    db: Db,
    runs: AtomicUsize,
    fails_first: usize,
}

#[async_trait]
impl JobHandler for AddThing {
    fn kind(&self) -> &'static str {
        "test.add_thing.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some("test.happened")
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let n: i64 = job.payload()?;
        run_tx!(self.db, "test.add_thing", |tx| {
            tx.defer(&ADD, add(ctx.new_id(), n));
            lease.finish(tx).await
        })?;
        if self.runs.fetch_add(1, Ordering::SeqCst) < self.fails_first {
            return Err(JobError::Retry("after_the_work"));
        }
        Ok(())
    }
}

fn add_thing(db: &Db, fails_first: usize) -> Arc<AddThing> {
    Arc::new(AddThing { db: db.clone(), runs: AtomicUsize::new(0), fails_first })
}

async fn ask_for(db: &Db, n: i64) {
    run_tx!(db, "test.ask", |tx| {
        jobs::enqueue(tx, db.env(), "test.add_thing.v1", &n, db.env().now())
    })
    .unwrap();
}

db_test!(a_job_is_done_once_even_if_its_worker_says_it_failed_afterwards, with_things(), |db| {
    let handler = add_thing(db, 1);
    let worker = Worker::new(db.db.clone(), vec![handler.clone()]);
    ask_for(db, 5).await;
    assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    assert_eq!(count(db).await, 1);
    assert_eq!(handler.runs.load(Ordering::SeqCst), 1);
    assert!(jobs::counts(db).await.unwrap().is_empty());
});

db_test!(a_worker_that_lost_its_lease_undoes_its_work, with_things(), |db| {
    ask_for(db, 5).await;
    let (slow, quick) = (db.env().new_id::<Uuid>(), db.env().new_id::<Uuid>());
    let claimed = jobs::claim(db, slow, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    // The lease of the slow worker ran out, and the quick one took over.
    db.tamper("UPDATE jobs SET run_at = 0").await.unwrap();
    assert_eq!(jobs::claim(db, quick, 10).await.unwrap().len(), 1);

    let handler = add_thing(db, 0);
    let ctx = Ctx::system(db.env().clone(), "test");
    let late = handler.run(&ctx, &claimed[0], Lease { job: claimed[0].id, worker: slow }).await;
    assert_eq!(late, Err(JobError::Lost));
    assert_eq!(count(db).await, 0);
    handler.run(&ctx, &claimed[0], Lease { job: claimed[0].id, worker: quick }).await.unwrap();
    assert_eq!(count(db).await, 1);
});

db_test!(many_workers_do_each_job_once, with_things(), |db| {
    for n in 0..60 {
        ask_for(db, n).await;
    }
    let workers = (0..4).map(|_| {
        let db = db.another();
        async move {
            let worker = Worker::new(db.clone(), vec![add_thing(&db, 0)]);
            let done = worker.run_until_idle().await.unwrap();
            db.close();
            done
        }
    });
    let done: usize = futures_util::future::join_all(workers).await.iter().sum();
    assert_eq!(done, 60);
    assert_eq!(db.one::<Number>(&SUM, params![]).await.unwrap().n, 59 * 60 / 2);
});

db_test!(
    a_job_that_can_never_work_is_kept_for_people_to_see_and_can_be_revived,
    with_things(),
    |db| {
        run_tx!(db, "test.ask", |tx| {
            jobs::enqueue(tx, db.env(), "test.add_thing.v1", &"no number", db.env().now())
        })
        .unwrap();
        let worker = Worker::new(db.db.clone(), vec![add_thing(db, 0)]);
        worker.run_until_idle().await.unwrap();
        let dead = jobs::dead(db, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].last_error.as_deref(), Some("payload"));
        assert!(jobs::revive(db, dead[0].id).await.unwrap());
        assert!(jobs::dead(db, 10).await.unwrap().is_empty());
    }
);

db_test!(an_event_becomes_one_job_for_each_listener, with_things(), |db| {
    run_tx!(db, "test.happen", |tx| {
        outbox::publish(tx, db.env(), "test.happened", &3)?;
        outbox::publish(tx, db.env(), "test.nobody_cares", &4)
    })
    .unwrap();
    let worker = Worker::new(db.db.clone(), vec![add_thing(db, 0)]);
    assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    assert_eq!(db.one::<Number>(&SUM, params![]).await.unwrap().n, 3);
});

db_test!(an_event_waits_for_a_program_that_listens_to_it, with_things(), |db| {
    run_tx!(db, "test.happen", |tx| outbox::publish(tx, db.env(), "test.happened", &3)).unwrap();
    let older = Worker::new(db.db.clone(), Vec::new());
    assert_eq!(older.run_until_idle().await.unwrap(), 0);
    let newer = Worker::new(db.db.clone(), vec![add_thing(db, 0)]);
    assert_eq!(newer.run_until_idle().await.unwrap(), 1);
});

db_test!(a_schedule_fires_once_over_all_processes, with_things(), |db| {
    let other = db.another();
    let hour = std::time::Duration::from_hours(1);
    let ticks = (0..8).map(|n| {
        let db = if n % 2 == 0 { db.db.clone() } else { other.clone() };
        async move { jobs::tick(&db, "test.hourly.v1", hour).await.unwrap() }
    });
    futures_util::future::join_all(ticks).await;
    let ready = jobs::counts(db).await.unwrap();
    assert_eq!(ready.iter().map(|count| count.jobs).sum::<i64>(), 1);
    other.close();
});

db_test!(a_schedule_asks_for_nothing_that_already_waits, with_things(), |db| {
    let now = std::time::Duration::ZERO;
    let count = async || {
        let counts = jobs::counts(db).await.unwrap();
        counts.into_iter().map(|count| (count.state, count.jobs)).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        jobs::tick(db, "test.always.v1", now).await.unwrap();
    }
    assert_eq!(count().await, [("ready".to_owned(), 1)]);
    // What fails every time leaves one dead letter and not one for each time.
    for _ in 0..3 {
        db.tamper("UPDATE jobs SET state = 'dead'").await.unwrap();
        jobs::tick(db, "test.always.v1", now).await.unwrap();
    }
    let mut counts = count().await;
    counts.sort();
    assert_eq!(counts, [("dead".to_owned(), 1), ("ready".to_owned(), 1)]);
});
