//! Counters for Prometheus.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Every counter of the program. Any crate may register its own.
#[derive(Clone)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Registry::with_prefix("salus"))))
    }
}

impl Metrics {
    /// Lets `add` register what it counts. Labels come from a fixed set of words, never from
    /// what a client sent.
    pub fn register<T>(&self, add: impl FnOnce(&mut Registry) -> T) -> T {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All of them, in the text form that Prometheus reads.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// The answer of `/metrics`.
#[must_use]
pub fn exposition(metrics: &Metrics) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match metrics.encode() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => crate::ApiError::new(&kernel::common::INTERNAL).into_response(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Arc<str>,
}

type Durations = Family<RouteLabels, Histogram, fn() -> Histogram>;

/// What is counted about requests.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    durations: Durations,
    in_flight: Gauge,
}

/// From 1 ms to 30 s, where requests are given up.
fn duration_buckets() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ])
}

impl HttpMetrics {
    /// Counters that are part of these.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let own = Self {
            requests: Family::default(),
            durations: Durations::new_with_constructor(duration_buckets),
            in_flight: Gauge::default(),
        };
        metrics.register(|registry| {
            let requests = own.requests.clone();
            registry.register("http_requests", "Requests answered", requests);
            let durations = own.durations.clone();
            let about = "Seconds until an answer began";
            registry.register("http_request_duration_seconds", about, durations);
            let in_flight = own.in_flight.clone();
            registry.register("http_requests_in_flight", "Requests being answered", in_flight);
        });
        own
    }

    /// Counts a request as being answered until the guard is dropped, even if the client leaves.
    pub(super) fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    pub(super) fn record(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route: Arc<str> = route.into();
        let status = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = RequestLabels { method, route: route.clone(), status };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { method, route };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

pub(super) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
