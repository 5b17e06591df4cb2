//! What is refused, and what nobody can read.

use super::*;
use crate::backup::{check, inspect};
use std::os::unix::fs::PermissionsExt;
use vault::Kms;

async fn small() -> (TestDb, tempfile::TempDir, Arc<MemoryKms>, Files) {
    let db = TestDb::sqlite(&set()).await;
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    put(&db, &vault(&db, &kms), person(), CANARY).await;
    let files = files(&backup(&db, &kms, dir.path()).await);
    (db, dir, kms, files)
}

async fn check_bytes(dir: &Path, kms: &MemoryKms, bytes: &[u8]) -> Result<(), BackupError> {
    let path = dir.join("changed");
    std::fs::write(&path, bytes).unwrap();
    check(&path, (kms, &Env::system()), &silent()).await.map(drop)
}

#[tokio::test]
async fn every_changed_byte_is_noticed() {
    let (db, dir, kms, files) = small().await;
    for path in [&files.data, &files.keys] {
        let whole = std::fs::read(path).unwrap();
        check_bytes(dir.path(), &kms, &whole).await.unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            let error = check_bytes(dir.path(), &kms, &changed).await.unwrap_err();
            let typed = match at {
                0..8 => matches!(error, BackupError::NotABackup(_)),
                8..10 => matches!(error, BackupError::Newer(_)),
                _ => matches!(error, BackupError::Damaged(_) | BackupError::Foreign { .. }),
            };
            assert!(typed, "byte {at}: {error}");
        }
    }
    db.discard().await;
}

#[tokio::test]
async fn a_file_that_was_cut_off_anywhere_or_got_longer_is_refused() {
    let (db, dir, kms, files) = small().await;
    let whole = std::fs::read(&files.keys).unwrap();
    for length in 0..whole.len() {
        let error = check_bytes(dir.path(), &kms, &whole[..length]).await.unwrap_err();
        let typed = match length {
            0..8 => matches!(error, BackupError::NotABackup(_)),
            _ => matches!(error, BackupError::Damaged(_)),
        };
        assert!(typed, "length {length}: {error}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    let error = check_bytes(dir.path(), &kms, &longer).await.unwrap_err();
    assert!(matches!(error, BackupError::Damaged(_)), "{error}");
    db.discard().await;
}

#[tokio::test]
async fn large_files_are_read_in_pieces_and_their_middle_is_checked_too() {
    let db = TestDb::sqlite(&set()).await;
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    let keys = vault(&db, &kms);
    let subject = person();
    for _ in 0..12 {
        put(&db, &keys, subject, &"long ".repeat(20_000)).await;
    }
    let made = backup(&db, &kms, dir.path()).await;
    let whole = std::fs::read(&made.data).unwrap();
    assert!(whole.len() > 1_000_000);
    check_bytes(dir.path(), &kms, &whole).await.unwrap();
    let chunk = 16 * 1024 + 16;
    for cut in [chunk * 20, whole.len() / 2, whole.len() - chunk] {
        let error = check_bytes(dir.path(), &kms, &whole[..cut]).await.unwrap_err();
        assert!(matches!(error, BackupError::Damaged(_)), "{error}");
    }
    let mut swapped = whole.clone();
    let (one, two) = (whole.len() - chunk * 5, whole.len() - chunk * 4);
    swapped[one..one + chunk].copy_from_slice(&whole[two..two + chunk]);
    let error = check_bytes(dir.path(), &kms, &swapped).await.unwrap_err();
    assert!(matches!(error, BackupError::Damaged(_)), "{error}");
    db.discard().await;
}

#[tokio::test]
async fn the_keys_of_another_installation_open_nothing() {
    let (db, _dir, _, files) = small().await;
    let other = kms();
    let refused = check(&files.data, (&*other, &Env::system()), &silent()).await.unwrap_err();
    assert!(matches!(refused, BackupError::Foreign { .. }), "{refused}");
    db.discard().await;
}

#[tokio::test]
async fn a_kms_that_is_down_is_no_damage() {
    let (db, _dir, kms, files) = small().await;
    kms.set_down(true);
    let refused = check(&files.data, (&*kms, &Env::system()), &silent()).await.unwrap_err();
    assert!(matches!(refused, BackupError::Vault(VaultError::Kms(_))), "{refused}");
    db.discard().await;
}

#[tokio::test]
async fn what_a_file_says_about_itself_needs_no_key() {
    let (db, _dir, kms, files) = small().await;
    let header = inspect(&files.keys).await.unwrap();
    let newest = kms.versions(vault::KmsLine::Root).await.unwrap()[0].key;
    assert_eq!((header.part, header.key), (crate::backup::Part::Keys, newest));
    let (data, keys) = (inspect(&files.data).await.unwrap(), header);
    assert_eq!((data.id, data.created), (keys.id, keys.created));
    db.discard().await;
}

#[tokio::test]
async fn the_files_are_private_and_hold_nothing_in_the_clear() {
    let (db, dir, _, files) = small().await;
    let mut names = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        assert!([&files.data, &files.keys].contains(&&path), "{}", path.display());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = std::fs::read(&path).unwrap();
        for word in [CANARY, "notes", "SALUSDMP", "9001_notes", "vault_keys"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} in {}", path.display());
        }
        names += 1;
    }
    assert_eq!(names, 2);
    // The words are there to be found where nothing is sealed.
    db.close();
    let clear = std::fs::read(db.file().unwrap()).unwrap();
    assert!(clear.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()));
    db.discard().await;
}
