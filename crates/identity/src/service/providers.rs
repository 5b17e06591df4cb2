//! Logging in by a provider (OpenID Connect).
//!
//! Whoever comes back from a provider is known by the provider and by what it calls them, and by
//! nothing else: an address that it names opens no account that is here. Who is not known yet may
//! make an account, and agrees to the terms first.

use super::{
    Identity,
    entering::{Entered, First},
    provider_logout::VouchedFor,
};
use crate::{
    actions::LOGGED_IN,
    config::SignUp,
    error::IdentityError,
    model::SessionKind,
    providers::{Claims, Expected, Flow, KEY, LIFE, Newcomer, Provider, Purpose, Returned},
    store,
    ticket::hash,
};
use audit::Event;
use db::run_tx;
use kernel::{Coded, Ctx, ErrorCode, Phi, Secret, Subject, TenantId, Timestamp};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vault::{BlindColumn, BlindIndex};

/// How someone is recognised whom a provider vouched for.
pub(super) const AMR: &str = "fed";

/// The blind indexes of accounts elsewhere.
pub(super) const SUBJECT_INDEX: BlindColumn =
    BlindColumn { table: "linked_logins", column: "subject_index" };

/// A provider as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderName {
    /// Its name in the settings.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// Where someone wants to be sent, and how they come back.
pub struct Asking {
    /// Which provider.
    pub provider: String,
    /// What people reach us by: `https://salus.example`.
    pub origin: String,
    /// How they want to be logged in.
    pub kind: SessionKind,
    /// Whether a closed account is to be opened again.
    pub restore: bool,
}

/// A browser that is on its way.
pub struct Away {
    /// Where to.
    pub address: String,
    /// What it keeps meanwhile.
    pub cookie: Secret<String>,
    /// How long it may take.
    pub expires_in: Duration,
}

/// What a browser brought back.
pub struct Answered {
    /// The provider that it came back from, as the address says that it came back to.
    pub provider: String,
    /// What the provider gave.
    pub code: Secret<String>,
    /// What we gave along.
    pub state: Secret<String>,
    /// Who the provider says it is, if it says so (RFC 9207).
    pub iss: Option<String>,
    /// What it kept meanwhile.
    pub cookie: Option<Secret<String>>,
    /// The cookie of a device that they were logged in on before.
    pub device: Option<Secret<String>>,
}

/// A token that a provider gave to an app.
pub struct AppToken {
    /// Which provider.
    pub provider: &'static str,
    /// The token.
    pub token: Secret<String>,
    /// What the app had put into it.
    pub nonce: Option<String>,
    /// How they want to be logged in.
    pub kind: SessionKind,
    /// Whether a closed account is to be opened again.
    pub restore: bool,
    /// The cookie of a device that they were logged in on before.
    pub device: Option<Secret<String>>,
}

/// What came of it.
pub enum Vouched {
    /// They have an account.
    Known(Entered),
    /// They have none, and may make one.
    New(NewHere),
}

/// Someone who has no account here.
pub struct NewHere {
    /// Stands for what the provider said, until they have agreed to the terms.
    pub ticket: Secret<String>,
    /// How long it is good for.
    pub expires_in: Duration,
    /// What they are called there.
    pub name: Option<Phi<String>>,
    /// Their address, as the provider says.
    pub email: Option<Phi<String>>,
}

impl Identity {
    /// Those who may vouch for people here.
    #[must_use]
    pub fn providers(&self) -> Vec<ProviderName> {
        let known = self.0.providers.iter();
        known
            .map(|known| ProviderName { id: known.id().to_owned(), name: known.name().to_owned() })
            .collect()
    }

    /// Whether a provider answers, and is who it should be.
    pub async fn probe_provider(&self, id: &str) -> Result<(), IdentityError> {
        Ok(self.provider(id)?.probe(self.0.db.env().now()).await?)
    }

    pub(super) fn provider(&self, id: &str) -> Result<&Arc<Provider>, IdentityError> {
        self.0.providers.get(id).ok_or(IdentityError::NotFound)
    }

    /// Sends someone to a provider to be recognised. Nobody is named, and nothing is written.
    pub async fn ask_provider(&self, ctx: &Ctx, asking: &Asking) -> Result<Away, IdentityError> {
        self.send_away(ctx, asking, (Purpose::LogIn, false)).await
    }

    /// The same for what else a provider can be asked; `again` has it recognise the person anew.
    pub(super) async fn send_away(
        &self,
        ctx: &Ctx,
        asking: &Asking,
        (purpose, again): (Purpose, bool),
    ) -> Result<Away, IdentityError> {
        let provider = self.provider(&asking.provider)?;
        let redirect = format!("{}/login/return/{}", asking.origin, provider.id());
        let id = (ctx.new_id::<Uuid>(), provider.id());
        let flow = Flow {
            cookie: asking.kind == SessionKind::Cookie,
            restore: asking.restore,
            ..Flow::new(id, purpose, redirect, ctx.now())
        };
        let began = flow.begin(&self.0.vault.system_key(KEY).await?)?;
        let how = (flow.redirect.as_str(), again);
        let address = provider.address(&began.derived, how, ctx.now()).await?;
        Ok(Away { address, cookie: began.cookie, expires_in: LIFE })
    }

    /// Logs in whoever came back from a provider, if they have an account.
    pub async fn log_in_by_provider(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        answered: &Answered,
    ) -> Result<Vouched, IdentityError> {
        let result = async {
            let (flow, claims) = self.vouched(ctx, answered, Purpose::LogIn).await?;
            let kind = if flow.cookie { SessionKind::Cookie } else { SessionKind::Tokens };
            let how = (kind, flow.restore, answered.device.as_ref());
            let provider = self.provider(&answered.provider)?;
            self.arrive(ctx, (tenant, provider), &claims, how).await
        };
        self.told(ctx, tenant, result.await).await
    }

    /// Logs in with a token that a provider gave to an app. Each token counts once.
    pub async fn log_in_by_token(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        given: &AppToken,
    ) -> Result<Vouched, IdentityError> {
        let result = async {
            let provider = self.provider(given.provider)?;
            let expected = Expected { nonce: given.nonce.as_deref(), since: None };
            let claims = provider.verify(&given.token, &expected, ctx.now()).await?;
            let name = name_of(&given.token);
            self.use_up(name, claims.expires_at()).await?;
            let how = (given.kind, given.restore, given.device.as_ref());
            self.arrive(ctx, (tenant, provider), &claims, how).await
        };
        self.told(ctx, tenant, result.await).await
    }

    /// Records that someone was turned away.
    async fn told(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        result: Result<Vouched, IdentityError>,
    ) -> Result<Vouched, IdentityError> {
        if let Err(error) = &result
            && let Some(code) = refusal(error)
        {
            self.refuse_login(ctx, tenant, code).await?;
        }
        result
    }

    /// What the provider says of whoever came back, if they were sent away for this.
    pub(super) async fn vouched(
        &self,
        ctx: &Ctx,
        answered: &Answered,
        purpose: Purpose,
    ) -> Result<(Flow, Claims), IdentityError> {
        let keys = self.0.vault.system_key(KEY).await?;
        let cookie = answered.cookie.as_ref().ok_or(IdentityError::OidcLate)?;
        let asked = Flow::read(cookie, &answered.state, (&keys, ctx.now()));
        let (flow, derived) = asked.ok_or(IdentityError::OidcLate)?;
        if flow.provider != answered.provider || flow.purpose != purpose {
            return Err(IdentityError::OidcLate);
        }
        // Before the provider is asked, so that it is asked once.
        self.use_up(*flow.id.as_bytes(), flow.expires_at()).await?;
        let again = matches!(purpose, Purpose::Confirm(..));
        let returned = Returned {
            code: &answered.code,
            iss: answered.iss.as_deref(),
            redirect: &flow.redirect,
            derived: &derived,
            since: again.then(|| flow.began_at()),
        };
        let claims = self.provider(&flow.provider)?.vouched(&returned, ctx.now()).await?;
        Ok((flow, claims))
    }

    /// What stands for this was not there before, and is from now on.
    pub(super) async fn use_up(
        &self,
        name: [u8; 16],
        until: Timestamp,
    ) -> Result<(), IdentityError> {
        run_tx!(self.0.db, "identity.answer_provider", |tx| {
            let used = store::use_challenge(tx, name, until).await?;
            used.then_some(()).ok_or(IdentityError::OidcLate)
        })
    }

    async fn arrive(
        &self,
        ctx: &Ctx,
        (tenant, provider): (TenantId, &Provider),
        claims: &Claims,
        (kind, restore, device): (SessionKind, bool, Option<&Secret<String>>),
    ) -> Result<Vouched, IdentityError> {
        let issuer = provider.issuer();
        let Some(subject) = self.known_at(tenant, (issuer, &claims.sub)).await? else {
            return self.new_here(ctx, tenant, (issuer, claims)).await.map(Vouched::New);
        };
        let device = self.known_device(ctx, tenant, Some(subject), device).await?;
        let amr = AMR.to_owned();
        let by = VouchedFor {
            issuer: issuer.to_owned(),
            subject: claims.sub.clone(),
            sid: claims.sid().map(str::to_owned),
        };
        let vouched = Some(self.vouched_login(ctx, subject, &by).await?);
        let first =
            First { subject, kind, restore, amr, stronger: None, device, challenge: None, vouched };
        self.pass(ctx, first, None).await.map(Vouched::Known)
    }

    async fn new_here(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (issuer, claims): (&str, &Claims),
    ) -> Result<NewHere, IdentityError> {
        if self.sign_up_rule(tenant).await?.mode == SignUp::Closed {
            let refused = IdentityError::SignUpClosed;
            self.refuse_registration(ctx, tenant, refused.code()).await?;
            return Err(refused);
        }
        let email = claims.proven_email();
        let whom = (issuer, claims.sub.as_str(), claims.sid());
        let new = Newcomer::new(ctx.new_id(), whom, email, ctx.now());
        let ticket = new.text(&self.0.vault.system_key(KEY).await?)?;
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        let event = Event::new(&LOGGED_IN, whole).denied(&kernel::common::NOT_FOUND);
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        let (name, email) = (claims.called().cloned(), email.cloned());
        Ok(NewHere { ticket, expires_in: LIFE, name, email })
    }

    /// Whose account is opened by this one.
    pub(super) async fn known_at(
        &self,
        tenant: TenantId,
        account: (&str, &str),
    ) -> Result<Option<Subject>, IdentityError> {
        let value = indexed(account);
        for index in self.0.vault.blind_candidates(tenant, &SUBJECT_INDEX, &value).await? {
            if let Some(user) = store::linked::linked(&self.0.db, tenant, index.as_bytes()).await? {
                return Ok(Some(Subject::new(tenant, user.into())));
            }
        }
        Ok(None)
    }

    /// What an account elsewhere is found by.
    pub(super) async fn subject_index(
        &self,
        tenant: TenantId,
        account: (&str, &str),
    ) -> Result<BlindIndex, IdentityError> {
        Ok(self.0.vault.blind_index(tenant, &SUBJECT_INDEX, &indexed(account)).await?)
    }
}

/// What stands for a token that was used: a hash of what is signed. The signature is left out, for
/// there can be several of the same.
fn name_of(token: &Secret<String>) -> [u8; 16] {
    // EXPOSE: only a hash of it is kept.
    let signed = token.expose().rsplit_once('.').map_or("", |(signed, _)| signed);
    let hash = hash(signed.as_bytes());
    hash.first_chunk().copied().unwrap_or_default()
}

/// Both parts, so that no other two give the same: an address has no line end.
fn indexed((issuer, subject): (&str, &str)) -> Vec<u8> {
    format!("{issuer}\n{subject}").into_bytes()
}

/// What the ledger is told of someone who was turned away.
fn refusal(error: &IdentityError) -> Option<&'static ErrorCode> {
    let tell = matches!(
        error,
        IdentityError::Provider(_)
            | IdentityError::OidcLate
            | IdentityError::Closed(_)
            | IdentityError::Inactive
    );
    tell.then(|| error.code())
}
