//! The use cases of a journal. Each one goes the same way: authorize, get the keys, decide and
//! seal, store and record in one transaction. What is read is recorded before it is answered.

mod check_ins;
mod desk;
mod files;
mod moods;
mod sync;

pub use files::{ImportReport, Rejected};
pub use moods::{Moods, Period};
pub use sync::{Applied, Incoming, Remote, SYNC_CHANGES, SyncAnswer, SyncRequest};

use crate::{
    envelope,
    error::JournalError,
    model::{Content, Draft, Entry, EntryId, Filter, Kept, words},
    store,
};
use audit::{Event, Keys, Ledger};
use consent::{Access, Action, Consents};
use crisis::{Attention, Attentive, Source, Whereabouts, opinion::Again, whatever_happens};
use db::{Db, DbError, Tx, TxSpec, run_tx};
use httpkit::Precondition;
use kernel::{Ctx, Cursor, Page, PageSize, Phi, Timestamp};
use std::sync::Arc;
use uuid::Uuid;
use vault::{Keyring, Vault};

audit::actions! {
    /// An entry was written.
    ENTRY_CREATED = "journal.entry.create" on "journal_entry";
    /// An entry was read.
    ENTRY_READ = "journal.entry.read" on "journal_entry";
    /// An entry was changed.
    ENTRY_UPDATED = "journal.entry.update" on "journal_entry";
    /// An entry was deleted.
    ENTRY_DELETED = "journal.entry.delete" on "journal_entry";
    /// A page of entries was read.
    ENTRIES_LISTED = "journal.entry.list" on "journal";
    /// A device read what changed.
    JOURNAL_SYNCED = "journal.sync" on "journal";
    /// A check-in was written.
    CHECKED_IN = "journal.check_in.create" on "journal_check_in";
    /// A page of check-ins was read.
    CHECK_INS_LISTED = "journal.check_in.list" on "journal";
    /// A check-in was deleted.
    CHECK_IN_DELETED = "journal.check_in.delete" on "journal_check_in";
    /// All check-ins were handed over as a file.
    CHECK_INS_EXPORTED = "journal.check_in.export" on "journal";
    /// Moods were counted.
    MOODS_READ = "journal.moods.read" on "journal";
    /// The journal was handed over as a file.
    JOURNAL_EXPORTED = "journal.export" on "journal";
    /// Entries were taken from a file.
    JOURNAL_IMPORTED = "journal.import" on "journal";
    /// The journal of an erased account was removed.
    JOURNAL_ERASED = "journal.erase" on "journal";
}

/// How many entries are opened to find those that a filter wants, in one request.
const SCANNED: usize = 2_000;
/// How many entries are fetched at once while looking for some.
const BATCH: usize = 100;

/// Everyone's journals. Cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    ledger: Ledger,
    consents: Consents,
    watch: Arc<dyn Attentive>,
}

/// What one piece of work on a journal needs.
struct Work {
    access: Access,
    keyring: Keyring,
    keys: Keys,
}

impl Work {
    fn event(&self, action: &'static audit::Action) -> Event {
        Event::new(action, self.access.subject())
    }

    fn event_on(&self, action: &'static audit::Action, id: EntryId) -> Event {
        self.event(action).resource(id)
    }
}

/// The words of an entry, as they are looked at.
fn words_of(content: &Content) -> Phi<String> {
    // EXPOSE: looked at; what is found names rules and never words.
    let (title, text, meta) =
        (content.title.expose(), content.text.expose(), content.meta.expose());
    let tags = meta.tags.as_slice().iter().map(String::as_str);
    words([title.as_str(), text].into_iter().chain(tags))
}

impl Journal {
    /// Over this database, these keys, this ledger and these consents; this looks at what is
    /// written.
    #[must_use]
    pub fn new(
        db: Db,
        vault: Vault,
        ledger: Ledger,
        consents: Consents,
        watch: Arc<dyn Attentive>,
    ) -> Self {
        Self(Arc::new(Inner { db, vault, ledger, consents, watch }))
    }

    /// What is noticed in an entry. It cannot fail.
    fn attend(&self, content: &Content, at: &Whereabouts) -> Option<Attention> {
        whatever_happens(|| self.0.watch.attend(&words_of(content), at))
    }

    /// Lets what was kept be read again. It costs nothing that was kept, whatever happens.
    fn again(&self, ctx: &Ctx, again: Again) {
        whatever_happens(|| {
            self.0.watch.again(ctx, again);
            None
        });
    }

    /// The same for an entry.
    fn entry_again(&self, ctx: &Ctx, content: &Content, found: Option<&Attention>) {
        self.again(ctx, Again::of(Source::Journal, &words_of(content), found));
    }

    /// Says in this transaction that something was noticed.
    fn notice(
        &self,
        (tx, ctx, work): (&mut Tx, &Ctx, &Work),
        source: Source,
        found: Option<&Attention>,
    ) -> Result<(), JournalError> {
        let Some(found) = found else { return Ok(()) };
        let whom = (&self.0.ledger, &work.keys, work.access.subject());
        crisis::notice(tx, ctx, whom, source, found)?;
        Ok(())
    }

    pub(crate) fn consents(&self) -> &Consents {
        &self.0.consents
    }

    /// Asks for everything before a transaction is open: keys may have to be made, durably.
    async fn begin(&self, ctx: &Ctx, action: Action) -> Result<Work, JournalError> {
        let subject = ctx.own_subject().map_err(|_| JournalError::NotLoggedIn)?;
        let access = self.0.consents.authorize(ctx, action, subject).await?;
        let keyring = self.0.vault.keyring(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        Ok(Work { access, keyring, keys })
    }

    /// Writes a new entry, in one message to the database. A client that chose the id may send
    /// the same again and gets the same answer.
    pub async fn create_entry(&self, ctx: &Ctx, draft: Draft) -> Result<Kept<Entry>, JournalError> {
        let work = self.begin(ctx, Action::Write).await?;
        let (id, place) = (draft.id, draft.place.clone());
        let (now, dated) = (ctx.now(), draft.occurred_at.is_some());
        let entry = Entry {
            id: id.unwrap_or_else(|| ctx.new_id()),
            content: draft.content(now)?,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let row = envelope::seal(&work.keyring, &entry)?;
        let event = work.event_on(&ENTRY_CREATED, entry.id);
        let safety = self.attend(&entry.content, &place);
        let created = run_tx!(self.0.db, TxSpec::queue("journal.create_entry"), |tx| {
            store::take_turn(tx, &work.access, 1);
            store::insert(tx, &work.access, &row);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            self.notice((tx, ctx, &work), Source::Journal, safety.as_ref())?;
            Ok::<_, JournalError>(())
        });
        match created {
            Ok(()) => {
                self.entry_again(ctx, &entry.content, safety.as_ref());
                Ok(Kept { entry, safety })
            }
            Err(JournalError::Db(DbError::Duplicate { .. })) if id.is_some() => {
                let entry = self.created_before(ctx, &work, entry, dated).await?;
                Ok(Kept { entry, safety })
            }
            Err(error) => Err(error),
        }
    }

    /// The entry that has the id already, if it is the one that was to be created.
    async fn created_before(
        &self,
        ctx: &Ctx,
        work: &Work,
        wanted: Entry,
        dated: bool,
    ) -> Result<Entry, JournalError> {
        let present = self.read_recorded(ctx, work, wanted.id).await?;
        let present = present.ok_or(JournalError::Exists)?;
        let occurred_at =
            if dated { wanted.content.occurred_at } else { present.content.occurred_at };
        let wanted = Content { occurred_at, ..wanted.content };
        if wanted.same_as(&present.content) { Ok(present) } else { Err(JournalError::Exists) }
    }

    /// The caller's entry with this id.
    pub async fn read_entry(&self, ctx: &Ctx, id: EntryId) -> Result<Entry, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        self.read_recorded(ctx, &work, id).await?.ok_or(JournalError::NotFound)
    }

    async fn read_recorded(
        &self,
        ctx: &Ctx,
        work: &Work,
        id: EntryId,
    ) -> Result<Option<Entry>, JournalError> {
        let row = store::get(&self.0.db, &work.access, id).await?;
        let entry = row.map(|row| envelope::open(&work.keyring, &row)).transpose()?.flatten();
        if entry.is_some() {
            let event = work.event_on(&ENTRY_READ, id);
            self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        }
        Ok(entry)
    }

    /// A page of the caller's entries, newest first. Where a filter looks into entries, a request
    /// opens no more than 2,000 of them: a page may be short, even empty, and still have a next.
    pub async fn list_entries(
        &self,
        ctx: &Ctx,
        filter: &Filter,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Entry>, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        let end = filter.to.map_or(Cursor::NEWEST, |to| Cursor { at: to, id: Uuid::nil() });
        let start = after.unwrap_or(Cursor::NEWEST).min(end);
        let page = self.scan(&work, filter, start, size).await?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&ENTRIES_LISTED)).await?;
        Ok(page)
    }

    async fn scan(
        &self,
        work: &Work,
        filter: &Filter,
        start: Cursor,
        size: PageSize,
    ) -> Result<Page<Entry>, JournalError> {
        let from = filter.from.unwrap_or(Timestamp::MIN);
        let batch = if filter.looks_inside() { BATCH } else { size.get() + 1 };
        let (mut items, mut at, mut scanned) = (Vec::new(), start, 0);
        while scanned < SCANNED {
            let rows = store::newest_first(&self.0.db, &work.access, (at, from), batch).await?;
            let at_the_end = rows.len() < batch;
            for row in rows {
                let cursor = row.cursor();
                let entry = envelope::open(&work.keyring, &row)?;
                if let Some(entry) = entry.filter(|entry| filter.admits(&entry.content)) {
                    if items.len() == size.get() {
                        return Ok(Page { items, next: Some(at) });
                    }
                    items.push(entry);
                }
                (at, scanned) = (cursor, scanned + 1);
            }
            if at_the_end {
                return Ok(Page { items, next: None });
            }
        }
        Ok(Page { items, next: Some(at) })
    }

    /// Replaces what is in an entry, if it is of a version that the caller knows.
    pub async fn update_entry(
        &self,
        ctx: &Ctx,
        id: EntryId,
        known: &Precondition,
        draft: Draft,
    ) -> Result<Kept<Entry>, JournalError> {
        let work = self.begin(ctx, Action::Write).await?;
        let (now, dated) = (ctx.now(), draft.occurred_at.is_some());
        let place = draft.place.clone();
        draft.is_for(id)?;
        let content = draft.content(now)?;
        let event = work.event_on(&ENTRY_UPDATED, id);
        let safety = self.attend(&content, &place);
        let entry = run_tx!(self.0.db, TxSpec::queue("journal.update_entry"), |tx| {
            store::take_turn(tx, &work.access, 1);
            let row = store::get_in(tx, &work.access, id).await?;
            let before = row.map(|row| envelope::open(&work.keyring, &row)).transpose()?;
            let before = before.flatten().ok_or(JournalError::NotFound)?;
            known.check(before.version)?;
            let entry = before.rewritten(content.clone(), dated, now);
            store::put(tx, &work.access, &envelope::seal(&work.keyring, &entry)?, 0);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            self.notice((tx, ctx, &work), Source::Journal, safety.as_ref())?;
            Ok::<_, JournalError>(entry)
        })?;
        self.entry_again(ctx, &entry.content, safety.as_ref());
        Ok(Kept { entry, safety })
    }

    /// Deletes an entry; what stays is a row without content, for devices that have it.
    pub async fn delete_entry(
        &self,
        ctx: &Ctx,
        id: EntryId,
        known: Option<&Precondition>,
    ) -> Result<(), JournalError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let (now, event) = (ctx.now(), work.event_on(&ENTRY_DELETED, id));
        run_tx!(self.0.db, TxSpec::queue("journal.delete_entry"), |tx| {
            store::take_turn(tx, &work.access, 1);
            let row = store::get_in(tx, &work.access, id).await?;
            let row = row.filter(|row| row.content.is_some()).ok_or(JournalError::NotFound)?;
            known.map_or(Ok(()), |known| known.check(row.version))?;
            let gone = envelope::tombstone(id, row.created_at, row.version + 1, now);
            store::put(tx, &work.access, &gone, 0);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, JournalError>(())
        })
    }
}
