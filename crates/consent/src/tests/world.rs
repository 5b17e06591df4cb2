//! Consents over a throw-away database, and people who use them.

use crate::{Consents, Emergency, MIGRATIONS, routes};
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::Router;
use db::{Db, MigrationSet};
use http::StatusCode;
use httpkit::testing::{Request, asks, served};
pub(super) use httpkit::testing::{person, subject};
use kernel::{Actor, Ctx, Env, PageSize, Role, RoleSet, Timestamp, testing::ManualClock};
use std::sync::Arc;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, MIGRATIONS])
}

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) env: Env,
    pub(super) ledger: Ledger,
    pub(super) consents: Consents,
    pub(super) emergency: Emergency,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let env = clock.env();
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, crate::COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let emergency = Emergency::new(consents.clone(), vault);
    World { clock, env, ledger, consents, emergency }
}

pub(super) fn roles_of(_: u128) -> RoleSet {
    RoleSet::of(&[Role::User])
}

impl World {
    /// A request by this actor.
    pub(super) fn asks(&self, actor: Actor) -> Ctx {
        asks(&self.env, actor)
    }

    /// A request by this person.
    pub(super) fn by(&self, number: u128) -> Ctx {
        self.asks(Actor::Person(person(number, roles_of, self.env.now())))
    }

    /// What the ledger holds, oldest first.
    pub(super) async fn recorded(&self) -> Vec<Entry> {
        self.ledger.sequence_all().await.unwrap();
        let page = self.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
        page.items.into_iter().rev().map(|record| record.entry).collect()
    }

    pub(super) async fn recorded_actions(&self) -> Vec<String> {
        self.recorded().await.iter().map(|entry| entry.action.as_str().to_owned()).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(super) fn server(&self) -> Router {
        let (routes, _) = routes().with_state(self.consents.clone()).split_for_parts();
        served(&self.env, roles_of, routes)
    }
}

/// Sends a request with this token and body; answers status and JSON.
pub(super) async fn send(
    server: &Router,
    (method, path): (&str, &str),
    token: &str,
    body: Option<&str>,
) -> (StatusCode, serde_json::Value) {
    let request = Request::new(server.clone(), method, path).token(token);
    let answer = request.body("application/json", body.unwrap_or_default()).send().await;
    (answer.status, answer.json())
}
