//! Asking for a surer or fresher log-in before something delicate (RFC 9470).

use crate::codes::STEP_UP_REQUIRED;
use kernel::{Acr, Coded, Ctx, ErrorCode, common};
use std::time::Duration;

/// The log-in is not sure or not fresh enough. Answered with the challenge of RFC 9470, so that a
/// client knows what to ask the person for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a surer or fresher log-in is needed")]
pub struct StepUp {
    logged_in: bool,
    acr: Acr,
    max_age: Duration,
}

/// How long a proof counts, where a route does not say otherwise.
pub const FRESH: Duration = Duration::from_secs(FRESH_SECONDS);
/// The same, for [`crate::Fresh`].
pub const FRESH_SECONDS: u64 = 600;

impl StepUp {
    /// Someone who is logged in is to prove who they are this surely; it counts for this long.
    #[must_use]
    pub const fn needed(acr: Acr, max_age: Duration) -> Self {
        Self { logged_in: true, acr, max_age }
    }

    pub(crate) fn challenge(&self) -> String {
        if !self.logged_in {
            return "Bearer realm=\"salus\"".to_owned();
        }
        format!(
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"salus:{}\", max_age={}",
            self.acr.name(),
            self.max_age.as_secs()
        )
    }
}

impl Coded for StepUp {
    fn code(&self) -> &'static ErrorCode {
        if self.logged_in { &STEP_UP_REQUIRED } else { &common::AUTH_REQUIRED }
    }
}

/// Holds if the person was recognised at least this surely, at most this long ago.
pub fn require_acr(ctx: &Ctx, acr: Acr, max_age: Duration) -> Result<(), StepUp> {
    let Ok(person) = ctx.person() else {
        return Err(StepUp { logged_in: false, acr, max_age });
    };
    let fresh = ctx.now().since(person.auth_time) <= max_age;
    if person.acr >= acr && fresh { Ok(()) } else { Err(StepUp { logged_in: true, acr, max_age }) }
}
