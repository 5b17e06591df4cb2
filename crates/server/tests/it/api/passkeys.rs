//! Passkeys as a client meets them: made, used in three ways, refused in every way that we know.

use db::db_test;
use serde_json::{Value, json};
use server::registry;
use std::time::Duration;
use testkit::{Answer, Authenticator, Login, PASSWORD, TestApp, answer};

const LOG_IN: &str = "/api/auth/login/passkey";

/// Someone with one passkey, who was logged in before they had it.
async fn with_passkey(app: &TestApp, mut device: Authenticator) -> (Login, Authenticator, Value) {
    let ana = app.register().await;
    let added = app.add_passkey(&ana, &mut device).await;
    (ana, device, added)
}

async fn log_in(app: &TestApp, device: &mut Authenticator) -> Answer {
    let body = app.signed(device).await;
    app.post(LOG_IN, &body).send().await
}

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn wrong() -> (u16, String) {
    (403, "PASSKEY_WRONG".to_owned())
}

db_test!(a_passkey_logs_its_person_in_without_a_name, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    for device in [Authenticator::new(), Authenticator::synced()] {
        let synced = device.synced;
        let (ana, mut device, added) = with_passkey(&app, device).await;
        assert_eq!(added["recovery_codes"].as_array().unwrap().len(), 10);
        assert_eq!(added["passkey"]["synced"], synced);
        let entered = log_in(&app, &mut device).await.expect(200);
        assert_eq!(entered.header("cache-control"), Some("no-store"));
        let entered = entered.json();
        assert_eq!(entered["user"]["id"], ana.user.to_string());
        assert_eq!(entered.get("mfa_pending"), None);
        // The device and what unlocks it are two factors: nothing more is asked for.
        let codes = app.request("POST", "/api/auth/factors/recovery-codes");
        codes.token(token(&entered)).send().await.expect(200);
        let own = app.get("/api/auth/passkeys").token(token(&entered)).send().await.expect(200);
        assert!(own.json()["items"][0]["used_at"].is_string());
        log_in(&app, &mut device).await.expect(200);
    }
    app.app.db.close();
});

db_test!(whoever_asks_to_log_in_learns_nothing_about_anybody, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ask = || app.request("POST", "/api/auth/login/passkey/options").send();
    let before = ask().await.expect(200).json();
    with_passkey(&app, Authenticator::new()).await;
    let after = ask().await.expect(200).json();
    let shape = |asked: &Value| {
        let mut options = asked["options"].clone();
        assert_eq!(options["allowCredentials"], json!([]));
        assert_eq!(options["userVerification"], "required");
        options["challenge"] = Value::Null;
        options
    };
    assert_eq!(shape(&before), shape(&after));
    assert_ne!(before["options"]["challenge"], after["options"]["challenge"]);
    let named = json!({ "username": "ana" });
    app.post(LOG_IN, &named).send().await.expect(400);
    app.app.db.close();
});

db_test!(a_passkey_is_asked_for_after_a_password, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut device, _) = with_passkey(&app, Authenticator::new()).await;
    let body = json!({ "username": ana.username, "password": PASSWORD });
    let asked = app.post("/api/auth/login", &body).send().await.expect(202).json();
    assert_eq!(asked["factors"], json!(["passkey", "recovery_code"]));
    let signed = answer(&asked["passkey"], &mut device);
    let enter = |ticket: &Value, signed: &Value| {
        let body = json!({ "ticket": ticket, "passkey": signed });
        app.post("/api/auth/login/factor", &body).send()
    };
    // What was signed for one log-in is nothing for another, nor for one without a password.
    let other = app.post("/api/auth/login", &body).send().await.expect(202).json();
    let mixed = enter(&other["ticket"], &signed).await;
    assert_eq!(refused(&mixed), (410, "PASSKEY_LATE".to_owned()));
    let alone = app.post(LOG_IN, &signed).send().await;
    assert_eq!(refused(&alone), (410, "PASSKEY_LATE".to_owned()));
    let entered = enter(&asked["ticket"], &signed).await.expect(200).json();
    assert_eq!(entered["user"]["id"], ana.user.to_string());
    let again = enter(&asked["ticket"], &signed).await;
    assert_eq!(refused(&again), (410, "LOGIN_TICKET_INVALID".to_owned()));
    // Neither both nor nothing.
    let body = json!({ "ticket": other["ticket"], "code": "123456", "passkey": signed });
    app.post("/api/auth/login/factor", &body).send().await.expect(400);
    app.post("/api/auth/login/factor", &json!({ "ticket": "a" })).send().await.expect(400);
    app.app.db.close();
});

db_test!(a_passkey_shows_again_that_it_is_you, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut device, _) = with_passkey(&app, Authenticator::synced()).await;
    app.clock.advance(Duration::from_mins(11));
    let health =
        |login: &Login, body: &Value| app.post("/api/auth/health-token", body).by(login).send();
    // Whoever has a passkey is not let through with the password any more.
    let stale = health(&ana, &json!({ "password": PASSWORD })).await;
    assert_eq!(refused(&stale), (401, "STEP_UP_REQUIRED".to_owned()));
    let signed = app.confirmed(&ana, &mut device).await;
    let proof = json!({ "passkey": signed });
    let raised = health(&ana, &proof).await.expect(200).json();
    assert_eq!(raised["acr"], "salus:mfa");
    let begin = app.request("POST", "/api/auth/passkeys/options");
    begin.token(token(&raised)).send().await.expect(200);
    assert_eq!(refused(&health(&ana, &proof).await), (410, "PASSKEY_LATE".to_owned()), "once");
    // Neither another person nor another log-in of theirs can use what was signed for this one.
    let signed = app.confirmed(&ana, &mut device).await;
    let ben = app.register().await;
    let taken = health(&ben, &json!({ "passkey": signed })).await;
    assert_eq!(refused(&taken), (410, "PASSKEY_LATE".to_owned()));
    app.post(LOG_IN, &signed).send().await.expect(410);
    app.app.db.close();
});

db_test!(what_was_signed_counts_once_and_for_five_minutes, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (_, mut device, _) = with_passkey(&app, Authenticator::synced()).await;
    let signed = app.signed(&mut device).await;
    let enter = |body: &Value| app.post(LOG_IN, body).send();
    let (one, two) = tokio::join!(enter(&signed), enter(&signed));
    let both = [one.status.as_u16(), two.status.as_u16()];
    assert!(both.contains(&200) && both.contains(&410), "{both:?}");
    // Sent twice is not the same as copied.
    let (_, mut counts, _) = with_passkey(&app, Authenticator::new()).await;
    let signed = app.signed(&mut counts).await;
    enter(&signed).await.expect(200);
    assert_eq!(refused(&enter(&signed).await), (410, "PASSKEY_LATE".to_owned()));
    let signed = app.signed(&mut device).await;
    app.clock.advance(Duration::from_mins(5));
    assert_eq!(refused(&enter(&signed).await), (410, "PASSKEY_LATE".to_owned()));
    app.app.db.close();
});

db_test!(only_an_unlocked_device_on_a_page_of_ours_is_taken, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (_, device, _) = with_passkey(&app, Authenticator::synced()).await;
    let changes: [fn(&mut Authenticator); 4] = [
        |device| device.unlocked = false,
        |device| "https://salus.evil.example".clone_into(&mut device.origin),
        |device| "https://localhost.evil.example".clone_into(&mut device.origin),
        |device| device.embedded = true,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = device.clone();
        change(&mut changed);
        let answer = log_in(&app, &mut changed).await;
        assert_eq!(refused(&answer), wrong(), "{number}");
        let new = app.register().await;
        let body = app.made(&new, &mut changed).await;
        let answer = app.post("/api/auth/passkeys", &body).by(&new).send().await;
        assert_eq!(refused(&answer), wrong(), "made: {number}");
    }
    log_in(&app, &mut device.clone()).await.expect(200);
    app.app.db.close();
});

db_test!(a_copy_of_a_key_that_counts_is_found_out, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut device, _) = with_passkey(&app, Authenticator::new()).await;
    let mut copy = device.clone();
    log_in(&app, &mut device).await.expect(200);
    let answer = log_in(&app, &mut copy).await;
    assert_eq!(refused(&answer), (403, "PASSKEY_COPIED".to_owned()));
    // One that stops counting is no better.
    let mut stopped = device.clone();
    stopped.step = 0;
    assert_eq!(log_in(&app, &mut stopped).await.code(), "PASSKEY_COPIED");
    let entered = log_in(&app, &mut device).await.expect(200).json();
    assert_eq!(entered["user"]["id"], ana.user.to_string());
    app.app.db.close();
});

db_test!(a_key_of_one_person_opens_nothing_of_another, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut hers, _) = with_passkey(&app, Authenticator::synced()).await;
    let (ben, mut his, _) = with_passkey(&app, Authenticator::synced()).await;
    let swap = |mut signed: Value, of: &Value| {
        signed["credential"]["response"]["userHandle"] = of.clone();
        signed
    };
    let (hers_signed, his_signed) = (app.signed(&mut hers).await, app.signed(&mut his).await);
    let user = &hers_signed["credential"]["response"]["userHandle"];
    let heard = app.post(LOG_IN, &swap(his_signed.clone(), user)).send().await;
    assert_eq!(refused(&heard), wrong());
    let heard = app.post(LOG_IN, &swap(his_signed, &json!("AAAAAAAAAAAAAAAAAAAAAA"))).send();
    assert_eq!(refused(&heard.await), wrong(), "somebody who is not there");
    // As a second factor, too.
    let body = json!({ "username": ana.username, "password": PASSWORD });
    let asked = app.post("/api/auth/login", &body).send().await.expect(202).json();
    let mut question = asked["passkey"].clone();
    question["options"]["allowCredentials"] = json!([]);
    let signed = answer(&question, &mut his);
    let body = json!({ "ticket": asked["ticket"], "passkey": signed });
    let heard = app.post("/api/auth/login/factor", &body).send().await;
    assert_eq!(refused(&heard), wrong());
    // Nor can it be seen, named or removed.
    let list = app.get("/api/auth/passkeys").by(&ana).send().await.expect(200).json();
    let path = format!("/api/auth/passkeys/{}", list["items"][0]["id"].as_str().unwrap());
    let name = app.request("PATCH", &path).json(&json!({ "name": "mine" })).by(&ben);
    name.send().await.expect(404);
    let drop = app.request("DELETE", &path).json(&json!({ "password": PASSWORD })).by(&ben);
    drop.send().await.expect(404);
    app.app.db.close();
});

db_test!(a_passkey_is_made_once_by_the_one_who_was_asked, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, ben) = (app.register().await, app.register().await);
    let mut device = Authenticator::new();
    let body = app.made(&ana, &mut device).await;
    let add = |login: &Login, body: &Value| app.post("/api/auth/passkeys", body).by(login).send();
    assert_eq!(refused(&add(&ben, &body).await), (410, "PASSKEY_LATE".to_owned()));
    add(&ana, &body).await.expect(201);
    assert_eq!(refused(&add(&ana, &body).await), (401, "STEP_UP_REQUIRED".to_owned()));
    let entered = log_in(&app, &mut device).await.expect(200).json();
    let again = app.post("/api/auth/passkeys", &body).token(token(&entered)).send().await;
    assert_eq!(refused(&again), (410, "PASSKEY_LATE".to_owned()), "asked in another log-in");
    // A device is not asked for a second key by someone who has one on it.
    let ask = app.request("POST", "/api/auth/passkeys/options").token(token(&entered));
    let asked = ask.send().await.expect(200).json();
    assert_eq!(asked["options"]["excludeCredentials"][0]["id"], body["credential"]["id"]);
    assert_eq!(asked["options"]["authenticatorSelection"]["residentKey"], "required");
    // What was signed in a log-in counts in no ceremony for making one, and nonsense in none.
    for credential in [json!({}), json!("a"), json!(null)] {
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        app.post("/api/auth/passkeys", &body).token(token(&entered)).send().await.expect(400);
    }
    app.app.db.close();
});

db_test!(a_passkey_has_a_name_and_is_removed_by_something_else, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut device, added) = with_passkey(&app, Authenticator::synced()).await;
    let entered = log_in(&app, &mut device).await.expect(200).json();
    let path = format!("/api/auth/passkeys/{}", added["passkey"]["id"].as_str().unwrap());
    let rename = |name: &str| {
        let body = json!({ "name": name });
        app.request("PATCH", &path).json(&body).token(token(&entered)).send()
    };
    rename("  Telephone ").await.expect(204);
    rename("").await.expect(400);
    let list = app.get("/api/auth/passkeys").by(&ana).send().await.expect(200).json();
    assert_eq!(list["items"][0]["name"], "Telephone");
    let login = Login { access_token: token(&entered).to_owned(), ..ana.clone() };
    let signed = app.confirmed(&login, &mut device).await;
    let remove =
        |login: &Login, body: &Value| app.request("DELETE", &path).json(body).by(login).send();
    let itself = remove(&login, &json!({ "passkey": signed })).await;
    assert_eq!(refused(&itself), (403, "FACTOR_SAME".to_owned()));
    // The password alone is not enough for a log-in by one factor.
    let alone = remove(&ana, &json!({ "password": PASSWORD })).await;
    assert_eq!(refused(&alone), (401, "STEP_UP_REQUIRED".to_owned()));
    remove(&login, &json!({ "password": PASSWORD })).await.expect(204);
    remove(&login, &json!({ "password": PASSWORD })).await.expect(404);
    assert_eq!(refused(&log_in(&app, &mut device).await), wrong(), "it opens nothing any more");
    let factors = app.get("/api/auth/factors").by(&login).send().await.expect(200).json();
    assert_eq!(factors["needed"], false);
    assert_eq!(factors["recovery_codes_left"], 0, "they stand in for nothing");
    app.log_in(&ana.username).await;
    app.app.db.close();
});

db_test!(one_passkey_removes_another, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, mut first, added) = with_passkey(&app, Authenticator::synced()).await;
    let entered = log_in(&app, &mut first).await.expect(200).json();
    let login = Login { access_token: token(&entered).to_owned(), ..ana.clone() };
    let mut second = Authenticator::new();
    assert_eq!(app.add_passkey(&login, &mut second).await["recovery_codes"], json!([]));
    let path = format!("/api/auth/passkeys/{}", added["passkey"]["id"].as_str().unwrap());
    let signed = app.confirmed(&login, &mut second).await;
    let body = json!({ "passkey": signed });
    app.request("DELETE", &path).json(&body).by(&login).send().await.expect(204);
    assert_eq!(refused(&log_in(&app, &mut first).await), wrong());
    log_in(&app, &mut second).await.expect(200);
    app.app.db.close();
});

db_test!(a_device_authenticator_is_asked_and_answers_at_one_place, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let mut device = Authenticator::synced();
    let (register, verify) = ("/api/auth/biometric/register", "/api/auth/biometric/verify");
    let asked = app.post(register, &json!({})).by(&ana).send().await.expect(202).json();
    let wanted = &asked["options"]["authenticatorSelection"]["authenticatorAttachment"];
    assert_eq!(wanted, "platform");
    let body = json!({
        "ticket": asked["ticket"], "credential": device.create(&asked["options"]), "name": "Laptop",
    });
    let made = app.post(register, &body).by(&ana).send().await.expect(201).json();
    assert_eq!(made["passkey"]["name"], "Laptop");
    let asked = app.post(verify, &json!({})).send().await.expect(202).json();
    let mut body = answer(&asked, &mut device);
    body["cookie"] = true.into();
    let entered = app.post(verify, &body).send().await.expect(200);
    assert!(entered.header("set-cookie").is_some());
    assert_eq!(entered.json()["user"]["id"], ana.user.to_string());
    let half = json!({ "ticket": asked["ticket"] });
    app.post(verify, &half).send().await.expect(400);
    app.app.db.close();
});

db_test!(a_blocked_or_closed_account_is_not_opened_by_a_passkey, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (_, mut device, _) = with_passkey(&app, Authenticator::synced()).await;
    let entered = log_in(&app, &mut device).await.expect(200).json();
    let goodbye = json!({ "password": PASSWORD });
    let close = app.request("DELETE", "/api/auth/account").json(&goodbye);
    close.token(token(&entered)).send().await.expect(202);
    let closed = log_in(&app, &mut device).await;
    assert_eq!(refused(&closed), (409, "ACCOUNT_CLOSED".to_owned()));
    let mut body = app.signed(&mut device).await;
    body["restore"] = true.into();
    app.post(LOG_IN, &body).send().await.expect(200);
    log_in(&app, &mut device).await.expect(200);
    app.app.db.close();
});

db_test!(where_browsers_know_no_passkeys_it_says_so, registry::migrations(), |db| {
    let first = TestApp::on(db).await;
    let (clock, kms) = (first.clock.clone(), first.kms.clone());
    let app = TestApp::configured(db, (clock, kms), |config| {
        config.http.public_url = Some("http://salus.home".to_owned());
    });
    let app = app.await;
    let ana = app.register().await;
    let begin = app.request("POST", "/api/auth/passkeys/options").by(&ana).send().await;
    assert_eq!(refused(&begin), (409, "PASSKEYS_OFF".to_owned()));
    let ask = app.request("POST", "/api/auth/login/passkey/options").send().await;
    assert_eq!(refused(&ask), (409, "PASSKEYS_OFF".to_owned()));
    app.app.db.close();
    first.app.db.close();
});

db_test!(passkeys_are_made_for_the_address_that_people_use, registry::migrations(), |db| {
    let first = TestApp::on(db).await;
    let (clock, kms) = (first.clock.clone(), first.kms.clone());
    let app = TestApp::configured(db, (clock, kms), |config| {
        config.http.public_url = Some("https://salus.example".to_owned());
    });
    let app = app.await;
    let mut device = Authenticator::synced();
    "https://salus.example".clone_into(&mut device.origin);
    let (ana, mut device, _) = with_passkey(&app, device).await;
    log_in(&app, &mut device).await.expect(200);
    "https://app.salus.example".clone_into(&mut device.origin);
    assert_eq!(refused(&log_in(&app, &mut device).await), wrong(), "no page below it, unless set");
    drop(ana);
    app.app.db.close();
    first.app.db.close();
});
