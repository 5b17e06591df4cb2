//! What the ledger holds: of one's own account for everyone, of everyone without names for those
//! who look after the installation.

use super::{Identity, sessions::caller};
use crate::{
    actions::{ACTIVITY_READ, LEDGER_LISTED, LEDGER_PROVED},
    device::Family,
    error::IdentityError,
};
use audit::{ByOrAbout, Entry, Event, EventId, Filter, Outcome, Record, Side, Word, open_detail};
use kernel::{Actor, Ctx, Cursor, Page, PageSize, Phi, Role, Subject, TenantId};
use serde::Deserialize;
use vault::Keyring;

/// Something that happened to an account, as its person sees it.
pub struct Activity {
    /// The entry.
    pub entry: Entry,
    /// Whether the person did it themselves.
    pub by_you: bool,
    /// On what kind of device, if the person did it.
    pub family: Option<Family>,
    /// From which address, if the person did it.
    pub ip: Option<Phi<String>>,
}

/// What the box of an entry tells about where it came from.
#[derive(Deserialize)]
struct Whence {
    user_agent: Option<Phi<String>>,
    ip: Option<Phi<String>>,
}

/// Which entries those who look after the installation want to see.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// As the ledger looks them up.
    pub found: Filter,
    /// Ended so.
    pub outcome: Option<Outcome>,
}

/// What is about the account itself.
const SECURITY: &str = "identity.";
/// So many entries are looked through for one page.
const LOOKED_THROUGH: usize = 2_000;

impl Identity {
    /// What happened to the account of the person who asks, newest first.
    pub async fn activity(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Activity>, IdentityError> {
        let subject = caller(ctx)?.subject;
        let me = self.0.ledger.pseudonym(subject).await?;
        let filter = Filter {
            tenant: Some(subject.tenant),
            person: Some(ByOrAbout::About(me)),
            area: Some(Word::new(SECURITY).map_err(|_| IdentityError::Unreadable("area"))?),
            ..Filter::default()
        };
        let page = self.0.ledger.entries(&filter, after, size).await?;
        let keys = self.0.vault.keyring(subject).await?;
        let tell = |record: Record| {
            let by_you = record.entry.actor.reference() == Some(me);
            let whence = if by_you { whence(&keys, &record.entry)? } else { None };
            // EXPOSE: only names of well-known programs come of it.
            let agent = whence.as_ref().and_then(|whence| whence.user_agent.as_ref());
            let family = agent.map(|agent| Family::of(Some(agent.expose())));
            let ip = whence.and_then(|whence| whence.ip);
            Ok::<_, IdentityError>(Activity { entry: record.entry, by_you, family, ip })
        };
        let items = page.items.into_iter().map(tell).collect::<Result<_, _>>()?;
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&ACTIVITY_READ, subject);
        self.0.ledger.record_now(ctx, &ledger_keys, &event).await?;
        Ok(Page { items, next: page.next })
    }

    /// Entries of the ledger, newest first, without anything that names a person. A page may hold
    /// fewer than asked for; there are more as long as it names a next one.
    pub async fn ledger(
        &self,
        ctx: &Ctx,
        filter: &LedgerFilter,
        (after, size): (Option<Cursor>, PageSize),
    ) -> Result<Page<Record>, IdentityError> {
        require_overseer(ctx)?;
        let mut items: Vec<Record> = Vec::new();
        let (mut after, mut looked) = (after, 0);
        while items.len() < size.get() && looked < LOOKED_THROUGH {
            let page = self.0.ledger.entries(&filter.found, after, PageSize::MAX).await?;
            looked += page.items.len();
            let last = page.next.is_none();
            let mut full = false;
            for record in page.items {
                if items.len() == size.get() {
                    full = true;
                    break;
                }
                after = Some(place(&record));
                if keeps_outcome(filter, &record) {
                    items.push(record);
                }
            }
            if last && !full {
                after = None;
                break;
            }
        }
        self.oversaw(ctx, Event::new(&LEDGER_LISTED, Subject::tenant_itself(TenantId::DEFAULT)))
            .await?;
        Ok(Page { items, next: after })
    }

    /// A proof to take away that an event is in the ledger.
    pub async fn ledger_proof(&self, ctx: &Ctx, event: EventId) -> Result<String, IdentityError> {
        require_overseer(ctx)?;
        let proof = match self.0.ledger.prove(event).await {
            Err(audit::AuditError::NoSuchEvent) => return Err(IdentityError::NotFound),
            other => other?,
        };
        let whole = Subject::tenant_itself(TenantId::DEFAULT);
        self.oversaw(ctx, Event::new(&LEDGER_PROVED, whole).resource(event)).await?;
        Ok(proof.to_string())
    }

    pub(super) async fn oversaw(&self, ctx: &Ctx, event: Event) -> Result<(), IdentityError> {
        let keys = self.0.ledger.keys(ctx, Subject::tenant_itself(TenantId::DEFAULT)).await?;
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        Ok(())
    }
}

/// The ledger itself does not look entries up by how they ended.
pub(super) fn keeps_outcome(filter: &LedgerFilter, record: &Record) -> bool {
    filter.outcome.is_none_or(|outcome| record.entry.outcome == outcome)
}

fn place(record: &Record) -> Cursor {
    Cursor { at: record.entry.at, id: uuid::Uuid::from_u128(u128::from(record.seq)) }
}

fn whence(keys: &Keyring, entry: &Entry) -> Result<Option<Whence>, IdentityError> {
    let Some(plain) = open_detail(keys, entry, Side::Actor)? else { return Ok(None) };
    // EXPOSE: what is read from it is as guarded as it was.
    let read = serde_json::from_slice(plain.expose());
    read.map(Some).map_err(|_| IdentityError::Unreadable("ledger entry"))
}

/// Holds for administrators, for those who read the ledger, and for operators at the machine.
pub(super) fn require_overseer(ctx: &Ctx) -> Result<(), IdentityError> {
    match &ctx.actor {
        Actor::Operator => Ok(()),
        Actor::Person(person) => {
            let may = [Role::Admin, Role::Auditor].iter().any(|role| person.roles.contains(*role));
            may.then_some(()).ok_or(IdentityError::OverseerRequired)
        }
        Actor::Anonymous | Actor::System(_) => Err(IdentityError::AuthRequired),
    }
}
