//! What is written down about requests.

use crate::world::{Sent, World};
use axum::{Router, routing::get};
use httpkit::{ApiError, ApiResult, NoContent, observe::exposition};
use kernel::{Coded, ErrorCode, common};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct Fault(&'static ErrorCode);

impl Coded for Fault {
    fn code(&self) -> &'static ErrorCode {
        self.0
    }
}

fn routes() -> Router {
    let refuse = async || -> ApiResult<NoContent> { Err(Fault(&common::NOT_FOUND).into()) };
    Router::new()
        .route("/api/users/{id}", get(async || tracing::info!("inside")))
        .route(
            "/api/broken",
            get(async || Err::<NoContent, ApiError>(Fault(&common::INTERNAL).into())),
        )
        .route("/api/refused", get(refuse))
}

/// The log lines of one request, as JSON.
async fn log_of(request: Sent) -> (String, Vec<serde_json::Value>) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(log.clone())
        .finish();
    let client = World::new().around(routes());
    client.send(request).with_subscriber(subscriber).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (text, lines)
}

#[tokio::test]
async fn a_request_has_one_line_with_its_template_and_nothing_personal() {
    let request = Sent::get("/api/users/jane.doe?search=lonely")
        .bearer("1-secret")
        .header("x-request-id", "client-0001")
        .body("my diary");
    let (text, lines) = log_of(request).await;
    let line = &lines.iter().find(|line| line["target"] == "salus::http").unwrap()["fields"];
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/api/users/{id}");
    assert_eq!(line["status"], 200);
    assert_eq!(line["request_id"], "client-0001");
    assert!(line["ms"].is_u64());
    for personal in ["jane", "lonely", "secret", "diary", "192.0.2.1"] {
        assert!(!text.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn lines_from_inside_a_request_carry_its_id() {
    let (_, lines) = log_of(Sent::get("/api/users/1").header("x-request-id", "client-0001")).await;
    let inside = lines.iter().find(|line| line["fields"]["message"] == "inside").unwrap();
    assert_eq!(inside["span"]["request_id"], "client-0001");
}

#[tokio::test]
async fn a_fault_of_ours_is_an_error_with_its_cause_and_a_refusal_is_not() {
    let (_, lines) = log_of(Sent::get("/api/broken")).await;
    let errors: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["fields"]["code"], "INTERNAL");
    assert_eq!(errors[0]["fields"]["cause"], "the disk is full");
    assert!(errors[0]["fields"]["request_id"].as_str().unwrap().len() >= 8);
    let (_, lines) = log_of(Sent::get("/api/refused")).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["fields"]["code"], "NOT_FOUND");
    assert_eq!(lines[0]["level"], "INFO");
}

#[tokio::test]
async fn requests_are_counted_by_template_method_and_class() {
    let world = World::new();
    let metrics = world.metrics.clone();
    let client = world.around(routes());
    for path in ["/api/users/1", "/api/users/2", "/api/refused", "/api/jane"] {
        client.send(Sent::get(path)).await;
    }
    client.send(Sent::new("BREW", "/api/users/1")).await;
    let text = metrics.encode().unwrap();
    for line in [
        r#"salus_http_requests_total{method="GET",route="/api/users/{id}",status="2xx"} 2"#,
        r#"salus_http_requests_total{method="GET",route="/api/refused",status="4xx"} 1"#,
        r#"salus_http_requests_total{method="GET",route="(none)",status="4xx"} 1"#,
        r#"salus_http_requests_total{method="other",route="/api/users/{id}",status="4xx"} 1"#,
        r#"salus_http_request_duration_seconds_count{method="GET",route="/api/users/{id}"} 2"#,
        "salus_http_requests_in_flight 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("jane") && !text.contains("BREW"));
}

#[tokio::test]
async fn other_crates_count_beside_us() {
    let metrics = World::new().metrics;
    let counter = prometheus_client::metrics::counter::Counter::<u64>::default();
    metrics.register(|registry| registry.register("audit_entries", "Entries", counter.clone()));
    counter.inc();
    let response = exposition(&metrics);
    assert!(response.headers()["content-type"].to_str().unwrap().contains("openmetrics"));
    assert!(metrics.encode().unwrap().contains("salus_audit_entries_total 1"));
}
