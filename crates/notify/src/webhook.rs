//! Signed calls to programs of whoever runs the installation, such as a pager.
//!
//! A call is JSON in a POST. `docs/operate/crisis.md` says how a receiver checks it: the signature is
//! over the moment and the body, so that neither can be changed, nor an old call be sent again
//! later. Where a call may go is the rule of `outbound`: public addresses, or, where a setting says so,
//! this machine and private networks and nothing else, and only there without TLS; never where
//! clouds hand out keys; and what a name resolves to is looked at, not the name.

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use kernel::{Secret, Timestamp};
use outbound::{Breaker, DialError, FetchError, Fetcher, Limits, Place, Reach};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, sync::Arc, time::Duration};

/// When the call was made, in seconds since 1970.
const TIMESTAMP: HeaderName = HeaderName::from_static("salus-timestamp");
/// Which key signed it.
const KEY: HeaderName = HeaderName::from_static("salus-key");
/// The signature: `v1=` and HMAC-SHA256 in hexadecimal.
const SIGNATURE: HeaderName = HeaderName::from_static("salus-signature");

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long one is left alone that could not be reached a few times.
const REST: Duration = Duration::from_mins(1);
/// The shortest secret, in bytes.
const SECRET: usize = 32;

/// A program that is called.
#[derive(Deserialize, JsonSchema, Default, Clone)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where it listens: `https://pager.example/salus`.
    pub url: String,
    /// The name of the secret, which is sent along, so that it can be changed. Default: the name of
    /// the webhook.
    pub key_id: Option<String>,
    /// What calls are signed with; at least 32 characters.
    #[schemars(with = "Option<String>")]
    pub secret: Option<Secret<String>>,
    /// A file that holds the secret.
    pub secret_file: Option<PathBuf>,
    /// It is on this machine or in a private network, and nowhere else; then it may go without TLS.
    pub internal: bool,
}

/// A setting that cannot work, or would be unsafe. The text names the webhook and not the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("webhook {name}: {what}")]
pub struct WebhookConfigError {
    name: String,
    what: String,
}

/// Why a call did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// There is no webhook of that name any more.
    #[error("there is no such webhook")]
    Unknown,
    /// No connection, or no answer in time.
    #[error("the webhook cannot be reached")]
    Unreachable,
    /// It may not be where its name leads.
    #[error("the webhook is where it may not be")]
    Elsewhere,
    /// It could not be reached a few times; it is left alone for a while.
    #[error("the webhook is left alone for a while")]
    Resting,
    /// It did not take the call.
    #[error("the webhook answered {0}")]
    NotTaken(u16),
}

/// Programs that are called. Cheap to clone.
#[derive(Clone, Default)]
pub struct Webhooks(Arc<BTreeMap<String, Webhook>>);

struct Webhook {
    place: Place,
    fetcher: Fetcher,
    key_id: HeaderValue,
    key: hmac::Key,
    breaker: Breaker,
}

impl Webhooks {
    /// With these settings, by name.
    pub fn new(settings: &BTreeMap<String, WebhookConfig>) -> Result<Self, WebhookConfigError> {
        let one = |(name, config): (&String, &WebhookConfig)| {
            let hook = Webhook::new(name, config);
            hook.map(|hook| (name.clone(), hook))
                .map_err(|what| WebhookConfigError { name: name.clone(), what })
        };
        Ok(Self(Arc::new(settings.iter().map(one).collect::<Result<_, _>>()?)))
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Calls one of them once.
    pub async fn call(
        &self,
        name: &str,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), WebhookError> {
        let hook = self.0.get(name).ok_or(WebhookError::Unknown)?;
        if !hook.breaker.admits(now) {
            return Err(WebhookError::Resting);
        }
        let result = hook.call(body, now).await;
        match result {
            Err(WebhookError::Unreachable | WebhookError::NotTaken(500..)) => {
                hook.breaker.failed(now);
            }
            _ => hook.breaker.reached(),
        }
        result
    }
}

impl Webhook {
    fn new(name: &str, config: &WebhookConfig) -> Result<Self, String> {
        let word = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let key_id = config.key_id.as_deref().unwrap_or(name);
        if !word(name) || !word(key_id) {
            return Err("its name and key_id are up to 64 letters, digits, -, _ and .".to_owned());
        }
        if config.url.contains('?') {
            return Err("url: no query may be in it".to_owned());
        }
        let place = if config.internal {
            Place::parse_inside(&config.url)
        } else {
            Place::parse(&config.url, Reach::Public)
        };
        let place = place.map_err(|error| format!("url: {error}"))?;
        let limits = Limits { time: PATIENCE, bytes: 0 };
        let fetcher = Fetcher::new(limits).map_err(|error| error.to_string())?;
        // EXPOSE: becomes a key.
        let secret = config.secret.as_ref().map(|secret| secret.expose().as_bytes());
        let secret = secret.filter(|secret| secret.len() >= SECRET);
        let secret = secret.ok_or("secret: at least 32 characters")?;
        Ok(Self {
            place,
            fetcher,
            key_id: HeaderValue::from_str(key_id).map_err(|_| "key_id: no header")?,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            breaker: Breaker::resting(REST),
        })
    }

    async fn call(&self, body: Vec<u8>, now: Timestamp) -> Result<(), WebhookError> {
        let seconds = now.as_seconds();
        let signature = HeaderValue::from_str(&signature(&self.key, seconds, &body));
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (TIMESTAMP, HeaderValue::from(seconds)),
            (KEY, self.key_id.clone()),
            (SIGNATURE, signature.map_err(|_| WebhookError::Unreachable)?),
        ]);
        match self.fetcher.tell(&self.place, headers, Bytes::from(body)).await {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(WebhookError::NotTaken(status.as_u16())),
            Err(FetchError::Dial(DialError::Address(_))) => Err(WebhookError::Elsewhere),
            Err(_) => Err(WebhookError::Unreachable),
        }
    }
}

/// `v1=` and HMAC-SHA256 over the seconds, a dot and the body.
fn signature(key: &hmac::Key, seconds: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{seconds}.").as_bytes());
    context.update(body);
    let mut text = "v1=".to_owned();
    for byte in context.sign().as_ref() {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
