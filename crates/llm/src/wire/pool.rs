//! Connections that wait to be used again, and how long anything may take.

use super::{
    address::Endpoint,
    connect::{Line, connect},
    exchange::Reply,
};
use crate::error::LlmError;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use rustls::ClientConfig;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// From the request to the first piece of the answer; an answer that does not stream has as
    /// long for all of it. Local servers may have to load the model first.
    pub first_token: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For a whole answer.
    pub total: Duration,
    /// The largest body of an answer.
    pub body_bytes: usize,
    /// The largest single event of a stream.
    pub event_bytes: usize,
    /// Connections that are kept for later.
    pub kept: usize,
    /// How long one is kept.
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_token: Duration::from_mins(2),
            idle: Duration::from_mins(1),
            total: Duration::from_mins(15),
            body_bytes: 32 << 20,
            event_bytes: 4 << 20,
            kept: 32,
            keep: Duration::from_secs(45),
        }
    }
}

/// The connections to one provider.
pub(crate) struct Pool {
    endpoint: Endpoint,
    pub(super) limits: Limits,
    tls: Arc<ClientConfig>,
    waiting: Mutex<Vec<(Instant, Line)>>,
}

impl Pool {
    pub fn new(endpoint: Endpoint, limits: Limits) -> Result<Arc<Self>, LlmError> {
        let waiting = Mutex::new(Vec::new());
        Ok(Arc::new(Self { endpoint, limits, tls: outbound::tls_config()?, waiting }))
    }

    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends a request and waits for the head of the answer, at most until `deadline`.
    pub async fn send(
        self: &Arc<Self>,
        head: http::request::Builder,
        path: &str,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Reply, LlmError> {
        let request = head
            .uri(self.endpoint.path(path))
            .header(http::header::HOST, self.endpoint.authority())
            .body(Full::new(body))
            .map_err(|_| LlmError::Unsupported("a header cannot be sent"))?;
        if let Some(line) = self.take() {
            // The server may have closed it a moment ago. Then nothing came back, and the request
            // is sent once more on a new connection; a model's answer has no other effects.
            match Reply::begin(self, line, request.clone(), deadline).await {
                Err(LlmError::Connect(_)) => {}
                other => return other,
            }
        }
        let line = self.connect().await?;
        Reply::begin(self, line, request, deadline).await
    }

    async fn connect(&self) -> Result<Line, LlmError> {
        timeout(self.limits.connect, connect(&self.endpoint, &self.tls))
            .await
            .map_err(|_| LlmError::ConnectTimeout)?
    }

    /// The connection that was used last, if it still lives.
    fn take(&self) -> Option<Line> {
        loop {
            let (since, mut line) =
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            // What the server did meanwhile is only seen when it is looked at.
            let closed = line.carrier.look();
            if !closed && since.elapsed() < self.limits.keep && line.sender.is_ready() {
                return Some(line);
            }
        }
    }

    /// Keeps a connection for later.
    pub(super) fn keep(&self, line: Line) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(since, _)| since.elapsed() < self.limits.keep);
        if waiting.len() < self.limits.kept {
            waiting.push((Instant::now(), line));
        }
    }
}

/// A request as it goes out.
pub(super) type Outgoing = Request<Full<Bytes>>;
