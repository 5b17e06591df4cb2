//! What tests stand on: identity over a test's database, with a clock that can be moved.

use crate::{
    ConsentsNotRecorded, Identity, IdentityApi, IdentityConfig, LoginName, LoginRequest, NewPerson,
    Parts, Password, PasswordConfig, Registered, Registration, RegistrationConsents, Reindexed,
    SessionKind,
    service::{Credentials, Entered, Login, Tokens},
};
use async_trait::async_trait;
use audit::{Entry, Filter, Ledger, LedgerConfig};
use db::{Db, MigrationSet, Tx, params, testing::TestDb};
use httpkit::{
    auth::{AuthError, Authenticator},
    cookies::SessionCookie,
    csrf::Csrf,
    origins::Origins,
};
use kernel::{
    Actor, Clock, Ctx, Env, Origin, PageSize, Person, RequestId, Secret, SystemRng, TenantId,
    Timestamp,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use vault::{MemoryKeyStore, MemoryKms, Vault, VaultConfig};

pub(crate) const PASSWORD: &str = "a long walk by the sea";
pub(crate) const TENANT: TenantId = TenantId::DEFAULT;

/// The schema that these tests need.
pub(crate) fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS, crate::MIGRATIONS])
}

/// The machine's clock, moved.
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = self.0.load(Ordering::SeqCst);
        Timestamp::from_micros(Env::system().now().as_micros() + moved)
    }
}

/// Keeps consents as names of rows in `schedules`, a table that every test database has.
#[derive(Default)]
pub(crate) struct Consents {
    pub(crate) fail: AtomicBool,
}

db::statements! { "identity.tests";
    REMEMBER = "INSERT INTO schedules (name, next_at) VALUES ($1, 0)";
    REMEMBERED = "SELECT name FROM schedules WHERE name = $1";
}

db::row! {
    struct Name {
        name: String,
    }
}

#[async_trait]
impl RegistrationConsents for Consents {
    async fn record(&self, tx: &mut Tx, person: &NewPerson<'_>) -> Result<(), ConsentsNotRecorded> {
        if self.fail.load(Ordering::SeqCst) {
            return Err(ConsentsNotRecorded::Other("no".into()));
        }
        let name = format!("{} {:?}", person.subject.user, person.given);
        tx.defer(&REMEMBER, params![name]);
        Ok(())
    }
}

impl Bed {
    pub(crate) async fn remembers(&self, name: &str) -> bool {
        self.db
            .opt::<Name>(&REMEMBERED, params![name])
            .await
            .unwrap()
            .is_some_and(|row| row.name == name)
    }
}

/// Identity as one process has it.
pub(crate) struct Bed {
    pub(crate) db: Db,
    pub(crate) env: Env,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) keys: Arc<MemoryKeyStore>,
    pub(crate) kms: Arc<MemoryKms>,
    pub(crate) vault: Vault,
    pub(crate) ledger: Ledger,
    pub(crate) consents: Arc<Consents>,
    pub(crate) identity: Identity,
}

/// A vault of its own.
pub(crate) fn memory_vault() -> Vault {
    let env = Env::system();
    let kms = Arc::new(MemoryKms::new(env.clone()));
    Vault::new(env, kms, Arc::new(MemoryKeyStore::default()), vault_config())
}

pub(crate) fn vault_config() -> VaultConfig {
    VaultConfig::new(&[crate::COLUMNS, audit::COLUMNS])
}

/// The cheapest cost that is allowed.
pub(crate) fn quick_passwords() -> PasswordConfig {
    PasswordConfig { memory_kib: 19_456, passes: 2, even_answer_ms: 0, ..PasswordConfig::default() }
}

pub(crate) fn quick_config() -> IdentityConfig {
    IdentityConfig { password: quick_passwords(), ..IdentityConfig::default() }
}

impl Bed {
    pub(crate) async fn on(db: &TestDb) -> Self {
        let clock = Arc::new(MovedClock(AtomicI64::new(0)));
        let env = Env::new(clock.clone(), Arc::new(SystemRng));
        let kms = Arc::new(MemoryKms::new(env.clone()));
        let keys = Arc::new(MemoryKeyStore::default());
        Self::with(db.another_in(env.clone()), (env, clock), (kms, keys), quick_config()).await
    }

    async fn with(
        db: Db,
        (env, clock): (Env, Arc<MovedClock>),
        (kms, keys): (Arc<MemoryKms>, Arc<MemoryKeyStore>),
        config: IdentityConfig,
    ) -> Self {
        let vault = Vault::new(env.clone(), kms.clone(), keys.clone(), vault_config());
        let ledger =
            Ledger::open(db.clone(), vault.clone(), LedgerConfig::default()).await.unwrap();
        let consents = Arc::new(Consents::default());
        let parts = Parts {
            db: db.clone(),
            vault: vault.clone(),
            ledger: ledger.clone(),
            consents: consents.clone(),
        };
        let identity = Identity::new(parts, config).unwrap();
        Self { db, env, clock, keys, kms, vault, ledger, consents, identity }
    }

    /// The same installation as another process sees it.
    pub(crate) async fn other_process(&self, db: &TestDb) -> Self {
        let world = (self.env.clone(), self.clock.clone());
        let keys = (self.kms.clone(), self.keys.clone());
        Self::with(db.another_in(self.env.clone()), world, keys, quick_config()).await
    }

    /// The same process started again with other settings.
    pub(crate) async fn again(&self, config: IdentityConfig) -> Self {
        let world = (self.env.clone(), self.clock.clone());
        let keys = (self.kms.clone(), self.keys.clone());
        Self::with(self.db.clone(), world, keys, config).await
    }

    pub(crate) fn api(&self) -> IdentityApi {
        IdentityApi {
            identity: self.identity.clone(),
            csrf: csrf(),
            cookie: SessionCookie::plain(),
            origin: Some("https://salus.example".into()),
        }
    }

    /// A request by nobody.
    pub(crate) fn nobody(&self) -> Ctx {
        let origin = Origin {
            ip: Some("192.0.2.7".parse().unwrap()),
            user_agent: Some("Testfox/1.0".into()),
        };
        let id = RequestId::random(&self.env);
        Ctx::request(self.env.clone(), id, Actor::Anonymous, origin)
    }

    /// A request by this person.
    pub(crate) fn by(&self, person: Person) -> Ctx {
        let mut ctx = self.nobody();
        ctx.actor = Actor::Person(person);
        ctx
    }

    pub(crate) fn operator(&self) -> Ctx {
        Ctx::operator(self.env.clone())
    }

    /// Someone new, logged in with tokens.
    pub(crate) async fn register(&self, username: &str) -> (Login, Tokens) {
        let new = registration(LoginName::username(username).unwrap());
        match self.identity.register(&self.nobody(), TENANT, new).await.unwrap() {
            Registered::LoggedIn(login) => split(*login),
            Registered::Accepted => panic!("not logged in"),
        }
    }

    pub(crate) async fn log_in(
        &self,
        username: &str,
    ) -> Result<(Login, Tokens), crate::IdentityError> {
        let request = login_request(username, PASSWORD);
        self.entered(&request).await.map(split)
    }

    /// Logs in where no second factor is asked for.
    pub(crate) async fn entered(
        &self,
        request: &LoginRequest,
    ) -> Result<Login, crate::IdentityError> {
        self.entered_from(&self.nobody(), request).await
    }

    pub(crate) async fn entered_from(
        &self,
        ctx: &Ctx,
        request: &LoginRequest,
    ) -> Result<Login, crate::IdentityError> {
        match self.identity.log_in(ctx, TENANT, request).await? {
            Entered::LoggedIn(login) => Ok(*login),
            Entered::FactorNeeded(_) => panic!("a second factor is needed"),
        }
    }

    /// Makes indexes anew, so many at a time.
    pub(crate) async fn reindex(&self, page: u32) -> Reindexed {
        self.identity.reindex(&self.operator(), TENANT, page).await.unwrap()
    }

    pub(crate) async fn bearer(&self, token: &Secret<String>) -> Result<Person, AuthError> {
        self.identity.bearer(&self.nobody(), token).await
    }

    pub(crate) async fn cookie(&self, value: &Secret<String>) -> Result<Person, AuthError> {
        self.identity.session(&self.nobody(), value).await
    }

    pub(crate) async fn refresh(
        &self,
        token: &Secret<String>,
    ) -> Result<Tokens, crate::IdentityError> {
        self.identity.refresh(&self.nobody(), token).await.map(|(_, tokens)| tokens)
    }

    /// Logs in with a cookie.
    pub(crate) async fn cookie_of(&self, username: &str) -> Secret<String> {
        let request =
            LoginRequest { kind: SessionKind::Cookie, ..login_request(username, PASSWORD) };
        match self.entered(&request).await.unwrap().credentials {
            Credentials::Cookie { value, .. } => value,
            Credentials::Tokens(_) => panic!("no cookie"),
        }
    }

    /// What the ledger tells, newest first: action, outcome, code.
    pub(crate) async fn told(&self) -> Vec<(String, &'static str, String)> {
        let tell = |entry: &Entry| {
            let reason = entry.reason.as_str().to_owned();
            (entry.action.as_str().to_owned(), entry.outcome.name(), reason)
        };
        self.entries().await.iter().map(tell).collect()
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.ledger.sequence_all().await.unwrap();
        let size = PageSize::clamped(100);
        let page = self.ledger.entries(&Filter::default(), None, size).await.unwrap();
        page.items.into_iter().map(|record| record.entry).collect()
    }

    pub(crate) fn close(self) {
        self.db.close();
    }
}

pub(crate) fn csrf() -> Csrf {
    Csrf::new(&Secret::new([7; 32]), Origins::default())
}

pub(crate) fn registration(login: LoginName) -> Registration {
    let consents = crate::GivenConsents { terms: true, ..crate::GivenConsents::default() };
    Registration {
        login,
        password: password(PASSWORD),
        display_name: None,
        consents,
        setup_code: None,
        invite: None,
        wants_factor: false,
        kind: SessionKind::Tokens,
    }
}

pub(crate) fn login_request(name: &str, word: &str) -> LoginRequest {
    LoginRequest {
        name: LoginName::either(name).unwrap(),
        password: password(word),
        restore: false,
        code: None,
        kind: SessionKind::Tokens,
        device: None,
    }
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(&Secret::new(text.to_owned()))
}

fn split(login: Login) -> (Login, Tokens) {
    let Login { session, credentials, account, device, factor_wanted } = login;
    let tokens = match credentials {
        Credentials::Tokens(tokens) => tokens,
        Credentials::Cookie { .. } => panic!("a cookie"),
    };
    let copy = Tokens {
        access: tokens.access.clone(),
        expires_in: tokens.expires_in,
        refresh: tokens.refresh.clone(),
    };
    let credentials = Credentials::Tokens(copy);
    (Login { session, credentials, account, device, factor_wanted }, tokens)
}

db::db_test!(every_statement_can_be_prepared, schema(), |db| {
    for statement in crate::STATEMENTS.iter().copied().flatten() {
        if let Err(reason) = db.check_statement(statement).await {
            panic!("{}: {reason}", statement.name());
        }
    }
});
