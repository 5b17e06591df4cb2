//! Requests that are sent again.

use crate::world::{Answer, Client, ManualClock, Sent, World, failed};
use async_trait::async_trait;
use axum::{Router, extract::State, middleware::from_fn_with_state, routing::post};
use httpkit::{
    ApiError, ApiResult, Created, NoContent, WithEtag,
    idempotency::{
        AnswerSealer, Begin, Idempotency, IdempotencyStore, KEPT, MemoryStore, Slot, StoreError,
        contract, replay,
    },
};
use kernel::{Ctx, Phi, common};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Seals by turning every byte around: enough to see whether something was sealed.
struct Turned;

#[async_trait]
impl AnswerSealer for Turned {
    async fn seal(&self, _slot: &Slot, plain: Phi<Vec<u8>>) -> Result<Vec<u8>, StoreError> {
        Ok(plain.expose().iter().map(|byte| !byte).collect())
    }

    async fn open(&self, _slot: &Slot, sealed: Vec<u8>) -> Result<Phi<Vec<u8>>, StoreError> {
        Ok(Phi::new(sealed.iter().map(|byte| !byte).collect()))
    }
}

/// Remembers everything it was given.
#[derive(Default)]
struct Watched {
    store: MemoryStore,
    seen: Mutex<Vec<Vec<u8>>>,
}

#[async_trait]
impl IdempotencyStore for Watched {
    async fn begin(&self, ctx: &Ctx, slot: &Slot) -> Result<Begin, StoreError> {
        self.store.begin(ctx, slot).await
    }

    async fn finish(
        &self,
        ctx: &Ctx,
        slot: &Slot,
        claim: Uuid,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.seen.lock().unwrap().push(sealed.clone());
        self.store.finish(ctx, slot, claim, sealed).await
    }

    async fn abandon(&self, ctx: &Ctx, slot: &Slot, claim: Uuid) -> Result<(), StoreError> {
        self.store.abandon(ctx, slot, claim).await
    }
}

#[derive(Clone, Default)]
struct Work {
    done: Arc<AtomicUsize>,
    go_on: Arc<Notify>,
}

impl Work {
    fn next(&self) -> usize {
        self.done.fetch_add(1, Ordering::SeqCst) + 1
    }
}

struct Scene {
    client: Client,
    work: Work,
    clock: Arc<ManualClock>,
    store: Arc<Watched>,
    tasks: TaskTracker,
}

fn scene() -> Scene {
    let (work, store, tasks) = (Work::default(), Arc::new(Watched::default()), TaskTracker::new());
    let once = ["/api/things", "/api/things/{id}/steps", "/api/slow", "/api/fail", "/api/panic"];
    let once = once.map(str::to_owned);
    let layer = Idempotency::new(store.clone(), Arc::new(Turned), tasks.clone()).on(once.into());
    let create = async |State(work): State<Work>, body: String| {
        WithEtag(1, Created(format!("{body} {}", work.next())))
    };
    let slow = async |State(work): State<Work>| {
        work.go_on.notified().await;
        Created(work.next())
    };
    let fail = async |State(work): State<Work>| -> ApiResult<NoContent> {
        work.next();
        Err(ApiError::new(&common::UNAVAILABLE))
    };
    let panics = async |State(work): State<Work>| -> NoContent {
        work.next();
        panic!("as planned")
    };
    let routes = Router::new()
        .route("/api/things", post(create).put(create))
        .route("/api/slow", post(slow))
        .route("/api/fail", post(fail))
        .route("/api/panic", post(panics))
        .route("/api/things/{id}/steps", post(create))
        .route("/api/told/once", post(create))
        .layer(from_fn_with_state(layer, replay))
        .with_state(work.clone());
    let world = World::new();
    let clock = world.clock.clone();
    Scene { client: world.around(routes), work, clock, store, tasks }
}

fn create(key: &str, body: &str) -> Sent {
    Sent::post("/api/things").bearer("1").header("idempotency-key", key).body(body.to_owned())
}

fn replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

#[tokio::test]
async fn the_same_request_is_answered_once_and_repeated_afterwards() {
    let scene = scene();
    let first = scene.client.send(create("key-0001", "walk")).await;
    let second = scene.client.send(create("key-0001", "walk")).await;
    assert_eq!((first.status.as_u16(), first.text.as_str()), (201, "\"walk 1\""));
    assert_eq!((second.status, &second.text), (first.status, &first.text));
    assert_eq!(
        (second.header("etag"), second.header("content-type")),
        ("\"v1\"", "application/json")
    );
    assert!(!replayed(&first) && replayed(&second));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(scene.work.done.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_serves_one_request_of_one_person() {
    let scene = scene();
    scene.client.send(create("key-0001", "walk")).await;
    let other = scene.client.send(create("key-0001", "talk")).await;
    assert_eq!(other.failure(), failed(409, "IDEMPOTENCY_KEY_REUSED"));
    let elsewhere = Sent::post("/api/fail").bearer("1").header("idempotency-key", "key-0001");
    assert_eq!(
        scene.client.send(elsewhere.body("walk")).await.failure(),
        failed(409, "IDEMPOTENCY_KEY_REUSED")
    );
    let stranger =
        Sent::post("/api/things").bearer("2").header("idempotency-key", "key-0001").body("walk");
    assert_eq!(scene.client.send(stranger).await.text, "\"walk 2\"");
}

#[tokio::test]
async fn only_what_says_that_it_may_be_repeated_is_kept() {
    let scene = scene();
    for (path, texts) in [
        ("/api/told/once", ["\"secret 1\"", "\"secret 2\""]),
        ("/api/things/7/steps", ["\"secret 3\"", "\"secret 3\""]),
    ] {
        for text in texts {
            let told = Sent::post(path).bearer("1").header("idempotency-key", path).body("secret");
            assert_eq!(scene.client.send(told).await.text, text);
        }
    }
    assert_eq!(scene.store.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_key_a_person_or_a_post_nothing_is_kept() {
    let scene = scene();
    for request in [
        Sent::post("/api/things").bearer("1"),
        Sent::post("/api/things").header("idempotency-key", "key-0001"),
        Sent::new("PUT", "/api/things").bearer("1").header("idempotency-key", "key-0001"),
    ] {
        assert_eq!(scene.client.send(request).await.status, 201);
    }
    assert!(scene.store.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused() {
    let scene = scene();
    for bad in ["short", "with space 1", &"x".repeat(129)] {
        let answer = scene.client.send(create(bad, "")).await;
        assert_eq!(answer.failure(), failed(400, "IDEMPOTENCY_KEY_INVALID"), "{bad}");
    }
    let twice = create("key-0001", "").header("idempotency-key", "key-0002");
    assert_eq!(scene.client.send(twice).await.failure(), failed(400, "IDEMPOTENCY_KEY_INVALID"));
}

#[tokio::test]
async fn a_request_sent_while_the_first_is_at_work_is_told_so() {
    let scene = scene();
    let request = || Sent::post("/api/slow").bearer("1").header("idempotency-key", "key-0001");
    let first = scene.client.send(request());
    let second = async {
        let answer = scene.client.send(request()).await;
        scene.work.go_on.notify_one();
        answer
    };
    let (first, second) = tokio::join!(biased; first, second);
    assert_eq!(second.failure(), failed(409, "IDEMPOTENCY_IN_PROGRESS"));
    assert_eq!(first.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_client_left_is_finished_and_its_answer_found_later() {
    let scene = scene();
    let request = || Sent::post("/api/slow").bearer("1").header("idempotency-key", "key-0001");
    let left = tokio::time::timeout(Duration::from_millis(10), scene.client.send(request())).await;
    assert!(left.is_err());
    scene.work.go_on.notify_one();
    scene.tasks.close();
    scene.tasks.wait().await;
    let answer = scene.client.send(request()).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (201, "1"));
    assert!(replayed(&answer));
}

#[tokio::test]
async fn what_failed_may_be_tried_again() {
    let scene = scene();
    for (path, failure) in
        [("/api/fail", failed(503, "UNAVAILABLE")), ("/api/panic", failed(500, "INTERNAL"))]
    {
        for _ in 0..2 {
            let request = Sent::post(path).bearer("1").header("idempotency-key", "key-0001");
            assert_eq!(scene.client.send(request).await.failure(), failure);
        }
    }
    assert_eq!(scene.work.done.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day() {
    let scene = scene();
    scene.client.send(create("key-0001", "walk")).await;
    scene.clock.advance(KEPT);
    assert_eq!(scene.client.send(create("key-0001", "walk")).await.text, "\"walk 2\"");
}

#[tokio::test]
async fn nothing_is_kept_in_the_clear() {
    let scene = scene();
    scene.client.send(create("key-0001", "I feel low")).await;
    let seen = scene.store.seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert!(!String::from_utf8_lossy(&seen[0]).contains("feel"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anything_is_kept() {
    let scene = scene();
    let large = create("key-0001", &"x".repeat(httpkit::edge::BODY_LIMIT + 1));
    assert_eq!(scene.client.send(large).await.failure(), failed(413, "TOO_LARGE"));
    assert_eq!(scene.client.send(create("key-0001", "walk")).await.status, 201);
}

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract_of_all_stores() {
    let world = World::new();
    let clock = world.clock.clone();
    contract::check(&MemoryStore::default(), &world.env, |by| clock.advance(by)).await.unwrap();
}
