//! The routes as a client sees them, with everything around them that a real request meets.

use super::bed::{Bed, PASSWORD, csrf, schema};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use db::db_test;
use http_body_util::BodyExt;
use httpkit::{
    Edge,
    auth::AuthMode,
    cookies::SessionCookie,
    ctx::Identify,
    edge::{BODY_LIMIT, TIME_LIMIT},
    headers::SecurityHeaders,
    limits::{MemoryLimiter, RateLimits, RateProfile},
    observe::{HttpMetrics, Metrics},
    openapi,
    origins::Origins,
    proxy::TrustedProxies,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};
use tower::ServiceExt;

struct Client(Router);

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    fn set_cookie(&self) -> &str {
        self.headers.get("set-cookie").map_or("", |value| value.to_str().unwrap())
    }
}

/// Credentials of a request.
enum With<'a> {
    Nothing,
    Token(&'a str),
    Cookie(&'a str),
    CookieAndCsrf(&'a str, &'a str),
}

impl Client {
    fn new(bed: &Bed) -> Self {
        let limiter = Arc::new(MemoryLimiter::new(bed.env.clone()));
        let edge = Edge {
            identify: Identify {
                env: bed.env.clone(),
                authenticator: Arc::new(bed.identity.clone()),
                mode: AuthMode::Auto,
                cookie: SessionCookie::plain(),
                proxies: TrustedProxies::default(),
            },
            origins: Origins::default(),
            csrf: csrf(),
            rates: RateLimits::new(limiter, RateProfile::default()),
            headers: SecurityHeaders::default(),
            metrics: HttpMetrics::new(&Metrics::default()),
            body_limit: BODY_LIMIT,
            time_limit: TIME_LIMIT,
        };
        let (router, _) = crate::routes().with_state(bed.api()).split_for_parts();
        Self(edge.around(router))
    }

    async fn send(&self, method: &str, path: &str, with: With<'_>, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "salus.test");
        request = match with {
            With::Nothing => request,
            With::Token(token) => request.header("authorization", format!("Bearer {token}")),
            With::Cookie(cookie) => request
                .header("cookie", format!("salus_sid={cookie}"))
                .header("sec-fetch-site", "same-origin"),
            With::CookieAndCsrf(cookie, csrf) => request
                .header("cookie", format!("salus_sid={cookie}"))
                .header("sec-fetch-site", "same-origin")
                .header("x-csrf-token", csrf),
        };
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let mut request = request.unwrap();
        let peer = SocketAddr::new("192.0.2.1".parse().unwrap(), 1234);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, With::Nothing, Some(body)).await
    }

    async fn get(&self, path: &str, with: With<'_>) -> Answer {
        self.send("GET", path, with, None).await
    }

    async fn register(&self, name: &str) -> Answer {
        let body = json!({"username": name, "password": PASSWORD, "consents": {"terms": true}});
        self.post("/api/auth/register", body).await
    }
}

fn cookie_value(header: &str) -> &str {
    header.strip_prefix("salus_sid=").unwrap().split(';').next().unwrap()
}

db_test!(someone_registers_logs_in_and_out_with_tokens, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    let made = client.register("Ana").await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.headers["cache-control"], "no-store");
    assert_eq!(made.body["user"]["username"], "Ana");
    assert_eq!(made.body["user"]["roles"], json!(["user"]));
    assert_eq!((made.text("token_type"), &made.body["expires_in"]), ("Bearer", &json!(900)));

    let body = json!({"login": "ana", "password": PASSWORD, "mfaToken": "123456"});
    let login = client.post("/api/auth/login", body).await;
    assert_eq!(login.status, StatusCode::OK);
    let me = client.get("/api/auth/me", With::Token(login.text("access_token"))).await;
    assert_eq!(me.body["user"]["id"], made.body["user"]["id"]);
    assert_eq!(me.body["session_id"], login.body["session_id"]);

    let body = json!({"refresh_token": login.text("refresh_token")});
    let fresh = client.post("/api/auth/refresh", body).await;
    assert_eq!(fresh.status, StatusCode::OK);
    assert_eq!(fresh.body["session_id"], login.body["session_id"]);
    let token = fresh.text("access_token");
    let gone = client.send("POST", "/api/auth/logout", With::Token(token), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(gone.set_cookie(), "");
    let me = client.get("/api/auth/me", With::Token(token)).await;
    assert_eq!((me.status, me.code()), (StatusCode::UNAUTHORIZED, "SESSION_EXPIRED"));
    bed.close();
});

db_test!(the_seeds_words_for_consents_are_understood, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    let body = json!({
        "email": "ana@example.org", "password": PASSWORD,
        "healthDataConsent": true, "privacyConsent": true, "mfaEnabled": false,
    });
    let made = client.post("/api/auth/register", body.clone()).await;
    assert_eq!(made.status, StatusCode::ACCEPTED);
    let again = client.post("/api/auth/register", body).await;
    assert_eq!((again.status, again.body), (made.status, made.body));
    let body = json!({"email": "ana@example.org", "password": PASSWORD});
    assert_eq!(client.post("/api/auth/login", body).await.status, StatusCode::OK);
    bed.close();
});

db_test!(what_is_wrong_with_a_registration_is_said_without_repeating_it, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    let terms = json!({"terms": true});
    for (body, status, code) in [
        (json!({"username": "ana", "password": PASSWORD}), 400, "TERMS_REQUIRED"),
        (
            json!({"username": "ana", "password": "secret7", "consents": terms}),
            400,
            "PASSWORD_REFUSED",
        ),
        (
            json!({"username": "a b", "password": PASSWORD, "consents": terms}),
            400,
            "INVALID_REQUEST",
        ),
        (json!({"email": "a b", "password": PASSWORD, "consents": terms}), 400, "INVALID_REQUEST"),
        (json!({"password": PASSWORD, "consents": terms}), 400, "INVALID_REQUEST"),
        (
            json!({"username": "ana", "email": "a@b.de", "password": PASSWORD, "consents": terms}),
            400,
            "INVALID_REQUEST",
        ),
        (
            json!({"username": "ana", "password": PASSWORD, "consents": terms, "roles": ["admin"]}),
            400,
            "INVALID_REQUEST",
        ),
        (
            json!({"username": "ana", "password": PASSWORD, "consents": terms, "setup_code": "x"}),
            403,
            "SETUP_CODE_INVALID",
        ),
    ] {
        let answer = client.post("/api/auth/register", body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{:?}", answer.body);
        let text = answer.body.to_string();
        assert!(!text.contains("a b") && !text.contains("secret7"), "{text}");
    }
    client.register("ana").await;
    let taken = client.register("ANA").await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "USERNAME_EXISTS"));
    bed.close();
});

db_test!(unknown_names_and_wrong_passwords_get_the_same_answer, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    client.register("ana").await;
    let mut answers = BTreeSet::new();
    for (name, word) in [("ana", "wrong password"), ("nobody", PASSWORD)] {
        let body = json!({"username": name, "password": word});
        let mut answer = client.post("/api/auth/login", body).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "LOGIN_FAILED"));
        answer.body["request_id"] = Value::Null;
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        answers.insert((answer.body.to_string(), names));
    }
    assert_eq!(answers.len(), 1);
    for _ in 0..4 {
        let body = json!({"username": "ana", "password": "wrong password"});
        client.post("/api/auth/login", body).await;
    }
    let body = json!({"username": "ana", "password": PASSWORD});
    let late = client.post("/api/auth/login", body).await;
    assert_eq!((late.status, late.code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    assert!(late.headers.contains_key("retry-after"));
    bed.close();
});

db_test!(a_cookie_needs_its_csrf_token_to_change_anything, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    client.register("ana").await;
    let body = json!({"username": "ana", "password": PASSWORD, "cookie": true});
    let login = client.post("/api/auth/login", body).await;
    assert_eq!(login.status, StatusCode::OK);
    assert!(login.body.get("access_token").is_none() && login.body.get("refresh_token").is_none());
    let header = login.set_cookie().to_owned();
    assert!(header.contains("HttpOnly") && header.contains("SameSite=Lax"), "{header}");
    let cookie = cookie_value(&header);
    let me = client.get("/api/auth/me", With::Cookie(cookie)).await;
    assert_eq!(me.body["session_id"], login.body["session_id"]);
    let refused = client.send("POST", "/api/auth/logout", With::Cookie(cookie), None).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "CSRF_INVALID"));
    let with = With::CookieAndCsrf(cookie, me.text("csrf_token"));
    let gone = client.send("POST", "/api/auth/logout", with, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(gone.set_cookie().contains("Max-Age=0"));
    let me = client.get("/api/auth/me", With::Cookie(cookie)).await;
    assert_eq!(me.code(), "SESSION_EXPIRED");
    bed.close();
});

db_test!(log_ins_are_listed_in_pages_and_ended_one_by_one, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    let first = client.register("ana").await;
    let body = json!({"username": "ana", "password": PASSWORD});
    let second = client.post("/api/auth/login", body).await;
    let token = || With::Token(second.text("access_token"));
    let page = client.get("/api/auth/sessions?limit=1", token()).await;
    assert_eq!(page.body["items"][0]["id"], second.body["session_id"]);
    assert_eq!(page.body["items"][0]["current"], true);
    let path = format!("/api/auth/sessions?limit=1&cursor={}", page.text("next_cursor"));
    let page = client.get(&path, token()).await;
    assert_eq!(page.body["items"][0]["id"], first.body["session_id"]);
    assert!(page.body.get("next_cursor").is_none());
    assert_eq!(client.get("/api/auth/sessions?cursor=x", token()).await.code(), "INVALID_CURSOR");

    let path = format!("/api/auth/sessions/{}", first.text("session_id"));
    let gone = client.send("DELETE", &path, token(), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let again = client.send("DELETE", &path, token(), None).await;
    assert_eq!((again.status, again.code()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    let all = client.send("POST", "/api/auth/logout-all", token(), None).await;
    assert_eq!(all.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get("/api/auth/me", token()).await.code(), "SESSION_EXPIRED");
    bed.close();
});

db_test!(an_account_is_closed_with_the_password_and_opened_with_restore, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    let made = client.register("ana").await;
    let token = || With::Token(made.text("access_token"));
    let close = async |word: &str| {
        let body = Some(json!({"password": word}));
        client.send("DELETE", "/api/auth/account", token(), body).await
    };
    let refused = close("wrong password").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "PASSWORD_WRONG"));
    let closed = close(PASSWORD).await;
    assert_eq!(closed.status, StatusCode::ACCEPTED);
    assert!(closed.text("erase_at") > "2");
    assert!(client.get("/api/auth/me", token()).await.status == StatusCode::UNAUTHORIZED);
    let body = json!({"username": "ana", "password": PASSWORD});
    let refused = client.post("/api/auth/login", body).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "ACCOUNT_CLOSED"));
    assert!(refused.text("detail").contains(closed.text("erase_at")));
    let body = json!({"username": "ana", "password": PASSWORD, "restore": true});
    assert_eq!(client.post("/api/auth/login", body).await.status, StatusCode::OK);
    bed.close();
});

db_test!(routes_for_people_who_are_logged_in_refuse_everyone_else, schema(), |db| {
    let bed = Bed::on(db).await;
    let client = Client::new(&bed);
    for (method, path) in [
        ("GET", "/api/auth/me"),
        ("GET", "/api/auth/sessions"),
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/logout-all"),
        ("DELETE", "/api/auth/sessions/01910000-0000-7000-8000-000000000001"),
        ("DELETE", "/api/auth/account"),
    ] {
        let body = Some(json!({"password": PASSWORD}));
        for with in [With::Nothing, With::Token("made.up.token"), With::Token("")] {
            let answer = client.send(method, path, with, body.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "AUTH_REQUIRED"), "{path}");
            assert!(answer.headers.contains_key("www-authenticate"));
        }
    }
    bed.close();
});

#[test]
fn every_operation_says_who_may_call_it_and_what_the_ledger_records() {
    let facts = openapi::facts(&crate::routes().into_openapi()).unwrap();
    let actions: BTreeSet<_> = crate::ACTIONS.iter().map(|action| action.name()).collect();
    for fact in facts {
        assert!(fact.access.is_some(), "{}", fact.path);
        let audit = fact.audit.unwrap_or_default();
        let known = audit.starts_with("none: ") || actions.contains(audit.as_str());
        assert!(known, "{}: {audit}", fact.path);
    }
}
