//! SQL that the program may run. Every statement has a name and is declared by [`statements!`],
//! so that a test can prepare all of them on both databases.

use crate::dialect::{self, Engine};
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

/// One statement: a name for logs and metrics, and a text that both databases understand.
pub struct Statement {
    name: &'static str,
    text: &'static str,
    sqlite: OnceLock<Cow<'static, str>>,
    postgres: OnceLock<Cow<'static, str>>,
    columns: OnceLock<Arc<[Box<str>]>>,
}

impl Statement {
    #[doc(hidden)]
    #[must_use]
    pub const fn declare(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
            columns: OnceLock::new(),
        }
    }

    /// A statement whose text follows from a registry, such as one for each sealed column. Each
    /// call keeps its memory for ever: make it once.
    #[must_use]
    pub fn generated(name: &'static str, text: String) -> &'static Self {
        Box::leak(Box::new(Self::declare(name, Box::leak(text.into_boxed_str()))))
    }

    /// `crate.NAME`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text for this database.
    #[must_use]
    pub fn sql(&self, engine: Engine) -> &str {
        let cell = match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        };
        cell.get_or_init(|| dialect::expand(self.text, engine))
    }

    /// The names of the columns it answers with. They are the same on both databases, so the
    /// first answer settles them.
    pub(crate) fn columns(
        &'static self,
        names: impl FnOnce() -> Arc<[Box<str>]>,
    ) -> &'static Arc<[Box<str>]> {
        self.columns.get_or_init(names)
    }
}

/// Declares the statements of a store:
/// `statements! { "journal"; /// Newest first. LIST = "SELECT …"; }`.
#[macro_export]
macro_rules! statements {
    ($area:literal; $($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $(
            $(#[$meta])*
            static $name: $crate::Statement =
                $crate::Statement::declare(concat!($area, ".", stringify!($name)), $text);
        )+
        /// Every statement declared here, for the test that prepares them on both databases.
        pub static STATEMENTS: &[&$crate::Statement] = &[$(&$name),+];
    };
}

/// Rows that can be written in bulk.
pub struct Bulk {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, BulkType)],
}

impl Bulk {
    /// These columns of this table, in this order.
    #[must_use]
    pub const fn into_table(
        table: &'static str,
        columns: &'static [(&'static str, BulkType)],
    ) -> Self {
        Self { table, columns }
    }

    /// Rows of a table that was found in the catalogue. Each call keeps its memory for ever: make
    /// it once.
    #[must_use]
    pub(crate) fn generated(table: &str, columns: &[(String, BulkType)]) -> &'static Self {
        let keep = |name: &str| -> &'static str { Box::leak(Box::from(name)) };
        let columns: Box<[_]> = columns.iter().map(|(name, kind)| (keep(name), *kind)).collect();
        Box::leak(Box::new(Self::into_table(keep(table), Box::leak(columns))))
    }
}

/// The type of a column written in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkType {
    /// Whole numbers and times.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// Ids.
    Uuid,
    /// Truth values.
    Bool,
    /// Numbers with a fraction.
    Float,
}
