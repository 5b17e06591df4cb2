//! What holds for every [`IdempotencyStore`], as a test that each implementation runs.

use super::{Begin, IdempotencyStore, KEPT, LOST_AFTER, Slot, StoreError};
use kernel::{Actor, Ctx, Env, Origin, RequestId, Subject, TenantId};
use std::time::Duration;
use uuid::Uuid;

/// The first thing that did not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// This sentence is not true of the store.
    #[error("it does not hold that {0}")]
    Claim(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks a store that has kept nothing for this person. `env` must have the clock that
/// `advance` moves.
pub async fn check(
    store: &dyn IdempotencyStore,
    env: &Env,
    advance: impl Fn(Duration),
) -> Result<(), Broken> {
    let ctx =
        &Ctx::request(env.clone(), RequestId::random(env), Actor::Anonymous, Origin::default());
    keeps_answers(store, ctx).await?;
    forgets_what_failed(store, ctx).await?;
    forgets_in_time(store, ctx, advance).await
}

fn holds(claim: &'static str, true_of_it: bool) -> Result<(), Broken> {
    if true_of_it { Ok(()) } else { Err(Broken::Claim(claim)) }
}

fn slot(ctx: &Ctx) -> Slot {
    let subject = Subject::new(TenantId::DEFAULT, ctx.new_id());
    Slot { subject, id: ctx.new_id(), fingerprint: [1; 32] }
}

async fn fresh(store: &dyn IdempotencyStore, ctx: &Ctx, slot: &Slot) -> Result<Uuid, Broken> {
    match store.begin(ctx, slot).await? {
        Begin::Fresh(claim) => Ok(claim),
        _ => Err(Broken::Claim("a slot that nobody holds is fresh")),
    }
}

async fn keeps_answers(store: &dyn IdempotencyStore, ctx: &Ctx) -> Result<(), Broken> {
    let slot = slot(ctx);
    let claim = fresh(store, ctx, &slot).await?;
    let again = store.begin(ctx, &slot).await?;
    holds("a second request waits for the first", again == Begin::InProgress)?;
    store.finish(ctx, &slot, claim, vec![7]).await?;
    let again = store.begin(ctx, &slot).await?;
    holds("the answer is given again", again == Begin::Answered(vec![7]))?;
    let other = Slot { fingerprint: [2; 32], ..slot };
    let again = store.begin(ctx, &other).await?;
    holds("a key serves one request only", again == Begin::Reused)?;
    let stranger = Slot { subject: self::slot(ctx).subject, ..slot };
    fresh(store, ctx, &stranger).await.map(drop)
}

async fn forgets_what_failed(store: &dyn IdempotencyStore, ctx: &Ctx) -> Result<(), Broken> {
    let slot = slot(ctx);
    let claim = fresh(store, ctx, &slot).await?;
    store.abandon(ctx, &slot, claim).await?;
    let second = fresh(store, ctx, &slot).await?;
    store.abandon(ctx, &slot, claim).await?;
    store.finish(ctx, &slot, claim, vec![1]).await?;
    let again = store.begin(ctx, &slot).await?;
    holds("a claim that is gone can neither free nor fill the slot", again == Begin::InProgress)?;
    store.finish(ctx, &slot, second, vec![2]).await?;
    let again = store.begin(ctx, &slot).await?;
    holds("the claim that holds fills the slot", again == Begin::Answered(vec![2]))
}

async fn forgets_in_time(
    store: &dyn IdempotencyStore,
    ctx: &Ctx,
    advance: impl Fn(Duration),
) -> Result<(), Broken> {
    let (lost, kept) = (slot(ctx), slot(ctx));
    let first = fresh(store, ctx, &lost).await?;
    let claim = fresh(store, ctx, &kept).await?;
    store.finish(ctx, &kept, claim, vec![3]).await?;
    advance(LOST_AFTER);
    fresh(store, ctx, &lost).await?;
    store.finish(ctx, &lost, first, vec![4]).await?;
    let again = store.begin(ctx, &lost).await?;
    holds("a request taken for lost does not come back", again == Begin::InProgress)?;
    let again = store.begin(ctx, &kept).await?;
    holds("an answer is kept for a day", again == Begin::Answered(vec![3]))?;
    advance(KEPT);
    fresh(store, ctx, &kept).await.map(drop)
}
