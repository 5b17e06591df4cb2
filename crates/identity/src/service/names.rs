//! Names and clients, sealed and opened.

use super::Identity;
use crate::{
    error::IdentityError,
    model::{Account, Client, DisplayName, LoginName, NameKind, Status},
    store::{self, AccountRow, SealedName},
};
use kernel::{Ctx, Phi, RoleSet, SessionId, Subject, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vault::{KeyPurpose, Keyring, Sealed, VaultError};

/// Names and addresses of people. Health data or not: it is erased with the rest.
const IDENTITY: KeyPurpose = KeyPurpose::clinical("identity");

pub(super) mod columns {
    use super::IDENTITY;

    vault::columns! {
        /// What a person logs in with or wants to be called.
        NAME = ("account_names", "name", IDENTITY, 1);
        /// Program and address of a log-in.
        CLIENT = ("sessions", "client", IDENTITY, 1);
        /// How a person wants to be met.
        PROFILE = ("profiles", "profile", IDENTITY, 1);
        /// What an invitation is for.
        INVITE_NOTE = ("invites", "note", IDENTITY, 1);
        /// What an authenticator app makes codes with.
        TOTP_SECRET = ("totp_factors", "secret", IDENTITY, 1);
        /// What a person calls a passkey.
        PASSKEY_NAME = ("passkeys", "name", IDENTITY, 1);
        /// What is needed to check what a passkey signs.
        PASSKEY_CREDENTIAL = ("passkeys", "credential", IDENTITY, 1);
        /// An account elsewhere: the provider, whom it speaks of, and what its person knows it by.
        LINKED_ACCOUNT = ("linked_logins", "account", IDENTITY, 1);
        /// Of a log-in that a provider vouched for: the provider, whom it spoke of, and what it
        /// calls the log-in there.
        PROVIDER_SESSION = ("provider_sessions", "account", IDENTITY, 1);
    }
}
pub use columns::COLUMNS;
use columns::{CLIENT, NAME};
pub(super) use columns::{
    LINKED_ACCOUNT, PASSKEY_CREDENTIAL, PASSKEY_NAME, PROVIDER_SESSION, TOTP_SECRET,
};

/// The names of a new account, sealed.
pub(super) fn seal_names(
    ctx: &Ctx,
    keys: &Keyring,
    login: &LoginName,
    display: Option<&DisplayName>,
) -> Result<Vec<SealedName>, VaultError> {
    let display = display.map(|name| (NameKind::Display, name.text()));
    seal_some(ctx, keys, [(login.kind(), login.shown())].into_iter().chain(display))
}

/// These names, sealed.
pub(super) fn seal_some<'a>(
    ctx: &Ctx,
    keys: &Keyring,
    names: impl IntoIterator<Item = (NameKind, &'a Phi<String>)>,
) -> Result<Vec<SealedName>, VaultError> {
    let seal = |(kind, text): (NameKind, &Phi<String>)| {
        let id: Uuid = ctx.new_id();
        // EXPOSE: it is sealed.
        let sealed = keys.seal(&NAME, id, text.expose().as_bytes())?;
        Ok::<_, VaultError>(SealedName { id, kind, sealed })
    };
    names.into_iter().map(seal).collect()
}

#[derive(Serialize, Deserialize)]
struct StoredClient<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
}

#[derive(Deserialize)]
struct ReadClient {
    user_agent: Option<Phi<String>>,
    ip: Option<Phi<String>>,
}

/// Where the request came from, sealed for its log-in.
pub(super) fn seal_client(
    ctx: &Ctx,
    keys: &Keyring,
    session: SessionId,
) -> Result<Sealed, IdentityError> {
    let client = StoredClient {
        user_agent: ctx.origin.user_agent.as_deref(),
        ip: ctx.origin.ip.map(|ip| ip.to_string()),
    };
    let json = serde_json::to_vec(&client).map_err(|_| IdentityError::Unreadable("client"))?;
    let json = Phi::new(json);
    // EXPOSE: it is sealed.
    Ok(keys.seal(&CLIENT, session.as_uuid(), json.expose())?)
}

pub(super) fn open_client(
    keys: &Keyring,
    session: SessionId,
    sealed: Vec<u8>,
) -> Result<Client, IdentityError> {
    let plain = keys.open(&CLIENT, session.as_uuid(), &Sealed::from_bytes(sealed))?;
    // EXPOSE: what is read from it is as guarded as it was.
    let read: ReadClient =
        serde_json::from_slice(plain.expose()).map_err(|_| IdentityError::Unreadable("client"))?;
    Ok(Client { user_agent: read.user_agent, ip: read.ip })
}

impl Identity {
    /// Whoever is being erased has no names any more.
    pub(super) async fn login_names(
        &self,
        subject: Subject,
    ) -> Result<Vec<LoginName>, IdentityError> {
        let row = store::account(&self.0.db, subject).await?;
        let Some(row) = row.filter(|row| row.status != Status::Erasing.name()) else {
            return Ok(Vec::new());
        };
        let account = self.open_account(subject.tenant, row).await?;
        // EXPOSE: the name is brought into the form that is compared.
        let email = account.email.map(|text| LoginName::email(text.expose()));
        let username = account.username.map(|text| LoginName::username(text.expose()));
        Ok(email.into_iter().chain(username).collect::<Result<_, _>>()?)
    }

    /// What a person is called, wherever they told it. Nobody else is told: it is for leaving it
    /// out of what others see.
    pub async fn called(&self, subject: Subject) -> Result<Vec<Phi<String>>, IdentityError> {
        let Some(row) = store::account(&self.0.db, subject).await? else { return Ok(Vec::new()) };
        let Account { email, username, display_name, .. } =
            self.open_account(subject.tenant, row).await?;
        Ok([email, username, display_name].into_iter().flatten().collect())
    }

    /// An account with its names, opened with the person's keys.
    pub(super) async fn open_account(
        &self,
        tenant: TenantId,
        row: AccountRow,
    ) -> Result<Account, IdentityError> {
        let subject = Subject::new(tenant, row.user_id.into());
        let keys = self.0.vault.keyring(subject).await?;
        let mut account = Account {
            subject,
            status: row.status.parse().map_err(|_| IdentityError::Unreadable("status"))?,
            roles: RoleSet::from_bits(row.roles),
            created_at: row.created_at,
            erase_at: row.erase_at,
            email: None,
            username: None,
            display_name: None,
        };
        for name in store::names(&self.0.db, subject).await? {
            let plain = keys.open(&NAME, name.id, &Sealed::from_bytes(name.name))?;
            // EXPOSE: the text is as guarded as its bytes were.
            let text = String::from_utf8(plain.expose().clone())
                .map_err(|_| IdentityError::Unreadable("name"))?;
            let text = Some(Phi::new(text));
            match NameKind::from_name(&name.kind) {
                Some(NameKind::Email) => account.email = text,
                Some(NameKind::Username) => account.username = text,
                Some(NameKind::Display) => account.display_name = text,
                None => return Err(IdentityError::Unreadable("kind of name")),
            }
        }
        Ok(account)
    }
}
