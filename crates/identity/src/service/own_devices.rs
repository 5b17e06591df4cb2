//! The devices that a person is logged in on, and streams that end with them.

use super::{Identity, names::open_client, refresh::acr_of, sessions::caller};
use crate::{
    actions::SESSIONS_LISTED,
    device::Family,
    error::IdentityError,
    model::{Client, SessionKind},
    revocations::Watch,
    store::{self, DeviceRow},
};
use audit::Event;
use kernel::{Acr, Ctx, Cursor, Page, PageSize, SessionId, Timestamp};
use vault::Keyring;

/// A device that a person is logged in on: one log-in.
pub struct Device {
    /// The log-in.
    pub id: SessionId,
    /// What it is, as far as can be told.
    pub family: Family,
    /// What the person showed, in short words: `pwd otp`.
    pub shown: String,
    /// How surely the person was recognised.
    pub acr: Acr,
    /// Whether it holds a cookie or tokens.
    pub kind: SessionKind,
    /// When the log-in began.
    pub first_seen_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Program and address, word for word.
    pub client: Client,
}

impl Identity {
    /// The devices that the person who asks is logged in on, newest first.
    pub async fn devices(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Device>, IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.vault.keyring(subject).await?;
        let after = after.unwrap_or(Cursor::NEWEST);
        let rows = store::devices(&self.0.db, subject, (after, size), ctx.now()).await?;
        let page = Page::from_rows(rows, size, |row| Cursor { at: row.created_at, id: row.id });
        let items = page.items.into_iter().map(|row| device(&keys, row));
        let items = items.collect::<Result<_, _>>()?;
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&SESSIONS_LISTED, subject);
        self.0.ledger.record_now(ctx, &ledger_keys, &event).await?;
        Ok(Page { items, next: page.next })
    }

    /// The device of the request.
    pub async fn this_device(&self, ctx: &Ctx) -> Result<Device, IdentityError> {
        let person = caller(ctx)?;
        let row = store::device(&self.0.db, person.subject, person.session).await?;
        let keys = self.0.vault.keyring(person.subject).await?;
        device(&keys, row.ok_or(IdentityError::SessionEnded)?)
    }

    /// For whoever holds a stream or a socket open for the person who asks: tells when the log-in
    /// has ended, on this process or another.
    pub fn watch(&self, ctx: &Ctx) -> Result<Watch, IdentityError> {
        let person = caller(ctx)?;
        Ok(self.0.revocations.watch(person.subject, person.session))
    }

    /// Keeps [`Identity::watch`] true, in every process that serves, until `stop` is ready.
    pub async fn keep_watch(&self, stop: impl Future<Output = ()>) {
        self.0.revocations.keep(&self.0.db, stop).await;
    }
}

fn device(keys: &Keyring, row: DeviceRow) -> Result<Device, IdentityError> {
    let id = SessionId::from_uuid(row.id);
    let client = open_client(keys, id, row.client)?;
    // EXPOSE: only names of well-known programs come of it.
    let family = Family::of(client.user_agent.as_ref().map(|agent| agent.expose().as_str()));
    let kind = if row.secret_hash.is_some() { SessionKind::Cookie } else { SessionKind::Tokens };
    Ok(Device {
        id,
        family,
        shown: row.amr,
        acr: acr_of(&row.acr)?,
        kind,
        first_seen_at: row.created_at,
        last_seen_at: row.seen_at,
        expires_at: row.expires_at,
        client,
    })
}
