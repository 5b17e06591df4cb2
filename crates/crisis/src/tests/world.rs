//! Crisis care over a throw-away database, people who need it and people who give it.

use crate::{
    COLUMNS, CrisisLines, CrisisTeam, FollowUps, Lookout, MIGRATIONS, NotTold, Outside, follow_up,
    lines, team,
};
use async_trait::async_trait;
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::Router;
use consent::Consents;
use db::{Db, MigrationSet, Worker, testing::TestDb};
pub(crate) use httpkit::testing::{Client, subject};
use httpkit::testing::{asks, person, served};
use kernel::{Actor, Ctx, Env, PageSize, Role, RoleSet, Timestamp, testing::ManualClock};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(crate) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, consent::MIGRATIONS, MIGRATIONS])
}

/// Programs elsewhere: what they were told, and what they answer next.
#[derive(Default)]
pub(crate) struct Pagers {
    pub(crate) names: Mutex<Vec<String>>,
    pub(crate) told: Mutex<Vec<(String, serde_json::Value)>>,
    pub(crate) answers: Mutex<Vec<NotTold>>,
}

#[async_trait]
impl Outside for Pagers {
    fn names(&self) -> Vec<String> {
        self.names.lock().unwrap().clone()
    }

    fn queue(&self) -> String {
        "https://salus.example".to_owned()
    }

    async fn tell(&self, name: &str, body: Vec<u8>, _: Timestamp) -> Result<(), NotTold> {
        let body = serde_json::from_slice(&body).unwrap();
        self.told.lock().unwrap().push((name.to_owned(), body));
        self.answers.lock().unwrap().pop().map_or(Ok(()), Err)
    }
}

pub(crate) struct World {
    pub(crate) env: Env,
    clock: ManualClock,
    pub(crate) db: Db,
    pub(crate) ledger: Ledger,
    pub(crate) lookout: Arc<Lookout>,
    pub(crate) team: CrisisTeam,
    pub(crate) lines: CrisisLines,
    pub(crate) follow_ups: FollowUps,
    pub(crate) pagers: Arc<Pagers>,
}

pub(crate) async fn world(db: &TestDb) -> World {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let env = clock.env();
    let db = &db.another_in(env.clone());
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let (lookout, pagers) = (Lookout::shared().unwrap(), Arc::new(Pagers::default()));
    let team = CrisisTeam::new(
        (Db::clone(db), vault.clone()),
        (ledger.clone(), consents.clone()),
        lookout.clone(),
        pagers.clone(),
    );
    let lines = CrisisLines::new(Db::clone(db), ledger.clone(), lookout.clone());
    let follow_ups = FollowUps::new((Db::clone(db), vault), ledger.clone(), lookout.clone());
    let db = Db::clone(db);
    World { env, clock, db, ledger, lookout, team, lines, follow_ups, pagers }
}

fn roles_of(number: u128) -> RoleSet {
    match number {
        7 | 8 => RoleSet::of(&[Role::User, Role::CrisisResponder]),
        9 => RoleSet::of(&[Role::User, Role::Admin]),
        _ => RoleSet::of(&[Role::User]),
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.db.close();
    }
}

impl World {
    /// Time passes.
    pub(crate) fn hours_pass(&self, hours: u64) {
        self.clock.advance(Duration::from_hours(hours));
    }

    /// Does all background work that is due.
    pub(crate) async fn work(&self) {
        let mut jobs = team::jobs(&self.team);
        jobs.extend(follow_up::jobs(&self.follow_ups));
        Worker::new(self.db.clone(), jobs).run_until_idle().await.unwrap();
    }

    /// A request by this actor.
    pub(crate) fn asks(&self, actor: Actor) -> Ctx {
        asks(&self.env, actor)
    }

    /// A request by this person.
    pub(crate) fn by(&self, number: u128) -> Ctx {
        self.asks(Actor::Person(person(number, roles_of, self.env.now())))
    }

    /// What the ledger holds, oldest first.
    pub(crate) async fn recorded(&self) -> Vec<Entry> {
        self.ledger.sequence_all().await.unwrap();
        let page = self.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
        page.items.into_iter().rev().map(|record| record.entry).collect()
    }

    pub(crate) async fn recorded_actions(&self) -> Vec<String> {
        let entries = self.recorded().await;
        let actions = entries.iter().map(|entry| entry.action.as_str().to_owned());
        actions.filter(|action| !action.starts_with("consent.")).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(crate) fn server(&self) -> Router {
        let (team, _) = team::routes().with_state(self.team.clone()).split_for_parts();
        let (lines, _) = lines::routes().with_state(self.lines.clone()).split_for_parts();
        let asking = follow_up::routes().with_state(self.follow_ups.clone());
        let (open, _) = crate::routes().with_state(self.lookout.clone()).split_for_parts();
        let routes = team.merge(lines).merge(asking.split_for_parts().0).merge(open);
        served(&self.env, roles_of, routes)
    }

    /// A client with this token: the number of a person, or anything else for nobody.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(self.server(), token)
    }
}
