//! Answers that come as events, one after the other, over one open request.

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, stream};
use http::{
    HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use std::{convert::Infallible, pin::pin, time::Duration};
use tokio::time::timeout;

/// After this long a silence something is sent, so that nobody in between takes the connection for
/// a dead one.
const SILENCE: Duration = Duration::from_secs(15);
/// A comment: clients skip it.
const ALIVE: Bytes = Bytes::from_static(b": alive\n\n");

/// Events that are written already, as an answer. Each item is sent at once, by itself.
pub struct EventAnswer<S>(pub S);

impl<S: Stream<Item = Bytes> + Send + 'static> IntoResponse for EventAnswer<S> {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
            // Proxies of the nginx kind would wait for more otherwise.
            (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        ];
        let events = kept_alive(self.0).map(Ok::<_, Infallible>);
        (headers, Body::from_stream(events)).into_response()
    }
}

fn kept_alive(
    events: impl Stream<Item = Bytes> + Send + 'static,
) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(events.boxed(), async |mut events| {
        match timeout(SILENCE, pin!(events.next())).await {
            Ok(event) => event.map(|event| (event, events)),
            Err(_) => Some((ALIVE, events)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test(start_paused = true)]
    async fn silence_is_filled_and_words_are_passed_on() {
        let quiet = stream::once(async {
            tokio::time::sleep(Duration::from_secs(40)).await;
            Bytes::from_static(b"event: done\ndata: {}\n\n")
        });
        let answer = EventAnswer(quiet).into_response();
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&bytes[..], b": alive\n\n: alive\n\nevent: done\ndata: {}\n\n");
    }
}
