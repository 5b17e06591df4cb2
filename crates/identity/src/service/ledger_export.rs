//! All entries of the ledger that somebody asks for, without names, a page at a time.

use super::{
    Identity, LedgerFilter,
    activity::{keeps_outcome, require_overseer},
};
use crate::{actions::LEDGER_DOWNLOADED, error::IdentityError, revocations::Watch};
use audit::{Event, Record};
use futures_util::{Stream, stream};
use kernel::{Ctx, Cursor, PageSize, Subject, TenantId};

/// How far a download is.
struct Progress {
    identity: Identity,
    filter: LedgerFilter,
    /// Of the log-in that asked for it.
    watch: Watch,
    /// After which entry the next page begins; `None` at the end.
    after: Option<Cursor>,
}

impl Identity {
    /// Entries of the ledger, newest first, in pages. A page is read when the one before was
    /// taken, so that a ledger of any length costs the memory of one. What is recorded meanwhile
    /// is not among them. It breaks off when the log-in ends that asked for it.
    pub async fn ledger_pages(
        &self,
        ctx: &Ctx,
        filter: LedgerFilter,
    ) -> Result<impl Stream<Item = Result<Vec<Record>, IdentityError>> + use<>, IdentityError> {
        require_overseer(ctx)?;
        let watch = self.watch(ctx)?;
        let event = Event::new(&LEDGER_DOWNLOADED, Subject::tenant_itself(TenantId::DEFAULT));
        self.oversaw(ctx, event).await?;
        let after = Some(Cursor::NEWEST);
        let start = Progress { identity: self.clone(), filter, watch, after };
        Ok(stream::try_unfold(start, Progress::step))
    }
}

impl Progress {
    async fn step(mut self) -> Result<Option<(Vec<Record>, Self)>, IdentityError> {
        let Some(after) = self.after else { return Ok(None) };
        let read = self.identity.0.ledger.entries(&self.filter.found, Some(after), PageSize::MAX);
        let page = tokio::select! {
            biased;
            () = self.watch.ended() => return Err(IdentityError::SessionEnded),
            page = read => page?,
        };
        self.after = page.next;
        let mut items = page.items;
        items.retain(|record| keeps_outcome(&self.filter, record));
        Ok(Some((items, self)))
    }
}
