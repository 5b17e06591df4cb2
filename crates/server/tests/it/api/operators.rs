//! What only whoever runs the installation may see.

use db::{db_test, testing::TestDb};
use server::registry;
use std::time::Duration;
use testkit::TestApp;

const NEXT_DOOR: [u8; 4] = [127, 0, 0, 1];

db_test!(a_proxy_next_door_that_nobody_named_is_no_operator, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    for path in ["/metrics", "/health/deep"] {
        app.get(path).from(NEXT_DOOR).send().await.expect(200);
        app.get(path).send().await.expect(404);
        for name in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
            let request = app.get(path).from(NEXT_DOOR).header(name, "203.0.113.9");
            request.send().await.expect(404);
        }
    }
    app.app.db.close();
});

async fn is_told_after(db: &TestDb, change: &str) {
    let app = TestApp::on(db).await;
    let deep = async || app.get("/health/deep").from(NEXT_DOOR).send().await.expect(200).json();
    let hour = async || {
        app.register().await;
        app.clock.advance(Duration::from_hours(1));
        app.work().await;
    };
    // The second time, what was added the first time is signed.
    hour().await;
    hour().await;
    assert_eq!(deep().await["status"], "ok");
    let on = if db.engine().name() == "sqlite" { "" } else { " ON audit_leaf" };
    db.tamper(&format!("DROP TRIGGER audit_leaf_update{on}")).await.unwrap();
    db.tamper(change).await.unwrap();
    hour().await;
    assert_eq!(deep().await["status"], "degraded");
    // Every other process knows it as well, and so does this one when it starts again.
    let other = TestApp::with(db, app.clock.clone(), app.kms.clone()).await;
    let there = other.get("/health/deep").from(NEXT_DOOR).send().await.expect(200).json();
    assert_eq!(there["status"], "degraded");
    other.app.db.close();
    app.app.db.close();
}

db_test!(a_line_of_the_ledger_that_was_changed_is_reported, registry::migrations(), |db| {
    is_told_after(db, "UPDATE audit_leaf SET action = 'consent.withdraw' WHERE seq = 0").await;
});

db_test!(a_ledger_that_is_not_the_one_that_was_signed_is_reported, registry::migrations(), |db| {
    let other = "SELECT hashes FROM audit_leaf WHERE seq = 2";
    is_told_after(db, &format!("UPDATE audit_leaf SET hashes = ({other}) WHERE seq = 0")).await;
});
