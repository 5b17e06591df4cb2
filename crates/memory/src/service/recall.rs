//! What matters for a message that is about to be answered, and what the message asks to remember.

use super::{FACT_CREATED, MEMORY_INDEXED, MEMORY_RECALLED, Memory, Work};
use crate::{
    envelope::{self, Vector},
    error::MemoryError,
    model::{Draft, FactId, Origin, Retrieval},
    remember,
    select::Known,
    store::{self, Head},
};
use audit::Event;
use consent::Action;
use db::run_tx;
use kernel::{Ctx, Phi, Subject};
use std::sync::Arc;

/// How many facts without a vector get one in passing, so that a model that was installed later
/// reads them bit by bit, with the right of the person whose message it is.
const READ_AT_ONCE: usize = 4;

/// What is to be told with a message.
#[derive(Default)]
pub struct Told {
    /// The facts: wishes on how to be spoken to, then what fits, best first.
    pub facts: Vec<(FactId, Phi<String>)>,
    /// What the message asked to remember, if it did.
    pub kept: Option<FactId>,
    /// That facts were searched. It belongs into the transaction that keeps the message.
    pub event: Option<Event>,
}

impl Memory {
    /// What matters for this message. Where the person has not switched memory on, nothing is read
    /// but that. `anew` says that the message was not there before: only then what it asks to
    /// remember is kept.
    pub async fn recall(
        &self,
        ctx: &Ctx,
        said: &Phi<String>,
        anew: bool,
    ) -> Result<Told, MemoryError> {
        let subject = ctx.own_subject().map_err(|_| MemoryError::NotLoggedIn)?;
        if !self.wished(ctx, subject).await?.enabled {
            return Ok(Told::default());
        }
        let work = self.begin(ctx, Action::Write).await?;
        let known = self.known(ctx, &work).await?;
        let mut told = self.search(&work, &known.1, said).await;
        if anew {
            told.kept = self.remember(ctx, &work, &known.1, said).await?;
        }
        self.read_some(ctx, &work, &known.1).await?;
        Ok(told)
    }

    /// Whether the caller is remembered.
    pub async fn is_wished(&self, ctx: &Ctx) -> Result<bool, MemoryError> {
        let subject = ctx.own_subject().map_err(|_| MemoryError::NotLoggedIn)?;
        Ok(self.wished(ctx, subject).await?.enabled)
    }

    async fn wished(&self, ctx: &Ctx, subject: Subject) -> Result<Arc<Head>, MemoryError> {
        if let Some(head) = self.0.heads.get(&subject, ctx.now()) {
            return Ok(head);
        }
        let reading = self.0.heads.begin(ctx.now());
        let access = self.consents().authorize(ctx, Action::Read, subject).await?;
        let head = store::head(self.db(), &access).await?;
        Ok(self.0.heads.put(subject, head, reading))
    }

    /// What is known under the newest revision.
    async fn known(&self, ctx: &Ctx, work: &Work) -> Result<Arc<(i64, Known)>, MemoryError> {
        let subject = work.access.subject();
        let revision = self.wished(ctx, subject).await?.revision;
        let kept = self.0.known.get(&subject, ctx.now());
        if let Some(kept) = kept.filter(|kept| kept.0 == revision) {
            return Ok(kept);
        }
        let reading = self.0.known.begin(ctx.now());
        let rows = store::whole(self.db(), &work.access).await?;
        let open = |(row, vector): &store::WithVector| {
            let fact = envelope::open(&work.keyring, row)?;
            let open = |sealed| envelope::open_vector(&work.keyring, row.id, sealed);
            Ok((fact, vector.as_ref().map(open).transpose()?))
        };
        let all = rows.iter().map(open).collect::<Result<_, MemoryError>>()?;
        Ok(self.0.known.put(subject, (revision, Known::new(all)), reading))
    }

    async fn search(&self, work: &Work, known: &Known, said: &Phi<String>) -> Told {
        if known.is_empty() {
            return Told::default();
        }
        let meant = self.meant(said).await;
        let by = if meant.is_some() { Retrieval::Embedding } else { Retrieval::Lexical };
        // EXPOSE: compared; what is chosen is as sensitive as before.
        let chosen = known.choose(said.expose(), meant.as_ref());
        let event = work.event(&MEMORY_RECALLED).detail("retrieval", by.name());
        let event = event.detail("facts", chosen.len().to_string());
        let facts = chosen.into_iter().map(|fact| (fact.id, fact.text.clone())).collect();
        Told { facts, kept: None, event: Some(event) }
    }

    /// Keeps what the message asks to remember, once.
    async fn remember(
        &self,
        ctx: &Ctx,
        work: &Work,
        known: &Known,
        said: &Phi<String>,
    ) -> Result<Option<FactId>, MemoryError> {
        // EXPOSE: taken apart, and as sensitive as before.
        let Some(wish) = remember::wished(said.expose()) else { return Ok(None) };
        if let Some(there) = known.has(wish) {
            return Ok(Some(there));
        }
        let draft = Draft { text: Phi::new(wish.to_owned()), ..Draft::default() }.checked()?;
        // The message was looked at as a whole.
        match self.keep(ctx, work, (draft, Origin::Chat), None).await {
            Ok(fact) => Ok(Some(fact.id)),
            Err(error @ (MemoryError::Off | MemoryError::Full)) => {
                tracing::info!(%error, action = FACT_CREATED.name(), "a wish could not be kept");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Has the model read some facts that it has not read yet.
    async fn read_some(&self, ctx: &Ctx, work: &Work, known: &Known) -> Result<(), MemoryError> {
        let Some(model) = self.0.parts.meaning.model() else { return Ok(()) };
        let unread = known.unread(&model, READ_AT_ONCE);
        if unread.is_empty() {
            return Ok(());
        }
        let texts: Vec<Phi<String>> = unread.iter().map(|fact| fact.text.clone()).collect();
        let Some(found) = self.0.parts.meaning.vectors(&texts).await else { return Ok(()) };
        let mut sealed = Vec::with_capacity(unread.len());
        for (fact, numbers) in unread.iter().zip(found) {
            let vector = Vector { model: model.clone(), numbers };
            let bytes = envelope::seal_vector(&work.keyring, fact.id, &vector)?;
            sealed.push(((fact.id, fact.version), bytes));
        }
        let (now, event) = (ctx.now(), work.event(&MEMORY_INDEXED));
        let indexed = run_tx!(self.db(), db::TxSpec::queue("memory.index"), |tx| {
            store::take_turn(tx, &work.access, now).await?;
            for (place, vector) in &sealed {
                store::put_vector(tx, &work.access, *place, vector);
            }
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok::<_, MemoryError>(())
        });
        self.forget(work);
        indexed
    }
}
