//! The routes of all slices, one line each, and what stands around them.

use crate::{
    app::{App, StartError},
    config::{ConfigError, Http, Rates},
    health, pages,
};
use axum::{Router, middleware::from_fn_with_state};
use httpkit::{
    Edge, OpenApiRouter,
    cookies::{SameSite, SessionCookie},
    csrf::Csrf,
    ctx::Identify,
    edge::TIME_LIMIT,
    headers::SecurityHeaders,
    idempotency,
    limits::{MemoryLimiter, Quota, RateLimits, RateProfile},
    observe::HttpMetrics,
    openapi,
    origins::Origins,
};
use identity::IdentityApi;
use kernel::Secret;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

/// The whole server as one service.
pub async fn build(app: &Arc<App>) -> Result<Router, StartError> {
    let csrf_key = app.vault.system_key(identity::CSRF_KEY).await?;
    let csrf_key = Secret::new(csrf_key.current()?.mac(&[b"csrf"]));
    let csrf = Csrf::new(&csrf_key, origins(&app.config.http)?);
    let accounts = IdentityApi {
        identity: app.accounts.clone(),
        csrf: csrf.clone(),
        cookie: cookie(&app.config.http),
    };
    // For slices with operations under `Contract::idempotent`.
    let repeatable = from_fn_with_state(app.answers.clone(), idempotency::replay);
    let slices = OpenApiRouter::new()
        .merge(health::routes().with_state(app.clone()))
        .merge(identity::routes().with_state(accounts))
        .merge(consent::routes().with_state(app.consents.clone()))
        .merge(consent::emergency::routes().with_state(app.emergency.clone()))
        .merge(journal::routes().with_state(app.journal.clone()).layer(repeatable));
    let (routes, _) = slices.split_for_parts();
    Ok(edge(app, csrf)?.around(routes.merge(pages::routes()?)))
}

/// What the API document says. Needs no running program.
#[must_use]
pub fn document() -> OpenApi {
    let mut api = health::routes().into_openapi();
    for slice in [
        identity::routes().into_openapi(),
        consent::routes().into_openapi(),
        consent::emergency::routes().into_openapi(),
        journal::routes().into_openapi(),
    ] {
        api.merge(slice);
    }
    openapi::document(api, env!("CARGO_PKG_VERSION"), SessionCookie::secure(SameSite::Lax).name())
}

fn edge(app: &Arc<App>, csrf: Csrf) -> Result<Edge, StartError> {
    let http = &app.config.http;
    let origins = origins(http)?;
    Ok(Edge {
        identify: Identify {
            env: app.env.clone(),
            authenticator: Arc::new(app.accounts.clone()),
            mode: http.auth_mode,
            cookie: cookie(http),
            proxies: app.proxies.clone(),
        },
        csrf,
        rates: RateLimits::new(Arc::new(MemoryLimiter::new(app.env.clone())), profile(http.rates)),
        headers: SecurityHeaders { tls: has_tls(http) },
        metrics: HttpMetrics::new(&app.metrics),
        body_limit: http.body_limit,
        time_limit: TIME_LIMIT,
        origins,
    })
}

fn has_tls(http: &Http) -> bool {
    http.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
}

/// Browsers drop secure cookies where there is no TLS.
fn cookie(http: &Http) -> SessionCookie {
    match (has_tls(http), http.allowed_origins.is_empty()) {
        (true, true) => SessionCookie::secure(SameSite::Lax),
        (true, false) => SessionCookie::secure(SameSite::None),
        (false, _) => SessionCookie::plain(),
    }
}

fn origins(http: &Http) -> Result<Origins, ConfigError> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|_| ConfigError::Setting(format!("http.allowed_origins: {text} is no origin")))
    };
    http.allowed_origins.iter().map(parse).collect::<Result<_, _>>().map(Origins::new)
}

fn profile(rates: Rates) -> RateProfile {
    match rates {
        Rates::Default => RateProfile::default(),
        Rates::Strict => RateProfile::seed(),
        Rates::Generous => {
            let many = Quota::per_minute(1_000_000);
            RateProfile {
                anonymous: many,
                authenticated: many,
                login: many,
                costly: many,
                ..RateProfile::default()
            }
        }
    }
}
