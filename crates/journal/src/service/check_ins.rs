//! Check-ins: writing, listing, deleting and handing over.

use super::{
    CHECK_IN_DELETED, CHECK_INS_EXPORTED, CHECK_INS_LISTED, CHECKED_IN, Journal, Work,
    files::OLDEST,
};
use crate::{
    envelope,
    error::JournalError,
    model::{CheckIn, CheckInDraft, CheckInId, Kept},
    store::check_ins as store,
};
use audit::Event;
use consent::{Access, Action};
use crisis::{Attention, Source, Whereabouts, opinion::Again, whatever_happens};
use db::{DbError, run_tx};
use futures_util::{Stream, stream};
use kernel::{Ctx, Cursor, Page, PageSize, Timestamp};
use uuid::Uuid;

/// How many check-ins are fetched at once while a file is written.
const BATCH: usize = 100;

impl Journal {
    /// Writes a check-in. A client that chose the id may send the same again and gets the same
    /// answer.
    pub async fn check_in(
        &self,
        ctx: &Ctx,
        draft: CheckInDraft,
    ) -> Result<Kept<CheckIn>, JournalError> {
        let work = self.begin(ctx, Action::Write).await?;
        let (chosen, dated) = (draft.id, draft.occurred_at.is_some());
        let place = draft.place.clone();
        let entry = draft.check_in(chosen.unwrap_or_else(|| ctx.new_id()), ctx.now())?;
        let safety = self.attend_check_in(&entry, &place);
        let row = envelope::seal_check_in(&work.keyring, &entry)?;
        let event = Event::new(&CHECKED_IN, work.access.subject()).resource(entry.id);
        let written = run_tx!(self.0.db, "journal.check_in", |tx| {
            store::insert(tx, &work.access, &row);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            self.notice((tx, ctx, &work), Source::CheckIn, safety.as_ref())?;
            Ok::<_, JournalError>(())
        });
        match written {
            Ok(()) => {
                // EXPOSE: looked at, as before.
                let words = entry.rated.expose().words();
                self.again(ctx, Again::of(Source::CheckIn, &words, safety.as_ref()));
                Ok(Kept { entry, safety })
            }
            Err(JournalError::Db(DbError::Duplicate { .. })) if chosen.is_some() => {
                let entry = self.checked_in_before(ctx, &work, entry, dated).await?;
                Ok(Kept { entry, safety })
            }
            Err(error) => Err(error),
        }
    }

    /// The check-in that has the id already, if it is the one that was to be written.
    async fn checked_in_before(
        &self,
        ctx: &Ctx,
        work: &Work,
        wanted: CheckIn,
        dated: bool,
    ) -> Result<CheckIn, JournalError> {
        let present = store::get(&self.0.db, &work.access, wanted.id).await?;
        let present =
            envelope::open_check_in(&work.keyring, &present.ok_or(JournalError::Exists)?)?;
        let event = work.event(&CHECK_INS_LISTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        let same_time = !dated || present.occurred_at == wanted.occurred_at;
        // EXPOSE: compared, not shown.
        let same = same_time && present.rated.expose() == wanted.rated.expose();
        if same { Ok(present) } else { Err(JournalError::Exists) }
    }

    fn attend_check_in(&self, entry: &CheckIn, at: &Whereabouts) -> Option<Attention> {
        // EXPOSE: looked at; what is found names rules and never words.
        let rated = entry.rated.expose();
        let watch = &self.0.watch;
        let said = whatever_happens(|| watch.attend(&rated.words(), at));
        rated.urges.iter().fold(said, |found, urge| {
            // An urge that is named and not rated is there.
            let strength = urge.strength.unwrap_or(1);
            let felt = whatever_happens(|| watch.attend_urge(&urge.name, strength, at));
            Attention::stronger(found, felt)
        })
    }

    /// A page of the caller's check-ins, newest first.
    pub async fn list_check_ins(
        &self,
        ctx: &Ctx,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<CheckIn>, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        let end = to.map_or(Cursor::NEWEST, |to| Cursor { at: to, id: Uuid::nil() });
        let start = (after.unwrap_or(Cursor::NEWEST).min(end), from.unwrap_or(Timestamp::MIN));
        let rows = store::newest_first(&self.0.db, &work.access, start, size.get() + 1).await?;
        let page = Page::from_rows(rows, size, store::SealedCheckIn::cursor);
        let open = |row| envelope::open_check_in(&work.keyring, row);
        let items = page.items.iter().map(open).collect::<Result<_, _>>()?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&CHECK_INS_LISTED)).await?;
        Ok(Page { items, next: page.next })
    }

    /// Deletes a check-in.
    pub async fn delete_check_in(&self, ctx: &Ctx, id: CheckInId) -> Result<(), JournalError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let event = Event::new(&CHECK_IN_DELETED, work.access.subject()).resource(id);
        run_tx!(self.0.db, "journal.delete_check_in", |tx| {
            if !store::delete(tx, &work.access, id).await? {
                return Err(JournalError::NotFound);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok(())
        })
    }

    /// All check-ins, oldest first, some at a time. It is recorded before the first leaves.
    pub async fn export_check_ins(
        &self,
        ctx: &Ctx,
    ) -> Result<impl Stream<Item = Result<Vec<CheckIn>, JournalError>> + use<>, JournalError> {
        let Work { access, keys, .. } = self.begin(ctx, Action::Export).await?;
        let event = Event::new(&CHECK_INS_EXPORTED, access.subject());
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        let start = (self.clone(), access, Some(OLDEST));
        Ok(stream::try_unfold(start, |(journal, access, at)| async move {
            let Some(at) = at else { return Ok(None) };
            let (some, next) = journal.some_check_ins(&access, at).await?;
            Ok(Some((some, (journal, access, next))))
        }))
    }

    async fn some_check_ins(
        &self,
        access: &Access,
        after: Cursor,
    ) -> Result<(Vec<CheckIn>, Option<Cursor>), JournalError> {
        // Anew for each piece: a slow reader outlives a keyring.
        let keyring = self.0.vault.keyring(access.subject()).await?;
        let rows = store::oldest_first(&self.0.db, access, after, BATCH).await?;
        let next = rows.last().filter(|_| rows.len() == BATCH).map(store::SealedCheckIn::cursor);
        let open = |row| envelope::open_check_in(&keyring, row);
        Ok((rows.iter().map(open).collect::<Result<_, _>>()?, next))
    }
}
