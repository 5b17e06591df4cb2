//! One request and its answer.

use super::{
    connect::{Carrier, Line},
    pool::{Outgoing, Pool},
};
use crate::error::LlmError;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// How long to wait for the end of a body after its last piece that means something.
const FOR_THE_END: Duration = Duration::from_millis(50);

/// The head of an answer.
pub(crate) struct Head {
    pub status: StatusCode,
    pub headers: HeaderMap,
}

/// An answer whose body is still coming. Dropping it closes the connection.
pub(crate) struct Reply {
    pub head: Head,
    pool: Arc<Pool>,
    line: Option<Line>,
    body: Incoming,
    received: usize,
    until: Instant,
}

impl Reply {
    /// Sends a request on a connection. If the connection breaks before anything came back, that
    /// is an error of connecting.
    pub(super) async fn begin(
        pool: &Arc<Pool>,
        mut line: Line,
        request: Outgoing,
        deadline: Instant,
    ) -> Result<Self, LlmError> {
        let until = Instant::now() + pool.limits.total;
        let answer = line.sender.send_request(request);
        let response = timeout_at(deadline, drive(&mut line.carrier, answer))
            .await
            .map_err(|_| LlmError::FirstTokenTimeout)?
            .and_then(Result::ok)
            .ok_or(LlmError::Connect("the connection broke before an answer"))?;
        let (parts, body) = response.into_parts();
        let head = Head { status: parts.status, headers: parts.headers };
        Ok(Self { head, pool: pool.clone(), line: Some(line), body, received: 0, until })
    }

    /// The next bytes of the body; none at its end. Nothing for so long is `silent`.
    pub async fn chunk(
        &mut self,
        patience: Instant,
        silent: LlmError,
    ) -> Result<Option<Bytes>, LlmError> {
        loop {
            let Some(line) = &mut self.line else { return Ok(None) };
            let frame = drive(&mut line.carrier, self.body.frame());
            let frame =
                timeout_at(patience.min(self.until), frame).await.map_err(|_| silent.clone())?;
            match frame {
                Some(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    self.received = self.received.saturating_add(bytes.len());
                    if self.received > self.pool.limits.body_bytes {
                        return Err(LlmError::TooLarge);
                    }
                    return Ok(Some(bytes));
                }
                Some(None) => {
                    self.release();
                    return Ok(None);
                }
                Some(Some(Err(_))) | None => return Err(LlmError::Truncated),
            }
        }
    }

    /// The whole body, at most until then.
    pub async fn whole_until(&mut self, patience: Instant) -> Result<Vec<u8>, LlmError> {
        let mut bytes = Vec::new();
        while let Some(more) = self.chunk(patience, LlmError::FirstTokenTimeout).await? {
            bytes.extend_from_slice(&more);
        }
        Ok(bytes)
    }

    /// Nothing more is wanted: if the body ends at once, the connection can be used again.
    pub async fn settle(&mut self) {
        let patience = Instant::now() + FOR_THE_END;
        let end =
            async { while let Ok(Some(_)) = self.chunk(patience, LlmError::IdleTimeout).await {} };
        timeout(FOR_THE_END, end).await.ok();
    }

    fn release(&mut self) {
        let Some(mut line) = self.line.take() else { return };
        // The connection has to see the end of the body before it takes another request.
        let alive = !line.carrier.look();
        if alive && line.sender.is_ready() {
            self.pool.keep(line);
        }
    }
}

/// Runs a connection while something on it is waited for. None if the connection ended first.
async fn drive<F: Future>(carrier: &mut Carrier, wanted: F) -> Option<F::Output> {
    let mut wanted = pin!(wanted);
    poll_fn(|cx| {
        if let Poll::Ready(output) = wanted.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let ended = carrier.work(cx);
        // The connection may have brought it, or have brought its own end.
        match wanted.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if ended => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
