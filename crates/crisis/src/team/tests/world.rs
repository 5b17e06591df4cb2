//! A crisis team over a throw-away database, and people around it.

use crate::{COLUMNS, CrisisTeam, Lookout, MIGRATIONS, team::routes};
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::Router;
use consent::Consents;
use db::{Db, MigrationSet};
pub(super) use httpkit::testing::{Client, subject};
use httpkit::testing::{asks, person, served};
use kernel::{Actor, Ctx, Env, PageSize, Role, RoleSet, Timestamp, testing::ManualClock};
use std::sync::Arc;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, consent::MIGRATIONS, MIGRATIONS])
}

pub(super) struct World {
    pub(super) env: Env,
    pub(super) ledger: Ledger,
    pub(super) team: CrisisTeam,
}

pub(super) async fn world(db: &Db) -> World {
    let env = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000)).env();
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let team = CrisisTeam::new(
        (Db::clone(db), vault),
        (ledger.clone(), consents.clone()),
        Lookout::shared().unwrap(),
    );
    World { env, ledger, team }
}

fn roles_of(number: u128) -> RoleSet {
    match number {
        7 | 8 => RoleSet::of(&[Role::User, Role::CrisisResponder]),
        9 => RoleSet::of(&[Role::User, Role::Admin]),
        _ => RoleSet::of(&[Role::User]),
    }
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
        let entries = self.recorded().await;
        let actions = entries.iter().map(|entry| entry.action.as_str().to_owned());
        actions.filter(|action| !action.starts_with("consent.")).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(super) fn server(&self) -> Router {
        let (routes, _) = routes().with_state(self.team.clone()).split_for_parts();
        served(&self.env, roles_of, routes)
    }
}

impl World {
    /// A client with this token: the number of a person, or anything else for nobody.
    pub(super) fn client(&self, token: &str) -> Client {
        Client::new(self.server(), token)
    }
}
