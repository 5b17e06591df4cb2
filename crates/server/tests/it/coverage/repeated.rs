//! What says that it may be sent again, may: every such operation is sent twice with one key.

use super::{
    as_surely_as_asked, operations,
    samples::{World, sample},
};
use db::testing::TestDb;
use server::registry;
use testkit::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_idempotent_has_one_effect_and_one_answer() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let mut tried = 0;
    for operation in operations() {
        let idempotent = operation.codes.iter().any(|code| code == "IDEMPOTENCY_KEY_INVALID");
        let Some(sample) = sample(&operation.method, &operation.path).filter(|_| idempotent) else {
            continue;
        };
        let access = operation.access.as_deref().unwrap_or_default();
        let mut login = match access.strip_prefix("role:").and_then(|roles| roles.split('|').next())
        {
            Some(role) => app.register_as(role.parse().unwrap()).await,
            None => app.register().await,
        };
        as_surely_as_asked(&app, &mut login, &operation).await;
        let world = World::of(&app, login, sample.path()).await;
        let send = || {
            let request = sample.request(&app, &world).by(&world.login);
            request.header("idempotency-key", "sent-again-once").send()
        };
        let (first, again) = (send().await, send().await);
        let name = format!("{} {}", operation.method, operation.path);
        assert!(first.status.is_success(), "{name}: {} {}", first.status, first.text());
        assert_eq!(
            (again.header("idempotency-replayed"), again.status, again.text()),
            (Some("true"), first.status, first.text()),
            "{name} was done twice: it says `idempotent()`, which only a POST below the layer of \
             `Served::slice` in router.rs can be"
        );
        tried += 1;
    }
    assert!(tried > 0);
    app.app.db.close();
    db.discard().await;
}
