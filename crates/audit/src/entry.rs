//! One entry of the ledger, and its canonical bytes: the leaf that the tree commits to.
//!
//! Everything attested is inside the bytes. Each entry has exactly one encoding: `decode` accepts
//! nothing that `encode` would not write, so two different byte strings never mean the same.
//! Names, addresses and free text are only in the two sealed boxes.

use crate::{
    tree::{Hash, leaf_hash},
    wire::{Reader, Writer},
    word::{DetailBox, Pseudonym, Word},
};
use kernel::{Acr, RoleSet, TenantId, Timestamp, typed_id};
use serde::Serialize;

const VERSION: u8 = 1;

typed_id!(
    /// One ledger; part of each entry, so that no entry can be moved to another ledger.
    LogId
);
typed_id!(
    /// One event.
    EventId
);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// It was done.
    Success = 1,
    /// It was refused.
    Denied = 2,
    /// It was allowed and went wrong.
    Failed = 3,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Success, Self::Denied, Self::Failed];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }

    /// The number that entries and tables hold.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActorRef {
    /// Nobody that we know.
    Anonymous,
    /// A person who was logged in.
    Person {
        /// Stands for the person.
        reference: Pseudonym,
        /// The rights they had, as the bits of [`RoleSet`].
        #[serde(serialize_with = "role_names")]
        roles: RoleSet,
        /// How surely they were recognised.
        acr: Acr,
    },
    /// The program itself.
    System {
        /// The job it did.
        job: Word,
    },
    /// Someone at the machine, through the command line.
    Operator,
}

impl ActorRef {
    /// What stands for the person, if it was one.
    #[must_use]
    pub const fn reference(&self) -> Option<Pseudonym> {
        match self {
            Self::Person { reference, .. } => Some(*reference),
            Self::Anonymous | Self::System { .. } | Self::Operator => None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn role_names<S: serde::Serializer>(roles: &RoleSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(kernel::Role::name))
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The ledger it belongs to.
    pub log: LogId,
    /// Its own id, unique in the ledger.
    pub event: EventId,
    /// When it happened, by the clock of the instance.
    pub at: Timestamp,
    /// The organisation.
    pub tenant: TenantId,
    /// Who did it.
    pub actor: ActorRef,
    /// Stands for the person whose data it is about.
    pub subject: Pseudonym,
    /// What was done: `journal.entry.create`.
    pub action: Word,
    /// The kind of thing it was done to; may be empty.
    pub resource_type: Word,
    /// Stands for the thing it was done to.
    pub resource: Option<Pseudonym>,
    /// Why data was used.
    pub purpose: Word,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of a refusal or failure; may be empty.
    pub reason: Word,
    /// Whether an emergency was claimed.
    pub break_glass: bool,
    /// The request it was part of.
    pub request_id: Word,
    /// The instance that wrote it.
    pub instance: Word,
    /// Details, readable with the key of the person it is about.
    #[serde(skip)]
    pub subject_detail: DetailBox,
    /// Details, readable with the key of the person who did it.
    #[serde(skip)]
    pub actor_detail: DetailBox,
}

/// The bytes are not an entry, or not its one encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ledger entry of a known version")]
pub struct EntryError;

impl Entry {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let details = self.subject_detail.as_bytes().len() + self.actor_detail.as_bytes().len();
        let mut out = Writer::with_capacity(288 + details);
        out.u8(VERSION);
        out.array(self.log.as_uuid().as_bytes());
        out.array(self.event.as_uuid().as_bytes());
        out.array(&self.at.as_micros().to_be_bytes());
        out.array(self.tenant.as_uuid().as_bytes());
        encode_actor(&mut out, &self.actor);
        out.array(&self.subject.0);
        out.word(&self.action);
        out.word(&self.resource_type);
        out.option(self.resource.map(|reference| reference.0));
        out.word(&self.purpose);
        out.u8(self.outcome.number());
        out.word(&self.reason);
        out.u8(u8::from(self.break_glass));
        out.word(&self.request_id);
        out.word(&self.instance);
        out.detail(&self.subject_detail);
        out.detail(&self.actor_detail);
        out.finish()
    }

    /// The entry that these bytes are the encoding of.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut reader = Reader::new(bytes);
        let entry = Self::read(&mut reader).ok_or(EntryError)?;
        if reader.is_at_end() { Ok(entry) } else { Err(EntryError) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.u8()? != VERSION {
            return None;
        }
        Some(Self {
            log: reader.uuid()?.into(),
            event: reader.uuid()?.into(),
            at: reader.time()?,
            tenant: reader.uuid()?.into(),
            actor: read_actor(reader)?,
            subject: Pseudonym(reader.array()?),
            action: reader.word().filter(|action| !action.is_empty())?,
            resource_type: reader.word()?,
            resource: reader.option()?.map(Pseudonym),
            purpose: reader.word()?,
            outcome: {
                let number = reader.u8()?;
                Outcome::ALL.into_iter().find(|outcome| outcome.number() == number)?
            },
            reason: reader.word()?,
            break_glass: reader.flag()?,
            request_id: reader.word()?,
            instance: reader.word()?,
            subject_detail: reader.detail()?,
            actor_detail: reader.detail()?,
        })
    }

    /// The hash by which the tree knows this entry.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.encode())
    }
}

const ANONYMOUS: u8 = 0;
const PERSON: u8 = 1;
const SYSTEM: u8 = 2;
const OPERATOR: u8 = 3;

fn encode_actor(out: &mut Writer, actor: &ActorRef) {
    match actor {
        ActorRef::Anonymous => out.u8(ANONYMOUS),
        ActorRef::Person { reference, roles, acr } => {
            out.u8(PERSON);
            out.array(&reference.0);
            out.u8(roles.bits());
            out.u8(acr_number(*acr));
        }
        ActorRef::System { job } => {
            out.u8(SYSTEM);
            out.word(job);
        }
        ActorRef::Operator => out.u8(OPERATOR),
    }
}

fn read_actor(reader: &mut Reader<'_>) -> Option<ActorRef> {
    match reader.u8()? {
        ANONYMOUS => Some(ActorRef::Anonymous),
        PERSON => {
            let reference = Pseudonym(reader.array()?);
            let bits = reader.u8()?;
            let roles = RoleSet::from_bits(bits);
            let number = reader.u8()?;
            let acr = [Acr::Single, Acr::Mfa].into_iter().find(|a| acr_number(*a) == number)?;
            (roles.bits() == bits).then_some(ActorRef::Person { reference, roles, acr })
        }
        SYSTEM => Some(ActorRef::System { job: reader.word()? }),
        OPERATOR => Some(ActorRef::Operator),
        _ => None,
    }
}

const fn acr_number(acr: Acr) -> u8 {
    match acr {
        Acr::Single => 1,
        Acr::Mfa => 2,
    }
}
