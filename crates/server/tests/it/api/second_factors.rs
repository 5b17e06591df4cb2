//! Second factors as a client meets them: every way in, and every way around.

use crate::coverage::operations;
use db::db_test;
use httpkit::openapi::Facts;
use identity::IdentityConfig;
use kernel::{Env, Role};
use serde_json::{Value, json};
use server::registry;
use std::{sync::Arc, time::Duration};
use testkit::{Login, ManualClock, PASSWORD, TestApp};
use vault::MemoryKms;

fn password(username: &str) -> Value {
    json!({ "username": username, "password": PASSWORD })
}

db_test!(a_log_in_in_two_steps_as_the_seed_documents_have_it, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let body = json!({
        "username": "seed-mfa", "password": PASSWORD, "mfaEnabled": true,
        "privacyConsent": true, "healthDataConsent": true,
    });
    let made = app.post("/api/auth/register", &body).send().await.expect(201).json();
    assert_eq!(made["mfa_pending"], true);
    let login = Login {
        user: made["user"]["id"].as_str().unwrap().parse().unwrap(),
        username: "seed-mfa".to_owned(),
        access_token: made["access_token"].as_str().unwrap().to_owned(),
        refresh_token: made["refresh_token"].as_str().unwrap().to_owned(),
    };
    let totp = app.enrol(&login).await;
    assert_eq!(totp.recovery_codes.len(), 10);
    let asked = app.post("/api/auth/login", &password("seed-mfa")).send().await.expect(202);
    assert_eq!(asked.header("cache-control"), Some("no-store"));
    let asked = asked.json();
    assert_eq!(asked["next"], "second_factor");
    assert_eq!(asked["factors"], json!(["totp", "recovery_code"]));
    assert!(asked.get("access_token").is_none());
    let body = json!({ "username": "seed-mfa", "password": PASSWORD, "mfaToken": totp.code() });
    let answer = app.post("/api/auth/login", &body).send().await.expect(200).json();
    assert!(answer.get("mfa_pending").is_none());
    let factors = app.get("/api/auth/factors").token(answer["access_token"].as_str().unwrap());
    let factors = factors.send().await.expect(200).json();
    assert_eq!(
        (factors["needed"].as_bool(), factors["recovery_codes_left"].as_u64()),
        (Some(true), Some(10))
    );
    app.app.db.close();
});

db_test!(what_is_known_before_the_second_factor_opens_nothing, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let before = app.log_in(&ana.username).await;
    let totp = app.enrol(&ana).await;
    let ticket = app.ticket(&ana.username).await;
    // The ticket is no token, no cookie and no refresh token.
    app.get("/api/auth/me").token(&ticket).send().await.expect(401);
    let cookie = format!("salus_sid={ticket}");
    app.get("/api/auth/me").header("cookie", &cookie).send().await.expect(401);
    let body = json!({ "refresh_token": ticket });
    app.post("/api/auth/refresh", &body).send().await.expect(401);
    // A log-in from before the factor is over, however it is shown.
    app.get("/api/auth/me").by(&before).send().await.expect(401);
    let body = json!({ "refresh_token": before.refresh_token });
    app.post("/api/auth/refresh", &body).send().await.expect(401);
    // Nor does a new password, opening the account again, or a made-up set-up code ask for less.
    let body = json!({ "username": ana.username, "password": PASSWORD, "restore": true });
    app.post("/api/auth/login", &body).send().await.expect(202);
    let body = json!({ "ticket": ticket, "code": "000000", "restore": true });
    app.post("/api/auth/login/factor", &body).send().await.expect(400);
    // Used once, the ticket is used up.
    let body = json!({ "ticket": ticket, "code": totp.code() });
    app.post("/api/auth/login/factor", &body).send().await.expect(200);
    app.clock.advance(Duration::from_secs(30));
    let body = json!({ "ticket": ticket, "code": totp.code() });
    let again = app.post("/api/auth/login/factor", &body).send().await.expect(410);
    assert_eq!(again.code(), "LOGIN_TICKET_INVALID");
    app.app.db.close();
});

db_test!(
    with_a_wrong_password_an_account_with_a_factor_looks_like_any_other,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, ben) = (app.register().await, app.register().await);
        app.enrol(&ana).await;
        let mut answers = Vec::new();
        for name in [ana.username.as_str(), ben.username.as_str(), "nobody-at-all"] {
            for token in [Value::Null, json!("123456")] {
                let body =
                    json!({ "username": name, "password": "wrong password", "mfa_token": token });
                let answer = app.post("/api/auth/login", &body).send().await.expect(401);
                let mut body = answer.json();
                body["request_id"] = Value::Null;
                let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
                names.sort();
                answers.push((body, names));
            }
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
        app.app.db.close();
    }
);

db_test!(a_factor_that_was_guessed_at_says_when_to_come_back, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let totp = app.enrol(&ana).await;
    let ticket = app.ticket(&ana.username).await;
    let right = totp.code();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let body = json!({ "ticket": ticket, "code": wrong });
        let answer = app.post("/api/auth/login/factor", &body).send().await.expect(403);
        assert_eq!(answer.code(), "FACTOR_WRONG");
        assert!(!answer.text().contains(wrong) || wrong.len() < 6, "nothing is repeated");
    }
    let body = json!({ "ticket": ticket, "code": right });
    let closed = app.post("/api/auth/login/factor", &body).send().await.expect(429);
    assert!(closed.header("retry-after").unwrap().parse::<u64>().unwrap() > 3500);
    let body = json!({ "ticket": ticket, "code": totp.recovery_codes[0].to_lowercase() });
    app.post("/api/auth/login/factor", &body).send().await.expect(200);
    app.app.db.close();
});

db_test!(a_role_beyond_ones_own_data_counts_only_with_two_factors, registry::migrations(), |db| {
    let clock = ManualClock::at(Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    let demanding = IdentityConfig::default().second_factor_for;
    let app = TestApp::configured(db, (clock, kms), |config| {
        config.accounts.second_factor_for.clone_from(&demanding);
    })
    .await;
    for role in [Role::Provider, Role::CrisisResponder, Role::Auditor] {
        let login = app.register_as(role).await;
        let me = app.get("/api/auth/me").by(&login).send().await.expect(200).json();
        assert_eq!(me["roles_withheld"], json!([role.name()]));
        for operation in operations_for(role) {
            let path = named(&operation.path);
            let answer = app.request(&operation.method, &path).by(&login).send().await;
            assert_eq!(answer.code(), "STEP_UP_REQUIRED", "{} {path}", operation.method);
        }
        // What is their own stays theirs, and so does the way to a second factor.
        let entry = json!({ "content": "A day." });
        app.post("/api/journal/entries", &entry).by(&login).send().await.expect(201);
        let totp = app.enrol(&login).await;
        let login = app.log_in_with(&login.username, &totp).await;
        let me = app.get("/api/auth/me").by(&login).send().await.expect(200).json();
        assert_eq!(me["roles_withheld"], json!([]));
        for operation in operations_for(role).filter(|operation| operation.method == "GET") {
            let path = named(&operation.path);
            let answer = app.get(&path).by(&login).send().await;
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{path}: {}", answer.status);
        }
    }
    // Whoever starts an installation for themselves can begin with a password.
    let admin = app.register_as(Role::Admin).await;
    app.get("/api/admin/users").by(&admin).send().await.expect(200);
    app.app.db.close();
});

fn operations_for(role: Role) -> impl Iterator<Item = Facts> {
    operations().into_iter().filter(move |operation| {
        let access = operation.access.as_deref().unwrap_or_default();
        let roles = access.strip_prefix("role:").unwrap_or_default();
        roles.split('|').any(|name| name == role.name())
    })
}

/// A path that names things which nobody has.
fn named(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') { "00000000-0000-7000-8000-000000000000" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}
