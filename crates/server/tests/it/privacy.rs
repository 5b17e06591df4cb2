//! What a person writes is nowhere in the clear: not in the database, its write-ahead log, the
//! program's log or a backup.

use crate::program::{Place, contains, files_with};
use db::testing::TestDb;
use serde_json::json;
use std::sync::Arc;

const CANARIES: [&str; 4] =
    ["canary-title-7f3a", "canary-content-91be", "canary-tag-c02d", "canary-name-55aa"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_written_is_in_the_clear_on_disk_in_logs_or_in_backups() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().join("data"), database_url: None };
    let log = write_canaries(&place).await;
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log");
        let files = files_with(dir.path(), canary.as_bytes());
        assert!(files.is_empty(), "{canary} is in {files:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_written_is_in_the_clear_in_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    let place = Place { dir: dir.path().join("data"), database_url: Some(db.url.expose().clone()) };
    let log = write_canaries(&place).await;
    let (dump, counts) =
        db.snapshot().await.unwrap().dump(|_| true, Vec::new(), Arc::new(|_| ())).await.unwrap();
    assert_eq!(counts.0.get("journal_entries"), Some(&20), "the dump has what was written");
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log");
        assert!(files_with(dir.path(), canary.as_bytes()).is_empty());
        assert!(!contains(&dump, canary.as_bytes()), "{canary} is in the database");
    }
    db.discard().await;
}

/// Uses the program with words that must not be found again, and answers its log.
async fn write_canaries(place: &Place) -> String {
    let [title, content, tag, name] = CANARIES;
    let program = place.serve();
    let token = program.token(name).await;
    for number in 0..20 {
        let entry =
            json!({ "title": title, "content": format!("{content} {number}"), "tags": [tag] });
        let made = program.post("/api/journal/entries", Some(&token), &entry).await;
        made.unwrap();
    }
    let words = json!({ "words": content });
    let found = program.post("/api/journal/entries/search", Some(&token), &words).await;
    assert!(!found.unwrap()["entries"].as_array().unwrap().is_empty());
    // Failures are where programs like to repeat what they were sent.
    let wrong = json!({ "title": title, "content": content, "tags": 7 });
    assert!(program.post("/api/journal/entries", Some(&token), &wrong).await.is_err());
    let target = place.dir.parent().unwrap().join("backups");
    std::fs::create_dir_all(&target).unwrap();
    let (done, said) = place.run(&["backup", target.to_str().unwrap()]);
    assert!(done, "{said}");
    // While it runs, what was written is still in the write-ahead log.
    for canary in CANARIES {
        let files = files_with(&place.dir, canary.as_bytes());
        assert!(files.is_empty(), "{canary} is in {files:?}");
    }
    program.stop()
}
