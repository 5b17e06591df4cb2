//! The use cases of the crisis team.

use super::{
    error::TeamError,
    model::{Body, Case, CaseId, Note, Opened, State, Waiting},
    outside::Outside,
    store::{self, CASE_BODY, CaseRow},
};
use crate::look::Lookout;
use audit::{Event, Ledger};
use consent::Consents;
use db::{Db, TxSpec, run_tx};
use kernel::{Ctx, Cursor, Page, PageSize, Person, Phi, Purpose, Subject, Timestamp};
use std::sync::Arc;
use uuid::Uuid;
use vault::{Keyring, Sealed, Vault};
use zeroize::{Zeroize, Zeroizing};

audit::actions! {
    /// Somebody asked for a human.
    ESCALATED = "crisis.case.create" on "crisis_case";
    /// A program of the crisis team elsewhere was told that somebody waits.
    CASE_TOLD = "crisis.case.tell" on "crisis_case";
    /// A person looked at what became of their wish.
    OWN_CASES_LISTED = "crisis.case.list_own" on "person";
    /// A responder looked at who waits.
    QUEUE_READ = "crisis.case.queue" on "crisis_case";
    /// A responder took a case.
    CASE_CLAIMED = "crisis.case.claim" on "crisis_case";
    /// The responder of a case read it.
    CASE_READ = "crisis.case.read" on "crisis_case";
    /// The responder of a case noted something.
    CASE_NOTED = "crisis.case.note" on "crisis_case";
    /// The responder of a case closed it.
    CASE_CLOSED = "crisis.case.close" on "crisis_case";
    /// The cases of an erased account were removed.
    CASES_ERASED = "crisis.erase" on "person";
    /// The counters of a year were read.
    REPORT_READ = "crisis.report.read" on "organisation";
}

/// The longest message or note, in characters.
const TEXT_CHARS: usize = 4_000;
/// The most notes of a case.
pub(super) const NOTES: usize = 200;

/// The crisis team. Cheap to clone.
#[derive(Clone)]
pub struct CrisisTeam(Arc<Inner>);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) vault: Vault,
    pub(super) ledger: Ledger,
    consents: Consents,
    pub(super) lookout: Arc<Lookout>,
    pub(super) outside: Arc<dyn Outside>,
}

pub(super) fn seal(keyring: &Keyring, id: CaseId, body: &Body) -> Result<Sealed, TeamError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    serde_json::to_writer(&mut *bytes, body).map_err(|_| TeamError::Damaged)?;
    Ok(keyring.seal(&CASE_BODY, id.as_uuid(), &bytes)?)
}

pub(super) fn open(keyring: &Keyring, row: &CaseRow) -> Result<Phi<Body>, TeamError> {
    let sealed = Sealed::from_bytes(row.body.clone());
    let bytes = keyring.open(&CASE_BODY, row.id.as_uuid(), &sealed)?;
    // EXPOSE: taken apart into a value that is as sensitive.
    let body = serde_json::from_slice(bytes.expose()).map_err(|_| TeamError::Damaged)?;
    Ok(Phi::new(body))
}

pub(super) fn checked(text: &Phi<String>) -> Result<String, TeamError> {
    // EXPOSE: goes into the sealed body of a case.
    let text = text.expose().trim();
    if text.chars().count() > TEXT_CHARS { Err(TeamError::TooLong) } else { Ok(text.to_owned()) }
}

impl CrisisTeam {
    /// Over these.
    #[must_use]
    pub fn new(
        (db, vault): (Db, Vault),
        (ledger, consents): (Ledger, Consents),
        lookout: Arc<Lookout>,
        outside: Arc<dyn Outside>,
    ) -> Self {
        Self(Arc::new(Inner { db, vault, ledger, consents, lookout, outside }))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(super) fn consents(&self) -> &Consents {
        &self.0.consents
    }

    /// What became of the caller's wishes, newest first.
    pub async fn own(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Case>, TeamError> {
        let whose = ctx.own_subject().map_err(|_| TeamError::NotLoggedIn)?;
        let keys = self.0.ledger.keys(ctx, whose).await?;
        let before = after.unwrap_or(Cursor::NEWEST);
        let rows = store::of_person(&self.0.db, whose, before, size.get() + 1).await?;
        let page = Page::from_rows(rows, size, CaseRow::cursor);
        let event = Event::new(&OWN_CASES_LISTED, whose);
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        Ok(page.map(|row| row.case()))
    }

    /// Who waits, or whom somebody answers: who waits longest first. It says nothing of what they
    /// wrote.
    pub async fn queue(
        &self,
        ctx: &Ctx,
        state: State,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Waiting>, TeamError> {
        let me = responder(ctx)?.subject;
        let after = after.unwrap_or(Cursor { at: Timestamp::MIN, id: Uuid::nil() });
        let place = (me.tenant, state);
        let rows = store::queue(&self.0.db, place, after, size.get() + 1).await?;
        let page = Page::from_rows(rows, size, CaseRow::cursor);
        let mut items = Vec::with_capacity(page.items.len());
        for row in &page.items {
            let whose = Subject::new(me.tenant, row.user_id);
            let pseudonym = self.0.ledger.pseudonym(whose).await?;
            let own = row.responder_id == Some(me.user.as_uuid());
            items.push(Waiting { case: row.case(), pseudonym, own });
        }
        let whole = Subject::tenant_itself(me.tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&QUEUE_READ, whole)).await?;
        Ok(Page { items, next: page.next })
    }

    /// The caller takes a case, if nobody has it.
    pub async fn claim(&self, ctx: &Ctx, id: CaseId) -> Result<Opened, TeamError> {
        let me = responder(ctx)?.subject;
        let row = store::by_id(&self.0.db, me.tenant, id).await?.ok_or(TeamError::NotFound)?;
        let whose = Subject::new(me.tenant, row.user_id);
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let keys = self.0.ledger.keys(&ctx, whose).await?;
        let event = Event::new(&CASE_CLAIMED, whose).resource(id);
        run_tx!(self.0.db, TxSpec::queue("crisis.claim"), |tx| {
            let taken = store::claim(tx, (whose, id), (me.user, ctx.now())).await?;
            if !taken {
                let row = store::by_id_in(tx, me.tenant, id).await?.ok_or(TeamError::NotFound)?;
                let mine = row.responder_id == Some(me.user.as_uuid());
                // Taking what one has changes nothing.
                return if mine && row.state == 1 { Ok(()) } else { Err(TeamError::Taken) };
            }
            self.0.ledger.record(tx, &ctx, &keys, &event)?;
            Ok(())
        })?;
        self.read(&ctx, id).await
    }

    /// A case that the caller has.
    pub async fn read(&self, ctx: &Ctx, id: CaseId) -> Result<Opened, TeamError> {
        let me = responder(ctx)?.subject;
        let row = store::by_id(&self.0.db, me.tenant, id).await?;
        let row = row.filter(|row| row.responder_id == Some(me.user.as_uuid()));
        let row = row.ok_or(TeamError::NotFound)?;
        let whose = Subject::new(me.tenant, row.user_id);
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let keyring = self.0.vault.keyring(whose).await?;
        let keys = self.0.ledger.keys(&ctx, whose).await?;
        let body = open(&keyring, &row)?;
        // EXPOSE: taken apart into values that are as sensitive.
        let body = body.expose();
        let notes = serde_json::to_vec(&body.notes).map_err(|_| TeamError::Damaged)?;
        let opened = Opened {
            case: row.case(),
            person: row.user_id,
            level: body.level,
            rules: body.rules.clone(),
            notes: Phi::new(notes),
        };
        let event = Event::new(&CASE_READ, whose).resource(id);
        self.0.ledger.record_now(&ctx, &keys, &event).await?;
        Ok(opened)
    }

    /// The caller notes something in a case that they have, or closes it with a last word.
    pub async fn note(
        &self,
        ctx: &Ctx,
        id: CaseId,
        text: &Phi<String>,
        close: bool,
    ) -> Result<Case, TeamError> {
        let me = responder(ctx)?.subject;
        let text = checked(text)?;
        let row = store::by_id(&self.0.db, me.tenant, id).await?.ok_or(TeamError::NotFound)?;
        let whose = Subject::new(me.tenant, row.user_id);
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let keyring = self.0.vault.keyring(whose).await?;
        let keys = self.0.ledger.keys(&ctx, whose).await?;
        let now = ctx.now();
        let note = Note { by_person: false, at: now.as_micros(), text };
        let action = if close { &CASE_CLOSED } else { &CASE_NOTED };
        run_tx!(self.0.db, TxSpec::queue("crisis.note"), |tx| {
            let row = store::by_id_in(tx, me.tenant, id).await?;
            let mine = |row: &CaseRow| {
                row.responder_id == Some(me.user.as_uuid()) && row.state == State::Claimed.number()
            };
            let row = row.filter(mine).ok_or(TeamError::NotFound)?;
            // EXPOSE: added to and sealed again.
            let mut body = open(&keyring, &row)?.expose().clone();
            if !note.text.is_empty() && body.notes.len() < NOTES {
                body.notes.push(note.clone());
            }
            let state = if close { State::Closed } else { State::Claimed };
            store::put(tx, (whose, id), (state, now), &seal(&keyring, id, &body)?);
            body.zeroize();
            let event = Event::new(action, whose).resource(id);
            self.0.ledger.record(tx, &ctx, &keys, &event)?;
            Ok::<_, TeamError>(Case { state, updated_at: now, ..row.case() })
        })
    }
}

fn responder(ctx: &Ctx) -> Result<&Person, TeamError> {
    let person = ctx.person().map_err(|_| TeamError::NotLoggedIn)?;
    let helps = person.roles.contains(kernel::Role::CrisisResponder);
    if helps { Ok(person) } else { Err(TeamError::NotFound) }
}
