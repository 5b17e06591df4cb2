//! A dump shows one moment.

use super::{ADD, MOVE, dump, old_set, rows, silent};
use crate::{Db, DbError, Value, db_test, dump::DumpError, params, run_tx};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use uuid::Uuid;

async fn add_numbers(db: &Db, count: i64) {
    run_tx!(db, "test.add", |tx| {
        for n in 0..count {
            let body = vec![7_u8; 300];
            let id = Uuid::from_u128(u128::from(n.unsigned_abs()));
            tx.defer(&ADD, params![id, 100, "x", body, true, 0.5]);
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
}

fn sum(bytes: &[u8]) -> (usize, i64) {
    let rows = rows(bytes);
    let number = |value: &Value| match value {
        Value::Int(n) => *n,
        other => panic!("{other:?}"),
    };
    let things = &rows["things"];
    (things.len(), things.iter().map(|row| number(&row["n"])).sum())
}

db_test!(a_dump_shows_the_moment_of_the_snapshot, old_set(), |db| {
    add_numbers(db, 3).await;
    let snapshot = db.snapshot().await.unwrap();
    db.exec(&ADD, params![Uuid::from_u128(99), 1, "late", vec![0_u8], true, 0.5]).await.unwrap();
    db.exec(&MOVE, params![Uuid::from_u128(0), 1000]).await.unwrap();
    for _ in 0..2 {
        let (bytes, counts) = snapshot.dump(|_| true, Vec::new(), silent()).await.unwrap();
        assert_eq!(sum(&bytes), (3, 300));
        assert_eq!(counts.0["things"], 3);
    }
    assert_eq!(sum(&dump(db, |_| true).await), (4, 1301));
});

db_test!(a_dump_made_while_others_write_is_consistent, old_set(), |db| {
    add_numbers(db, 2000).await;
    let done = AtomicBool::new(false);
    let write = async {
        let mut moves = 0_u64;
        while !done.load(Ordering::SeqCst) {
            let (from, to) = (moves % 2000, (moves * 7 + 1) % 2000);
            run_tx!(db, "test.move", |tx| {
                tx.defer(&MOVE, params![Uuid::from_u128(from.into()), -1]);
                tx.defer(&MOVE, params![Uuid::from_u128(to.into()), 1]);
                Ok::<_, DbError>(())
            })
            .unwrap();
            moves += 1;
        }
        moves
    };
    let read = async {
        for _ in 0..5 {
            assert_eq!(sum(&dump(db, |_| true).await), (2000, 200_000));
        }
        done.store(true, Ordering::SeqCst);
    };
    let (moves, ()) = tokio::join!(write, read);
    assert!(moves > 0);
});

db_test!(only_the_wanted_tables_are_dumped_in_order_without_the_history, old_set(), |db| {
    let snapshot = db.snapshot().await.unwrap();
    assert_eq!(snapshot.tables().await.unwrap(), ["others", "things"]);
    let names: Vec<String> = rows(&dump(db, |table| table != "others").await).into_keys().collect();
    assert_eq!(names, ["things"]);
});

db_test!(progress_ends_with_all_rows, old_set(), |db| {
    add_numbers(db, 1500).await;
    let told = Arc::new(AtomicU64::new(0));
    let tell = Arc::clone(&told);
    let progress: crate::dump::Progress = Arc::new(move |rows| tell.store(rows, Ordering::SeqCst));
    db.snapshot().await.unwrap().dump(|_| true, std::io::sink(), progress).await.unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 1500);
});

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

db_test!(a_writer_that_fails_says_why, old_set(), |db| {
    add_numbers(db, 5000).await;
    let result = db.snapshot().await.unwrap().dump(|_| true, Full, silent()).await;
    let Err(DumpError::Io(error)) = result else { panic!("written") };
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
});
