//! Tries at a factor, counted before they are judged.
//!
//! The way to use it: `let attempt = self.try_factor(…).await?;` before anything is compared, then
//! `attempt.right().await` if it was right, `attempt.unjudged().await` if it could not be judged.
//! A try that is dropped stays counted as a failure, so forgetting it errs on the safe side.

use super::Identity;
use crate::{
    error::IdentityError,
    limits::{Attempt, Attempts, Factor, forget_attempts},
    store,
};
use kernel::{Ctx, Timestamp};
use std::sync::Arc;

/// A try that was let through and counted.
#[must_use = "say whether it was right; otherwise it counts as a failure"]
pub(crate) struct Try {
    attempt: Attempt,
    attempts: Arc<dyn Attempts>,
    now: Timestamp,
}

impl Try {
    /// It was right.
    pub(crate) async fn right(self) {
        self.attempts.succeeded(&self.attempt, self.now).await;
    }

    /// It could not be judged, so it does not count.
    pub(crate) async fn unjudged(self) {
        self.attempts.withdraw(&self.attempt, self.now).await;
    }
}

impl Identity {
    /// Removes counters that no longer matter; answers how many.
    pub async fn forget_attempts(&self, ctx: &Ctx) -> Result<u64, IdentityError> {
        let challenges = store::forget_challenges(&self.0.db, ctx.now()).await?;
        Ok(challenges + forget_attempts(&self.0.db, ctx.now()).await?)
    }

    /// Counts a try at this factor of the account with these bytes for a name (a blind index, or
    /// the id of a person who is known), whether there is such an account or not. An account that
    /// many strangers guess at answers slower; `device` is a device that the account knows, whose
    /// tries nobody else can delay. Refused with `TooManyAttempts`.
    pub(crate) async fn try_factor(
        &self,
        ctx: &Ctx,
        factor: Factor,
        account: &[u8],
        device: Option<&[u8; 16]>,
    ) -> Result<Try, IdentityError> {
        let limits = &self.0.config.attempts;
        let attempt = Attempt::new(limits, factor, ctx.origin.ip, account, device);
        let now = ctx.now();
        let wait = self.0.attempts.begin(&attempt, now).await;
        let wait = wait.map_err(IdentityError::TooManyAttempts)?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(Try { attempt, attempts: Arc::clone(&self.0.attempts), now })
    }
}
