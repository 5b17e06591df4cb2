//! Personal keys, and what they are good for.

use kernel::{Phi, Timestamp, typed_id};

typed_id! {
    /// A personal key.
    KeyId
}

/// How many keys a person may have.
pub const KEYS: usize = 20;
/// The longest name of a key.
pub const NAME_CHARS: usize = 80;

/// What a key is good for. The bits are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Asking which models there are.
    Models,
    /// Asking models.
    Chat,
    /// Turning texts into vectors.
    Embeddings,
}

impl Scope {
    const fn bit(self) -> u8 {
        match self {
            Self::Models => 1,
            Self::Chat => 2,
            Self::Embeddings => 4,
        }
    }

    /// All there are.
    pub const ALL: [Self; 3] = [Self::Models, Self::Chat, Self::Embeddings];
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Just these.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// Whether this is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// As they are stored.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// From the stored bits; bits of no scope are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::of(&Scope::ALL).0)
    }
}

/// What may be used with one key on a day, beside what the person may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyLimits {
    /// Messages.
    pub messages: Option<u32>,
    /// Tokens, read and written.
    pub tokens: Option<u64>,
}

/// A personal key, without its secret.
pub struct ApiKey {
    /// Which one.
    pub id: KeyId,
    /// What the person calls it.
    pub name: Phi<String>,
    /// What it is good for.
    pub scopes: Scopes,
    /// What may be used with it.
    pub limits: KeyLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// About when it was last used.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_stored_as_they_always_were() {
        for (scope, bits) in [(Scope::Models, 1), (Scope::Chat, 2), (Scope::Embeddings, 4)] {
            assert_eq!(Scopes::of(&[scope]).bits(), bits);
            assert!(Scopes::from_bits(bits).has(scope));
        }
        assert_eq!(Scopes::from_bits(255).bits(), 7);
    }
}
