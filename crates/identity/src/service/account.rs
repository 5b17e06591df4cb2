//! The account of the person who asks: seen, closed, and in the end erased.

use super::{
    Identity,
    letters::{About, LetterKind, ask},
    sessions::caller,
};
use crate::{
    actions::{ACCOUNT_CLOSED, ACCOUNT_ERASED, ACCOUNT_READ},
    error::IdentityError,
    limits::Factor,
    model::{Account, Status},
    password::{Match, Password},
    store,
};
use audit::Event;
use db::{outbox, run_tx};
use kernel::{Coded, Ctx, ErrorCode, Role, RoleSet, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vault::Ring;

/// What slices hear when an account is erased: remove all rows of this person.
pub const ACCOUNT_ERASED_TOPIC: &str = "identity.account_erased";

/// The payload of [`ACCOUNT_ERASED_TOPIC`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedAccount {
    /// The organisation.
    pub tenant: kernel::TenantId,
    /// The person.
    pub user: kernel::UserId,
}

/// An account was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// When it will be erased, unless its person logs in before with `restore`.
    pub erase_at: Timestamp,
}

impl Identity {
    /// The account of the person who asks.
    pub async fn me(&self, ctx: &Ctx) -> Result<Account, IdentityError> {
        let subject = caller(ctx)?.subject;
        let account = self.read_account(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&ACCOUNT_READ, subject)).await?;
        Ok(account)
    }

    pub(super) async fn read_account(&self, subject: Subject) -> Result<Account, IdentityError> {
        let row = store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        self.open_account(subject.tenant, row).await
    }

    /// Closes the account: all log-ins end now, and everything is erased after the time to change
    /// one's mind. Who has no password has just shown otherwise that it is them. The last
    /// administrator stays.
    pub async fn close_account(
        &self,
        ctx: &Ctx,
        password: Option<&Password>,
    ) -> Result<Closed, IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let shown = match password {
            Some(password) => self.confirm(ctx, subject, password).await,
            None if store::password(&self.0.db, subject).await?.is_some() => {
                Err(IdentityError::Field("password: needed where there is one"))
            }
            None => self.fresh(ctx).await.map(drop),
        };
        if let Err(error) = shown {
            if let Some(code) = confirm_code(&error) {
                let event = Event::new(&ACCOUNT_CLOSED, subject).denied(code);
                self.0.ledger.record_now(ctx, &keys, &event).await?;
            }
            return Err(error);
        }
        let now = ctx.now();
        let erase_at = now.plus(self.0.config.undo());
        let result = run_tx!(self.0.db, "identity.close_account", |tx| {
            let account = store::lock_account(tx, subject).await?.ok_or(IdentityError::NotFound)?;
            if account.status != Status::Active.name() {
                return Err(IdentityError::Inactive);
            }
            let admin = RoleSet::from_bits(account.roles).contains(Role::Admin);
            if admin && !store::another_admin(tx, subject).await? {
                return Err(IdentityError::LastAdmin);
            }
            store::set_status(tx, subject, Status::Deleting, Some(erase_at));
            store::end_all(tx, subject, now);
            ask(tx, ctx.env(), subject, LetterKind::AccountClosing, About::default())?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&ACCOUNT_CLOSED, subject))?;
            Ok(Closed { erase_at })
        });
        self.0.live.changed(subject);
        if let Err(error @ IdentityError::LastAdmin) = &result {
            let event = Event::new(&ACCOUNT_CLOSED, subject).denied(error.code());
            self.0.ledger.record_now(ctx, &keys, &event).await?;
        }
        result
    }

    /// The person types their password again. Failures are counted per account, apart from those
    /// of log-ins.
    pub(super) async fn confirm(
        &self,
        ctx: &Ctx,
        subject: Subject,
        password: &Password,
    ) -> Result<(), IdentityError> {
        let user = subject.user.as_uuid();
        let tried = self.try_factor(ctx, Factor::Confirmation, user.as_bytes(), None).await?;
        let stored = store::password(&self.0.db, subject).await?;
        match self.0.hasher.verify(password, stored.as_ref()).await {
            Ok(Match::Yes | Match::YesButWeak) => {
                tried.right().await;
                Ok(())
            }
            Ok(Match::No) => Err(IdentityError::PasswordWrong),
            Err(error) => {
                tried.unjudged().await;
                Err(error)
            }
        }
    }

    /// Erases the accounts whose time is over; answers how many. One that fails keeps no other
    /// waiting; it is told when all were tried, and tried again with the next round.
    pub async fn erase_due(&self, ctx: &Ctx, limit: u32) -> Result<usize, IdentityError> {
        let due = store::due(&self.0.db, ctx.now(), limit).await?;
        let (mut erased, mut failed) = (0, None);
        for row in due {
            let subject = Subject::new(row.tenant_id.into(), row.user_id.into());
            match self.erase(ctx, subject).await {
                Ok(gone) => erased += usize::from(gone),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(erased), Err)
    }

    /// Keys first: once they are gone nothing can be read any more, whatever happens next, and
    /// the row that asks for the rest is still there. What the law demands to keep of the ledger
    /// hangs on the other ring.
    async fn erase(&self, ctx: &Ctx, subject: Subject) -> Result<bool, IdentityError> {
        if !store::begin_erasure(&self.0.db, subject, ctx.now()).await? {
            return Ok(false);
        }
        self.0.vault.shred(subject, Ring::Clinical).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let erased = ErasedAccount { tenant: subject.tenant, user: subject.user };
        let gone = run_tx!(self.0.db, "identity.erase_account", |tx| {
            store::drop_sessions(tx, subject);
            if !store::drop_account(tx, subject).await? {
                return Ok::<_, IdentityError>(false);
            }
            outbox::publish(tx, ctx.env(), ACCOUNT_ERASED_TOPIC, &erased)?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&ACCOUNT_ERASED, subject))?;
            Ok(true)
        })?;
        self.0.live.changed(subject);
        Ok(gone)
    }

    /// Removes log-ins that ended this long ago; answers how many.
    pub async fn tidy_sessions(&self, ctx: &Ctx, limit: u32) -> Result<usize, IdentityError> {
        const KEPT: Duration = Duration::from_hours(7 * 24);
        let stale = store::stale(&self.0.db, ctx.now().minus(KEPT), limit).await?;
        for row in &stale {
            let subject = Subject::new(row.tenant_id.into(), row.user_id.into());
            run_tx!(self.0.db, "identity.tidy_session", |tx| {
                store::drop_session(tx, subject, row.id);
                Ok::<_, IdentityError>(())
            })?;
        }
        store::forget_links(&self.0.db, ctx.now()).await?;
        store::vouched::forget(&self.0.db, ctx.now()).await?;
        // Every process has heard of what ended an hour ago.
        store::forget_revoked(&self.0.db, ctx.now().minus(Duration::from_hours(1))).await?;
        store::factors::tidy_tickets(&self.0.db, ctx.now()).await?;
        store::passkeys::tidy_answers(&self.0.db, ctx.now()).await?;
        Ok(stale.len())
    }
}

/// What the ledger is told of a proof that did not hold; nothing of what went wrong here.
pub(super) fn confirm_code(error: &IdentityError) -> Option<&'static ErrorCode> {
    match error {
        IdentityError::PasswordWrong
        | IdentityError::TooManyAttempts(_)
        | IdentityError::FactorClosed(..)
        | IdentityError::FactorWrong(_)
        | IdentityError::PasskeyCopied
        | IdentityError::PasskeyLate
        | IdentityError::SameFactor
        | IdentityError::StepUp(_) => Some(error.code()),
        _ => None,
    }
}
