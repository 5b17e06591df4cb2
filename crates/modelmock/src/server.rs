//! As much of an HTTP/1.1 server as a client of models needs, with full control over every byte.

use serde_json::Value;
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::LocalSet,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `POST`.
    pub method: String,
    /// `/v1/chat/completions`, with the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; null if it is no JSON.
    pub body: Value,
}

impl Asked {
    /// The value of a header, empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }
}

/// One thing that the server does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends these bytes of the body.
    Write(Vec<u8>),
    /// Waits so long.
    Wait(Duration),
    /// Waits until the client has gone.
    Hang,
    /// Closes the connection in the middle of the body.
    Break,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Script {
    /// The status.
    pub status: u16,
    /// Headers, beside those that the server needs.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub steps: Vec<Step>,
}

impl Script {
    /// A stream of events in these pieces.
    #[must_use]
    pub fn stream(pieces: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let steps = pieces.into_iter().map(|piece| Step::Write(piece.into())).collect();
        let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        Self { status: 200, headers, steps }
    }

    /// A body of JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, steps: vec![Step::Write(body.to_string().into_bytes())] }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With one more step.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

type Answer = Box<dyn Fn(&Asked) -> Script + Send + Sync>;

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    gone: Mutex<Vec<Instant>>,
    changed: Notify,
    keep: bool,
}

/// A running server. It ends when it is dropped.
pub struct Mock {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mock {
    /// Starts one on a free port of this machine.
    pub fn start(answer: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> io::Result<Self> {
        Self::run(Box::new(answer), true)
    }

    /// The same, without remembering what was asked: for measurements.
    pub fn start_forgetful(
        answer: impl Fn(&Asked) -> Script + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::run(Box::new(answer), false)
    }

    fn run(answer: Answer, keep: bool) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen { keep, ..Seen::default() });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let theirs = seen.clone();
        let thread = std::thread::spawn(move || {
            let serve = serve(listener, answer, theirs);
            runtime.block_on(LocalSet::new().run_until(async {
                tokio::select! {
                    _ = serve => {}
                    _ = stopped => {}
                }
            }));
        });
        Ok(Self { address, seen, stop: Some(stop), thread: Some(thread) })
    }

    /// Its address: `http://127.0.0.1:4711`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections were made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Waits until clients have gone from so many answers that were not complete, and gives the
    /// moment when the last of them was seen to be gone.
    pub async fn gone(&self, count: usize) -> Instant {
        loop {
            let changed = self.seen.changed.notified();
            if let Some(moment) =
                self.seen.gone.lock().unwrap_or_else(PoisonError::into_inner).get(count - 1)
            {
                return *moment;
            }
            changed.await;
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn serve(listener: std::net::TcpListener, answer: Answer, seen: Arc<Seen>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let answer = Arc::new(answer);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let (answer, seen) = (answer.clone(), seen.clone());
        // They end with the thread of the server.
        tokio::task::spawn_local(async move {
            let connection = Connection { stream, read: Vec::new() };
            connection.serve(&answer, &seen).await.ok();
        });
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn serve(mut self, answer: &Answer, seen: &Seen) -> io::Result<()> {
        while let Some(asked) = self.request().await? {
            let script = answer(&asked);
            if seen.keep {
                seen.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            }
            if let Err(error) = self.play(script).await {
                seen.gone.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
                seen.changed.notify_waiters();
                return Err(error);
            }
        }
        Ok(())
    }

    /// The next request; none if the client has closed the connection.
    async fn request(&mut self) -> io::Result<Option<Asked>> {
        loop {
            if let Some((head, length, mut asked)) = parse(&self.read)? {
                while self.read.len() < head + length {
                    if self.stream.read_buf(&mut self.read).await? == 0 {
                        return Ok(None);
                    }
                }
                let body = self.read.get(head..head + length).unwrap_or_default();
                asked.body = serde_json::from_slice(body).unwrap_or_default();
                self.read.drain(..head + length);
                return Ok(Some(asked));
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn play(&mut self, script: Script) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} X\r\ntransfer-encoding: chunked\r\n", script.status);
        for (name, value) in &script.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        for step in script.steps {
            match step {
                Step::Write(bytes) if bytes.is_empty() => {}
                Step::Write(bytes) => {
                    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                    chunk.extend_from_slice(&bytes);
                    chunk.extend_from_slice(b"\r\n");
                    self.stream.write_all(&chunk).await?;
                }
                Step::Wait(time) => {
                    tokio::select! {
                        () = tokio::time::sleep(time) => {}
                        () = left(&self.stream) => return Err(io::ErrorKind::BrokenPipe.into()),
                    }
                }
                Step::Hang => {
                    left(&self.stream).await;
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
                Step::Break => {
                    self.stream.shutdown().await?;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
            }
        }
        self.stream.write_all(b"0\r\n\r\n").await
    }
}

/// Waits until the client closes the connection.
async fn left(stream: &TcpStream) {
    let mut byte = [0];
    loop {
        match stream.peek(&mut byte).await {
            Ok(0) | Err(_) => return,
            Ok(_) => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

/// The head of a request, if it is there as a whole: its length, that of the body, and what it says.
fn parse(bytes: &[u8]) -> io::Result<Option<(usize, usize, Asked)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    let httparse::Status::Complete(head) = parsed else { return Ok(None) };
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_ascii_lowercase(), value)
        })
        .collect();
    let asked = Asked {
        method: request.method.unwrap_or_default().to_owned(),
        path: request.path.unwrap_or_default().to_owned(),
        headers,
        body: Value::Null,
    };
    let length = asked.header("content-length").parse().unwrap_or(0);
    Ok(Some((head, length, asked)))
}
