//! What a provider signed about a person.

use super::ProviderError;
use kernel::{Phi, Secret, Timestamp};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Clocks may differ by this much.
const SKEW: Duration = Duration::from_mins(1);
/// A token is brought here as soon as it was made.
const OLDEST: Duration = Duration::from_mins(10);
/// The specification allows no more letters.
pub(super) const LONGEST_NAME: usize = 255;
const LONGEST_EMAIL: usize = 254;

/// From whom a token is, for whom, and when it counts.
#[derive(Deserialize)]
pub(super) struct Stamp {
    iss: String,
    #[serde(deserialize_with = "one_or_more")]
    aud: Vec<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
}

/// What a token says, of all that we look at.
#[derive(Deserialize)]
pub(crate) struct Claims {
    #[serde(flatten)]
    stamp: Stamp,
    pub(crate) sub: String,
    azp: Option<String>,
    /// What the provider calls the log-in there.
    sid: Option<Value>,
    /// What tokens have that tell of something else than a log-in (RFC 8417).
    events: Option<IgnoredAny>,
    nonce: Option<String>,
    auth_time: Option<i64>,
    email: Option<Phi<String>>,
    email_verified: Option<Value>,
    name: Option<Phi<String>>,
    preferred_username: Option<Phi<String>>,
}

/// What a token must say to count.
pub(crate) struct Expected<'a> {
    /// What we asked with; none for a token that was not made for a question of ours.
    pub(crate) nonce: Option<&'a str>,
    /// Before this moment nobody can have logged in there, if the provider tells when they did.
    pub(crate) since: Option<Timestamp>,
}

fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        More(Vec<String>),
    }
    Ok(match Audience::deserialize(from)? {
        Audience::One(one) => vec![one],
        Audience::More(more) => more,
    })
}

impl Stamp {
    /// Holds if it is from this issuer, for us, and of now.
    pub(super) fn check(
        &self,
        (issuer, aliases): (&str, &[&str]),
        ours: &[&str],
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let refuse = |when: bool, why| if when { Err(ProviderError::Refused(why)) } else { Ok(()) };
        let is_ours = |name: &String| ours.contains(&name.as_str());
        let (early, late) = (now.minus(SKEW).as_seconds(), now.plus(SKEW).as_seconds());
        let oldest = now.minus(OLDEST).minus(SKEW).as_seconds();
        refuse(self.iss != issuer && !aliases.contains(&self.iss.as_str()), "another issuer")?;
        // One for us and for somebody else could have been handed on by them.
        refuse(self.aud.is_empty() || !self.aud.iter().all(is_ours), "not for us")?;
        refuse(self.exp <= early, "expired")?;
        refuse(self.iat > late || self.nbf.is_some_and(|nbf| nbf > late), "of the future")?;
        refuse(self.iat < oldest, "too old")
    }

    /// When it does not count any more by itself.
    pub(super) fn expires_at(&self) -> Timestamp {
        let end = self.exp.min(self.iat.saturating_add(seconds(OLDEST)));
        Timestamp::from_micros(end.saturating_mul(1_000_000)).plus(SKEW).plus(SKEW)
    }
}

impl Claims {
    /// Holds if it is from this issuer, for us, for this question, and of now.
    pub(super) fn check(
        &self,
        issuers: (&str, &[&str]),
        ours: &[&str],
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<(), ProviderError> {
        let refuse = |when: bool, why| if when { Err(ProviderError::Refused(why)) } else { Ok(()) };
        self.stamp.check(issuers, ours, now)?;
        let others = self.azp.as_ref().is_some_and(|azp| !ours.contains(&azp.as_str()));
        refuse(others, "asked for by others")?;
        refuse(self.events.is_some(), "not about a log-in")?;
        refuse(self.sub.is_empty() || self.sub.len() > LONGEST_NAME, "of nobody")?;
        refuse(!self.has_nonce(expected.nonce), "not for this question")?;
        let since = expected.since.map(|since| since.minus(SKEW).as_seconds());
        let before = since.zip(self.auth_time).is_some_and(|(since, at)| at < since);
        refuse(before, "recognised too long ago")
    }

    fn has_nonce(&self, expected: Option<&str>) -> bool {
        match (&self.nonce, expected) {
            (None, None) => true,
            (Some(said), Some(expected)) => said.as_bytes().ct_eq(expected.as_bytes()).into(),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// An address that the provider has seen to be theirs. It links nothing by itself.
    pub(crate) fn proven_email(&self) -> Option<&Phi<String>> {
        let proven = match &self.email_verified {
            Some(Value::Bool(proven)) => *proven,
            // Some providers write it so.
            Some(Value::String(proven)) => proven == "true",
            _ => false,
        };
        // EXPOSE: only its length is looked at.
        self.email.as_ref().filter(|email| proven && email.expose().len() <= LONGEST_EMAIL)
    }

    /// What they are called there.
    pub(crate) fn called(&self) -> Option<&Phi<String>> {
        self.name.as_ref().or(self.preferred_username.as_ref())
    }

    /// What its person knows the account by.
    pub(crate) fn known_as(&self) -> Option<&Phi<String>> {
        self.email.as_ref().or_else(|| self.called())
    }

    /// What the provider calls the log-in there, by which it can end the one here.
    pub(crate) fn sid(&self) -> Option<&str> {
        let sid = self.sid.as_ref().and_then(Value::as_str);
        sid.filter(|sid| (1..=LONGEST_NAME).contains(&sid.len()))
    }

    /// When it does not count any more by itself.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.stamp.expires_at()
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// What the token endpoint answers, of all that we look at.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) id_token: Secret<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_700_000_000;

    fn good() -> Value {
        json!({ "iss": "https://id.example", "sub": "248289761001", "aud": "salus",
            "exp": NOW + 300, "iat": NOW, "nonce": "n" })
    }

    fn check(claims: &Value) -> Result<(), ProviderError> {
        let claims: Claims = serde_json::from_value(claims.clone()).unwrap();
        let now = Timestamp::from_micros(NOW * 1_000_000);
        let expected = Expected { nonce: Some("n"), since: Some(now) };
        claims.check(("https://id.example", &["id.example"]), &["salus", "app"], &expected, now)
    }

    fn with(name: &str, value: impl Into<Value>) -> Value {
        let mut claims = good();
        claims[name] = value.into();
        claims
    }

    #[test]
    fn a_token_for_us_for_this_question_and_of_now_holds() {
        assert_eq!(check(&good()), Ok(()));
        assert_eq!(check(&with("iss", "id.example")), Ok(()));
        assert_eq!(check(&with("aud", json!(["salus", "app"]))), Ok(()));
        assert_eq!(check(&with("azp", "app")), Ok(()));
        assert_eq!(check(&with("auth_time", NOW - 5)), Ok(()));
    }

    #[test]
    fn anything_else_is_refused() {
        for claims in [
            with("iss", "https://id.example/"),
            with("iss", "https://evil.example"),
            with("aud", "other"),
            with("aud", json!([])),
            with("aud", json!(["salus", "other"])),
            with("azp", "other"),
            with("exp", NOW - 61),
            with("iat", NOW + 61),
            with("nbf", NOW + 61),
            with("iat", NOW - 661),
            with("sub", ""),
            with("sub", "s".repeat(256)),
            with("nonce", "m"),
            with("nonce", Value::Null),
            with("auth_time", NOW - 61),
            with("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} })),
        ] {
            assert!(matches!(check(&claims), Err(ProviderError::Refused(_))), "{claims}");
        }
    }

    #[test]
    fn a_token_that_was_made_for_a_question_is_no_token_without_one() {
        let now = Timestamp::from_micros(NOW * 1_000_000);
        let none = Expected { nonce: None, since: None };
        let claims = |value: Value| serde_json::from_value::<Claims>(value).unwrap();
        let check =
            |claims: &Claims| claims.check(("https://id.example", &[]), &["salus"], &none, now);
        assert!(check(&claims(good())).is_err());
        assert_eq!(check(&claims(with("nonce", Value::Null))), Ok(()));
    }

    #[test]
    fn only_an_address_that_was_proven_counts_as_one() {
        let email = |proven: Value| {
            let mut claims = with("email", "ana@example.org");
            claims["email_verified"] = proven;
            serde_json::from_value::<Claims>(claims).unwrap().proven_email().is_some()
        };
        assert!(email(json!(true)) && email(json!("true")));
        for not in [json!(false), json!("false"), json!(1), Value::Null] {
            assert!(!email(not));
        }
    }

    proptest! {
        #[test]
        fn no_times_make_it_panic(exp: i64, iat: i64, nbf: Option<i64>, at: Option<i64>) {
            let mut claims = good();
            claims["exp"] = exp.into();
            claims["iat"] = iat.into();
            claims["nbf"] = nbf.into();
            claims["auth_time"] = at.into();
            let read: Claims = serde_json::from_value(claims.clone()).unwrap();
            let _ = (check(&claims), read.expires_at());
        }
    }
}
