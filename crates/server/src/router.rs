//! The routes of all slices, one line each, and what stands around them.

use crate::{
    app::{App, StartError},
    config::{ConfigError, Http, Rates},
    foreign::in_their_words,
    health, pages, tunnel,
    wiring::LogInsAndKeys,
};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use httpkit::{
    Edge, OpenApiRouter,
    cookies::{SameSite, SessionCookie},
    crowd::{self, Crowd},
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
use std::sync::Arc;
use utoipa::openapi::OpenApi;

/// Below these paths nobody is turned away, however much a client holds open.
const NEVER_FULL: [&str; 3] = ["/health", "/ready", "/api/crisis"];

/// The whole server as one service.
pub fn build(app: &Arc<App>) -> Result<Router, StartError> {
    let csrf = app.csrf.clone();
    let routes = slices(Served { app, csrf: &csrf, routes: Router::new() }).routes;
    let crowd = Crowd::new(app.config.http.open_per_client.into());
    let routes = crowd::bounded(crowd, &NEVER_FULL, routes.merge(pages::routes()));
    let whole = edge(app, csrf)?.around(routes).layer(from_fn(in_their_words));
    Ok(tunnel::behind(app, whole)?)
}

/// Every slice: what is served and what is documented are made of this one list.
fn slices<M: Mount>(to: M) -> M {
    to.slice(health::routes(), |it| it.app.clone())
        .slice(identity::routes(), accounts)
        .slice(notify::routes(), |it| it.app.mailer.clone())
        .slice(consent::routes(), |it| it.app.consents.clone())
        .slice(consent::emergency::routes(), |it| it.app.emergency.clone())
        .slice(journal::routes(), |it| it.app.journal.clone())
        .slice(wellbeing::routes(), |it| it.app.wellbeing.clone())
        .slice(crisis::routes(), |it| it.app.lookout.clone())
        .slice(crisis::lines::routes(), |it| it.app.crisis.lines.clone())
        .slice(crisis::follow_up::routes(), |it| it.app.crisis.follow_ups.clone())
        .slice(crisis::team::routes(), |it| it.app.crisis.team.clone())
        .slice(memory::routes(), |it| it.app.memory.clone())
        .slice(companion::routes(), |it| it.app.companion.clone())
        .slice(providers::routes(), |it| it.app.providers.clone())
        .slice(mcp::routes(), |it| it.app.mcp.clone())
}

/// Where the routes of slices go.
trait Mount {
    /// Adds the routes of a slice, which need this of the running program.
    fn slice<S>(self, routes: OpenApiRouter<S>, state: impl FnOnce(&Served<'_>) -> S) -> Self
    where
        S: Clone + Send + Sync + 'static;
}

/// The routes of a running program.
struct Served<'a> {
    app: &'a Arc<App>,
    csrf: &'a Csrf,
    routes: Router,
}

fn accounts(it: &Served<'_>) -> IdentityApi {
    let http = &it.app.config.http;
    IdentityApi {
        identity: it.app.accounts.clone(),
        csrf: it.csrf.clone(),
        cookie: cookie(http),
        origin: http.public_url.as_deref().map(|url| url.trim_end_matches('/').into()),
    }
}

impl Mount for Served<'_> {
    fn slice<S>(self, routes: OpenApiRouter<S>, state: impl FnOnce(&Served<'_>) -> S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let repeatable = openapi::idempotent_paths(routes.get_openapi());
        let (routes, _) = routes.with_state::<()>(state(&self)).split_for_parts();
        let routes = if repeatable.is_empty() {
            routes
        } else {
            let answers = self.app.answers.on(repeatable);
            routes.layer(from_fn_with_state(answers, idempotency::replay))
        };
        Self { routes: self.routes.merge(routes), ..self }
    }
}

/// What slices say of their routes.
struct Documented(OpenApi);

impl Mount for Documented {
    fn slice<S>(mut self, routes: OpenApiRouter<S>, _: impl FnOnce(&Served<'_>) -> S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        self.0.merge(routes.into_openapi());
        self
    }
}

/// What the API document says. Needs no running program.
#[must_use]
pub fn document() -> OpenApi {
    let Documented(api) = slices(Documented(OpenApiRouter::<()>::new().into_openapi()));
    openapi::document(api, env!("CARGO_PKG_VERSION"), SessionCookie::secure(SameSite::Lax).name())
}

fn edge(app: &Arc<App>, csrf: Csrf) -> Result<Edge, StartError> {
    let http = &app.config.http;
    let origins = origins(http)?;
    Ok(Edge {
        identify: Identify {
            env: app.env.clone(),
            authenticator: Arc::new(LogInsAndKeys {
                accounts: app.accounts.clone(),
                companion: app.companion.clone(),
            }),
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

pub(crate) fn has_tls(http: &Http) -> bool {
    http.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
}

/// Browsers drop secure cookies where there is no TLS.
pub(crate) fn cookie(http: &Http) -> SessionCookie {
    match (has_tls(http), http.allowed_origins.is_empty()) {
        (true, true) => SessionCookie::secure(SameSite::Lax),
        (true, false) => SessionCookie::secure(SameSite::None),
        (false, _) => SessionCookie::plain(),
    }
}

pub(crate) fn origins(http: &Http) -> Result<Origins, ConfigError> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|_| ConfigError::Setting(format!("http.allowed_origins: {text} is no origin")))
    };
    http.allowed_origins.iter().map(parse).collect::<Result<_, _>>().map(Origins::new)
}

pub(crate) fn profile(rates: Rates) -> RateProfile {
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
