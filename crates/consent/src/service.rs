//! The use cases of consent, and the decision behind every [`Access`].

use crate::{
    access::Access,
    cache::Cache,
    error::ConsentError,
    model::{Action, ConsentType, Consented, Latest, OPERATIONS, TextVersion, needs},
    store,
};
use audit::{Event, Keys, Ledger};
use db::{Db, Tx, TxSpec, run_tx};
use kernel::{Actor, Coded, Ctx, Purpose, Subject};
use std::sync::Arc;

audit::actions! {
    /// A person agreed to something.
    CONSENT_GIVEN = "consent.give" on "consent";
    /// A person took an agreement back.
    CONSENT_WITHDRAWN = "consent.withdraw" on "consent";
    /// The consents of an erased account were removed.
    CONSENTS_ERASED = "consent.erase" on "consent";
    /// A use of data was refused.
    ACCESS_DENIED = "access.deny" on "person";
}

/// The consent ledger and the rules on it. Cheap to clone.
#[derive(Clone)]
pub struct Consents(Arc<Inner>);

struct Inner {
    db: Db,
    ledger: Ledger,
    cache: Cache,
    in_force: fn(ConsentType) -> TextVersion,
}

/// What a person agrees to while the account is being made.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// The new person.
    pub subject: Subject,
    /// What they agreed to, each with the version of the text that they saw.
    pub given: &'a [(ConsentType, TextVersion)],
}

impl Consents {
    /// Over this database, recording in this ledger.
    #[must_use]
    pub fn new(db: Db, ledger: Ledger) -> Self {
        Self::with_texts(db, ledger, ConsentType::version_in_force)
    }

    /// The same with other texts in force.
    pub(crate) fn with_texts(
        db: Db,
        ledger: Ledger,
        in_force: fn(ConsentType) -> TextVersion,
    ) -> Self {
        Self(Arc::new(Inner { db, ledger, cache: Cache::default(), in_force }))
    }

    /// The version of a text that is in force.
    #[must_use]
    pub fn in_force(&self, consent: ConsentType) -> TextVersion {
        (self.0.in_force)(consent)
    }

    /// Allows a use of a person's data for the purpose of this request, or refuses it and records
    /// that. Ask before a transaction is opened, and for each piece of work anew.
    pub async fn authorize(
        &self,
        ctx: &Ctx,
        action: Action,
        subject: Subject,
    ) -> Result<Access, ConsentError> {
        match self.decide(ctx, action, subject).await {
            Ok(()) => Ok(Access::grant(action, ctx.purpose, subject)),
            Err(error) if error.is_refusal() => {
                self.record_refusal(ctx, action, subject, &error).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a use would be allowed, for whoever has another way to go where it is not. It is
    /// no permission, and a "no" is not recorded.
    pub async fn allows(
        &self,
        ctx: &Ctx,
        action: Action,
        subject: Subject,
    ) -> Result<bool, ConsentError> {
        match self.decide(ctx, action, subject).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_refusal() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn decide(
        &self,
        ctx: &Ctx,
        action: Action,
        subject: Subject,
    ) -> Result<(), ConsentError> {
        // Emergencies have grants of their own: see `Emergency::open`.
        if ctx.purpose == Purpose::Emergency {
            return Err(ConsentError::NotYours);
        }
        may_ask(ctx, action, subject)?;
        let needed = needs(ctx.purpose, action);
        if needed.is_empty() {
            return Ok(());
        }
        let consented = self.consented(ctx, subject).await?;
        match consented.missing(needed, self.0.in_force) {
            None => Ok(()),
            Some(consent) => Err(ConsentError::Required(consent)),
        }
    }

    async fn consented(&self, ctx: &Ctx, subject: Subject) -> Result<Arc<Consented>, ConsentError> {
        if let Some(kept) = self.0.cache.get(&subject, ctx.now()) {
            return Ok(kept);
        }
        let reading = self.0.cache.begin(ctx.now());
        let consented = Arc::new(store::latest(&self.0.db, subject).await?);
        self.0.cache.put(subject, Arc::clone(&consented), reading);
        Ok(consented)
    }

    /// A refusal is told of whoever asked. The one who was asked for may not even exist, and no
    /// keys are made for people who do not.
    async fn record_refusal(
        &self,
        ctx: &Ctx,
        action: Action,
        subject: Subject,
        error: &ConsentError,
    ) -> Result<(), ConsentError> {
        let holder = ctx.own_subject().unwrap_or_else(|_| Subject::tenant_itself(subject.tenant));
        let keys = self.0.ledger.keys(ctx, holder).await?;
        let event = Event::new(&ACCESS_DENIED, holder)
            .resource(subject.user)
            .denied(error.code())
            .detail("action", action.name());
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        Ok(())
    }

    /// What the caller agreed to, and what there is to agree to.
    pub async fn status(&self, ctx: &Ctx) -> Result<Consented, ConsentError> {
        Ok(store::latest(&self.0.db, own(ctx)?).await?)
    }

    /// The caller agrees to a text they have seen. Agreeing again changes nothing.
    pub async fn record(
        &self,
        ctx: &Ctx,
        consent: ConsentType,
        version: TextVersion,
    ) -> Result<Consented, ConsentError> {
        let in_force = self.in_force(consent);
        if !version.covers(in_force) {
            return Err(ConsentError::TextChanged(consent, in_force));
        }
        let line = Latest { given: true, version, at: ctx.now() };
        self.append(ctx, consent, line).await
    }

    /// The caller takes an agreement back. Taking it back again changes nothing.
    pub async fn withdraw(
        &self,
        ctx: &Ctx,
        consent: ConsentType,
    ) -> Result<Consented, ConsentError> {
        if consent.is_required() {
            return Err(ConsentError::TermsBind);
        }
        let line = Latest { given: false, version: self.in_force(consent), at: ctx.now() };
        self.append(ctx, consent, line).await
    }

    async fn append(
        &self,
        ctx: &Ctx,
        consent: ConsentType,
        line: Latest,
    ) -> Result<Consented, ConsentError> {
        let subject = own(ctx)?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let changed = run_tx!(self.0.db, TxSpec::queue("consent.append"), |tx| {
            let before = store::take_turn(tx, subject).await?;
            if before.says(consent, line) {
                return Ok::<_, ConsentError>(before);
            }
            store::append(tx, subject, consent, line);
            self.0.ledger.record(tx, ctx, &keys, &event(subject, consent, line))?;
            Ok(before.with(consent, line))
        });
        // Also after a failure: whether the commit went through may be unknown.
        self.0.cache.forget(&subject);
        changed
    }

    /// Writes down what a person agrees to while registering, in the transaction that makes the
    /// account. Fails unless everything is among it that there can be no account without.
    pub fn record_at_registration(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        keys: &Keys,
        registration: Registration<'_>,
    ) -> Result<(), ConsentError> {
        let Registration { subject, given } = registration;
        for consent in ConsentType::ALL.into_iter().filter(|consent| consent.is_required()) {
            if !given.iter().any(|(given, _)| *given == consent) {
                return Err(ConsentError::Required(consent));
            }
        }
        for (consent, version) in given.iter().copied() {
            let in_force = self.in_force(consent);
            if !version.covers(in_force) {
                return Err(ConsentError::TextChanged(consent, in_force));
            }
            let line = Latest { given: true, version, at: ctx.now() };
            store::append_first(tx, subject, consent, line);
            self.0.ledger.record(tx, ctx, keys, &event(subject, consent, line))?;
        }
        Ok(())
    }

    /// Whether there is such a person: everybody agreed to something.
    pub(crate) async fn knows(&self, subject: Subject) -> Result<bool, ConsentError> {
        Ok(store::latest(&self.0.db, subject).await? != Consented::default())
    }

    /// To be called after the ledger of this person was changed.
    pub(crate) fn forget(&self, subject: Subject) {
        self.0.cache.forget(&subject);
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }
}

/// Who may ask for this at all: people for what is their own, the program for what it has to do.
fn may_ask(ctx: &Ctx, action: Action, subject: Subject) -> Result<(), ConsentError> {
    let operates = ctx.purpose == Purpose::Operations;
    match &ctx.actor {
        Actor::Person(person) if person.subject == subject && !operates => Ok(()),
        Actor::System(_) if operates && OPERATIONS.contains(&action) => Ok(()),
        Actor::Person(_) | Actor::System(_) | Actor::Operator => Err(ConsentError::NotYours),
        Actor::Anonymous => Err(ConsentError::NotLoggedIn),
    }
}

fn own(ctx: &Ctx) -> Result<Subject, ConsentError> {
    ctx.own_subject().map_err(|_| ConsentError::NotLoggedIn)
}

fn event(subject: Subject, consent: ConsentType, line: Latest) -> Event {
    let action = if line.given { &CONSENT_GIVEN } else { &CONSENT_WITHDRAWN };
    Event::new(action, subject)
        .detail("consent", consent.name())
        .detail("version", line.version.to_string())
}
