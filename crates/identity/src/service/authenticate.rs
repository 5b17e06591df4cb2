//! From what a client shows to a person, at every request.

use super::{Identity, refresh::acr_of};
use crate::{
    error::IdentityError,
    live::{LiveSession, Shown},
    model::Status,
    store::{self, ShownRow},
    ticket::{Ticket, TicketKind},
    token::VerifyError,
};
use async_trait::async_trait;
use db::DbError;
use httpkit::auth::{AuthError, Authenticator};
use kernel::{Ctx, Person, RoleSet, Secret, SessionId, Subject, Timestamp};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How often it is written down that a log-in is in use.
const NOTE_EVERY: Duration = Duration::from_mins(1);

#[async_trait]
impl Authenticator for Identity {
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError> {
        // The tokens of labels are those of cookies: they say nothing to whoever finds one.
        if Ticket::parse(TicketKind::Cookie, token).is_some() {
            return self.session(ctx, token).await;
        }
        let claims = match self.0.tokens.verify(token, ctx.now()).await {
            Ok(claims) => claims,
            Err(VerifyError::Invalid) => return Err(AuthError::Required),
            Err(VerifyError::Expired) => return Err(AuthError::Expired),
            Err(VerifyError::Vault(error)) => return Err(AuthError::Unavailable(Arc::new(error))),
        };
        let shown = Shown { session: claims.sid, token: claims.jti };
        let mut session = self.live((claims.subject(), shown), None, ctx.now()).await?;
        // A token of a step up says more than its log-in; that one alone does.
        session.acr = claims.acr().ok_or(AuthError::Required)?;
        session.auth_at = claims.auth_at();
        Ok(person(claims.subject(), shown.session, &session))
    }

    async fn session(&self, ctx: &Ctx, cookie: &Secret<String>) -> Result<Person, AuthError> {
        let ticket = Ticket::parse(TicketKind::Cookie, cookie).ok_or(AuthError::Required)?;
        let shown = Shown { session: SessionId::from_uuid(ticket.id), token: Uuid::nil() };
        let session = self.live((ticket.subject, shown), Some(&ticket), ctx.now()).await?;
        Ok(person(ticket.subject, shown.session, &session))
    }

    fn withheld(&self, person: &Person) -> RoleSet {
        self.0.config.withheld(person.roles, person.acr)
    }
}

fn person(subject: Subject, session: SessionId, live: &LiveSession) -> Person {
    Person { subject, session, roles: live.roles, acr: live.acr, auth_time: live.auth_at }
}

fn unavailable(error: DbError) -> AuthError {
    AuthError::Unavailable(Arc::new(error))
}

impl Identity {
    /// The roles of this person as they are now; none while the account is not active. For
    /// credentials that are kept elsewhere.
    pub async fn standing(&self, subject: Subject) -> Result<Option<RoleSet>, IdentityError> {
        let account = store::account(&self.0.db, subject).await?;
        let account = account.filter(|account| account.status == Status::Active.name());
        Ok(account.map(|account| RoleSet::from_bits(account.roles)))
    }

    /// The log-in, if it is good at this moment and the cookie, if it is one, is its own.
    async fn live(
        &self,
        (subject, shown): (Subject, Shown),
        cookie: Option<&Ticket>,
        now: Timestamp,
    ) -> Result<LiveSession, AuthError> {
        if let Some(session) = self.0.live.get(subject, shown, now) {
            prove(cookie, session.secret_hash)?;
            let over = session.idle_until.min(session.expires_at) <= now;
            return if over { Err(AuthError::Expired) } else { Ok(session) };
        }
        let before = self.0.live.before(subject);
        let row = store::shown(&self.0.db, subject, shown.session, shown.token).await;
        let row = row.map_err(unavailable)?.ok_or(AuthError::Required)?;
        // A made-up cookie learns nothing of the log-in that it names.
        prove(cookie, row.secret_hash)?;
        let session = self.used((subject, shown), &row, now).await?;
        self.0.live.put((subject, shown), session, before, now);
        Ok(session)
    }

    /// Judges the log-in and writes down that it is in use.
    async fn used(
        &self,
        (subject, shown): (Subject, Shown),
        row: &ShownRow,
        now: Timestamp,
    ) -> Result<LiveSession, AuthError> {
        let mut session = judge(row, shown, now)?;
        // The first use of an access token decides which of two refreshes was the true one, so
        // it is written down before anything is done for it.
        if !shown.token.is_nil() && row.access_used_at.is_none() {
            let used = store::use_access(&self.0.db, subject, shown.token, now).await;
            if !used.map_err(unavailable)? {
                return Err(AuthError::Expired);
            }
        }
        if now.since(row.seen_at) >= NOTE_EVERY {
            let idle = shown.token.is_nil().then(|| self.0.cookie_ends(session.roles, now).0);
            let noted = store::touch(&self.0.db, subject, shown.session, now, idle).await;
            noted.map_err(unavailable)?;
            session.seen_at = now;
            session.idle_until =
                idle.map_or(session.idle_until, |idle| idle.min(session.expires_at));
        }
        Ok(session)
    }
}

/// Holds if no cookie was shown, or the one that the log-in was given.
fn prove(cookie: Option<&Ticket>, hash: Option<[u8; 32]>) -> Result<(), AuthError> {
    match (cookie, hash) {
        (None, None) => Ok(()),
        (Some(ticket), Some(hash)) if ticket.matches(&hash) => Ok(()),
        (Some(_), _) | (None, Some(_)) => Err(AuthError::Required),
    }
}

/// What the rows say about what was shown.
fn judge(row: &ShownRow, shown: Shown, now: Timestamp) -> Result<LiveSession, AuthError> {
    let unreadable = |error: IdentityError| AuthError::Unavailable(Arc::new(error));
    if row.status != Status::Active.name() {
        return Err(AuthError::Inactive);
    }
    let over = row.ended_at.is_some() || row.idle_until.min(row.expires_at) <= now;
    // An access token ends with the refresh token that it was issued with.
    let void = row.issued_at.is_none() || row.consumed_at.is_some() || row.revoked_at.is_some();
    if over || (!shown.token.is_nil() && void) {
        return Err(AuthError::Expired);
    }
    Ok(LiveSession {
        roles: RoleSet::from_bits(row.roles),
        acr: acr_of(&row.acr).map_err(unreadable)?,
        auth_at: row.auth_at,
        seen_at: row.seen_at,
        idle_until: row.idle_until,
        expires_at: row.expires_at,
        secret_hash: row.secret_hash,
    })
}
