//! Backups of both databases, and restoring them into either.

mod files;
mod folder;
mod restore;
mod vector;
mod whole;

use super::{OnProgress, Report, Restored, create, restore as restore_files};
use crate::backup::{BackupError, Files};
use db::{
    Db, DbConfig, Engine, Migration, MigrationSet, SqlKeyStore, params, row, run_tx,
    testing::TestDb,
};
use kernel::{Clock, Env, Phi, Subject, SystemRng, TenantId, Timestamp, UserId};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use uuid::Uuid;
use vault::{KeyPurpose, MemoryKms, Sealed, Vault, VaultConfig, VaultError};

const NOTES: Migration = Migration {
    version: 9001,
    name: "9001_notes",
    sql: "CREATE TABLE notes (
        tenant_id {uuid} NOT NULL, shard_id {int} NOT NULL, user_id {uuid} NOT NULL,
        id {uuid} NOT NULL, n {int} NOT NULL, label TEXT NOT NULL, body {sealed},
        PRIMARY KEY (tenant_id, shard_id, user_id, id)
    ){strict};",
};

vault::columns! {
    /// Text.
    BODY = ("notes", "body", KeyPurpose::clinical("notes"), 1);
}

db::statements! { "backup.tests";
    PUT = "INSERT INTO notes (tenant_id, shard_id, user_id, id, n, label, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET = "SELECT body FROM notes
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    MOVE = "UPDATE notes SET n = n + $2 WHERE id = $1";
    SUM = "SELECT COUNT(*) AS rows, CAST(COALESCE(SUM(n), 0) AS BIGINT) AS sum FROM notes";
}

row! {
    struct Body {
        body: Option<Vec<u8>>,
    }
}

row! {
    #[derive(Debug, PartialEq, Eq)]
    struct Sum {
        rows: i64,
        sum: i64,
    }
}

db::db_test!(both_databases_can_prepare_the_statements_of_these_tests, set(), |db| {
    for statement in STATEMENTS {
        db.check_statement(statement).await.unwrap();
    }
});

/// In the clear in the database, and to be found in no backup.
const CANARY: &str = "canary-4f1d9c in the clear";

fn set() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, &[NOTES]])
}

fn silent() -> OnProgress {
    Arc::new(|_| {})
}

fn kms() -> Arc<MemoryKms> {
    Arc::new(MemoryKms::new(Env::system()))
}

fn vault(db: &Db, kms: &Arc<MemoryKms>) -> Vault {
    let store = Arc::new(SqlKeyStore::new(db.clone()));
    Vault::new(db.env().clone(), kms.clone(), store, VaultConfig::new(&[COLUMNS]))
}

fn person() -> Subject {
    Subject::new(TenantId::DEFAULT, Env::system().new_id::<UserId>())
}

async fn put(db: &Db, vault: &Vault, subject: Subject, text: &str) -> Uuid {
    let id = db.env().new_id::<Uuid>();
    let keys = vault.keyring(subject).await.unwrap();
    let body = keys.seal(&BODY, id, text.as_bytes()).unwrap();
    db.exec(&PUT, params![subject => id, 100, CANARY, body.as_bytes()]).await.unwrap();
    id
}

async fn get(
    db: &Db,
    vault: &Vault,
    subject: Subject,
    id: Uuid,
) -> Result<Phi<Vec<u8>>, VaultError> {
    let row: Body = db.one(&GET, params![subject => id]).await.unwrap();
    let sealed = Sealed::from_bytes(row.body.unwrap());
    vault.keyring(subject).await?.open(&BODY, id, &sealed)
}

/// A database without a single step.
async fn blank(engine: Engine) -> Option<TestDb> {
    let none = MigrationSet::new(&[]);
    match engine {
        Engine::Sqlite => Some(TestDb::sqlite(&none).await),
        Engine::Postgres => TestDb::postgres(&none).await,
    }
}

async fn backup(db: &Db, kms: &MemoryKms, dir: &Path) -> Report {
    create(db, kms, dir, &silent()).await.unwrap()
}

async fn bring_back(files: &Files, db: &Db, kms: &MemoryKms) -> Result<Restored, BackupError> {
    restore_files(files, db, kms, &set(), &silent()).await
}

fn files(report: &Report) -> Files {
    Files { data: report.data.clone(), keys: report.keys.clone() }
}

/// Stands still until it is moved.
struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl StoppedClock {
    fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time.parse::<Timestamp>().unwrap().as_micros())))
    }

    fn advance(&self, days: i64) {
        self.0.fetch_add(days * 24 * 60 * 60 * 1_000_000, Ordering::SeqCst);
    }

    fn env(self: &Arc<Self>) -> Env {
        Env::new(self.clone(), Arc::new(SystemRng))
    }
}

/// The database in a world with this clock.
fn in_world(db: &TestDb, env: Env) -> Db {
    Db::open(&DbConfig::from_url(&db.url).unwrap(), env).unwrap()
}
