//! Logging in.

use super::{
    Identity, as_person,
    devices::DeviceId,
    opening::{Login, Opening},
};
use crate::{
    actions::{ACCOUNT_REOPENED, LOGGED_IN},
    error::IdentityError,
    limits::Factor,
    model::{LoginName, SessionKind, Status},
    password::{Match, Password, StoredHash},
    store::{self, AccountRow},
};
use audit::Event;
use db::{Tx, run_tx};
use kernel::{Coded, Ctx, ErrorCode, RoleSet, Secret, Subject, TenantId, UserId};
use uuid::Uuid;
use vault::BlindIndex;

/// What someone brings who logs in.
pub struct LoginRequest {
    /// The name.
    pub name: LoginName,
    /// The password for it.
    pub password: Password,
    /// Whether a closed account is to be opened again.
    pub restore: bool,
    /// How they want to be logged in.
    pub kind: SessionKind,
    /// The cookie of a device that they were logged in on before.
    pub device: Option<Secret<String>>,
}

impl Identity {
    /// Logs in. What is wrong with name or password is told to nobody, and an account that does
    /// not exist takes as long as one that does.
    pub async fn log_in(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        request: &LoginRequest,
    ) -> Result<Login, IdentityError> {
        let indexes = self.indexes(tenant, &request.name).await?;
        let found = self.find(tenant, &indexes).await?;
        let device = request.device.as_ref();
        let device = self.known_device(ctx, tenant, found, device).await?;
        // The first index is there for every name.
        let account = indexes.first().map_or(&[0; 32], BlindIndex::as_bytes);
        let tried = self.try_factor(ctx, Factor::Password, account, device.as_ref()).await;
        let result = match tried {
            Ok(tried) => {
                let result = self.recognise(ctx, (tenant, request), (found, device)).await;
                match &result {
                    Err(IdentityError::LoginFailed) => {}
                    // In the last two cases the password was right.
                    Ok(_) | Err(IdentityError::Inactive | IdentityError::Closed(_)) => {
                        tried.right().await;
                    }
                    Err(_) => {
                        tried.unjudged().await;
                        return result;
                    }
                }
                result
            }
            Err(refused) => Err(refused),
        };
        if let Err(error) = &result {
            self.refuse_login(ctx, tenant, error.code()).await?;
        }
        result
    }

    async fn recognise(
        &self,
        ctx: &Ctx,
        (tenant, request): (TenantId, &LoginRequest),
        (found, device): (Option<Subject>, Option<DeviceId>),
    ) -> Result<Login, IdentityError> {
        // Nobody's row is looked for, too: finding nothing takes as long.
        let nobody = Subject::new(tenant, UserId::from_uuid(Uuid::nil()));
        let stored = store::password(&self.0.db, found.unwrap_or(nobody)).await?;
        let matched = self.0.hasher.verify(&request.password, stored.as_ref()).await?;
        match (found, matched) {
            (Some(subject), Match::Yes) => self.enter(ctx, (subject, device), request, None).await,
            (Some(subject), Match::YesButWeak) => {
                let stronger = self.0.hasher.hash(&request.password).await?;
                self.enter(ctx, (subject, device), request, Some(stronger)).await
            }
            (_, Match::No) | (None, _) => Err(IdentityError::LoginFailed),
        }
    }

    /// The password was right.
    async fn enter(
        &self,
        ctx: &Ctx,
        (subject, device): (Subject, Option<DeviceId>),
        request: &LoginRequest,
        stronger: Option<StoredHash>,
    ) -> Result<Login, IdentityError> {
        let account = store::account(&self.0.db, subject).await?;
        let account = account.ok_or(IdentityError::LoginFailed)?;
        admit(ctx, &account, request.restore)?;
        let keys = self.0.vault.keyring(subject).await?;
        let opening = self.opening(ctx, &keys, request.kind).await?;
        let whose = (subject, opening.session);
        let ctx = as_person(ctx, whose, RoleSet::from_bits(account.roles), ctx.now());
        let keys = self.0.ledger.keys(&ctx, subject).await?;
        let roles = run_tx!(self.0.db, "identity.log_in", |tx| {
            let reopened = self.enter_tx(tx, &ctx, &opening, request.restore).await?;
            if let Some(hash) = &stronger {
                store::put_password(tx, subject, hash, ctx.now());
            }
            if reopened.1 {
                self.0.ledger.record(tx, &ctx, &keys, &Event::new(&ACCOUNT_REOPENED, subject))?;
            }
            let event = Event::new(&LOGGED_IN, subject).resource(opening.session);
            self.0.ledger.record(tx, &ctx, &keys, &event)?;
            Ok::<_, IdentityError>(reopened.0)
        })?;
        let mut login = self.login_of(&opening, roles).await?;
        login.device = Some(self.remember_device(&ctx, subject, device).await?);
        Ok(login)
    }

    /// Writes the log-in down; answers the roles, and whether the account was opened again.
    async fn enter_tx(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        opening: &Opening,
        restore: bool,
    ) -> Result<(RoleSet, bool), IdentityError> {
        let account = store::lock_account(tx, opening.subject).await?;
        let account = account.ok_or(IdentityError::LoginFailed)?;
        let closed = admit(ctx, &account, restore)?;
        if closed {
            store::set_status(tx, opening.subject, Status::Active, None);
        }
        let roles = RoleSet::from_bits(account.roles);
        opening.store(tx, &self.0, roles);
        Ok((roles, closed))
    }

    /// What is told to someone who has just logged in.
    pub(super) async fn login_of(
        &self,
        opening: &Opening,
        roles: RoleSet,
    ) -> Result<Login, IdentityError> {
        let credentials = opening.credentials(&self.0, roles)?;
        let account = self.read_account(opening.subject).await?;
        Ok(Login { session: opening.session, credentials, account, device: None })
    }

    /// Of the tenant itself, whether there is such an account or not: the line in the ledger
    /// takes as long, and names nobody.
    async fn refuse_login(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        code: &'static ErrorCode,
    ) -> Result<(), IdentityError> {
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&LOGGED_IN, whole).denied(code)).await?;
        Ok(())
    }
}

/// Whether the account may be entered; `true` if it is closed and is to be opened again.
fn admit(ctx: &Ctx, account: &AccountRow, restore: bool) -> Result<bool, IdentityError> {
    let status = account.status.parse().map_err(|_| IdentityError::Unreadable("status"))?;
    match (status, account.erase_at) {
        (Status::Active, _) => Ok(false),
        (Status::Deleting, Some(erase_at)) if ctx.now() < erase_at => {
            if restore {
                Ok(true)
            } else {
                Err(IdentityError::Closed(erase_at))
            }
        }
        (Status::Suspended | Status::Deleting | Status::Erasing, _) => Err(IdentityError::Inactive),
    }
}
