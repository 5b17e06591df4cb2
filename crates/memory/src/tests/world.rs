//! Memory over a throw-away database, and people who are remembered.

use crate::{COLUMNS, Draft, Kind, MIGRATIONS, Meaning, Memory, Parts, routes};
use async_trait::async_trait;
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::Router;
use consent::{ConsentType, Consents};
use crisis::{Lookout, Whereabouts};
use db::{Db, MigrationSet};
pub(super) use httpkit::testing::Client;
use httpkit::testing::{asks, person, served};
use kernel::{Actor, Ctx, Env, PageSize, Phi, Role, RoleSet, Timestamp, testing::ManualClock};
use std::sync::{Arc, Mutex};
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    let own = [db::MIGRATIONS, audit::MIGRATIONS, consent::MIGRATIONS, MIGRATIONS];
    MigrationSet::new(&own)
}

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) env: Env,
    pub(super) vault: Vault,
    pub(super) ledger: Ledger,
    pub(super) consents: Consents,
    pub(super) memory: Memory,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let env = clock.env();
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let parts = (db.clone(), vault.clone(), ledger.clone(), consents.clone());
    let memory = made(parts, Arc::new(NoMeaning));
    let world = World { clock, env, vault, ledger, consents, memory };
    for number in [1, 2] {
        let consent = ConsentType::HealthData;
        let version = consent.version_in_force();
        world.consents.record(&world.by(number), consent, version).await.unwrap();
    }
    world
}

fn made(
    (db, vault, ledger, consents): (Db, Vault, Ledger, Consents),
    meaning: Arc<dyn Meaning>,
) -> Memory {
    let watch = Lookout::shared().unwrap();
    Memory::new(Parts { db, vault, ledger, consents, watch, meaning })
}

fn roles_of(_: u128) -> RoleSet {
    RoleSet::of(&[Role::User])
}

impl World {
    /// A request by this person.
    pub(super) fn by(&self, number: u128) -> Ctx {
        asks(&self.env, Actor::Person(person(number, roles_of, self.env.now())))
    }

    /// The same memory as another process has it, over another connection and with this model.
    pub(super) fn elsewhere(&self, db: Db, meaning: Arc<dyn Meaning>) -> Memory {
        made((db, self.vault.clone(), self.ledger.clone(), self.consents.clone()), meaning)
    }

    /// Switches memory on for this person and keeps these facts.
    pub(super) async fn remembers(&self, number: u128, facts: &[(&str, Kind)]) {
        let ctx = self.by(number);
        self.memory.switch(&ctx, true).await.unwrap();
        for (text, kind) in facts {
            self.memory.add(&ctx, &draft(text, *kind), &Whereabouts::default()).await.unwrap();
        }
    }

    /// What is told with this message of this person, and whether something was kept.
    pub(super) async fn told(&self, number: u128, said: &str) -> (Vec<String>, bool) {
        told_by(&self.memory, &self.by(number), said).await
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
        actions.filter(|action| action.starts_with("memory.")).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(super) fn server(&self) -> Router {
        let (routes, _) = routes().with_state(self.memory.clone()).split_for_parts();
        served(&self.env, roles_of, routes)
    }

    /// A client with this token: the number of a person, or anything else for nobody.
    pub(super) fn client(&self, token: &str) -> Client {
        Client::new(self.server(), token)
    }
}

pub(super) async fn told_by(memory: &Memory, ctx: &Ctx, said: &str) -> (Vec<String>, bool) {
    let told = memory.recall(ctx, &Phi::new(said.to_owned()), true).await.unwrap();
    let facts = told.facts.iter().map(|(_, text)| text.expose().clone()).collect();
    (facts, told.kept.is_some())
}

pub(super) fn draft(text: &str, kind: Kind) -> Draft {
    Draft { text: Phi::new(text.to_owned()), kind }
}

/// Where no model is installed.
pub(super) struct NoMeaning;

#[async_trait]
impl Meaning for NoMeaning {
    fn model(&self) -> Option<String> {
        None
    }

    async fn vectors(&self, _: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>> {
        None
    }

    fn tidy(&self, _: Timestamp) {}
}

/// Knows two topics, and counts what it was asked.
#[derive(Default)]
pub(super) struct Topics {
    pub(super) read: Mutex<usize>,
}

#[async_trait]
impl Meaning for Topics {
    fn model(&self) -> Option<String> {
        Some("topics@1".to_owned())
    }

    async fn vectors(&self, texts: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>> {
        *self.read.lock().unwrap() += texts.len();
        let topic = |text: &Phi<String>| {
            let food = ["eat", "nuts", "bread", "dinner"];
            let is_food = food.iter().any(|word| text.expose().contains(word));
            Phi::new(if is_food { vec![1.0, 0.0] } else { vec![0.0, 1.0] })
        };
        Some(texts.iter().map(topic).collect())
    }

    fn tidy(&self, _: Timestamp) {}
}
