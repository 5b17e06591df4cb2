//! Noticing that someone logs in on a kind of device they were not seen on before.

use super::letters::{About, LetterKind, ask};
use crate::{device::Family, error::IdentityError, store};
use db::{Db, Tx};
use kernel::{Ctx, Env, SessionId, Subject, Timestamp};
use uuid::Uuid;
use vault::Keyring;

/// How someone arrives. Made before a transaction is opened.
pub(super) struct Arrival {
    fingerprint: Uuid,
    /// Whether the person is told of it: not the first time ever.
    news: bool,
}

impl Arrival {
    /// On this device, as far as its program and system can be told apart.
    pub(super) async fn of(ctx: &Ctx, db: &Db, keys: &Keyring) -> Result<Self, IdentityError> {
        let label = Family::of(ctx.origin.user_agent.as_deref()).label();
        let fingerprint = keys.pseudonym("identity.device_kind", label.as_bytes())?;
        let fingerprint = Uuid::from_bytes(fingerprint);
        let known = store::known_devices(db, keys.subject()).await?;
        let news = !known.is_empty() && !known.contains(&fingerprint);
        Ok(Self { fingerprint, news })
    }

    /// Remembers the device as part of the log-in, and asks for the letter about it.
    pub(super) fn store(
        &self,
        tx: &mut Tx,
        env: &Env,
        (subject, session): (Subject, SessionId),
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        store::see_device(tx, subject, self.fingerprint, now);
        if self.news {
            let about = About { session: Some(session), ..About::default() };
            ask(tx, env, subject, LetterKind::NewDevice, about)?;
        }
        Ok(())
    }
}
