//! Samples of log-ins by a provider, with one that vouches for people.

use super::{Body, World};
use serde_json::{Value, json};
use testkit::{CameBack, Login, TestApp};
use uuid::Uuid;

/// What a browser brought back, and an account elsewhere that is connected.
pub struct Providers {
    /// The account elsewhere.
    pub id: String,
    back: CameBack,
    /// A token of an app.
    token: String,
    /// Stands for someone new.
    ticket: String,
}

impl Default for Providers {
    fn default() -> Self {
        let (back, token, ticket) = (CameBack::default(), String::new(), String::new());
        Self { id: Uuid::nil().to_string(), back, token, ticket }
    }
}

const BEGIN: &str = "/api/auth/oidc/begin";
const FINISH: &str = "/api/auth/oidc/finish";
const LOGOUT: &str = "/api/auth/oidc/logout/{provider}";

impl Providers {
    /// For an operation with this path; nothing is made for those that are about something else.
    pub async fn of(app: &TestApp, login: &Login, path: &str) -> Self {
        let fresh: Uuid = app.app.env.new_id();
        let person = fresh.to_string();
        match path {
            "/api/auth/links" => {
                let back = app.came_back("/api/auth/links/begin", Some(login), &person).await;
                Self { back, ..Self::default() }
            }
            "/api/auth/links/{id}" => {
                Self { id: link(app, login, &person).await, ..Self::default() }
            }
            "/api/auth/oidc/confirm/begin" | "/api/auth/oidc/confirm" => {
                link(app, login, &person).await;
                let begin = "/api/auth/oidc/confirm/begin";
                let back = app.came_back(begin, Some(login), &person).await;
                Self { back, ..Self::default() }
            }
            FINISH | "/api/auth/google" => {
                app.register_by_provider(&person).await;
                let back = app.came_back(BEGIN, None, &person).await;
                Self { back, token: app.id_token(&person), ..Self::default() }
            }
            "/api/auth/oidc/register" => {
                let back = app.came_back(BEGIN, None, &person).await;
                let finish = app.post(FINISH, &back.body).header("cookie", &back.cookie);
                let new = finish.send().await.expect(202).json();
                let ticket = new["ticket"].as_str().unwrap().to_owned();
                Self { ticket, ..Self::default() }
            }
            LOGOUT => Self { token: app.logout_token(&person), ..Self::default() },
            _ => Self::default(),
        }
    }

    /// The cookies of the browser.
    pub fn cookie(&self) -> Option<&str> {
        (!self.back.cookie.is_empty()).then_some(self.back.cookie.as_str())
    }
}

/// Someone who came by a provider and has no name to log in with.
pub async fn nameless(app: &TestApp) -> Login {
    let fresh: Uuid = app.app.env.new_id();
    app.register_by_provider(&fresh.to_string()).await
}

/// Connects an account elsewhere.
async fn link(app: &TestApp, login: &Login, person: &str) -> String {
    let back = app.came_back("/api/auth/links/begin", Some(login), person).await;
    let body = json!({ "returned": back.body, "keep_other_sessions": true });
    let request = app.post("/api/auth/links", &body).header("cookie", &back.cookie).by(login);
    let made = request.send().await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

/// The body of an operation.
pub fn body(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        ("GET", "/api/auth/oidc/providers" | "/api/auth/links") => Body::None,
        ("POST", BEGIN | "/api/auth/links/begin" | "/api/auth/oidc/confirm/begin") => {
            Body::Json(|_| json!({ "provider": "google" }))
        }
        ("POST", LOGOUT) => Body::Form(|world| format!("logout_token={}", world.providers.token)),
        ("POST", FINISH | "/api/auth/oidc/confirm") => Body::Json(returned),
        ("POST", "/api/auth/links") => {
            Body::Json(|world| json!({ "returned": returned(world), "keep_other_sessions": true }))
        }
        ("POST", "/api/auth/oidc/register") => Body::Json(
            |world| json!({ "ticket": world.providers.ticket, "consents": { "terms": true } }),
        ),
        ("POST", "/api/auth/google") => {
            Body::Json(|world| json!({ "id_token": world.providers.token }))
        }
        ("DELETE", "/api/auth/links/{id}") => {
            Body::Json(|_| json!({ "keep_other_sessions": true }))
        }
        _ => return None,
    })
}

fn returned(world: &World) -> Value {
    let back = world.providers.back.body.clone();
    if back.is_object() { back } else { json!({ "provider": "google", "code": "", "state": "" }) }
}
