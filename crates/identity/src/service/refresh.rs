//! New tokens for old ones. What an old one is worth is decided in [`crate::refresh`].

use super::{Identity, as_person, opening::Tokens};
use crate::{
    actions::{REFRESH_REUSED, REFRESHED},
    error::IdentityError,
    model::Status,
    refresh::{State, Successor, Verdict, judge},
    store::{self, FoundToken, SuccessorRow, TokenRow},
    ticket::{Ticket, TicketKind},
    token::Grant,
};
use audit::Event;
use db::{Tx, run_tx};
use httpkit::codes::SESSION_EXPIRED;
use kernel::{Acr, Ctx, ErrorCode, RoleSet, Secret, SessionId, Timestamp};
use uuid::Uuid;

/// What became of a refresh token within its transaction.
enum Outcome {
    Rotated(Box<TokenRow>),
    Refused(IdentityError, &'static ErrorCode),
    /// Two parties hold the same token; the log-in was ended.
    Stolen,
}

/// Everything known before the transaction.
struct Shown<'a> {
    ticket: &'a Ticket,
    session: SessionId,
    next: Ticket,
    now: Timestamp,
}

impl Identity {
    /// Exchanges a refresh token for new tokens.
    pub async fn refresh(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
    ) -> Result<(SessionId, Tokens), IdentityError> {
        let ticket =
            Ticket::parse(TicketKind::Refresh, token).ok_or(IdentityError::AuthRequired)?;
        let subject = ticket.subject;
        // Nothing is done for a token that was made up, least of all keys.
        let found = store::token(&self.0.db, subject, ticket.id).await?;
        let found = found.filter(|found| ticket.matches(&found.secret_hash));
        let found = found.ok_or(IdentityError::AuthRequired)?;
        let FoundToken { session_id, auth_at, roles, .. } = found;
        let session = SessionId::from_uuid(session_id);
        let ctx = as_person(ctx, (subject, session), RoleSet::from_bits(roles), auth_at);
        let keys = self.0.ledger.keys(&ctx, subject).await?;
        let signing = self.0.tokens.keys().await?;
        let next = Ticket::new(ctx.env(), subject, ctx.new_id::<Uuid>());
        let shown = Shown { ticket: &ticket, session, next, now: ctx.now() };
        let outcome = run_tx!(self.0.db, "identity.refresh", |tx| {
            let outcome = self.rotate(tx, &shown).await?;
            let event = |action| Event::new(action, subject).resource(session);
            let event = match &outcome {
                Outcome::Rotated(_) => event(&REFRESHED),
                Outcome::Refused(_, code) => event(&REFRESHED).denied(code),
                Outcome::Stolen => event(&REFRESH_REUSED).denied(&SESSION_EXPIRED),
            };
            self.0.ledger.record(tx, &ctx, &keys, &event)?;
            Ok::<_, IdentityError>(outcome)
        })?;
        self.0.live.changed(subject);
        match outcome {
            Outcome::Refused(error, _) => Err(error),
            Outcome::Stolen => Err(IdentityError::SessionEnded),
            Outcome::Rotated(row) => {
                let grant = Grant {
                    subject,
                    session,
                    token: shown.next.id,
                    acr: acr_of(&row.acr)?,
                    amr: &row.amr,
                    auth_at: row.auth_at,
                    roles: RoleSet::from_bits(row.roles),
                };
                let tokens = Tokens {
                    access: self.0.tokens.sign(&signing, &grant, shown.now)?,
                    expires_in: self.0.tokens.life(),
                    refresh: shown.next.text(TicketKind::Refresh),
                };
                Ok((session, tokens))
            }
        }
    }

    async fn rotate(&self, tx: &mut Tx, shown: &Shown<'_>) -> Result<Outcome, IdentityError> {
        let subject = shown.ticket.subject;
        let ended = Outcome::Refused(IdentityError::SessionEnded, &SESSION_EXPIRED);
        let Some(row) = store::lock_token(tx, subject, shown.ticket.id).await? else {
            return Ok(ended);
        };
        let over = row.ended_at.is_some() || row.idle_until.min(row.expires_at) <= shown.now;
        if over || row.status != Status::Active.name() {
            return Ok(ended);
        }
        let successor = match row.successor_id {
            Some(id) => store::lock_successor(tx, subject, id).await?,
            None => None,
        };
        let state = state_of(row.consumed_at, row.successor_id, row.revoked_at);
        match judge(state, successor.as_ref().map(successor_of)) {
            Verdict::Rotate => {}
            Verdict::RotateAgain { revoke } => store::revoke(tx, subject, revoke, shown.now),
            Verdict::Refuse => {
                let code = &crate::error::TOKEN_SUPERSEDED;
                return Ok(Outcome::Refused(IdentityError::Superseded, code));
            }
            Verdict::EndAll => {
                store::end(tx, subject, shown.session, shown.now).await?;
                return Ok(Outcome::Stolen);
            }
        }
        let whose = (subject, shown.session);
        store::consume(tx, subject, shown.ticket.id, shown.next.id, shown.now);
        store::add_token(tx, whose, shown.next.id, shown.next.hash(), shown.now);
        let (idle_until, _) = self.0.token_ends(RoleSet::from_bits(row.roles), shown.now);
        store::renew(tx, subject, shown.session, shown.now, idle_until);
        Ok(Outcome::Rotated(Box::new(row)))
    }
}

fn state_of(
    consumed_at: Option<Timestamp>,
    successor: Option<Uuid>,
    revoked_at: Option<Timestamp>,
) -> State {
    match (revoked_at, consumed_at, successor) {
        (None, None, None) => State::Live,
        (None, Some(_), Some(successor)) => State::Consumed { successor },
        (Some(_) | None, _, _) => State::Revoked,
    }
}

fn successor_of(row: &SuccessorRow) -> Successor {
    Successor {
        id: row.id,
        state: state_of(row.consumed_at, row.successor_id, row.revoked_at),
        access_used: row.access_used_at.is_some(),
    }
}

/// How surely the person was recognised, as stored.
pub(super) fn acr_of(name: &str) -> Result<Acr, IdentityError> {
    [Acr::Single, Acr::Mfa]
        .into_iter()
        .find(|acr| acr.name() == name)
        .ok_or(IdentityError::Unreadable("acr"))
}
