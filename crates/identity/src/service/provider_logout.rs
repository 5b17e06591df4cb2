//! Log-ins that a provider vouched for and ends (OpenID Connect Back-Channel Logout 1.0).
//!
//! With each such log-in it is kept, as keyed fingerprints and sealed, whom the provider spoke of
//! and what it calls its own log-in. A token that names one of them, or both, ends those log-ins
//! here and no others: one that a passkey or a password began stays.

use super::{Identity, names::PROVIDER_SESSION};
use crate::{
    actions::LOGGED_OUT_BY_PROVIDER,
    error::IdentityError,
    providers::{LogoutClaims, ProviderError},
    store::{
        self, factors,
        vouched::{self, Found, NewVouched, VouchedRow},
    },
    ticket::hash,
};
use audit::Event;
use db::run_tx;
use kernel::{Coded, Ctx, Secret, SessionId, Subject, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vault::{BlindColumn, BlindIndex, Sealed, VaultError};

const SUBJECT_INDEX: BlindColumn =
    BlindColumn { table: "provider_sessions", column: "subject_index" };
const SID_INDEX: BlindColumn = BlindColumn { table: "provider_sessions", column: "sid_index" };

/// How many are ended in one round.
const BATCH: u32 = 100;

/// Whom a provider spoke of, and what it calls the log-in there.
#[derive(Serialize, Deserialize)]
pub(super) struct VouchedFor {
    pub(super) issuer: String,
    pub(super) subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
}

impl Identity {
    /// What is kept of a log-in that a provider vouches for.
    pub(super) async fn vouched_login(
        &self,
        ctx: &Ctx,
        person: Subject,
        by: &VouchedFor,
    ) -> Result<NewVouched, IdentityError> {
        let id: Uuid = ctx.new_id();
        let json = serde_json::to_vec(by).map_err(|_| IdentityError::Unreadable("log-in"))?;
        let account = self.0.vault.keyring(person).await?.seal(&PROVIDER_SESSION, id, &json)?;
        Ok(NewVouched { id, by: self.found_by(person.tenant, by).await?, account })
    }

    async fn found_by(&self, tenant: TenantId, by: &VouchedFor) -> Result<Found, VaultError> {
        let index = async |column, value: &str| {
            let value = indexed(&by.issuer, value);
            let index = self.0.vault.blind_index(tenant, column, &value).await?;
            Ok::<_, VaultError>(*index.as_bytes())
        };
        let sid = match &by.sid {
            Some(sid) => Some(index(&SID_INDEX, sid).await?),
            None => None,
        };
        Ok(Found { subject: index(&SUBJECT_INDEX, &by.subject).await?, sid })
    }

    /// A provider says that someone is logged out there: what it vouched for ends here. Nobody
    /// hears whether there was anything to end.
    pub async fn log_out_by_provider(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (provider, token): (&str, &Secret<String>),
    ) -> Result<(), IdentityError> {
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        let event = Event::new(&LOGGED_OUT_BY_PROVIDER, whole);
        match self.logout_claims(ctx, (provider, token)).await {
            Ok((issuer, claims)) => {
                self.0.ledger.record_now(ctx, &keys, &event).await?;
                self.end_vouched(ctx, tenant, (issuer, &claims)).await
            }
            Err(error) => {
                self.0.ledger.record_now(ctx, &keys, &event.denied(error.code())).await?;
                Err(error)
            }
        }
    }

    /// What the token says, if it holds and was not shown before.
    async fn logout_claims(
        &self,
        ctx: &Ctx,
        (provider, token): (&str, &Secret<String>),
    ) -> Result<(&str, LogoutClaims), IdentityError> {
        let provider = self.provider(provider)?;
        let claims = match provider.logged_out(token, ctx.now()).await {
            Ok(claims) => claims,
            Err(ProviderError::Refused(_)) => return Err(IdentityError::LogoutToken),
            Err(error @ ProviderError::Unreachable(_)) => return Err(error.into()),
        };
        let name = hash(&indexed(provider.issuer(), claims.jti()));
        let name = name.first_chunk().copied().unwrap_or_default();
        match self.use_up(name, claims.expires_at()).await {
            Ok(()) => Ok((provider.issuer(), claims)),
            Err(IdentityError::OidcLate) => Err(IdentityError::LogoutToken),
            Err(error) => Err(error),
        }
    }

    async fn end_vouched(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (issuer, claims): (&str, &LogoutClaims),
    ) -> Result<(), IdentityError> {
        let subjects = self.candidates(tenant, &SUBJECT_INDEX, (issuer, claims.sub())).await?;
        let sids = self.candidates(tenant, &SID_INDEX, (issuer, claims.sid())).await?;
        let named = |row: &VouchedRow| {
            let is = |index: &BlindIndex| *index.as_bytes() == row.subject_index;
            subjects.is_empty() || subjects.iter().any(is)
        };
        for index in if sids.is_empty() { &subjects } else { &sids } {
            loop {
                let index = *index.as_bytes();
                let rows = if sids.is_empty() {
                    vouched::by_subject(&self.0.db, tenant, index, BATCH).await?
                } else {
                    vouched::by_sid(&self.0.db, tenant, index, BATCH).await?
                };
                let rows: Vec<VouchedRow> = rows.into_iter().filter(named).collect();
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    self.end_one(ctx, tenant, &row).await?;
                }
            }
        }
        Ok(())
    }

    /// Every index under which this may be kept; none where the token does not name it.
    async fn candidates(
        &self,
        tenant: TenantId,
        column: &BlindColumn,
        (issuer, value): (&str, Option<&str>),
    ) -> Result<Vec<BlindIndex>, VaultError> {
        match value {
            Some(value) => {
                self.0.vault.blind_candidates(tenant, column, &indexed(issuer, value)).await
            }
            None => Ok(Vec::new()),
        }
    }

    async fn end_one(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        row: &VouchedRow,
    ) -> Result<(), IdentityError> {
        let subject = Subject::new(tenant, row.user_id.into());
        let session = SessionId::from_uuid(row.session_id);
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&LOGGED_OUT_BY_PROVIDER, subject).resource(session);
        let ended = run_tx!(self.0.db, "identity.log_out_by_provider", |tx| {
            if vouched::remove(tx, subject, row.id).await? {
                factors::take_ticket(tx, subject, row.session_id).await?;
                if store::end(tx, subject, session, ctx.now()).await? {
                    self.0.ledger.record(tx, ctx, &keys, &event)?;
                }
            }
            Ok(())
        });
        self.0.live.changed(subject);
        ended
    }

    /// What such a log-in is found by, under the newest key.
    pub(super) async fn indexes_of_vouched(
        &self,
        subject: Subject,
        (id, account): (Uuid, Vec<u8>),
    ) -> Result<Found, IdentityError> {
        let ring = self.0.vault.keyring(subject).await?;
        let plain = ring.open(&PROVIDER_SESSION, id, &Sealed::from_bytes(account))?;
        // EXPOSE: only keyed fingerprints of it leave this function.
        let by: VouchedFor = serde_json::from_slice(plain.expose())
            .map_err(|_| IdentityError::Unreadable("log-in"))?;
        Ok(self.found_by(subject.tenant, &by).await?)
    }
}

/// Both parts, so that no other two give the same: an address has no line end.
fn indexed(issuer: &str, value: &str) -> Vec<u8> {
    format!("{issuer}\n{value}").into_bytes()
}
