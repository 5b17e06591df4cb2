//! The whole program inside a test.

use axum::Router;
use db::testing::TestDb;
use httpkit::testing::Request;
use kernel::{Env, Role, RoleSet, Subject, TenantId, UserId, testing::ManualClock};
use serde_json::json;
use server::{
    app::{App, assemble},
    config::{Config, Rates},
    router,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use vault::MemoryKms;

/// Strong enough for the rules, known to every test.
pub const PASSWORD: &str = "a long walk by the sea";

static PEOPLE: AtomicUsize = AtomicUsize::new(0);

/// The program over a test's database.
pub struct TestApp {
    /// Its parts.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: ManualClock,
    /// Its root keys, which can be made to fail.
    pub kms: Arc<MemoryKms>,
    router: Router,
}

/// A person who is logged in.
#[derive(Clone)]
pub struct Login {
    /// The person.
    pub user: UserId,
    /// The name to log in with.
    pub username: String,
    /// Proves who they are.
    pub access_token: String,
    /// Gets the next access token.
    pub refresh_token: String,
}

impl AsRef<str> for Login {
    fn as_ref(&self) -> &str {
        &self.access_token
    }
}

impl TestApp {
    /// Starts on this database.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn on(db: &TestDb) -> Self {
        let clock = ManualClock::at(Env::system().now());
        let kms = Arc::new(MemoryKms::new(clock.env()));
        Self::with(db, clock, kms).await
    }

    /// Starts with this clock and these root keys, as after a restart or as another process.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn with(db: &TestDb, clock: ManualClock, kms: Arc<MemoryKms>) -> Self {
        Self::configured(db, (clock, kms), |_| {}).await
    }

    /// The same with other settings.
    ///
    /// # Panics
    /// If it cannot be started.
    #[expect(clippy::expect_used, reason = "a test that cannot start has failed")]
    pub async fn configured(
        db: &TestDb,
        (clock, kms): (ManualClock, Arc<MemoryKms>),
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::default();
        config.http.rates = Rates::Generous;
        config.accounts.password.memory_kib = 19_456;
        config.accounts.password.passes = 2;
        // Whoever tests this asks for it; elsewhere it would put an app beside each log-in.
        config.accounts.second_factor_for = Vec::new();
        config.models.scripted = true;
        config.companion.models = vec!["scripted/echo".to_owned()];
        config.companion.allowance.user.messages_per_minute = 1_000;
        config
            .accounts
            .providers
            .insert("google".to_owned(), crate::accounts_elsewhere::settings());
        change(&mut config);
        let database = db.another_in(clock.env());
        let app = assemble(config, clock.env(), database, kms.clone()).await.expect("starts");
        let router = router::build(&app).expect("has a router");
        Self { app, clock, kms, router }
    }

    /// A request to this path.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.router.clone(), method, path)
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// Sends JSON.
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Request {
        self.request("POST", path).json(body)
    }

    /// A new person who agreed to the terms and to the use of health data.
    pub async fn register(&self) -> Login {
        let number = PEOPLE.fetch_add(1, Ordering::SeqCst);
        let username = format!("person-{number}");
        let body = json!({
            "username": username,
            "password": PASSWORD,
            "consents": { "terms": true, "health_data": true },
        });
        let answer = self.post("/api/auth/register", &body).send().await.expect(201).json();
        login(&username, &answer)
    }

    /// A new person with this role.
    ///
    /// # Panics
    /// If the role cannot be given.
    #[expect(clippy::expect_used, reason = "a test that cannot start has failed")]
    pub async fn register_as(&self, role: Role) -> Login {
        let person = self.register().await;
        let ctx = kernel::Ctx::operator(self.app.env.clone());
        let roles = RoleSet::of(&[Role::User, role]);
        let subject = Subject::new(TenantId::DEFAULT, person.user);
        self.app.accounts.set_roles(&ctx, subject, roles).await.expect("gives a role");
        self.log_in(&person.username).await
    }

    /// Logs someone in.
    pub async fn log_in(&self, username: &str) -> Login {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.post("/api/auth/login", &body).send().await.expect(200).json();
        login(username, &answer)
    }

    /// Does all background work that is due.
    ///
    /// # Panics
    /// If the database fails.
    #[expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
    pub async fn work(&self) {
        let worker = db::Worker::new(self.app.db.clone(), self.app.jobs());
        worker.run_until_idle().await.expect("jobs run");
        self.app.ledger.sequence_all().await.expect("the ledger goes on");
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot start has failed")]
pub(crate) fn login(username: &str, answer: &serde_json::Value) -> Login {
    let text = |place: &str| {
        answer.pointer(place).and_then(|text| text.as_str()).unwrap_or_default().to_owned()
    };
    Login {
        user: text("/user/id").parse().expect("an id"),
        username: username.to_owned(),
        access_token: text("/access_token"),
        refresh_token: text("/refresh_token"),
    }
}
