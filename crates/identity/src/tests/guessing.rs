//! Guessing passwords, and what it does to the one who is guessed at.

use super::bed::{Bed, PASSWORD, TENANT, login_request, schema};
use crate::{IdentityError, LoginRequest, limits::Factor, model::LoginName};
use db::db_test;
use kernel::{Ctx, Secret};
use std::time::Duration;

/// A request from a network of its own.
fn from(bed: &Bed, network: u8) -> Ctx {
    let mut ctx = bed.nobody();
    ctx.origin.ip = Some(std::net::Ipv4Addr::new(10, 1, network, 9).into());
    ctx
}

async fn device(bed: &Bed, name: &str) -> Secret<String> {
    let request = login_request(name, PASSWORD);
    bed.entered(&request).await.unwrap().device.unwrap()
}

async fn index(bed: &Bed, name: &str) -> [u8; 32] {
    let name = LoginName::username(name).unwrap();
    *bed.identity.index(TENANT, &name).await.unwrap().as_bytes()
}

db_test!(strangers_cannot_delay_the_owner_on_a_device_that_is_known, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let device = device(&bed, "ana").await;
    // Strangers everywhere, also in the owner's own network, use up every lane there is.
    let index = index(&bed, "ana").await;
    for network in 0..200 {
        for _ in 0..5 {
            let limits = crate::AttemptConfig::default();
            let ctx = from(&bed, network);
            let guess = crate::Attempt::new(&limits, Factor::Password, ctx.origin.ip, &index, None);
            bed.identity.attempts().begin(&guess, ctx.now()).await.unwrap();
        }
    }
    let wrong = login_request("ana", "wrong password");
    for _ in 0..2 {
        let refused = bed.identity.log_in(&from(&bed, 1), TENANT, &wrong).await;
        assert!(matches!(refused, Err(IdentityError::TooManyAttempts(_))));
    }
    let owner = LoginRequest { device: Some(device.clone()), ..login_request("ana", PASSWORD) };
    let begun = std::time::Instant::now();
    let login = bed.entered_from(&from(&bed, 1), &owner).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_ne!(login.device.unwrap().expose(), device.expose(), "it is known for longer now");
    bed.close();
});

db_test!(the_cookie_of_a_device_opens_nothing_and_has_five_tries_of_its_own, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    bed.register("ben").await;
    let device = device(&bed, "ana").await;
    let with = |name: &str, word: &str, cookie: &Secret<String>| LoginRequest {
        device: Some(cookie.clone()),
        ..login_request(name, word)
    };
    for _ in 0..5 {
        let request = with("ana", "wrong password", &device);
        let refused = bed.identity.log_in(&bed.nobody(), TENANT, &request).await;
        assert!(matches!(refused, Err(IdentityError::LoginFailed)));
    }
    let request = with("ana", PASSWORD, &device);
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &request).await;
    assert!(matches!(refused, Err(IdentityError::TooManyAttempts(_))));
    // For someone else, changed, or after half a year, it is as if there were none.
    let mut changed = device.expose().clone();
    changed.pop();
    changed.push('!');
    for request in [with("ben", PASSWORD, &device), with("ana", PASSWORD, &Secret::new(changed))] {
        assert!(bed.identity.log_in(&from(&bed, 7), TENANT, &request).await.is_ok());
    }
    bed.clock.forward(Duration::from_hours(24 * 181));
    let old = with("ana", "wrong password", &device);
    for _ in 0..5 {
        drop(bed.identity.log_in(&bed.nobody(), TENANT, &old).await);
    }
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &old).await;
    assert!(matches!(refused, Err(IdentityError::TooManyAttempts(_))));
    let request = with("ana", PASSWORD, &device);
    assert!(bed.identity.log_in(&from(&bed, 8), TENANT, &request).await.is_ok());
    bed.close();
});

// The same work is done whether there is such an account or not: as many hashes, as many
// statements. What costs the same takes as long.
db_test!(a_name_that_nobody_has_costs_the_same_hashes_and_statements, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let mut costs = Vec::new();
    for name in ["ana", "nobody", "ana", "a@b.de", "nobody"] {
        let request = login_request(name, "wrong password");
        let hashes = bed.identity.metrics().hashed();
        let statements = bed.db.metrics().statements();
        let refused = bed.identity.log_in(&from(&bed, 3), TENANT, &request).await;
        assert!(matches!(refused, Err(IdentityError::LoginFailed)));
        let hashed = bed.identity.metrics().hashed() - hashes;
        costs.push((hashed, bed.db.metrics().statements() - statements));
    }
    // The first one makes keys that stay in memory.
    assert!(costs[1..].iter().all(|cost| *cost == costs[1]), "{costs:?}");
    assert_eq!(costs[1].0, 1);
    bed.close();
});
