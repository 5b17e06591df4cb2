//! What must hold of every operation, so that none can be added without it: who may call it, what
//! the ledger records of it, which errors it answers with. A new operation fails here until it has
//! a sample in `samples.rs` and its line in each table has been looked at.

mod audited;
mod authorization;
mod errors;
mod samples;
mod schema;
mod strict;

use db::testing::TestDb;
use httpkit::openapi::{Facts, facts};
use server::router;
use std::time::Duration;
use testkit::TestApp;

/// What the API document says of every operation.
fn operations() -> Vec<Facts> {
    let mut all = facts(&router::document()).unwrap();
    all.sort();
    all
}

#[test]
fn every_operation_has_a_contract() {
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        assert!(operation.access.is_some(), "{name} does not say who may call it");
        assert!(operation.audit.is_some(), "{name} does not say what is recorded");
        assert!(!operation.codes.is_empty(), "{name} does not say how it fails");
    }
}

/// For operations that want two factors: as if the person had just shown a second one. What is
/// remembered of a log-in counts for half a second.
async fn step_up(db: &TestDb, app: &TestApp, operation: &Facts) {
    if operation.codes.iter().any(|code| code == "STEP_UP_REQUIRED") {
        db.tamper("UPDATE sessions SET acr = 'mfa'").await.unwrap();
        app.clock.advance(Duration::from_secs(1));
    }
}
