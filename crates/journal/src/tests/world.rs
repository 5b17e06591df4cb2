//! A journal over a throw-away database, and people who write in it.

use crate::{COLUMNS, Draft, EntryId, Journal, MIGRATIONS, routes};
use async_trait::async_trait;
use audit::{Entry, Filter, Ledger, LedgerConfig};
use axum::{Router, body::Body};
use consent::{ConsentType, Consents};
use crisis::{Attentive, Lookout};
use db::{Db, MigrationSet};
use http::{HeaderMap, Request, StatusCode};
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
    Acr, Actor, Clock, Ctx, Env, Origin, PageSize, Person, Phi, RequestId, Role, RoleSet, Secret,
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
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, consent::MIGRATIONS, MIGRATIONS])
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
    pub(super) vault: Vault,
    pub(super) consents: Consents,
    pub(super) journal: Journal,
}

pub(super) async fn world(db: &Db) -> World {
    let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000_000)));
    let env = Env::new(clock.clone(), Arc::new(SystemRng));
    let (kms, keys) = (MemoryKms::new(env.clone()), MemoryKeyStore::default());
    let columns = VaultConfig::new(&[audit::COLUMNS, COLUMNS]);
    let vault = Vault::new(env.clone(), Arc::new(kms), Arc::new(keys), columns);
    let ledger = Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
    let consents = Consents::new(db.clone(), ledger.clone());
    let journal = Journal::new(
        db.clone(),
        vault.clone(),
        ledger.clone(),
        consents.clone(),
        Lookout::shared().unwrap(),
    );
    let world = World { clock, env, ledger, vault, consents, journal };
    for number in [1, 2] {
        world.agree(number).await;
    }
    world
}

/// A person by number; the same number is the same person.
pub(super) fn subject(number: u128) -> Subject {
    Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
}

fn person(number: u128, now: Timestamp) -> Person {
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

    /// This person consents to what a journal needs. Persons 1 and 2 do so from the start.
    pub(super) async fn agree(&self, number: u128) {
        let consent = ConsentType::HealthData;
        let version = consent.version_in_force();
        self.consents.record(&self.by(number), consent, version).await.unwrap();
    }

    /// The same journals as another process has them.
    pub(super) fn journal_on(&self, db: Db) -> Journal {
        self.journal_watched_by(db, Lookout::shared().unwrap())
    }

    /// The same journals, looked at by somebody else.
    pub(super) fn journal_watched_by(&self, db: Db, watch: Arc<dyn Attentive>) -> Journal {
        let (ledger, consents) = (self.ledger.clone(), self.consents.clone());
        Journal::new(db, self.vault.clone(), ledger, consents, watch)
    }

    /// What the ledger holds, oldest first.
    pub(super) async fn recorded(&self) -> Vec<Entry> {
        self.ledger.sequence_all().await.unwrap();
        let page = self.ledger.entries(&Filter::default(), None, PageSize::MAX).await.unwrap();
        page.items.into_iter().rev().map(|record| record.entry).collect()
    }

    pub(super) async fn recorded_actions(&self) -> Vec<String> {
        let entries = self.recorded().await;
        let actions = entries.iter().map(|entry| entry.action.as_str().to_owned());
        actions.filter(|action| !action.starts_with("consent.")).collect()
    }

    /// The routes of this crate with the edge around them.
    pub(super) fn server(&self) -> Router {
        let (routes, _) = routes().with_state(self.journal.clone()).split_for_parts();
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

/// An answer: status, headers and body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub(super) fn code(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    pub(super) fn etag(&self) -> String {
        self.headers["etag"].to_str().unwrap().to_owned()
    }
}

/// A client of the routes.
#[derive(Clone)]
pub(super) struct Client {
    server: Router,
    token: String,
}

impl World {
    /// A client with this token: the number of a person, or anything else for nobody.
    pub(super) fn client(&self, token: &str) -> Client {
        Client { server: self.server(), token: token.to_owned() }
    }
}

impl Client {
    pub(super) async fn send(
        &self,
        (method, path): (&str, &str),
        header: Option<(&str, &str)>,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.server.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, headers, bytes }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(("GET", path), None, "").await
    }

    pub(super) async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(("POST", path), None, body.to_string()).await
    }
}

/// A draft with this title.
pub(super) fn draft(title: &str) -> Draft {
    Draft { title: Phi::new(title.to_owned()), ..Draft::default() }
}

pub(super) fn entry_id(number: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(number))
}
