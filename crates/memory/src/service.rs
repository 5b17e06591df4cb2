//! The use cases. Each one goes the same way: authorize, get the keys, decide and seal, store and
//! record in one transaction. What is read is recorded before it is answered.

mod recall;

pub use recall::Told;

use crate::{
    cache::Cache,
    envelope::{self, Vector},
    error::MemoryError,
    meaning::Meaning,
    model::{Draft, FACTS, Fact, FactId, Origin, Retrieval},
    select::Known,
    store::{self, Head},
};
use audit::{Event, Keys, Ledger};
use consent::{Access, Action, Consents};
use crisis::{Attention, Attentive, Source, Whereabouts, whatever_happens};
use db::{Db, TxSpec, run_tx};
use httpkit::Precondition;
use kernel::{Ctx, Cursor, Page, PageSize, Phi, Timestamp};
use std::{sync::Arc, time::Duration};
use vault::{Keyring, Vault};

audit::actions! {
    /// Somebody looked at whether they are remembered.
    MEMORY_READ = "memory.read" on "memory";
    /// A person switched memory on or off.
    MEMORY_SWITCHED = "memory.switch" on "memory";
    /// A page of facts was read.
    FACTS_LISTED = "memory.fact.list" on "memory";
    /// A fact was kept.
    FACT_CREATED = "memory.fact.create" on "memory_fact";
    /// A fact was changed.
    FACT_UPDATED = "memory.fact.update" on "memory_fact";
    /// A fact was deleted.
    FACT_DELETED = "memory.fact.delete" on "memory_fact";
    /// All facts were deleted.
    FACTS_DELETED = "memory.fact.delete_all" on "memory";
    /// All facts were handed over as a file.
    MEMORY_EXPORTED = "memory.export" on "memory";
    /// Facts were searched for what matters for a message.
    MEMORY_RECALLED = "memory.recall" on "memory";
    /// What facts mean was reckoned.
    MEMORY_INDEXED = "memory.index" on "memory";
    /// What was remembered of an erased account was removed.
    MEMORY_ERASED = "memory.erase" on "memory";
}

/// How long a wish may go unnoticed that was changed in another process.
const HEAD_LIFE: Duration = Duration::from_millis(500);
const HEADS: usize = 10_000;
/// How long opened facts stay in memory, and of how many people.
const KNOWN_LIFE: Duration = Duration::from_mins(1);
const KNOWN: usize = 32;

/// What is remembered of everyone. Cheap to clone.
#[derive(Clone)]
pub struct Memory(Arc<Inner>);

struct Inner {
    parts: Parts,
    heads: Cache<Head>,
    known: Cache<(i64, Known)>,
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
    /// What looks at what people write.
    pub watch: Arc<dyn Attentive>,
    /// Who knows what sentences mean.
    pub meaning: Arc<dyn Meaning>,
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

    fn event_on(&self, action: &'static audit::Action, id: FactId) -> Event {
        self.event(action).resource(id)
    }
}

/// How things stand.
pub struct Status {
    /// Whether the person is remembered.
    pub enabled: bool,
    /// Since when it is so; none where nothing was ever wished.
    pub changed_at: Option<Timestamp>,
    /// How many facts there are.
    pub facts: usize,
    /// How they are found.
    pub retrieval: Retrieval,
}

/// A fact that was kept, and what was noticed in it.
pub struct Kept {
    /// The fact.
    pub fact: Fact,
    /// What was noticed, if anything. It never keeps anything from being stored.
    pub safety: Option<Attention>,
}

impl Memory {
    /// Over these.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let (heads, known) = (Cache::new(HEAD_LIFE, HEADS), Cache::new(KNOWN_LIFE, KNOWN));
        Self(Arc::new(Inner { parts, heads, known }))
    }

    /// Drops from memory what nobody has asked for lately. To be called now and then.
    pub fn tidy(&self, now: Timestamp) {
        self.0.heads.tidy(now);
        self.0.known.tidy(now);
        self.0.parts.meaning.tidy(now);
    }

    pub(crate) fn consents(&self) -> &Consents {
        &self.0.parts.consents
    }

    fn ledger(&self) -> &Ledger {
        &self.0.parts.ledger
    }

    fn db(&self) -> &Db {
        &self.0.parts.db
    }

    /// How facts are found here.
    #[must_use]
    pub fn retrieval(&self) -> Retrieval {
        match self.0.parts.meaning.model() {
            Some(_) => Retrieval::Embedding,
            None => Retrieval::Lexical,
        }
    }

    /// Asks for everything before a transaction is open: keys may have to be made, durably.
    async fn begin(&self, ctx: &Ctx, action: Action) -> Result<Work, MemoryError> {
        let subject = ctx.own_subject().map_err(|_| MemoryError::NotLoggedIn)?;
        let access = self.0.parts.consents.authorize(ctx, action, subject).await?;
        let keyring = self.0.parts.vault.keyring(subject).await?;
        let keys = self.ledger().keys(ctx, subject).await?;
        Ok(Work { access, keyring, keys })
    }

    /// Whether the caller is remembered, of how much, and how it is found.
    pub async fn status(&self, ctx: &Ctx) -> Result<Status, MemoryError> {
        // Whoever may take their data away may see that it is there.
        let work = self.begin(ctx, Action::Export).await?;
        let head = store::head(self.db(), &work.access).await?;
        let facts = store::count(self.db(), &work.access).await?;
        self.ledger().record_now(ctx, &work.keys, &work.event(&MEMORY_READ)).await?;
        let Head { enabled, changed_at, .. } = head;
        Ok(Status { enabled, changed_at, facts, retrieval: self.retrieval() })
    }

    /// Switches memory on or off. Facts stay until they are deleted, and are not used while it is
    /// off. Whoever wants less needs to have agreed to nothing.
    pub async fn switch(&self, ctx: &Ctx, enabled: bool) -> Result<Status, MemoryError> {
        let action = if enabled { Action::Write } else { Action::Delete };
        let work = self.begin(ctx, action).await?;
        let now = ctx.now();
        let event = work.event(&MEMORY_SWITCHED).detail("enabled", enabled.to_string());
        let switched = run_tx!(self.db(), TxSpec::queue("memory.switch"), |tx| {
            store::switch(tx, &work.access, (enabled, now));
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok::<_, MemoryError>(())
        });
        self.forget(&work);
        switched?;
        let facts = store::count(self.db(), &work.access).await?;
        Ok(Status { enabled, changed_at: Some(now), facts, retrieval: self.retrieval() })
    }

    /// What was read of this person is read anew, whether a change worked or not.
    fn forget(&self, work: &Work) {
        let subject = work.access.subject();
        self.0.heads.forget(&subject);
        self.0.known.forget(&subject);
    }

    /// What a text means, if somebody here knows.
    async fn meant(&self, text: &Phi<String>) -> Option<Vector> {
        let model = self.0.parts.meaning.model()?;
        let numbers = self.0.parts.meaning.vectors(std::slice::from_ref(text)).await?.pop()?;
        Some(Vector { model, numbers })
    }

    /// What is noticed in a fact. It cannot fail.
    fn attend(&self, text: &Phi<String>, at: &Whereabouts) -> Option<Attention> {
        whatever_happens(|| self.0.parts.watch.attend(text, at))
    }

    /// Keeps a fact that the person wrote down.
    pub async fn add(
        &self,
        ctx: &Ctx,
        draft: &Draft,
        at: &Whereabouts,
    ) -> Result<Kept, MemoryError> {
        let work = self.begin(ctx, Action::Write).await?;
        let draft = draft.checked()?;
        let safety = self.attend(&draft.text, at);
        let fact = self.keep(ctx, &work, (draft, Origin::Person), safety.as_ref()).await?;
        Ok(Kept { fact, safety })
    }

    /// Keeps what a model proposed and the person accepted.
    pub async fn accept(&self, ctx: &Ctx, draft: &Draft) -> Result<Fact, MemoryError> {
        let work = self.begin(ctx, Action::Write).await?;
        let draft = draft.checked()?;
        let safety = self.attend(&draft.text, &Whereabouts::default());
        self.keep(ctx, &work, (draft, Origin::Chat), safety.as_ref()).await
    }

    async fn keep(
        &self,
        ctx: &Ctx,
        work: &Work,
        (draft, origin): (Draft, Origin),
        safety: Option<&Attention>,
    ) -> Result<Fact, MemoryError> {
        let (now, Draft { text, kind }) = (ctx.now(), draft);
        let vector = self.meant(&text).await;
        let (id, version) = (ctx.new_id(), 1);
        let fact = Fact { id, text, kind, origin, created_at: now, updated_at: now, version };
        let row = sealed(&work.keyring, &fact, vector.as_ref())?;
        let event = work.event_on(&FACT_CREATED, fact.id);
        let kept = run_tx!(self.db(), TxSpec::queue("memory.keep"), |tx| {
            if !store::take_turn(tx, &work.access, now).await?.enabled {
                return Err(MemoryError::Off);
            }
            if store::count_in(tx, &work.access).await? >= FACTS {
                return Err(MemoryError::Full);
            }
            store::insert(tx, &work.access, &row);
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            if let Some(found) = safety {
                let whom = (self.ledger(), &work.keys, work.access.subject());
                crisis::notice(tx, ctx, whom, Source::Memory, found)?;
            }
            Ok(())
        });
        self.forget(work);
        kept.map(|()| fact)
    }

    /// A page of the caller's facts, newest first.
    pub async fn list(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Fact>, MemoryError> {
        let work = self.begin(ctx, Action::Read).await?;
        let start = after.unwrap_or(Cursor::NEWEST);
        let rows = store::newest_first(self.db(), &work.access, start, size.get() + 1).await?;
        let Page { items, next } = Page::from_rows(rows, size, store::SealedFact::cursor);
        let open = |row| envelope::open(&work.keyring, row);
        let items = items.iter().map(open).collect::<Result<_, _>>()?;
        self.ledger().record_now(ctx, &work.keys, &work.event(&FACTS_LISTED)).await?;
        Ok(Page { items, next })
    }

    /// Replaces what is in a fact, if it is of a version that the caller knows.
    pub async fn update(
        &self,
        ctx: &Ctx,
        id: FactId,
        (known, draft): (&Precondition, &Draft),
        at: &Whereabouts,
    ) -> Result<Kept, MemoryError> {
        let work = self.begin(ctx, Action::Write).await?;
        let (now, Draft { text, kind }) = (ctx.now(), draft.checked()?);
        let vector = self.meant(&text).await;
        let safety = self.attend(&text, at);
        let event = work.event_on(&FACT_UPDATED, id);
        let updated = run_tx!(self.db(), TxSpec::queue("memory.update"), |tx| {
            store::take_turn(tx, &work.access, now).await?;
            let before = store::get_in(tx, &work.access, id).await?;
            let before = before.ok_or(MemoryError::NotFound)?;
            known.check(before.version)?;
            let before = envelope::open(&work.keyring, &before)?;
            let (text, version) = (text.clone(), before.version + 1);
            let fact = Fact { text, kind, updated_at: now, version, ..before };
            store::put(tx, &work.access, &sealed(&work.keyring, &fact, vector.as_ref())?);
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            if let Some(found) = &safety {
                let whom = (self.ledger(), &work.keys, work.access.subject());
                crisis::notice(tx, ctx, whom, Source::Memory, found)?;
            }
            Ok::<_, MemoryError>(fact)
        });
        self.forget(&work);
        Ok(Kept { fact: updated?, safety })
    }

    /// Deletes a fact.
    pub async fn delete(&self, ctx: &Ctx, id: FactId) -> Result<(), MemoryError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let (now, event) = (ctx.now(), work.event_on(&FACT_DELETED, id));
        let deleted = run_tx!(self.db(), TxSpec::queue("memory.delete"), |tx| {
            store::take_turn(tx, &work.access, now).await?;
            if !store::delete(tx, &work.access, id).await? {
                return Err(MemoryError::NotFound);
            }
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok(())
        });
        self.forget(&work);
        deleted
    }

    /// Deletes all facts of the caller.
    pub async fn delete_all(&self, ctx: &Ctx) -> Result<(), MemoryError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let (now, event) = (ctx.now(), work.event(&FACTS_DELETED));
        let deleted = run_tx!(self.db(), TxSpec::queue("memory.delete_all"), |tx| {
            store::take_turn(tx, &work.access, now).await?;
            store::delete_all(tx, &work.access);
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok::<_, MemoryError>(())
        });
        self.forget(&work);
        deleted
    }

    /// All facts of the caller, newest first.
    pub async fn export(&self, ctx: &Ctx) -> Result<Vec<Fact>, MemoryError> {
        let work = self.begin(ctx, Action::Export).await?;
        let rows = store::whole(self.db(), &work.access).await?;
        let open = |(row, _): &store::WithVector| envelope::open(&work.keyring, row);
        let facts = rows.iter().map(open).collect::<Result<_, _>>()?;
        self.ledger().record_now(ctx, &work.keys, &work.event(&MEMORY_EXPORTED)).await?;
        Ok(facts)
    }
}

fn sealed(
    keyring: &Keyring,
    fact: &Fact,
    vector: Option<&Vector>,
) -> Result<store::WithVector, MemoryError> {
    let seal = |vector| envelope::seal_vector(keyring, fact.id, vector);
    Ok((envelope::seal(keyring, fact)?, vector.map(seal).transpose()?))
}
