//! A name to log in with, for whoever has an account without one.

use super::{Identity, factors::Change, names::seal_some, sessions::caller};
use crate::{
    actions::USERNAME_CHOSEN,
    error::IdentityError,
    model::{LoginName, NameKind},
    store,
};
use audit::Event;
use db::run_tx;
use kernel::{Coded, Ctx};

impl Identity {
    /// Gives the person who asks a username; they have just shown that it is them. It is chosen
    /// once: others may know them by it.
    pub async fn choose_username(
        &self,
        ctx: &Ctx,
        name: &LoginName,
        keep_others: bool,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        self.fresh(ctx).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let chosen = self.store_username(ctx, name, (&keys, keep_others)).await;
        self.0.live.changed(subject);
        if let Err(error @ (IdentityError::UsernameExists | IdentityError::UsernameKept)) = &chosen
        {
            let event = Event::new(&USERNAME_CHOSEN, subject).denied(error.code());
            self.0.ledger.record_now(ctx, &keys, &event).await?;
        }
        chosen
    }

    async fn store_username(
        &self,
        ctx: &Ctx,
        name: &LoginName,
        (keys, keep_others): (&audit::Keys, bool),
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        // An index under an older key would not be in the way of one under a newer.
        if self.find(subject.tenant, &self.indexes(subject.tenant, name).await?).await?.is_some() {
            return Err(IdentityError::UsernameExists);
        }
        let ring = self.0.vault.keyring(subject).await?;
        let names = seal_some(ctx, &ring, [(name.kind(), name.shown())])?;
        let index = self.index(subject.tenant, name).await?;
        let stored = run_tx!(self.0.db, "identity.choose_username", |tx| {
            store::lock_account(tx, subject).await?.ok_or(IdentityError::NotFound)?;
            if store::has_name(tx, subject, NameKind::Username).await? {
                return Err(IdentityError::UsernameKept);
            }
            store::add_login(tx, subject, index.as_bytes());
            for name in &names {
                store::add_name(tx, subject, name);
            }
            self.changed_factors(tx, ctx, (Change::UsernameChosen, keep_others)).await?;
            self.0.ledger.record(tx, ctx, keys, &Event::new(&USERNAME_CHOSEN, subject))?;
            Ok(())
        });
        match stored {
            Err(IdentityError::Db(error)) if store::is_taken_name(&error) => {
                Err(IdentityError::UsernameExists)
            }
            other => other,
        }
    }
}
