//! One good request for each operation, on things that belong to one person.

mod chat;
pub mod emergency;
mod letters;
mod mcp;
mod memory;
mod passkeys;
mod providers;
mod sealed;
mod wellbeing;

use self::chat::Talk;
use audit::Filter;
use emergency::Emergency;
use kernel::{Ctx, PageSize, RoleSet, TenantId};
use passkeys::Passkeys;
use providers::Providers;
use sealed::Sealed;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{Login, PASSWORD, Request, TestApp};

/// A person and one of each thing that a path can name.
pub struct World {
    pub login: Login,
    entry: String,
    etag: String,
    /// Another log-in of the same person.
    session: String,
    /// Someone else, whom administrators look after.
    other: String,
    invite: String,
    /// An event of the ledger.
    event: String,
    /// An emergency card of the person's, or an override by someone else about someone else.
    emergency: Emergency,
    /// The first half of a log-in, where one was begun.
    ticket: String,
    /// A code of the person's authenticator app, where they have or begin one.
    code: String,
    talk: Talk,
    /// What a link of a letter holds.
    token: String,
    sealed: Sealed,
    passkeys: Passkeys,
    providers: Providers,
    /// The name of a server of tools.
    mcp: String,
}

impl World {
    /// For an operation with this path: what no path of its kind names is not made.
    pub async fn of(app: &TestApp, login: Login, path: &str) -> Self {
        let (mut entry, mut etag) = (String::new(), String::new());
        if path.starts_with("/api/journal/") {
            let new = json!({ "title": "A walk", "content": "It rained.", "mood": "calm" });
            let made = app.post("/api/journal/entries", &new).by(&login).send().await.expect(201);
            made.json()["id"].as_str().unwrap().clone_into(&mut entry);
            made.header("etag").unwrap().clone_into(&mut etag);
        }
        if let Some((id, tag)) = wellbeing::made(app, &login, path).await {
            (entry, etag) = (id, tag);
        }
        if let Some((id, tag)) = memory::made(app, &login, path).await {
            (entry, etag) = (id, tag);
        }
        let other = if path.contains("/users/") { Some(app.register().await) } else { None };
        let invite = if path.contains("/invites/") { invite(app).await } else { String::new() };
        let event = if path.contains("{event_id}") { event(app).await } else { String::new() };
        let token = letters::token(app, &login, path).await;
        let emergency = Emergency::of(app, &login, path).await;
        let names_session = path.contains("/sessions/") || path.contains("/device/");
        let session = if names_session { session(app, &login).await } else { String::new() };
        Self {
            entry,
            etag,
            session,
            other: other.map_or_else(String::new, |other| other.user.to_string()),
            invite,
            event,
            emergency,
            ticket: String::new(),
            code: String::new(),
            talk: Talk::of(app, &login, path).await,
            token,
            sealed: Sealed::of(app, path).await,
            passkeys: Passkeys::default(),
            providers: Providers::of(app, &login, path).await,
            mcp: mcp::server(app, &login, path).await,
            login,
        }
    }

    /// With what this operation needs to be there before.
    pub async fn before(mut self, app: &TestApp, sample: &Sample) -> Self {
        match (sample.method.as_str(), sample.path.as_str()) {
            ("POST", "/api/auth/factors/totp/confirm") => {
                self.code = app.begin_totp(&self.login).await.code();
            }
            ("POST", "/api/auth/login/factor") => {
                let totp = app.enrol(&self.login).await;
                self.ticket = app.ticket(&self.login.username).await;
                self.code = totp.code();
            }
            ("DELETE", "/api/auth/factors/totp") | ("POST", "/api/auth/factors/recovery-codes") => {
                let totp = app.enrol(&self.login).await;
                self.login = app.log_in_with(&self.login.username, &totp).await;
            }
            ("POST", "/api/auth/username") => self.login = providers::nameless(app).await,
            (method, path) => {
                self.passkeys = Passkeys::of(app, &mut self.login, (method, path)).await;
            }
        }
        self
    }
}

const NEW_PASSWORD: &str = "three goats on a hill";

/// A request, once there is someone to make it.
pub struct Sample {
    method: String,
    path: String,
    body: Body,
    if_match: bool,
}

enum Body {
    None,
    Json(fn(&World) -> Value),
    File(&'static str, &'static str),
    Form(fn(&World) -> String),
}

impl Sample {
    /// The body, where it is JSON.
    pub fn json(&self, world: &World) -> Option<Value> {
        match &self.body {
            Body::Json(make) => Some(make(world)),
            Body::None | Body::File(..) | Body::Form(_) => None,
        }
    }

    /// Whether it needs a program of its own: time passes for it, or few may be made in an hour.
    pub fn is_apart(&self) -> bool {
        ["/factor", "/passkey", "/biometric", "/username"]
            .iter()
            .any(|part| self.path.contains(part))
            || matches!(
                self.path.as_str(),
                "/api/auth/password/forgot" | "/api/auth/verify-email/send"
            )
    }

    /// Whether it changes nothing.
    pub fn only_reads(&self) -> bool {
        self.method == "GET"
    }

    /// The path, with names for what is variable.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The request on this person's things, not yet by anybody.
    pub fn request(&self, app: &TestApp, world: &World) -> Request {
        let id = match self.path.split('/').nth(3) {
            Some("sessions") => &world.session,
            Some("passkeys") => &world.passkeys.id,
            Some("links") => &world.providers.id,
            Some("users") => &world.other,
            Some("mcp") => &world.mcp,
            Some("invites") => &world.invite,
            Some("cards" | "overrides" | "reviews") => &world.emergency.id,
            _ => world.talk.id(&self.path).unwrap_or(&world.entry),
        };
        let query = match self.path.as_str() {
            "/api/journal/export" | "/api/journal/import" => "?format=json",
            "/api/wellbeing/trend" => "?questionnaire=phq-9",
            _ => "",
        };
        let path = self
            .path
            .replace("{name}", wellbeing::named(&self.path))
            .replace("{code}", "AT")
            .replace("{provider}", "google")
            .replace("{id}", id)
            .replace("{device_id}", &world.session)
            .replace("{user_id}", &world.login.user.to_string());
        let path = path.replace("{event_id}", &world.event) + query;
        let request = app.request(&self.method, &path);
        let request = match &self.body {
            Body::None => request,
            Body::Json(make) => request.json(&make(world)),
            Body::File(kind, text) => request.body(kind, *text),
            Body::Form(make) => request.body("application/x-www-form-urlencoded", make(world)),
        };
        let etag = if self.path == "/api/user/profile" { "\"v0\"" } else { &world.etag };
        let request = match self.path.as_str() {
            "/api/emergency/scope" | "/api/medical/emergency-info/{user_id}" => {
                request.header("emergency-access-token", &world.emergency.token)
            }
            _ => request,
        };
        let request = match world.providers.cookie() {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        if self.if_match { request.header("if-match", etag) } else { request }
    }
}

/// The sample of an operation.
pub fn sample(method: &str, path: &str) -> Option<Sample> {
    let (body, if_match) = match (method, path) {
        _ if is_bare(method, path) => (Body::None, false),
        ("POST", "/api/auth/register") => (Body::Json(newcomer), false),
        ("POST", "/api/auth/login") => (Body::Json(credentials), false),
        ("POST", "/api/auth/refresh") => {
            (Body::Json(|world| json!({ "refresh_token": world.login.refresh_token })), false)
        }
        ("DELETE", "/api/auth/account") => (Body::Json(|_| json!({ "password": PASSWORD })), false),
        ("PUT", "/api/admin/sign-up") => (Body::Json(|_| json!({ "mode": "open" })), false),
        ("POST", "/api/admin/invites") => (Body::Json(|_| json!({ "role": "provider" })), false),
        ("PUT", "/api/user/profile") => {
            (Body::Json(|_| json!({ "locale": "en", "preferences": {} })), true)
        }
        ("PATCH", "/api/admin/users/{id}") => {
            (Body::Json(|_| json!({ "roles": ["premium"] })), false)
        }
        ("POST", "/api/consent/record") => (Body::Json(agreement), false),
        ("POST", "/api/consent/withdraw") => {
            (Body::Json(|_| json!({ "consent_type": "health_data" })), false)
        }
        ("POST", "/api/journal/entries/search") => {
            (Body::Json(|_| json!({ "words": "rained" })), false)
        }
        ("POST", "/api/journal/entries") => (Body::Json(|_| json!({ "content": "New." })), false),
        ("PUT", "/api/journal/entries/{id}") => {
            (Body::Json(|_| json!({ "content": "Changed." })), true)
        }
        ("POST", "/api/journal/sync") => (Body::Json(|_| json!({ "changes": [] })), false),
        ("POST", "/api/journal/import") => {
            (Body::File("application/json", r#"{"salus_journal":1,"entries":[]}"#), false)
        }
        _ => (of_slices(method, path)?, method == "PUT"),
    };
    Some(Sample { method: method.to_owned(), path: path.to_owned(), body, if_match })
}

/// Whether the path says it all.
fn is_bare(method: &str, path: &str) -> bool {
    matches!(
        (method, path),
        (
            "GET",
            "/health"
                | "/ready"
                | "/health/deep"
                | "/metrics"
                | "/api/auth/me"
                | "/api/auth/sessions"
                | "/api/user/profile"
                | "/api/user/devices"
                | "/api/user/activity"
                | "/api/admin/audit"
                | "/api/admin/audit/export"
                | "/api/admin/audit/{event_id}/proof"
                | "/api/admin/users"
                | "/api/admin/users/{id}"
                | "/api/admin/invites"
                | "/api/admin/sign-up"
                | "/api/consent/status"
                | "/api/journal/entries"
                | "/api/journal/entries/{id}"
                | "/api/journal/mood-stats"
                | "/api/journal/export",
        ) | (
            "POST",
            "/api/auth/logout"
                | "/api/auth/logout-all"
                | "/api/admin/users/{id}/logout"
                | "/api/admin/users/{id}/unlock"
                | "/api/auth/verify-email/send",
        ) | (
            "DELETE",
            "/api/auth/sessions/{id}"
                | "/api/journal/entries/{id}"
                | "/api/admin/invites/{id}"
                | "/api/user/device/{device_id}",
        )
    )
}

fn of_slices(method: &str, path: &str) -> Option<Body> {
    chat::body(method, path)
        .or_else(|| wellbeing::body(method, path))
        .or_else(|| memory::body(method, path))
        .or_else(|| mcp::body(method, path))
        .or_else(|| if method == "POST" { letters::body(path) } else { None })
        .or_else(|| passkeys::body(method, path))
        .or_else(|| providers::body(method, path))
        .or_else(|| emergency::sample(method, path))
        .or_else(|| sealed::sample(method, path))
        .or_else(|| about_factors(method, path))
}

/// Another log-in of this person.
async fn session(app: &TestApp, login: &Login) -> String {
    let second = app.log_in(&login.username).await;
    let me = app.get("/api/auth/me").by(&second).send().await.expect(200).json();
    me["session_id"].as_str().unwrap().to_owned()
}

async fn event(app: &TestApp) -> String {
    app.app.ledger.sequence_all().await.unwrap();
    let page = app.app.ledger.entries(&Filter::default(), None, PageSize::clamped(1)).await;
    page.unwrap().items[0].entry.event.to_string()
}

async fn invite(app: &TestApp) -> String {
    let new = identity::NewInvite {
        roles: RoleSet::default(),
        life: Duration::from_hours(24),
        max_uses: 1,
        note: None,
        email: None,
    };
    let ctx = Ctx::operator(app.app.env.clone());
    let made = app.app.accounts.create_invite(&ctx, TenantId::DEFAULT, new).await.unwrap();
    made.0.id.to_string()
}

/// What is sent to prove who one is, beyond a name and a password.
fn about_factors(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        ("GET", "/api/auth/factors")
        | ("POST", "/api/auth/factors/totp" | "/api/auth/factors/recovery-codes") => Body::None,
        ("POST", "/api/auth/login/factor") => {
            Body::Json(|world| json!({ "ticket": world.ticket, "code": world.code }))
        }
        ("POST", "/api/auth/factors/totp/confirm") => {
            Body::Json(|world| json!({ "code": world.code }))
        }
        ("POST", "/api/auth/password") => {
            Body::Json(|_| json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD }))
        }
        ("POST", "/api/auth/username") => {
            Body::Json(|world| json!({ "username": world.login.user.to_string().replace('-', "") }))
        }
        ("POST", "/api/auth/health-token") | ("DELETE", "/api/auth/factors/totp") => {
            Body::Json(|_| json!({ "password": PASSWORD }))
        }
        _ => return None,
    })
}

fn newcomer(world: &World) -> Value {
    json!({
        "username": format!("new-{}", world.login.username),
        "password": PASSWORD,
        "consents": { "terms": true },
    })
}

fn credentials(world: &World) -> Value {
    json!({ "username": world.login.username, "password": PASSWORD })
}

fn agreement(_: &World) -> Value {
    let version = consent::ConsentType::Marketing.version_in_force();
    json!({ "consent_type": "marketing", "version": version })
}
