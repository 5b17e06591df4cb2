//! One provider: what it says of itself, asked for and kept a while, and what it says of people.

use super::{
    ProviderError,
    config::{ProviderConfig, aliases, is_id},
    flow::Derived,
    id_token::{Claims, Expected, TokenAnswer},
    keys::{ALGORITHMS, Keys},
    logout_token::LogoutClaims,
    said::Said,
    wire::{basic, form, with_query},
};
use crate::config::ConfigError;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header::AUTHORIZATION};
use jsonwebtoken::{Validation, decode, decode_header};
use kernel::{Secret, Timestamp};
use outbound::{Answer, Breaker, FetchError, Fetcher, Limits, Place};
use serde::de::DeserializeOwned;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// People wait for it.
const LIMITS: Limits = Limits { time: Duration::from_secs(8), bytes: 128 * 1024 };
/// How long what it says of itself is not asked for again.
const FRESH: Duration = Duration::from_hours(1);
/// How long it counts while the provider does not answer.
const USABLE: Duration = Duration::from_hours(24);
/// How often, at most, a key that nobody knows makes us ask.
const ASK_EVERY: Duration = Duration::from_mins(1);
/// How long it is left alone when it did not answer a few times.
const REST: Duration = Duration::from_secs(30);
/// Longer tokens are not even read.
const LONGEST: usize = 16 * 1024;

/// Something that was asked for, and when.
struct Kept<T> {
    at: Timestamp,
    value: Arc<T>,
}

impl<T> Kept<T> {
    fn within(&self, time: Duration, now: Timestamp) -> Option<Arc<T>> {
        (now.since(self.at) < time).then(|| Arc::clone(&self.value))
    }
}

#[derive(Default)]
struct Known {
    said: Option<Kept<Said>>,
    keys: Option<Kept<Keys>>,
    /// When keys were last asked for, whatever came of it.
    asked: Option<Timestamp>,
}

/// Someone who vouches for people.
pub(crate) struct Provider {
    id: String,
    name: String,
    issuer: String,
    home: Place,
    config: ProviderConfig,
    fetcher: Fetcher,
    breaker: Breaker,
    known: Mutex<Known>,
    /// One asks, and the others wait for what comes of it.
    asking: tokio::sync::Mutex<()>,
}

/// What a browser brought back from a provider.
pub(crate) struct Returned<'a> {
    pub(crate) code: &'a Secret<String>,
    pub(crate) iss: Option<&'a str>,
    pub(crate) redirect: &'a str,
    pub(crate) derived: &'a Derived,
    /// See [`Expected::since`].
    pub(crate) since: Option<Timestamp>,
}

impl Provider {
    pub(super) fn new(id: &str, config: &ProviderConfig) -> Result<Self, ConfigError> {
        let wrong = ConfigError::Providers;
        if !is_id(id) {
            return Err(wrong("names are lower-case letters, digits and dashes, up to 32"));
        }
        if config.client_id.is_empty() {
            return Err(wrong("a client_id is needed"));
        }
        let issuer = config.issuer(id)?;
        let home = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let home = Place::parse(&home, config.reach());
        Ok(Self {
            id: id.to_owned(),
            name: config.shown(id),
            issuer,
            home: home.map_err(|_| wrong("the issuer must be an https address"))?,
            config: config.clone(),
            fetcher: Fetcher::new(LIMITS).map_err(|_| wrong("TLS cannot be set up"))?,
            breaker: Breaker::resting(REST),
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether it answers as a provider does.
    pub(crate) async fn probe(&self, now: Timestamp) -> Result<(), ProviderError> {
        self.keys(now, |_| true).await.map(drop)
    }

    /// Where to send a browser with this question. `again` asks the provider to recognise its
    /// person anew.
    pub(crate) async fn address(
        &self,
        derived: &Derived,
        (redirect, again): (&str, bool),
        now: Timestamp,
    ) -> Result<String, ProviderError> {
        let said = self.said(now).await?;
        let challenge = derived.challenge();
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.config.client_id.as_str()),
            ("redirect_uri", redirect),
            ("scope", "openid email profile"),
            ("state", &derived.state),
            ("nonce", &derived.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if again {
            pairs.extend([("prompt", "login"), ("max_age", "0")]);
        }
        Ok(with_query(said.authorize.as_str(), &pairs))
    }

    /// Whom the provider vouches for, for what a browser brought back from there.
    pub(crate) async fn vouched(
        &self,
        returned: &Returned<'_>,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let said = self.said(now).await?;
        // A code of one provider must not be shown to another (RFC 9207).
        match returned.iss {
            Some(iss) if iss != self.issuer => {
                return Err(ProviderError::Refused("it came from another provider"));
            }
            None if said.names_itself => {
                return Err(ProviderError::Refused("it does not say where it came from"));
            }
            Some(_) | None => {}
        }
        let token = self.exchange(&said, returned, now).await?;
        let nonce = Some(returned.derived.nonce.as_str());
        self.verify(&token, &Expected { nonce, since: returned.since }, now).await
    }

    /// Whom a token speaks of, if this provider signed it for us.
    pub(crate) async fn verify(
        &self,
        token: &Secret<String>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let claims: Claims = self.signed(token, now).await?;
        claims.check((&self.issuer, aliases(&self.issuer)), &self.ours(), expected, now)?;
        Ok(claims)
    }

    /// Who is logged out there, if this provider signed it for us.
    pub(crate) async fn logged_out(
        &self,
        token: &Secret<String>,
        now: Timestamp,
    ) -> Result<LogoutClaims, ProviderError> {
        let claims: LogoutClaims = self.signed(token, now).await?;
        claims.check((&self.issuer, aliases(&self.issuer)), &self.ours(), now)?;
        Ok(claims)
    }

    /// What we are called there.
    fn ours(&self) -> Vec<&str> {
        std::iter::once(&self.config.client_id)
            .chain(&self.config.apps)
            .map(String::as_str)
            .collect()
    }

    /// What this provider signed, whatever it says.
    async fn signed<T: DeserializeOwned>(
        &self,
        token: &Secret<String>,
        now: Timestamp,
    ) -> Result<T, ProviderError> {
        const WRONG: ProviderError = ProviderError::Refused("not a token");
        // EXPOSE: it has to be read to be checked.
        let token = token.expose().as_str();
        if token.len() > LONGEST {
            return Err(WRONG);
        }
        let header = decode_header(token).map_err(|_| WRONG)?;
        if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
            return Err(ProviderError::Refused("signed in a way that does not count"));
        }
        let known = self.keys(now, |keys| keys.of(&header).is_some()).await?;
        let key = known.of(&header).ok_or(ProviderError::Refused("signed with no key of its"))?;
        // Times and names are compared by us; here it is the signature alone.
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        let said = decode::<T>(token, &key, &validation);
        said.map(|said| said.claims).map_err(|_| ProviderError::Refused("not signed by it"))
    }

    /// The token that the provider gives for a code.
    async fn exchange(
        &self,
        said: &Said,
        returned: &Returned<'_>,
        now: Timestamp,
    ) -> Result<Secret<String>, ProviderError> {
        let mut headers = HeaderMap::new();
        // EXPOSE: all three are for the provider.
        let (code, verifier) = (returned.code.expose(), returned.derived.verifier.expose());
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", returned.redirect),
            ("code_verifier", verifier.as_str()),
        ];
        let client = self.config.client_id.as_str();
        match &self.config.client_secret {
            Some(secret) if said.basic => {
                let value = basic(client, secret);
                // EXPOSE: the same.
                let value = HeaderValue::from_str(value.expose());
                let mut value = value.map_err(|_| ProviderError::Unreachable("its secret"))?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
            Some(secret) => {
                // EXPOSE: the same.
                pairs.extend([("client_id", client), ("client_secret", secret.expose().as_str())]);
            }
            None => pairs.push(("client_id", client)),
        }
        let form = Zeroizing::new(form(&pairs));
        let form = Bytes::copy_from_slice(form.as_bytes());
        let answer = self.asked(self.fetcher.post_form(&said.token, &headers, form), now).await?;
        if answer.status != StatusCode::OK {
            // It says no more than that this code is not good, or that our settings are not.
            return Err(ProviderError::Refused("it gives nothing for this code"));
        }
        let token: Result<TokenAnswer, _> = serde_json::from_slice(&answer.body);
        token.map(|answer| answer.id_token).map_err(|_| ProviderError::Refused("no token"))
    }

    /// What it says of itself.
    async fn said(&self, now: Timestamp) -> Result<Arc<Said>, ProviderError> {
        let kept = |time| self.known().said.as_ref().and_then(|kept| kept.within(time, now));
        if let Some(said) = kept(FRESH) {
            return Ok(said);
        }
        let _one = self.asking.lock().await;
        if let Some(said) = kept(FRESH) {
            return Ok(said);
        }
        match self.ask(&self.home, now).await {
            Ok(body) => {
                let said = Arc::new(Said::read(&body, &self.issuer, self.config.reach())?);
                self.known().said = Some(Kept { at: now, value: Arc::clone(&said) });
                Ok(said)
            }
            Err(error) => kept(USABLE).ok_or(error),
        }
    }

    /// Its keys, among which there is what is looked for, if that can be had.
    async fn keys(
        &self,
        now: Timestamp,
        has: impl Fn(&Keys) -> bool,
    ) -> Result<Arc<Keys>, ProviderError> {
        let said = self.said(now).await?;
        let kept = |time| self.known().keys.as_ref().and_then(|kept| kept.within(time, now));
        let enough = || kept(FRESH).filter(|keys| has(keys) || !self.may_ask(now));
        if let Some(keys) = enough() {
            return Ok(keys);
        }
        let _one = self.asking.lock().await;
        if let Some(keys) = enough() {
            return Ok(keys);
        }
        self.known().asked = Some(now);
        match self.ask(&said.keys, now).await.and_then(|body| Keys::read(&body)) {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.known().keys = Some(Kept { at: now, value: Arc::clone(&keys) });
                Ok(keys)
            }
            Err(error) => kept(USABLE).ok_or(error),
        }
    }

    /// Made-up names of keys must not make us ask each time.
    fn may_ask(&self, now: Timestamp) -> bool {
        self.known().asked.is_none_or(|asked| now.since(asked) >= ASK_EVERY)
    }

    async fn ask(&self, place: &Place, now: Timestamp) -> Result<Bytes, ProviderError> {
        let answer = self.asked(self.fetcher.get(place), now).await?;
        if answer.status == StatusCode::OK {
            Ok(answer.body)
        } else {
            Err(ProviderError::Unreachable("it answers with a failure"))
        }
    }

    async fn asked(
        &self,
        answer: impl Future<Output = Result<Answer, FetchError>>,
        now: Timestamp,
    ) -> Result<Answer, ProviderError> {
        if !self.breaker.admits(now) {
            return Err(ProviderError::Unreachable("it did not answer a moment ago"));
        }
        match answer.await {
            Ok(answer) if !answer.status.is_server_error() => {
                self.breaker.reached();
                Ok(answer)
            }
            failed => {
                self.breaker.failed(now);
                let why = failed.err().map_or("a fault of its", |error| why(&error));
                tracing::warn!(provider = %self.id, why, "a provider of log-ins does not answer");
                Err(ProviderError::Unreachable(why))
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn why(error: &FetchError) -> &'static str {
    match error {
        FetchError::Dial(outbound::DialError::Connect(why) | outbound::DialError::Address(why)) => {
            why
        }
        FetchError::Timeout => "no answer in time",
        FetchError::TooLarge => "its answer is too large",
        FetchError::Broken => "the connection broke",
    }
}
