//! Who sends a request: from credentials to a person.
//!
//! The rule which credential counts lives here, once. Looking credentials up is the business of
//! the [`Authenticator`] that `identity` provides.

use crate::codes::{AUTH_AMBIGUOUS, SESSION_EXPIRED, USER_INACTIVE};
use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use kernel::{Coded, Ctx, ErrorCode, Person, RoleSet, Secret, common};
use std::{error::Error, sync::Arc};
use uuid::Uuid;

/// How every personal key begins. It also tells secret scanners what they found.
pub const KEY_PREFIX: &str = "sk-salus-";

/// Looks up what a client shows to prove who it is.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The person whose access token this is.
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError>;

    /// The person whose session cookie this is.
    async fn session(&self, ctx: &Ctx, cookie: &Secret<String>) -> Result<Person, AuthError>;

    /// The person whose personal key this is, and which of their keys. Where nobody can have keys
    /// none is good.
    async fn key(&self, _ctx: &Ctx, _key: &Secret<String>) -> Result<(Person, Uuid), AuthError> {
        Err(AuthError::Required)
    }

    /// Roles of this person that wait for a second factor: the request is made without them.
    /// Everybody who recognises people says so: forgetting it would let the roles through.
    fn withheld(&self, person: &Person) -> RoleSet;
}

/// Why credentials name nobody.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthError {
    /// None were sent, or ones that were never good.
    #[error("no valid credentials")]
    Required,
    /// They were good once.
    #[error("the session has ended")]
    Expired,
    /// The account behind them is closed or blocked.
    #[error("the account is not active")]
    Inactive,
    /// Token and cookie name different people.
    #[error("token and cookie name different people")]
    Ambiguous,
    /// They could not be looked up.
    #[error("credentials cannot be looked up")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
}

impl Coded for AuthError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Required => &common::AUTH_REQUIRED,
            Self::Expired => &SESSION_EXPIRED,
            Self::Inactive => &USER_INACTIVE,
            Self::Ambiguous => &AUTH_AMBIGUOUS,
            Self::Unavailable(_) => &common::UNAVAILABLE,
        }
    }
}

/// Which credentials count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// A bearer token, or else a session cookie.
    #[default]
    Auto,
    /// Bearer tokens only.
    Bearer,
    /// Session cookies only.
    Session,
}

/// By what a person was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A token that a page of someone else cannot make a browser send.
    Bearer,
    /// A cookie, which a browser sends by itself: unsafe methods need a CSRF token.
    Cookie,
}

/// What a request shows.
#[derive(Default)]
pub struct Credentials {
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<Secret<String>>,
    /// The session cookie.
    pub cookie: Option<Secret<String>>,
}

impl Credentials {
    /// Those of a request; what the mode does not count is not even read.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, mode: AuthMode, cookie_name: &str) -> Self {
        let bearer = || headers.get(AUTHORIZATION).and_then(bearer_token);
        let cookie = || crate::cookies::find(headers, cookie_name);
        match mode {
            AuthMode::Auto => Self { bearer: bearer(), cookie: cookie() },
            AuthMode::Bearer => Self { bearer: bearer(), cookie: None },
            AuthMode::Session => Self { bearer: None, cookie: cookie() },
        }
    }
}

/// What a client of the part below `/v1` shows: a personal key, or an access token in its place.
/// Cookies do not count there, so no page of someone else can use it.
pub(crate) fn shown_to_foreign(headers: &HeaderMap, mode: AuthMode) -> Option<Secret<String>> {
    let in_own_header = || {
        let text = headers.get("x-api-key")?.to_str().ok()?.trim();
        (!text.is_empty()).then(|| Secret::new(text.to_owned()))
    };
    let shown = headers.get(AUTHORIZATION).and_then(bearer_token).or_else(in_own_header)?;
    (is_key(&shown) || mode != AuthMode::Session).then_some(shown)
}

/// Whether it looks like a personal key.
pub(crate) fn is_key(shown: &Secret<String>) -> bool {
    // EXPOSE: only its first letters are compared, with what they are for all.
    shown.expose().starts_with(KEY_PREFIX)
}

fn bearer_token(value: &HeaderValue) -> Option<Secret<String>> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    is_bearer.then(|| Secret::new(token.to_owned()))
}

/// The person that the credentials name: the token wins, but not against another person's cookie.
pub async fn recognise(
    authenticator: &dyn Authenticator,
    ctx: &Ctx,
    credentials: &Credentials,
) -> Result<Option<(Person, Via)>, AuthError> {
    match (&credentials.bearer, &credentials.cookie) {
        (None, None) => Ok(None),
        (Some(token), None) => {
            authenticator.bearer(ctx, token).await.map(|person| Some((person, Via::Bearer)))
        }
        (None, Some(cookie)) => {
            authenticator.session(ctx, cookie).await.map(|person| Some((person, Via::Cookie)))
        }
        (Some(token), Some(cookie)) => {
            let person = authenticator.bearer(ctx, token).await?;
            match authenticator.session(ctx, cookie).await {
                Ok(other) if other.subject != person.subject => Err(AuthError::Ambiguous),
                Err(error @ AuthError::Unavailable(_)) => Err(error),
                Ok(_) | Err(_) => Ok(Some((person, Via::Bearer))),
            }
        }
    }
}
