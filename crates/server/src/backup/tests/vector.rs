//! A backup that was written once and must open for ever. If this fails the format changed: make
//! a new version beside the old one, never a new vector in place of the old one.

use super::*;
use crate::backup::check;
use std::{os::unix::fs::PermissionsExt, path::PathBuf};
use vault::{FileKms, Unlock};

/// The steps of the program that made it, cut down to what the two files need.
const STEPS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_vector",
    sql: "CREATE TABLE vault_keys (id {uuid} PRIMARY KEY, wrapped {bytes} NOT NULL){strict};
        CREATE TABLE notes (id {uuid} PRIMARY KEY, label TEXT, ok {bool}){strict};",
}];

db::statements! { "backup.vector";
    LABEL = "SELECT label, ok FROM notes WHERE id = $1";
    WRAPPED = "SELECT wrapped FROM vault_keys WHERE id = $1";
}

row! {
    struct Label {
        label: String,
        ok: bool,
    }
}

row! {
    struct Wrapped {
        wrapped: Vec<u8>,
    }
}

/// Each line is the name of a file and its bytes in hexadecimal.
fn unpack(dir: &Path) -> Vec<PathBuf> {
    let unpack_line = |line: &str| {
        let (name, hex) = line.split_once(' ').unwrap();
        let digit = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = hex.as_bytes().chunks(2).map(digit).collect();
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    include_str!("../../../vectors/backup-v1.txt").lines().map(unpack_line).collect()
}

#[tokio::test]
async fn a_backup_of_version_1_opens_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let paths = unpack(dir.path());
    let kms = FileKms::open(dir.path(), Env::system(), Unlock::Plain).unwrap();
    let with = |ending: &str| {
        paths.iter().find(|path| path.extension().unwrap() == ending).unwrap().clone()
    };
    let files = Files { data: with("backup"), keys: with("keys") };
    let checked = check(&files.data, (&kms, &Env::system()), &silent()).await.unwrap();
    assert_eq!(checked.header.created.to_string(), "2026-11-21T10:00:00.000000Z");
    assert_eq!(checked.counts.0["notes"], 1);

    let set = MigrationSet::new(&[STEPS]);
    let id = Uuid::from_u128(7);
    for engine in db::testing::ENGINES {
        let Some(db) = blank(engine).await else { continue };
        restore_files(&files, &db, &kms, &set, &silent()).await.unwrap();
        let label: Label = db.one(&LABEL, params![id]).await.unwrap();
        assert_eq!((label.label.as_str(), label.ok), ("süß 💙", true));
        let wrapped: Wrapped = db.one(&WRAPPED, params![id]).await.unwrap();
        assert_eq!(wrapped.wrapped, [1, 2, 3]);
        for statement in STATEMENTS {
            db.check_statement(statement).await.unwrap();
        }
        db.discard().await;
    }
}
