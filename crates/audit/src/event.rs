//! The words in which slices tell the ledger what happened.

use crate::{
    entry::Outcome,
    word::{Word, is_word},
};
use kernel::{ErrorCode, Phi, Purpose, Subject};
use std::borrow::Cow;
use uuid::Uuid;

/// One kind of thing that people and programs do. Declared with [`actions!`](crate::actions).
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    pub(crate) name: Word,
    pub(crate) resource_type: Word,
}

impl Action {
    #[doc(hidden)]
    #[must_use]
    pub const fn declare(name: &'static str, resource_type: &'static str) -> Self {
        assert!(!name.is_empty() && is_word(name) && is_word(resource_type), "not a plain name");
        Self {
            name: Word::declared(Cow::Borrowed(name)),
            resource_type: Word::declared(Cow::Borrowed(resource_type)),
        }
    }

    /// The stable dotted name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The kind of thing it is done to.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        self.resource_type.as_str()
    }
}

/// Declares the actions of a slice, and `ACTIONS`, the list of them for the audit matrix.
///
/// ```
/// audit::actions! {
///     /// A person wrote an entry.
///     ENTRY_CREATED = "journal.entry.create" on "journal_entry";
/// }
/// assert_eq!(ACTIONS[0].name(), "journal.entry.create");
/// ```
///
/// A name that an entry cannot hold does not compile:
///
/// ```compile_fail
/// audit::actions! {
///     /// Has a space.
///     BAD = "journal entry" on "journal_entry";
/// }
/// ```
#[macro_export]
macro_rules! actions {
    ($($(#[$meta:meta])* $name:ident = $action:literal on $resource:literal;)+) => {
        $(
            $(#[$meta])*
            pub static $name: $crate::Action = $crate::Action::declare($action, $resource);
        )+
        /// Every action declared here.
        pub static ACTIONS: &[&$crate::Action] = &[$(&$name),+];
    };
}

/// Something that happened, as a slice tells it. Who did it, when and under which request comes
/// from the `Ctx`.
pub struct Event {
    pub(crate) action: &'static Action,
    pub(crate) subject: Subject,
    pub(crate) resource: Option<Uuid>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<&'static ErrorCode>,
    pub(crate) break_glass: bool,
    pub(crate) details: Vec<(&'static str, Phi<String>)>,
}

impl Event {
    /// This was done, to the data of this person. What concerns no person is told of the tenant
    /// itself: `Subject::tenant_itself`.
    #[must_use]
    pub fn new(action: &'static Action, subject: Subject) -> Self {
        Self {
            action,
            subject,
            resource: None,
            purpose: None,
            outcome: Outcome::Success,
            reason: None,
            break_glass: false,
            details: Vec::new(),
        }
    }

    /// It was done to the thing with this id.
    #[must_use]
    pub fn resource(mut self, id: impl Into<Uuid>) -> Self {
        self.resource = Some(id.into());
        self
    }

    /// For a purpose other than that of the request.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// It was refused, with this answer.
    #[must_use]
    pub const fn denied(mut self, code: &'static ErrorCode) -> Self {
        self.outcome = Outcome::Denied;
        self.reason = Some(code);
        self
    }

    /// It was allowed and went wrong, with this answer.
    #[must_use]
    pub const fn failed(mut self, code: &'static ErrorCode) -> Self {
        self.outcome = Outcome::Failed;
        self.reason = Some(code);
        self
    }

    /// An emergency was claimed.
    #[must_use]
    pub const fn break_glass(mut self) -> Self {
        self.break_glass = true;
        self
    }

    /// More about it: names, free text. Readable only with the key of the person it is about.
    #[must_use]
    pub fn detail(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.details.push((name, Phi::new(text.into())));
        self
    }
}
