//! One thing sent to a place that is no model, under the same rules: for calls of other crates.

use super::{
    address::Endpoint,
    pool::{Limits, Pool},
};
use crate::error::LlmError;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Sends this with POST and answers how it was taken; what the answer says beyond that is not
/// read. No redirect is followed, nothing is sent twice, and after `patience` it is over.
pub async fn post(
    endpoint: Endpoint,
    path: &str,
    (headers, body): (HeaderMap, Bytes),
    patience: Duration,
) -> Result<StatusCode, LlmError> {
    let limits = Limits { connect: patience, total: patience, kept: 0, ..Limits::default() };
    let mut head = Request::post("/");
    if let Some(own) = head.headers_mut() {
        *own = headers;
    }
    let sent = async {
        let pool = Pool::new(endpoint, limits)?;
        let reply = pool.send(head, path, body, Instant::now() + patience).await?;
        Ok::<_, LlmError>(reply.head.status)
    };
    timeout(patience, sent).await.map_err(|_| LlmError::FirstTokenTimeout)?
}
