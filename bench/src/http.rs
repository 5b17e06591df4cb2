//! As little of an HTTP client as the measurements need: one connection that stays open. What a
//! client costs is taken from the server's processor time, so this one costs next to nothing.

use crate::{Failure, load::Client};
use async_trait::async_trait;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends these bytes and reads the answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(self.read.get(..head).unwrap_or_default()).into_owned();
        let mut words = text.split_whitespace();
        let status = words.nth(1).and_then(|word| word.parse().ok()).ok_or("no status")?;
        let length = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        };
        let length: usize = text.lines().find_map(length).unwrap_or(0);
        while self.read.len() < head + length {
            self.more().await?;
        }
        Ok(Answer { status, body: self.read.get(head..).unwrap_or_default().to_vec() })
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }

    /// Sends JSON and reads JSON.
    pub async fn json(
        &mut self,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: Option<&serde_json::Value>,
    ) -> Result<serde_json::Value, Failure> {
        let body = body.map(ToString::to_string);
        let answer = self.ask(&request((method, path), token, body.as_deref())).await?;
        let value: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status >= 300 {
            return Err(format!("{method} {path}: {} {value}", answer.status).into());
        }
        Ok(value)
    }
}

/// The bytes of a request.
#[must_use]
pub fn request((method, path): (&str, &str), token: Option<&str>, body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for line in [
        token.map(|token| format!("authorization: Bearer {token}\r\n")),
        body.map(|body| {
            format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
        }),
    ] {
        text.extend(line);
    }
    text.push_str("\r\n");
    text.extend(body);
    text.into_bytes()
}

/// A client that sends the same requests in turn.
pub struct Repeated {
    connection: Connection,
    requests: Arc<[Vec<u8>]>,
    next: usize,
}

impl Repeated {
    /// Over a connection of its own.
    pub async fn open(address: SocketAddr, requests: Arc<[Vec<u8>]>) -> Result<Self, Failure> {
        Ok(Self { connection: Connection::open(address).await?, requests, next: 0 })
    }
}

#[async_trait]
impl Client for Repeated {
    async fn call(&mut self) -> Result<(), Failure> {
        let request = self.requests.get(self.next % self.requests.len()).ok_or("no request")?;
        self.next += 1;
        match self.connection.ask(request).await? {
            Answer { status: 200..300, .. } => Ok(()),
            Answer { status, body } => {
                Err(format!("{status} {}", String::from_utf8_lossy(&body)).into())
            }
        }
    }
}
