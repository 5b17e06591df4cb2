//! Nobody finds out who has an account by what an answer costs. What is compared is the work, which
//! does not depend on what else the machine does; `bench/src/bin/login.rs` compares the times.

use super::bed::{Bed, TENANT, login_request, registration, schema};
use crate::{LoginName, LoginRequest, SessionKind};
use db::db_test;
use kernel::Ctx;
use vault::{Start, Target};

/// What an answer took. A row that is there costs more than one that is not, so they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Work {
    statements: u64,
    rows: u64,
    hashes: u64,
    events: usize,
}

impl Bed {
    async fn costs(&self, work: impl AsyncFnOnce()) -> Work {
        let now = || {
            let db = self.db.metrics();
            (db.statements(), db.rows(), self.identity.metrics().hashed())
        };
        let events = self.told().await.len();
        let before = now();
        work().await;
        let after = now();
        Work {
            statements: after.0 - before.0,
            rows: after.1 - before.1,
            hashes: after.2 - before.2,
            events: self.told().await.len() - events,
        }
    }

    /// A request from a network where nobody has tried anything.
    fn nobody_at(&self, number: u8) -> Ctx {
        let mut ctx = self.nobody();
        ctx.origin.ip = Some(std::net::IpAddr::from([10, 0, number, 1]));
        ctx
    }

    async fn with_ana_and_ben(db: &db::testing::TestDb) -> Self {
        let bed = Self::on(db).await;
        bed.register("ana").await;
        let email = LoginName::email("ben@example.org").unwrap();
        bed.identity.register(&bed.nobody(), TENANT, registration(email)).await.unwrap();
        bed
    }

    /// What a wrong password costs, for each name in turns, once everything that is kept in memory
    /// is there.
    async fn wrong_passwords(&self, names: &[&'static str]) -> Vec<(&'static str, Work)> {
        let mut costs = Vec::new();
        for round in 0..4 {
            for (nth, name) in (0..).zip(names) {
                let ctx = self.nobody_at(16 * round + nth);
                let kind = if round % 2 == 0 { SessionKind::Tokens } else { SessionKind::Cookie };
                let request = LoginRequest { kind, ..login_request(name, "a wrong password") };
                let cost = self.costs(async || {
                    assert!(self.identity.log_in(&ctx, TENANT, &request).await.is_err());
                });
                costs.push((*name, cost.await));
            }
        }
        costs.split_off(names.len())
    }
}

fn assert_same(costs: &[(&str, Work)]) {
    let (_, usual) = costs[0];
    let other: Vec<_> = costs.iter().filter(|(_, cost)| *cost != usual).collect();
    assert!(other.is_empty(), "{usual:?}, but {other:?}");
}

const NAMES: [&str; 4] = ["ana", "nobody", "ben@example.org", "nobody@example.org"];

db_test!(an_unknown_name_costs_the_same_work_as_a_wrong_password, schema(), |db| {
    let bed = Bed::with_ana_and_ben(db).await;
    let costs = bed.wrong_passwords(&NAMES).await;
    assert_eq!(costs[0].1.hashes, 1);
    assert_same(&costs);
    bed.close();
});

db_test!(it_does_so_while_the_key_of_the_indexes_rotates, schema(), |db| {
    let bed = Bed::with_ana_and_ben(db).await;
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    let carl = LoginName::email("carl@example.org").unwrap();
    bed.identity.register(&bed.nobody(), TENANT, registration(carl)).await.unwrap();
    let names = ["ben@example.org", "nobody@example.org", "carl@example.org"];
    assert_same(&bed.wrong_passwords(&names).await);
    bed.close();
});

db_test!(a_forgotten_password_costs_the_same_work_whoever_has_the_address, schema(), |db| {
    let bed = Bed::with_ana_and_ben(db).await;
    let mut costs = Vec::new();
    for round in 0..3 {
        for (nth, name) in (0..).zip(["ben@example.org", "nobody@example.org"]) {
            let (ctx, email) = (bed.nobody_at(8 * round + nth), LoginName::email(name).unwrap());
            let cost = bed.costs(async || {
                bed.identity.forgot_password(&ctx, TENANT, &email).await.unwrap();
            });
            costs.push((name, cost.await));
        }
    }
    assert_same(&costs.split_off(2));
    bed.close();
});
