//! The server is killed in the middle of writing, again and again. What it acknowledged is there
//! afterwards, nothing is half there, and the ledger verifies. So is a worker in the middle of its
//! jobs: each of them is done in the end, and none is done twice.

use crate::program::{Place, Program};
use db::{outbox, params, run_tx, testing::TestDb};
use kernel::{TenantId, UserId};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use testkit::TestApp;
use tokio::sync::mpsc;

const WRITERS: usize = 8;
/// Kept small where every developer waits; `make kill-test` does more.
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "how long the test may take is its runner's choice")]
fn rounds() -> usize {
    std::env::var("SALUS_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    survive(&Place { dir: dir.path().into(), database_url: None }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    let database_url = Some(db.url.expose().clone());
    survive(&Place { dir: dir.path().into(), database_url }).await;
    db.discard().await;
}

async fn survive(place: &Place) {
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds() {
        let mut program = place.serve();
        let token = program.token("writer").await;
        check_all_there(&program, &token, &acknowledged).await;
        // Somewhere in the middle, at another place in each round.
        let enough = 5 + (round * 37) % 90;
        acknowledged.extend(write_until_killed(&mut program, &token, enough).await);
    }
    let program = place.serve();
    let token = program.token("writer").await;
    check_all_there(&program, &token, &acknowledged).await;
    program.stop();
    let (verified, said) = place.run(&["audit", "verify"]);
    assert!(verified, "{said}");
    let (verified, said) = place.run(&["keys", "verify"]);
    assert!(verified, "{said}");
}

/// Writes from many sides at once; answers the ids that were acknowledged before the kill.
async fn write_until_killed(program: &mut Program, token: &str, enough: usize) -> Vec<String> {
    let (tell, mut told) = mpsc::channel(1024);
    let (url, token): (Arc<str>, Arc<str>) = (program.url.as_str().into(), token.into());
    for writer in 0..WRITERS {
        let (tell, http) = (tell.clone(), program.http.clone());
        let (url, token) = (url.clone(), token.clone());
        let write = async move {
            for number in 0.. {
                let body =
                    json!({ "title": format!("{writer}/{number}"), "content": "x".repeat(400) });
                let request = http.post(format!("{url}/api/journal/entries")).bearer_auth(&*token);
                let Ok(answer) = request.json(&body).send().await else {
                    return;
                };
                if answer.status() != 201 {
                    return;
                }
                let Ok(entry) = answer.json::<serde_json::Value>().await else {
                    return;
                };
                let Some(id) = entry["id"].as_str() else {
                    return;
                };
                if tell.send(id.to_owned()).await.is_err() {
                    return;
                }
            }
        };
        spawn(write);
    }
    drop(tell);
    let mut acknowledged = Vec::new();
    while let Some(id) = told.recv().await {
        acknowledged.push(id);
        if acknowledged.len() == enough {
            program.kill();
        }
    }
    assert!(acknowledged.len() >= enough, "the writers gave up before the kill");
    acknowledged
}

#[expect(clippy::disallowed_methods, reason = "the writers end with the server")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

async fn check_all_there(program: &Program, token: &str, acknowledged: &BTreeSet<String>) {
    let mut found = BTreeSet::new();
    let mut path = "/api/journal/entries?limit=100".to_owned();
    loop {
        let page = program.get(&path, token).await.expect("a page of entries");
        for entry in page["entries"].as_array().unwrap() {
            assert_eq!(entry["content"].as_str().unwrap().len(), 400, "half an entry");
            found.insert(entry["id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/journal/entries?limit=100&cursor={cursor}"),
            None => break,
        }
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

/// How many people leave for each time that the worker is killed.
const LEAVING: usize = 12;
/// What slices listen to.
const ERASED: &str = "identity.account_erased";

db::statements! { "server.tests.kill";
    /// Each event becomes one job for each that listens.
    JOBS_LEFT = "SELECT (SELECT COUNT(*) FROM jobs WHERE kind LIKE '%.erase.v%')
            + $1 * (SELECT COUNT(*) FROM outbox) AS n";
    DONE = "SELECT action, COUNT(*) AS times, COUNT(DISTINCT subject_ref) AS people
        FROM audit_leaf WHERE action LIKE '%.erase' GROUP BY action";
}

db::row! {
    struct Left {
        n: i64,
    }
}

db::row! {
    #[derive(Debug)]
    struct Done {
        action: String,
        times: i64,
        people: i64,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_loses_no_job_and_doubles_none_on_sqlite() {
    let db = TestDb::sqlite(&server::registry::migrations()).await;
    every_job_is_done_once(&db).await;
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_loses_no_job_and_doubles_none_on_postgres() {
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    every_job_is_done_once(&db).await;
    db.discard().await;
}

async fn every_job_is_done_once(db: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let database_url = Some(db.url.expose().clone());
    let place = Place { dir: dir.path().into(), database_url };
    let people = LEAVING * rounds();
    let erasures = erasures().await;
    run_tx!(db, "test.leave", |tx| {
        for _ in 0..people {
            let user: UserId = db.env().new_id();
            let gone = json!({ "tenant": TenantId::DEFAULT, "user": user });
            outbox::publish(tx, db.env(), ERASED, &gone)?;
        }
        Ok::<_, db::DbError>(())
    })
    .unwrap();
    for round in 0..=rounds() {
        let worker = place.work();
        // The last one finishes what the others left.
        let left = (rounds() - round) * erasures * LEAVING * people / (people + LEAVING);
        wait_until_left(db, erasures, left).await;
        worker.kill();
        // The lease of the dead has run out.
        db.tamper("UPDATE jobs SET run_at = 0 WHERE state = 'ready'").await.unwrap();
    }
    for arguments in [["audit", "checkpoint"], ["audit", "verify"]] {
        let (ran, said) = place.run(&arguments);
        assert!(ran, "{said}");
    }
    let done: Vec<Done> = db.all(&DONE, params![]).await.unwrap();
    assert_eq!(
        done.len(),
        erasures,
        "each erasure in `App::jobs` leaves an action of its own: {done:?}"
    );
    for Done { action, times, people: of } in done {
        let once = i64::try_from(people).unwrap();
        assert_eq!((times, of), (once, once), "{action}");
    }
}

/// How many jobs each person who leaves becomes.
async fn erasures() -> usize {
    // Not in the database of the worker, whose root keys are others.
    let db = TestDb::sqlite(&server::registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let jobs = app.app.jobs();
    let erasures: Vec<_> =
        jobs.iter().filter(|job| job.listens_to() == Some(ERASED)).map(|job| job.kind()).collect();
    for kind in &erasures {
        assert!(kind.contains(".erase.v"), "{kind} listens to {ERASED}: call it `SLICE.erase.vN`");
    }
    app.app.db.close();
    db.discard().await;
    erasures.len()
}

async fn wait_until_left(db: &TestDb, erasures: usize, wanted: usize) {
    let each = i64::try_from(erasures).unwrap();
    let waiting = async {
        loop {
            let Left { n } = db.one(&JOBS_LEFT, params![each]).await.unwrap();
            if usize::try_from(n).unwrap() <= wanted {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("the worker stands still");
}
