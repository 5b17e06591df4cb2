//! Nobody slips something in: a field that an operation does not know is refused, not ignored.

use super::{
    as_surely_as_asked, operations,
    samples::{World, sample},
};
use db::testing::TestDb;
use server::registry;
use testkit::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_an_operation_does_not_know_is_refused() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let mut tried = 0;
    for operation in operations() {
        // Clients of other servers of models send fields that we do not know, and rely on that.
        if operation.path.starts_with("/v1/") {
            continue;
        }
        let Some(sample) = sample(&operation.method, &operation.path) else { continue };
        let access = operation.access.as_deref().unwrap_or_default();
        let login = match access.strip_prefix("role:").and_then(|roles| roles.split('|').next()) {
            Some(role) => app.register_as(role.parse().unwrap()).await,
            None => app.register().await,
        };
        let mut world = World::of(&app, login, sample.path()).await;
        as_surely_as_asked(&app, &mut world.login, &operation).await;
        let Some(mut body) = sample.json(&world) else { continue };
        for surplus in ["is_admin", "user_id", "tenant_id", "__proto__"] {
            body[surplus] = true.into();
            let request = sample.request(&app, &world).json(&body).by(&world.login);
            let answer = request.send().await;
            let name = format!("{} {} with {surplus}", operation.method, operation.path);
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (400, "INVALID_REQUEST"),
                "{name}"
            );
            body.as_object_mut().unwrap().remove(surplus);
        }
        tried += 1;
    }
    assert!(tried > 5);
    app.app.db.close();
    db.discard().await;
}
