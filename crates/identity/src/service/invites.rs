//! Who may make an account: everybody, whoever has an invitation, or nobody. And invitations.

use super::{Identity, SetupCode, admin::require_admin, names::columns::INVITE_NOTE};
use crate::{
    actions::{INVITE_CREATED, INVITE_REVOKED, INVITES_LISTED},
    config::SignUp,
    error::IdentityError,
    model::{LoginName, NameKind},
    store::{self, InviteRow},
};
use audit::Event;
use db::{Tx, run_tx};
use kernel::{
    Actor, Ctx, Cursor, Page, PageSize, Phi, Role, RoleSet, Secret, Subject, TenantId, Timestamp,
    UserId, typed_id,
};
use std::time::Duration;
use vault::{BlindColumn, Keyring, Sealed};

typed_id!(
    /// One invitation.
    InviteId
);

/// The code of an invitation: 20 letters, 100 random bits. Only its hash is stored.
#[derive(Clone)]
pub struct InviteCode(SetupCode);

impl InviteCode {
    /// What someone typed, with or without dashes, in any case.
    #[must_use]
    pub fn typed(text: &Secret<String>) -> Self {
        Self(SetupCode::typed(text))
    }

    /// For people: in groups of four.
    #[must_use]
    pub fn grouped(&self) -> Secret<String> {
        self.0.grouped()
    }
}

/// An invitation to be made.
pub struct NewInvite {
    /// What whoever accepts it may do; `user` is always among them.
    pub roles: RoleSet,
    /// How long it holds.
    pub life: Duration,
    /// How many accounts can be made with it.
    pub max_uses: u32,
    /// What it is for.
    pub note: Option<Phi<String>>,
    /// The only e-mail address that can be registered with it.
    pub email: Option<LoginName>,
}

/// An invitation as administrators see it.
pub struct Invite {
    /// Which one.
    pub id: InviteId,
    /// What whoever accepts it may do.
    pub roles: RoleSet,
    /// How many accounts can be made with it.
    pub max_uses: u32,
    /// How many were.
    pub uses: u32,
    /// What it is for.
    pub note: Option<Phi<String>>,
    /// Whether it holds for one e-mail address only.
    pub email_bound: bool,
    /// Who made it, unless it was an operator at the machine.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invite {
    /// `open`, `used_up`, `expired` or `revoked`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self {
            Self { revoked_at: Some(_), .. } => "revoked",
            _ if self.uses >= self.max_uses => "used_up",
            _ if self.expires_at <= now => "expired",
            _ => "open",
        }
    }
}

/// The limits of an invitation.
pub(crate) const LONGEST_LIFE: Duration = Duration::from_hours(90 * 24);
pub(crate) const MOST_USES: u32 = 1_000;
const LONGEST_NOTE: usize = 200;

/// The address that an invitation is bound to.
const EMAIL_INDEX: BlindColumn = BlindColumn { table: "invites", column: "email_index" };

/// Someone who may make an account by this invitation.
pub(super) struct Invited {
    pub(super) id: InviteId,
    pub(super) roles: RoleSet,
}

impl Invited {
    /// Uses the invitation once, as part of the transaction that makes the account.
    pub(super) async fn accept(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        tenant: TenantId,
    ) -> Result<(), IdentityError> {
        let used = store::use_invite(tx, tenant, self.id.as_uuid(), ctx.now()).await?;
        used.then_some(()).ok_or(IdentityError::Invite)
    }
}

impl Identity {
    /// Whether someone may make an account by this name, if they have one, and code. Looks at nothing but the code,
    /// so that a made-up one finds out nothing about the name.
    pub(super) async fn admit_newcomer(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (login, code): (Option<&LoginName>, Option<&InviteCode>),
    ) -> Result<Option<Invited>, IdentityError> {
        match (self.sign_up_rule(tenant).await?.mode, code) {
            (SignUp::Closed, _) => Err(IdentityError::SignUpClosed),
            (SignUp::InviteOnly, None) => Err(IdentityError::Invite),
            (SignUp::Open, None) => Ok(None),
            (SignUp::Open | SignUp::InviteOnly, Some(code)) => {
                self.invited(ctx, tenant, (login, code)).await.map(Some)
            }
        }
    }

    async fn invited(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (login, code): (Option<&LoginName>, &InviteCode),
    ) -> Result<Invited, IdentityError> {
        let found = store::invite_of(&self.0.db, tenant, code.0.hash(), ctx.now()).await?;
        let invite = found.ok_or(IdentityError::Invite)?;
        if let Some(bound) = invite.email_index
            && !self.is_bound_to(tenant, login, &bound).await?
        {
            return Err(IdentityError::Invite);
        }
        let roles = RoleSet::from_bits(invite.roles);
        Ok(Invited { id: invite.id.into(), roles })
    }

    async fn is_bound_to(
        &self,
        tenant: TenantId,
        login: Option<&LoginName>,
        bound: &[u8; 32],
    ) -> Result<bool, IdentityError> {
        let Some(login) = login else { return Ok(false) };
        // EXPOSE: only keyed fingerprints of it are compared.
        let text = login.index_text();
        let text = text.expose().as_bytes();
        let known = self.0.vault.blind_candidates(tenant, &EMAIL_INDEX, text).await?;
        Ok(known.iter().any(|index| index.as_bytes() == bound))
    }

    /// Makes an invitation. Its code is told this once.
    pub async fn create_invite(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: NewInvite,
    ) -> Result<(Invite, InviteCode), IdentityError> {
        require_admin(ctx)?;
        check(&new)?;
        let email_index = match &new.email {
            // EXPOSE: only a keyed fingerprint of it is kept.
            Some(email) => {
                let text = email.index_text();
                let text = text.expose().as_bytes();
                Some(*self.0.vault.blind_index(tenant, &EMAIL_INDEX, text).await?.as_bytes())
            }
            None => None,
        };
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.vault.keyring(whole).await?;
        let id: InviteId = ctx.new_id();
        let seal = |note: &Phi<String>| {
            // EXPOSE: it is sealed.
            keys.seal(&INVITE_NOTE, id.as_uuid(), note.expose().as_bytes()).map(Sealed::into_bytes)
        };
        let row = InviteRow {
            id: id.as_uuid(),
            roles: new.roles.with(Role::User).bits(),
            email_index,
            max_uses: new.max_uses,
            uses: 0,
            note: new.note.as_ref().map(seal).transpose()?,
            created_by: author(ctx).map(|user| user.as_uuid()),
            created_at: ctx.now(),
            expires_at: ctx.now().plus(new.life),
            revoked_at: None,
        };
        let code = InviteCode(SetupCode::random(ctx.env()));
        let ledger_keys = self.0.ledger.keys(ctx, whole).await?;
        let roles: Vec<_> = RoleSet::from_bits(row.roles).iter().map(Role::name).collect();
        let event = Event::new(&INVITE_CREATED, whole).resource(id);
        let event = event.detail("roles", roles.join(" "));
        run_tx!(self.0.db, "identity.create_invite", |tx| {
            store::add_invite(tx, tenant, &row, code.0.hash());
            self.0.ledger.record(tx, ctx, &ledger_keys, &event)?;
            Ok::<_, IdentityError>(())
        })?;
        Ok((shown(&keys, row)?, code))
    }

    /// The invitations of a tenant, newest first.
    pub async fn invites(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Invite>, IdentityError> {
        require_admin(ctx)?;
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.vault.keyring(whole).await?;
        let after = after.unwrap_or(Cursor::NEWEST);
        let rows = store::invites(&self.0.db, tenant, after, size).await?;
        let page = Page::from_rows(rows, size, |row| Cursor { at: row.created_at, id: row.id });
        let items = page.items.into_iter().map(|row| shown(&keys, row));
        let items = items.collect::<Result<_, _>>()?;
        let ledger_keys = self.0.ledger.keys(ctx, whole).await?;
        let event = Event::new(&INVITES_LISTED, whole);
        self.0.ledger.record_now(ctx, &ledger_keys, &event).await?;
        Ok(Page { items, next: page.next })
    }

    /// Takes an invitation back. Accounts that were made with it stay.
    pub async fn revoke_invite(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        invite: InviteId,
    ) -> Result<(), IdentityError> {
        require_admin(ctx)?;
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        run_tx!(self.0.db, "identity.revoke_invite", |tx| {
            if !store::revoke_invite(tx, tenant, invite.as_uuid(), ctx.now()).await? {
                return Err(IdentityError::NotFound);
            }
            let event = Event::new(&INVITE_REVOKED, whole).resource(invite);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        })
    }
}

fn check(new: &NewInvite) -> Result<(), IdentityError> {
    let hour = Duration::from_hours(1);
    // EXPOSE: only its length is looked at.
    let long_note = new.note.as_ref().is_some_and(|note| {
        let note = note.expose();
        note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control)
    });
    if !(hour..=LONGEST_LIFE).contains(&new.life) {
        return Err(IdentityError::Field("expires_in_hours: 1 to 2160"));
    }
    if !(1..=MOST_USES).contains(&new.max_uses) {
        return Err(IdentityError::Field("max_uses: 1 to 1000"));
    }
    if long_note {
        return Err(IdentityError::Field("note: up to 200 letters on one line"));
    }
    if new.email.as_ref().is_some_and(|email| email.kind() != NameKind::Email) {
        return Err(IdentityError::Field("email: this is not an e-mail address"));
    }
    Ok(())
}

fn author(ctx: &Ctx) -> Option<UserId> {
    match &ctx.actor {
        Actor::Person(person) => Some(person.subject.user),
        Actor::Anonymous | Actor::System(_) | Actor::Operator => None,
    }
}

fn shown(keys: &Keyring, row: InviteRow) -> Result<Invite, IdentityError> {
    let open = |note: Vec<u8>| {
        let plain = keys.open(&INVITE_NOTE, row.id, &Sealed::from_bytes(note))?;
        // EXPOSE: the text is as guarded as its bytes were.
        let text = String::from_utf8(plain.expose().clone());
        Ok::<_, IdentityError>(Phi::new(text.map_err(|_| IdentityError::Unreadable("note"))?))
    };
    Ok(Invite {
        id: row.id.into(),
        roles: RoleSet::from_bits(row.roles),
        max_uses: row.max_uses,
        uses: row.uses,
        note: row.note.map(open).transpose()?,
        email_bound: row.email_index.is_some(),
        created_by: row.created_by.map(UserId::from_uuid),
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}
