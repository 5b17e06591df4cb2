//! Accounts, passwords, log-ins and roles.
//!
//! Owns who someone is and how they prove it. [`Identity`] is the `Authenticator` of `httpkit`,
//! so every request asks here whose it is.
//!
//! What always holds: names and addresses are stored sealed and found by keyed fingerprints only;
//! whether an e-mail address or a username has an account is never told by a failed log-in, in
//! words, status or time; a log-in that ended is worth nothing at once in this process and within
//! half a second in every other; a code of a second factor counts once; of the tokens that come of one refresh token only one is ever
//! used, or the log-in ends; every change has its line in the ledger, in the same transaction.
//!
//! What it does not do: consents belong to the crate `consent`, which is told of new people
//! through [`RegistrationConsents`]; it writes letters and leaves sending them to `notify`.

mod actions;
mod api;
mod config;
mod device;
mod error;
mod factors;
mod jobs;
mod label;
mod limits;
mod live;
mod mail_ticket;
mod model;
mod passkeys;
mod password;
mod profile;
mod providers;
mod refresh;
mod revocations;
mod secrets;
mod service;
mod store;
mod ticket;
mod token;

#[cfg(test)]
mod tests;

pub use actions::{ACTIONS, LINK_SHOWN};
pub use api::{CSRF_KEY, IdentityApi, routes};
pub use config::{
    AttemptConfig, ConfigError, IdentityConfig, PasswordConfig, SessionConfig, SignUp,
};
pub use device::Family;
pub use error::LINK_INVALID;
pub use error::{
    ACCOUNT_CLOSED, ACCOUNT_GOING, CODES, FACTOR_EXISTS, FACTOR_MISSING, FACTOR_SAME, FACTOR_WRONG,
    INVALID_INVITE, IdentityError, LAST_ADMIN, LAST_WAY_IN, LINKS_FULL, LOGIN_FAILED,
    LOGIN_TICKET_INVALID, LOGOUT_TOKEN_INVALID, OIDC_LATE, OIDC_OTHER, OIDC_REFUSED, OIDC_TAKEN,
    OIDC_UNREACHABLE, PASSKEY_COPIED, PASSKEY_LATE, PASSKEY_WRONG, PASSKEYS_FULL, PASSKEYS_OFF,
    PASSWORD_REFUSED, PASSWORD_WRONG, SETUP_CODE_INVALID, SIGN_UP_CLOSED, TERMS_REQUIRED,
    TOKEN_SUPERSEDED, USERNAME_EXISTS, USERNAME_KEPT,
};
pub use factors::{FactorKind, Factors, RecoveryCode, TotpCode, TypedCode};
pub use jobs::jobs;
pub use label::{KeyAlgorithm, Label};
pub use limits::{Attempt, Attempts, Factor, MemoryAttempts, SharedAttempts};
pub use model::{
    Account, Client, DisplayName, GivenConsents, LoginName, NameError, NameKind, SessionKind,
    SessionView, Status, is_privileged,
};
pub use passkeys::{NewPasskey, OwnPasskey, PasskeyAnswer, PasskeyChallenge, PasskeyConfig};
pub use password::{FilterError, Password, PasswordFilter, PasswordProblem, PoolMetrics};
pub use profile::{Place, Preferences, Profile, ProfileDraft, Theme, Units, WeekStart};
pub use providers::{ProviderConfig, ProviderError};
pub use revocations::Watch;
pub use secrets::secrets;
pub use service::{
    ACCOUNT_ERASED_TOPIC, AccountFilter, Amendment, COLUMNS, Change, Closed, ConsentsNotRecorded,
    Credentials, Entered, ErasedAccount, FactorNeeded, Guarded, Identity, Invite, InviteCode,
    InviteId, Login, LoginRequest, NewAccount, NewInvite, NewPerson, Parts, PasskeyLogin, Proof,
    Registered, Registration, RegistrationConsents, SecondFactor, SetupCode, SignUpRule,
    StepUpCredential, SteppedUp, Tokens, TotpEnrolment,
};
pub use service::{Activity, Device, LabelLogin, LabelProof, LedgerFilter, NewLabel, Reindexed};
pub use service::{
    Answered, AppToken, Asking, Away, NewHere, OwnLink, ProviderName, ProviderRegistration, Vouched,
};
pub use service::{AskedLetter, LETTER_TOPIC, Letter, LetterKind, LinkPurpose, ShownLink};

/// Every statement of this crate.
pub static STATEMENTS: &[&[&db::Statement]] = &[
    store::STATEMENTS,
    store::OF_SESSIONS,
    store::OF_INVITES,
    store::OF_PEOPLE,
    store::factors::STATEMENTS,
    store::OF_MAIL,
    store::OF_LABELS,
    store::passkeys::STATEMENTS,
    store::linked::STATEMENTS,
    store::reindex::STATEMENTS,
    store::sign_up::STATEMENTS,
    store::vouched::STATEMENTS,
    limits::STATEMENTS,
];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![
    20 => "0020_identity",
    52 => "0052_factors",
    53 => "0053_passkeys",
    54 => "0054_linked_logins",
    55 => "0055_invites",
    56 => "0056_profiles",
    57 => "0057_mail",
    58 => "0058_login_attempts",
    59 => "0059_sealed_identities",
    71 => "0071_sign_up",
    72 => "0072_provider_sessions",
];
