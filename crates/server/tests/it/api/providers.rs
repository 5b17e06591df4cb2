//! Administrators set up providers while the program runs, and say who may use which model.

use db::{db_test, params};
use kernel::Role;
use modelmock::{Mock, Script, faithful};
use serde_json::{Value, json};
use server::registry;
use testkit::{Answer, Login, TestApp};

const KEY: &str = "sk-only-the-provider-knows-it";

db::row! {
    struct Sealed {
        secret: Option<Vec<u8>>,
    }
}

db::statements! { "server.tests.providers";
    SECRETS = "SELECT secret FROM model_providers";
}

async fn agree_to_models(app: &TestApp, login: &Login) {
    let version = consent::ConsentType::AiInteraction.version_in_force();
    let given = json!({ "consent_type": "ai_interaction", "version": version });
    app.post("/api/consent/record", &given).by(login).send().await.expect(200);
}

/// A provider on this machine.
fn near(name: &str, mock: &Mock) -> Value {
    let url = format!("{}/v1", mock.url());
    json!({ "name": name, "kind": "openai_chat", "url": url, "local": true, "key": KEY })
}

async fn models(app: &TestApp, login: &Login) -> String {
    app.get("/api/providers").by(login).send().await.expect(200).text()
}

async fn say(app: &TestApp, login: &Login, model: &str) -> Answer {
    let body = json!({ "content": "good day", "model": model });
    app.post("/api/ai/chat", &body).by(login).send().await
}

async fn put(app: &TestApp, login: &Login, path: &str, body: &Value) -> Answer {
    app.request("PUT", path).json(body).by(login).send().await
}

async fn patch(app: &TestApp, login: &Login, path: &str, body: &Value) -> Answer {
    app.request("PATCH", path).json(body).by(login).send().await
}

db_test!(
    a_provider_comes_and_goes_in_every_process_without_a_restart,
    registry::migrations(),
    |db| {
        let here = TestApp::on(db).await;
        let elsewhere = TestApp::with(db, here.clock.clone(), here.kms.clone()).await;
        let (keeper, ana) = (here.register_as(Role::Admin).await, here.register().await);
        agree_to_models(&here, &ana).await;
        let mock = Mock::start(faithful).unwrap();
        let made = here.post("/api/providers", &near("mock", &mock)).by(&keeper).send().await;
        let made = made.expect(201);
        assert_eq!(
            (&made.json()["origin"], &made.json()["has_key"]),
            (&json!("added"), &json!(true))
        );
        assert!(made.text().contains("mock/echo"), "it was asked which models it has");
        assert!(models(&here, &ana).await.contains("mock/echo"));
        let said = say(&here, &ana, "mock/echo").await.expect(200).json();
        assert_eq!(said["message"]["content"], "You said: good day");
        let asked = mock.asked();
        assert_eq!(asked.last().unwrap().header("authorization"), format!("Bearer {KEY}"));

        assert!(!models(&elsewhere, &ana).await.contains("mock/echo"));
        elsewhere.app.providers.refresh().await;
        say(&elsewhere, &ana, "mock/echo").await.expect(200);

        let change = json!({ "models": ["flood"], "key": "sk-another-one" });
        let changed = patch(&here, &keeper, "/api/providers/mock", &change).await.expect(200);
        assert_eq!(changed.json()["named_models"], json!(["flood"]));
        elsewhere.app.providers.refresh().await;
        for app in [&here, &elsewhere] {
            say(app, &ana, "mock/echo").await.expect(404);
            say(app, &ana, "mock/flood").await.expect(200);
            assert_eq!(
                mock.asked().last().unwrap().header("authorization"),
                "Bearer sk-another-one"
            );
        }

        let again = here.post("/api/providers", &near("mock", &mock)).by(&keeper).send().await;
        assert_eq!(again.expect(409).code(), "PROVIDER_NAME_TAKEN");
        let gone = here.request("DELETE", "/api/providers/mock").by(&keeper).send().await;
        gone.expect(204);
        elsewhere.app.providers.refresh().await;
        for app in [&here, &elsewhere] {
            say(app, &ana, "mock/flood").await.expect(404);
            app.app.db.close();
        }
    }
);

db_test!(the_key_of_a_provider_is_told_to_nobody_but_it, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let keeper = app.register_as(Role::Admin).await;
    let mock = Mock::start(faithful).unwrap();
    let made = app.post("/api/providers", &near("mock", &mock)).by(&keeper).send().await;
    let mut told = made.expect(201).text();
    app.app.ledger.sequence_all().await.unwrap();
    for path in
        ["/api/admin/providers", "/api/providers", "/api/admin/audit", "/api/admin/audit/export"]
    {
        told += &app.get(path).by(&keeper).send().await.expect(200).text();
    }
    let change = json!({ "key": "two words" });
    let refused = patch(&app, &keeper, "/api/providers/mock", &change).await.expect(400);
    told += &refused.text();
    assert!(told.contains("mock") && !told.contains(KEY) && !told.contains("two words"), "{told}");
    let sealed: Vec<Sealed> = app.app.db.all(&SECRETS, params![]).await.unwrap();
    let sealed = sealed[0].secret.as_ref().unwrap();
    assert!(!sealed.windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes()));

    // Whoever may change the address must not get it by that.
    let trap = Mock::start(faithful).unwrap();
    let elsewhere = json!({ "url": format!("{}/v1", trap.url()) });
    let refused = patch(&app, &keeper, "/api/providers/mock", &elsewhere).await.expect(400);
    assert_eq!(refused.code(), "PROVIDER_INVALID");
    assert_eq!(trap.connections(), 0);
    let mut without = elsewhere.clone();
    without["key"] = Value::Null;
    let moved = patch(&app, &keeper, "/api/providers/mock", &without).await.expect(200).json();
    assert_eq!(moved["has_key"], false);
    app.post("/api/providers/mock/test", &json!({})).by(&keeper).send().await.expect(200);
    assert!(trap.asked().iter().all(|asked| asked.header("authorization").is_empty()));
    app.app.db.close();
});

db_test!(a_provider_is_tried_with_a_real_question, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let keeper = app.register_as(Role::Admin).await;
    let test = async |name: &str, body: Value| {
        let path = format!("/api/providers/{name}/test");
        app.post(&path, &body).by(&keeper).send().await.expect(200).json()
    };
    let mock = Mock::start(faithful).unwrap();
    app.post("/api/providers", &near("mock", &mock)).by(&keeper).send().await.expect(201);
    let tried = test("mock", json!({ "model": "echo" })).await;
    assert_eq!((&tried["ok"], &tried["answered"]), (&json!(true), &json!(true)), "{tried}");
    assert_eq!((&tried["model"], &tried["models"]), (&json!("mock/echo"), &json!(8)));
    let tried = test("mock", json!({ "model": "limited" })).await;
    assert_eq!(
        (&tried["ok"], &tried["error"]),
        (&json!(false), &json!("PROVIDER_LIMITED")),
        "{tried}"
    );

    // What answers with an address is not followed there.
    let inside = Mock::start(faithful).unwrap();
    let place = format!("{}/v1/models", inside.url());
    let away = Mock::start(move |_| Script::json(302, &json!({})).with_header("location", &place));
    let away = away.unwrap();
    app.post("/api/providers", &near("away", &away)).by(&keeper).send().await.expect(201);
    let tried = test("away", json!({ "model": "one" })).await;
    assert_eq!((&tried["ok"], &tried["answered"]), (&json!(false), &json!(false)), "{tried}");
    assert!(away.connections() > 0 && inside.connections() == 0);
    let tried = test("salus", json!({})).await;
    assert_eq!(tried["ok"], true, "what is part of the program can be tried too");
    let nobody = app.post("/api/providers/nobody/test", &json!({})).by(&keeper).send().await;
    assert_eq!(nobody.expect(404).code(), "PROVIDER_NOT_FOUND");
    app.app.db.close();
});

db_test!(what_can_not_be_a_provider_is_refused_by_name, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let keeper = app.register_as(Role::Admin).await;
    let good = json!({ "name": "far", "kind": "anthropic", "url": "https://models.invalid",
        "models": ["one"] });
    for (field, value, reason) in [
        ("name", json!("Not a name"), "name"),
        ("name", json!("health"), "name"),
        ("url", json!("http://models.invalid"), "url"),
        ("url", json!("https://169.254.169.254/latest"), "url"),
        ("url", json!("https://[fd00:ec2::254]"), "url"),
        ("url", json!("https://127.0.0.1"), "url"),
        ("url", json!("https://me@models.invalid"), "url"),
        ("key", json!("a b"), "key"),
        ("models", json!(["a b"]), "models"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = app.post("/api/providers", &body).by(&keeper).send().await.expect(400);
        assert_eq!(refused.code(), "PROVIDER_INVALID", "{body}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(reason), "{detail}");
    }
    for name in ["salus", "scripted"] {
        let mut body = good.clone();
        body["name"] = name.into();
        app.post("/api/providers", &body).by(&keeper).send().await.expect(400);
        let gone = app.request("DELETE", &format!("/api/providers/{name}")).by(&keeper);
        assert_eq!(gone.send().await.expect(409).code(), "PROVIDER_FIXED");
    }
    app.app.db.close();
});

db_test!(a_model_is_there_for_the_roles_that_may_use_it, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let keeper = app.register_as(Role::Admin).await;
    let (ana, ben) = (app.register().await, app.register_as(Role::Premium).await);
    for person in [&ana, &ben] {
        agree_to_models(&app, person).await;
    }
    let mock = Mock::start(faithful).unwrap();
    app.post("/api/providers", &near("mock", &mock)).by(&keeper).send().await.expect(201);
    let show = "/api/providers/visibility";
    let few = json!({ "model": "mock/echo", "roles": ["premium"] });
    put(&app, &keeper, show, &few).await.expect(204);
    assert!(!models(&app, &ana).await.contains("mock/echo"));
    assert!(models(&app, &ben).await.contains("mock/echo"));
    say(&app, &ana, "mock/echo").await.expect(404);
    say(&app, &ben, "mock/echo").await.expect(200);
    say(&app, &ana, "mock/flood").await.expect(200);
    let key = app.post("/api/ai/keys", &json!({ "name": "x" })).by(&ana).send().await.expect(201);
    let key = key.json()["secret"].as_str().unwrap().to_owned();
    let listed = app.get("/v1/models").token(&key).send().await.expect(200).text();
    assert!(listed.contains("mock/flood") && !listed.contains("mock/echo"), "{listed}");

    let setups = app.get("/api/admin/providers").by(&keeper).send().await.expect(200).text();
    assert!(setups.contains(r#""roles":["premium"]"#), "{setups}");
    let all = json!({ "model": "mock/echo", "roles": null });
    put(&app, &keeper, show, &all).await.expect(204);
    say(&app, &ana, "mock/echo").await.expect(200);
    let companion = json!({ "model": "salus/companion", "roles": [] });
    let refused = put(&app, &keeper, show, &companion).await.expect(400);
    assert_eq!(refused.code(), "PROVIDER_INVALID", "it answers everybody");
    app.app.db.close();
});

db_test!(an_organisation_says_which_models_elsewhere_are_used, registry::migrations(), |db| {
    let kms = TestApp::on(db).await;
    let app = TestApp::configured(db, (kms.clock.clone(), kms.kms.clone()), |config| {
        let provider = json!({ "kind": "openai_chat", "url": "https://models.invalid/v1",
            "models": ["one", "two"] });
        let provider = serde_json::from_value(provider).unwrap();
        config.models.providers.insert("far".to_owned(), provider);
        config.companion.elsewhere = Some(vec!["far/*".to_owned()]);
    })
    .await;
    let (keeper, ana) = (app.register_as(Role::Admin).await, app.register().await);
    agree_to_models(&app, &ana).await;
    assert!(models(&app, &ana).await.contains("far/one"));
    let set = "/api/providers/elsewhere";
    put(&app, &keeper, set, &json!({ "models": ["far/two", "other/*"] })).await.expect(204);
    let listed = models(&app, &ana).await;
    assert!(listed.contains("far/two") && !listed.contains("far/one"), "{listed}");
    say(&app, &ana, "far/one").await.expect(404);
    put(&app, &keeper, set, &json!({ "models": [] })).await.expect(204);
    assert!(!models(&app, &ana).await.contains("far/"));
    put(&app, &keeper, set, &json!({ "models": null })).await.expect(204);
    assert!(models(&app, &ana).await.contains("far/one"));
    let setups = app.get("/api/admin/providers").by(&keeper).send().await.expect(200).json();
    let far = setups["providers"].as_array().unwrap().iter().find(|one| one["id"] == "far");
    assert_eq!(far.unwrap()["origin"], "settings");
    for (method, body) in [("DELETE", None), ("PATCH", Some(json!({ "local": true })))] {
        let request = app.request(method, "/api/providers/far").by(&keeper);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        assert_eq!(request.send().await.expect(409).code(), "PROVIDER_FIXED");
    }
    for app in [&app, &kms] {
        app.app.db.close();
    }
});
