//! Beginning a log-in: a session with its first tokens or its cookie.

use super::{Identity, Inner, arrival::Arrival, names::seal_client};
use crate::{
    error::IdentityError,
    model::{Account, SessionKind},
    store::{self, NewSession},
    ticket::{Ticket, TicketKind},
    token::Grant,
};
use db::Tx;
use kernel::{Acr, Ctx, RoleSet, Secret, SessionId, Subject, Timestamp};
use std::time::Duration;
use uuid::Uuid;
use vault::{Keyring, SystemKeys};

/// Someone is logged in.
pub struct Login {
    /// The log-in.
    pub session: SessionId,
    /// What to show from now on.
    pub credentials: Credentials,
    /// Whose account it is.
    pub account: Account,
    /// For the device, so that it is known the next time.
    pub device: Option<Secret<String>>,
    /// They said that they want a second factor, and have none yet.
    pub factor_wanted: bool,
}

/// What a client shows from now on.
pub enum Credentials {
    /// Two tokens.
    Tokens(Tokens),
    /// A cookie.
    Cookie {
        /// Its value.
        value: Secret<String>,
        /// How long the log-in lasts at most.
        max_age: Duration,
    },
}

/// An access token and the refresh token that gets the next ones.
pub struct Tokens {
    /// To be shown with every request.
    pub access: Secret<String>,
    /// How long it is good for.
    pub expires_in: Duration,
    /// To be used once.
    pub refresh: Secret<String>,
}

/// A log-in that is about to begin. Made before a transaction is opened.
pub(super) struct Opening {
    pub(super) subject: Subject,
    pub(super) session: SessionId,
    ticket: Ticket,
    kind: SessionKind,
    client: vault::Sealed,
    signing: SystemKeys,
    acr: Acr,
    amr: String,
    arrival: Arrival,
    now: Timestamp,
}

/// Recognised by a password.
pub(super) const PASSWORD: &str = "pwd";

impl Identity {
    pub(super) async fn opening(
        &self,
        ctx: &Ctx,
        keys: &Keyring,
        kind: SessionKind,
    ) -> Result<Opening, IdentityError> {
        let session: SessionId = ctx.new_id();
        let subject = keys.subject();
        // A cookie names the log-in itself, a refresh token its own row.
        let id = match kind {
            SessionKind::Cookie => session.as_uuid(),
            SessionKind::Tokens => ctx.new_id::<Uuid>(),
        };
        Ok(Opening {
            subject,
            session,
            ticket: Ticket::new(ctx.env(), subject, id),
            kind,
            client: seal_client(ctx, keys, session)?,
            signing: self.0.tokens.keys().await?,
            acr: Acr::Single,
            amr: PASSWORD.to_owned(),
            arrival: Arrival::of(ctx, &self.0.db, keys).await?,
            now: ctx.now(),
        })
    }
}

impl Opening {
    /// The same for someone who was recognised so surely, by these means.
    pub(super) fn proven(self, acr: Acr, amr: String) -> Self {
        Self { acr, amr, ..self }
    }

    /// Writes the log-in down as part of this transaction.
    pub(super) fn store(
        &self,
        tx: &mut Tx,
        inner: &Inner,
        roles: RoleSet,
    ) -> Result<(), IdentityError> {
        let (secret_hash, (idle_until, expires_at)) = match self.kind {
            SessionKind::Cookie => (Some(self.ticket.hash()), inner.cookie_ends(roles, self.now)),
            SessionKind::Tokens => (None, inner.token_ends(roles, self.now)),
        };
        let session = NewSession {
            id: self.session,
            secret_hash,
            acr: self.acr.name(),
            amr: &self.amr,
            now: self.now,
            idle_until,
            expires_at,
            client: self.client.clone(),
        };
        store::add_session(tx, self.subject, &session);
        if self.kind == SessionKind::Tokens {
            let whose = (self.subject, self.session);
            store::add_token(tx, whose, self.ticket.id, self.ticket.hash(), self.now);
        }
        self.arrival.store(tx, inner.db.env(), (self.subject, self.session), self.now)
    }

    /// The log-in, and when it ends in any case.
    pub(super) fn whole(&self, inner: &Inner, roles: RoleSet) -> (Uuid, Timestamp) {
        let (_, end) = match self.kind {
            SessionKind::Cookie => inner.cookie_ends(roles, self.now),
            SessionKind::Tokens => inner.token_ends(roles, self.now),
        };
        (self.session.as_uuid(), end)
    }

    /// What to give to the client, once the transaction has committed.
    pub(super) fn credentials(
        &self,
        inner: &Inner,
        roles: RoleSet,
    ) -> Result<Credentials, IdentityError> {
        Ok(match self.kind {
            SessionKind::Cookie => {
                let (_, end) = inner.cookie_ends(roles, self.now);
                let value = self.ticket.text(TicketKind::Cookie);
                Credentials::Cookie { value, max_age: end.since(self.now) }
            }
            SessionKind::Tokens => {
                let grant = Grant {
                    subject: self.subject,
                    session: self.session,
                    token: self.ticket.id,
                    acr: self.acr,
                    amr: &self.amr,
                    auth_at: self.now,
                    roles,
                };
                Credentials::Tokens(Tokens {
                    access: inner.tokens.sign(&self.signing, &grant, self.now)?,
                    expires_in: inner.tokens.life(),
                    refresh: self.ticket.text(TicketKind::Refresh),
                })
            }
        })
    }
}
