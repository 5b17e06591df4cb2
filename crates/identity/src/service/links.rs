//! Accounts elsewhere that open this one: added, seen and taken away by their person.
//!
//! They are ways in as others are: whoever adds or removes one has just shown who they are, each
//! change is told to the person, and nobody takes their last way in away.

use super::{
    Identity,
    factors::Change,
    names::LINKED_ACCOUNT,
    providers::{Answered, Asking, Away},
    sessions::caller,
    step_up::{Given, SteppedUp},
};
use crate::{
    actions::{PROVIDER_LINKED, PROVIDER_UNLINKED, PROVIDERS_LISTED, STEPPED_UP},
    error::IdentityError,
    model::SessionKind,
    providers::{Claims, Purpose},
    store::{
        self,
        linked::{self, LinkedRow, NewLinked},
    },
};
use audit::Event;
use db::run_tx;
use httpkit::step_up::{FRESH, StepUp};
use kernel::{Acr, Coded, Ctx, Person, Phi, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vault::{BlindIndex, Keyring, Sealed};

/// How many a person can have.
const MOST: usize = 10;

/// An account elsewhere that opens this one.
pub struct OwnLink {
    /// Names it.
    pub id: Uuid,
    /// The provider's name in the settings, unless it is there no longer.
    pub provider: Option<String>,
    /// The provider's name for people.
    pub name: String,
    /// What the person knows it by.
    pub known_as: Option<Phi<String>>,
    /// When it was added.
    pub created_at: Timestamp,
}

#[derive(Serialize)]
struct Stored<'a> {
    issuer: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_as: Option<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    issuer: String,
    subject: String,
    known_as: Option<Phi<String>>,
}

impl Asking {
    /// For someone who is logged in and stays so.
    #[must_use]
    pub fn logged_in(provider: String, origin: String) -> Self {
        Self { provider, origin, kind: SessionKind::Cookie, restore: false }
    }
}

impl Identity {
    /// Sends someone to a provider whose account there is to open the one here.
    pub async fn begin_link(&self, ctx: &Ctx, asking: &Asking) -> Result<Away, IdentityError> {
        self.fresh(ctx).await?;
        let purpose = Purpose::Link(caller(ctx)?.subject.user, caller(ctx)?.session);
        self.send_away(ctx, asking, (purpose, false)).await
    }

    /// From now on the account there opens the one here.
    pub async fn link(
        &self,
        ctx: &Ctx,
        answered: &Answered,
        keep_others: bool,
    ) -> Result<OwnLink, IdentityError> {
        let Person { subject, session, .. } = *caller(ctx)?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let purpose = Purpose::Link(subject.user, session);
        let claims = match self.vouched(ctx, answered, purpose).await {
            Ok((_, claims)) => claims,
            Err(error) => {
                let event = Event::new(&PROVIDER_LINKED, subject).denied(error.code());
                self.0.ledger.record_now(ctx, &keys, &event).await?;
                return Err(error);
            }
        };
        let issuer = self.provider(&answered.provider)?.issuer();
        if linked::all(&self.0.db, subject).await?.len() >= MOST {
            return Err(IdentityError::LinksFull);
        }
        // An index under an older key would not be in the way of one under a newer.
        if self.known_at(subject.tenant, (issuer, &claims.sub)).await?.is_some() {
            return Err(IdentityError::OidcTaken);
        }
        let id: Uuid = ctx.new_id();
        let new = self.new_link_to(subject, id, (issuer, &claims)).await?;
        let result = run_tx!(self.0.db, "identity.link_provider", |tx| {
            if !linked::add(tx, subject, &new, ctx.now()).await? {
                return Err(IdentityError::OidcTaken);
            }
            self.changed_factors(tx, ctx, (Change::ProviderLinked, keep_others)).await?;
            let event = Event::new(&PROVIDER_LINKED, subject).resource(id);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        });
        self.0.live.changed(subject);
        result?;
        let known_as = claims.known_as().cloned();
        Ok(self.shown_link((id, ctx.now()), issuer, known_as))
    }

    /// The row of an account elsewhere.
    pub(super) async fn new_link_to(
        &self,
        subject: Subject,
        id: Uuid,
        (issuer, claims): (&str, &Claims),
    ) -> Result<NewLinked, IdentityError> {
        // EXPOSE: it is sealed.
        let known_as = claims.known_as().map(|name| name.expose().as_str());
        self.sealed_link(subject, id, (issuer, &claims.sub, known_as)).await
    }

    pub(super) async fn sealed_link(
        &self,
        subject: Subject,
        id: Uuid,
        (issuer, sub, known_as): (&str, &str, Option<&str>),
    ) -> Result<NewLinked, IdentityError> {
        let ring = self.0.vault.keyring(subject).await?;
        let stored = Stored { issuer, subject: sub, known_as };
        let json = serde_json::to_vec(&stored).map_err(|_| IdentityError::Unreadable("link"))?;
        let account = ring.seal(&LINKED_ACCOUNT, id, &json)?;
        let index = *self.subject_index(subject.tenant, (issuer, sub)).await?.as_bytes();
        Ok(NewLinked { id, index, account })
    }

    /// The accounts elsewhere that open the person's own, oldest first.
    pub async fn links(&self, ctx: &Ctx) -> Result<Vec<OwnLink>, IdentityError> {
        let subject = caller(ctx)?.subject;
        let rows = linked::all(&self.0.db, subject).await?;
        let ring = self.0.vault.keyring(subject).await?;
        let open = |row: LinkedRow| {
            let read = opened(&ring, row.id, row.account)?;
            Ok(self.shown_link((row.id, row.created_at), &read.issuer, read.known_as))
        };
        let own = rows.into_iter().map(open).collect::<Result<_, IdentityError>>()?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&PROVIDERS_LISTED, subject)).await?;
        Ok(own)
    }

    fn shown_link(
        &self,
        (id, created_at): (Uuid, Timestamp),
        issuer: &str,
        known_as: Option<Phi<String>>,
    ) -> OwnLink {
        let provider = self.0.providers.of_issuer(issuer);
        let name = provider.map_or(issuer, |provider| provider.name()).to_owned();
        let provider = provider.map(|provider| provider.id().to_owned());
        OwnLink { id, provider, name, known_as, created_at }
    }

    /// The account there does not open the one here any more, unless nothing else would.
    pub async fn unlink(
        &self,
        ctx: &Ctx,
        id: Uuid,
        keep_others: bool,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        self.fresh(ctx).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let result = run_tx!(self.0.db, "identity.unlink_provider", |tx| {
            store::lock_account(tx, subject).await?.ok_or(IdentityError::NotFound)?;
            if !linked::remove(tx, subject, id).await? {
                return Err(IdentityError::NotFound);
            }
            if linked::ways_in(tx, subject).await? == 0 {
                return Err(IdentityError::LastWayIn);
            }
            self.changed_factors(tx, ctx, (Change::ProviderUnlinked, keep_others)).await?;
            let event = Event::new(&PROVIDER_UNLINKED, subject).resource(id);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        });
        self.0.live.changed(subject);
        result
    }

    /// Sends someone to a provider to show again that it is them. Whoever has a second factor is
    /// asked for that instead.
    pub async fn begin_confirm(&self, ctx: &Ctx, asking: &Asking) -> Result<Away, IdentityError> {
        let Person { subject, session, .. } = *caller(ctx)?;
        self.demand_no_factor(subject).await?;
        let purpose = Purpose::Confirm(subject.user, session);
        self.send_away(ctx, asking, (purpose, true)).await
    }

    /// The provider has recognised the person again.
    pub async fn confirm_by_provider(
        &self,
        ctx: &Ctx,
        answered: &Answered,
    ) -> Result<SteppedUp, IdentityError> {
        let Person { subject, session, .. } = *caller(ctx)?;
        let checked = async {
            self.demand_no_factor(subject).await?;
            let purpose = Purpose::Confirm(subject.user, session);
            let (_, claims) = self.vouched(ctx, answered, purpose).await?;
            let issuer = self.provider(&answered.provider)?.issuer();
            match self.known_at(subject.tenant, (issuer, &claims.sub)).await? {
                Some(owner) if owner == subject => Ok(()),
                Some(_) | None => Err(IdentityError::OidcOther),
            }
        };
        if let Err(error) = checked.await {
            let keys = self.0.ledger.keys(ctx, subject).await?;
            let event = Event::new(&STEPPED_UP, subject).denied(error.code());
            self.0.ledger.record_now(ctx, &keys, &event).await?;
            return Err(error);
        }
        self.raise_by(ctx, Given::Provider).await
    }

    /// A provider never stands in for a second factor.
    async fn demand_no_factor(&self, subject: Subject) -> Result<(), IdentityError> {
        if self.factors_of(subject).await?.any() {
            return Err(StepUp::needed(Acr::Mfa, FRESH).into());
        }
        Ok(())
    }

    /// The index of an account elsewhere under the newest key.
    pub(super) async fn index_of_link(
        &self,
        subject: Subject,
        (id, account): (Uuid, Vec<u8>),
    ) -> Result<BlindIndex, IdentityError> {
        let ring = self.0.vault.keyring(subject).await?;
        let read = opened(&ring, id, account)?;
        self.subject_index(subject.tenant, (&read.issuer, &read.subject)).await
    }
}

fn opened(ring: &Keyring, id: Uuid, account: Vec<u8>) -> Result<Read, IdentityError> {
    let plain = ring.open(&LINKED_ACCOUNT, id, &Sealed::from_bytes(account))?;
    // EXPOSE: what is read from it is shown to its person, or looked up.
    serde_json::from_slice(plain.expose()).map_err(|_| IdentityError::Unreadable("link"))
}
