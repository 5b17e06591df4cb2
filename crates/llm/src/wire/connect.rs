//! New connections.

use super::address::Endpoint;
use crate::error::LlmError;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use outbound::{DialError, Io, dial};
use rustls::ClientConfig;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
};

/// A head longer than this is no answer of a model.
const MAX_HEAD: usize = 64 * 1024;

/// A connection, and the way to send on it.
pub(super) struct Line {
    pub sender: SendRequest<Full<Bytes>>,
    pub carrier: Carrier,
}

/// What moves bytes between the socket and whoever waits for them. It works while it is polled.
pub(super) struct Carrier {
    connection: Connection<TokioIo<Io>, Full<Bytes>>,
    ended: bool,
}

impl Carrier {
    /// Moves what can be moved; says whether the connection has ended.
    pub fn work(&mut self, cx: &mut Context<'_>) -> bool {
        self.ended = self.ended || Pin::new(&mut self.connection).poll(cx).is_ready();
        self.ended
    }

    /// The same, once, for a connection that nobody waits for.
    pub fn look(&mut self) -> bool {
        self.work(&mut Context::from_waker(Waker::noop()))
    }
}

/// Connects to the first of its addresses that answers.
pub(super) async fn connect(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
) -> Result<Line, LlmError> {
    let nowhere = LlmError::Address("this provider is not reached over the network");
    let reach = endpoint.reach().ok_or(nowhere)?;
    let tls = endpoint.tls.then_some(tls);
    let io = dial((&endpoint.host, endpoint.port), reach, tls).await?;
    let (sender, connection) = Builder::new()
        .max_header_size(MAX_HEAD)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|_| LlmError::Connect("the connection cannot be set up"))?;
    Ok(Line { sender, carrier: Carrier { connection, ended: false } })
}

impl From<DialError> for LlmError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Connect(why) => Self::Connect(why),
            DialError::Address(why) => Self::Address(why),
        }
    }
}
