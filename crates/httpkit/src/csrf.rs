//! Proof that a page of ours made a request that a browser authenticates by itself.
//!
//! A cookie comes with every request to us, whoever's page made it. So a request that changes
//! something on the strength of a cookie must both come from a page of ours, as the browser tells,
//! and carry a token that only such a page could read. Bearer tokens need neither: no page of
//! someone else has one.

use crate::{
    auth::Via,
    codes::CSRF_INVALID,
    ctx::Identified,
    error::ApiError,
    origins::{Origins, Source},
};
use aws_lc_rs::hmac;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Method, header::HOST};
use kernel::{Coded, Env, ErrorCode, Secret, SessionId};
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

/// The header that carries the token.
pub const HEADER: &str = "X-CSRF-Token";

const NONCE_BYTES: usize = 16;

/// Makes and checks tokens. Clones share their keys.
#[derive(Clone)]
pub struct Csrf {
    keys: Arc<RwLock<Keys>>,
    origins: Origins,
}

/// The keys of an installation.
pub struct CsrfKeys {
    /// To make tokens with.
    pub current: Secret<[u8; 32]>,
    /// To check tokens with: this one, and those that pages which are open may have tokens of.
    pub known: Vec<Secret<[u8; 32]>>,
}

struct Keys {
    current: hmac::Key,
    known: Vec<hmac::Key>,
}

impl From<&CsrfKeys> for Keys {
    fn from(keys: &CsrfKeys) -> Self {
        // EXPOSE: the library keeps its own copies of the keys.
        let key = |key: &Secret<[u8; 32]>| hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Self { current: key(&keys.current), known: keys.known.iter().map(key).collect() }
    }
}

/// Why a request is not taken for one of our own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The browser names another page, or does not name any.
    #[error("the request does not come from a page of ours")]
    Foreign,
    /// The token is missing, for another session, or not ours.
    #[error("the CSRF token does not hold")]
    Token,
}

impl Coded for CsrfError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Foreign | Self::Token => &CSRF_INVALID,
        }
    }
}

impl Csrf {
    /// Tokens under this key, for pages of these origins and our own.
    #[must_use]
    pub fn new(key: &Secret<[u8; 32]>, origins: Origins) -> Self {
        // EXPOSE: they stay wrapped.
        let copy = || Secret::new(*key.expose());
        Self::with_keys(&CsrfKeys { current: copy(), known: vec![copy()] }, origins)
    }

    /// Tokens under these keys, for pages of these origins and our own.
    #[must_use]
    pub fn with_keys(keys: &CsrfKeys, origins: Origins) -> Self {
        Self { keys: Arc::new(RwLock::new(keys.into())), origins }
    }

    /// From now on these keys count, and no others.
    pub fn renew(&self, keys: &CsrfKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    /// A new token for this session. Tokens differ each time, so that compressed answers that
    /// contain one give nothing away.
    #[must_use]
    pub fn issue(&self, env: &Env, session: SessionId) -> String {
        let nonce: [u8; NONCE_BYTES] = env.random();
        let tag = hmac::sign(&self.keys().current, &message(session, &nonce));
        URL_SAFE_NO_PAD.encode([&nonce, tag.as_ref()].concat())
    }

    /// Whether the token was issued for this session. Takes the same time for any token of the
    /// right length.
    #[must_use]
    pub fn holds(&self, session: SessionId, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        let Some((nonce, tag)) = bytes.split_first_chunk::<NONCE_BYTES>() else {
            return false;
        };
        let message = message(session, nonce);
        // All are tried, so that the time does not tell which of them it was.
        self.keys().known.iter().filter(|key| hmac::verify(key, &message, tag).is_ok()).count() > 0
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, request: &Request, identified: &Identified) -> Result<(), CsrfError> {
        if is_safe(request.method()) || identified.via == Some(Via::Bearer) {
            return Ok(());
        }
        let headers = request.headers();
        let source = Source::of(headers, host(request), &self.origins);
        match (source, identified.via, identified.ctx.person()) {
            (Source::Ours, Some(Via::Cookie), Ok(person)) => {
                if self.holds(person.session, token(headers)) {
                    Ok(())
                } else {
                    Err(CsrfError::Token)
                }
            }
            (Source::Foreign, ..) | (Source::Untold, Some(Via::Cookie), _) => {
                Err(CsrfError::Foreign)
            }
            // Nobody is logged in: no token can be asked for, but a page of someone else may not
            // log a person in either.
            (Source::Ours | Source::Untold, ..) => Ok(()),
        }
    }
}

impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csrf").field("origins", &self.origins).finish_non_exhaustive()
    }
}

/// Both parts with their lengths, so that no other two parts give the same message.
fn message(session: SessionId, nonce: &[u8; NONCE_BYTES]) -> Vec<u8> {
    let session = session.as_uuid().into_bytes();
    [&[16], session.as_slice(), &[16], nonce].concat()
}

const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

fn token(headers: &HeaderMap) -> &str {
    headers.get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn host(request: &Request) -> Option<&str> {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    authority.or_else(|| request.headers().get(HOST)?.to_str().ok())
}

/// Middleware: refuses what cannot be traced to a page of ours. Comes after the caller is known.
pub(crate) async fn guard(csrf: Arc<Csrf>, request: Request, next: Next) -> Response {
    let verdict = match request.extensions().get::<Arc<Identified>>() {
        Some(identified) => csrf.check(&request, identified).map_err(ApiError::from),
        None => Err(ApiError::new(&kernel::common::INTERNAL)),
    };
    match verdict {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn csrf(key: u8) -> Csrf {
        Csrf::new(&Secret::new([key; 32]), Origins::default())
    }

    fn session(number: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_token_holds_as_long_as_its_key_is_known_and_new_ones_are_made_with_the_current_key() {
        let key = |byte: u8| Secret::new([byte; 32]);
        let guard = csrf(1);
        let page = guard.clone();
        let old = guard.issue(&Env::system(), session(7));
        guard.renew(&CsrfKeys { current: key(2), known: vec![key(2), key(1)] });
        let new = page.issue(&Env::system(), session(7));
        assert!(page.holds(session(7), &old) && page.holds(session(7), &new));
        assert!(csrf(2).holds(session(7), &new), "made with the current key");
        guard.renew(&CsrfKeys { current: key(2), known: vec![key(2)] });
        assert!(!page.holds(session(7), &old) && page.holds(session(7), &new));
    }

    #[test]
    fn a_token_holds_for_its_session_and_key_only() {
        let token = csrf(1).issue(&Env::system(), session(7));
        assert!(csrf(1).holds(session(7), &token));
        assert!(!csrf(1).holds(session(8), &token));
        assert!(!csrf(2).holds(session(7), &token));
    }

    #[test]
    fn the_format_of_tokens_never_changes() {
        // Made by another implementation of HMAC-SHA-256.
        let token = "AAAAAAAAAAAAAAAAAAAAAMCQIezdLyV-i5qBbkGjcmbX4oxJDwcTWE-sfC-o7ziG";
        assert!(csrf(1).holds(session(7), token));
    }

    proptest! {
        #[test]
        fn one_changed_letter_breaks_a_token(at in 0usize..64, letter in "[A-Za-z0-9_-]") {
            let token = csrf(1).issue(&Env::system(), session(7));
            let mut changed = token.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(csrf(1).holds(session(7), &changed), changed == token);
        }

        #[test]
        fn any_text_is_refused(text in ".{0,100}") {
            prop_assert!(!csrf(1).holds(session(7), &text));
        }
    }
}
