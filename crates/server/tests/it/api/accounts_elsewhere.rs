//! Log-ins by a provider, as a browser and an app send them.

use db::testing::TestDb;
use serde_json::json;
use server::registry;
use testkit::TestApp;

const BEGIN: &str = "/api/auth/oidc/begin";
const FINISH: &str = "/api/auth/oidc/finish";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_is_away_keeps_a_guarded_cookie_until_it_is_back() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let known = app.get("/api/auth/oidc/providers").send().await.expect(200).json();
    assert_eq!(known, json!({ "items": [{ "id": "google", "name": "Google" }] }));
    let begun = app.post(BEGIN, &json!({ "provider": "google" })).send().await.expect(200);
    let cookie = begun.header("set-cookie").unwrap();
    assert!(cookie.starts_with("salus_oidc=sof1_"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{cookie}");

    app.register_by_provider("ana-there").await;
    let back = app.came_back(BEGIN, None, "ana-there").await;
    let finish = || app.post(FINISH, &back.body);
    assert_eq!(finish().send().await.expect(410).code(), "OIDC_LATE");
    // A page of someone else makes the browser of a person log in as somebody.
    let foreign = finish().header("cookie", &back.cookie).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.expect(403).code(), "CSRF_INVALID");
    let entered = finish().header("cookie", &back.cookie).send().await.expect(200);
    let cookies: Vec<_> = entered.headers.get_all("set-cookie").iter().collect();
    let gone = |cookie: &&&http::HeaderValue| cookie.to_str().unwrap().contains("salus_oidc=;");
    assert_eq!(cookies.iter().filter(gone).count(), 1, "{cookies:?}");
    assert!(entered.json().get("biometric_setup").is_none());
    app.app.db.close();
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn google_is_taken_by_its_token_and_by_its_code_and_a_first_passkey_is_offered() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let google = |body| app.post("/api/auth/google", &body);
    let token = app.id_token("ana-there");
    let new = google(json!({ "idToken": token })).send().await.expect(202).json();
    assert_eq!(new["next"], "register");
    let again = google(json!({ "id_token": token })).send().await.expect(410);
    assert_eq!(again.code(), "OIDC_LATE");
    let body = json!({ "ticket": new["ticket"], "consents": { "terms": true } });
    app.post("/api/auth/oidc/register", &body).send().await.expect(201);

    let back = app.came_back(BEGIN, None, "ana-there").await;
    let code = json!({ "code": back.body["code"], "state": back.body["state"],
        "iss": back.body["iss"] });
    let entered = google(code).header("cookie", &back.cookie).send().await.expect(200).json();
    let setup = &entered["biometric_setup"];
    assert_eq!(setup["options"]["authenticatorSelection"]["authenticatorAttachment"], "platform");
    assert!(setup["ticket"].as_str().unwrap().starts_with("spk1_"));
    for wrong in [json!({}), json!({ "code": "a" }), json!({ "id_token": "a", "code": "b" })] {
        assert_eq!(google(wrong).send().await.expect(400).code(), "INVALID_REQUEST");
    }
    app.app.db.close();
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_ends_a_log_in_with_a_form_and_hears_what_does_not_hold() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let db = TestDb::sqlite(&registry::migrations()).await;
    let app = TestApp::on(&db).await;
    let login = app.register_by_provider("leaving-there").await;
    let send = async |path: &str, kind: &str, body: String| {
        app.request("POST", path).body(kind, body).send().await
    };
    let path = "/api/auth/oidc/logout/google";
    let form = || format!("logout_token={}&more=of-theirs", app.logout_token("leaving-there"));
    for (to, kind, body, status, code) in [
        (path, "application/json", "{}".to_owned(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (path, FORM, "token=a".to_owned(), 400, "INVALID_REQUEST"),
        (path, FORM, "logout_token=made.up.token".to_owned(), 400, "LOGOUT_TOKEN_INVALID"),
        ("/api/auth/oidc/logout/nobody", FORM, form(), 404, "NOT_FOUND"),
    ] {
        assert_eq!(send(to, kind, body).await.expect(status).code(), code);
    }
    app.get("/api/auth/me").by(&login).send().await.expect(200);
    let ended = send(path, FORM, form()).await.expect(200);
    assert_eq!(ended.header("cache-control"), Some("no-store"));
    app.get("/api/auth/me").by(&login).send().await.expect(401);
    app.app.db.close();
    db.discard().await;
}
