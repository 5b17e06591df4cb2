//! Connections: accepted, bounded, and brought to a good end when the program stops.

use crate::{
    crowd::{Crowd, Place},
    proxy::TrustedProxies,
};
use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
};
use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// Bounds of the connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// How many may be open at once; more wait to be accepted.
    pub connections: usize,
    /// How many of them may be those of one client; more are closed at once.
    pub per_client: usize,
    /// Peers whose connections carry many clients, and are not counted so.
    pub proxies: TrustedProxies,
    /// How long a client may take to send the head of a request.
    pub header_read: Duration,
    /// How many header fields a request may have.
    pub headers: usize,
    /// How many bytes the head of a request may have.
    pub header_bytes: u32,
    /// How many requests one HTTP/2 connection may have open at once.
    pub streams: u32,
    /// How long open requests may go on once the program has to stop.
    pub drain: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_client: 512,
            proxies: TrustedProxies::default(),
            header_read: Duration::from_secs(10),
            headers: 100,
            header_bytes: 64 * 1024,
            streams: 128,
            drain: Duration::from_secs(20),
        }
    }
}

/// Serves until `shutdown` is ready, then accepts nobody and lets open requests finish. Gives the
/// number of connections that had to be cut at the end of the drain time.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    shutdown: impl Future<Output = ()>,
    config: ServeConfig,
) -> usize {
    let builder = Arc::new(builder(&config));
    let places = Arc::new(Semaphore::new(config.connections));
    let crowd = Crowd::new(config.per_client);
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while tasks.try_join_next().is_some() {}
        if let Some((stream, peer, place)) = accepted {
            let counted = !config.proxies.trusts(peer.ip());
            let mine = counted.then(|| crowd.enter(peer.ip()));
            if let Some(None) = mine {
                tracing::debug!(target: "salus::http", "a client has too many connections");
                continue;
            }
            let connection = Connection {
                builder: builder.clone(),
                watcher: graceful.watcher(),
                routes: routes.clone(),
                first_head: config.header_read,
                _places: (place, mine.flatten()),
            };
            tasks.spawn(connection.run(stream, peer));
        }
    }
    drop(listener);
    let _ = timeout(config.drain, graceful.shutdown()).await;
    while tasks.try_join_next().is_some() {}
    let cut = tasks.len();
    tasks.shutdown().await;
    cut
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small answers must not wait for the acknowledgement of earlier ones.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(target: "salus::http", %error, "TCP_NODELAY cannot be set");
            }
            Some((stream, peer, place))
        }
        Err(error) => {
            // Most likely there are no file descriptors left: trying again at once would only
            // burn time that open connections need to end.
            tracing::warn!(target: "salus::http", %error, "a connection cannot be accepted");
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn builder(config: &ServeConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_read)
        .max_headers(config.headers)
        .max_buf_size(usize::try_from(config.header_bytes).unwrap_or(usize::MAX).max(8 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(config.header_bytes)
        .max_concurrent_streams(config.streams)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

struct Connection {
    builder: Arc<Builder<TokioExecutor>>,
    watcher: Watcher,
    routes: Router,
    first_head: Duration,
    _places: (OwnedSemaphorePermit, Option<Place>),
}

impl Connection {
    async fn run(self, stream: TcpStream, peer: SocketAddr) {
        let asked = Arc::new(AtomicBool::new(false));
        let service = {
            let (asked, routes) = (asked.clone(), self.routes);
            hyper::service::service_fn(move |request| {
                asked.store(true, Ordering::Relaxed);
                answer(routes.clone(), request, peer)
            })
        };
        let io = TokioIo::new(stream);
        let connection = self.builder.serve_connection_with_upgrades(io, service);
        let mut connection = pin!(self.watcher.watch(connection));
        // Until it has seen the first bytes, the builder waits for ever to learn which version
        // of HTTP they are. A client that says nothing, or half a greeting, is left here.
        let early = timeout(self.first_head, &mut connection).await;
        let ended = match early {
            Ok(ended) => ended,
            Err(_) if asked.load(Ordering::Relaxed) => connection.await,
            Err(_) => return,
        };
        if let Err(error) = ended {
            tracing::debug!(target: "salus::http", %error, "a connection broke");
        }
    }
}

async fn answer(
    routes: Router,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    routes.oneshot(request).await
}
