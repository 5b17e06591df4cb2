//! Routes that say they want a fresh proof get one, and no others ask (RFC 9470).

use super::{
    operations,
    samples::{World, sample},
};
use db::testing::TestDb;
use serde_json::json;
use server::registry;
use std::time::Duration;
use testkit::{ManualClock, PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_declares_a_step_up_asks_for_it_and_takes_the_health_token() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let kms = TestApp::on(&db).await.kms;
    let mut asked = 0;
    for operation in operations() {
        let declared = operation.step_up;
        if operation.access.as_deref() != Some("own") {
            assert!(!declared || operation.access.as_deref() != Some("anonymous"));
            continue;
        }
        let name = format!("{} {}", operation.method, operation.path);
        let sample = sample(&operation.method, &operation.path).unwrap();
        let app = TestApp::with(&db, ManualClock::at(db.env().now()), kms.clone()).await;
        let world = World::of(&app, app.register().await, &operation.path)
            .await
            .before(&app, &sample)
            .await;
        app.clock.advance(Duration::from_mins(11));
        let stale = sample.request(&app, &world).by(&world.login).send().await;
        if declared {
            asked += 1;
            assert_eq!(
                (stale.status.as_u16(), stale.code().as_str()),
                (401, "STEP_UP_REQUIRED"),
                "{name}"
            );
            let challenge = stale.header("www-authenticate").unwrap();
            assert!(
                challenge.contains("error=\"insufficient_user_authentication\""),
                "{challenge}"
            );
            assert!(challenge.contains("acr_values=\"salus:"), "{challenge}");
            assert!(challenge.contains("max_age=600"), "{challenge}");
        } else {
            assert_ne!(stale.code(), "STEP_UP_REQUIRED", "{name} does not say that it asks");
        }
        app.app.db.close();
    }
    assert!(asked >= 3);
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_health_token_opens_what_asked_for_it_for_ten_minutes() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let ana = app.register().await;
    app.clock.advance(Duration::from_mins(4));
    let body = json!({ "password": PASSWORD });
    let answer = app.post("/api/auth/health-token", &body).by(&ana).send().await.expect(200).json();
    assert_eq!(
        (answer["expires_in"].as_u64(), answer["acr"].as_str()),
        (Some(600), Some("salus:single"))
    );
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let begin = || app.request("POST", "/api/auth/factors/totp");
    app.clock.advance(Duration::from_mins(9));
    begin().by(&ana).send().await.expect(401);
    begin().token(&token).send().await.expect(200);
    app.clock.advance(Duration::from_secs(70));
    let late = begin().token(&token).send().await.expect(401);
    assert_eq!(late.code(), "SESSION_EXPIRED");
    app.app.db.close();
    db.discard().await;
}
