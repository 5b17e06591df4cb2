//! Failures of every kind have the one body and give nothing away.

use crate::world::{Answer, Sent, World, failed};
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};
use httpkit::{ApiError, ApiResult, Created, Json, NoContent, Path, Query, Verbatim};
use kernel::{Coded, ErrorCode, ErrorKind, UserId};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mood {
    score: u8,
    tags: Vec<String>,
    #[serde(default)]
    inner: Option<Box<Mood>>,
    #[serde(default)]
    extra: HashMap<String, u8>,
}

#[derive(Deserialize)]
struct Filter {
    limit: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("secret inner text")]
struct Broken(#[source] std::io::Error, &'static ErrorCode);

impl Coded for Broken {
    fn code(&self) -> &'static ErrorCode {
        self.1
    }

    fn detail(&self) -> Option<String> {
        Some("title".to_owned())
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_millis(1500))
    }
}

fn kind(kind: ErrorKind) -> &'static ErrorCode {
    Box::leak(Box::new(ErrorCode { code: "TEST", kind, message: "Tested." }))
}

fn routes() -> Router {
    Router::new()
        .route("/api/moods", post(async |Json(mood): Json<Mood>| Created(mood)))
        .route("/api/filter", get(async |Query(filter): Query<Filter>| filter.limit.to_string()))
        .route("/api/users/{user_id}", get(async |Path(id): Path<UserId>| id.to_string()))
        .route("/api/nothing", get(async || NoContent))
        .route(
            "/ready",
            get(async || Verbatim((StatusCode::SERVICE_UNAVAILABLE, Json(["database"])))),
        )
        .route("/api/panic", get(async || -> ApiResult<NoContent> { panic!("secret inner text") }))
        .route(
            "/api/large",
            post(async |Json(mood): Json<Mood>| Json(mood)).layer(DefaultBodyLimit::max(16)),
        )
}

async fn send(request: Sent) -> Answer {
    World::new().around(routes()).send(request).await
}

async fn post_mood(body: &str) -> Answer {
    send(Sent::post("/api/moods").json(body)).await
}

#[tokio::test]
async fn every_kind_of_failure_has_its_status() {
    let table = [
        (ErrorKind::Invalid, 400),
        (ErrorKind::Unauthenticated, 401),
        (ErrorKind::Forbidden, 403),
        (ErrorKind::NotFound, 404),
        (ErrorKind::Conflict, 409),
        (ErrorKind::Stale, 412),
        (ErrorKind::Gone, 410),
        (ErrorKind::TooLarge, 413),
        (ErrorKind::QuotaExceeded, 429),
        (ErrorKind::RateLimited, 429),
        (ErrorKind::ConsentRequired, 403),
        (ErrorKind::Unavailable, 503),
        (ErrorKind::Timeout, 504),
        (ErrorKind::Internal, 500),
    ];
    for (kind_of, status) in table {
        let code = kind(kind_of);
        let handler = move || async move {
            Err::<NoContent, _>(ApiError::from(Broken(std::io::Error::other("deeper"), code)))
        };
        let client = World::new().around(Router::new().route("/api/fail", get(handler)));
        let answer = client.send(Sent::get("/api/fail")).await;
        assert_eq!(answer.failure(), failed(status, "TEST"), "{kind_of:?}");
        assert_eq!(answer.detail(), "title");
        assert_eq!(answer.header("retry-after"), "2");
        assert!(!answer.text.contains("inner") && !answer.text.contains("deeper"));
        assert_eq!(answer.header("www-authenticate").starts_with("Bearer"), status == 401);
    }
}

#[tokio::test]
async fn a_route_that_is_not_there_is_a_failure_like_any_other() {
    assert_eq!(send(Sent::get("/api/nowhere")).await.failure(), failed(404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_method_that_is_not_there_is_a_failure_like_any_other() {
    let answer = send(Sent::new("DELETE", "/api/moods")).await;
    assert_eq!(answer.failure(), failed(405, "METHOD_NOT_ALLOWED"));
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn a_panic_is_answered_without_its_text() {
    let answer = send(Sent::get("/api/panic")).await;
    assert_eq!(answer.failure(), failed(500, "INTERNAL"));
    assert!(!answer.text.contains("secret"));
}

#[tokio::test]
async fn an_answer_that_says_all_itself_is_left_alone() {
    let answer = send(Sent::get("/ready")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (503, "[\"database\"]"));
}

#[tokio::test]
async fn success_is_left_alone() {
    let answer = post_mood(r#"{"score": 3, "tags": []}"#).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["score"], 3);
    assert_eq!(send(Sent::get("/api/nothing")).await.status, 204);
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_with_the_field_and_without_the_value() {
    let table = [
        ("", "the body is empty"),
        ("  ", "the body is empty"),
        ("{", "the body is not JSON at line 1, column 1"),
        (r#"{"score": 1}"#, "tags: is missing"),
        (r#"{"score": 777, "tags": []}"#, "score: does not have the expected form"),
        (r#"{"score": 1, "tags": ["a", 777]}"#, "tags[1]: does not have the expected form"),
        (r#"{"score": 1, "tags": [], "inner": {"score": 1}}"#, "inner.tags: is missing"),
        (r#"{"score": 1, "tags": [], "score": 1}"#, "score: is given twice"),
        (r#"{"score": 1, "tags": []} 777"#, "there is something after the end of the JSON text"),
        ("\"777\"", "the whole does not have the expected form"),
        ("[7, []]", "the whole does not have the expected form"),
    ];
    for (body, detail) in table {
        let answer = post_mood(body).await;
        assert_eq!(answer.failure(), failed(400, "INVALID_REQUEST"), "{body}");
        assert_eq!(answer.detail(), detail, "{body}");
        // The id of the request is random and may hold any digits.
        let text = answer.text.replace(answer.header("x-request-id"), "");
        assert!(!text.contains("777"), "{body}");
    }
}

#[tokio::test]
async fn a_key_that_the_client_made_up_is_not_repeated() {
    let answer = post_mood(r#"{"score": 1, "tags": [], "I feel low": 1}"#).await;
    assert!(answer.detail().contains("not known here"));
    assert!(!answer.text.contains("feel"));
    let answer = post_mood(r#"{"score": 1, "tags": [], "extra": {"I feel low": "x"}}"#).await;
    assert_eq!(answer.detail(), "extra.*: does not have the expected form");
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "jsonish", ""] {
        let request = Sent::post("/api/moods").header("content-type", content_type).body("{}");
        assert_eq!(send(request).await.failure(), failed(415, "UNSUPPORTED_MEDIA_TYPE"));
    }
    let request = Sent::post("/api/moods")
        .header("content-type", "Application/FHIR+json; charset=utf-8")
        .body(r#"{"score": 3, "tags": []}"#);
    assert_eq!(send(request).await.status, 201);
}

#[tokio::test]
async fn a_body_that_is_nested_too_deeply_is_refused() {
    let body = r#"{"score":1,"tags":[],"inner":"#.repeat(200);
    assert_eq!(post_mood(&body).await.detail(), "the body is nested too deeply");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_default_and_by_route() {
    let megabytes = format!(r#"{{"score": 1, "tags": ["{}"]}}"#, "x".repeat(1024 * 1024));
    assert_eq!(post_mood(&megabytes).await.failure(), failed(413, "TOO_LARGE"));
    let request = Sent::post("/api/large").json(r#"{"score": 1, "tags": []}"#);
    assert_eq!(send(request).await.failure(), failed(413, "TOO_LARGE"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let chunks = [Ok("{\"score\":"), Err(std::io::Error::other("gone"))];
    let body = Body::from_stream(tokio_stream(chunks));
    let request = Sent::post("/api/moods").header("content-type", "application/json").body(body);
    assert_eq!(send(request).await.failure(), failed(400, "INVALID_REQUEST"));
}

fn tokio_stream<T>(
    items: impl IntoIterator<Item = T, IntoIter: Send + 'static>,
) -> impl futures_util::Stream<Item = T> + Send + 'static {
    futures_util::stream::iter(items)
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_refused_with_the_parameter_and_without_the_value() {
    let answer = send(Sent::get("/api/filter?limit=secret")).await;
    assert_eq!(answer.failure(), failed(400, "INVALID_REQUEST"));
    assert_eq!(answer.detail(), "limit: does not have the expected form");
    assert_eq!(send(Sent::get("/api/filter")).await.detail(), "limit: is missing");
    assert_eq!(send(Sent::get("/api/filter?limit=3")).await.text, "3");
}

#[tokio::test]
async fn a_path_that_does_not_fit_is_refused_with_the_name_of_its_part() {
    let answer = send(Sent::get("/api/users/secret")).await;
    assert_eq!(answer.failure(), failed(400, "INVALID_ID"));
    assert!(!answer.text.contains("secret"));
    assert_eq!(send(Sent::get("/api/users/%ff")).await.failure(), failed(400, "INVALID_ID"));
    let id = "01910000-0000-7000-8000-000000000001";
    assert_eq!(send(Sent::get(&format!("/api/users/{id}"))).await.text, id);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_being_repeated(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = httpkit::extract::from_json::<Mood>(&bytes) {
            let detail = error.detail().unwrap_or_default().to_owned();
            prop_assert!(detail.is_ascii());
        }
    }
}
