//! Two-way sync: a device sends what it did, and hears what others did.
//!
//! All changes of one journal take turns, so they are committed in the order of their numbers;
//! a device that has seen number n has seen everything before it.

use super::{JOURNAL_SYNCED, Journal, Work, desk::Desk};
use crate::{
    envelope,
    error::JournalError,
    merge::{Change, Outcome},
    model::{Content, Entry, EntryId, Invalid, SyncCursor},
    store,
};
use consent::Action;
use crisis::{Attention, Source, Whereabouts};
use db::{TxSpec, run_tx};
use kernel::{Ctx, PageSize, Timestamp};

/// The most changes of one request.
pub const SYNC_CHANGES: usize = 100;

/// One thing that a device, or a file, brings.
#[derive(Clone)]
pub struct Incoming {
    /// What it is.
    pub change: Change<Content>,
    /// When the entry was first written, where that is known to be long ago.
    pub created_at: Option<Timestamp>,
    /// When it was last changed, where that is known to be long ago.
    pub updated_at: Option<Timestamp>,
}

/// What a device sends.
pub struct SyncRequest {
    /// How far it has seen the journal, if at all.
    pub seen: Option<SyncCursor>,
    /// What it did: a change, or why that cannot be kept.
    pub changes: Vec<(EntryId, Result<Incoming, Invalid>)>,
    /// How many changes of others it wants to hear of at once.
    pub size: PageSize,
    /// Where the person is, as far as they tell.
    pub place: Whereabouts,
}

/// What became of one change.
pub struct Applied {
    /// The entry that was changed.
    pub id: EntryId,
    /// What became of the change.
    pub outcome: Result<Outcome, Invalid>,
    /// The version that the entry has now; 0 if there is none.
    pub version: u64,
    /// What the entry is now, where that is not what was sent.
    pub current: Option<Entry>,
}

impl Applied {
    const fn refused(id: EntryId, invalid: Invalid) -> Self {
        Self { id, outcome: Err(invalid), version: 0, current: None }
    }
}

/// A change that a device has not seen.
pub enum Remote {
    /// This is what the entry is now.
    Present(Entry),
    /// The entry was deleted.
    Deleted {
        /// Which one.
        id: EntryId,
        /// The version that says so.
        version: u64,
    },
}

/// What a device hears.
pub struct SyncAnswer {
    /// What became of its changes, in their order.
    pub applied: Vec<Applied>,
    /// What it had not seen, in the order in which it happened; its own changes among them.
    pub changes: Vec<Remote>,
    /// How far it has seen the journal now.
    pub seen: SyncCursor,
    /// Whether there is more to hear of at once.
    pub has_more: bool,
    /// The most serious of what was noticed in its changes.
    pub safety: Option<Attention>,
}

impl Journal {
    /// Takes what a device did, then tells it what it has not seen.
    pub async fn sync(&self, ctx: &Ctx, request: SyncRequest) -> Result<SyncAnswer, JournalError> {
        let action = if request.changes.is_empty() { Action::Read } else { Action::Write };
        let work = self.begin(ctx, action).await?;
        if request.changes.len() > SYNC_CHANGES {
            return Err(JournalError::TooManyChanges);
        }
        let good: Vec<Incoming> =
            request.changes.iter().filter_map(|(_, change)| change.clone().ok()).collect();
        let (applied, safety) = self.apply(ctx, &work, &good, &request.place).await?;
        let mut applied = applied.into_iter();
        let mut answer = self.unseen(&work, request.seen, request.size).await?;
        answer.safety = safety;
        for (id, change) in request.changes {
            answer.applied.extend(match change {
                Ok(_) => applied.next(),
                Err(invalid) => Some(Applied::refused(id, invalid)),
            });
        }
        let shown = answer.applied.iter().any(|applied| applied.current.is_some());
        if shown || !answer.changes.is_empty() {
            let event = work.event(&JOURNAL_SYNCED);
            self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        }
        Ok(answer)
    }

    async fn unseen(
        &self,
        work: &Work,
        seen: Option<SyncCursor>,
        size: PageSize,
    ) -> Result<SyncAnswer, JournalError> {
        let lineage = self.0.db.lineage().await?;
        if seen.is_some_and(|seen| seen.lineage != lineage) {
            return Err(JournalError::Restart);
        }
        let seen = seen.map_or(0, |seen| seen.seq);
        let mut rows = store::since(&self.0.db, &work.access, seen, size.get() + 1).await?;
        if rows.is_empty() && store::head(&self.0.db, &work.access).await? < seen {
            return Err(JournalError::Restart);
        }
        let has_more = rows.len() > size.get();
        rows.truncate(size.get());
        let seq = rows.last().map_or(seen, |row| row.seq);
        let changes = rows.iter().map(|row| {
            Ok(match envelope::open(&work.keyring, &row.entry)? {
                Some(entry) => Remote::Present(entry),
                None => Remote::Deleted { id: row.entry.id, version: row.entry.version },
            })
        });
        let changes = changes.collect::<Result<_, JournalError>>()?;
        let (applied, seen) = (Vec::new(), SyncCursor { seq, lineage });
        Ok(SyncAnswer { applied, changes, seen, has_more, safety: None })
    }

    /// Brings changes into the journal, all of them in one transaction, and says what was noticed
    /// in them.
    pub(super) async fn apply(
        &self,
        ctx: &Ctx,
        work: &Work,
        incoming: &[Incoming],
        place: &Whereabouts,
    ) -> Result<(Vec<Applied>, Option<Attention>), JournalError> {
        let ids: Vec<EntryId> = incoming.iter().map(|one| one.change.id).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        if once.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(JournalError::ChangedTwice);
        }
        if incoming.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (mut safety, mut looked) = (None, Vec::new());
        for one in incoming {
            let Some(content) = &one.change.content else { continue };
            let found = self.attend(content, place);
            looked.push((one.change.id, content, found.clone()));
            safety = Attention::stronger(safety, found);
            // Others want to go on while many long entries are looked at.
            tokio::task::yield_now().await;
        }
        let applied = run_tx!(self.0.db, TxSpec::queue("journal.apply"), |tx| {
            store::take_turn(tx, &work.access, 0);
            let mut desk = Desk::new(work, ctx.now());
            desk.fetch(tx, &ids).await?;
            let copies = desk.possible_copies(incoming)?;
            desk.fetch(tx, &copies).await?;
            let applied = desk.merge_all(incoming)?;
            desk.put_all(tx)?;
            let mut changed = false;
            for event in desk.events() {
                self.0.ledger.record(tx, ctx, &work.keys, &event)?;
                changed = true;
            }
            // The same sent again is no news.
            self.notice((tx, ctx, work), Source::Journal, safety.as_ref().filter(|_| changed))?;
            Ok::<_, JournalError>(applied)
        })?;
        for (id, content, found) in looked {
            let mut of_it = applied.iter().filter(|one| one.id == id);
            if of_it.any(|one| one.outcome.as_ref().is_ok_and(|it| it.writes(id).is_some())) {
                self.entry_again(ctx, content, found.as_ref());
            }
        }
        Ok((applied, safety))
    }
}
