//! The protocol: JSON-RPC 2.0 over HTTP, one request after the other.
//!
//! A server is first asked what it knows. One that knows the revision without sessions is asked by that;
//! any other is greeted, and its session taken back at the end. Nothing is repeated: a tool may have
//! done something before its answer was lost.

mod answer;

use crate::model::{Definition, TOOLS};
use answer::{Watch, response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kernel::{Phi, Secret};
use outbound::{DialError, FetchError, Fetcher, Limits, Place};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The revision without sessions.
const STATELESS: &str = "2026-07-28";
/// The last one with sessions.
const GREETED: &str = "2025-11-25";
/// Those that a server which is greeted may speak instead.
const SPOKEN: [&str; 3] = [GREETED, "2025-06-18", "2025-03-26"];
const LIMITS: Limits = Limits { time: Duration::from_secs(20), bytes: 1024 * 1024 };
/// How many pages of tools are read.
const PAGES: usize = 10;
/// The longest name of a session or a page that is sent back.
const NAME_BYTES: usize = 1024;

/// Why a server gave nothing. None of this is something that it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It cannot be reached, or is where it may not be.
    #[error("the server cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("the server took too long")]
    Slow,
    /// It said more than is read.
    #[error("the server said too much")]
    TooMuch,
    /// It wants another key.
    #[error("the server wants another key")]
    Key,
    /// What it said is not the protocol.
    #[error("the server does not speak as agreed")]
    Malformed,
    /// It refused.
    #[error("the server refused")]
    Refused,
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Dial(DialError::Connect(_) | DialError::Address(_))
            | FetchError::Broken => Self::Unreachable,
            FetchError::Timeout => Self::Slow,
            FetchError::TooLarge => Self::TooMuch,
        }
    }
}

/// What came out of a tool.
pub struct Said {
    /// The words of it.
    pub text: Phi<String>,
    /// The tool says itself that it failed.
    pub failed: bool,
}

/// Asks servers.
#[derive(Clone)]
pub struct Client(Fetcher);

impl Client {
    /// With the limits that hold for all of them.
    pub fn new() -> Result<Self, DialError> {
        Fetcher::new(LIMITS).map(Self)
    }

    /// Begins to speak with a server.
    pub async fn open<'a>(
        &'a self,
        place: &'a Place,
        key: Option<&Secret<String>>,
    ) -> Result<Talk<'a>, Failure> {
        let mut headers = HeaderMap::new();
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(header::ACCEPT, both);
        if let Some(key) = key {
            // EXPOSE: the key goes to its server. The header is marked so that nothing prints it.
            let value = HeaderValue::try_from(format!("Bearer {}", key.expose()));
            let mut value = value.map_err(|_| Failure::Key)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let mut talk =
            Talk { fetcher: &self.0, place, headers, revision: Revision::Stateless, asked: 0 };
        match talk.ask("server/discover", json!({}), None).await {
            Ok(known) if knows_stateless(&known) => return Ok(talk),
            Ok(_) | Err(Failure::Refused | Failure::Malformed) => {}
            Err(failure) => return Err(failure),
        }
        talk.greet().await?;
        Ok(talk)
    }
}

fn knows_stateless(known: &Value) -> bool {
    let versions = known.get("supportedVersions").and_then(Value::as_array);
    versions.is_some_and(|all| all.iter().any(|one| one == STATELESS))
}

/// How a server is spoken with.
#[derive(PartialEq, Eq)]
enum Revision {
    Stateless,
    Greeted,
}

/// What goes on with one server.
pub struct Talk<'a> {
    fetcher: &'a Fetcher,
    place: &'a Place,
    headers: HeaderMap,
    revision: Revision,
    asked: u64,
}

impl Talk<'_> {
    /// All tools that it has, as it describes them.
    pub async fn tools(&mut self) -> Result<Vec<Definition>, Failure> {
        let mut found: Vec<Definition> = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let params = page.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
            let mut listed = self.ask("tools/list", params, None).await?;
            let Some(Value::Array(tools)) = listed.get_mut("tools").map(Value::take) else {
                return Err(Failure::Malformed);
            };
            found.extend(tools.into_iter().filter_map(Definition::read));
            if found.len() > TOOLS {
                return Err(Failure::TooMuch);
            }
            match listed.get("nextCursor").and_then(Value::as_str) {
                Some(next) if next.len() > NAME_BYTES => return Err(Failure::TooMuch),
                Some(next) => page = Some(next.to_owned()),
                None => return Ok(found),
            }
        }
        Err(Failure::TooMuch)
    }

    /// Has a tool run.
    pub async fn call(
        &mut self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<Said, Failure> {
        let params = json!({"name": name, "arguments": arguments});
        let said = self.ask("tools/call", params, Some(name)).await?;
        let blocks = said.get("content").and_then(Value::as_array).ok_or(Failure::Malformed)?;
        // Pictures and links are left out: nothing is fetched for a tool.
        let text = |block: &Value| match block.get("type").and_then(Value::as_str) {
            Some("text") => block.get("text").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        };
        let words = blocks.iter().filter_map(text).collect::<Vec<_>>().join("\n\n");
        let failed = said.get("isError").and_then(Value::as_bool).unwrap_or(false);
        Ok(Said { text: Phi::new(words), failed })
    }

    /// Takes a session back, where there is one. That it could not be taken back does no harm.
    pub async fn close(self) {
        if self.revision == Revision::Greeted
            && self.headers.contains_key(SESSION)
            && let Err(error) = self.fetcher.delete(self.place, &self.headers).await
        {
            tracing::debug!(%error, "a session with a server of tools ends by itself");
        }
    }

    /// Begins a session with a server that wants one.
    async fn greet(&mut self) -> Result<(), Failure> {
        self.revision = Revision::Greeted;
        let about = json!({"name": "salus", "version": env!("CARGO_PKG_VERSION")});
        let params = json!({"protocolVersion": GREETED, "capabilities": {}, "clientInfo": about});
        let (greeting, headers) = self.send("initialize", params, None).await?;
        let spoken = greeting.get("protocolVersion").and_then(Value::as_str);
        let spoken = spoken.and_then(|version| SPOKEN.into_iter().find(|one| *one == version));
        self.headers.insert(VERSION, HeaderValue::from_static(spoken.ok_or(Failure::Malformed)?));
        if let Some(session) = headers.get(SESSION) {
            if session.len() > NAME_BYTES {
                return Err(Failure::TooMuch);
            }
            self.headers.insert(SESSION, session.clone());
        }
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let (body, headers) = (Bytes::from(note.to_string()), self.headers.clone());
        let noted = self.fetcher.post_json(self.place, &headers, body, &mut |_| false).await?;
        status(noted.status)
    }

    /// Asks one thing; what the server says to it.
    async fn ask(
        &mut self,
        method: &'static str,
        params: Value,
        name: Option<&str>,
    ) -> Result<Value, Failure> {
        Ok(self.send(method, params, name).await?.0)
    }

    async fn send(
        &mut self,
        method: &'static str,
        mut params: Value,
        name: Option<&str>,
    ) -> Result<(Value, HeaderMap), Failure> {
        self.asked += 1;
        let mut headers = self.headers.clone();
        if self.revision == Revision::Stateless {
            // What is in the body stands in the headers too, for whoever is in between.
            headers.insert(VERSION, HeaderValue::from_static(STATELESS));
            headers.insert(METHOD, HeaderValue::from_static(method));
            if let Some(name) = name {
                let name = HeaderValue::try_from(name).map_err(|_| Failure::Malformed)?;
                headers.insert(NAME, name);
            }
            if let Some(params) = params.as_object_mut() {
                params.insert("_meta".to_owned(), meta());
            }
        }
        let id = self.asked;
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let body = Bytes::from(body.to_string());
        let mut watch = Watch::new(id, LIMITS.bytes);
        let mut more = |whole: &[u8]| watch.wants_more(whole);
        let answer = self.fetcher.post_json(self.place, &headers, body, &mut more).await?;
        let stream = answer.headers.get(header::CONTENT_TYPE);
        let stream = stream.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        match status(answer.status) {
            Ok(()) => Ok((response(&answer.body, stream, id)?, answer.headers)),
            Err(failure) => Err(failure),
        }
    }
}

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// What every request says of who asks, in the revision without sessions.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo":
            {"name": "salus", "version": env!("CARGO_PKG_VERSION")},
    })
}

fn status(status: StatusCode) -> Result<(), Failure> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Failure::Key),
        status if status.is_success() => Ok(()),
        status if status.is_client_error() => Err(Failure::Refused),
        status if status.is_server_error() => Err(Failure::Unreachable),
        // A redirect could lead anywhere.
        _ => Err(Failure::Malformed),
    }
}
