//! A journal over a throw-away database, and people who write in it.

use crate::{COLUMNS, Draft, EntryId, Journal, MIGRATIONS, routes};
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::Router;
use consent::{ConsentType, Consents};
use crisis::{Attentive, Lookout};
use db::{Db, MigrationSet};
pub(super) use httpkit::testing::{Client, subject};
use httpkit::testing::{asks, person, served};
use kernel::{Actor, Ctx, Env, PageSize, Phi, Role, RoleSet, Timestamp, testing::ManualClock};
use std::sync::Arc;
use uuid::Uuid;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, consent::MIGRATIONS, MIGRATIONS])
}

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) env: Env,
    pub(super) ledger: Ledger,
    pub(super) vault: Vault,
    pub(super) consents: Consents,
    pub(super) journal: Journal,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let env = clock.env();
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let journal = Journal::new(
        db.clone(),
        vault.clone(),
        ledger.clone(),
        consents.clone(),
        Lookout::shared().unwrap(),
    );
    let world = World { clock, env, ledger, vault, consents, journal };
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

    /// The same journals as another process has them.
    pub(super) fn journal_on(&self, db: Db) -> Journal {
        self.journal_watched_by(db, Lookout::shared().unwrap())
    }

    /// The same journals, looked at by somebody else.
    pub(super) fn journal_watched_by(&self, db: Db, watch: Arc<dyn Attentive>) -> Journal {
        let (ledger, consents) = (self.ledger.clone(), self.consents.clone());
        Journal::new(db, self.vault.clone(), ledger, consents, watch)
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
        let (routes, _) = routes().with_state(self.journal.clone()).split_for_parts();
        served(&self.env, roles_of, routes)
    }
}

impl World {
    /// A client with this token: the number of a person, or anything else for nobody.
    pub(super) fn client(&self, token: &str) -> Client {
        Client::new(self.server(), token)
    }
}

/// A draft with this title.
pub(super) fn draft(title: &str) -> Draft {
    Draft { title: Phi::new(title.to_owned()), ..Draft::default() }
}

pub(super) fn entry_id(number: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(number))
}
