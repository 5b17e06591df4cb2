//! Who a request is taken to come from.

use crate::world::{Sent, World, failed};
use axum::{Router, routing::get};
use httpkit::{
    Admin, Auditor, Caller, CrisisResponder, FreshMfa, LoggedIn, Overseer, Provider, auth::AuthMode,
};
use kernel::{Actor, Ctx};

fn name(ctx: &Ctx) -> String {
    match &ctx.actor {
        Actor::Person(person) => person.subject.user.as_uuid().as_u128().to_string(),
        _ => "nobody".to_owned(),
    }
}

fn routes() -> Router {
    Router::new()
        .route("/api/anyone", get(async |Caller(ctx): Caller| name(&ctx)))
        .route("/health", get(async |Caller(ctx): Caller| name(&ctx)))
        .route("/api/own", get(async |LoggedIn(ctx): LoggedIn| name(&ctx)))
        .route("/api/delicate", get(async |FreshMfa(ctx): FreshMfa<600>| name(&ctx)))
        .route("/api/very-delicate", get(async |FreshMfa(ctx): FreshMfa<60>| name(&ctx)))
        .route("/api/admin", get(async |Admin(ctx): Admin| name(&ctx)))
        .route("/api/auditor", get(async |Auditor(ctx): Auditor| name(&ctx)))
        .route("/api/overseer", get(async |Overseer(ctx): Overseer| name(&ctx)))
        .route("/api/provider", get(async |Provider(ctx): Provider| name(&ctx)))
        .route("/api/responder", get(async |CrisisResponder(ctx): CrisisResponder| name(&ctx)))
        .route(
            "/api/origin",
            get(async |Caller(ctx): Caller| {
                let agent = ctx.origin.user_agent.unwrap_or_default();
                format!("{} {}", ctx.origin.ip.unwrap(), agent.len())
            }),
        )
}

async fn text(request: Sent) -> String {
    World::new().around(routes()).send(request).await.text
}

async fn failure(request: Sent) -> (u16, String) {
    World::new().around(routes()).send(request).await.failure()
}

#[tokio::test]
async fn a_token_or_a_cookie_names_a_person() {
    assert_eq!(text(Sent::get("/api/own").bearer("1")).await, "1");
    assert_eq!(text(Sent::get("/api/own").cookie("2")).await, "2");
    assert_eq!(text(Sent::get("/api/anyone")).await, "nobody");
    assert_eq!(failure(Sent::get("/api/own")).await, failed(401, "AUTH_REQUIRED"));
}

#[tokio::test]
async fn credentials_that_do_not_hold_say_why() {
    for (token, code) in [
        ("nonsense", "AUTH_REQUIRED"),
        ("expired", "SESSION_EXPIRED"),
        ("inactive", "USER_INACTIVE"),
    ] {
        assert_eq!(failure(Sent::get("/api/own").bearer(token)).await, failed(401, code));
        assert_eq!(failure(Sent::get("/api/own").cookie(token)).await, failed(401, code));
        assert_eq!(text(Sent::get("/api/anyone").cookie(token)).await, "nobody");
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_looked_up_are_nobodys_fault_but_ours() {
    for path in ["/api/own", "/api/anyone"] {
        assert_eq!(failure(Sent::get(path).bearer("down")).await, failed(503, "UNAVAILABLE"));
    }
}

#[tokio::test]
async fn outside_of_the_api_nobody_is_looked_up() {
    assert_eq!(text(Sent::get("/health").bearer("down")).await, "nobody");
    assert_eq!(text(Sent::get("/health").cookie("1")).await, "nobody");
}

#[tokio::test]
async fn a_token_and_a_cookie_must_not_name_different_people() {
    let both = |token, cookie| Sent::get("/api/own").bearer(token).cookie(cookie);
    assert_eq!(text(both("1", "1")).await, "1");
    assert_eq!(text(both("1", "expired")).await, "1");
    assert_eq!(failure(both("1", "2")).await, failed(401, "AUTH_AMBIGUOUS"));
    assert_eq!(failure(both("expired", "2")).await, failed(401, "SESSION_EXPIRED"));
}

#[tokio::test]
async fn a_mode_counts_only_its_own_credentials() {
    let ask = async |mode, request| {
        World::new().mode(mode).around(routes()).send(request).await.status.as_u16()
    };
    assert_eq!(ask(AuthMode::Bearer, Sent::get("/api/own").cookie("1")).await, 401);
    assert_eq!(ask(AuthMode::Bearer, Sent::get("/api/own").bearer("1").cookie("2")).await, 200);
    assert_eq!(ask(AuthMode::Session, Sent::get("/api/own").bearer("1")).await, 401);
    assert_eq!(ask(AuthMode::Session, Sent::get("/api/own").cookie("1")).await, 200);
}

#[tokio::test]
async fn only_bearer_credentials_are_read_from_authorization() {
    for value in ["Basic 1", "Bearer", "Bearer ", "1"] {
        let request = Sent::get("/api/own").header("authorization", value);
        assert_eq!(failure(request).await, failed(401, "AUTH_REQUIRED"), "{value}");
    }
    assert_eq!(text(Sent::get("/api/own").header("authorization", "bearer 1")).await, "1");
}

#[tokio::test]
async fn a_role_opens_its_own_routes_only() {
    let table = [
        ("/api/admin", "admin", "ADMIN_REQUIRED"),
        ("/api/auditor", "auditor", "FORBIDDEN"),
        ("/api/overseer", "auditor", "FORBIDDEN"),
        ("/api/overseer", "admin", "FORBIDDEN"),
        ("/api/provider", "provider", "FORBIDDEN"),
        ("/api/responder", "crisis_responder", "FORBIDDEN"),
    ];
    for (path, role, code) in table {
        assert_eq!(text(Sent::get(path).bearer(&format!("1-{role}"))).await, "1", "{path}");
        let other = Sent::get(path).bearer("1-user+premium");
        assert_eq!(failure(other).await, failed(403, code), "{path}");
        assert_eq!(failure(Sent::get(path)).await, failed(401, "AUTH_REQUIRED"), "{path}");
    }
}

#[tokio::test]
async fn a_role_that_waits_for_a_second_factor_opens_nothing_and_the_answer_says_what_is_missing() {
    let client = World::new().around(routes());
    let waits = client.send(Sent::get("/api/admin").bearer("9-user+admin")).await;
    assert_eq!(waits.failure(), failed(401, "STEP_UP_REQUIRED"));
    assert!(waits.header("www-authenticate").contains("acr_values=\"salus:mfa\""));
    let own = client.send(Sent::get("/api/own").bearer("9-user+admin")).await;
    assert_eq!(own.text, "9");
    let without = client.send(Sent::get("/api/admin").bearer("9-user")).await;
    assert_eq!(without.failure(), failed(403, "ADMIN_REQUIRED"));
}

#[tokio::test]
async fn what_is_delicate_wants_two_factors_lately() {
    let client = World::new().around(routes());
    assert_eq!(client.send(Sent::get("/api/delicate").bearer("100")).await.text, "100");
    let weak = client.send(Sent::get("/api/delicate").bearer("1")).await;
    assert_eq!(weak.failure(), failed(401, "STEP_UP_REQUIRED"));
    assert_eq!(
        weak.header("www-authenticate"),
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"salus:mfa\", max_age=600"
    );
    let old = client.send(Sent::get("/api/very-delicate").bearer("100")).await;
    assert_eq!(old.failure(), failed(401, "STEP_UP_REQUIRED"));
    let nobody = client.send(Sent::get("/api/delicate")).await;
    assert_eq!(nobody.failure(), failed(401, "AUTH_REQUIRED"));
}

#[tokio::test]
async fn the_address_is_that_of_the_peer_unless_a_trusted_proxy_says_otherwise() {
    let request = || Sent::get("/api/origin").header("x-forwarded-for", "198.51.100.1");
    assert_eq!(text(request().peer("10.0.0.1")).await, "10.0.0.1 0");
    let mut world = World::new();
    world.edge.identify.proxies =
        httpkit::proxy::TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
    let client = world.around(routes());
    assert_eq!(client.send(request().peer("10.0.0.1")).await.text, "198.51.100.1 0");
    assert_eq!(client.send(request().peer("192.0.2.9")).await.text, "192.0.2.9 0");
}

#[tokio::test]
async fn what_a_client_calls_itself_is_cut() {
    let long = Sent::get("/api/origin").header("user-agent", &"x".repeat(1000));
    assert_eq!(text(long).await, "192.0.2.1 256");
}

#[tokio::test]
async fn a_handler_outside_the_edge_knows_nobody() {
    use tower::ServiceExt;
    let response = routes().oneshot(Sent::get("/api/own").bearer("1").0).await.unwrap();
    assert_eq!(response.status(), 500);
}
