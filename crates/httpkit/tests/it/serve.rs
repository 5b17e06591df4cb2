//! Connections as they really are.

use crate::world::World;
use axum::{Router, extract::ConnectInfo, routing::get};
use httpkit::{ServeConfig, proxy::TrustedProxies, serve};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::timeout,
};

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    cut: JoinHandle<usize>,
    entered: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Running {
    async fn start(config: ServeConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inside, wait) = (entered.clone(), go_on.clone());
        let slow = get(async move || {
            inside.notify_one();
            wait.notified().await;
            "done"
        });
        let routes = Router::new()
            .route(
                "/peer",
                get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()),
            )
            .route("/slow", slow);
        let routes = World::new().around(routes).0;
        let shutdown = async {
            let _ = stopped.await;
        };
        #[expect(clippy::disallowed_methods, reason = "the test awaits it at its end")]
        let cut = tokio::spawn(serve(listener, routes, shutdown, config));
        Self { address, stop: Some(stop), cut, entered, go_on }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Everything up to the end of the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset instead of an orderly end is an end, too; no end at all is a failure.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

const CLOSE: &str = "Host: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered_and_knows_its_peer() {
    let mut running = Running::start(ServeConfig::default()).await;
    let mut stream = running.connect().await;
    say(&mut stream, &format!("GET /peer HTTP/1.1\r\n{CLOSE}")).await;
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");
    assert!(answer.contains("x-request-id: "), "{answer}");
    running.stop();
    assert_eq!(running.cut.await.unwrap(), 0);
}

#[tokio::test]
async fn http_2_is_spoken_with_those_who_greet_so() {
    let running = Running::start(ServeConfig::default()).await;
    let mut stream = running.connect().await;
    say(&mut stream, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the first frame of a server is its settings");
}

#[tokio::test]
async fn who_never_finishes_its_greeting_is_left() {
    let config = ServeConfig { header_read: Duration::from_millis(50), ..ServeConfig::default() };
    let running = Running::start(config).await;
    for beginning in ["", "PRI * HT", "GET /peer HTTP/1.1\r\nHost: local"] {
        let mut stream = running.connect().await;
        say(&mut stream, beginning).await;
        let answer = rest(&mut stream).await;
        assert!(!answer.contains("200 OK"), "{beginning}: {answer}");
    }
}

#[tokio::test]
async fn heads_are_bounded_in_size_and_number() {
    let running = Running::start(ServeConfig::default()).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(70_000));
    let many = "X-Same: 1\r\n".repeat(101);
    for headers in [long, many] {
        let mut stream = running.connect().await;
        let request = format!("GET /peer HTTP/1.1\r\n{headers}{CLOSE}");
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = rest(&mut stream).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_that_is_open_at_shutdown_is_finished() {
    let mut running = Running::start(ServeConfig::default()).await;
    let mut stream = running.connect().await;
    say(&mut stream, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    running.entered.notified().await;
    running.stop();
    running.go_on.notify_one();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    assert_eq!(running.cut.await.unwrap(), 0);
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_shutdown() {
    let mut running = Running::start(ServeConfig::default()).await;
    let mut stream = running.connect().await;
    say(&mut stream, "GET /peer HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut some = [0; 64];
    assert!(stream.read(&mut some).await.unwrap() > 0);
    running.stop();
    assert_eq!(running.cut.await.unwrap(), 0);
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_at_the_deadline() {
    let config = ServeConfig { drain: Duration::from_millis(20), ..ServeConfig::default() };
    let mut running = Running::start(config).await;
    let mut stream = running.connect().await;
    say(&mut stream, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    running.entered.notified().await;
    running.stop();
    assert_eq!(running.cut.await.unwrap(), 1);
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let running = Running::start(ServeConfig { connections: 1, ..ServeConfig::default() }).await;
    let mut first = running.connect().await;
    say(&mut first, &format!("GET /slow HTTP/1.1\r\n{CLOSE}")).await;
    running.entered.notified().await;
    let mut second = running.connect().await;
    say(&mut second, &format!("GET /peer HTTP/1.1\r\n{CLOSE}")).await;
    let early = timeout(Duration::from_millis(50), second.readable()).await;
    assert!(early.is_err(), "the second has to wait");
    running.go_on.notify_one();
    assert!(rest(&mut first).await.ends_with("done"));
    assert!(rest(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn one_client_cannot_take_the_places_of_all() {
    let config = ServeConfig { connections: 2, per_client: 1, ..ServeConfig::default() };
    let running = Running::start(config).await;
    let mut first = running.connect().await;
    say(&mut first, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    running.entered.notified().await;
    let mut second = running.connect().await;
    let _ = second.write_all(format!("GET /peer HTTP/1.1\r\n{CLOSE}").as_bytes()).await;
    assert_eq!(rest(&mut second).await, "", "closed without an answer");
    running.go_on.notify_one();
    first.shutdown().await.unwrap();
    assert!(rest(&mut first).await.ends_with("done"));
}

#[tokio::test]
async fn the_connections_of_a_trusted_proxy_are_those_of_many() {
    let proxies = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    let config = ServeConfig { per_client: 1, proxies, ..ServeConfig::default() };
    let running = Running::start(config).await;
    let _first = running.connect().await;
    let mut second = running.connect().await;
    say(&mut second, &format!("GET /peer HTTP/1.1\r\n{CLOSE}")).await;
    assert!(rest(&mut second).await.starts_with("HTTP/1.1 200"));
}
