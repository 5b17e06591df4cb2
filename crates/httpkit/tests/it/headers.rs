//! Headers of every answer.

use crate::world::{Answer, Client, Sent, World};
use axum::{
    Router,
    response::Html,
    routing::{get, post},
};
use httpkit::NoContent;

fn routes() -> Router {
    Router::new()
        .route("/api/thing", get(async || NoContent).post(async || NoContent))
        .route("/api/docs", get(async || Html("<!doctype html>")))
        .route("/api/cached", get(async || ([("cache-control", "max-age=60")], "x")))
        .route("/", get(async || Html("<!doctype html>")))
        .route("/api/panic", post(async || -> NoContent { panic!() }))
}

async fn ask(world: World, request: Sent) -> Answer {
    world.around(routes()).send(request).await
}

#[tokio::test]
async fn every_answer_has_the_security_headers_whatever_became_of_the_request() {
    for request in [
        Sent::get("/api/thing"),
        Sent::get("/"),
        Sent::get("/nowhere"),
        Sent::new("DELETE", "/api/thing"),
        Sent::post("/api/panic"),
        Sent::post("/api/thing").header("sec-fetch-site", "cross-site"),
    ] {
        let path = request.0.uri().path().to_owned();
        let answer = ask(World::new(), request).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}");
        assert!(answer.header("permissions-policy").contains("geolocation=(self)"), "{path}");
        assert!(answer.header("x-request-id").len() >= 8, "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}

#[tokio::test]
async fn tls_is_insisted_on_where_it_is_there() {
    let mut world = World::new();
    world.edge.headers.tls = true;
    let answer = ask(world, Sent::get("/api/thing")).await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
}

#[tokio::test]
async fn answers_of_the_api_are_not_kept_unless_they_say_so() {
    assert_eq!(
        ask(World::new(), Sent::get("/api/thing")).await.header("cache-control"),
        "no-store"
    );
    assert_eq!(ask(World::new(), Sent::get("/api/no")).await.header("cache-control"), "no-store");
    let kept = ask(World::new(), Sent::get("/api/cached")).await;
    assert_eq!(kept.header("cache-control"), "max-age=60");
    assert_eq!(ask(World::new(), Sent::get("/")).await.header("cache-control"), "");
}

#[tokio::test]
async fn only_pages_may_load_scripts() {
    let script = "script-src 'self'";
    let policy = async |path| {
        let answer = ask(World::new(), Sent::get(path)).await;
        answer.header("content-security-policy").to_owned()
    };
    assert!(policy("/").await.contains(script));
    assert!(policy("/api/docs").await.contains(script));
    assert!(!policy("/api/thing").await.contains(script));
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let given = Sent::get("/api/thing").header("x-request-id", "client-0001");
    assert_eq!(ask(World::new(), given).await.header("x-request-id"), "client-0001");
    for bad in ["short", "with space 1234", "x'; drop table", &"x".repeat(65)] {
        let answer = ask(World::new(), Sent::get("/api/thing").header("x-request-id", bad)).await;
        assert_ne!(answer.header("x-request-id"), bad);
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
}

fn cross_origin() -> Client {
    World::new().origins(&["https://app.example.org"]).around(routes())
}

fn preflight(origin: &str) -> Sent {
    Sent::new("OPTIONS", "/api/thing")
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "x-csrf-token,if-match")
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_answers_with_a_cookie() {
    let answer = cross_origin().send(preflight("https://app.example.org")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.org");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("access-control-allow-headers").contains("x-csrf-token"));
    let request = Sent::get("/api/thing").header("origin", "https://app.example.org");
    let answer = cross_origin().send(request).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.org");
    assert!(answer.header("access-control-expose-headers").contains("etag"));
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
}

#[tokio::test]
async fn a_page_of_any_other_origin_may_not() {
    for origin in [
        "https://app.example.org.evil.example",
        "https://evil-app.example.org",
        "http://app.example.org",
        "https://APP.example.org",
        "https://app.example.org:8443",
        "null",
        "*",
    ] {
        let answer = cross_origin().send(preflight(origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        let answer = cross_origin().send(Sent::get("/api/thing").header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let answer = ask(World::new(), preflight("https://app.example.org")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
