//! Requests that a browser authenticates by itself.

use crate::world::{Client, Sent, World, failed};
use axum::{Router, routing::post};
use httpkit::{Caller, NoContent, csrf::Csrf};
use kernel::{Env, Secret, SessionId};
use uuid::Uuid;

fn client() -> Client {
    let handler = async |Caller(_): Caller| NoContent;
    World::new()
        .origins(&["https://app.example.org"])
        .around(Router::new().route("/api/change", post(handler).get(handler).delete(handler)))
}

fn token(session: u128) -> String {
    let session = SessionId::from_uuid(Uuid::from_u128(session));
    Csrf::new(&Secret::new([7; 32]), httpkit::origins::Origins::default())
        .issue(&Env::system(), session)
}

fn own_page() -> Sent {
    Sent::post("/api/change").cookie("1").header("sec-fetch-site", "same-origin")
}

#[tokio::test]
async fn our_own_page_with_its_token_may_change_things() {
    let client = client();
    assert_eq!(client.send(own_page().header("x-csrf-token", &token(1))).await.status, 204);
    let allowed = Sent::new("DELETE", "/api/change")
        .cookie("1")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://app.example.org")
        .header("x-csrf-token", &token(1));
    assert_eq!(client.send(allowed).await.status, 204);
}

#[tokio::test]
async fn without_a_token_of_this_session_nothing_is_changed() {
    let client = client();
    let invalid = failed(403, "CSRF_INVALID");
    assert_eq!(client.send(own_page()).await.failure(), invalid);
    for bad in [&token(2), "", "nonsense"] {
        let answer = client.send(own_page().header("x-csrf-token", bad)).await;
        assert_eq!(answer.failure(), invalid, "{bad}");
    }
}

#[tokio::test]
async fn a_good_token_from_a_foreign_page_does_not_count() {
    let client = client();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x-other", "nothing is told at all"),
    ] {
        let request = Sent::post("/api/change")
            .cookie("1")
            .header("x-csrf-token", &token(1))
            .header(name, value);
        let answer = client.send(request).await;
        assert_eq!(answer.failure(), failed(403, "CSRF_INVALID"), "{name}: {value}");
    }
}

#[tokio::test]
async fn an_old_browser_on_our_own_host_is_known_by_its_origin() {
    let request = Sent::post("/api/change")
        .cookie("1")
        .header("host", "salus.home:8787")
        .header("origin", "http://salus.home:8787")
        .header("x-csrf-token", &token(1));
    assert_eq!(client().send(request).await.status, 204);
}

#[tokio::test]
async fn reading_and_bearer_tokens_are_exempt() {
    let client = client();
    assert_eq!(client.send(Sent::get("/api/change").cookie("1")).await.status, 204);
    let bearer = Sent::post("/api/change").bearer("1").header("sec-fetch-site", "cross-site");
    assert_eq!(client.send(bearer).await.status, 204);
}

#[tokio::test]
async fn a_foreign_page_cannot_log_anybody_in_either() {
    let client = client();
    let foreign = Sent::post("/api/change").header("sec-fetch-site", "cross-site");
    assert_eq!(client.send(foreign).await.failure(), failed(403, "CSRF_INVALID"));
    assert_eq!(client.send(Sent::post("/api/change")).await.status, 204);
    let stale = Sent::post("/api/change").cookie("expired").header("sec-fetch-site", "same-origin");
    assert_eq!(client.send(stale).await.status, 204);
}
