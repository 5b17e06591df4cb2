//! Consents over a throw-away database, and people who use them.

use crate::{Consents, Emergency, MIGRATIONS, routes};
use async_trait::async_trait;
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::{Router, body::Body};
use db::{Db, MigrationSet};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use httpkit::{
    Edge,
    auth::{AuthError, AuthMode, Authenticator},
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
use kernel::{
    Acr, Actor, Clock, Ctx, Env, Origin, PageSize, Person, RequestId, Role, RoleSet, Secret,
    SessionId, Subject, SystemRng, TenantId, Timestamp, UserId,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt;
use uuid::Uuid;
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(super) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, MIGRATIONS])
}

/// A clock that moves when told to.
pub(super) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(super) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) env: Env,
    pub(super) ledger: Ledger,
    pub(super) consents: Consents,
    pub(super) emergency: Emergency,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000_000)));
    let env = Env::new(clock.clone(), Arc::new(SystemRng));
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, crate::COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let emergency = Emergency::new(consents.clone(), vault);
    World { clock, env, ledger, consents, emergency }
}

/// A person by number; the same number is the same person.
pub(super) fn subject(number: u128) -> Subject {
    Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
}

pub(super) fn person(number: u128, now: Timestamp) -> Person {
    Person {
        subject: subject(number),
        session: SessionId::from_uuid(Uuid::from_u128(number)),
        roles: RoleSet::of(&[Role::User]),
        acr: Acr::Single,
        auth_time: now,
    }
}

impl World {
    /// A request by this actor.
    pub(super) fn asks(&self, actor: Actor) -> Ctx {
        let request = RequestId::random(&self.env);
        Ctx::request(self.env.clone(), request, actor, Origin::default())
    }

    /// A request by this person.
    pub(super) fn by(&self, number: u128) -> Ctx {
        self.asks(Actor::Person(person(number, self.env.now())))
    }

    /// What the ledger holds, oldest first.
    pub(super) async fn recorded(&self) -> Vec<Entry> {
        self.ledger.sequence_all().await.unwrap();
        let page = self.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
        page.items.into_iter().rev().map(|record| record.entry).collect()
    }

    pub(super) async fn recorded_actions(&self) -> Vec<String> {
        self.recorded().await.iter().map(|entry| entry.action.as_str().to_owned()).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(super) fn server(&self) -> Router {
        let (routes, _) = routes().with_state(self.consents.clone()).split_for_parts();
        let limiter = Arc::new(MemoryLimiter::new(self.env.clone()));
        let edge = Edge {
            identify: Identify {
                env: self.env.clone(),
                authenticator: Arc::new(Numbers),
                mode: AuthMode::Bearer,
                cookie: SessionCookie::default(),
                proxies: TrustedProxies::default(),
            },
            origins: Origins::default(),
            csrf: Csrf::new(&Secret::new([7; 32]), Origins::default()),
            rates: RateLimits::new(limiter, RateProfile::default()),
            headers: SecurityHeaders::default(),
            metrics: HttpMetrics::new(&Metrics::default()),
            body_limit: BODY_LIMIT,
            time_limit: TIME_LIMIT,
        };
        edge.around(routes)
    }
}

/// A token is the number of the person it names.
struct Numbers;

#[async_trait]
impl Authenticator for Numbers {
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError> {
        let number = token.expose().parse().map_err(|_| AuthError::Required)?;
        Ok(person(number, ctx.now()))
    }

    async fn session(&self, _: &Ctx, _: &Secret<String>) -> Result<Person, AuthError> {
        Err(AuthError::Required)
    }

    fn withheld(&self, _: &Person) -> RoleSet {
        RoleSet::default()
    }
}

/// Sends a request with this token and body; answers status and JSON.
pub(super) async fn send(
    server: &Router,
    (method, path): (&str, &str),
    token: &str,
    body: Option<&str>,
) -> (StatusCode, serde_json::Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.unwrap_or_default().to_owned()))
        .unwrap();
    let response = server.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}
