//! Log-ins seen and ended by their person.

use super::{Identity, names::open_client, refresh::acr_of};
use crate::{
    actions::{LOGGED_OUT, LOGGED_OUT_EVERYWHERE, SESSION_REVOKED, SESSIONS_LISTED},
    error::IdentityError,
    model::{SessionKind, SessionView},
    store::{self, SessionRow},
};
use audit::{Action, Event};
use db::run_tx;
use kernel::{Ctx, Cursor, Page, PageSize, Person, SessionId};
use vault::Keyring;

/// The person of the request.
pub(super) fn caller(ctx: &Ctx) -> Result<&Person, IdentityError> {
    ctx.person().map_err(|_| IdentityError::AuthRequired)
}

impl Identity {
    /// Ends the log-in of the request.
    pub async fn log_out(&self, ctx: &Ctx) -> Result<(), IdentityError> {
        let session = caller(ctx)?.session;
        self.end_session(ctx, session, &LOGGED_OUT).await
    }

    /// Ends another log-in of the same person.
    pub async fn revoke_session(&self, ctx: &Ctx, session: SessionId) -> Result<(), IdentityError> {
        self.end_session(ctx, session, &SESSION_REVOKED).await
    }

    async fn end_session(
        &self,
        ctx: &Ctx,
        session: SessionId,
        action: &'static Action,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let result = run_tx!(self.0.db, "identity.end_session", |tx| {
            if !store::end(tx, subject, session, ctx.now()).await? {
                return Err(IdentityError::NotFound);
            }
            self.0.ledger.record(tx, ctx, &keys, &Event::new(action, subject).resource(session))?;
            Ok(())
        });
        self.0.live.changed(subject);
        result
    }

    /// Ends all log-ins of the person, that of the request too.
    pub async fn log_out_everywhere(&self, ctx: &Ctx) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let result = run_tx!(self.0.db, "identity.log_out_everywhere", |tx| {
            store::end_all(tx, subject, ctx.now());
            let event = Event::new(&LOGGED_OUT_EVERYWHERE, subject);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, IdentityError>(())
        });
        self.0.live.changed(subject);
        result
    }

    /// The person's log-ins, newest first.
    pub async fn sessions(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<SessionView>, IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.vault.keyring(subject).await?;
        let after = after.unwrap_or(Cursor::NEWEST);
        let rows = store::sessions(&self.0.db, subject, after, size, ctx.now()).await?;
        let page = Page::from_rows(rows, size, |row| Cursor { at: row.created_at, id: row.id });
        let items = page.items.into_iter().map(|row| view(&keys, row));
        let items = items.collect::<Result<_, _>>()?;
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&SESSIONS_LISTED, subject);
        self.0.ledger.record_now(ctx, &ledger_keys, &event).await?;
        Ok(Page { items, next: page.next })
    }
}

fn view(keys: &Keyring, row: SessionRow) -> Result<SessionView, IdentityError> {
    let id = SessionId::from_uuid(row.id);
    let kind = if row.secret_hash.is_some() { SessionKind::Cookie } else { SessionKind::Tokens };
    Ok(SessionView {
        id,
        kind,
        acr: acr_of(&row.acr)?,
        created_at: row.created_at,
        seen_at: row.seen_at,
        expires_at: row.expires_at,
        client: open_client(keys, id, row.client)?,
    })
}
