//! The use cases. Each one goes the same way: authorize, get the keys, decide and seal, store and
//! record in one transaction. What is read is recorded before it is answered.

mod figures;
mod forms;
mod practice;
mod results;

pub use figures::Told;
pub use practice::{Suggested, Wish};
pub use results::Trend;

use crate::{
    envelope,
    error::WellbeingError,
    model::{Body, Record, RecordId, Shelf, checked_date},
    store,
};
use audit::{Event, Keys, Ledger};
use care::Care;
use consent::{Access, Action, Consents};
use crisis::{
    Attention, Attentive, Lookout, Source, Whereabouts, opinion::Again, whatever_happens,
};
use db::{Db, DbError, run_tx};
use journal::Journal;
use kernel::{Ctx, Cursor, Page, PageSize, Phi, Timestamp};
use std::sync::Arc;
use vault::{Keyring, Vault};

audit::actions! {
    /// A questionnaire was answered.
    RESULT_ADDED = "wellbeing.result.create" on "questionnaire_result";
    /// A result was read.
    RESULT_READ = "wellbeing.result.read" on "questionnaire_result";
    /// Results were read.
    RESULTS_LISTED = "wellbeing.result.list" on "person";
    /// A result was deleted.
    RESULT_DELETED = "wellbeing.result.delete" on "questionnaire_result";
    /// What became of a score was read.
    TREND_READ = "wellbeing.result.trend" on "person";
    /// A form was filled in.
    FORM_ADDED = "wellbeing.form.create" on "wellbeing_form";
    /// A form was read.
    FORM_READ = "wellbeing.form.read" on "wellbeing_form";
    /// Forms were read.
    FORMS_LISTED = "wellbeing.form.list" on "person";
    /// A form was changed.
    FORM_UPDATED = "wellbeing.form.update" on "wellbeing_form";
    /// A form was deleted.
    FORM_DELETED = "wellbeing.form.delete" on "wellbeing_form";
    /// What a form said before was read.
    FORM_HISTORY_READ = "wellbeing.form.history" on "wellbeing_form";
    /// It was written down how an exercise went.
    PRACTICE_ADDED = "wellbeing.practice.create" on "practice";
    /// How exercises went was read.
    PRACTICE_LISTED = "wellbeing.practice.list" on "person";
    /// How an exercise went was deleted.
    PRACTICE_DELETED = "wellbeing.practice.delete" on "practice";
    /// Exercises were suggested, by what helped before.
    EXERCISES_SUGGESTED = "wellbeing.exercises.suggest" on "person";
    /// What the person's own figures say was told.
    FIGURES_TOLD = "wellbeing.figures.tell" on "person";
    /// Everything that was filled in was handed over as a file.
    WELLBEING_EXPORTED = "wellbeing.export" on "person";
    /// What was filled in under an erased account was removed.
    WELLBEING_ERASED = "wellbeing.erase" on "person";
}

/// How many records are opened to find those of a kind, in one request.
const SCANNED: usize = 2_000;
/// How many are fetched at once.
const BATCH: usize = 100;

/// What people fill in. Cheap to clone.
#[derive(Clone)]
pub struct Wellbeing(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    ledger: Ledger,
    consents: Consents,
    journal: Journal,
    lookout: Arc<Lookout>,
}

/// What it is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Everyone's keys.
    pub vault: Vault,
    /// The ledger.
    pub ledger: Ledger,
    /// What people agreed to.
    pub consents: Consents,
    /// Moods, and what days had.
    pub journal: Journal,
    /// The words and rules of care, and what looks at what people write.
    pub lookout: Arc<Lookout>,
}

/// What one piece of work needs.
struct Work {
    access: Access,
    keyring: Keyring,
    keys: Keys,
}

impl Work {
    fn event(&self, action: &'static audit::Action) -> Event {
        Event::new(action, self.access.subject())
    }
}

/// Something that is to be kept.
#[derive(Default)]
pub struct NewRecord {
    /// Its id, if the client chose it.
    pub id: Option<RecordId>,
    /// The moment it is about; now if it was left out.
    pub occurred_at: Option<Timestamp>,
    /// Where the person is, as far as they tell.
    pub place: Whereabouts,
}

/// What was kept, and what was noticed in it.
pub struct Added {
    /// What was kept.
    pub record: Record,
    /// What was noticed, if anything. It never keeps anything from being stored.
    pub safety: Option<Attention>,
}

impl Wellbeing {
    /// Over these.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { db, vault, ledger, consents, journal, lookout } = parts;
        Self(Arc::new(Inner { db, vault, ledger, consents, journal, lookout }))
    }

    /// The words and rules of care.
    #[must_use]
    pub fn care(&self) -> &Care {
        self.0.lookout.care()
    }

    pub(crate) fn consents(&self) -> &Consents {
        &self.0.consents
    }

    /// Asks for everything before a transaction is open: keys may have to be made, durably.
    async fn begin(&self, ctx: &Ctx, action: Action) -> Result<Work, WellbeingError> {
        let subject = ctx.own_subject().map_err(|_| WellbeingError::NotLoggedIn)?;
        let access = self.0.consents.authorize(ctx, action, subject).await?;
        let keyring = self.0.vault.keyring(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        Ok(Work { access, keyring, keys })
    }

    /// What is noticed in the words of a record.
    fn attend(&self, body: &Body, at: &Whereabouts) -> Option<Attention> {
        whatever_happens(|| self.0.lookout.attend(&body.words(), at))
    }

    /// Lets the words of a record that was kept be read again.
    fn again(&self, ctx: &Ctx, (source, body): (Source, &Body), found: Option<&Attention>) {
        whatever_happens(|| {
            self.0.lookout.again(ctx, Again::of(source, &body.words(), found));
            None
        });
    }

    /// Keeps something new. A client that chose the id may send the same again and gets the same
    /// answer.
    async fn add(
        &self,
        ctx: &Ctx,
        new: NewRecord,
        body: Body,
        (action, source, safety): (&'static audit::Action, Source, Option<Attention>),
    ) -> Result<Added, WellbeingError> {
        let work = self.begin(ctx, Action::Write).await?;
        let now = ctx.now();
        let record = Record {
            id: new.id.unwrap_or_else(|| ctx.new_id()),
            occurred_at: checked_date(new.occurred_at.unwrap_or(now))?,
            created_at: now,
            updated_at: now,
            version: 1,
            body: Phi::new(body),
        };
        let row = envelope::seal(&work.keyring, &record)?;
        let event = work.event(action).resource(record.id);
        let added = run_tx!(self.0.db, "wellbeing.add", |tx| {
            store::insert(tx, &work.access, &row);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            if let Some(found) = &safety {
                let whom = (&self.0.ledger, &work.keys, work.access.subject());
                crisis::notice(tx, ctx, whom, source, found)?;
            }
            Ok::<_, WellbeingError>(())
        });
        match added {
            Ok(()) => {
                // EXPOSE: looked at, as before.
                self.again(ctx, (source, record.body.expose()), safety.as_ref());
                Ok(Added { record, safety })
            }
            Err(WellbeingError::Db(DbError::Duplicate { .. })) if new.id.is_some() => {
                let dated = new.occurred_at.is_some();
                let record = self.added_before(&work, &record, dated).await?;
                Ok(Added { record, safety })
            }
            Err(error) => Err(error),
        }
    }

    /// What has the id already, if it is what was to be kept.
    async fn added_before(
        &self,
        work: &Work,
        wanted: &Record,
        dated: bool,
    ) -> Result<Record, WellbeingError> {
        // EXPOSE: compared, not shown.
        let body = wanted.body.expose();
        let row = store::get(&self.0.db, &work.access, (body.shelf(), wanted.id)).await?;
        let present = envelope::open(&work.keyring, &row.ok_or(WellbeingError::Exists)?)?;
        let same_time = !dated || present.occurred_at == wanted.occurred_at;
        let same = same_time && present.version == 1 && present.body.expose() == body;
        if same { Ok(present) } else { Err(WellbeingError::Exists) }
    }

    async fn read(
        &self,
        ctx: &Ctx,
        place: (Shelf, RecordId),
        action: &'static audit::Action,
    ) -> Result<Record, WellbeingError> {
        let work = self.begin(ctx, Action::Read).await?;
        let row = store::get(&self.0.db, &work.access, place).await?;
        let record = envelope::open(&work.keyring, &row.ok_or(WellbeingError::NotFound)?)?;
        let event = work.event(action).resource(place.1);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(record)
    }

    /// A page of a shelf, newest first, of all or of one name. A request opens no more than 2,000
    /// records: a page may be short, even empty, and still have a next.
    async fn list(
        &self,
        ctx: &Ctx,
        (kind, name): (Shelf, Option<&str>),
        (after, size): (Option<Cursor>, PageSize),
        action: &'static audit::Action,
    ) -> Result<Page<Record>, WellbeingError> {
        let work = self.begin(ctx, Action::Read).await?;
        let page = self.scan(&work, (kind, name), after, size).await?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(action)).await?;
        Ok(page)
    }

    async fn scan(
        &self,
        work: &Work,
        (kind, name): (Shelf, Option<&str>),
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Record>, WellbeingError> {
        let (mut items, mut at, mut scanned) = (Vec::new(), after.unwrap_or(Cursor::NEWEST), 0);
        while scanned < SCANNED {
            let rows = store::newest_first(&self.0.db, &work.access, (kind, at), BATCH).await?;
            let at_the_end = rows.len() < BATCH;
            for row in &rows {
                let record = envelope::open(&work.keyring, row)?;
                // EXPOSE: only its name is looked at.
                let wanted = name.is_none_or(|name| record.body.expose().name() == name);
                if wanted && items.len() == size.get() {
                    return Ok(Page { items, next: Some(at) });
                }
                (at, scanned) = (record.cursor(), scanned + 1);
                items.extend(wanted.then_some(record));
            }
            if at_the_end {
                return Ok(Page { items, next: None });
            }
        }
        Ok(Page { items, next: Some(at) })
    }

    async fn delete(
        &self,
        ctx: &Ctx,
        place: (Shelf, RecordId),
        action: &'static audit::Action,
    ) -> Result<(), WellbeingError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let event = work.event(action).resource(place.1);
        run_tx!(self.0.db, "wellbeing.delete", |tx| {
            if !store::delete(tx, &work.access, place).await? {
                return Err(WellbeingError::NotFound);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok(())
        })
    }

    /// Who may hand over everything that the caller filled in: recorded before the first leaves.
    pub(crate) async fn begin_export(&self, ctx: &Ctx) -> Result<Access, WellbeingError> {
        let work = self.begin(ctx, Action::Export).await?;
        let event = work.event(&WELLBEING_EXPORTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(work.access)
    }

    /// Some records of a shelf for a file, newest first, and where the next begin.
    pub(crate) async fn some(
        &self,
        access: &Access,
        kind: Shelf,
        after: Cursor,
    ) -> Result<(Vec<Record>, Option<Cursor>), WellbeingError> {
        // Anew for each piece: a slow reader outlives a keyring.
        let keyring = self.0.vault.keyring(access.subject()).await?;
        let rows = store::newest_first(&self.0.db, access, (kind, after), BATCH).await?;
        let open = |row| envelope::open(&keyring, row);
        let records = rows.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let next = records.last().filter(|_| records.len() == BATCH).map(Record::cursor);
        Ok((records, next))
    }
}
