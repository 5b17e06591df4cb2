//! Another password.

use super::{Identity, account::confirm_code, factors::Change, sessions::caller};
use crate::{actions::PASSWORD_CHANGED, error::IdentityError, password::Password, store};
use audit::Event;
use db::run_tx;
use kernel::{Ctx, Phi};

impl Identity {
    /// Gives the person another password, and ends their other log-ins. They show the old one, or
    /// have just shown otherwise that it is them.
    pub async fn change_password(
        &self,
        ctx: &Ctx,
        old: Option<&Password>,
        new: &Password,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let shown = match old {
            Some(old) => self.confirm(ctx, subject, old).await,
            None => self.fresh(ctx).await.map(drop),
        };
        if let Err(error) = shown {
            if let Some(code) = confirm_code(&error) {
                let event = Event::new(&PASSWORD_CHANGED, subject).denied(code);
                self.0.ledger.record_now(ctx, &keys, &event).await?;
            }
            return Err(error);
        }
        let account = self.read_account(subject).await?;
        let names = [&account.email, &account.username, &account.display_name];
        // EXPOSE: the password is compared with the names.
        let expose = |name: &Phi<String>| name.expose().clone();
        let names = Phi::new(names.into_iter().flatten().map(expose).collect::<Vec<String>>());
        // EXPOSE: the same.
        let names: Vec<&str> = names.expose().iter().map(String::as_str).collect();
        let hash = self.hash_for(&names, new).await?;
        let result = run_tx!(self.0.db, "identity.change_password", |tx| {
            store::put_password(tx, subject, &hash, ctx.now());
            self.changed_factors(tx, ctx, (Change::PasswordChanged, false)).await?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&PASSWORD_CHANGED, subject))?;
            Ok::<_, IdentityError>(())
        });
        self.0.live.changed(subject);
        result
    }
}
