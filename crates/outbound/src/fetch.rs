//! One request on a connection of its own, and its whole answer.

use crate::{
    dial::{DialError, dial, tls_config},
    place::Place,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::time::timeout;

/// A head longer than this is not read.
const MAX_HEAD: usize = 64 * 1024;

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the look-up of the name to the end of the answer.
    pub time: Duration,
    /// The largest body of an answer.
    pub bytes: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The answer was longer than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The connection broke, or the answer was none.
    #[error("the connection broke")]
    Broken,
}

/// A whole answer.
pub struct Answer {
    /// Its status. Redirects are answers like others.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Asks others, one request on each connection.
#[derive(Clone)]
pub struct Fetcher {
    limits: Limits,
    tls: Arc<ClientConfig>,
}

impl Fetcher {
    /// With these limits.
    pub fn new(limits: Limits) -> Result<Self, DialError> {
        Ok(Self { limits, tls: tls_config()? })
    }

    /// Reads.
    pub async fn get(&self, place: &Place) -> Result<Answer, FetchError> {
        let request = Request::get(&place.path).header(header::ACCEPT, "application/json");
        self.send(place, request, Bytes::new(), Some(self.limits.bytes)).await
    }

    /// Reads something large, and says while it comes how many bytes are there.
    pub async fn download(
        &self,
        place: &Place,
        seen: &mut (dyn FnMut(usize) + Send),
    ) -> Result<Answer, FetchError> {
        let request = Request::get(&place.path).header(header::ACCEPT, "*/*");
        let mut seen = |whole: &[u8]| {
            seen(whole.len());
            true
        };
        self.send_watched(place, request, (Bytes::new(), Some(self.limits.bytes)), &mut seen).await
    }

    /// Sends JSON with these headers besides, and reads until `more` says that there is enough: an
    /// answer may be a stream that has no end of its own.
    pub async fn post_json(
        &self,
        place: &Place,
        headers: &HeaderMap,
        body: Bytes,
        more: &mut (dyn FnMut(&[u8]) -> bool + Send),
    ) -> Result<Answer, FetchError> {
        let mut request =
            Request::post(&place.path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.send_watched(place, request, (body, Some(self.limits.bytes)), more).await
    }

    /// Takes something back that these headers name.
    pub async fn delete(
        &self,
        place: &Place,
        headers: &HeaderMap,
    ) -> Result<StatusCode, FetchError> {
        let mut request = Request::delete(&place.path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(self.send(place, request, Bytes::new(), None).await?.status)
    }

    /// Sends a form that is encoded already, with these headers besides.
    pub async fn post_form(
        &self,
        place: &Place,
        headers: &HeaderMap,
        form: Bytes,
    ) -> Result<Answer, FetchError> {
        let mut request = Request::post(&place.path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.send(place, request, form, Some(self.limits.bytes)).await
    }

    /// Tells something, with these headers; how it was taken, and nothing that is said beyond that.
    pub async fn tell(
        &self,
        place: &Place,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, FetchError> {
        let mut request = Request::post(&place.path);
        if let Some(own) = request.headers_mut() {
            *own = headers;
        }
        Ok(self.send(place, request, body, None).await?.status)
    }

    async fn send(
        &self,
        place: &Place,
        head: http::request::Builder,
        body: Bytes,
        read: Option<usize>,
    ) -> Result<Answer, FetchError> {
        self.send_watched(place, head, (body, read), &mut |_| true).await
    }

    /// The body of the answer is read up to so many bytes, or not at all.
    async fn send_watched(
        &self,
        place: &Place,
        head: http::request::Builder,
        (body, read): (Bytes, Option<usize>),
        more: &mut (dyn FnMut(&[u8]) -> bool + Send),
    ) -> Result<Answer, FetchError> {
        let request = head.header(header::HOST, place.authority()).body(Full::new(body));
        let request = request.map_err(|_| FetchError::Broken)?;
        timeout(self.limits.time, self.exchange(place, request, (read, more)))
            .await
            .map_err(|_| FetchError::Timeout)?
    }

    async fn exchange(
        &self,
        place: &Place,
        request: Request<Full<Bytes>>,
        reading: Reading<'_>,
    ) -> Result<Answer, FetchError> {
        let tls = place.tls.then_some(&self.tls);
        let io = dial((&place.host, place.port), place.reach, tls).await?;
        let (sender, connection) = Builder::new()
            .max_header_size(MAX_HEAD)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|_| FetchError::Broken)?;
        // The connection works while it is polled; no task of its own keeps it alive.
        let mut answer = pin!(whole(sender, request, reading));
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            _ = connection => {}
        }
        // It ended, and may have brought everything before.
        answer.await
    }
}

/// How much of an answer is read, and who hears what is there and says whether to go on.
type Reading<'a> = (Option<usize>, &'a mut (dyn FnMut(&[u8]) -> bool + Send));

async fn whole(
    mut sender: SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    (read, more): Reading<'_>,
) -> Result<Answer, FetchError> {
    let response = sender.send_request(request).await.map_err(|_| FetchError::Broken)?;
    let (head, mut body) = response.into_parts();
    let (status, headers) = (head.status, head.headers);
    let Some(most) = read else { return Ok(Answer { status, headers, body: Bytes::new() }) };
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| FetchError::Broken)?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > most {
            return Err(FetchError::TooLarge);
        }
        whole.extend_from_slice(&data);
        if !more(&whole) {
            break;
        }
    }
    Ok(Answer { status, headers, body: whole.freeze() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    const LIMITS: Limits = Limits { time: Duration::from_secs(5), bytes: 1000 };

    /// Asks a server that answers these bytes and closes.
    async fn answered(bytes: &'static [u8], limits: Limits) -> Result<Answer, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let place = Place::parse(&format!("http://127.0.0.1:{port}/a"), Reach::Own).unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).await.unwrap();
            assert!(asked[..length].starts_with(b"GET /a HTTP/1.1\r\n"));
            if bytes.is_empty() {
                std::future::pending::<()>().await;
            }
            stream.write_all(bytes).await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let fetcher = Fetcher::new(limits).unwrap();
        let fetch = async { fetcher.get(&place).await };
        let mut serve = pin!(serve);
        tokio::select! {
            answer = fetch => answer,
            () = async { serve.as_mut().await; std::future::pending().await } => unreachable!(),
        }
    }

    #[tokio::test]
    async fn an_answer_is_whole_even_where_the_connection_ends_with_it() {
        let answer = answered(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello", LIMITS).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"hello"[..]));
    }

    #[tokio::test]
    async fn a_stream_without_an_end_is_read_until_there_is_enough() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a", listener.local_addr().unwrap());
        let place = Place::parse(&url, Reach::Own).unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = stream.read(&mut [0; 1024]).await.unwrap();
            assert!(asked > 0);
            let bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\nx-name: seven\r\n\r\none two";
            stream.write_all(bytes).await.unwrap();
            std::future::pending::<()>().await;
        };
        let fetcher = Fetcher::new(LIMITS).unwrap();
        let mut more = |whole: &[u8]| !whole.ends_with(b"two");
        let (headers, body) = (HeaderMap::new(), Bytes::from_static(b"{}"));
        let answer = tokio::select! {
            answer = fetcher.post_json(&place, &headers, body, &mut more) => answer.unwrap(),
            () = serve => unreachable!(),
        };
        assert_eq!(
            (&answer.body[..], &answer.headers["x-name"] == "seven"),
            (&b"one two"[..], true)
        );
    }

    #[tokio::test]
    async fn a_redirect_is_followed_nowhere() {
        let redirect =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(answered(redirect, LIMITS).await.unwrap().status, StatusCode::FOUND);
    }

    #[tokio::test]
    async fn what_is_too_long_too_late_or_broken_is_told_apart() {
        let small = Limits { bytes: 4, ..LIMITS };
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(answered(answer, small).await.err(), Some(FetchError::TooLarge));
        let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello";
        assert_eq!(answered(cut, LIMITS).await.err(), Some(FetchError::Broken));
        let short = Limits { time: Duration::from_millis(50), ..LIMITS };
        assert_eq!(answered(b"", short).await.err(), Some(FetchError::Timeout));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_followed() {
        let place = Place::parse("https://localhost:1/", Reach::Public).unwrap();
        let refused = Fetcher::new(LIMITS).unwrap().get(&place).await.err();
        assert!(matches!(refused, Some(FetchError::Dial(DialError::Address(_)))), "{refused:?}");
    }
}
