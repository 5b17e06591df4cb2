//! The places where sealed values live, declared once at compile time.
//!
//! A value can only be sealed into a declared [`Column`]; the sweep and the verification walk the
//! same declarations, so that no column is ever forgotten by a rotation.

use std::fmt;

/// Which of a person's two key rings a key hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ring {
    /// Health data; destroyed at once when the person asks for erasure.
    Clinical,
    /// What the law demands to keep for a while: names and addresses in the audit ledger.
    Accountability,
}

impl Ring {
    /// Both rings.
    pub const ALL: [Self; 2] = [Self::Clinical, Self::Accountability];

    /// The stable name, as stored and as bound into wrapped keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clinical => "clinical",
            Self::Accountability => "accountability",
        }
    }

    /// The ring with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ring| ring.name() == name)
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a key is for. Each person has one key (in versions) for each purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPurpose {
    /// The stable name, such as `journal`.
    pub name: &'static str,
    /// The ring its keys hang on.
    pub ring: Ring,
}

impl KeyPurpose {
    /// The purpose of the key that makes pseudonyms. It has one version for ever, because a new
    /// one would make the same person look like another in the ledger.
    pub const PSEUDONYM: Self = Self::accountability("pseudonym");

    /// A purpose for health data.
    #[must_use]
    pub const fn clinical(name: &'static str) -> Self {
        Self { name, ring: Ring::Clinical }
    }

    /// A purpose for what outlives the erasure of health data.
    #[must_use]
    pub const fn accountability(name: &'static str) -> Self {
        Self { name, ring: Ring::Accountability }
    }
}

/// A column that holds sealed values. Its table has the key `(tenant_id, shard_id, user_id, id)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The key its values are sealed with.
    pub purpose: KeyPurpose,
    /// How plaintexts are encoded now, counted from 1. Older ones can still be read.
    pub format: u16,
    /// Whether its values stay as they were first written, such as inside the ledger's entries.
    /// The sweep cannot reach them, so no key that ever sealed one is removed by it.
    pub append_only: bool,
}

/// A column that holds blind indexes: keyed fingerprints by which a value can be found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlindColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
}

/// Declares sealed columns, and `COLUMNS`, the list of them for the vault's configuration. A
/// column whose values can never be sealed anew ends with `, append_only`.
///
/// ```
/// mod columns {
///     use vault::KeyPurpose;
///     vault::columns! {
///         /// Title and text.
///         ENTRY_BODY = ("journal_entries", "body", KeyPurpose::clinical("journal"), 1);
///     }
/// }
/// assert_eq!(columns::COLUMNS.len(), 1);
/// ```
#[macro_export]
macro_rules! columns {
    (@append_only) => { false };
    (@append_only append_only) => { true };
    ($($(#[$meta:meta])* $name:ident = ($table:literal, $column:literal, $purpose:expr, $format:literal $(, $kept:ident)?);)+) => {
        $(
            $(#[$meta])*
            pub const $name: $crate::Column = $crate::Column {
                table: $table,
                column: $column,
                purpose: $purpose,
                format: $format,
                append_only: $crate::columns!(@append_only $($kept)?),
            };
        )+
        /// Every sealed column declared here.
        pub const COLUMNS: &[&$crate::Column] = &[$(&$name),+];
    };
}
