//! An account is closed, and after the time to change one's mind everything is gone for good.

use crate::coverage::{
    operations,
    samples::{World, sample},
};
use audit::VerifyOptions;
use db::{Db, Statement, db_test, params, row};
use identity::LinkPurpose;
use kernel::{Ctx, Role, RoleSet, Subject, TenantId, UserId};
use serde_json::json;
use server::registry;
use std::{collections::BTreeMap, time::Duration};
use testkit::{Authenticator, Login, PASSWORD, TestApp};

/// What stays of a person who was erased, and why.
const STAYS: &[(&str, &str)] =
    &[("vault_keys", "the accountability keys, until the ledger may forget its entries")];

/// What no request fills for the one who makes it, and why.
const EMPTY: &[(&str, &str)] = &[
    ("invites", "they belong to the organisation itself"),
    ("model_providers", "they belong to the organisation itself"),
    ("mcp_servers", "they belong to the organisation itself"),
    ("mcp_tools", "they belong to the organisation itself"),
    ("sealed_identities", "an account has a label or a name; `identity` erases one with a label"),
];

/// What would not let the others do their work.
const SPOILS: [&str; 3] =
    ["/api/consent/withdraw", "/api/auth/password", "/api/auth/password/reset"];

row! {
    struct Count {
        n: i64,
    }
}

db_test!(
    an_erased_person_leaves_nothing_readable_and_a_sound_ledger,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, ben) = (app.register().await, app.register_as(Role::CrisisResponder).await);
        // Somebody has to stay who looks after the place.
        app.register_as(Role::Admin).await;
        let entry = json!({ "title": "A day", "content": "It was one.", "mood": "calm" });
        app.post("/api/journal/entries", &entry).by(&ben).send().await.expect(201);
        let ana = do_everything(&app, ana).await;
        help_in_an_emergency(&app, &ben, &ana).await;
        let before = rows_of(db, ana.user).await;
        for table in tables_of_people(db).await {
            let empty = EMPTY.iter().any(|(name, _)| *name == table);
            assert!(
                empty != before.contains_key(&table),
                "{table} is a table of people. Either an operation that writes it has a sample in \
                 coverage/samples.rs, or it is in EMPTY of this file with a reason; {before:?}"
            );
        }
        let goodbye = json!({ "password": PASSWORD });
        let closed = app.request("DELETE", "/api/auth/account").json(&goodbye).by(&ana);
        closed.send().await.expect(202);
        app.get("/api/journal/entries").by(&ana).send().await.expect(401);

        app.work().await;
        let closing = rows_of(db, ana.user).await;
        assert_eq!(
            closing["journal_entries"], before["journal_entries"],
            "there is time to change one's mind"
        );
        app.clock.advance(Duration::from_hours(24 * 15));
        app.work().await;
        let after = rows_of(db, ana.user).await;
        for table in after.keys() {
            let stays = STAYS.iter().any(|(name, _)| name == table);
            assert!(
                stays,
                "{table} keeps rows of someone who was erased. Its slice needs an `Erasure::job` that \
                 empties it, and a line in `App::jobs` of app.rs; {after:?}"
            );
        }
        for (table, why) in STAYS {
            assert!(after.contains_key(*table), "{table} should stay: {why}");
        }
        assert_eq!(rows_of(db, ben.user).await["journal_entries"], 1);
        let credentials = json!({ "username": ana.username, "password": PASSWORD });
        app.post("/api/auth/login", &credentials).send().await.expect(401);

        let report = app.app.ledger.verify(&VerifyOptions::default()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
        app.app.db.close();
    }
);

/// Has this person do all that changes something and is no removal, as it stands in the samples.
async fn do_everything(app: &TestApp, person: Login) -> Login {
    let roles = RoleSet::of(&Role::ALL);
    let subject = Subject::new(TenantId::DEFAULT, person.user);
    let operator = Ctx::operator(app.app.env.clone());
    app.app.accounts.set_roles(&operator, subject, roles).await.unwrap();
    for (number, operation) in operations().iter().enumerate() {
        let removes = matches!(operation.method.as_str(), "GET" | "DELETE");
        if removes || SPOILS.contains(&operation.path.as_str()) {
            continue;
        }
        let Some(sample) = sample(&operation.method, &operation.path) else { continue };
        // Some of them log out.
        let login = app.log_in(&person.username).await;
        let world = World::of(app, login, sample.path()).await;
        let request = sample.request(app, &world).by(&world.login);
        request.header("idempotency-key", &format!("everything-{number}")).send().await;
    }
    let link = LinkPurpose::ResetPassword;
    app.app.accounts.show_link(&operator, subject, link).await.unwrap();
    let login = app.log_in(&person.username).await;
    let key = json!({ "name": "another program" });
    let key = app.post("/api/ai/keys", &key).by(&login).send().await.expect(201).json();
    let said = json!([{ "role": "user", "content": "Good morning" }]);
    let asked = json!({ "model": "scripted/echo", "messages": said });
    let asked = app.post("/v1/chat/completions", &asked).token(key["secret"].as_str().unwrap());
    asked.send().await.expect(200);
    log_in_elsewhere(app, &login).await;
    let totp = app.enrol(&app.log_in(&person.username).await).await;
    let login = app.log_in_with(&person.username, &totp).await;
    app.add_passkey(&login, &mut Authenticator::synced()).await;
    app.ticket(&person.username).await;
    login
}

/// Connects an account elsewhere, and comes in by it.
async fn log_in_elsewhere(app: &TestApp, login: &Login) {
    let there = login.user.to_string();
    let back = app.came_back("/api/auth/links/begin", Some(login), &there).await;
    let body = json!({ "returned": back.body, "keep_other_sessions": true });
    let link = app.post("/api/auth/links", &body).header("cookie", &back.cookie);
    link.by(login).send().await.expect(201);
    let back = app.came_back("/api/auth/oidc/begin", None, &there).await;
    let finish = app.post("/api/auth/oidc/finish", &back.body).header("cookie", &back.cookie);
    finish.send().await.expect(200);
}

/// What is kept of a person by what somebody else does.
async fn help_in_an_emergency(app: &TestApp, responder: &Login, patient: &Login) {
    let totp = app.enrol(responder).await;
    let responder = &app.log_in_with(&responder.username, &totp).await;
    let need = json!({
        "patient_id": patient.user,
        "reason_code": "unresponsive",
        "reason": "found unconscious",
    });
    app.post("/api/emergency/overrides", &need).by(responder).send().await.expect(201);
}

/// The tables that know of people.
async fn tables_of_people(db: &Db) -> Vec<String> {
    let tables = db.schema().await.unwrap().0.into_iter();
    tables.filter(|(_, columns)| columns.contains("user_id")).map(|(table, _)| table).collect()
}

/// How many rows each table that knows of people has of this one; tables without any are left out.
async fn rows_of(db: &Db, user: UserId) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for table in tables_of_people(db).await {
        let text = format!("SELECT COUNT(*) AS n FROM {table} WHERE user_id = $1");
        let statement = Statement::generated("it.erasure.ROWS", text);
        let Count { n } = db.one(statement, params![user.as_uuid()]).await.unwrap();
        if n > 0 {
            rows.insert(table, n);
        }
    }
    rows
}
