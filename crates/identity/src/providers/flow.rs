//! A question to a provider: for whom, what for, until when; and what someone new brings.
//!
//! The browser keeps the question as a cookie, so asking writes nothing and strangers who ask fill
//! no table. It is signed; everything that has to be secret or unguessable (`state`, `nonce`, the
//! verifier of PKCE) follows from its id under a key of the program and is nowhere else. So an answer
//! counts only in the browser that asked. That it counts once, the database sees to.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Phi, Secret, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::time::Duration;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use vault::{SystemKey, SystemKeys, VaultError};

/// How long someone may take at the provider, and afterwards to agree to our terms.
pub(crate) const LIFE: Duration = Duration::from_mins(10);
/// Longer texts are not even read.
const LONGEST: usize = 8 * 1024;

/// What a question is for: an answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Somebody logs in.
    LogIn,
    /// This person adds a way in, in this log-in.
    Link(UserId, SessionId),
    /// This person shows again in this log-in that it is them.
    Confirm(UserId, SessionId),
}

/// A question, as the browser keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) id: Uuid,
    pub(crate) provider: String,
    pub(crate) purpose: Purpose,
    /// Where the provider sends the browser back to.
    pub(crate) redirect: String,
    /// Whether to log in with a cookie.
    pub(crate) cookie: bool,
    /// Whether a closed account is to be opened again.
    pub(crate) restore: bool,
    /// In microseconds.
    pub(crate) began: i64,
}

/// What follows from a question.
pub(crate) struct Derived {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: Secret<String>,
}

/// A question that was just asked.
pub(crate) struct Began {
    pub(crate) cookie: Secret<String>,
    pub(crate) derived: Derived,
}

impl Derived {
    fn of(key: &SystemKey, id: Uuid) -> Self {
        let text = |name: &[u8]| URL_SAFE_NO_PAD.encode(key.mac(&[b"oidc", name, id.as_bytes()]));
        let verifier = Secret::new(text(b"verifier"));
        Self { state: text(b"state"), nonce: text(b"nonce"), verifier }
    }

    /// What PKCE shows at first: the hash of what it shows at last.
    pub(crate) fn challenge(&self) -> String {
        // EXPOSE: only its hash leaves this function.
        let hash = digest::digest(&digest::SHA256, self.verifier.expose().as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    }
}

impl Flow {
    pub(crate) fn new(
        (id, provider): (Uuid, &str),
        purpose: Purpose,
        redirect: String,
        now: Timestamp,
    ) -> Self {
        let (cookie, restore) = (false, false);
        let provider = provider.to_owned();
        Self { id, provider, purpose, redirect, cookie, restore, began: now.as_micros() }
    }

    /// When it was asked.
    pub(crate) fn began_at(&self) -> Timestamp {
        Timestamp::from_micros(self.began)
    }

    /// When no answer to it counts any more.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.began_at().plus(LIFE)
    }

    pub(crate) fn begin(&self, keys: &SystemKeys) -> Result<Began, VaultError> {
        let key = keys.current()?;
        Ok(Began { cookie: signed(key, FLOW, self), derived: Derived::of(key, self.id) })
    }

    /// The question that a browser brings back with this `state`, if it is ours, of this browser,
    /// and not too old.
    pub(crate) fn read(
        cookie: &Secret<String>,
        state: &Secret<String>,
        (keys, now): (&SystemKeys, Timestamp),
    ) -> Option<(Self, Derived)> {
        let (flow, key): (Self, _) = opened(keys, FLOW, cookie)?;
        let derived = Derived::of(key, flow.id);
        // EXPOSE: it is compared.
        let same = derived.state.as_bytes().ct_eq(state.expose().as_bytes());
        let young = flow.began_at() <= now && now < flow.expires_at();
        (bool::from(same) && young).then_some((flow, derived))
    }
}

/// Someone for whom a provider vouched and who has no account here.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Newcomer {
    pub(crate) id: Uuid,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// What the provider calls the log-in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<String>,
    /// An address that the provider says is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// In microseconds.
    until: i64,
}

impl Newcomer {
    pub(crate) fn new(
        id: Uuid,
        (issuer, subject, sid): (&str, &str, Option<&str>),
        email: Option<&Phi<String>>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            sid: sid.map(str::to_owned),
            // EXPOSE: it goes to the person whose address it is.
            email: email.map(|email| email.expose().clone()),
            until: now.plus(LIFE).as_micros(),
        }
    }

    /// When it is too late.
    pub(crate) fn expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.until)
    }

    /// What the client brings back when the person has agreed to the terms.
    pub(crate) fn text(&self, keys: &SystemKeys) -> Result<Secret<String>, VaultError> {
        Ok(signed(keys.current()?, NEWCOMER, self))
    }

    pub(crate) fn read(
        text: &Secret<String>,
        (keys, now): (&SystemKeys, Timestamp),
    ) -> Option<Self> {
        let (new, _): (Self, _) = opened(keys, NEWCOMER, text)?;
        (new.expires_at() > now).then_some(new)
    }
}

const FLOW: &str = "sof1_";
const NEWCOMER: &str = "son1_";

fn signed(key: &SystemKey, kind: &str, value: &impl Serialize) -> Secret<String> {
    let said = serde_json::to_vec(value).unwrap_or_default();
    let mac = key.mac(&[kind.as_bytes(), &said]);
    Secret::new(format!("{kind}{}", URL_SAFE_NO_PAD.encode([&mac[..], &said].concat())))
}

/// What was signed, and the key that it was signed with.
fn opened<'a, T: DeserializeOwned>(
    keys: &'a SystemKeys,
    kind: &str,
    text: &Secret<String>,
) -> Option<(T, &'a SystemKey)> {
    // EXPOSE: it has to be read to be checked.
    let text = text.expose().strip_prefix(kind).filter(|text| text.len() <= LONGEST)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (mac, said) = bytes.split_first_chunk::<32>()?;
    let key = keys.iter().find(|key| key.is_mac(&[kind.as_bytes(), said], mac))?;
    Some((serde_json::from_slice(said).ok()?, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::memory_vault;
    use proptest::prelude::*;

    fn flow(now: Timestamp) -> Flow {
        let id = (Uuid::from_u128(7), "mock");
        Flow::new(id, Purpose::LogIn, "https://salus.example/return/mock".to_owned(), now)
    }

    #[tokio::test]
    async fn an_answer_counts_in_the_browser_that_asked_and_in_time() {
        let keys = memory_vault().system_key(super::super::KEY).await.unwrap();
        let now = Timestamp::from_micros(1_000_000);
        let (mine, other) = (flow(now), Flow { id: Uuid::from_u128(8), ..flow(now) });
        let (mine, other) = (mine.begin(&keys).unwrap(), other.begin(&keys).unwrap());
        let state = |began: &Began| Secret::new(began.derived.state.clone());
        let read = |cookie: &Began, of: &Began, at: Timestamp| {
            Flow::read(&cookie.cookie, &state(of), (&keys, at)).map(|(flow, _)| flow)
        };
        assert_eq!(read(&mine, &mine, now), Some(flow(now)));
        assert_eq!(read(&mine, &other, now), None);
        assert_eq!(read(&mine, &mine, now.plus(LIFE)), None);
        assert_eq!(read(&mine, &mine, now.minus(Duration::from_secs(1))), None);
        let texts = [&mine, &other].map(|began| {
            let Derived { state, nonce, verifier } = &began.derived;
            [state.clone(), nonce.clone(), verifier.expose().clone()]
        });
        let mut all = texts.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6, "nothing is used twice");
        assert!(!mine.cookie.expose().contains(mine.derived.verifier.expose()));
    }

    #[tokio::test]
    async fn one_changed_bit_makes_it_worthless() {
        let keys = memory_vault().system_key(super::super::KEY).await.unwrap();
        let now = Timestamp::from_micros(1_000_000);
        let began = flow(now).begin(&keys).unwrap();
        let state = Secret::new(began.derived.state.clone());
        let bytes = began.cookie.expose().strip_prefix(FLOW).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(bytes).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = Secret::new(format!("{FLOW}{}", URL_SAFE_NO_PAD.encode(changed)));
            assert!(Flow::read(&changed, &state, (&keys, now)).is_none(), "{place}");
        }
        let newcomer = Newcomer::new(Uuid::from_u128(1), ("https://a", "b", None), None, now);
        let text = newcomer.text(&keys).unwrap();
        assert!(Newcomer::read(&text, (&keys, now)).is_some());
        assert!(Newcomer::read(&text, (&keys, now.plus(LIFE))).is_none());
        assert!(Newcomer::read(&began.cookie, (&keys, now)).is_none(), "one is not the other");
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        let derived = Derived { state: String::new(), nonce: String::new(), verifier };
        assert_eq!(derived.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    proptest! {
        #[test]
        fn any_text_is_refused(text in "(sof1_)?[A-Za-z0-9_-]{0,120}") {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let keys = runtime.block_on(memory_vault().system_key(super::super::KEY)).unwrap();
            let now = Timestamp::from_micros(0);
            let text = Secret::new(text);
            prop_assert!(Flow::read(&text, &text, (&keys, now)).is_none());
            prop_assert!(Newcomer::read(&text, (&keys, now)).is_none());
        }
    }
}
