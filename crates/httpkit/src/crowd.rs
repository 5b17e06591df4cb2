//! How much one client may hold open at once: connections, and requests that are being answered.
//!
//! Connections are counted by the address they come from. Those of a trusted proxy carry many
//! clients and are not; the requests in them are counted by the address that the proxy names. A
//! stream counts as long as it lasts. Of a version 6 address the network counts. Health checks and
//! crisis help are let in however many there are.

use crate::{ctx::Identified, error::ApiError, limits::TooMany};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    collections::HashMap,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

/// When someone who holds too much may try again.
const LATER: Duration = Duration::from_secs(5);

/// Counts what is open for each client. Clones count together.
#[derive(Debug, Clone)]
pub struct Crowd(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    /// Clients without anything open are not in it, so it is no longer than what is open.
    open: Mutex<HashMap<u128, usize>>,
}

/// Something that is open; closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Crowd,
    client: u128,
}

impl Crowd {
    /// So many for each client.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, open: Mutex::default() }))
    }

    /// A place for this client, if it does not have too many.
    pub(crate) fn enter(&self, client: IpAddr) -> Option<Place> {
        let client = key(client);
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.entry(client).or_default();
        if *mine >= self.0.most {
            return None;
        }
        *mine += 1;
        Some(Place { crowd: self.clone(), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.crowd.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = open.get_mut(&self.client) {
            *mine -= 1;
            if *mine == 0 {
                open.remove(&self.client);
            }
        }
    }
}

/// A version 4 address, or the network of a version 6 one.
fn key(client: IpAddr) -> u128 {
    match client.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits() >> 64 << 64,
    }
}

/// The routes, each request of which takes a place of its client until the answer has left. Goes
/// within the edge, which knows the client. Below these paths nobody is turned away.
pub fn bounded(crowd: Crowd, open_to_all: &'static [&'static str], routes: Router) -> Router {
    routes.layer(from_fn(move |r: Request, n: Next| guard(crowd.clone(), open_to_all, r, n)))
}

async fn guard(crowd: Crowd, open_to_all: &[&str], request: Request, next: Next) -> Response {
    let identified = request.extensions().get::<Arc<Identified>>();
    let client = identified.and_then(|identified| identified.ctx.origin.ip);
    let free = open_to_all.iter().any(|path| request.uri().path().starts_with(path));
    let Some(client) = client.filter(|_| !free) else { return next.run(request).await };
    match crowd.enter(client) {
        Some(place) => next.run(request).await.map(|body| Body::new(Held { body, _place: place })),
        None => ApiError::from(TooMany(LATER)).into_response(),
    }
}

/// A body that holds a place until it is through.
struct Held {
    body: Body,
    _place: Place,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
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

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_client_has_its_own_places_and_gets_them_back() {
        let crowd = Crowd::new(2);
        let first = crowd.enter(ip("203.0.113.7")).unwrap();
        let _second = crowd.enter(ip("::ffff:203.0.113.7")).unwrap();
        assert!(crowd.enter(ip("203.0.113.7")).is_none());
        assert!(crowd.enter(ip("203.0.113.8")).is_some());
        drop(first);
        assert!(crowd.enter(ip("203.0.113.7")).is_some());
    }

    #[test]
    fn a_household_of_version_6_is_one_client_and_nobody_is_remembered() {
        let crowd = Crowd::new(1);
        let place = crowd.enter(ip("2001:db8:1:2::1")).unwrap();
        assert!(crowd.enter(ip("2001:db8:1:2:ffff::9")).is_none());
        assert!(crowd.enter(ip("2001:db8:1:3::1")).is_some());
        drop(place);
        assert!(crowd.0.open.lock().unwrap().is_empty());
    }
}
