//! How much one caller may ask for: how often, how large, how long.
//!
//! Callers are people where they are known and addresses where not; of a version 6 address only
//! the network part counts. Health checks and crisis help are never limited.

mod gcra;
mod time;

pub use gcra::MemoryLimiter;
pub use time::AllowSeconds;
pub(crate) use time::limit_time;

use crate::{
    ctx::Identified,
    error::{ApiError, whole_seconds},
    headers::is_api,
};
use async_trait::async_trait;
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Actor, Coded, Ctx, ErrorCode, common};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

/// So many in so long a time; all of them may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub limit: u32,
    /// In how long a time.
    pub per: Duration,
}

impl Quota {
    /// This many in an hour.
    #[must_use]
    pub const fn per_hour(limit: u32) -> Self {
        Self { limit, per: Duration::from_hours(1) }
    }

    /// This many in a minute.
    #[must_use]
    pub const fn per_minute(limit: u32) -> Self {
        Self { limit, per: Duration::from_mins(1) }
    }
}

/// What a limiter says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may go on.
    pub allowed: bool,
    /// How many more may come at once.
    pub remaining: u32,
    /// When the whole quota is there again.
    pub reset: Duration,
    /// When the next one may come; zero if one may come now.
    pub retry_after: Duration,
}

/// Counts requests. Implementations share the arithmetic of [`MemoryLimiter`] and never keep
/// `key` in the clear: it may hold an address.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one request of this bucket against the quota. A limiter that cannot reach its
    /// store decides by what this process knows; it never lets everything through.
    async fn check(&self, bucket: &'static str, key: &str, quota: Quota) -> Decision;
}

/// Kinds of requests with quotas of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateClass {
    /// By nobody we know, per address.
    Anonymous,
    /// By someone logged in, per person.
    Authenticated,
    /// Attempts to log in, register or recover, per address.
    Login,
    /// What costs much: models, uploads, exports, reports.
    Costly,
}

/// The quotas of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateProfile {
    /// For [`RateClass::Anonymous`].
    pub anonymous: Quota,
    /// For [`RateClass::Authenticated`].
    pub authenticated: Quota,
    /// For [`RateClass::Login`].
    pub login: Quota,
    /// For [`RateClass::Costly`].
    pub costly: Quota,
    /// Paths below the API that are never limited, with all that is below them.
    pub exempt: Vec<String>,
}

impl Default for RateProfile {
    fn default() -> Self {
        Self {
            anonymous: Quota::per_minute(60),
            authenticated: Quota::per_minute(600),
            login: Quota { limit: 30, per: Duration::from_mins(15) },
            costly: Quota::per_minute(30),
            exempt: vec!["/api/crisis".to_owned()],
        }
    }
}

impl RateProfile {
    /// The numbers of the seed documents.
    #[must_use]
    pub fn seed() -> Self {
        Self {
            anonymous: Quota::per_hour(20),
            authenticated: Quota::per_hour(200),
            ..Self::default()
        }
    }

    const fn quota(&self, class: RateClass) -> Quota {
        match class {
            RateClass::Anonymous => self.anonymous,
            RateClass::Authenticated => self.authenticated,
            RateClass::Login => self.login,
            RateClass::Costly => self.costly,
        }
    }

    fn applies(&self, path: &str) -> bool {
        let below = |exempt: &String| {
            path.strip_prefix(exempt.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        is_api(path) && !self.exempt.iter().any(below)
    }
}

/// Counts requests against a profile.
#[derive(Clone)]
pub struct RateLimits {
    limiter: Arc<dyn RateLimiter>,
    profile: Arc<RateProfile>,
}

impl RateLimits {
    /// This limiter with these quotas.
    #[must_use]
    pub fn new(limiter: Arc<dyn RateLimiter>, profile: RateProfile) -> Self {
        Self { limiter, profile: Arc::new(profile) }
    }

    async fn check(&self, class: RateClass, ctx: &Ctx) -> (Quota, Decision) {
        let quota = self.profile.quota(class);
        let (bucket, key) = match (class, &ctx.actor) {
            (RateClass::Login, _) => ("login", address_key(ctx.origin.ip)),
            (RateClass::Costly, Actor::Person(person)) => {
                ("costly", person.subject.user.to_string())
            }
            (RateClass::Costly, _) => ("costly-address", address_key(ctx.origin.ip)),
            (_, Actor::Person(person)) => ("person", person.subject.user.to_string()),
            (_, _) => ("address", address_key(ctx.origin.ip)),
        };
        (quota, self.limiter.check(bucket, &key, quota).await)
    }
}

/// An address as one caller: a household has a whole /64 of version 6.
fn address_key(ip: Option<IpAddr>) -> String {
    match ip {
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string(),
        None => "unknown".to_owned(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("too many requests")]
pub(crate) struct TooMany(pub(crate) Duration);

impl Coded for TooMany {
    fn code(&self) -> &'static ErrorCode {
        &common::RATE_LIMITED
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(self.0)
    }
}

fn tell(headers: &mut HeaderMap, quota: Quota, decision: Decision) {
    for (name, value) in [
        ("ratelimit-limit", u64::from(quota.limit)),
        ("ratelimit-remaining", u64::from(decision.remaining)),
        ("ratelimit-reset", whole_seconds(decision.reset)),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from(value));
    }
}

async fn limited(
    limits: &RateLimits,
    class: RateClass,
    ctx: &Ctx,
    rest: impl Future<Output = Response>,
) -> Response {
    let (quota, decision) = limits.check(class, ctx).await;
    let mut response = if decision.allowed {
        rest.await
    } else {
        ApiError::from(TooMany(decision.retry_after)).into_response()
    };
    tell(response.headers_mut(), quota, decision);
    response
}

/// Middleware: counts every request below the API. Comes after the caller is known.
pub(crate) async fn count(limits: RateLimits, mut request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let applies = limits.profile.applies(template.unwrap_or(request.uri().path()));
    let identified = request.extensions().get::<Arc<Identified>>().cloned();
    request.extensions_mut().insert(limits.clone());
    match identified {
        Some(identified) if applies => {
            let class = match identified.ctx.actor {
                Actor::Person(_) => RateClass::Authenticated,
                Actor::Anonymous | Actor::System(_) | Actor::Operator => RateClass::Anonymous,
            };
            limited(&limits, class, &identified.ctx, next.run(request)).await
        }
        Some(_) | None => next.run(request).await,
    }
}

/// Middleware for routes that log in, register or recover: counts them per address, too.
/// `routes!(log_in).layer(axum::middleware::from_fn(limits::login))`
pub async fn login(request: Request, next: Next) -> Response {
    more(RateClass::Login, request, next).await
}

/// Middleware for routes that cost much: counts them on their own, too.
pub async fn costly(request: Request, next: Next) -> Response {
    more(RateClass::Costly, request, next).await
}

async fn more(class: RateClass, request: Request, next: Next) -> Response {
    let limits = request.extensions().get::<RateLimits>().cloned();
    let identified = request.extensions().get::<Arc<Identified>>().cloned();
    match (limits, identified) {
        (Some(limits), Some(identified)) => {
            limited(&limits, class, &identified.ctx, next.run(request)).await
        }
        _ => ApiError::new(&common::INTERNAL).into_response(),
    }
}
