//! How long a request may take until its answer begins. A stream that has begun may go on.

use crate::error::ApiError;
use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use kernel::common;
use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// When the answer must have begun. Shared with the handler, which may ask for more time.
#[derive(Clone)]
struct Deadline(Arc<Mutex<Instant>>);

impl Deadline {
    fn after(limit: Duration) -> Self {
        Self(Arc::new(Mutex::new(Instant::now() + limit)))
    }

    fn get(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, limit: Duration) {
        let mut deadline = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *deadline = (*deadline).max(Instant::now() + limit);
    }
}

/// As an argument of a handler, before its body: this route may take so many seconds from here
/// on, for uploads and the like. Routes that answer quickly need nothing.
#[derive(Debug, Clone, Copy)]
pub struct AllowSeconds<const SECONDS: u64>;

impl<S: Send + Sync, const SECONDS: u64> FromRequestParts<S> for AllowSeconds<SECONDS> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        if let Some(deadline) = parts.extensions.get::<Deadline>() {
            deadline.extend(Duration::from_secs(SECONDS));
        }
        Ok(Self)
    }
}

/// Middleware: gives up on a request whose answer does not begin in time. What its handler was
/// doing is dropped there and then, so a transaction that was open rolls back.
pub(crate) async fn limit_time(limit: Duration, mut request: Request, next: Next) -> Response {
    let deadline = Deadline::after(limit);
    request.extensions_mut().insert(deadline.clone());
    let mut answer = pin!(next.run(request));
    loop {
        let at = deadline.get();
        match tokio::time::timeout_at(at, &mut answer).await {
            Ok(response) => return response,
            Err(_) if deadline.get() > at => {}
            Err(_) => return ApiError::new(&common::TIMEOUT).into_response(),
        }
    }
}
