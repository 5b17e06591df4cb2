//! From an event to an entry: people become pseudonyms, and what names them goes into two sealed
//! boxes, one for the person it is about and one for the person who did it.
//!
//! Both boxes and both pseudonyms hang on the person's Accountability ring. Once that ring is
//! destroyed the entry says "somebody did this to somebody", and still proves as before.

use crate::{
    entry::{ActorRef, Entry, EventId, LogId},
    error::AuditError,
    event::Event,
    word::{DetailBox, Pseudonym, Word},
};
use kernel::{Actor, Ctx, Phi, Subject, TenantId};
use serde_json::{Map, Value};
use uuid::Uuid;
use vault::{Column, KeyPurpose, Keyring, Sealed};
use zeroize::Zeroize;

const DETAILS: KeyPurpose = KeyPurpose::accountability("audit");

mod columns {
    use super::DETAILS;

    vault::columns! {
        /// The box for the person it is about.
        SUBJECT_DETAIL = ("audit_leaf", "entry.subject_detail", DETAILS, 1, append_only);
        /// The box for the person who did it.
        ACTOR_DETAIL = ("audit_leaf", "entry.actor_detail", DETAILS, 1, append_only);
    }
}
pub use columns::COLUMNS;
use columns::{ACTOR_DETAIL, SUBJECT_DETAIL};

/// The keys that an event's entry is sealed with. Got from `Ledger::keys` before a transaction is
/// opened, because keys may have to be fetched or made.
#[derive(Clone)]
pub struct Keys {
    subject: Keyring,
    actor: Keyring,
}

/// The person whose key seals who acted: the actor, or the tenant itself for everyone else.
pub(crate) fn key_holder(actor: &Actor, tenant: TenantId) -> Subject {
    match actor {
        Actor::Person(person) => person.subject,
        Actor::Anonymous | Actor::System(_) | Actor::Operator => Subject::tenant_itself(tenant),
    }
}

/// What stands for the person of this keyring.
pub(crate) fn pseudonym_of(keyring: &Keyring) -> Result<Pseudonym, AuditError> {
    let user = keyring.subject().user.as_uuid();
    Ok(Pseudonym(keyring.pseudonym("audit.person", user.as_bytes())?))
}

impl Keys {
    pub(crate) const fn new(subject: Keyring, actor: Keyring) -> Self {
        Self { subject, actor }
    }

    /// The entry that tells of this event.
    pub(crate) fn seal(
        &self,
        (log, instance): (LogId, &Word),
        ctx: &Ctx,
        event: &Event,
    ) -> Result<Entry, AuditError> {
        let holder = key_holder(&ctx.actor, event.subject.tenant);
        let about = &self.subject;
        if about.subject() != event.subject || self.actor.subject() != holder {
            return Err(AuditError::WrongKeys);
        }
        let id: EventId = ctx.new_id();
        let stand_for = |resource: Uuid| about.pseudonym("audit.resource", resource.as_bytes());
        Ok(Entry {
            log,
            event: id,
            at: ctx.now(),
            tenant: event.subject.tenant,
            actor: self.actor_ref(&ctx.actor)?,
            subject: pseudonym_of(about)?,
            action: event.action.name.clone(),
            resource_type: event.action.resource_type.clone(),
            resource: event.resource.map(stand_for).transpose()?.map(Pseudonym),
            purpose: Word::new(event.purpose.unwrap_or(ctx.purpose).name())?,
            outcome: event.outcome,
            reason: Word::new(event.reason.map_or("", |code| code.code))?,
            break_glass: event.break_glass,
            request_id: ctx.request_id.as_str().parse()?,
            instance: instance.clone(),
            subject_detail: seal_box(about, &SUBJECT_DETAIL, id, subject_detail(event))?,
            actor_detail: seal_box(&self.actor, &ACTOR_DETAIL, id, actor_detail(ctx))?,
        })
    }

    fn actor_ref(&self, actor: &Actor) -> Result<ActorRef, AuditError> {
        Ok(match actor {
            Actor::Anonymous => ActorRef::Anonymous,
            Actor::Person(person) => ActorRef::Person {
                reference: pseudonym_of(&self.actor)?,
                roles: person.roles,
                acr: person.acr,
            },
            Actor::System(job) => ActorRef::System { job: Word::new(*job)? },
            Actor::Operator => ActorRef::Operator,
        })
    }
}

fn subject_detail(event: &Event) -> Map<String, Value> {
    let mut detail = Map::new();
    if event.subject != Subject::tenant_itself(event.subject.tenant) {
        detail.insert("user".into(), event.subject.user.to_string().into());
    }
    if let Some(resource) = event.resource {
        detail.insert("resource".into(), resource.to_string().into());
    }
    for (name, text) in &event.details {
        // EXPOSE: the text goes into the sealed box.
        detail.insert((*name).into(), text.expose().as_str().into());
    }
    detail
}

fn actor_detail(ctx: &Ctx) -> Map<String, Value> {
    let mut detail = Map::new();
    if let Actor::Person(person) = &ctx.actor {
        detail.insert("user".into(), person.subject.user.to_string().into());
        detail.insert("session".into(), person.session.to_string().into());
    }
    if let Some(ip) = ctx.origin.ip {
        detail.insert("ip".into(), ip.to_string().into());
    }
    if let Some(agent) = &ctx.origin.user_agent {
        detail.insert("user_agent".into(), agent.as_ref().into());
    }
    detail
}

fn seal_box(
    keyring: &Keyring,
    column: &'static Column,
    event: EventId,
    detail: Map<String, Value>,
) -> Result<DetailBox, AuditError> {
    if detail.is_empty() {
        return Ok(DetailBox::default());
    }
    let mut plain = Value::Object(detail).to_string().into_bytes();
    let sealed = keyring.seal(column, event.as_uuid(), &plain);
    plain.zeroize();
    Ok(DetailBox::new(sealed?.into_bytes())?)
}

/// Which of the two boxes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// About the person whose data it is.
    Subject,
    /// About the person who did it.
    Actor,
}

/// Opens a box with the keyring of its person; `None` if there is none. The text is JSON.
pub fn open_detail(
    keyring: &Keyring,
    entry: &Entry,
    side: Side,
) -> Result<Option<Phi<Vec<u8>>>, AuditError> {
    let (column, sealed) = match side {
        Side::Subject => (&SUBJECT_DETAIL, &entry.subject_detail),
        Side::Actor => (&ACTOR_DETAIL, &entry.actor_detail),
    };
    if sealed.is_empty() {
        return Ok(None);
    }
    let row: Uuid = entry.event.as_uuid();
    let sealed = Sealed::from_bytes(sealed.as_bytes().to_vec());
    Ok(Some(keyring.open(column, row, &sealed)?))
}
