//! The keeper: gives events their places and signs, for as long as the program serves. Every
//! instance has one; they do not get into each other's way.

use crate::{error::AuditError, ledger::Ledger};
use kernel::Timestamp;
use std::{pin::pin, time::Duration};

/// How long an event may wait for its place when all is well.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a grown tree may wait for its signature.
const SIGN_EVERY: Duration = Duration::from_secs(1);

impl Ledger {
    /// Works until `stop`, then once more, so that nothing is left waiting. A tree that did not
    /// grow is not signed again: its checkpoint would be the same, byte for byte.
    ///
    /// A failure is logged and tried again: meanwhile events wait in the line, where they are as
    /// safe as in the tree, and the verification tells that the line stands.
    pub async fn keep(&self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut signed_at = None;
        loop {
            let stopped = tokio::select! {
                () = &mut stop => true,
                () = tokio::time::sleep(PAUSE) => false,
            };
            if let Err(error) = self.work_once(&mut signed_at, stopped).await {
                tracing::error!(%error, "the ledger could not be continued");
            }
            if stopped {
                return;
            }
        }
    }

    async fn work_once(
        &self,
        signed_at: &mut Option<Timestamp>,
        now_or_never: bool,
    ) -> Result<(), AuditError> {
        loop {
            let full = self.is_full(self.sequence_once().await?);
            let now = self.db().env().now();
            let due = signed_at.is_none_or(|at| now.since(at) >= SIGN_EVERY);
            // A line that never ends must not keep what stands in the tree from being signed.
            if due || (now_or_never && !full) {
                self.checkpoint().await?;
                *signed_at = Some(now);
            }
            if !full {
                return Ok(());
            }
        }
    }
}
