//! From one database into another.

use super::*;
use crate::backup::{Progress, Stage};
use db::{DbError, dump::DumpError, testing::ENGINES};
use std::sync::{Mutex, atomic::AtomicBool};
use vault::{Kms, KmsLine, Ring};

const PAIRS: [(Engine, Engine); 4] = [
    (Engine::Sqlite, Engine::Sqlite),
    (Engine::Sqlite, Engine::Postgres),
    (Engine::Postgres, Engine::Sqlite),
    (Engine::Postgres, Engine::Postgres),
];

async fn filled(engine: Engine) -> Option<TestDb> {
    let db = blank(engine).await?;
    db.migrate(&set()).await.unwrap();
    Some(db)
}

#[tokio::test]
async fn what_was_sealed_on_one_database_opens_on_the_other() {
    for (from, to) in PAIRS {
        let (Some(old), Some(new)) = (filled(from).await, blank(to).await) else { continue };
        let (dir, kms, subject) = (tempfile::tempdir().unwrap(), kms(), person());
        let id = put(&old, &vault(&old, &kms), subject, "a quiet day").await;
        let made = backup(&old, &kms, dir.path()).await;
        let restored = bring_back(&files(&made), &new, &kms).await.unwrap();
        assert_eq!(restored.counts, made.counts);
        assert_eq!(restored.counts.0["notes"], 1);
        assert!(restored.counts.0["vault_keys"] > 0);
        let opened = get(&new, &vault(&new, &kms), subject, id).await.unwrap();
        assert_eq!(opened.expose(), b"a quiet day");
        old.discard().await;
        new.discard().await;
    }
}

#[tokio::test]
async fn a_backup_made_while_others_write_restores_one_moment() {
    for engine in ENGINES {
        let (Some(old), Some(new)) = (filled(engine).await, blank(engine).await) else { continue };
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        let keys = vault(&old, &kms);
        let mut ids = Vec::new();
        for _ in 0..200 {
            ids.push(put(&old, &keys, person(), "x").await);
        }
        let done = AtomicBool::new(false);
        let write = async {
            let mut moved = 0;
            while !done.load(Ordering::SeqCst) {
                let (from, to) = (ids[moved % 200], ids[(moved * 7 + 1) % 200]);
                run_tx!(old, "test.move", |tx| {
                    tx.defer(&MOVE, params![from, -1]);
                    tx.defer(&MOVE, params![to, 1]);
                    Ok::<_, DbError>(())
                })
                .unwrap();
                moved += 1;
            }
            moved
        };
        let save = async {
            let made = backup(&old, &kms, dir.path()).await;
            put(&old, &keys, person(), "after the backup").await;
            done.store(true, Ordering::SeqCst);
            made
        };
        let (moves, made) = tokio::join!(write, save);
        assert!(moves > 0);
        bring_back(&files(&made), &new, &kms).await.unwrap();
        let sum: Sum = new.one(&SUM, params![]).await.unwrap();
        assert_eq!(sum, Sum { rows: 200, sum: 20_000 });
        old.discard().await;
        new.discard().await;
    }
}

#[tokio::test]
async fn with_keys_of_after_an_erasure_the_person_does_not_come_back() {
    for engine in ENGINES {
        let (Some(old), Some(new)) = (filled(engine).await, blank(engine).await) else { continue };
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        let (gone, stays) = (person(), person());
        let keys = vault(&old, &kms);
        let of_gone = put(&old, &keys, gone, "erase me").await;
        let of_stays = put(&old, &keys, stays, "keep me").await;
        let before = backup(&old, &kms, dir.path()).await;
        keys.shred(gone, Ring::Clinical).await.unwrap();
        let after = backup(&old, &kms, dir.path()).await;

        let files = Files { data: before.data.clone(), keys: after.keys.clone() };
        let restored = bring_back(&files, &new, &kms).await.unwrap();
        assert_ne!(restored.data.id, restored.keys.id);
        let keys = vault(&new, &kms);
        assert!(matches!(
            get(&new, &keys, gone, of_gone).await,
            Err(VaultError::Erased(Ring::Clinical))
        ));
        assert_eq!(get(&new, &keys, stays, of_stays).await.unwrap().expose(), b"keep me");
        old.discard().await;
        new.discard().await;
    }
}

#[tokio::test]
async fn an_older_backup_is_brought_up_to_the_program() {
    const LATER: Migration = Migration {
        version: 9002,
        name: "9002_later",
        sql: "ALTER TABLE notes ADD COLUMN later {int} NOT NULL DEFAULT 7;",
    };
    for engine in ENGINES {
        let (Some(old), Some(new)) = (filled(engine).await, blank(engine).await) else { continue };
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        put(&old, &vault(&old, &kms), person(), "x").await;
        let before = backup(&old, &kms, dir.path()).await;
        let later = MigrationSet::new(&[db::MIGRATIONS, &[NOTES, LATER]]);
        old.migrate(&later).await.unwrap();
        let after = backup(&old, &kms, dir.path()).await;
        let files = Files { data: before.data.clone(), keys: after.keys.clone() };
        restore_files(&files, &new, &*kms, &later, &silent()).await.unwrap();
        assert!(new.missing(&later).await.unwrap().is_empty());
        assert!(new.schema().await.unwrap().0["notes"].contains("later"));
        old.discard().await;
        new.discard().await;
    }
}

#[tokio::test]
async fn a_database_with_rows_is_left_alone() {
    for engine in ENGINES {
        let Some(old) = filled(engine).await else { continue };
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        put(&old, &vault(&old, &kms), person(), "x").await;
        let made = backup(&old, &kms, dir.path()).await;
        let refused = bring_back(&files(&made), &old, &kms).await;
        assert!(matches!(refused, Err(BackupError::Dump(DumpError::NotEmpty(_)))), "{refused:?}");
        assert_eq!(old.one::<Sum>(&SUM, params![]).await.unwrap().rows, 1);
        old.discard().await;
    }
}

#[tokio::test]
async fn a_backup_that_is_refused_leaves_the_database_without_tables() {
    for engine in ENGINES {
        let (Some(old), Some(new)) = (filled(engine).await, blank(engine).await) else { continue };
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        put(&old, &vault(&old, &kms), person(), "x").await;
        let made = files(&backup(&old, &kms, dir.path()).await);
        let whole = std::fs::read(&made.keys).unwrap();
        std::fs::write(&made.keys, &whole[..whole.len() - 1]).unwrap();
        let refused = bring_back(&made, &new, &kms).await;
        assert!(matches!(refused, Err(BackupError::Damaged(path)) if path == made.keys));
        assert!(!new.schema().await.unwrap().0.contains_key("notes"));
        old.discard().await;
        new.discard().await;
    }
}

#[tokio::test]
async fn the_two_files_cannot_be_mistaken_for_one_another() {
    let old = filled(Engine::Sqlite).await.unwrap();
    let new = blank(Engine::Sqlite).await.unwrap();
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    let made = backup(&old, &kms, dir.path()).await;
    for (data, keys, wanted) in
        [(&made.keys, &made.keys, "backup"), (&made.data, &made.data, "keys")]
    {
        let files = Files { data: data.clone(), keys: keys.clone() };
        let refused = bring_back(&files, &new, &kms).await;
        assert!(
            matches!(&refused, Err(BackupError::WrongPart { wanted: found, .. }) if *found == wanted),
            "{refused:?}"
        );
    }
    old.discard().await;
    new.discard().await;
}

#[tokio::test]
async fn a_backup_sealed_anew_survives_its_root_key() {
    let old = filled(Engine::Sqlite).await.unwrap();
    let new = blank(Engine::Sqlite).await.unwrap();
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    put(&old, &vault(&old, &kms), person(), "x").await;
    let made = backup(&old, &kms, dir.path()).await;
    let first = kms.versions(KmsLine::Root).await.unwrap()[0].key;
    let second = kms.generate(KmsLine::Root).await.unwrap();
    let world: (&dyn Kms, &Env) = (&*kms, old.env());
    let resealed = crate::backup::reseal_all(dir.path(), world).await.unwrap();
    assert_eq!(resealed.len(), 2);
    assert!(crate::backup::reseal_all(dir.path(), world).await.unwrap().is_empty());
    let header = crate::backup::inspect(&made.data).await.unwrap();
    assert_eq!((header.id, header.created, header.key), (made.id, made.created, second));

    kms.destroy(first).await.unwrap();
    // The keys in the table were not wrapped anew here, so only the files are looked at.
    let restored = bring_back(&files(&made), &new, &kms).await.unwrap();
    assert_eq!(restored.counts, made.counts);
    old.discard().await;
    new.discard().await;
}

#[tokio::test]
async fn progress_tells_of_all_rows_in_each_stage() {
    let old = filled(Engine::Sqlite).await.unwrap();
    let new = blank(Engine::Sqlite).await.unwrap();
    let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
    put(&old, &vault(&old, &kms), person(), "x").await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let on_progress: OnProgress = Arc::new(move |progress| tell.lock().unwrap().push(progress));
    let made = create(&old, &*kms, dir.path(), &on_progress).await.unwrap();
    restore_files(&files(&made), &new, &*kms, &set(), &on_progress).await.unwrap();
    let rows = made.counts.total();
    let told = std::mem::take(&mut *told.lock().unwrap());
    for (stage, of) in
        [(Stage::Writing, None), (Stage::Checking, None), (Stage::Loading, Some(rows))]
    {
        let last = told.iter().rfind(|progress| progress.stage == stage);
        assert_eq!(last, Some(&Progress { stage, rows, of }));
    }
    old.discard().await;
    new.discard().await;
}
