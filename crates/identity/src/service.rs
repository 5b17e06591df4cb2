//! What can be done with accounts and log-ins: one function for each, in the files beside.
//!
//! Each follows the same way: find out whose account it is, get the keys, then one transaction
//! with the change and its line in the ledger.

mod account;
mod activity;
mod admin;
mod arrival;
mod authenticate;
mod change_password;
mod devices;
mod entering;
mod factors;
mod invites;
mod labels;
mod ledger_export;
mod letters;
mod links;
mod login;
mod names;
mod newcomer;
mod opening;
mod own_devices;
mod passkey_use;
mod passkeys;
mod profile;
mod provider_logout;
mod providers;
mod recovery;
mod refresh;
mod register;
mod reindex;
mod second;
mod sessions;
mod setup;
mod sign_up;
mod step_up;
mod tries;
mod unlock;
mod username;

pub use account::{ACCOUNT_ERASED_TOPIC, Closed, ErasedAccount};
pub use activity::{Activity, LedgerFilter};
pub use admin::{AccountFilter, Amendment, Guarded, NewAccount};
pub(crate) use devices::{DEVICE_KEY, KNOWN_FOR};
pub use entering::{Entered, FactorNeeded};
pub use factors::{Change, TotpEnrolment};
pub use invites::{Invite, InviteCode, InviteId, NewInvite};
pub(crate) use labels::LABEL_KEY;
pub use labels::{LabelLogin, LabelProof, NewLabel};
pub use letters::{AskedLetter, LETTER_TOPIC, Letter, LetterKind, LinkPurpose, ShownLink};
pub(crate) use letters::{LINK_KEY, LONGEST_LINK};
pub use links::OwnLink;
pub use login::LoginRequest;
pub use names::COLUMNS;
pub use newcomer::ProviderRegistration;
pub use opening::{Credentials, Login, Tokens};
pub use own_devices::Device;
pub use passkey_use::PasskeyLogin;
pub use providers::{Answered, AppToken, Asking, Away, NewHere, ProviderName, Vouched};
pub(crate) use recovery::FORGOTTEN;
pub use register::{Registered, Registration};
pub use reindex::Reindexed;
pub use second::SecondFactor;
pub use setup::SetupCode;
pub use sign_up::SignUpRule;
pub use step_up::{Proof, StepUpCredential, SteppedUp};

use crate::{
    config::{ConfigError, IdentityConfig},
    limits::{Attempts, MemoryAttempts},
    live::LiveSessions,
    model::{GivenConsents, LoginName, is_privileged},
    passkeys::RelyingParty,
    password::{Hasher, Password, PasswordFilter, PasswordProblem, PoolMetrics},
    providers::Providers,
    revocations::Revocations,
    token::AccessTokens,
};
use async_trait::async_trait;
use audit::Ledger;
use db::{Db, Tx};
use kernel::{Acr, Actor, Ctx, Person, RoleSet, SessionId, Subject, TenantId, Timestamp};
use std::{
    error::Error,
    sync::{Arc, OnceLock},
};
use vault::{BlindColumn, BlindIndex, Vault, VaultError};

/// What a registration tells the consent ledger.
pub struct NewPerson<'a> {
    /// The request.
    pub ctx: &'a Ctx,
    /// The person, whose account is made by the same transaction.
    pub subject: Subject,
    /// For events about this person, within the request.
    pub ledger_keys: &'a audit::Keys,
    /// What they agreed to.
    pub given: GivenConsents,
}

/// Records what a person agreed to when they registered. Provided by the crate `consent`.
#[async_trait]
pub trait RegistrationConsents: Send + Sync {
    /// As part of the transaction that makes the account: neither exists without the other. The
    /// transaction may be tried again, so nothing else may happen here.
    async fn record(&self, tx: &mut Tx, person: &NewPerson<'_>) -> Result<(), ConsentsNotRecorded>;
}

/// The consents could not be recorded, so the account is not made.
#[derive(Debug, thiserror::Error)]
pub enum ConsentsNotRecorded {
    /// The database failed; if another transaction was in the way, everything is tried again.
    #[error(transparent)]
    Db(#[from] db::DbError),
    /// Anything else.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// What accounts and log-ins need.
pub struct Parts {
    /// Where they are stored.
    pub db: Db,
    /// Where their keys are.
    pub vault: Vault,
    /// Where it is recorded what happens to them.
    pub ledger: Ledger,
    /// Where consents are recorded.
    pub consents: Arc<dyn RegistrationConsents>,
}

/// Accounts and log-ins. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) vault: Vault,
    pub(crate) ledger: Ledger,
    pub(crate) config: IdentityConfig,
    consents: Arc<dyn RegistrationConsents>,
    hasher: Hasher,
    tokens: AccessTokens,
    attempts: Arc<dyn Attempts>,
    live: LiveSessions,
    /// The operator's list of passwords, if there is one.
    refused: OnceLock<PasswordFilter>,
    /// Who we are to people's devices.
    party: RelyingParty,
    /// Who may vouch for people.
    providers: Providers,
    revocations: Revocations,
}

/// The blind indexes of log-in names.
const LOGIN_INDEX: BlindColumn = BlindColumn { table: "logins", column: "name_index" };

impl Identity {
    /// With these settings, unless they are unsafe. Attempts are counted in this process.
    pub fn new(parts: Parts, config: IdentityConfig) -> Result<Self, ConfigError> {
        let attempts = Arc::new(MemoryAttempts::default());
        Self::with_attempts(parts, config, attempts)
    }

    /// The same with attempts counted elsewhere.
    pub fn with_attempts(
        parts: Parts,
        config: IdentityConfig,
        attempts: Arc<dyn Attempts>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let Parts { db, vault, ledger, consents } = parts;
        let hasher = Hasher::new(db.env().clone(), vault.clone(), &config.password);
        let relying_party = RelyingParty::new(&config.passkeys, config.public_url.as_deref())?;
        let providers = Providers::new(&config.providers)?;
        let issuer = config.issuer.clone();
        let tokens = AccessTokens::new(vault.clone(), issuer, config.session.access());
        let inner = Inner {
            db,
            vault,
            ledger,
            config,
            consents,
            hasher,
            tokens,
            attempts,
            live: LiveSessions::default(),
            refused: OnceLock::new(),
            party: relying_party,
            providers,
            revocations: Revocations::default(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Refuses the passwords of this list, too. Said once, at the start.
    pub fn refuse_passwords(&self, list: PasswordFilter) {
        // Whoever says it again is not heard: there is one list.
        drop(self.0.refused.set(list));
    }

    fn check_own_list(&self, password: &Password) -> Result<(), PasswordProblem> {
        // EXPOSE: it is looked up.
        let text = password.text().expose();
        let listed = self.0.refused.get().is_some_and(|list| list.contains_any_case(text));
        if listed { Err(PasswordProblem::Common) } else { Ok(()) }
    }

    /// How long passwords wait to be hashed.
    #[must_use]
    pub fn metrics(&self) -> &PoolMetrics {
        self.0.hasher.metrics()
    }

    #[cfg(test)]
    pub(crate) fn attempts(&self) -> &Arc<dyn Attempts> {
        &self.0.attempts
    }

    /// Every index under which a name may be stored, newest first.
    async fn indexes(
        &self,
        tenant: TenantId,
        name: &LoginName,
    ) -> Result<Vec<BlindIndex>, VaultError> {
        // EXPOSE: only keyed fingerprints of it leave this function.
        let text = name.index_text();
        self.0.vault.blind_candidates(tenant, &LOGIN_INDEX, text.expose().as_bytes()).await
    }

    /// The index to store a name under.
    pub(crate) async fn index(
        &self,
        tenant: TenantId,
        name: &LoginName,
    ) -> Result<BlindIndex, VaultError> {
        // EXPOSE: only a keyed fingerprint of it leaves this function.
        let text = name.index_text();
        self.0.vault.blind_index(tenant, &LOGIN_INDEX, text.expose().as_bytes()).await
    }

    /// The person with this log-in name.
    async fn find(
        &self,
        tenant: TenantId,
        indexes: &[BlindIndex],
    ) -> Result<Option<Subject>, db::DbError> {
        for index in indexes {
            let user = crate::store::user_of_login(&self.0.db, tenant, index.as_bytes()).await?;
            if let Some(user) = user {
                return Ok(Some(Subject::new(tenant, user.into())));
            }
        }
        Ok(None)
    }
}

/// The same request, made by someone who has just shown who they are.
fn as_person(
    ctx: &Ctx,
    (subject, session): (Subject, SessionId),
    roles: RoleSet,
    auth_time: Timestamp,
) -> Ctx {
    let person = Person { subject, session, roles, acr: Acr::Single, auth_time };
    let mut ctx = ctx.clone();
    ctx.actor = Actor::Person(person);
    ctx
}

impl Inner {
    /// Idle and absolute end of a log-in with a cookie.
    fn cookie_ends(&self, roles: RoleSet, now: Timestamp) -> (Timestamp, Timestamp) {
        let (idle, whole) = self.config.session.cookie_life(is_privileged(roles));
        (now.plus(idle.min(whole)), now.plus(whole))
    }

    /// Idle and absolute end of a log-in with tokens.
    fn token_ends(&self, roles: RoleSet, now: Timestamp) -> (Timestamp, Timestamp) {
        let (idle, whole) = self.config.session.token_life(is_privileged(roles));
        (now.plus(idle.min(whole)), now.plus(whole))
    }
}
