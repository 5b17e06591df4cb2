//! Proving an address, and a new password for whoever forgot theirs.
//!
//! Whether an address has an account is told to nobody: that is looked up only after the answer. A
//! new password ends all log-ins and leaves every other factor as it was.

use super::{
    Identity,
    factors::Change,
    letters::{About, LetterKind, LinkPurpose, ask},
    register::at_the_same_time,
    sessions::caller,
};
use crate::{
    actions::{EMAIL_VERIFIED, PASSWORD_RESET, RESET_ASKED, VERIFICATION_ASKED},
    error::IdentityError,
    limits::Factor,
    model::{LoginName, Status},
    password::Password,
    store,
};
use audit::Event;
use db::{
    jobs::{self, JobError, Lease},
    run_tx,
};
use kernel::{Ctx, Secret, Subject, TenantId};
use serde::{Deserialize, Serialize};
use vault::BlindIndex;

/// The job that an asked-for reset is.
pub(crate) const FORGOTTEN: &str = "identity.password_forgotten.v1";

/// A password that someone forgot: keyed fingerprints of the address. Whether anybody has it is
/// not known yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Forgotten {
    tenant: TenantId,
    indexes: Vec<[u8; 32]>,
}

impl Identity {
    /// Someone forgot the password of the account with this address. If there is one, a letter
    /// goes there; this is told to nobody.
    pub async fn forgot_password(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        email: &LoginName,
    ) -> Result<(), IdentityError> {
        let indexes = self.indexes(tenant, email).await?;
        let account = indexes.first().map_or(&[0; 32], BlindIndex::as_bytes);
        drop(self.try_factor(ctx, Factor::Mail, account, None).await?);
        let whole = Subject::tenant_itself(tenant);
        let forgotten =
            Forgotten { tenant, indexes: indexes.iter().map(|index| *index.as_bytes()).collect() };
        // What is done for an address that somebody has is done after the answer. The answer still
        // waits, so that the next one does not tell how much that was.
        at_the_same_time(self.even_answer(), async {
            let keys = self.0.ledger.keys(ctx, whole).await?;
            run_tx!(self.0.db, "identity.forgot_password", |tx| {
                jobs::enqueue(tx, ctx.env(), FORGOTTEN, &forgotten, ctx.now())?;
                self.0.ledger.record(tx, ctx, &keys, &Event::new(&RESET_ASKED, whole))?;
                Ok(())
            })
        })
        .await
    }

    /// Someone forgot the password of this address: the person who has it, if there is one, gets a
    /// link.
    pub(crate) async fn answer_forgotten(
        &self,
        ctx: &Ctx,
        forgotten: &Forgotten,
        lease: Lease,
    ) -> Result<(), JobError> {
        let Some(subject) = self.who_forgot(forgotten).await? else {
            return run_tx!(self.0.db, "identity.forgotten_by_nobody", |tx| {
                lease.finish(tx).await
            });
        };
        let link = self.new_link(ctx, subject, LinkPurpose::ResetPassword).await?;
        let keys = self.0.ledger.keys(ctx, subject).await.map_err(IdentityError::from)?;
        let event = Event::new(&RESET_ASKED, subject);
        run_tx!(self.0.db, "identity.ask_reset", |tx| {
            store::add_link(tx, subject, &link, ctx.now());
            let kind = LetterKind::ResetPassword;
            ask(tx, ctx.env(), subject, kind, About::link(link.id))?;
            self.0.ledger.record(tx, ctx, &keys, &event).map_err(IdentityError::from)?;
            lease.finish(tx).await
        })
    }

    async fn who_forgot(&self, forgotten: &Forgotten) -> Result<Option<Subject>, IdentityError> {
        for index in &forgotten.indexes {
            let user = store::user_of_login(&self.0.db, forgotten.tenant, index).await?;
            let Some(user) = user else { continue };
            let subject = Subject::new(forgotten.tenant, user.into());
            let row = store::account(&self.0.db, subject).await?;
            let open = row.is_some_and(|row| row.status == Status::Active.name());
            return Ok(open.then_some(subject));
        }
        Ok(None)
    }

    /// A new password, for whoever followed the link. Nobody is logged in by it, and what else
    /// the account asks for at a log-in it goes on asking for.
    pub async fn reset_password(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
        password: &Password,
    ) -> Result<(), IdentityError> {
        let purpose = LinkPurpose::ResetPassword;
        let (subject, link) = self.followed(ctx, token, purpose).await?;
        let account = self.read_account(subject).await?;
        // EXPOSE: the password is compared with the names.
        let names = [&account.email, &account.username, &account.display_name];
        let names = names.into_iter().flatten().map(|name| name.expose().as_str());
        let hash = self.hash_for(&names.collect::<Vec<_>>(), password).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let now = ctx.now();
        let result = run_tx!(self.0.db, "identity.reset_password", |tx| {
            let row = store::lock_account(tx, subject).await?.ok_or(IdentityError::Link)?;
            let used = store::use_link(tx, subject, (link.id, purpose.name()), now).await?;
            if !used || row.status != Status::Active.name() {
                return Err(IdentityError::Link);
            }
            store::put_password(tx, subject, &hash, now);
            if let Some(name) = link.name_id {
                store::verify(tx, subject, name, now);
            }
            store::factors::drop_tickets(tx, subject);
            store::end_all(tx, subject, now);
            self.tell_of_change(tx, ctx, subject, Change::PasswordChanged)?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&PASSWORD_RESET, subject))?;
            Ok(())
        });
        self.0.live.changed(subject);
        result
    }

    /// Whoever followed the link reads what is sent to the address.
    pub async fn verify_email(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
    ) -> Result<(), IdentityError> {
        let purpose = LinkPurpose::VerifyEmail;
        let (subject, link) = self.followed(ctx, token, purpose).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let now = ctx.now();
        run_tx!(self.0.db, "identity.verify_email", |tx| {
            let used = store::use_link(tx, subject, (link.id, purpose.name()), now).await?;
            let name = link.name_id.filter(|_| used).ok_or(IdentityError::Link)?;
            store::verify(tx, subject, name, now);
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&EMAIL_VERIFIED, subject))?;
            Ok(())
        })
    }

    /// The person who asks wants the letter about their address once more.
    pub async fn ask_verification(&self, ctx: &Ctx) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let user = subject.user.as_uuid();
        drop(self.try_factor(ctx, Factor::Mail, user.as_bytes(), None).await?);
        let link = self.new_link(ctx, subject, LinkPurpose::VerifyEmail).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.ask_verification", |tx| {
            // Without an address there is nothing to prove, and no letter.
            if link.name_id.is_some() {
                store::add_link(tx, subject, &link, ctx.now());
                ask(tx, ctx.env(), subject, LetterKind::VerifyEmail, About::link(link.id))?;
            }
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&VERIFICATION_ASKED, subject))?;
            Ok(())
        })
    }
}
