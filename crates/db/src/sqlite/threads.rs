//! What the database threads do: answer reads, and write in groups that share a commit.

use super::{
    ReadJob, Reply, Step, WriteJob,
    run::{refused, run, run_all, run_bulk},
    wait_for_others,
};
use crate::{
    database::Sync,
    dialect::Engine,
    error::DbError,
    work::{Op, Output},
};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Transactions that may share one commit, and how long they may be gathered.
const GROUP: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(10);
/// A transaction whose owner is silent for this long is rolled back: it blocks all others.
const SILENCE: Duration = Duration::from_secs(5);
/// After this long without a write, what is in the write-ahead log goes into the database file.
const IDLE: Duration = Duration::from_secs(20);

/// A read that lasts longer is broken off, as it is by PostgreSQL: others wait for its thread.
const LONGEST_READ: Duration = Duration::from_secs(30);
/// Steps of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: i32 = 10_000;

pub(super) fn read_loop(connection: Connection, jobs: &Receiver<ReadJob>) {
    read_until_closed(connection, jobs, LONGEST_READ);
}

fn read_until_closed(mut connection: Connection, jobs: &Receiver<ReadJob>, longest: Duration) {
    let began = Arc::new(Mutex::new(Instant::now()));
    let at_work = Arc::clone(&began);
    let too_long = move || at_work.lock().is_ok_and(|since| since.elapsed() >= longest);
    if let Err(error) = connection.progress_handler(STEPS, Some(too_long)) {
        tracing::warn!(%error, "reads are not bounded in time");
    }
    // Where the asker has gone away, nobody is left to tell.
    while let Ok(job) = jobs.recv() {
        if let Ok(mut since) = began.lock() {
            *since = Instant::now();
        }
        match job {
            ReadJob::Run(op, reply) => drop(reply.send(run(&connection, &op))),
            ReadJob::Check(statement, reply) => {
                let prepared = connection.prepare(statement.sql(Engine::Sqlite)).map(drop);
                let checked = prepared.map_err(|error| refused(&error, statement.name()));
                drop(reply.send(checked));
            }
        }
    }
}

pub(super) fn write_loop(connection: Connection, jobs: &Receiver<WriteJob>) {
    write_until_closed(connection, jobs, IDLE);
}

fn write_until_closed(mut connection: Connection, jobs: &Receiver<WriteJob>, idle: Duration) {
    // What the program that ran before may have left counts as well.
    let mut written = Some(Instant::now());
    let (mut waits, mut sync) = (None, Sync::Disk);
    loop {
        match waits.take().map_or_else(|| jobs.recv_timeout(idle), Ok) {
            Ok(first) => {
                // Workers ask for jobs all the time; when there are none, nothing is written.
                let before = connection.total_changes();
                waits = write_group(&connection, jobs, (first, &mut sync));
                if connection.total_changes() != before {
                    written = Some(Instant::now());
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return checkpoint(&mut connection),
        }
        if written.is_some_and(|at| at.elapsed() >= idle) {
            checkpoint(&mut connection);
            written = None;
        }
    }
}

/// Says what commits wait for from now on, which can only be said between two transactions.
fn wait_for(connection: &Connection, wanted: Sync, sync: &mut Sync) -> Result<(), DbError> {
    if wanted == *sync {
        return Ok(());
    }
    let level = match wanted {
        Sync::Disk => "FULL",
        Sync::Program => "NORMAL",
    };
    connection
        .pragma_update(None, "synchronous", level)
        .map_err(|error| refused(&error, "PRAGMA synchronous"))?;
    *sync = wanted;
    Ok(())
}

/// Waits for nobody: while others are at work, there will be another occasion, and whoever is
/// closing this database may be the one they wait for.
fn checkpoint(connection: &mut Connection) {
    let done = connection
        .busy_handler(None::<fn(i32) -> bool>)
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    // Also after a failure: the next write has to wait for others again.
    if let Err(error) = done.and(connection.busy_handler(Some(wait_for_others))) {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}

/// What is told to the asker once the group's commit is on disk.
type Verdict = Box<dyn FnOnce(Result<(), DbError>)>;

/// Writes this one and those who come meanwhile. Answers with one that has to wait for the disk,
/// where the group does not.
fn write_group(
    connection: &Connection,
    jobs: &Receiver<WriteJob>,
    (first, sync): (WriteJob, &mut Sync),
) -> Option<WriteJob> {
    let begun = wait_for(connection, first.sync(), sync)
        .and_then(|()| execute(connection, "BEGIN IMMEDIATE"));
    let started = Instant::now();
    let mut verdicts: Vec<Verdict> = Vec::new();
    let (mut next, mut waits) = (Some(first), None);
    while let Some(job) = next {
        match (&begun, job) {
            (Ok(()), WriteJob::Whole(ops, _, reply)) => {
                verdicts.push(run_whole(connection, &ops, reply));
            }
            (Ok(()), WriteJob::Dialogue(steps)) => {
                verdicts.extend(run_dialogue(connection, &steps));
            }
            (Ok(()), WriteJob::Script(sql, reply)) => {
                verdicts.push(run_script(connection, &sql, reply));
            }
            (Err(error), WriteJob::Whole(_, _, reply)) => drop(reply.send(Err(error.clone()))),
            (Err(error), WriteJob::Script(_, reply)) => drop(reply.send(Err(error.clone()))),
            (Err(_), WriteJob::Dialogue(steps)) => drop(steps),
        }
        let room = verdicts.len() < GROUP && started.elapsed() < GROUP_TIME;
        let lost = begun.is_ok() && connection.is_autocommit();
        next = if room && !lost { jobs.try_recv().ok() } else { None };
        waits = next.take_if(|job| *sync == Sync::Program && job.sync() == Sync::Disk);
    }
    if begun.is_ok() {
        let committed = commit(connection);
        if committed.is_err() && !connection.is_autocommit() {
            let _ = execute(connection, "ROLLBACK");
        }
        for tell in verdicts {
            tell(committed.clone());
        }
    }
    waits
}

/// When the disk is full or fails, SQLite may roll everything back by itself. Whatever would run
/// after that would be a transaction of its own, so the group ends there, and with an error for all.
fn commit(connection: &Connection) -> Result<(), DbError> {
    if connection.is_autocommit() {
        return Err(DbError::Unavailable("the disk is full or fails".into()));
    }
    execute(connection, "COMMIT")
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), DbError> {
    let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    done.map(drop).map_err(|error| refused(&error, sql))
}

/// Runs all statements or none; the answer waits for the group's commit.
fn run_whole(connection: &Connection, ops: &[Op], reply: Reply<Vec<Output>>) -> Verdict {
    // A single statement is all or nothing by itself.
    let result = if ops.len() > 1 {
        in_savepoint(connection, || run_all(connection, ops))
    } else {
        run_all(connection, ops)
    };
    answer_after_commit(result, reply)
}

fn run_script(connection: &Connection, sql: &str, reply: Reply<()>) -> Verdict {
    answer_after_commit(in_savepoint(connection, || script(connection, sql)), reply)
}

fn script(connection: &Connection, sql: &str) -> Result<(), DbError> {
    connection.execute_batch(sql).map_err(|error| refused(&error, "migration"))
}

fn in_savepoint<T>(
    connection: &Connection,
    run: impl FnOnce() -> Result<T, DbError>,
) -> Result<T, DbError> {
    execute(connection, "SAVEPOINT one")?;
    let result = run();
    end_savepoint(connection, result.is_ok()).and(result)
}

fn end_savepoint(connection: &Connection, keep: bool) -> Result<(), DbError> {
    if !keep {
        execute(connection, "ROLLBACK TO one")?;
    }
    execute(connection, "RELEASE one")
}

/// Refusals wait for the commit, too: who is told of a duplicate can then read the row that was
/// there before.
fn answer_after_commit<T: 'static>(result: Result<T, DbError>, reply: Reply<T>) -> Verdict {
    Box::new(move |committed| drop(reply.send(committed.and(result))))
}

fn run_dialogue(connection: &Connection, steps: &Receiver<Step>) -> Option<Verdict> {
    if execute(connection, "SAVEPOINT one").is_err() {
        return None;
    }
    // Not any more once SQLite has rolled everything back by itself: see `commit`.
    while !connection.is_autocommit() {
        match steps.recv_timeout(SILENCE) {
            Ok(Step::Run(ops, reply)) => drop(reply.send(run_all(connection, &ops))),
            Ok(Step::Bulk(bulk, rows, reply)) => {
                drop(reply.send(run_bulk(connection, bulk, &rows)));
            }
            Ok(Step::Script(sql, reply)) => drop(reply.send(script(connection, &sql))),
            Ok(Step::Commit(last, reply)) => {
                let result = run_all(connection, &last);
                let ended = end_savepoint(connection, result.is_ok());
                let result = ended.and(result);
                return Some(answer_after_commit(result, reply));
            }
            Ok(Step::Rollback(reply)) => {
                let ended = end_savepoint(connection, false);
                return Some(answer_after_commit(ended, reply));
            }
            // The owner gave up, or is silent for too long.
            Err(_) => {
                if let Err(error) = end_savepoint(connection, false) {
                    tracing::error!(%error, "a transaction could not be rolled back");
                }
                return None;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
