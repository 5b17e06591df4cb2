//! A new account for someone a provider vouched for.

use super::{
    Identity, NewPerson, as_person, invites::InviteCode, names::seal_some, opening::Login,
    provider_logout::VouchedFor, providers::AMR, register::is_refusal,
};
use crate::{
    actions::{LOGGED_IN, REGISTERED},
    error::IdentityError,
    model::{DisplayName, GivenConsents, LoginName, NameKind, SessionKind},
    providers::{KEY, Newcomer},
    store::{self, vouched as vouched_store},
};
use audit::Event;
use db::run_tx;
use kernel::{Acr, Coded, Ctx, Phi, Role, RoleSet, Secret, Subject, TenantId, UserId};
use uuid::Uuid;

/// What someone brings who makes an account by what a provider said.
pub struct ProviderRegistration {
    /// What stands for what the provider said.
    pub ticket: Secret<String>,
    /// What they want to be called.
    pub display_name: Option<DisplayName>,
    /// What they agree to.
    pub consents: GivenConsents,
    /// Whether letters may go to the address that the provider named.
    pub use_email: bool,
    /// The code of an invitation.
    pub invite: Option<InviteCode>,
    /// How they want to be logged in.
    pub kind: SessionKind,
}

impl Identity {
    /// Makes an account that is opened by an account elsewhere, and logs its person in.
    ///
    /// An address from there is written to, if they want it, and nothing else: it is no name to
    /// log in with, and whoever has an account with it is not disturbed.
    pub async fn register_by_provider(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: &ProviderRegistration,
    ) -> Result<Login, IdentityError> {
        if !new.consents.terms {
            return Err(IdentityError::TermsRequired);
        }
        let made = self.make_by_provider(ctx, tenant, new).await;
        if let Err(error) = &made
            && (is_refusal(error)
                || matches!(error, IdentityError::OidcTaken | IdentityError::OidcLate))
        {
            self.refuse_registration(ctx, tenant, error.code()).await?;
        }
        made
    }

    async fn make_by_provider(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        new: &ProviderRegistration,
    ) -> Result<Login, IdentityError> {
        let keys = self.0.vault.system_key(KEY).await?;
        let by = Newcomer::read(&new.ticket, (&keys, ctx.now())).ok_or(IdentityError::OidcLate)?;
        let email = by.email.as_deref().and_then(|email| LoginName::email(email).ok());
        let newcomer = (email.as_ref(), new.invite.as_ref());
        let invited = self.admit_newcomer(ctx, tenant, newcomer).await?;
        if self.known_at(tenant, (&by.issuer, &by.subject)).await?.is_some() {
            return Err(IdentityError::OidcTaken);
        }
        let subject = Subject::new(tenant, ctx.new_id::<UserId>());
        let ring = self.0.vault.keyring(subject).await?;
        let written_to = email.as_ref().filter(|_| new.use_email);
        let names = [
            written_to.map(|email| (NameKind::Email, email.shown())),
            new.display_name.as_ref().map(|name| (NameKind::Display, name.text())),
        ];
        let names = seal_some(ctx, &ring, names.into_iter().flatten())?;
        let id: Uuid = ctx.new_id();
        let called = new.display_name.as_ref().map(DisplayName::text);
        // EXPOSE: it is sealed.
        let known_as = by.email.as_deref().or(called.map(|name: &Phi<_>| name.expose().as_str()));
        let link = self.sealed_link(subject, id, (&by.issuer, &by.subject, known_as)).await?;
        let Newcomer { issuer, subject: there, sid, .. } = by.clone();
        let vouched = VouchedFor { issuer, subject: there, sid };
        let vouched = self.vouched_login(ctx, subject, &vouched).await?;
        let roles = invited.as_ref().map_or(RoleSet::of(&[Role::User]), |by| by.roles);
        let opening = self.opening(ctx, &ring, new.kind).await?;
        let opening = opening.proven(Acr::Single, AMR.to_owned());
        let person = as_person(ctx, (subject, opening.session), roles, ctx.now());
        let keys =
            (self.0.ledger.keys(ctx, subject).await?, self.0.ledger.keys(&person, subject).await?);
        let given = NewPerson { ctx, subject, ledger_keys: &keys.0, given: new.consents };
        run_tx!(self.0.db, "identity.register_by_provider", |tx| {
            if !store::use_challenge(tx, *by.id.as_bytes(), by.expires_at()).await? {
                return Err(IdentityError::OidcLate);
            }
            if let Some(invited) = &invited {
                invited.accept(tx, ctx, tenant).await?;
            }
            if !store::linked::add(tx, subject, &link, ctx.now()).await? {
                return Err(IdentityError::OidcTaken);
            }
            store::add_account(tx, subject, roles.bits(), ctx.now());
            for name in &names {
                store::add_name(tx, subject, name);
                if name.kind == NameKind::Email {
                    store::verify(tx, subject, name.id, ctx.now());
                }
            }
            self.0.consents.record(tx, &given).await?;
            self.0.ledger.record(tx, ctx, &keys.0, &Event::new(&REGISTERED, subject))?;
            opening.store(tx, &self.0, roles)?;
            vouched_store::add(tx, subject, &vouched, opening.whole(&self.0, roles));
            let event = Event::new(&LOGGED_IN, subject).resource(opening.session);
            self.0.ledger.record(tx, &person, &keys.1, &event)?;
            Ok::<_, IdentityError>(())
        })?;
        self.login_of(&opening, roles).await
    }
}
