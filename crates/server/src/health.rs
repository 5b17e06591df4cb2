//! Whether the program lives, is ready, and how it is.

use crate::app::App;
use axum::{
    extract::{ConnectInfo, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use httpkit::{
    Access, ApiError, ApiResult, Audit, Contract, Json, OpenApiRouter, UnderContract, Verbatim,
    observe::exposition, routes,
};
use kernel::{Timestamp, common};
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use utoipa::ToSchema;

const NOTHING: Audit = Audit::Nothing("holds no personal data");
const OPEN: Contract = Contract::new(Access::Anonymous, NOTHING);
/// How long the answer to whether the program is ready may be used again.
const FRESH: Duration = Duration::from_secs(1);
/// What proxies add to requests.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
const GUARDED: Contract = Contract::new(Access::Operator, NOTHING).errors(&[&common::NOT_FOUND]);

/// The routes of this file.
#[must_use]
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(live).under(&OPEN))
        .routes(routes!(ready).under(&OPEN))
        .routes(routes!(deep).under(&GUARDED))
        .routes(routes!(metrics).under(&GUARDED))
}

/// That the program lives.
#[derive(Serialize, ToSchema)]
pub struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
    /// Seconds since it started.
    uptime_seconds: u64,
}

impl Alive {
    /// After so many seconds.
    pub(crate) const fn for_seconds(uptime_seconds: u64) -> Self {
        Self { status: "ok", version: env!("CARGO_PKG_VERSION"), uptime_seconds }
    }
}

/// One part of the program.
#[derive(Clone, Serialize, ToSchema)]
pub struct Part {
    /// Its name.
    name: &'static str,
    /// Whether it works.
    ok: bool,
    /// What is wrong, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

/// How the program is.
#[derive(Clone, Serialize, ToSchema)]
pub struct Report {
    /// `ok` or `degraded`.
    status: &'static str,
    /// The parts.
    parts: Vec<Part>,
}

/// What was found lately; whoever asks meanwhile waits for it.
#[derive(Default)]
pub struct Examined(Mutex<Option<(Timestamp, Report)>>);

impl Report {
    fn add(&mut self, name: &'static str, problem: Option<&'static str>) {
        self.parts.push(Part { name, ok: problem.is_none(), problem });
        if problem.is_some() {
            self.status = "degraded";
        }
    }
}

/// Whether the program lives
///
/// Answers as long as the process can answer at all.
#[utoipa::path(get, path = "/health", tag = "operations", responses((status = 200, body = Alive)))]
async fn live(State(app): State<Arc<App>>) -> Json<Alive> {
    let uptime_seconds = app.env.now().since(app.started).as_secs();
    Json(Alive::for_seconds(uptime_seconds))
}

/// Whether requests can be served
///
/// For load balancers: 503 while the database, its schema or the keys are out of reach.
#[utoipa::path(get, path = "/ready", tag = "operations", responses(
    (status = 200, body = Report), (status = 503, body = Report)))]
async fn ready(State(app): State<Arc<App>>) -> Verbatim<(StatusCode, Json<Report>)> {
    let report = app.examined_lately().await;
    let ok = report.status == "ok";
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Verbatim((status, Json(report)))
}

/// How each part is
///
/// Only from the operator's networks.
#[utoipa::path(get, path = "/health/deep", tag = "operations", responses((status = 200, body = Report)))]
async fn deep(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> ApiResult<Json<Report>> {
    app.admit_operator(peer, &headers)?;
    let mut report = app.examine().await;
    let found = match app.ledger_health.hear(&app.db).await {
        Ok(true) => None,
        Ok(false) => Some("it was changed: `salus audit verify`"),
        Err(_) => Some("the database does not answer"),
    };
    report.add("verification", found);
    Ok(Json(report))
}

/// Counters
///
/// In the text form that Prometheus reads; only from the operator's networks.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    app.admit_operator(peer, &headers)?;
    Ok(exposition(&app.metrics))
}

impl App {
    /// Whoever runs the installation, known by their network. A proxy that the settings do not
    /// name may be next door and yet speak for anybody.
    fn admit_operator(&self, peer: SocketAddr, headers: &HeaderMap) -> ApiResult<()> {
        let client = self.proxies.client(peer.ip(), headers);
        let is_proxy = FORWARDED.iter().any(|name| headers.contains_key(*name));
        let is_known = !is_proxy || self.proxies.trusts(peer.ip());
        if is_known && self.operators.trusts(client) {
            return Ok(());
        }
        Err(ApiError::new(&common::NOT_FOUND))
    }

    /// Anybody may ask, so the parts are looked at once a second and not once a question.
    async fn examined_lately(&self) -> Report {
        let mut last = self.examined.0.lock().await;
        let now = self.env.now();
        match &*last {
            Some((at, report)) if now >= *at && now.since(*at) < FRESH => report.clone(),
            _ => {
                let report = self.examine().await;
                *last = Some((self.env.now(), report.clone()));
                report
            }
        }
    }

    async fn examine(&self) -> Report {
        let schema = match self.db.missing(&crate::registry::migrations()).await {
            Ok(missing) if missing.is_empty() => None,
            Ok(_) => Some("the schema is not up to date"),
            Err(_) => Some("the database does not answer"),
        };
        let keys = self.vault.health().await.err().map(|_| "the keys are out of reach");
        let ledger = self.ledger.head().await.err().map(|_| "the ledger cannot be read");
        let mut report = Report { status: "ok", parts: Vec::new() };
        report.add("database", schema);
        report.add("keys", keys);
        report.add("ledger", ledger);
        report
    }
}
