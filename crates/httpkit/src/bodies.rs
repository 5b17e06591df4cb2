//! How many bytes of long bodies are held at once, over all clients.
//!
//! A route bounds one body and a crowd one client, but many clients with large files could still
//! fill the memory together. The first bytes of each body are free, so that nobody who writes a
//! message or asks for help is turned away because of somebody else's file.

use crate::{error::ApiError, limits::TooMany};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

/// Bytes of each body that are not counted.
const FREE: usize = 64 * 1024;
/// Bytes of all bodies beyond those.
const MOST: usize = 192 * 1024 * 1024;
/// When someone who found no room may try again.
const LATER: Duration = Duration::from_secs(5);

/// Counts what all requests hold. Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Bodies(Arc<Total>);

#[derive(Debug)]
struct Total {
    most: usize,
    held: AtomicUsize,
}

/// What one request holds, until its handler is through with it.
#[derive(Debug)]
pub(crate) struct Share {
    total: Arc<Total>,
    bytes: AtomicUsize,
    refused: AtomicBool,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Bodies {
    fn new(most: usize) -> Self {
        Self(Arc::new(Total { most, held: AtomicUsize::new(0) }))
    }

    fn share(&self) -> Share {
        let total = Arc::clone(&self.0);
        Share { total, bytes: AtomicUsize::new(0), refused: AtomicBool::new(false) }
    }
}

impl Share {
    /// Counts what has come; `false` if there is no room for it.
    fn take(&self, more: usize) -> bool {
        let before = self.bytes.fetch_add(more, Ordering::Relaxed);
        let counted = (before + more).saturating_sub(FREE) - before.saturating_sub(FREE);
        let held = self.total.held.fetch_add(counted, Ordering::Relaxed) + counted;
        let fits = counted == 0 || held <= self.total.most;
        self.refused.fetch_or(!fits, Ordering::Relaxed);
        fits
    }

    /// What to answer if this is why a body could not be read.
    pub(crate) fn refusal(&self) -> Option<ApiError> {
        self.refused.load(Ordering::Relaxed).then(|| TooMany(LATER).into())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let counted = self.bytes.load(Ordering::Relaxed).saturating_sub(FREE);
        self.total.held.fetch_sub(counted, Ordering::Relaxed);
    }
}

/// Middleware: counts the body of a request while it is read, and what was read while it is held.
pub(crate) async fn bound(bodies: Bodies, request: Request, next: Next) -> Response {
    let share = Arc::new(bodies.share());
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Arc::clone(&share));
    let body = Body::new(Counted { body, share: Arc::clone(&share) });
    let response = next.run(Request::from_parts(parts, body)).await;
    drop(share);
    response
}

/// A body that is counted as it comes.
struct Counted {
    body: Body,
    share: Arc<Share>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => 0,
        };
        if self.share.take(bytes) {
            return Poll::Ready(frame);
        }
        Poll::Ready(Some(Err(axum::Error::new(TooMany(LATER)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bodies_share_one_room_and_short_ones_need_none() {
        let bodies = Bodies::new(100_000);
        let first = bodies.share();
        assert!(first.take(FREE) && first.take(60_000));
        let second = bodies.share();
        assert!(second.take(FREE), "the first bytes are free");
        assert!(!second.take(60_000) && second.refusal().is_some());
        assert!(bodies.share().take(1_000), "also when there is no room left");
        drop(second);
        let third = bodies.share();
        assert!(third.take(FREE + 40_000) && third.refusal().is_none());
        drop((first, third));
        assert_eq!(bodies.0.held.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn who_finds_no_room_is_told_to_come_back_and_the_room_is_given_back() {
        use axum::{Router, middleware::from_fn, routing::post};
        use tower::ServiceExt;
        let bodies = Bodies::new(200_000);
        let ours = bodies.clone();
        let length = async |request: Request| {
            crate::extract::body_bytes(request, &()).await.map(|bytes| bytes.len().to_string())
        };
        let routes = Router::new()
            .route("/", post(length))
            .layer(from_fn(move |r: Request, n: Next| bound(ours.clone(), r, n)));
        let send = async |bytes: usize| {
            let request = Request::post("/").body(Body::from(vec![b'x'; bytes])).unwrap();
            routes.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        for (bytes, status) in [(250_000, 200), (300_000, 429), (250_000, 200), (10, 200)] {
            assert_eq!(send(bytes).await, status, "{bytes}");
        }
        assert_eq!(bodies.0.held.load(Ordering::Relaxed), 0);
    }
}
