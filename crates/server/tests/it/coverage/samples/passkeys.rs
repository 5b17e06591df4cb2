//! Samples of passkeys, with a device that answers.

use super::{Body, World};
use serde_json::{Value, json};
use testkit::{Authenticator, Login, TestApp};
use uuid::Uuid;

/// What a device was asked and answered, and a passkey that is there.
pub struct Passkeys {
    /// A passkey of the person's.
    pub id: String,
    answer: Value,
}

impl Default for Passkeys {
    fn default() -> Self {
        Self { id: Uuid::nil().to_string(), answer: Value::Null }
    }
}

impl Passkeys {
    /// For an operation with this path; nothing is made for those that are about something else.
    /// Whoever gets a passkey logs in with it.
    pub async fn of(app: &TestApp, login: &mut Login, (method, path): (&str, &str)) -> Self {
        let mut device = Authenticator::synced();
        let making = ["/api/auth/passkeys", "/api/auth/biometric/register"];
        if method == "POST" && making.contains(&path) {
            return Self { answer: app.made(login, &mut device).await, ..Self::default() };
        }
        let using = ["/api/auth/passkeys/{id}", "/api/auth/passkeys/challenge"];
        let entering = ["/api/auth/login/passkey", "/api/auth/biometric/verify"];
        if !using.contains(&path) && !entering.contains(&path) {
            return Self::default();
        }
        let added = app.add_passkey(login, &mut device).await;
        let id = added["passkey"]["id"].as_str().unwrap().to_owned();
        let signed = app.signed(&mut device).await;
        if entering.contains(&path) {
            return Self { id, answer: signed };
        }
        let entered = app.post("/api/auth/login/passkey", &signed).send().await.expect(200).json();
        entered["access_token"].as_str().unwrap().clone_into(&mut login.access_token);
        Self { id, answer: Value::Null }
    }
}

/// The body of an operation.
pub fn body(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        ("GET", "/api/auth/passkeys")
        | (
            "POST",
            "/api/auth/passkeys/options"
            | "/api/auth/passkeys/challenge"
            | "/api/auth/login/passkey/options",
        ) => Body::None,
        (
            "POST",
            "/api/auth/passkeys"
            | "/api/auth/login/passkey"
            | "/api/auth/biometric/register"
            | "/api/auth/biometric/verify",
        ) => Body::Json(answered),
        ("PATCH", "/api/auth/passkeys/{id}") => Body::Json(|_| json!({ "name": "Telephone" })),
        ("DELETE", "/api/auth/passkeys/{id}") => {
            Body::Json(|_| json!({ "password": testkit::PASSWORD }))
        }
        _ => return None,
    })
}

fn answered(world: &World) -> Value {
    let mut answer = world.passkeys.answer.clone();
    if !answer.is_object() {
        answer = json!({ "ticket": "spk1_", "credential": {} });
    }
    answer
}
