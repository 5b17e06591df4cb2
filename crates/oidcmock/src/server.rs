//! The provider as a server.

use crate::keys::{Algorithm, Header, Key};
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{HeaderMap, StatusCode, Uri, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};
use tokio::sync::oneshot;

/// What a program is called there.
pub const CLIENT: &str = "salus";
/// What proves there that it is this program.
pub const SECRET: &str = "a secret: of salus";
const KID: &str = "first";

/// What a browser brings back.
#[derive(Debug, Clone)]
pub struct Back {
    /// Good for one token.
    pub code: String,
    /// What the program gave along.
    pub state: String,
    /// Who the provider says it is.
    pub iss: String,
}

/// A code, and what belongs to it.
struct Grant {
    token: String,
    challenge: String,
    redirect: String,
}

struct Inner {
    issuer: String,
    keys: Mutex<Vec<Key>>,
    grants: Mutex<HashMap<String, Grant>>,
    asked_for_keys: AtomicUsize,
    asked_for_tokens: AtomicUsize,
    down: AtomicBool,
    names_itself: AtomicBool,
    count: AtomicUsize,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running provider. It ends when it is dropped.
pub struct Mock {
    inner: Arc<Inner>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mock {
    /// Starts one on a free port of this machine.
    ///
    /// # Panics
    /// If it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listens");
        listener.set_nonblocking(true).expect("can wait");
        let address: SocketAddr = listener.local_addr().expect("has an address");
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            keys: Mutex::new(vec![Key::new(Algorithm::ES256, KID)]),
            grants: Mutex::default(),
            asked_for_keys: AtomicUsize::new(0),
            asked_for_tokens: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            names_itself: AtomicBool::new(true),
            count: AtomicUsize::new(0),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("listens");
                tokio::select! {
                    _ = axum::serve(listener, routes) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { inner, stop: Some(stop), thread: Some(thread) }
    }

    /// Who it is.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// Another key, under this name. Tokens are signed with the newest.
    pub fn add_key(&self, algorithm: Algorithm, kid: &str) {
        locked(&self.inner.keys).push(Key::new(algorithm, kid));
    }

    /// From now on it answers with failures, or does not any more.
    pub fn be_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::SeqCst);
    }

    /// Whether it says that it names itself when it sends a browser back.
    pub fn names_itself(&self, does: bool) {
        self.inner.names_itself.store(does, Ordering::SeqCst);
    }

    /// How often it was asked for its keys.
    #[must_use]
    pub fn asked_for_keys(&self) -> usize {
        self.inner.asked_for_keys.load(Ordering::SeqCst)
    }

    /// How often it was asked for a token.
    #[must_use]
    pub fn asked_for_tokens(&self) -> usize {
        self.inner.asked_for_tokens.load(Ordering::SeqCst)
    }

    /// What a good token says of this person now, in seconds, for a browser that was sent here.
    #[must_use]
    pub fn claims(&self, address: &str, person: &str, now: i64) -> Value {
        let mut claims = json!({
            "iss": self.inner.issuer,
            "aud": CLIENT,
            "sub": person,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
        });
        if let (Some(nonce), Some(claims)) = (asked(address).get("nonce"), claims.as_object_mut()) {
            claims.insert("nonce".to_owned(), nonce.as_str().into());
        }
        claims
    }

    /// What a good logout token says: that this person is logged out there, that this log-in of
    /// theirs is, or both.
    #[must_use]
    pub fn logout_claims(&self, sub: Option<&str>, sid: Option<&str>, now: i64) -> Value {
        let jti = format!("logout-{}", self.inner.count.fetch_add(1, Ordering::SeqCst));
        let mut claims = json!({
            "iss": self.inner.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": jti,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        if let Some(claims) = claims.as_object_mut() {
            let named = [("sub", sub), ("sid", sid)].into_iter();
            claims.extend(named.filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        }
        claims
    }

    /// Signs whatever it is told.
    ///
    /// # Panics
    /// If it cannot be signed.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        let keys = locked(&self.inner.keys);
        let key = keys.last().expect("has a key");
        let mut header = Header::new(key.algorithm);
        header.kid = Some(key.kid.clone());
        key.sign(&header, claims)
    }

    /// Signs under this header.
    ///
    /// # Panics
    /// If it cannot be signed.
    #[must_use]
    pub fn token_under(&self, header: &Header, claims: &Value) -> String {
        locked(&self.inner.keys).last().expect("has a key").sign(header, claims)
    }

    /// This person logs in at the address that their browser was sent to.
    #[must_use]
    pub fn log_in(&self, address: &str, person: &str, now: i64) -> Back {
        self.log_in_as(address, &self.claims(address, person, now))
    }

    /// The same, with whatever is said of them.
    #[must_use]
    pub fn log_in_as(&self, address: &str, claims: &Value) -> Back {
        self.give(address, self.token(claims))
    }

    /// The same, with whatever the token is.
    ///
    /// # Panics
    /// If the browser was not sent as the specification wants.
    #[must_use]
    pub fn give(&self, address: &str, token: String) -> Back {
        let asked = asked(address);
        let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!((of("response_type").as_str(), of("client_id").as_str()), ("code", CLIENT));
        assert_eq!(of("code_challenge_method"), "S256");
        assert!(of("scope").split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", self.inner.count.fetch_add(1, Ordering::SeqCst));
        let (challenge, redirect) = (of("code_challenge"), of("redirect_uri"));
        locked(&self.inner.grants).insert(code.clone(), Grant { token, challenge, redirect });
        Back { code, state: of("state"), iss: self.inner.issuer.clone() }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What stands in the query of an address.
fn asked(address: &str) -> HashMap<String, String> {
    let uri: Uri = address.parse().expect("an address");
    pairs(uri.query().unwrap_or_default())
}

fn pairs(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair: Vec<u8> = bytes.by_ref().take(2).collect();
            let pair = String::from_utf8(pair).expect("two digits");
            out.push(u8::from_str_radix(&pair, 16).expect("two digits"));
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).expect("text")
}

type Provider = State<Arc<Inner>>;
type Answer = Result<Json<Value>, StatusCode>;

fn up(inner: &Inner) -> Result<(), StatusCode> {
    let down = inner.down.load(Ordering::SeqCst);
    if down { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(()) }
}

async fn document(State(inner): Provider) -> Answer {
    up(&inner)?;
    let issuer = &inner.issuer;
    Ok(Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "authorization_response_iss_parameter_supported":
            inner.names_itself.load(Ordering::SeqCst),
    })))
}

async fn keys(State(inner): Provider) -> Answer {
    inner.asked_for_keys.fetch_add(1, Ordering::SeqCst);
    up(&inner)?;
    let keys: Vec<Value> = locked(&inner.keys).iter().map(Key::public).collect();
    Ok(Json(json!({ "keys": keys })))
}

async fn token(State(inner): Provider, headers: HeaderMap, body: String) -> Answer {
    const REFUSED: StatusCode = StatusCode::BAD_REQUEST;
    inner.asked_for_tokens.fetch_add(1, Ordering::SeqCst);
    up(&inner)?;
    let form = pairs(&body);
    let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if !knows_secret(&headers) || of("grant_type") != "authorization_code" {
        return Err(StatusCode::UNAUTHORIZED);
    }
    // Each is good for one try.
    let grant = locked(&inner.grants).remove(of("code")).ok_or(REFUSED)?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, of("code_verifier").as_bytes()));
    if challenge != grant.challenge || of("redirect_uri") != grant.redirect {
        return Err(REFUSED);
    }
    Ok(Json(json!({
        "access_token": "of no use",
        "token_type": "Bearer",
        "expires_in": 60,
        "id_token": grant.token,
    })))
}

fn knows_secret(headers: &HeaderMap) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    let shown = shown.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let (client, secret) = shown.split_once(':').unwrap_or_default();
    (decoded(client).as_str(), decoded(secret).as_str()) == (CLIENT, SECRET)
}
