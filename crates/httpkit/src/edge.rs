//! Everything around the handlers, in one order.
//!
//! From the outside in: name, log, count and finish the answer; let other origins read it; catch
//! panics; give up in time; find out who asks; count against quotas; refuse what no page of ours
//! sent; bound the body. Each layer relies on those before it, so the order is decided here and
//! nowhere else.

use crate::{
    bodies::{self, Bodies},
    csrf::{self, Csrf},
    ctx::{Identify, identify},
    error::panicked,
    headers::{SecurityHeaders, cors},
    limits::{RateLimits, count, limit_time},
    observe::{HttpMetrics, Observe, observe},
    origins::Origins,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn},
};
use std::{sync::Arc, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;

/// The largest body that a route reads unless it says otherwise with `DefaultBodyLimit`.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// How long an answer may take to begin unless the route says otherwise with
/// [`crate::limits::AllowSeconds`].
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What surrounds the handlers.
pub struct Edge {
    /// Finds out who asks.
    pub identify: Identify,
    /// Origins, besides our own, whose pages may call the API with a cookie.
    pub origins: Origins,
    /// Checks that a page of ours made a request.
    pub csrf: Csrf,
    /// Counts requests against quotas.
    pub rates: RateLimits,
    /// Headers of every answer.
    pub headers: SecurityHeaders,
    /// Counts what happens.
    pub metrics: HttpMetrics,
    /// Bytes of a body; [`BODY_LIMIT`] by default.
    pub body_limit: usize,
    /// Time until an answer begins; [`TIME_LIMIT`] by default.
    pub time_limit: Duration,
}

impl Edge {
    /// The routes with everything around them, including the answer where there is no route.
    pub fn around(self, routes: Router) -> Router {
        let env = self.identify.env.clone();
        let seen = Arc::new(Observe { env, headers: self.headers, metrics: self.metrics });
        let who = Arc::new(self.identify);
        let guard = Arc::new(self.csrf);
        let (rates, time, held) = (self.rates, self.time_limit, Bodies::default());
        let routes = routes
            .layer(from_fn(move |r: Request, n: Next| bodies::bound(held.clone(), r, n)))
            .layer(DefaultBodyLimit::max(self.body_limit))
            .layer(from_fn(move |r: Request, n: Next| csrf::guard(guard.clone(), r, n)))
            .layer(from_fn(move |r: Request, n: Next| count(rates.clone(), r, n)))
            .layer(from_fn(move |r: Request, n: Next| identify(who.clone(), r, n)))
            .layer(from_fn(move |r: Request, n: Next| limit_time(time, r, n)))
            .layer(CatchPanicLayer::custom(panicked));
        let routes =
            if self.origins.is_empty() { routes } else { routes.layer(cors(self.origins)) };
        routes.layer(from_fn(move |r: Request, n: Next| observe(seen.clone(), r, n)))
    }
}
