//! Registering.
//!
//! Whoever takes a username is logged in at once, and hears when someone else has it. An e-mail
//! address is personal, so the answer does not tell whether it is known here: it is the same
//! either way, comes after the same time, and logs nobody in; who made the account can log in
//! with the password that they chose. That log-in does tell: as long as no mail is sent, whoever
//! is ready to take an address, and to leave an account and its lines in the ledger behind, finds
//! out whether it was free.

use super::{
    Identity, NewPerson, as_person,
    invites::{InviteCode, Invited},
    letters::{About, LetterKind, LinkPurpose, ask},
    names::seal_names,
    opening::{Login, Opening},
    setup::SetupCode,
};
use crate::{
    actions::{LOGGED_IN, REGISTERED},
    error::IdentityError,
    limits::Factor,
    model::{DisplayName, GivenConsents, LoginName, NameKind, SessionKind},
    password::{Password, StoredHash, check_new},
    store::{self, LinkRow, SealedName},
};
use audit::Event;
use db::{Tx, run_tx};
use kernel::{Coded, Ctx, ErrorCode, Role, RoleSet, Subject, TenantId, UserId};
use std::time::Duration;
use vault::BlindIndex;

/// What someone brings who registers.
pub struct Registration {
    /// What they want to log in with.
    pub login: LoginName,
    /// The password for it.
    pub password: Password,
    /// What they want to be called.
    pub display_name: Option<DisplayName>,
    /// What they agree to.
    pub consents: GivenConsents,
    /// Makes them the first administrator.
    pub setup_code: Option<SetupCode>,
    /// The code of an invitation.
    pub invite: Option<InviteCode>,
    /// Whether they want a second factor.
    pub wants_factor: bool,
    /// How they want to be logged in.
    pub kind: SessionKind,
}

/// What came of it.
pub enum Registered {
    /// There is a new account, and its person is logged in.
    LoggedIn(Box<Login>),
    /// There is an account with this address, new or not; its person can log in.
    Accepted,
}

/// When someone new is logged in.
enum Enters<'a> {
    /// At once.
    Now(&'a Opening),
    /// When they log in; first they get a letter with this link.
    Later(&'a LinkRow),
}

/// Everything that the transaction of a new account writes.
pub(super) struct Draft {
    pub(super) subject: Subject,
    pub(super) index: BlindIndex,
    pub(super) names: Vec<SealedName>,
    pub(super) password: StoredHash,
    pub(super) roles: RoleSet,
    /// The invitation that is used up a little by this.
    pub(super) invited: Option<Invited>,
}

impl Draft {
    pub(super) fn store(&self, tx: &mut Tx, ctx: &Ctx) {
        store::add_login(tx, self.subject, self.index.as_bytes());
        store::add_account(tx, self.subject, self.roles.bits(), ctx.now());
        store::put_password(tx, self.subject, &self.password, ctx.now());
        for name in &self.names {
            store::add_name(tx, self.subject, name);
        }
    }
}

impl Identity {
    /// Makes an account of this tenant.
    pub async fn register(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: Registration,
    ) -> Result<Registered, IdentityError> {
        if !new.consents.terms {
            return Err(IdentityError::TermsRequired);
        }
        let invited = self.invitation_of(ctx, tenant, &new).await?;
        let password = self.hash_new(&new.login, new.display_name.as_ref(), &new.password).await?;
        // First of all, so that a made-up code finds out nothing about the name beside it.
        if let Some(code) = &new.setup_code
            && !store::is_setup_code(&self.0.db, tenant, code.sought(ctx.now())).await?
        {
            let refused = IdentityError::SetupCode;
            self.refuse_registration(ctx, tenant, refused.code()).await?;
            return Err(refused);
        }
        let owner = self.find(tenant, &self.indexes(tenant, &new.login).await?).await?;
        // A registration with a set-up code is told the truth: its person runs the place.
        let discreet = new.login.kind() == NameKind::Email && new.setup_code.is_none();
        let made = async {
            let made = match owner {
                None => self.make(ctx, tenant, &new, (password, invited, discreet)).await,
                Some(owner) => {
                    if discreet {
                        self.tell_owner(ctx, owner).await?;
                    }
                    Err(IdentityError::UsernameExists)
                }
            };
            if let Err(error) = &made
                && is_refusal(error)
            {
                self.refuse_registration(ctx, tenant, error.code()).await?;
            }
            made
        };
        if !discreet {
            return made.await;
        }
        match at_the_same_time(self.even_answer(), made).await {
            Err(IdentityError::UsernameExists) => Ok(Registered::Accepted),
            other => other,
        }
    }

    /// The hash of a password that is good enough for someone with these names.
    pub(super) async fn hash_new(
        &self,
        login: &LoginName,
        display: Option<&DisplayName>,
        password: &Password,
    ) -> Result<StoredHash, IdentityError> {
        // EXPOSE: the password is compared with the names.
        let mut names = vec![login.shown().expose().as_str()];
        names.extend(display.map(|name| name.text().expose().as_str()));
        self.hash_for(&names, password).await
    }

    /// The same for names that are known already.
    pub(super) async fn hash_for(
        &self,
        names: &[&str],
        password: &Password,
    ) -> Result<StoredHash, IdentityError> {
        check_new(password, names)?;
        self.check_own_list(password)?;
        self.0.hasher.hash(password).await
    }

    async fn make(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: &Registration,
        (password, invited, discreet): (StoredHash, Option<Invited>, bool),
    ) -> Result<Registered, IdentityError> {
        let subject = Subject::new(tenant, ctx.new_id::<UserId>());
        let keys = self.0.vault.keyring(subject).await?;
        let first = new.setup_code.as_ref().map(|_| Role::Admin);
        let granted = invited.as_ref().map_or(RoleSet::of(&[Role::User]), |by| by.roles);
        let roles = first.into_iter().fold(granted, RoleSet::with);
        let names = seal_names(ctx, &keys, &new.login, new.display_name.as_ref())?;
        let index = self.index(tenant, &new.login).await?;
        let name_id = names.first().map(|name| name.id);
        let draft = Draft { subject, index, names, password, roles, invited };
        if discreet {
            let link =
                LinkRow { name_id, ..self.new_link(ctx, subject, LinkPurpose::VerifyEmail).await? };
            self.store_new(ctx, new, &draft, Enters::Later(&link)).await?;
            return Ok(Registered::Accepted);
        }
        let opening = self.opening(ctx, &keys, new.kind).await?;
        self.store_new(ctx, new, &draft, Enters::Now(&opening)).await?;
        let login = self.login_of(&opening, roles).await?;
        Ok(Registered::LoggedIn(Box::new(login)))
    }

    async fn store_new(
        &self,
        ctx: &Ctx,
        new: &Registration,
        draft: &Draft,
        enters: Enters<'_>,
    ) -> Result<(), IdentityError> {
        let Draft { subject, roles, .. } = *draft;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let person = NewPerson { ctx, subject, ledger_keys: &keys, given: new.consents };
        let (opening, link) = match enters {
            Enters::Now(opening) => (Some(opening), None),
            Enters::Later(link) => (None, Some(link)),
        };
        let opening = match opening {
            Some(opening) => {
                let ctx = as_person(ctx, (subject, opening.session), roles, ctx.now());
                let keys = self.0.ledger.keys(&ctx, subject).await?;
                Some((opening, ctx, keys))
            }
            None => None,
        };
        let wanted =
            if new.wants_factor { Some(self.first_totp(ctx, subject).await?) } else { None };
        let result: Result<(), IdentityError> = run_tx!(self.0.db, "identity.register", |tx| {
            if let Some(code) = &new.setup_code {
                use_setup_code(tx, ctx, subject.tenant, code).await?;
            }
            if let Some(invited) = &draft.invited {
                invited.accept(tx, ctx, subject.tenant).await?;
            }
            draft.store(tx, ctx);
            if let Some((id, secret)) = &wanted {
                store::factors::begin_totp(tx, subject, (*id, secret), ctx.now());
            }
            self.0.consents.record(tx, &person).await?;
            self.0.ledger.record(tx, ctx, &keys, &registered(draft))?;
            if let Some(link) = link {
                store::add_link(tx, subject, link, ctx.now());
                let kind = LetterKind::VerifyEmail;
                ask(tx, ctx.env(), subject, kind, About::link(link.id))?;
            }
            if let Some((opening, ctx, keys)) = &opening {
                opening.store(tx, &self.0, roles)?;
                let event = Event::new(&LOGGED_IN, subject).resource(opening.session);
                self.0.ledger.record(tx, ctx, keys, &event)?;
            }
            Ok(())
        });
        match result {
            Err(IdentityError::Db(error)) if store::is_taken_name(&error) => {
                Err(IdentityError::UsernameExists)
            }
            other => other,
        }
    }

    /// Someone wants to register with an address that has an account: its owner hears of it, a few
    /// times an hour at most.
    async fn tell_owner(&self, ctx: &Ctx, owner: Subject) -> Result<(), IdentityError> {
        let user = owner.user.as_uuid();
        if self.try_factor(ctx, Factor::Mail, user.as_bytes(), None).await.is_err() {
            return Ok(());
        }
        run_tx!(self.0.db, "identity.tell_owner", |tx| {
            ask(tx, ctx.env(), owner, LetterKind::AddressKnown, About::default())?;
            Ok(())
        })
    }

    /// The invitation that this registration goes by. A set-up code opens every door.
    async fn invitation_of(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: &Registration,
    ) -> Result<Option<Invited>, IdentityError> {
        if new.setup_code.is_some() {
            return Ok(None);
        }
        let admitted =
            self.admit_newcomer(ctx, tenant, (Some(&new.login), new.invite.as_ref())).await;
        if let Err(error) = &admitted
            && is_refusal(error)
        {
            self.refuse_registration(ctx, tenant, error.code()).await?;
        }
        admitted
    }

    pub(super) async fn refuse_registration(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        code: &'static ErrorCode,
    ) -> Result<(), IdentityError> {
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        let event = Event::new(&REGISTERED, whole).denied(code);
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        Ok(())
    }

    pub(super) fn even_answer(&self) -> Duration {
        Duration::from_millis(self.0.config.password.even_answer_ms.into())
    }
}

/// What the ledger tells of a new account.
fn registered(draft: &Draft) -> Event {
    let event = Event::new(&REGISTERED, draft.subject);
    match &draft.invited {
        Some(invited) => event.detail("invite", invited.id.to_string()),
        None => event,
    }
}

/// Whether the ledger tells of someone who was turned away.
pub(super) const fn is_refusal(error: &IdentityError) -> bool {
    matches!(
        error,
        IdentityError::UsernameExists
            | IdentityError::SetupCode
            | IdentityError::Invite
            | IdentityError::SignUpClosed
    )
}

async fn use_setup_code(
    tx: &mut Tx,
    ctx: &Ctx,
    tenant: TenantId,
    code: &SetupCode,
) -> Result<(), IdentityError> {
    let taken = store::take_setup_code(tx, tenant, code.sought(ctx.now())).await?;
    if taken && store::admins(tx, tenant).await? == 0 {
        Ok(())
    } else {
        Err(IdentityError::SetupCode)
    }
}

/// Does the work, and is done no sooner than after this time.
pub(super) async fn at_the_same_time<T>(time: Duration, work: impl Future<Output = T>) -> T {
    tokio::join!(work, tokio::time::sleep(time)).0
}
