//! How often and how long.

use crate::world::{Answer, Client, Sent, World, failed};
use axum::{
    Router,
    body::{Body, Bytes},
    middleware::from_fn,
    response::Response,
    routing::{get, post},
};
use futures_util::stream::pending;
use httpkit::{
    NoContent,
    crowd::{self, Crowd},
    limits::{self, AllowSeconds, MemoryLimiter, Quota, RateLimiter, RateProfile},
};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tower::ServiceExt;

/// Of a stream that never says anything.
type Piece = Result<Bytes, std::io::Error>;

fn routes() -> Router {
    Router::new()
        .route("/api/thing", get(async || NoContent))
        .route("/api/crisis/resources", get(async || NoContent))
        .route("/api/crisis-report", get(async || NoContent))
        .route("/health", get(async || NoContent))
        .route("/api/login", post(async || NoContent).layer(from_fn(limits::login)))
        .route("/api/export", get(async || NoContent).layer(from_fn(limits::costly)))
}

async fn until_refused(client: &Client, request: impl Fn() -> Sent) -> (usize, Answer) {
    for passed in 0..2_000 {
        let answer = client.send(request()).await;
        if answer.status == 429 {
            return (passed, answer);
        }
        assert!(answer.status.is_success());
    }
    panic!("never refused");
}

#[tokio::test]
async fn the_profile_of_the_seeds_allows_20_an_hour_to_strangers_and_200_to_people() {
    let client = World::new().rates(RateProfile::seed()).around(routes());
    let (strangers, answer) = until_refused(&client, || Sent::get("/api/thing")).await;
    assert_eq!(strangers, 20);
    assert_eq!(answer.failure(), failed(429, "RATE_LIMITED"));
    assert_eq!(answer.header("retry-after"), "180");
    assert_eq!(answer.header("ratelimit-limit"), "20");
    assert_eq!(answer.header("ratelimit-remaining"), "0");
    let (people, _) = until_refused(&client, || Sent::get("/api/thing").bearer("1")).await;
    assert_eq!(people, 200);
}

#[tokio::test]
async fn who_waits_may_ask_again() {
    let world = World::new().rates(RateProfile::seed());
    let clock = world.clock.clone();
    let client = world.around(routes());
    until_refused(&client, || Sent::get("/api/thing")).await;
    clock.advance(Duration::from_mins(3));
    let answer = client.send(Sent::get("/api/thing")).await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit-remaining")), (204, "0"));
    assert_eq!(client.send(Sent::get("/api/thing")).await.status, 429);
}

#[tokio::test]
async fn each_caller_has_a_quota_of_its_own() {
    let client = World::new().rates(RateProfile::seed()).around(routes());
    until_refused(&client, || Sent::get("/api/thing").peer("2001:db8:1:2::1")).await;
    let neighbour = |peer| client.send(Sent::get("/api/thing").peer(peer));
    assert_eq!(neighbour("2001:db8:1:2:ffff::9").await.status, 429);
    assert_eq!(neighbour("2001:db8:1:3::1").await.status, 204);
    assert_eq!(neighbour("192.0.2.7").await.status, 204);
}

#[tokio::test]
async fn health_and_crisis_help_are_never_limited() {
    let nothing = RateProfile { anonymous: Quota::per_hour(0), ..RateProfile::default() };
    let client = World::new().rates(nothing).around(routes());
    for path in ["/health", "/api/crisis/resources"] {
        let answer = client.send(Sent::get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit-limit")), (204, ""), "{path}");
    }
    for path in ["/api/thing", "/api/crisis-report", "/api/nowhere"] {
        assert_eq!(client.send(Sent::get(path)).await.status, 429, "{path}");
    }
}

#[tokio::test]
async fn a_class_of_requests_can_have_a_quota_of_its_own() {
    let few = RateProfile {
        login: Quota::per_hour(3),
        costly: Quota::per_hour(2),
        ..RateProfile::default()
    };
    let client = World::new().rates(few).around(routes());
    assert_eq!(until_refused(&client, || Sent::post("/api/login")).await.0, 3);
    assert_eq!(until_refused(&client, || Sent::get("/api/export").bearer("1")).await.0, 2);
    assert_eq!(client.send(Sent::get("/api/export").bearer("2")).await.status, 204);
    let answer = client.send(Sent::get("/api/thing").bearer("1")).await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit-limit")), (204, "600"));
}

#[tokio::test]
async fn the_table_of_callers_stays_bounded_and_keeps_those_who_were_stopped() {
    let world = World::new();
    let limiter = MemoryLimiter::with_capacity(world.env.clone(), 64);
    let quota = Quota::per_hour(5);
    for _ in 0..5 {
        assert!(limiter.check("address", "culprit", quota).await.allowed);
    }
    for number in 0..1_000 {
        assert!(limiter.check("address", &number.to_string(), quota).await.allowed);
        assert!(limiter.remembered() <= 64);
    }
    assert!(!limiter.check("address", "culprit", quota).await.allowed);
    assert!(limiter.check("other bucket", "culprit", quota).await.allowed);
}

#[tokio::test]
async fn many_at_once_get_no_more_than_the_quota() {
    let world = World::new();
    let limiter = Arc::new(MemoryLimiter::new(world.env.clone()));
    let tasks = (0..200).map(|_| {
        let limiter = limiter.clone();
        async move { limiter.check("person", "one", Quota::per_hour(50)).await.allowed }
    });
    let allowed = futures_util::future::join_all(tasks).await;
    assert_eq!(allowed.into_iter().filter(|allowed| *allowed).count(), 50);
}

fn slow() -> Router {
    let stream = async || {
        let rest = async {
            sleep(Duration::from_hours(1)).await;
            Ok::<_, std::io::Error>("late")
        };
        Response::new(axum::body::Body::from_stream(futures_util::stream::once(rest)))
    };
    Router::new()
        .route("/api/slow", get(async || sleep(Duration::from_secs(31)).await))
        .route("/api/stream", get(stream))
        .route(
            "/api/upload",
            post(async |_: AllowSeconds<300>| sleep(Duration::from_secs(299)).await),
        )
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_in_time_is_given_up() {
    let answer = World::new().around(slow()).send(Sent::get("/api/slow")).await;
    assert_eq!(answer.failure(), failed(504, "TIMEOUT"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_begun_may_go_on() {
    let answer = World::new().around(slow()).send(Sent::get("/api/stream")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "late"));
}

#[tokio::test(start_paused = true)]
async fn a_route_may_take_the_time_it_asks_for() {
    let answer = World::new().around(slow()).send(Sent::post("/api/upload")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_client_holds_so_many_answers_open_and_no_more_and_crisis_help_is_never_full() {
    let routes = routes().route("/api/stream", get(async || Body::from_stream(pending::<Piece>())));
    let routes = crowd::bounded(Crowd::new(1), &["/health", "/api/crisis"], routes);
    let client = World::new().around(routes);
    let open = client.0.clone().oneshot(Sent::get("/api/stream").0).await.unwrap();
    assert_eq!(open.status(), 200);
    let refused = client.send(Sent::get("/api/thing")).await;
    assert_eq!(refused.failure(), failed(429, "RATE_LIMITED"));
    assert_eq!(refused.header("retry-after"), "5");
    for path in ["/health", "/api/crisis/resources"] {
        assert!(client.send(Sent::get(path)).await.status.is_success(), "{path}");
    }
    assert!(client.send(Sent::get("/api/thing").peer("192.0.2.2")).await.status.is_success());
    drop(open);
    assert!(client.send(Sent::get("/api/thing")).await.status.is_success());
}
