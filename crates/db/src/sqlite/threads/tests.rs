//! What cannot be arranged from outside: who shares a commit, and when the log is emptied.

use super::*;
use crate::{database::Sync, statement::Statement, value::Value};
use kernel::Env;
use std::path::PathBuf;
use tokio::sync::oneshot;

static ADD: Statement = Statement::declare("db.tests.ADD", "INSERT INTO things VALUES ($1, $2)");
static NOTHING: Statement =
    Statement::declare("db.tests.NOTHING", "DELETE FROM things WHERE n < 0");

type Answer = oneshot::Receiver<Result<Vec<Output>, DbError>>;

fn job(statement: &'static Statement, params: Vec<Value>) -> (WriteJob, Answer) {
    let (reply, answer) = oneshot::channel();
    (WriteJob::Whole(vec![Op::new(statement, params)], Sync::Disk, reply), answer)
}

fn add(n: i64, bytes: usize) -> (WriteJob, Answer) {
    job(&ADD, vec![n.into(), vec![0_u8; bytes].into()])
}

/// A folder with a database in it, for as long as the test takes.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let id: uuid::Uuid = Env::system().new_id();
        let folder = std::env::temp_dir().join(format!("salus-threads-{id}"));
        std::fs::create_dir(&folder).unwrap();
        let place = Self(folder);
        let schema = "PRAGMA journal_mode = WAL; CREATE TABLE things (n INTEGER, body BLOB);";
        place.open().execute_batch(schema).unwrap();
        place
    }

    fn open(&self) -> Connection {
        Connection::open(self.0.join("salus.db")).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn is_there(connection: &Connection, n: i64) -> bool {
    let sql = "SELECT COUNT(*) FROM things WHERE n = ?1";
    connection.query_row(sql, [n], |row| row.get::<_, i64>(0)).unwrap() == 1
}

static ENDLESS: Statement = Statement::declare(
    "db.tests.ENDLESS",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) AS i FROM n",
);
static SHORT: Statement = Statement::declare("db.tests.SHORT", "SELECT COUNT(*) AS n FROM things");

#[test]
fn a_read_that_never_ends_is_broken_off_and_the_next_is_answered() {
    let place = Place::new();
    let (sender, jobs) = crossbeam_channel::unbounded();
    let [endless, short] = [&ENDLESS, &SHORT].map(|statement| {
        let (reply, answer) = oneshot::channel();
        sender.send(ReadJob::Run(Op::new(statement, Vec::new()), reply)).unwrap();
        answer
    });
    drop(sender);
    read_until_closed(place.open(), &jobs, Duration::from_millis(20));
    let refused = endless.blocking_recv().unwrap();
    assert!(matches!(refused, Err(DbError::Unavailable(_))));
    assert_eq!(short.blocking_recv().unwrap().unwrap().rows.len(), 1);
}

#[test]
fn on_a_full_disk_everyone_is_told_the_truth() {
    let place = Place::new();
    let connection = place.open();
    connection.execute_batch("PRAGMA max_page_count = 16;").unwrap();
    let (sender, jobs) = crossbeam_channel::unbounded();
    let mut told = Vec::new();
    for (n, bytes) in [(1, 1), (2, 1 << 20), (3, 1)] {
        let (job, answer) = add(n, bytes);
        sender.send(job).unwrap();
        told.push((n, answer));
    }
    drop(sender);
    write_loop(connection, &jobs);
    let connection = place.open();
    for (n, answer) in told {
        let written = answer.blocking_recv().unwrap().is_ok();
        assert_eq!(written, is_there(&connection, n), "{n}");
    }
    assert!(is_there(&connection, 3));
}

#[test]
fn nothing_of_a_transaction_is_written_after_the_disk_was_full() {
    let place = Place::new();
    let connection = place.open();
    connection.execute_batch("PRAGMA max_page_count = 16;").unwrap();
    let (sender, jobs) = crossbeam_channel::unbounded();
    let (steps, inbox) = crossbeam_channel::unbounded();
    sender.send(WriteJob::Dialogue(inbox)).unwrap();
    let step = |n: i64, bytes: usize| {
        let (reply, answer) = oneshot::channel();
        let params = vec![n.into(), vec![0_u8; bytes].into()];
        steps.send(Step::Run(vec![Op::new(&ADD, params)], reply)).unwrap();
        answer
    };
    let (full, after) = (step(1, 1 << 20), step(2, 1));
    drop((sender, steps));
    write_loop(connection, &jobs);
    let connection = place.open();
    assert!(full.blocking_recv().unwrap().is_err());
    assert!(!after.blocking_recv().is_ok_and(|answer| answer.is_ok()));
    assert!(!is_there(&connection, 2));
}

#[test]
fn the_log_is_emptied_although_workers_look_for_jobs_all_the_time() {
    let place = Place::new();
    let connection = place.open();
    let (sender, jobs) = crossbeam_channel::unbounded();
    let idle = Duration::from_millis(100);
    let writer = std::thread::spawn(move || write_until_closed(connection, &jobs, idle));
    let write = |(job, answer): (WriteJob, Answer)| {
        sender.send(job).unwrap();
        answer.blocking_recv().unwrap().unwrap();
    };
    write(add(1, 1));
    let log = place.0.join("salus.db-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    assert!(length() > 0);
    let started = Instant::now();
    while length() > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "the log was never emptied");
        write(job(&NOTHING, Vec::new()));
    }
    drop(sender);
    writer.join().unwrap();
}

fn relaxed(n: i64) -> (WriteJob, Answer) {
    let (reply, answer) = oneshot::channel();
    let op = Op::new(&ADD, vec![n.into(), vec![0_u8; 1].into()]);
    (WriteJob::Whole(vec![op], Sync::Program, reply), answer)
}

fn level(connection: &Connection) -> i64 {
    connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap()
}

#[test]
fn who_waits_for_the_disk_never_shares_a_commit_that_does_not() {
    let place = Place::new();
    let connection = place.open();
    let (sender, jobs) = crossbeam_channel::unbounded();
    let mut answers = Vec::new();
    for (job, answer) in [relaxed(1), relaxed(2), add(3, 1), relaxed(4), add(5, 1)] {
        sender.send(job).unwrap();
        answers.push(answer);
    }
    let mut sync = Sync::Disk;
    let first = jobs.recv().unwrap();
    let waits = write_group(&connection, &jobs, (first, &mut sync)).unwrap();
    // 1 and 2 are told; 3 waits for a commit that reaches the disk, which takes 4 and 5 along.
    assert_eq!((waits.sync(), level(&connection)), (Sync::Disk, 1));
    assert!(answers.iter_mut().take(2).all(|answer| answer.try_recv().unwrap().is_ok()));
    assert!(answers.iter_mut().skip(2).all(|answer| answer.try_recv().is_err()));
    assert!(write_group(&connection, &jobs, (waits, &mut sync)).is_none());
    assert_eq!(level(&connection), 2);
    assert!(answers.iter_mut().skip(2).all(|answer| answer.try_recv().unwrap().is_ok()));
    assert!((1..=5).all(|n| is_there(&connection, n)));
}
