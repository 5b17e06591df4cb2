//! Logging in.

use super::{
    Identity,
    devices::DeviceId,
    entering::{Entered, First},
    opening::{Login, Opening, PASSWORD},
};
use crate::{
    actions::LOGGED_IN,
    error::IdentityError,
    factors::TypedCode,
    limits::Factor,
    model::{LoginName, SessionKind, Status},
    password::{Match, Password, StoredHash},
    store::{self, AccountRow},
};
use audit::Event;
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
    /// A code of the second factor, if they have one and know that it will be asked for.
    pub code: Option<TypedCode>,
    /// How they want to be logged in.
    pub kind: SessionKind,
    /// The cookie of a device that they were logged in on before.
    pub device: Option<Secret<String>>,
}

/// Whose password is compared.
#[derive(Clone, Copy)]
enum Who {
    /// That of the person with this name.
    Found(Subject),
    /// Nobody has the name: that of someone else, for the time that it takes.
    StandIn(Subject),
}

impl Who {
    const fn found(self) -> Option<Subject> {
        match self {
            Self::Found(subject) => Some(subject),
            Self::StandIn(_) => None,
        }
    }
}

impl Identity {
    /// Logs in. What is wrong with name or password is told to nobody, and an account that does
    /// not exist takes as long as one that does.
    pub async fn log_in(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        request: &LoginRequest,
    ) -> Result<Entered, IdentityError> {
        let indexes = self.indexes(tenant, &request.name).await?;
        let who = self.look_up(tenant, &indexes).await?;
        let device = request.device.as_ref();
        let device = self.known_device(ctx, tenant, who.found(), device).await?;
        // The first index is there for every name.
        let account = indexes.first().map_or(&[0; 32], BlindIndex::as_bytes);
        let tried = self.try_factor(ctx, Factor::Password, account, device.as_ref()).await;
        let result = match tried {
            Ok(tried) => {
                let result = self.recognise(ctx, request, (who, device)).await;
                match &result {
                    Err(IdentityError::LoginFailed) => {}
                    // The second factor was recorded where it was judged.
                    Err(IdentityError::FactorWrong(_) | IdentityError::FactorClosed(..)) => {
                        tried.right().await;
                        return result;
                    }
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

    /// The person with this name, or someone else in their place. What is read and hashed for a
    /// name that nobody has is what is read and hashed for one that somebody has: rows that are
    /// there, and a password at the cost that passwords here have.
    async fn look_up(
        &self,
        tenant: TenantId,
        indexes: &[BlindIndex],
    ) -> Result<Who, IdentityError> {
        let nobody = Subject::new(tenant, UserId::from_uuid(Uuid::nil()));
        let mut who = Who::StandIn(nobody);
        // All of them, wherever the name is: while the key rotates there are two.
        for index in indexes {
            let row = store::nearest_login(&self.0.db, tenant, index.as_bytes()).await?;
            let Some(row) = row else { continue };
            let subject = Subject::new(tenant, row.user_id.into());
            who = match who {
                Who::Found(_) => who,
                _ if row.name_index == *index.as_bytes() => Who::Found(subject),
                Who::StandIn(_) => Who::StandIn(subject),
            };
        }
        Ok(who)
    }

    async fn recognise(
        &self,
        ctx: &Ctx,
        request: &LoginRequest,
        (who, device): (Who, Option<DeviceId>),
    ) -> Result<Entered, IdentityError> {
        let (Who::Found(subject) | Who::StandIn(subject)) = who;
        let stored = store::password(&self.0.db, subject).await?;
        let matched = self.0.hasher.verify(&request.password, stored.as_ref()).await?;
        match (who, matched) {
            (Who::Found(subject), Match::Yes) => {
                self.enter(ctx, (subject, device), request, None).await
            }
            (Who::Found(subject), Match::YesButWeak) => {
                let stronger = self.0.hasher.hash(&request.password).await?;
                self.enter(ctx, (subject, device), request, Some(stronger)).await
            }
            // Whatever fits someone who only stands in opens nothing.
            (_, Match::No) | (Who::StandIn(_), _) => Err(IdentityError::LoginFailed),
        }
    }

    /// The password was right.
    async fn enter(
        &self,
        ctx: &Ctx,
        (subject, device): (Subject, Option<DeviceId>),
        request: &LoginRequest,
        stronger: Option<StoredHash>,
    ) -> Result<Entered, IdentityError> {
        let LoginRequest { kind, restore, .. } = *request;
        let first = First {
            subject,
            kind,
            restore,
            amr: PASSWORD.to_owned(),
            stronger,
            device,
            challenge: None,
            vouched: None,
        };
        self.pass(ctx, first, request.code.as_ref()).await
    }

    /// What is told to someone who has just logged in.
    pub(super) async fn login_of(
        &self,
        opening: &Opening,
        roles: RoleSet,
    ) -> Result<Login, IdentityError> {
        let credentials = opening.credentials(&self.0, roles)?;
        let account = self.read_account(opening.subject).await?;
        let factor_wanted = self.factors_of(opening.subject).await?.wanted;
        let session = opening.session;
        Ok(Login { session, credentials, account, device: None, factor_wanted })
    }

    /// Of the tenant itself, whether there is such an account or not: the line in the ledger
    /// takes as long, and names nobody.
    pub(super) async fn refuse_login(
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
pub(super) fn admit(ctx: &Ctx, account: &AccountRow, restore: bool) -> Result<bool, IdentityError> {
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
