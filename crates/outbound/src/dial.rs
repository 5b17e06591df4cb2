//! New connections.

use crate::address::Reach;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The network, the other side or its certificate.
    #[error("{0}")]
    Connect(&'static str),
    /// The other side may not be where its name leads, or has no name that could be checked.
    #[error("{0}")]
    Address(&'static str),
}

/// The settings of TLS: the roots of Mozilla, nothing of the machine.
pub fn tls_config() -> Result<Arc<ClientConfig>, DialError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| DialError::Connect("TLS cannot be set up"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Connects to the first of the host's addresses that answers, over TLS if there are settings.
pub async fn dial(
    (host, port): (&str, u16),
    reach: Reach,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Io, DialError> {
    let found = lookup_host((host, port)).await.map_err(|_| DialError::Connect("no such host"))?;
    let allowed: Vec<SocketAddr> = found.filter(|address| reach.admits(address.ip())).collect();
    if allowed.is_empty() {
        return Err(DialError::Address("its name leads to where this provider may not be"));
    }
    let stream = first_of(&allowed).await?;
    // Without it, small writes wait for the acknowledgement of earlier ones, 40 ms each time.
    stream.set_nodelay(true).map_err(|_| DialError::Connect("the connection cannot be set up"))?;
    match tls {
        Some(tls) => encrypt(stream, host, tls).await,
        None => Ok(Io::Plain(stream)),
    }
}

async fn first_of(addresses: &[SocketAddr]) -> Result<TcpStream, DialError> {
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(DialError::Connect("nobody answers there"))
}

async fn encrypt(stream: TcpStream, host: &str, tls: &Arc<ClientConfig>) -> Result<Io, DialError> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| DialError::Address("not a name that a certificate can have"))?;
    let stream = TlsConnector::from(tls.clone())
        .connect(name, stream)
        .await
        .map_err(|_| DialError::Connect("no trusted TLS connection"))?;
    Ok(Io::Tls(Box::new(stream)))
}

/// A socket, with or without TLS around it.
pub enum Io {
    /// Without.
    Plain(TcpStream),
    /// With.
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
