//! A label with its key, to call operations with.

use super::{Body, World};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::TestApp;
use uuid::Uuid;

/// Good requests about a label of one's own.
#[derive(Default)]
pub struct Sealed {
    /// Of another label, which nobody has yet.
    register: Value,
    challenge: Value,
    log_in: Value,
    close: Value,
}

fn parts(purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut text = purpose.as_bytes().to_vec();
    for part in parts {
        text.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Sealed {
    /// Nothing is made for paths that are about something else.
    pub async fn of(app: &TestApp, path: &str) -> Self {
        if !path.starts_with("/api/sealed/") {
            return Self::default();
        }
        let key = Ed25519KeyPair::generate().unwrap();
        let [label, other] = [1, 2].map(|nth| {
            let fresh: Uuid = app.app.env.new_id();
            format!("{nth}{}", fresh.simple().to_string().split_at(12).1)
        });
        let challenge = json!({ "label": label });
        let made = app.post("/api/sealed/challenges", &challenge).send().await.expect(200).json();
        let origin = made["origin"].as_str().unwrap().as_bytes();
        let registration = |label: &str| {
            let (sign, receive) = (key.public_key().as_ref(), [9; 32]);
            let signed = parts("salus-label-v1", &[origin, label.as_bytes(), sign, &receive]);
            json!({
                "label": label,
                "algorithm": "ed25519",
                "sign_key": text(sign),
                "receive_key": text(&receive),
                "signature": text(key.sign(&signed).as_ref()),
                "terms": true,
            })
        };
        let mine = registration(&label);
        app.post("/api/sealed/identities", &mine).send().await.expect(201);
        let proof = |purpose: &str| {
            let challenge = made["challenge"].as_str().unwrap();
            let signed = parts(purpose, &[origin, challenge.as_bytes(), label.as_bytes()]);
            json!({
                "label": label,
                "algorithm": "ed25519",
                "challenge": challenge,
                "signature": text(key.sign(&signed).as_ref()),
            })
        };
        Self {
            register: registration(&other),
            log_in: proof("salus-login-v1"),
            close: proof("salus-close-v1"),
            challenge,
        }
    }
}

/// What to send to an operation below `/api/sealed`.
pub fn sample(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path.strip_prefix("/api/sealed/")?) {
        ("POST", "identities") => Body::Json(|world: &World| world.sealed.register.clone()),
        ("POST", "challenges") => Body::Json(|world| world.sealed.challenge.clone()),
        ("POST", "tokens") => Body::Json(|world| world.sealed.log_in.clone()),
        ("DELETE", "identities") => Body::Json(|world| world.sealed.close.clone()),
        _ => return None,
    })
}
