//! New connections.

use super::address::Endpoint;
use crate::error::LlmError;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

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

/// The settings of TLS: the roots of Mozilla, nothing of the machine.
pub(super) fn tls_config() -> Result<Arc<ClientConfig>, LlmError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| LlmError::Connect("TLS cannot be set up"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Connects to the first of its addresses that answers.
pub(super) async fn connect(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
) -> Result<Line, LlmError> {
    let found = lookup_host((endpoint.host.as_str(), endpoint.port))
        .await
        .map_err(|_| LlmError::Connect("no such host"))?;
    let allowed: Vec<SocketAddr> =
        found.filter(|address| endpoint.may_be_at(address.ip())).collect();
    if allowed.is_empty() {
        return Err(LlmError::Address("its name leads to where this provider may not be"));
    }
    let stream = reach(&allowed).await?;
    // Without it, small writes wait for the acknowledgement of earlier ones, 40 ms each time.
    stream.set_nodelay(true).map_err(|_| LlmError::Connect("the connection cannot be set up"))?;
    let io = if endpoint.tls { encrypt(stream, endpoint, tls).await? } else { Io::Plain(stream) };
    let (sender, connection) = Builder::new()
        .max_header_size(MAX_HEAD)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|_| LlmError::Connect("the connection cannot be set up"))?;
    Ok(Line { sender, carrier: Carrier { connection, ended: false } })
}

async fn reach(addresses: &[SocketAddr]) -> Result<TcpStream, LlmError> {
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(LlmError::Connect("nobody answers there"))
}

async fn encrypt(
    stream: TcpStream,
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
) -> Result<Io, LlmError> {
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|_| LlmError::Address("not a name that a certificate can have"))?;
    let stream = TlsConnector::from(tls.clone())
        .connect(name, stream)
        .await
        .map_err(|_| LlmError::Connect("no trusted TLS connection"))?;
    Ok(Io::Tls(Box::new(stream)))
}

/// A socket, with or without TLS around it.
pub(super) enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
