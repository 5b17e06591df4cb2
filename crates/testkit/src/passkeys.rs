//! Passkeys of people in tests.

use crate::{
    app::{Login, TestApp},
    authenticator::Authenticator,
};
use serde_json::{Value, json};

/// The part of an answer that is a question for a device.
fn question(asked: &Value) -> (Value, Value) {
    let part = |name: &str| asked.get(name).cloned().unwrap_or_default();
    (part("ticket"), part("options"))
}

impl TestApp {
    /// What a device answers when it is asked for a new passkey.
    pub async fn made(&self, login: &Login, device: &mut Authenticator) -> Value {
        let asked = self.request("POST", "/api/auth/passkeys/options").by(login).send().await;
        let (ticket, options) = question(&asked.expect(200).json());
        json!({ "ticket": ticket, "credential": device.create(&options) })
    }

    /// Gives a person a passkey; answers what the program said.
    pub async fn add_passkey(&self, login: &Login, device: &mut Authenticator) -> Value {
        let body = self.made(login, device).await;
        self.post("/api/auth/passkeys", &body).by(login).send().await.expect(201).json()
    }

    /// What a device answers when it is asked to log someone in.
    pub async fn signed(&self, device: &mut Authenticator) -> Value {
        let asked = self.request("POST", "/api/auth/login/passkey/options").send().await;
        answer(&asked.expect(200).json(), device)
    }

    /// What a device answers when it is to show again that it is this person.
    pub async fn confirmed(&self, login: &Login, device: &mut Authenticator) -> Value {
        let asked = self.request("POST", "/api/auth/passkeys/challenge").by(login).send().await;
        answer(&asked.expect(200).json(), device)
    }
}

/// What a device answers to a question.
pub fn answer(asked: &Value, device: &mut Authenticator) -> Value {
    let (ticket, options) = question(asked);
    json!({ "ticket": ticket, "credential": device.get(&options) })
}
