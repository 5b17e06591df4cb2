//! Sending the same request again without doing the same thing twice.
//!
//! A client names a `POST` with an `Idempotency-Key`. The first successful answer is kept for a
//! day and given again to the same request of the same person. Once begun, such a request is
//! finished even if its client leaves, so that a client that comes back finds the answer. Bodies
//! are kept sealed: an [`IdempotencyStore`] never sees one in the clear.

mod answer;
pub mod contract;
mod memory;

pub use answer::Answer;
pub use memory::MemoryStore;

use crate::{
    codes::{IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED},
    ctx::Identified,
    error::ApiError,
    extract::body_bytes,
};
use async_trait::async_trait;
use aws_lc_rs::digest;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, request::Parts};
use kernel::{Coded, Ctx, ErrorCode, Phi, Subject, common};
use std::{collections::BTreeSet, error::Error, sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use uuid::Uuid;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_hours(24);

/// After this long a request that never ended is taken for lost, and its key is free again.
pub const LOST_AFTER: Duration = Duration::from_mins(10);

/// The header that names a request.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// The header of an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Where an answer is kept: made from the person and the key, which itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The person who asks.
    pub subject: Subject,
    /// Names the slot among the person's; the same for the same key.
    pub id: Uuid,
    /// SHA-256 of key, method, path and body. With a key that nobody can guess it does not tell
    /// the body, not even to someone who tries all that it may be.
    pub fingerprint: [u8; 32],
}

/// What a store has to say to a request that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Nothing under this key: go on, and hand in the answer with this claim.
    Fresh(Uuid),
    /// The first request is still being worked on.
    InProgress,
    /// The key was used for another request.
    Reused,
    /// This was answered, with these sealed bytes.
    Answered(Vec<u8>),
}

/// Keeps sealed answers. Each method is a transaction of its own. What `begin` says of one slot
/// is atomic: of any number of requests at once, one is fresh.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Claims the slot for a request, unless it is taken. Slots older than [`KEPT`], and claims
    /// older than [`LOST_AFTER`] without an answer, are free.
    async fn begin(&self, ctx: &Ctx, slot: &Slot) -> Result<Begin, StoreError>;

    /// Keeps the sealed answer, if the claim still holds.
    async fn finish(
        &self,
        ctx: &Ctx,
        slot: &Slot,
        claim: Uuid,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError>;

    /// Frees the slot, if the claim still holds: what failed may be tried again.
    async fn abandon(&self, ctx: &Ctx, slot: &Slot, claim: Uuid) -> Result<(), StoreError>;
}

/// Seals answers under the person's keys, so that they are gone when those are.
#[async_trait]
pub trait AnswerSealer: Send + Sync {
    /// Seals an answer for its slot.
    async fn seal(&self, slot: &Slot, plain: Phi<Vec<u8>>) -> Result<Vec<u8>, StoreError>;

    /// Opens what was sealed for this slot.
    async fn open(&self, slot: &Slot, sealed: Vec<u8>) -> Result<Phi<Vec<u8>>, StoreError>;
}

/// Answers cannot be kept or found.
#[derive(Debug, thiserror::Error)]
#[error("answers cannot be kept or found")]
pub struct StoreError(#[source] pub Box<dyn Error + Send + Sync>);

impl Coded for StoreError {
    fn code(&self) -> &'static ErrorCode {
        &common::UNAVAILABLE
    }
}

/// What the middleware needs. Cheap to clone.
#[derive(Clone)]
pub struct Idempotency {
    store: Arc<dyn IdempotencyStore>,
    sealer: Arc<dyn AnswerSealer>,
    tasks: TaskTracker,
    paths: Arc<BTreeSet<String>>,
}

impl Idempotency {
    /// Keeps answers there, sealed so. Requests that outlive their client run as `tasks`, which
    /// the program waits for when it stops.
    #[must_use]
    pub fn new(
        store: Arc<dyn IdempotencyStore>,
        sealer: Arc<dyn AnswerSealer>,
        tasks: TaskTracker,
    ) -> Self {
        Self { store, sealer, tasks, paths: Arc::default() }
    }

    /// For the routes with these paths. No answer of another is kept: it may hold what is told
    /// once, such as a key, and its request may be longer than one that is read whole here.
    #[must_use]
    pub fn on(&self, paths: BTreeSet<String>) -> Self {
        Self { paths: Arc::new(paths), ..self.clone() }
    }
}

/// Middleware for routers that document it with `Contract::idempotent`; everything but a `POST`
/// of a known person with a key to one of those routes passes by:
/// `.layer(axum::middleware::from_fn_with_state(idempotency.on(paths), idempotency::replay))`.
/// A route that reads more than the usual body sets `DefaultBodyLimit` outside of this layer.
pub async fn replay(State(own): State<Idempotency>, request: Request, next: Next) -> Response {
    match begin(&own, request).await {
        Ok(Step::Pass(request)) => next.run(request).await,
        Ok(Step::Replay(response)) => response,
        Ok(Step::Run(work, request)) => work.run(own, request, next).await,
        Err(error) => error.into_response(),
    }
}

enum Step {
    Pass(Request),
    Replay(Response),
    Run(Box<Work>, Request),
}

async fn begin(own: &Idempotency, request: Request) -> Result<Step, ApiError> {
    let path = request.extensions().get::<MatchedPath>();
    if !path.is_some_and(|path| own.paths.contains(path.as_str())) {
        return Ok(Step::Pass(request));
    }
    let identified = request.extensions().get::<Arc<Identified>>().cloned();
    let subject = identified.as_ref().and_then(|identified| identified.ctx.own_subject().ok());
    let (Some(identified), Some(subject)) = (identified, subject) else {
        return Ok(Step::Pass(request));
    };
    let Some(key) = key_of(request.method(), request.headers())? else {
        return Ok(Step::Pass(request));
    };
    let (parts, body) = request.into_parts();
    let head = parts.clone();
    let bytes = body_bytes(Request::from_parts(parts, body), &()).await?;
    let slot =
        Slot { subject, id: slot_id(subject, &key), fingerprint: fingerprint(&key, &head, &bytes) };
    let ctx = identified.ctx.clone();
    match own.store.begin(&ctx, &slot).await? {
        Begin::InProgress => Err(ApiError::new(&IDEMPOTENCY_IN_PROGRESS)),
        Begin::Reused => Err(ApiError::new(&IDEMPOTENCY_KEY_REUSED)),
        Begin::Answered(sealed) => {
            let answer = Answer::from_bytes(&own.sealer.open(&slot, sealed).await?)?;
            Ok(Step::Replay(answer.into_response()))
        }
        Begin::Fresh(claim) => {
            let request = Request::from_parts(head, bytes.into());
            Ok(Step::Run(Box::new(Work { ctx, slot, claim }), request))
        }
    }
}

fn key_of(method: &Method, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut keys = headers.get_all(HEADER).iter();
    let (key, more) = (keys.next(), keys.next());
    match key.filter(|_| method == Method::POST).map(HeaderValue::to_str) {
        None => Ok(None),
        Some(Ok(key))
            if more.is_none()
                && (8..=128).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(Some(key.to_owned()))
        }
        Some(_) => Err(ApiError::new(&IDEMPOTENCY_KEY_INVALID)),
    }
}

/// A name for the slot that does not tell the key.
fn slot_id(subject: Subject, key: &str) -> Uuid {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"salus idempotency slot v1");
    context.update(subject.tenant.as_uuid().as_bytes());
    context.update(subject.user.as_uuid().as_bytes());
    context.update(key.as_bytes());
    let hash = context.finish();
    let bytes = hash.as_ref().first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn fingerprint(key: &str, head: &Parts, body: &[u8]) -> [u8; 32] {
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [key.as_bytes(), head.method.as_str().as_bytes(), target.as_bytes(), body] {
        // Lengths keep the end of one part from being read as the start of the next.
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().first_chunk().copied().unwrap_or_default()
}

/// A request that holds a slot.
struct Work {
    ctx: Ctx,
    slot: Slot,
    claim: Uuid,
}

impl Work {
    /// Runs to the end whether or not anybody waits for it.
    async fn run(self, own: Idempotency, request: Request, next: Next) -> Response {
        let tasks = own.tasks.clone();
        let handler = tasks.spawn(next.run(request).in_current_span());
        let settled = tasks.spawn(
            async move {
                // A handler that panicked ends its own task only; its slot is still freed here.
                let response =
                    handler.await.unwrap_or_else(|_| crate::error::panicked(Box::new(())));
                self.settle(&own, response).await
            }
            .in_current_span(),
        );
        settled.await.unwrap_or_else(|_| ApiError::new(&common::INTERNAL).into_response())
    }

    async fn settle(self, own: &Idempotency, response: Response) -> Response {
        let (response, answer) = Answer::of(response).await;
        let kept = match answer {
            Some(answer) => self.keep(own, &answer).await,
            None => own.store.abandon(&self.ctx, &self.slot, self.claim).await,
        };
        if let Err(error) = kept {
            // The work itself is done, and its answer stands; only a repetition will not find it
            // until the claim is taken for lost.
            let request_id = self.ctx.request_id.as_str();
            tracing::warn!(target: "salus::http", request_id, cause = %error.0, "{error}");
        }
        response
    }

    async fn keep(&self, own: &Idempotency, answer: &Answer) -> Result<(), StoreError> {
        let sealed = own.sealer.seal(&self.slot, answer.to_bytes()).await?;
        own.store.finish(&self.ctx, &self.slot, self.claim, sealed).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_kept_tells_that_two_requests_were_alike() {
        let (head, ()) = http::Request::post("/api/moods").body(()).unwrap().into_parts();
        let kept = |key| fingerprint(key, &head, b"{\"mood\": 1}");
        assert_eq!(kept("6b0ecb5e"), kept("6b0ecb5e"));
        assert_ne!(kept("6b0ecb5e"), kept("41bd1f8c"));
        assert_ne!(kept("6b0ecb5e"), fingerprint("6b0ecb5e", &head, b"{\"mood\": 2}"));
    }
}
