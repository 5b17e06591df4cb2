//! Folders with backups.

use super::*;
use crate::backup::{KEEP_KEYS, list, prune};
use std::{os::unix::fs::PermissionsExt, path::PathBuf};

fn names(dir: &Path) -> Vec<String> {
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|entry| name(entry.unwrap().path())).collect();
    names.sort();
    names
}

#[tokio::test]
async fn names_say_when_the_backup_was_made() {
    let clock = StoppedClock::at("2026-11-21T09:47:59.000123Z");
    let test = TestDb::sqlite(&set()).await;
    let db = in_world(&test, clock.env());
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("made/if/missing");
    backup(&db, &kms(), &dir).await;
    let expected = ["salus-20261121T094759.000123Z.backup", "salus-20261121T094759.000123Z.keys"];
    assert_eq!(names(&dir), expected);
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    let again = create(&db, &*kms(), &dir, &silent()).await;
    assert!(matches!(again, Err(BackupError::Exists(_))));
    assert_eq!(names(&dir), expected);
    db.close();
    test.discard().await;
}

#[tokio::test]
async fn a_backup_that_fails_leaves_no_file() {
    let db = TestDb::sqlite(&set()).await;
    // The last table in order has a column that no migration of ours could make.
    db.tamper("CREATE TABLE zz (x NUMERIC)").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let failed = create(&db, &*kms(), dir.path(), &silent()).await;
    assert!(matches!(failed, Err(BackupError::Dump(_))), "{failed:?}");
    assert!(names(dir.path()).is_empty());
    db.discard().await;
}

#[tokio::test]
async fn old_keys_go_and_data_and_the_newest_keys_stay() {
    let clock = StoppedClock::at("2026-01-01T00:00:00Z");
    let test = TestDb::sqlite(&set()).await;
    let db = in_world(&test, clock.env());
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(backup(&db, &kms, dir.path()).await);
        clock.advance(20);
    }
    let left_behind = dir.path().join("salus-20260101T000000Z.keys.00000000.partial");
    std::fs::write(&left_behind, "x").unwrap();
    std::fs::File::open(&left_behind).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    std::fs::write(dir.path().join("salus-notes.keys"), "not ours").unwrap();
    std::fs::write(dir.path().join("letters.keys"), "not ours").unwrap();

    let gone = prune(dir.path(), KEEP_KEYS, db.env()).await.unwrap();
    assert_eq!(gone, [made[0].keys.clone(), made[1].keys.clone(), left_behind]);
    let found = list(dir.path()).await.unwrap();
    assert_eq!(found.len(), 4);
    assert!(made.iter().all(|report| report.data.exists()));

    clock.advance(1000);
    assert!(prune(dir.path(), KEEP_KEYS, db.env()).await.unwrap().is_empty());
    assert_eq!(names(dir.path()).len(), 6);
    db.close();
    test.discard().await;
}

#[tokio::test]
async fn a_backup_whose_keys_are_gone_takes_the_newest() {
    let clock = StoppedClock::at("2026-01-01T00:00:00Z");
    let test = TestDb::sqlite(&set()).await;
    let db = in_world(&test, clock.env());
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    let first = backup(&db, &kms, dir.path()).await;
    clock.advance(1);
    let second = backup(&db, &kms, dir.path()).await;
    assert_eq!(Files::beside(&first.data).await.unwrap().keys, first.keys);
    std::fs::remove_file(&first.keys).unwrap();
    assert_eq!(Files::beside(&first.data).await.unwrap().keys, second.keys);
    std::fs::remove_file(&second.keys).unwrap();
    assert!(matches!(Files::beside(&first.data).await, Err(BackupError::NoKeys(_))));
    db.close();
    test.discard().await;
}
