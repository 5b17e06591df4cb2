//! A ledger over a throw-away database, and an intruder.

use super::hex;
use crate::*;
use db::{Db, Engine, MigrationSet, run_tx, testing::TestDb};
use kernel::{
    Acr, Actor, Clock, Ctx, Env, Origin, Person, Purpose, RequestId, Role, RoleSet, SessionId,
    Subject, SystemRng, TenantId, Timestamp, UserId,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

actions! {
    /// A thing was changed.
    THING_CHANGED = "test.thing.change" on "thing";
    /// A thing was read.
    THING_READ = "test.thing.read" on "thing";
}

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[MIGRATIONS])
}

/// A ledger with its vault.
pub(super) struct Bed {
    pub(super) ledger: Ledger,
    pub(super) vault: Vault,
    pub(super) keys: Arc<MemoryKeyStore>,
}

pub(super) async fn bed(db: &Db) -> Bed {
    bed_with(db, LedgerConfig { batch: 7, ..config() }).await
}

pub(super) fn config() -> LedgerConfig {
    LedgerConfig { instance: "node-1".parse().unwrap(), ..LedgerConfig::default() }
}

pub(super) async fn bed_with(db: &Db, config: LedgerConfig) -> Bed {
    bed_in(db, db.env().clone(), config).await
}

/// A ledger whose vault lives by this clock.
pub(super) async fn bed_in(db: &Db, env: Env, config: LedgerConfig) -> Bed {
    let (kms, keys) = (MemoryKms::new(env.clone()), Arc::new(MemoryKeyStore::default()));
    let config_of_vault = VaultConfig::new(&[COLUMNS]);
    let vault = Vault::new(env, Arc::new(kms), keys.clone(), config_of_vault);
    let ledger = Ledger::open(db.clone(), vault.clone(), config).await.unwrap();
    Bed { ledger, vault, keys }
}

pub(super) fn person() -> Subject {
    Subject::new(TenantId::DEFAULT, Env::system().new_id::<UserId>())
}

/// A request by this person.
pub(super) fn by(subject: Subject) -> Ctx {
    let env = Env::system();
    let person = Person {
        subject,
        session: env.new_id::<SessionId>(),
        roles: RoleSet::of(&[Role::User]),
        acr: Acr::Mfa,
        auth_time: env.now(),
    };
    let origin = Origin { ip: "192.0.2.7".parse().ok(), user_agent: Some("Secret Browser".into()) };
    let request = RequestId::random(&env);
    Ctx::request(env, request, Actor::Person(person), origin).for_purpose(Purpose::SelfCare)
}

/// The machine's clock, this many seconds ahead.
#[derive(Default)]
pub(super) struct Ahead(pub(super) AtomicU64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Env::system().now().plus(Duration::from_secs(self.0.load(Ordering::SeqCst)))
    }
}

/// The program itself, this much later.
pub(super) fn later(duration: Duration) -> Ctx {
    let clock = Ahead(AtomicU64::new(duration.as_secs()));
    Ctx::system(Env::new(Arc::new(clock), Arc::new(SystemRng)), "test.job")
}

impl Bed {
    /// The same ledger in a process that remembers nothing.
    pub(super) async fn restarted(&self) -> Self {
        let (db, vault) = (self.ledger.db().clone(), self.vault.clone());
        let ledger = Ledger::open(db, vault.clone(), self.ledger.config().clone()).await.unwrap();
        Self { ledger, vault, keys: self.keys.clone() }
    }

    /// Records this many events of a person about themself, in transactions of their own.
    pub(super) async fn fill(&self, subject: Subject, events: usize) -> Vec<EventId> {
        let (ctx, mut ids) = (by(subject), Vec::new());
        let keys = self.ledger.keys(&ctx, subject).await.unwrap();
        let db = self.ledger.db();
        for _ in 0..events {
            let id = run_tx!(db, "test.fill", |tx| {
                let event = Event::new(&THING_CHANGED, subject).resource(Uuid::from_u128(5));
                self.ledger.record(tx, &ctx, &keys, &event)
            });
            ids.push(id.unwrap());
        }
        ids
    }

    /// A ledger of so many leaves, with a checkpoint in the middle and one at the end.
    pub(super) async fn signed(&self, leaves: usize) -> Vec<EventId> {
        let subject = person();
        let mut ids = self.fill(subject, leaves / 2).await;
        self.ledger.sequence_all().await.unwrap();
        self.ledger.checkpoint().await.unwrap();
        ids.extend(self.fill(subject, leaves - leaves / 2).await);
        self.ledger.sequence_all().await.unwrap();
        self.ledger.checkpoint().await.unwrap();
        ids
    }

    pub(super) async fn findings(&self) -> Vec<Finding> {
        self.verify(VerifyOptions::default()).await.findings
    }

    pub(super) async fn verify(&self, options: VerifyOptions) -> VerifyReport {
        self.ledger.verify(&options).await.unwrap()
    }

    pub(super) async fn assert_sound(&self) {
        assert_eq!(self.findings().await, []);
    }
}

/// Someone with all rights on the database: takes the triggers away first.
pub(super) async fn break_in(db: &TestDb) {
    for (table, triggers) in [
        ("audit_leaf", ["update", "delete"]),
        ("audit_batch", ["update", "delete"]),
        ("audit_checkpoint", ["update", "delete"]),
        ("audit_head", ["update", "delete"]),
    ] {
        for trigger in triggers {
            let on = match db.engine() {
                Engine::Sqlite => String::new(),
                Engine::Postgres => format!(" ON {table}"),
            };
            db.tamper(&format!("DROP TRIGGER {table}_{trigger}{on}")).await.unwrap();
        }
    }
}

/// Bytes in the words of the database.
pub(super) fn blob(db: &TestDb, bytes: &[u8]) -> String {
    match db.engine() {
        Engine::Sqlite => format!("x'{}'", hex(bytes)),
        Engine::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
    }
}

pub(super) async fn run(db: &TestDb, sql: impl AsRef<str>) {
    db.tamper(sql.as_ref()).await.unwrap();
}
