//! Only what came through the tunnel is answered.
//!
//! A program behind a tunnel or a CDN can often be reached past it, where none of its protection
//! is. With the lock on, whatever stands in front signs each request:
//! `X-Salus-Origin: t.<unix seconds>.<HMAC-SHA-256(secret, method|path and query|host|seconds)>`,
//! the last in lower-case hexadecimal. It is good for half a minute. What is not signed gets 403
//! and nothing else, and no handler, look-up or body is touched for it; `/health` alone is open,
//! for whoever watches that the program lives. Two secrets may count at a time, so that one can
//! replace the other without a gap.

use aws_lc_rs::hmac;
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header::HOST},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use kernel::{Env, Secret};
use std::{fmt, sync::Arc, time::Duration};

/// The header that carries the signature.
pub const HEADER: &str = "x-salus-origin";
/// How far the clock of what signs may be from ours.
const WINDOW: Duration = Duration::from_secs(30);
/// A secret that is shorter is guessed sooner than a signature.
const SHORTEST: usize = 32;

/// A secret that is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin secret has at least 32 letters")]
pub struct ShortSecret;

/// Hears of requests that came past the tunnel.
pub trait Refusals: Send + Sync {
    /// One was refused. Called for each; must not wait.
    fn refused(&self);
}

/// The lock.
#[derive(Clone)]
pub struct OriginLock(Arc<Inner>);

struct Inner {
    env: Env,
    keys: Vec<hmac::Key>,
    refusals: Arc<dyn Refusals>,
}

impl fmt::Debug for OriginLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginLock").field("secrets", &self.0.keys.len()).finish_non_exhaustive()
    }
}

impl OriginLock {
    /// With these secrets: the one in use, and the one that it replaces or that will replace it.
    pub fn new(
        env: Env,
        secrets: &[Secret<String>],
        refusals: Arc<dyn Refusals>,
    ) -> Result<Self, ShortSecret> {
        // EXPOSE: the library keeps its own copies.
        let texts = secrets.iter().map(|secret| secret.expose().as_bytes());
        let key = |text: &[u8]| {
            let long = text.len() >= SHORTEST;
            long.then(|| hmac::Key::new(hmac::HMAC_SHA256, text)).ok_or(ShortSecret)
        };
        let keys = texts.map(key).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Inner { env, keys, refusals })))
    }

    fn opens(&self, request: &Request) -> bool {
        request.uri().path() == "/health" || self.is_signed(request)
    }

    fn is_signed(&self, request: &Request) -> bool {
        let mut lines = request.headers().get_all(HEADER).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return false };
        let Some((seconds, tag)) = line.to_str().ok().and_then(parse) else { return false };
        let now = self.0.env.now().as_seconds();
        let message = message(request, seconds);
        // All keys are tried, so that the time does not tell which of them it was.
        let keys = self.0.keys.iter();
        let good = keys.filter(|key| hmac::verify(key, message.as_bytes(), &tag).is_ok()).count();
        good > 0 && now.abs_diff(seconds) <= WINDOW.as_secs()
    }
}

fn message(request: &Request, seconds: i64) -> String {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let host = uri.authority().map(http::uri::Authority::as_str);
    let host = host.or_else(|| request.headers().get(HOST)?.to_str().ok()).unwrap_or_default();
    format!("{}|{path}|{host}|{seconds}", request.method())
}

/// The time and the tag of `t.<seconds>.<64 digits>`.
fn parse(line: &str) -> Option<(i64, [u8; 32])> {
    let (seconds, digits) = line.strip_prefix("t.")?.split_once('.')?;
    let number: i64 = seconds.parse().ok()?;
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    if number.to_string() != seconds || pairs.len() != 32 || !odd.is_empty() {
        return None;
    }
    let mut tag = [0; 32];
    for (byte, pair) in tag.iter_mut().zip(pairs) {
        let lower = |digit: &u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit);
        let text = std::str::from_utf8(pair).ok().filter(|_| pair.iter().all(lower))?;
        *byte = u8::from_str_radix(text, 16).ok()?;
    }
    Some((number, tag))
}

/// The routes, with edge and all, behind the lock: nothing is done for what came past the tunnel.
pub fn behind(lock: OriginLock, routes: Router) -> Router {
    routes.layer(from_fn(move |r: Request, n: Next| guard(lock.clone(), r, n)))
}

async fn guard(lock: OriginLock, request: Request, next: Next) -> Response {
    if lock.opens(&request) {
        return next.run(request).await;
    }
    lock.0.refusals.refused();
    StatusCode::FORBIDDEN.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt;
    use kernel::{Clock, SystemRng, Timestamp};
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tower::ServiceExt;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(1_800_000_000_000_000)
        }
    }

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Refusals for Counted {
        fn refused(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    const NOW: i64 = 1_800_000_000;
    const OLD: &str = "the secret of yesterday, 32 letters";
    const NEW: &str = "the secret of tomorrow, 32 letters!";

    fn lock(counted: Arc<Counted>) -> OriginLock {
        let env = Env::new(Arc::new(Still), Arc::new(SystemRng));
        let secrets = [OLD, NEW].map(|secret| Secret::new(secret.to_owned()));
        OriginLock::new(env, &secrets, counted).unwrap()
    }

    fn sign(secret: &str, what: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, what.as_bytes());
        tag.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    fn header(secret: &str, path: &str, seconds: i64) -> String {
        let tag = sign(secret, &format!("GET|{path}|salus.example|{seconds}"));
        format!("t.{seconds}.{tag}")
    }

    async fn status(path: &str, headers: &[&str]) -> (u16, usize, usize) {
        let counted = Arc::new(Counted::default());
        let lock = lock(counted.clone());
        let routes = behind(lock, Router::new().fallback(|| async { "here" }));
        let mut request = Request::builder().uri(path).header(HOST, "salus.example");
        for line in headers {
            request = request.header(HEADER, *line);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, body.len(), counted.0.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_is_signed_with_either_secret_is_answered() {
        for secret in [OLD, NEW] {
            let line = header(secret, "/api/auth/me?a=1", NOW);
            assert_eq!(status("/api/auth/me?a=1", &[&line]).await, (200, 4, 0));
        }
    }

    #[tokio::test]
    async fn what_came_past_the_tunnel_gets_403_and_nothing_else_and_is_counted() {
        let good = header(OLD, "/api/auth/me", NOW);
        let other = header("a secret of somebody else, 32 letters", "/api/auth/me", NOW);
        let upper = good.to_uppercase();
        for bad in [
            &[][..],
            &[""],
            &["t..", "t.1.2"],
            &[other.as_str()],
            &[upper.as_str()],
            &[&good, &good],
            &[good.strip_suffix(char::is_alphanumeric).unwrap()],
            &["Bearer x"],
        ] {
            assert_eq!(status("/api/auth/me", bad).await, (403, 0, 1), "{bad:?}");
        }
        assert_eq!(status("/api/auth/mf", &[&good]).await.0, 403, "another path");
        assert_eq!(status("/api/auth/me?x", &[&good]).await.0, 403, "another query");
    }

    #[tokio::test]
    async fn a_signature_is_good_for_half_a_minute_in_both_directions() {
        for (off, expected) in [(-31, 403), (-30, 200), (30, 200), (31, 403)] {
            let line = header(NEW, "/x", NOW + off);
            assert_eq!(status("/x", &[&line]).await.0, expected, "{off}");
        }
    }

    #[tokio::test]
    async fn whoever_watches_may_ask_whether_the_program_lives_and_no_more() {
        assert_eq!(status("/health", &[]).await.0, 200);
        for path in ["/health/deep", "/health/", "/ready", "/metrics", "/", "/api/health"] {
            assert_eq!(status(path, &[]).await.0, 403, "{path}");
        }
    }

    #[test]
    fn a_short_secret_is_no_lock() {
        let env = Env::system();
        let short = [Secret::new("31 letters are not enough, sorry".chars().take(31).collect())];
        assert!(OriginLock::new(env, &short, Arc::new(Counted::default())).is_err());
    }

    proptest! {
        #[test]
        fn any_header_is_refused_without_harm(line in "(t\\.)?[0-9a-f.-]{0,90}") {
            if let Some((seconds, tag)) = parse(&line) {
                let digits = tag.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
                prop_assert_eq!(format!("t.{seconds}.{digits}"), line);
            }
        }
    }
}
