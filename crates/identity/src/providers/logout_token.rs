//! What a provider signs about someone who is logged out there (OpenID Connect Back-Channel
//! Logout 1.0, 2.4 to 2.6).

use super::{
    ProviderError,
    id_token::{LONGEST_NAME, Stamp},
};
use kernel::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// What makes it such a token and no other.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a token says, of all that we look at.
#[derive(Deserialize)]
pub(crate) struct LogoutClaims {
    #[serde(flatten)]
    stamp: Stamp,
    jti: String,
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    /// Only tokens that log someone in have one.
    nonce: Option<IgnoredAny>,
}

impl LogoutClaims {
    /// Holds if it is from this issuer, for us, of now, and about a log-out of someone.
    pub(super) fn check(
        &self,
        issuers: (&str, &[&str]),
        ours: &[&str],
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let refuse = |when: bool, why| if when { Err(ProviderError::Refused(why)) } else { Ok(()) };
        let is_name = |name: &String| (1..=LONGEST_NAME).contains(&name.len());
        self.stamp.check(issuers, ours, now)?;
        let about = self.events.get(EVENT).is_some_and(Value::is_object);
        refuse(!about, "not about a log-out")?;
        refuse(self.nonce.is_some(), "made to log someone in")?;
        refuse(!is_name(&self.jti), "without a name of its own")?;
        let mut whom = self.sub.iter().chain(&self.sid).peekable();
        refuse(whom.peek().is_none() || !whom.all(is_name), "of nobody")
    }

    /// Its own name, under which it counts once.
    pub(crate) fn jti(&self) -> &str {
        &self.jti
    }

    /// Who is logged out, if it names them.
    pub(crate) fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// Which log-in there ended, if it names one.
    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// When it does not count any more by itself.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.stamp.expires_at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_700_000_000;

    fn good() -> Value {
        json!({ "iss": "https://id.example", "sub": "248289761001", "sid": "there", "aud": "salus",
            "exp": NOW + 120, "iat": NOW, "jti": "one", "events": { EVENT: {} } })
    }

    fn holds(claims: &Value) -> bool {
        let now = Timestamp::from_micros(NOW * 1_000_000);
        serde_json::from_value::<LogoutClaims>(claims.clone())
            .is_ok_and(|claims| claims.check(("https://id.example", &[]), &["salus"], now).is_ok())
    }

    fn with(name: &str, value: impl Into<Value>) -> Value {
        let mut claims = good();
        claims[name] = value.into();
        claims
    }

    #[test]
    fn a_token_about_someone_who_is_logged_out_holds() {
        let without = |name: &str| {
            let mut claims = good();
            claims.as_object_mut().unwrap().remove(name);
            claims
        };
        assert!(holds(&good()));
        assert!(holds(&without("sub")) && holds(&without("sid")));
        for needed in ["iss", "aud", "exp", "iat", "jti", "events"] {
            assert!(!holds(&without(needed)), "{needed}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let mut nobody = with("sub", Value::Null);
        nobody["sid"] = Value::Null;
        for claims in [
            nobody,
            with("iss", "https://evil.example"),
            with("aud", "other"),
            with("aud", json!(["salus", "other"])),
            with("exp", NOW - 61),
            with("iat", NOW + 61),
            with("iat", NOW - 661),
            with("jti", ""),
            with("jti", "j".repeat(256)),
            with("sub", ""),
            with("sid", "s".repeat(256)),
            with("nonce", "n"),
            with("events", json!({})),
            with("events", json!({ EVENT: true })),
            with("events", json!({ "http://schemas.openid.net/event/other": {} })),
        ] {
            assert!(!holds(&claims), "{claims}");
        }
    }
}
