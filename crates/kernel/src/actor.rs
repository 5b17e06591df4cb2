//! Who acts, with which rights, and for what purpose.

use crate::{
    ids::{SessionId, Subject},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A right that an administrator gives. `Premium` is about plans, not about trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Role {
    /// Everyone with an account.
    User = 0,
    /// A person with a paid plan.
    Premium = 1,
    /// A clinician; sees what patients grant.
    Provider = 2,
    /// Answers people in crisis.
    CrisisResponder = 3,
    /// Reads the audit ledger, no health data.
    Auditor = 4,
    /// Runs the installation, sees no health data.
    Admin = 5,
}

impl Role {
    /// All roles there are.
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::Premium,
        Self::Provider,
        Self::CrisisResponder,
        Self::Auditor,
        Self::Admin,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Premium => "premium",
            Self::Provider => "provider",
            Self::CrisisResponder => "crisis_responder",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text named no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such role")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(RoleError)
    }
}

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RoleSet(u8);

impl RoleSet {
    /// Just these roles.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        roles.iter().fold(Self::default(), |set, role| set.with(*role))
    }

    /// These roles and one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    /// These roles but this one.
    #[must_use]
    pub const fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u8))
    }

    /// These roles but those.
    #[must_use]
    pub const fn minus(self, those: Self) -> Self {
        Self(self.0 & !those.0)
    }

    /// Whether the role is among them.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The roles in their order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }

    /// As stored: a bit for each role.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// From the stored bits; bits of no role are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Role::ALL.into_iter().fold(Self::default(), |set, role| {
            if bits & (1 << role as u8) != 0 { set.with(role) } else { set }
        })
    }
}

impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Role::name)).finish()
    }
}

/// How surely the person was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acr {
    /// By one factor.
    Single,
    /// By two factors, or one that cannot be phished.
    Mfa,
}

impl Acr {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Mfa => "mfa",
        }
    }
}

/// A person who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person and where their rows live.
    pub subject: Subject,
    /// The log-in in use.
    pub session: SessionId,
    /// Their rights.
    pub roles: RoleSet,
    /// How surely they were recognised.
    pub acr: Acr,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody that we know.
    Anonymous,
    /// A person who is logged in.
    Person(Person),
    /// The program itself; the text names the job.
    System(&'static str),
    /// Someone at the machine, through the command line.
    Operator,
}

/// Why data is used. Consent is given and withdrawn per purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The person's own use.
    SelfCare,
    /// A model answers the person.
    AiInteraction,
    /// A clinician treats the person.
    Treatment,
    /// Life and limb.
    Emergency,
    /// Keeping the service running: keys, backups, exports on request.
    Operations,
}

impl Purpose {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfCare => "self_care",
            Self::AiInteraction => "ai_interaction",
            Self::Treatment => "treatment",
            Self::Emergency => "emergency",
            Self::Operations => "operations",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back_what_they_print_and_store() {
        for role in Role::ALL {
            assert_eq!(role.name().parse::<Role>(), Ok(role));
            let set = RoleSet::of(&[role]);
            assert!(set.contains(role));
            assert_eq!(RoleSet::from_bits(set.bits()), set);
            assert_eq!(set.without(role), RoleSet::default());
        }
        assert_eq!(RoleSet::from_bits(0xff), RoleSet::of(&Role::ALL));
    }
}
