//! Passwords: which are allowed, how they are hashed and compared.
//!
//! Always holds: a password is never cut, logged or stored; hashing is bounded in number, so that
//! a flood of log-ins costs no more memory than the permits; an account that does not exist
//! costs as much time as one that does.

mod filter;
mod hasher;
mod phc;
mod pool;
mod rules;

pub use filter::{FilterError, PasswordFilter};
pub(crate) use hasher::{Hasher, Match, PEPPER, StoredHash};
pub use pool::PoolMetrics;
pub use rules::PasswordProblem;
pub(crate) use rules::check_new;

use kernel::Secret;
use unicode_normalization::UnicodeNormalization;

/// A password in its one form (NFC), so that two keyboards that write "é" differently agree.
#[derive(Clone)]
pub struct Password(Secret<String>);

impl Password {
    /// What someone typed.
    #[must_use]
    pub fn new(typed: &Secret<String>) -> Self {
        Self(typed.map(|text| text.nfc().collect()))
    }

    pub(crate) const fn text(&self) -> &Secret<String> {
        &self.0
    }
}
