//! Emergency access: what may be seen of a person who cannot be asked, by whom, and what follows.
//!
//! There are two forms. A *card* is made by the person: whoever shows its secret sees what the
//! person put on it. An *override* is made by a responder or clinician without the person: for one
//! person, for an hour, with a reason, and with a review afterwards that nobody can skip.
//!
//! What always holds: only the classes of [`model::SCOPE`] are ever opened, for reading, one person
//! at a time; a use is in the ledger, and the person is told, before anything is answered; a
//! responder with an overdue review opens nothing more.
//!
//! What is opened is the *sheet*: what the person wrote down themself for this case. Slices that
//! have data of these classes get an [`Access`](crate::Access) from [`Emergency::open`], and from
//! nowhere else: `authorize` refuses the purpose.

mod api;
mod cards;
mod model;
mod opening;
mod overrides;
mod reviews;
mod sheet;
mod store;

pub use api::routes;
pub use cards::{Card, MadeCard, NewCard};
pub use model::{
    Class, Classes, Form, MAX_USES, ReasonCode, SCOPE, TOKEN_HEADER, Token, is_open_to,
};
pub use opening::{EmergencyGrant, Look};
pub use overrides::{NewOverride, OpenedOverride};
pub use reviews::{EmergencyUse, OpenReview};
pub use sheet::{Parts, Sheet};
pub use store::STATEMENTS;
pub(crate) use store::erase;

use crate::Consents;
use vault::{KeyPurpose, Vault};

vault::columns! {
    /// Why a responder opened a person's data, in their own words.
    REASON = ("emergency_overrides", "reason", KeyPurpose::clinical("emergency"), 1);
    /// What helpers should know of a person.
    SHEET = ("emergency_sheets", "sheet", KeyPurpose::clinical("emergency"), 1);
}

audit::actions! {
    /// A person looked at their emergency sheet.
    SHEET_READ = "emergency.sheet.read" on "emergency_sheet";
    /// A person wrote their emergency sheet.
    SHEET_WRITTEN = "emergency.sheet.write" on "emergency_sheet";
    /// A person removed their emergency sheet.
    SHEET_REMOVED = "emergency.sheet.remove" on "emergency_sheet";
    /// A person made an emergency card.
    CARD_MADE = "emergency.card.make" on "emergency_card";
    /// A person looked at their emergency cards.
    CARDS_LISTED = "emergency.card.list" on "emergency_card";
    /// A person took an emergency card back.
    CARD_REVOKED = "emergency.card.revoke" on "emergency_card";
    /// Emergency data of a person was opened, by card or by override.
    EMERGENCY_OPENED = "emergency.access.open" on "emergency_access";
    /// A responder made an override for one person.
    OVERRIDE_MADE = "emergency.override.make" on "emergency_access";
    /// A second person approved an override.
    OVERRIDE_APPROVED = "emergency.override.approve" on "emergency_access";
    /// Someone looked at what there is to review.
    REVIEWS_LISTED = "emergency.review.list" on "emergency_access";
    /// An override was reviewed.
    OVERRIDE_REVIEWED = "emergency.review.decide" on "emergency_access";
    /// A person looked at who opened their emergency data.
    USES_LISTED = "emergency.access.list" on "emergency_access";
}

/// What others hear when emergency data was opened: tell the person and the administrators.
pub const EMERGENCY_TOPIC: &str = "consent.emergency_access";

/// The payload of [`EMERGENCY_TOPIC`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EmergencyNotice {
    /// The organisation.
    pub tenant: kernel::TenantId,
    /// The person whose data it is.
    pub user: kernel::UserId,
    /// The card or the override.
    pub grant: uuid::Uuid,
    /// Which of the two.
    pub form: Form,
    /// Whether data was opened, or an override was made that can open it.
    pub opened: bool,
}

/// Emergency access. Cheap to clone.
#[derive(Clone)]
pub struct Emergency {
    consents: Consents,
    vault: Vault,
}

impl Emergency {
    /// For people who are known to these consents.
    #[must_use]
    pub const fn new(consents: Consents, vault: Vault) -> Self {
        Self { consents, vault }
    }
}
