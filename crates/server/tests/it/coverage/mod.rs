//! What must hold of every operation, so that none can be added without it: who may call it, what
//! the ledger records of it, which errors it answers with. A new operation fails here until it has
//! a sample in `samples.rs` and its line in each table has been looked at.

mod audited;
mod authorization;
mod errors;
mod repeated;
pub mod samples;
mod schema;
mod step_up;
mod strict;

use httpkit::openapi::{Facts, facts};
use server::router;
use testkit::{Login, TestApp};

/// What the API document says of every operation.
pub fn operations() -> Vec<Facts> {
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

/// For operations that want two factors of people with a role: the same person, logged in so.
async fn as_surely_as_asked(app: &TestApp, login: &mut Login, operation: &Facts) {
    let of_role = operation.access.as_deref().is_some_and(|access| access.starts_with("role:"));
    if of_role && operation.step_up {
        let totp = app.enrol(login).await;
        *login = app.log_in_with(&login.username, &totp).await;
    }
}
