//! Typed ids. A `UserId` cannot be passed where an `EntryId` is wanted, and all are UUIDv7, so
//! that ids sort by the time they were made.

use crate::error::{Coded, ErrorCode, common};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct IdError;

impl Coded for IdError {
    fn code(&self) -> &'static ErrorCode {
        &common::INVALID_ID
    }
}

/// Declares a typed id: `typed_id!(/// One journal entry. EntryId);`
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::__private::Uuid);

        impl $name {
            /// The id with this value.
            #[must_use]
            pub const fn from_uuid(value: $crate::__private::Uuid) -> Self {
                Self(value)
            }

            /// The value beneath.
            #[must_use]
            pub const fn as_uuid(&self) -> $crate::__private::Uuid {
                self.0
            }
        }

        impl From<$crate::__private::Uuid> for $name {
            fn from(value: $crate::__private::Uuid) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $crate::__private::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::__private::Uuid::parse_str(text).map(Self).map_err(|_| $crate::IdError)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                <$crate::__private::Uuid as $crate::__private::serde::Deserialize>::deserialize(
                    deserializer,
                )
                .map(Self)
            }
        }
    };
}

typed_id!(
    /// One separate organisation on this installation.
    TenantId
);
typed_id!(
    /// One account, and the person behind it.
    UserId
);
typed_id!(
    /// One log-in on one device.
    SessionId
);

impl TenantId {
    /// The tenant of an installation that was never divided.
    pub const DEFAULT: Self = Self(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0001));
}

/// Number of shards a deployment can be divided into. Part of stored keys: never changes.
pub const SHARDS: u16 = 1024;

/// Which part of a divided database holds a person. Follows from the id alone, so that every
/// process finds it without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShardId(u16);

impl ShardId {
    /// The shard of this person: the last bytes of a UUIDv7 are random, so people spread evenly.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        let [.., high, low] = *user.0.as_bytes();
        Self(u16::from_be_bytes([high, low]) % SHARDS)
    }

    /// The number as stored.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// The person whose data it is, with everything that is part of each key of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The organisation the person belongs to.
    pub tenant: TenantId,
    /// Where the person's rows live.
    pub shard: ShardId,
    /// The person.
    pub user: UserId,
}

impl Subject {
    /// This person of this tenant.
    #[must_use]
    pub fn new(tenant: TenantId, user: UserId) -> Self {
        Self { tenant, shard: ShardId::of(user), user }
    }

    /// The tenant itself, for what belongs to no person: failed log-ins, system keys.
    #[must_use]
    pub fn tenant_itself(tenant: TenantId) -> Self {
        Self::new(tenant, UserId(Uuid::nil()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        let id = UserId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<UserId>(), Ok(id));
        assert_eq!("not an id".parse::<UserId>(), Err(IdError));
    }

    #[test]
    fn a_shard_depends_on_nothing_but_the_person() {
        let user = UserId::from_uuid(Uuid::from_u128(0x0123_4567));
        assert_eq!(ShardId::of(user).number(), 0x4567 % SHARDS);
    }
}
