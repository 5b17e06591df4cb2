//! Throw-away databases for tests, and one test body for both kinds.
//!
//! PostgreSQL is used when `SALUS_TEST_POSTGRES_URL` names a server; `make test` starts one.
//! Each test has a database of its own, so all of them run at once.

use crate::{
    config::{DbConfig, PostgresConfig},
    database::{Backend, Db},
    dialect::Engine,
    error::DbError,
    migrate::MigrationSet,
};
use kernel::{Env, Secret};
use std::path::{Path, PathBuf};

/// Names the server whose databases tests may make and drop.
pub const POSTGRES_URL: &str = "SALUS_TEST_POSTGRES_URL";

/// Stamps one async test body for both databases: `db_test!(name, MIGRATIONS, |db| { … })`.
/// The body gets a [`TestDb`] whose schema is complete.
#[macro_export]
macro_rules! db_test {
    ($(#[$meta:meta])* $name:ident, $migrations:expr, |$db:ident| $body:block) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "bodies differ")]
            use super::*;

            async fn body($db: &$crate::testing::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let db = $crate::testing::TestDb::sqlite(&$migrations).await;
                body(&db).await;
                db.discard().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = $crate::testing::TestDb::postgres(&$migrations).await {
                    body(&db).await;
                    db.discard().await;
                }
            }
        }
    };
}

/// A database of one test.
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its URL, for a second connection.
    pub url: Secret<String>,
    home: Home,
}

enum Home {
    Folder(PathBuf),
    Server { admin: Db, name: String },
}

impl std::ops::Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    /// On SQLite, in memory-backed storage where the machine has it.
    pub async fn sqlite(migrations: &MigrationSet) -> Self {
        let shm = PathBuf::from("/dev/shm");
        let root = if shm.is_dir() { shm } else { std::env::temp_dir() };
        Self::sqlite_in(&root, migrations).await
    }

    /// On SQLite, in a new folder below this one.
    pub async fn sqlite_in(root: &Path, migrations: &MigrationSet) -> Self {
        let env = Env::system();
        let folder = root.join(format!("salus-test-{}", env.new_id::<uuid::Uuid>()));
        must(std::fs::create_dir(&folder));
        let url = Secret::new(format!("sqlite:{}", folder.join("salus.db").display()));
        let db = Self::connect(&url);
        must(db.migrate(migrations).await);
        Self { db, url, home: Home::Folder(folder) }
    }

    /// On PostgreSQL, or `None` with a loud word where no server is named. Where `CI` is set, a
    /// missing server is a failure.
    pub async fn postgres(migrations: &MigrationSet) -> Option<Self> {
        let Some(admin_url) = variable(POSTGRES_URL) else {
            must(if variable("CI").is_none() { Ok(()) } else { Err("CI must test on PostgreSQL") });
            complain();
            return None;
        };
        let admin = Self::connect(&Secret::new(admin_url.clone()));
        let id = admin.env().new_id::<uuid::Uuid>().simple().to_string();
        let name = format!("salus_test_{id}");
        must(plain(&admin, format!("CREATE DATABASE {name}")).await);
        let url = Secret::new(with_database(&admin_url, &name));
        let db = Self::connect(&url);
        must(db.migrate(migrations).await);
        Some(Self { db, url, home: Home::Server { admin, name } })
    }

    /// Another connection to the same database, as another process would have it.
    #[must_use]
    pub fn another(&self) -> Db {
        Self::connect(&self.url)
    }

    /// Another connection that lives in this world, with its clock.
    #[must_use]
    pub fn another_in(&self, env: Env) -> Db {
        Self::connect_in(&self.url, env)
    }

    fn connect(url: &Secret<String>) -> Db {
        Self::connect_in(url, Env::system())
    }

    fn connect_in(url: &Secret<String>, env: Env) -> Db {
        let mut config = must(DbConfig::from_url(url));
        if let DbConfig::Postgres(PostgresConfig { connections, .. }) = &mut config {
            *connections = 4; // many tests share one server
        }
        must(Db::open(&config, env))
    }

    /// Where the files are, on the embedded database.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.home {
            Home::Folder(folder) => Some(folder),
            Home::Server { .. } => None,
        }
    }

    /// Runs SQL as an intruder with access to the database would: any text, no rules.
    pub async fn tamper(&self, sql: &str) -> Result<(), DbError> {
        plain(&self.db, sql.to_owned()).await
    }

    /// Removes the database.
    pub async fn discard(self) {
        self.db.close();
        match self.home {
            Home::Folder(folder) => must(std::fs::remove_dir_all(folder)),
            Home::Server { admin, name } => {
                must(plain(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await);
                admin.close();
            }
        }
    }
}

async fn plain(db: &Db, sql: String) -> Result<(), DbError> {
    match db.backend() {
        Backend::Sqlite(sqlite) => sqlite.script(sql).await,
        Backend::Postgres(server) => server.script(&sql).await,
    }
}

/// The engines a test can run on, for names and messages.
pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

fn with_database(url: &str, name: &str) -> String {
    let (base, query) =
        url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let base = base.rsplit_once('/').map_or(base, |(server, _)| server);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{base}/{name}{query}")
}

#[expect(clippy::disallowed_methods, reason = "tests are told by their runner where servers are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[expect(clippy::print_stderr, reason = "a test that did not run must be seen")]
fn complain() {
    eprintln!("NOT RUN on PostgreSQL: {POSTGRES_URL} is not set; `make test` sets it");
}

#[expect(clippy::panic, reason = "a test without its database has failed")]
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("test database: {error}"),
    }
}
