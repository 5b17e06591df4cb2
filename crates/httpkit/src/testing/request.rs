//! Requests as a test writes them, and answers as it reads them.

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use std::net::SocketAddr;
use tower::ServiceExt;

/// A request to be sent.
#[must_use]
pub struct Request {
    router: Router,
    parts: http::request::Builder,
    peer: SocketAddr,
    body: Vec<u8>,
}

impl Request {
    /// To these routes.
    pub fn new(router: Router, method: &str, path: &str) -> Self {
        let parts = http::Request::builder().method(method).uri(path);
        Self { router, parts, peer: SocketAddr::from(([203, 0, 113, 7], 40_000)), body: Vec::new() }
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.parts = self.parts.header(name, value);
        self
    }

    /// As this person, who knows their access token.
    pub fn by(self, login: impl AsRef<str>) -> Self {
        self.token(login.as_ref())
    }

    /// With this access token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// From this address; from somewhere on the internet otherwise.
    pub fn from(mut self, peer: [u8; 4]) -> Self {
        self.peer = SocketAddr::from((peer, 40_000));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With any body.
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE.as_str(), kind)
    }

    /// Sends it.
    ///
    /// # Panics
    /// If the request is not one that HTTP can carry.
    #[expect(clippy::expect_used, reason = "a test that cannot send has failed")]
    pub async fn send(self) -> Answer {
        let mut request = self.parts.body(Body::from(self.body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.oneshot(request).await.expect("routers do not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The stable code of a failure.
    #[must_use]
    pub fn code(&self) -> String {
        let body = self.json();
        body.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Status and stable code of a failure.
    #[must_use]
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.code())
    }

    /// One header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The same answer, if it has this status.
    ///
    /// # Panics
    /// If it has another, with the body.
    #[expect(clippy::return_self_not_must_use, reason = "often the status is all that counts")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}
