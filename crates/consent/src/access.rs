//! The witness that a use of someone's data was allowed.

use crate::model::Action;
use kernel::{Purpose, Subject};

/// Proof that this use of this person's data was allowed a moment ago. Every store demands one.
/// Only [`Consents::authorize`](crate::Consents::authorize) makes it:
///
/// ```compile_fail
/// fn forge(subject: kernel::Subject) -> consent::Access {
///     let purpose = kernel::Purpose::SelfCare;
///     consent::Access { action: consent::Action::Read, purpose, subject }
/// }
/// ```
/// ```compile_fail
/// fn forge(subject: kernel::Subject) -> consent::Access {
///     consent::Access::grant(consent::Action::Read, kernel::Purpose::SelfCare, subject)
/// }
/// ```
/// ```compile_fail
/// fn keep(access: &consent::Access) -> consent::Access {
///     access.clone()
/// }
/// ```
#[derive(Debug)]
pub struct Access {
    action: Action,
    purpose: Purpose,
    subject: Subject,
}

impl Access {
    pub(crate) const fn grant(action: Action, purpose: Purpose, subject: Subject) -> Self {
        Self { action, purpose, subject }
    }

    /// Whose data it is.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        self.subject
    }

    /// What may be done to it.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }
}
