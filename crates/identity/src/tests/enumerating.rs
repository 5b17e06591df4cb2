//! Nobody finds out who has an account by what an answer costs. What is compared is the work, which
//! does not depend on what else the machine does; `bench/src/bin/login.rs` compares the times.

use super::bed::{Bed, TENANT, login_request, registration, schema};
use crate::{LoginName, LoginRequest, SessionKind};
use db::db_test;
use kernel::Ctx;

/// Statements and hashes.
type Work = (u64, u64);

impl Bed {
    async fn costs(&self, work: impl AsyncFnOnce()) -> Work {
        let now = || (self.db.metrics().statements(), self.identity.metrics().hashed());
        let before = now();
        work().await;
        let after = now();
        (after.0 - before.0, after.1 - before.1)
    }

    /// A request from a network where nobody has tried anything.
    fn nobody_at(&self, number: u8) -> Ctx {
        let mut ctx = self.nobody();
        ctx.origin.ip = Some(std::net::IpAddr::from([10, 0, number, 1]));
        ctx
    }
}

db_test!(
    an_unknown_name_costs_the_same_statements_and_hashes_as_a_wrong_password,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        bed.register("ana").await;
        let email = LoginName::email("ben@example.org").unwrap();
        bed.identity.register(&bed.nobody(), TENANT, registration(email)).await.unwrap();
        let names = ["ana", "nobody", "ben@example.org", "nobody@example.org"];
        let mut costs = Vec::new();
        for round in 0..4 {
            for (nth, name) in (0_u8..).zip(names) {
                let ctx = bed.nobody_at(4 * round + nth);
                let kind = if round % 2 == 0 { SessionKind::Tokens } else { SessionKind::Cookie };
                let request = LoginRequest { kind, ..login_request(name, "a wrong password") };
                let cost = bed.costs(async || {
                    assert!(bed.identity.log_in(&ctx, TENANT, &request).await.is_err());
                });
                costs.push((round, name, cost.await));
            }
        }
        // The first round fills what is kept in memory, for everybody alike.
        let (_, _, usual) = costs[names.len()];
        assert_eq!(usual.1, 1);
        let other: Vec<_> =
            costs[names.len()..].iter().filter(|(.., cost)| *cost != usual).collect();
        assert!(other.is_empty(), "{usual:?}, but {other:?}");
        bed.close();
    }
);
