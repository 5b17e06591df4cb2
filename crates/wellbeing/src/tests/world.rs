//! What keeps people well over a throw-away database, and people who use it.

use crate::{COLUMNS, MIGRATIONS, Parts, Wellbeing, routes};
use audit::{Entry, Filter, Ledger, LedgerConfig};
use consent::{ConsentType, Consents};
use crisis::Lookout;

use axum::Router;
use db::{Db, MigrationSet};
pub(super) use httpkit::testing::Client;
use httpkit::testing::{asks, person, served};
use journal::Journal;
use kernel::{Actor, Ctx, Env, PageSize, Role, RoleSet, Timestamp, testing::ManualClock};
use std::sync::Arc;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[
        db::MIGRATIONS,
        audit::MIGRATIONS,
        consent::MIGRATIONS,
        journal::MIGRATIONS,
        MIGRATIONS,
    ])
}

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) env: Env,
    pub(super) ledger: Ledger,
    pub(super) consents: Consents,
    pub(super) journal: Journal,
    pub(super) wellbeing: Wellbeing,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let env = clock.env();
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, journal::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let lookout = Lookout::shared().unwrap();
    let journal =
        Journal::new(db.clone(), vault.clone(), ledger.clone(), consents.clone(), lookout.clone());
    let wellbeing = Wellbeing::new(Parts {
        db: Db::clone(db),
        vault,
        ledger: ledger.clone(),
        consents: consents.clone(),
        journal: journal.clone(),
        lookout,
    });
    let world = World { clock, env, ledger, consents, journal, wellbeing };
    for number in [1, 2] {
        world.agree(number).await;
    }
    world
}

fn roles_of(_: u128) -> RoleSet {
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

    /// This person consents to what a journal needs. Persons 1 and 2 do so from the start.
    pub(super) async fn agree(&self, number: u128) {
        let consent = ConsentType::HealthData;
        let version = consent.version_in_force();
        self.consents.record(&self.by(number), consent, version).await.unwrap();
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
        let (routes, _) = routes().with_state(self.wellbeing.clone()).split_for_parts();
        served(&self.env, roles_of, routes)
    }
}

impl World {
    /// A client with this token: the number of a person, or anything else for nobody.
    pub(super) fn client(&self, token: &str) -> Client {
        Client::new(self.server(), token)
    }
}
