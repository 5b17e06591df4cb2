//! What administrators and operators do with accounts. They see names and states, never health
//! data, and set nobody's password: a new account gets one from whoever makes it, once.

use super::{Identity, names::seal_names, register::Draft};
use crate::{
    actions::{
        ACCOUNT_CREATED, ACCOUNTS_LISTED, LOGGED_OUT_EVERYBODY, LOGGED_OUT_EVERYWHERE, RESUMED,
        ROLES_CHANGED, SUSPENDED,
    },
    error::IdentityError,
    model::{Account, DisplayName, LoginName, Status},
    password::Password,
    store::{self, AccountRow},
};
use audit::{Action, Event};
use db::{Tx, run_tx};
use kernel::{Acr, Actor, Ctx, Cursor, Page, PageSize, Role, RoleSet, Subject, TenantId, UserId};

/// An account that someone else makes for a person.
pub struct NewAccount {
    /// What the person will log in with.
    pub login: LoginName,
    /// The first password.
    pub password: Password,
    /// What the person wants to be called.
    pub display_name: Option<DisplayName>,
    /// Their rights; `user` is always among them.
    pub roles: RoleSet,
}

/// Which accounts a list shows. Without any wish: all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountFilter {
    /// In this state.
    pub status: Option<Status>,
    /// With this role.
    pub role: Option<Role>,
}

impl AccountFilter {
    /// Whether this account is one of them.
    #[must_use]
    pub fn admits(&self, account: &Account) -> bool {
        self.status.is_none_or(|status| account.status == status)
            && self.role.is_none_or(|role| account.roles.contains(role))
    }
}

/// What an administrator wants to be different about an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amendment {
    /// Exactly these roles, `user` among them.
    pub roles: Option<RoleSet>,
    /// Blocked, or not.
    pub suspended: Option<bool>,
}

/// How surely a person is recognised, as an administrator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded {
    /// Whether a log-in asks for a second factor.
    pub second_factor: bool,
    /// Roles that do not count in any log-in until there is one.
    pub roles_waiting: RoleSet,
}

/// Holds for administrators, and for operators at the machine.
pub(super) fn require_admin(ctx: &Ctx) -> Result<(), IdentityError> {
    match &ctx.actor {
        Actor::Operator => Ok(()),
        Actor::Person(person) if person.roles.contains(Role::Admin) => Ok(()),
        Actor::Person(_) => Err(IdentityError::AdminRequired),
        Actor::Anonymous | Actor::System(_) => Err(IdentityError::AuthRequired),
    }
}

/// A change that an administrator makes to an account.
enum Change {
    Roles(RoleSet),
    Suspend,
    Resume,
    LogOut,
}

impl Change {
    const fn action(&self) -> &'static Action {
        match self {
            Self::Roles(_) => &ROLES_CHANGED,
            Self::Suspend => &SUSPENDED,
            Self::Resume => &RESUMED,
            Self::LogOut => &LOGGED_OUT_EVERYWHERE,
        }
    }

    fn event(&self, subject: Subject) -> Event {
        let event = Event::new(self.action(), subject);
        match self {
            Self::Roles(roles) => {
                let names: Vec<_> = roles.iter().map(Role::name).collect();
                event.detail("roles", names.join(" "))
            }
            Self::Suspend | Self::Resume | Self::LogOut => event,
        }
    }

    /// Whether an administrator would be none any more.
    fn takes_admin(&self, account: &AccountRow) -> bool {
        let is_admin = RoleSet::from_bits(account.roles).contains(Role::Admin)
            && account.status == Status::Active.name();
        let goes = match self {
            Self::Roles(roles) => !roles.contains(Role::Admin),
            Self::Suspend => true,
            Self::Resume | Self::LogOut => false,
        };
        is_admin && goes
    }

    /// Makes the change; `false` if the account is not in a state for it.
    fn make(&self, tx: &mut Tx, ctx: &Ctx, subject: Subject, account: &AccountRow) -> bool {
        let is = |status: Status| account.status == status.name();
        match self {
            Self::Roles(roles) => store::set_roles(tx, subject, roles.bits()),
            Self::Suspend if is(Status::Active) => {
                store::set_status(tx, subject, Status::Suspended, None);
            }
            Self::Resume if is(Status::Suspended) => {
                store::set_status(tx, subject, Status::Active, None);
            }
            Self::LogOut => {}
            Self::Suspend | Self::Resume => return false,
        }
        // New rights need a new log-in, so that nobody goes on with what was handed out before.
        store::end_all(tx, subject, ctx.now());
        true
    }
}

impl Identity {
    /// Accounts of a tenant with the names of their people, newest first.
    pub async fn accounts(
        &self,
        ctx: &Ctx,
        (tenant, filter): (TenantId, AccountFilter),
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Account>, IdentityError> {
        require_admin(ctx)?;
        let after = after.unwrap_or(Cursor::NEWEST);
        let roles = filter.role.map_or(0, |role| RoleSet::of(&[role]).bits());
        let wanted = (tenant, filter.status, roles);
        let rows = store::accounts(&self.0.db, wanted, after, size).await?;
        let page =
            Page::from_rows(rows, size, |row| Cursor { at: row.created_at, id: row.user_id });
        let mut items = Vec::new();
        for row in page.items {
            items.push(self.named(tenant, row).await?);
        }
        self.looked(ctx, Subject::tenant_itself(tenant)).await?;
        Ok(Page { items, next: page.next })
    }

    /// The account of this person, as an administrator sees it.
    pub async fn account_by_id(
        &self,
        ctx: &Ctx,
        subject: Subject,
    ) -> Result<Account, IdentityError> {
        require_admin(ctx)?;
        let row = store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        let account = self.named(subject.tenant, row).await?;
        self.looked(ctx, subject).await?;
        Ok(account)
    }

    /// How surely the person of this account is recognised. That an administrator looked at the
    /// account is recorded where it is read.
    pub async fn guarded(&self, ctx: &Ctx, account: &Account) -> Result<Guarded, IdentityError> {
        require_admin(ctx)?;
        let second_factor = self.factors_of(account.subject).await?.any();
        let acr = if second_factor { Acr::Mfa } else { Acr::Single };
        let roles_waiting = self.0.config.withheld(account.roles, acr);
        Ok(Guarded { second_factor, roles_waiting })
    }

    /// Changes all of this at once, or nothing; what is so already is no change. Log-ins end with
    /// every change.
    pub async fn amend(
        &self,
        ctx: &Ctx,
        subject: Subject,
        amendment: Amendment,
    ) -> Result<Account, IdentityError> {
        require_admin(ctx)?;
        let row = store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        let status: Status = row.status.parse().map_err(|_| IdentityError::Unreadable("status"))?;
        let roles = amendment.roles.map(|roles| roles.with(Role::User));
        let roles = roles.filter(|roles| roles.bits() != row.roles).map(Change::Roles);
        let block = match (amendment.suspended, status) {
            (None, _) | (Some(true), Status::Suspended) | (Some(false), Status::Active) => None,
            (Some(true), Status::Active) => Some(Change::Suspend),
            (Some(false), Status::Suspended) => Some(Change::Resume),
            (Some(_), Status::Deleting | Status::Erasing) => return Err(IdentityError::Going),
        };
        let changes: Vec<Change> = roles.into_iter().chain(block).collect();
        if !changes.is_empty() {
            self.change(ctx, subject, &changes).await?;
        }
        self.account_by_id(ctx, subject).await
    }

    /// The account with this log-in name.
    pub async fn account_of(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        name: &LoginName,
    ) -> Result<Account, IdentityError> {
        require_admin(ctx)?;
        let found = self.find(tenant, &self.indexes(tenant, name).await?).await?;
        let subject = found.ok_or(IdentityError::NotFound)?;
        let row = store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        let account = self.named(tenant, row).await?;
        self.looked(ctx, subject).await?;
        Ok(account)
    }

    /// An account that is being erased has no names any more.
    async fn named(&self, tenant: TenantId, row: AccountRow) -> Result<Account, IdentityError> {
        if row.status != Status::Erasing.name() {
            return self.open_account(tenant, row).await;
        }
        Ok(Account {
            subject: Subject::new(tenant, row.user_id.into()),
            status: Status::Erasing,
            roles: RoleSet::from_bits(row.roles),
            created_at: row.created_at,
            erase_at: row.erase_at,
            email: None,
            username: None,
            display_name: None,
        })
    }

    async fn looked(&self, ctx: &Ctx, subject: Subject) -> Result<(), IdentityError> {
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&ACCOUNTS_LISTED, subject)).await?;
        Ok(())
    }

    /// Makes an account for someone; also how an operator makes another administrator.
    pub async fn create_account(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: &NewAccount,
    ) -> Result<Account, IdentityError> {
        require_admin(ctx)?;
        let password = self.hash_new(&new.login, new.display_name.as_ref(), &new.password).await?;
        if self.find(tenant, &self.indexes(tenant, &new.login).await?).await?.is_some() {
            return Err(IdentityError::UsernameExists);
        }
        let subject = Subject::new(tenant, ctx.new_id::<UserId>());
        let keys = self.0.vault.keyring(subject).await?;
        let names = seal_names(ctx, &keys, &new.login, new.display_name.as_ref())?;
        let index = self.index(tenant, &new.login).await?;
        let roles = new.roles.with(Role::User);
        let draft = Draft { subject, index, names, password, roles, invited: None };
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&ACCOUNT_CREATED, subject);
        let made: Result<(), IdentityError> = run_tx!(self.0.db, "identity.create_account", |tx| {
            draft.store(tx, ctx);
            self.0.ledger.record(tx, ctx, &ledger_keys, &event)?;
            Ok(())
        });
        match made {
            Err(IdentityError::Db(error)) if store::is_taken_name(&error) => {
                return Err(IdentityError::UsernameExists);
            }
            other => other?,
        }
        self.read_account(subject).await
    }

    /// Gives a person exactly these roles, `user` among them, and ends their log-ins.
    pub async fn set_roles(
        &self,
        ctx: &Ctx,
        subject: Subject,
        roles: RoleSet,
    ) -> Result<(), IdentityError> {
        self.change(ctx, subject, &[Change::Roles(roles.with(Role::User))]).await
    }

    /// Blocks an account and ends its log-ins. Accounts that are not active are not found.
    pub async fn suspend(&self, ctx: &Ctx, subject: Subject) -> Result<(), IdentityError> {
        self.change(ctx, subject, &[Change::Suspend]).await
    }

    /// Lets a blocked account be used again.
    pub async fn resume(&self, ctx: &Ctx, subject: Subject) -> Result<(), IdentityError> {
        self.change(ctx, subject, &[Change::Resume]).await
    }

    /// Ends all log-ins of a person.
    pub async fn end_all_sessions(&self, ctx: &Ctx, subject: Subject) -> Result<(), IdentityError> {
        self.change(ctx, subject, &[Change::LogOut]).await
    }

    /// Ends all log-ins of all people; answers how many. For an installation that was put back to
    /// an earlier moment, before anybody uses it.
    pub async fn end_everybodys_sessions(&self, ctx: &Ctx) -> Result<u64, IdentityError> {
        require_admin(ctx)?;
        let whole = Subject::tenant_itself(TenantId::DEFAULT);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        run_tx!(self.0.db, "identity.end_everybodys_sessions", |tx| {
            let ended = store::end_everybodys(tx, ctx.now()).await?;
            let event =
                Event::new(&LOGGED_OUT_EVERYBODY, whole).detail("log_ins", ended.to_string());
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(ended)
        })
    }

    async fn change(
        &self,
        ctx: &Ctx,
        subject: Subject,
        changes: &[Change],
    ) -> Result<(), IdentityError> {
        require_admin(ctx)?;
        // No keys are made for people who do not exist.
        store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let result = run_tx!(self.0.db, "identity.change_account", |tx| {
            let account = store::lock_account(tx, subject).await?.ok_or(IdentityError::NotFound)?;
            for change in changes {
                if change.takes_admin(&account) && !store::another_admin(tx, subject).await? {
                    return Err(IdentityError::LastAdmin);
                }
                if !change.make(tx, ctx, subject, &account) {
                    return Err(IdentityError::NotFound);
                }
                self.0.ledger.record(tx, ctx, &keys, &change.event(subject))?;
            }
            Ok(())
        });
        self.0.live.changed(subject);
        result
    }
}
