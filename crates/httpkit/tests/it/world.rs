//! A small world to send requests into: a clock that stands still, two people, a few routes.

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, Response, StatusCode},
};
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
    Acr, Clock, Ctx, Env, Person, Role, RoleSet, Secret, SessionId, Subject, SystemRng, TenantId,
    Timestamp, UserId,
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt;
use uuid::Uuid;

/// A clock that moves when told to.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000_000)))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A person by number; the same number is the same person and session.
pub fn person(number: u128, roles: &[Role], now: Timestamp) -> Person {
    let user = UserId::from_uuid(Uuid::from_u128(number));
    Person {
        subject: Subject::new(TenantId::DEFAULT, user),
        session: SessionId::from_uuid(Uuid::from_u128(number)),
        roles: RoleSet::of(roles),
        acr: if number >= 100 { Acr::Mfa } else { Acr::Single },
        auth_time: now,
    }
}

/// Credentials say by themselves whom they name: `1`, `2-admin`, `expired`, `inactive`, `down`.
struct Names;

impl Names {
    fn look_up(ctx: &Ctx, text: &Secret<String>) -> Result<Person, AuthError> {
        match text.expose().split_once('-').unwrap_or((text.expose(), "")) {
            ("expired", _) => Err(AuthError::Expired),
            ("inactive", _) => Err(AuthError::Inactive),
            ("down", _) => Err(AuthError::Unavailable(Arc::new(std::io::Error::other("down")))),
            (number, roles) => {
                let number = number.parse().map_err(|_| AuthError::Required)?;
                let roles: Vec<_> = roles.split('+').filter_map(|role| role.parse().ok()).collect();
                Ok(person(number, &roles, ctx.now().minus(Duration::from_mins(5))))
            }
        }
    }
}

#[async_trait]
impl Authenticator for Names {
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError> {
        Self::look_up(ctx, token)
    }

    async fn session(&self, ctx: &Ctx, cookie: &Secret<String>) -> Result<Person, AuthError> {
        Self::look_up(ctx, cookie)
    }

    /// All that the ninth person may do beyond others waits for a second factor.
    fn withheld(&self, person: &Person) -> RoleSet {
        let ninth = person.subject.user == UserId::from_uuid(Uuid::from_u128(9));
        if ninth { person.roles.minus(RoleSet::of(&[Role::User])) } else { RoleSet::default() }
    }
}

/// Everything a test may want to touch.
pub struct World {
    pub clock: Arc<ManualClock>,
    pub env: Env,
    pub metrics: Metrics,
    pub edge: Edge,
}

impl World {
    pub fn new() -> Self {
        let clock = ManualClock::new();
        let env = Env::new(clock.clone(), Arc::new(SystemRng));
        let metrics = Metrics::default();
        let limiter = Arc::new(MemoryLimiter::new(env.clone()));
        let edge = Edge {
            identify: Identify {
                env: env.clone(),
                authenticator: Arc::new(Names),
                mode: AuthMode::Auto,
                cookie: SessionCookie::default(),
                proxies: TrustedProxies::default(),
            },
            origins: Origins::default(),
            csrf: Csrf::new(&Secret::new([7; 32]), Origins::default()),
            rates: RateLimits::new(limiter, RateProfile::default()),
            headers: SecurityHeaders::default(),
            metrics: HttpMetrics::new(&metrics),
            body_limit: BODY_LIMIT,
            time_limit: TIME_LIMIT,
        };
        Self { clock, env, metrics, edge }
    }

    pub fn rates(mut self, profile: RateProfile) -> Self {
        let limiter = Arc::new(MemoryLimiter::new(self.env.clone()));
        self.edge.rates = RateLimits::new(limiter, profile);
        self
    }

    pub fn origins(mut self, origins: &[&str]) -> Self {
        let origins = Origins::new(origins.iter().map(|text| text.parse().unwrap()).collect());
        self.edge.csrf = Csrf::new(&Secret::new([7; 32]), origins.clone());
        self.edge.origins = origins;
        self
    }

    pub fn mode(mut self, mode: AuthMode) -> Self {
        self.edge.identify.mode = mode;
        self
    }

    pub fn around(self, routes: Router) -> Client {
        Client(self.edge.around(routes))
    }
}

/// Sends requests.
pub struct Client(pub Router);

impl Client {
    pub async fn send(&self, request: Sent) -> Answer {
        let response = self.0.clone().oneshot(request.0).await.unwrap();
        Answer::read(response).await
    }
}

/// A request being made.
pub struct Sent(pub Request<Body>);

impl Sent {
    pub fn new(method: &str, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        Self(request).peer("192.0.2.1")
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.0.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn cookie(self, value: &str) -> Self {
        self.header("cookie", &format!("__Host-salus_sid={value}"))
    }

    pub fn peer(mut self, ip: &str) -> Self {
        let peer = SocketAddr::new(ip.parse().unwrap(), 1234);
        self.0.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.0.body_mut() = body.into();
        self
    }

    pub fn json(self, text: &str) -> Self {
        self.header("content-type", "application/json").body(text.to_owned())
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {:?}", self.text))
    }

    /// Status and code of a failure; checks that its body is the one of all failures.
    pub fn failure(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert!(body["message"].as_str().is_some_and(|message| message.ends_with('.')));
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }

    /// The detail of a failure.
    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_default().to_owned()
    }
}

/// A failure as tests write it.
pub fn failed(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
