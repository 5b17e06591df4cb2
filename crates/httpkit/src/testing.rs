//! The edge around the routes of one slice, for its tests: people by number, requests, answers.

mod people;
mod request;

pub use people::{RolesOf, asks, person, subject};
pub use request::{Answer, Request};

use crate::{
    Edge,
    auth::AuthMode,
    cookies::SessionCookie,
    csrf::Csrf,
    ctx::Identify,
    edge::{BODY_LIMIT, TIME_LIMIT},
    headers::SecurityHeaders,
    limits::{MemoryLimiter, RateLimits, RateProfile},
    observe::{HttpMetrics, Metrics},
    origins::Origins,
    proxy::TrustedProxies,
};
use axum::Router;
use kernel::{Env, Secret};
use std::sync::Arc;

/// These routes behind the edge; a token is the number of a person.
pub fn served(env: &Env, roles: RolesOf, routes: Router) -> Router {
    let edge = Edge {
        identify: Identify {
            env: env.clone(),
            authenticator: Arc::new(people::Numbers(roles)),
            mode: AuthMode::Bearer,
            cookie: SessionCookie::default(),
            proxies: TrustedProxies::default(),
        },
        origins: Origins::default(),
        csrf: Csrf::new(&Secret::new([7; 32]), Origins::default()),
        rates: RateLimits::new(Arc::new(MemoryLimiter::new(env.clone())), RateProfile::default()),
        headers: SecurityHeaders::default(),
        metrics: HttpMetrics::new(&Metrics::default()),
        body_limit: BODY_LIMIT,
        time_limit: TIME_LIMIT,
    };
    edge.around(routes)
}

/// Somebody who uses routes.
#[derive(Clone)]
pub struct Client {
    router: Router,
    token: String,
}

impl Client {
    /// With this token: the number of a person, or anything else for nobody.
    #[must_use]
    pub fn new(router: Router, token: &str) -> Self {
        Self { router, token: token.to_owned() }
    }

    /// Sends a request with a JSON body and perhaps one more header.
    pub async fn send(
        &self,
        (method, path): (&str, &str),
        header: Option<(&str, &str)>,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::new(self.router.clone(), method, path).token(&self.token);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.body("application/json", body).send().await
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(("GET", path), None, "").await
    }

    /// Puts something in its place.
    pub async fn put(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(("PUT", path), None, body.to_string()).await
    }

    /// Sends something.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(("POST", path), None, body.to_string()).await
    }
}
