//! A program that starts while its database cannot be reached: until it can, help in a crisis is
//! answered, with the lines of this installation as they were kept on disk, and the pages of the
//! web app are there. Everything else is told to come back.
//!
//! Nobody is recognised meanwhile, and nothing is kept.

use crate::{
    app::{self, StartError, make_private_dir, ranges},
    config::Config,
    health::Alive,
    pages, router, ui,
};
use async_trait::async_trait;
use axum::{Router, routing};
use crisis::{CrisisLines, Lookout};
use db::{DbConfig, DbError};
use httpkit::{
    ApiError, Edge,
    auth::{AuthError, Authenticator},
    csrf::Csrf,
    ctx::Identify,
    edge::TIME_LIMIT,
    headers::SecurityHeaders,
    limits::{MemoryLimiter, RateLimits},
    observe::{HttpMetrics, Metrics},
    serve::{ServeConfig, serve},
};
use kernel::{Ctx, Env, Person, RoleSet, Secret, common};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// How often it is looked whether the database is there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Nobody is recognised without a database.
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn bearer(&self, _: &Ctx, _: &Secret<String>) -> Result<Person, AuthError> {
        Err(AuthError::Required)
    }

    async fn session(&self, _: &Ctx, _: &Secret<String>) -> Result<Person, AuthError> {
        Err(AuthError::Required)
    }

    fn withheld(&self, _: &Person) -> RoleSet {
        RoleSet::of(&[])
    }
}

/// Whether the database answers at all. What else may be wrong with it is found by whoever starts.
pub async fn has_database(config: &Config, env: &Env) -> Result<bool, StartError> {
    make_private_dir(&config.data_dir()?)?;
    // The embedded one is a file and never out of reach.
    let url = config.database.url.as_ref().map(DbConfig::from_url).transpose()?;
    if !matches!(url, Some(DbConfig::Postgres(_))) {
        return Ok(true);
    }
    let db = app::open_database(config, env)?;
    let answered = db.lineage().await;
    db.close();
    Ok(!matches!(answered, Err(DbError::Unavailable(_))))
}

/// Answers what help in a crisis needs until the database is there; `false` if the program was asked
/// to stop before.
pub async fn help_until_there_is_a_database(
    config: &Config,
    env: &Env,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<bool, StartError> {
    let lookout = Lookout::shared()?;
    CrisisLines::recall(&config.data_dir()?, &lookout);
    let routes = routes(config, env, lookout)?;
    if let Ok(address) = listener.local_addr() {
        tracing::error!(%address, "the database cannot be reached: only help in a crisis is answered");
        ui::say(format_args!("Salus waits for its database at http://{address}"));
    }
    let mut is_there = false;
    let until = async {
        tokio::select! {
            () = stop => {}
            () = there(config, env) => is_there = true,
        }
    };
    let settings = ServeConfig {
        per_client: config.http.open_per_client.into(),
        proxies: ranges("http.trusted_proxies", &config.http.trusted_proxies)?,
        drain: LOOK_EVERY,
        ..ServeConfig::default()
    };
    serve(listener, routes, until, settings).await;
    Ok(is_there)
}

async fn there(config: &Config, env: &Env) {
    while !has_database(config, env).await.unwrap_or(false) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn routes(config: &Config, env: &Env, lookout: Arc<Lookout>) -> Result<Router, StartError> {
    let (help, _) = crisis::routes().with_state::<()>(lookout).split_for_parts();
    let later = || async { ApiError::new(&common::UNAVAILABLE) };
    let began = env.now();
    let clock = env.clone();
    let live =
        move || async move { axum::Json(Alive::for_seconds(clock.now().since(began).as_secs())) };
    let rest = Router::new()
        .route("/health", routing::get(live))
        .route("/ready", routing::any(later))
        .route("/api/{*rest}", routing::any(later))
        .route("/v1/{*rest}", routing::any(later));
    Ok(edge(config, env)?.around(help.merge(rest).merge(pages::routes())))
}

fn edge(config: &Config, env: &Env) -> Result<Edge, StartError> {
    let http = &config.http;
    let origins = router::origins(http)?;
    let key = Secret::new(env.random());
    let limiter = Arc::new(MemoryLimiter::new(env.clone()));
    Ok(Edge {
        identify: Identify {
            env: env.clone(),
            authenticator: Arc::new(Nobody),
            mode: http.auth_mode,
            cookie: router::cookie(http),
            proxies: ranges("http.trusted_proxies", &http.trusted_proxies)?,
        },
        csrf: Csrf::new(&key, origins.clone()),
        rates: RateLimits::new(limiter, router::profile(http.rates)),
        headers: SecurityHeaders { tls: router::has_tls(http) },
        metrics: HttpMetrics::new(&Metrics::default()),
        body_limit: http.body_limit,
        time_limit: TIME_LIMIT,
        origins,
    })
}
