//! Taking consent back.

use db::db_test;
use serde_json::json;
use server::registry;
use std::time::Duration;
use testkit::TestApp;

db_test!(
    a_withdrawal_stops_reading_here_at_once_and_elsewhere_within_a_second,
    registry::migrations(),
    |db| {
        let here = TestApp::on(db).await;
        let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
        let ana = here.register().await;
        elsewhere.get("/api/journal/entries").by(&ana).send().await.expect(200);
        let withdrawal = json!({ "consent_type": "health_data" });
        here.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);

        let refused = here.get("/api/journal/entries").by(&ana).send().await.expect(403);
        assert_eq!(refused.code(), "CONSENT_REQUIRED");
        here.clock.advance(Duration::from_secs(1));
        let refused = elsewhere.get("/api/journal/entries").by(&ana).send().await.expect(403);
        assert_eq!(refused.code(), "CONSENT_REQUIRED");

        // What is theirs can still be taken along.
        here.get("/api/journal/export?format=json").by(&ana).send().await.expect(200);
        here.app.db.close();
        elsewhere.app.db.close();
    }
);

db_test!(a_log_out_reaches_other_processes_within_a_second, registry::migrations(), |db| {
    let here = TestApp::on(db).await;
    let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
    let ana = here.register().await;
    elsewhere.get("/api/auth/me").by(&ana).send().await.expect(200);
    here.request("POST", "/api/auth/logout").by(&ana).send().await.expect(204);
    here.get("/api/auth/me").by(&ana).send().await.expect(401);
    here.clock.advance(Duration::from_secs(1));
    elsewhere.get("/api/auth/me").by(&ana).send().await.expect(401);
    here.app.db.close();
    elsewhere.app.db.close();
});
