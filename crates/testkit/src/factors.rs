//! Second factors of people in tests.

use crate::app::{Login, PASSWORD, TestApp, login};
use aws_lc_rs::hmac;
use kernel::{Clock, testing::ManualClock};
use serde_json::json;
use std::time::Duration;

const STEP: i64 = 30;

/// An authenticator app on someone's telephone, whose clock is that of the test.
pub struct AuthenticatorApp {
    secret: Vec<u8>,
    clock: ManualClock,
    /// The codes on paper that came with it.
    pub recovery_codes: Vec<String>,
}

impl AuthenticatorApp {
    /// What it shows now (RFC 6238).
    #[must_use]
    pub fn code(&self) -> String {
        let step = self.clock.now().as_seconds() / STEP;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = usize::from(tag.as_ref().last().copied().unwrap_or_default() & 15);
        let word = tag.as_ref().iter().skip(offset).take(4);
        let number = word.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter.saturating_sub(b'2') + 26,
        };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 255).unwrap_or_default());
        }
    }
    out
}

impl TestApp {
    /// An app that has its secret, and has not shown a code yet.
    pub async fn begin_totp(&self, login: &Login) -> AuthenticatorApp {
        let begun = self.request("POST", "/api/auth/factors/totp").by(login).send().await;
        let begun = begun.expect(200).json();
        let secret = begun.get("secret").and_then(|text| text.as_str()).unwrap_or_default();
        AuthenticatorApp {
            secret: from_base32(secret),
            clock: self.clock.clone(),
            recovery_codes: Vec::new(),
        }
    }

    /// Gives a person an app; half a minute passes, so that it shows a new code.
    pub async fn enrol(&self, login: &Login) -> AuthenticatorApp {
        let mut totp = self.begin_totp(login).await;
        let body = json!({ "code": totp.code() });
        let path = "/api/auth/factors/totp/confirm";
        let codes = self.post(path, &body).by(login).send().await.expect(200).json();
        let codes = codes.get("recovery_codes").and_then(|codes| codes.as_array());
        let text = |code: &serde_json::Value| code.as_str().unwrap_or_default().to_owned();
        totp.recovery_codes = codes.into_iter().flatten().map(text).collect();
        self.clock.advance(Duration::from_secs(30));
        totp
    }

    /// The first half of a log-in.
    pub async fn ticket(&self, username: &str) -> String {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.post("/api/auth/login", &body).send().await.expect(202).json();
        answer.get("ticket").and_then(|text| text.as_str()).unwrap_or_default().to_owned()
    }

    /// Logs someone in with both factors; half a minute passes.
    pub async fn log_in_with(&self, username: &str, totp: &AuthenticatorApp) -> Login {
        let body = json!({ "ticket": self.ticket(username).await, "code": totp.code() });
        let answer = self.post("/api/auth/login/factor", &body).send().await.expect(200).json();
        self.clock.advance(Duration::from_secs(30));
        login(username, &answer)
    }
}
