//! Second factors of a person: seen, made and removed.
//!
//! Whoever changes them has just shown who they are; who removes one, by something else than that
//! one. Each change ends the person's other log-ins, unless they want to keep them, and is told
//! to them by mail.

use super::{
    Identity,
    letters::{About, LetterKind, ask},
    names::TOTP_SECRET,
    sessions::caller,
    step_up::{Given, Proof},
};
use crate::{
    actions::{FACTORS_LISTED, RECOVERY_MADE, TOTP_BEGUN, TOTP_CONFIRMED, TOTP_REMOVED},
    error::{FACTOR_WRONG, IdentityError},
    factors::{FactorKind, Factors, RecoveryCode, TotpCode, recovery::CODES, totp::TotpSecret},
    store::factors as store,
};
use audit::Event;
use db::{DbError, Tx, run_tx};
use httpkit::step_up::{FRESH, StepUp};
use kernel::{Acr, Coded, Ctx, Secret, Subject};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;
use vault::Sealed;

/// How long an app may take to be shown a secret.
const BEGUN: Duration = Duration::from_mins(30);
/// What apps show above the codes.
const ISSUER: &str = "Salus";

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There is an authenticator app now.
    TotpAdded,
    /// There is none any more.
    TotpRemoved,
    /// There are new recovery codes; those from before are void.
    RecoveryCodesMade,
    /// Someone got in with a recovery code.
    RecoveryCodeUsed,
    /// There is one more passkey.
    PasskeyAdded,
    /// There is one passkey less.
    PasskeyRemoved,
    /// An account elsewhere opens this one from now on.
    ProviderLinked,
    /// It does not any more.
    ProviderUnlinked,
    /// There is a username to log in with.
    UsernameChosen,
    /// The password is another one.
    PasswordChanged,
}

/// What an authenticator app needs.
pub struct TotpEnrolment {
    /// For people who type it into their app.
    pub secret: Secret<String>,
    /// What a QR code holds.
    pub uri: Secret<String>,
}

impl Identity {
    /// The second factors of the person who asks, and whether they have a password.
    pub async fn factors(&self, ctx: &Ctx) -> Result<(Factors, bool), IdentityError> {
        let subject = caller(ctx)?.subject;
        let factors = self.factors_of(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&FACTORS_LISTED, subject)).await?;
        let password = crate::store::password(&self.0.db, subject).await?.is_some();
        Ok((factors, password))
    }

    /// A new secret for an authenticator app. It counts for nothing until a code is shown that
    /// was made with it.
    pub async fn begin_totp(&self, ctx: &Ctx) -> Result<TotpEnrolment, IdentityError> {
        let subject = caller(ctx)?.subject;
        let factors = self.fresh(ctx).await?;
        if factors.totp_since.is_some() {
            return Err(IdentityError::FactorExists);
        }
        let account = self.read_account(subject).await?;
        let secret = TotpSecret::random(ctx.env());
        let (id, sealed) = self.seal_totp(ctx, subject, &secret).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.begin_totp", |tx| {
            store::begin_totp(tx, subject, (id, &sealed), ctx.now());
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&TOTP_BEGUN, subject))?;
            Ok::<_, IdentityError>(())
        })?;
        let name = account.email.as_ref().or(account.username.as_ref());
        // EXPOSE: the app shows it to the person whose name it is.
        let name = name.map_or("account", |name| name.expose().as_str());
        Ok(TotpEnrolment { secret: secret.base32(), uri: secret.uri(ISSUER, name) })
    }

    /// What stands for the wish of someone new to have a second factor, until they set it up.
    pub(super) async fn first_totp(
        &self,
        ctx: &Ctx,
        subject: Subject,
    ) -> Result<(Uuid, Sealed), IdentityError> {
        self.seal_totp(ctx, subject, &TotpSecret::random(ctx.env())).await
    }

    async fn seal_totp(
        &self,
        ctx: &Ctx,
        subject: Subject,
        secret: &TotpSecret,
    ) -> Result<(Uuid, Sealed), IdentityError> {
        let id: Uuid = ctx.new_id();
        // EXPOSE: it is sealed.
        let bytes = secret.bytes().expose();
        Ok((id, self.0.vault.keyring(subject).await?.seal(&TOTP_SECRET, id, bytes)?))
    }

    /// The app has the secret: from now on its codes are asked for. Answers recovery codes, if
    /// the person had none.
    pub async fn confirm_totp(
        &self,
        ctx: &Ctx,
        code: &TotpCode,
        keep_others: bool,
    ) -> Result<Option<Vec<RecoveryCode>>, IdentityError> {
        let person = caller(ctx)?;
        let subject = person.subject;
        let factors = self.fresh(ctx).await?;
        let begun = store::totp_begun(&self.0.db, subject, ctx.now().minus(BEGUN)).await?;
        let begun = begun.ok_or(IdentityError::NotFound)?;
        let secret = self.open_totp(subject, begun.id, begun.secret).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let Some(step) = secret.steps(code, ctx.now()).last().copied() else {
            let event = Event::new(&TOTP_CONFIRMED, subject).denied(&FACTOR_WRONG);
            self.0.ledger.record_now(ctx, &keys, &event).await?;
            return Err(IdentityError::FactorWrong(FactorKind::Totp));
        };
        let codes = (factors.recovery_left == 0).then(|| new_codes(ctx));
        let result = run_tx!(self.0.db, "identity.confirm_totp", |tx| {
            if !store::confirm_totp(tx, subject, (begun.id, step), ctx.now()).await? {
                return Err(IdentityError::NotFound);
            }
            if let Some(codes) = &codes {
                put_codes(tx, ctx, subject, codes);
            }
            self.changed_factors(tx, ctx, (Change::TotpAdded, keep_others)).await?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&TOTP_CONFIRMED, subject))?;
            Ok(())
        });
        self.0.live.changed(subject);
        result.map(|()| codes)
    }

    /// The authenticator app is not asked for any more. Another proof than its code is needed.
    pub async fn remove_totp(
        &self,
        ctx: &Ctx,
        proof: &Proof,
        keep_others: bool,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let given = match self.another(ctx, Some(FactorKind::Totp), proof).await {
            Ok(given) => given,
            Err(error) => return Err(self.refused(ctx, &TOTP_REMOVED, error).await?),
        };
        // Recovery codes stand in for factors; without any there is nothing to stand in for.
        let last = self.factors_of(subject).await?.passkeys == 0;
        let outcome = run_tx!(self.0.db, "identity.remove_totp", |tx| {
            if let Some(refused) = self.judge_given(tx, ctx, &given).await? {
                let event = Event::new(&TOTP_REMOVED, subject).denied(refused.code());
                self.0.ledger.record(tx, ctx, &keys, &event)?;
                return Ok(Err(refused));
            }
            if !store::drop_totp(tx, subject).await? {
                return Err(IdentityError::NotFound);
            }
            if last {
                store::drop_recovery(tx, subject);
            }
            self.changed_factors(tx, ctx, (Change::TotpRemoved, keep_others)).await?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&TOTP_REMOVED, subject))?;
            Ok(Ok(()))
        });
        given.settle(&outcome).await;
        self.0.live.changed(subject);
        outcome?
    }

    /// Ten new recovery codes; those from before are void.
    pub async fn make_recovery_codes(&self, ctx: &Ctx) -> Result<Vec<RecoveryCode>, IdentityError> {
        let subject = caller(ctx)?.subject;
        if !self.fresh(ctx).await?.any() {
            return Err(IdentityError::FactorMissing);
        }
        let codes = new_codes(ctx);
        let keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.make_recovery_codes", |tx| {
            put_codes(tx, ctx, subject, &codes);
            self.tell_of_change(tx, ctx, subject, Change::RecoveryCodesMade)?;
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&RECOVERY_MADE, subject))?;
            Ok::<_, IdentityError>(())
        })?;
        Ok(codes)
    }

    /// What follows from every change: log-ins that wait for a factor are void, other devices are
    /// logged out, and the person is told.
    pub(super) async fn changed_factors(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (change, keep_others): (Change, bool),
    ) -> Result<(), IdentityError> {
        let person = caller(ctx)?;
        store::drop_tickets(tx, person.subject);
        if !keep_others {
            let session = person.session.as_uuid();
            store::end_others(tx, person.subject, session, ctx.now()).await?;
        }
        Ok(self.tell_of_change(tx, ctx, person.subject, change)?)
    }

    #[expect(clippy::unused_self, reason = "reads like the other steps of a use case")]
    pub(super) fn tell_of_change(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        subject: Subject,
        change: Change,
    ) -> Result<(), DbError> {
        let about = About { change: Some(change), ..About::default() };
        ask(tx, ctx.env(), subject, LetterKind::FactorChanged, about)
    }

    /// A proof by something else than the factor that is to be removed, from someone who has
    /// shown two factors: now or when they logged in.
    pub(super) async fn another(
        &self,
        ctx: &Ctx,
        removed: Option<FactorKind>,
        proof: &Proof,
    ) -> Result<Given, IdentityError> {
        if removed.is_some() && proof.kind() == removed {
            return Err(IdentityError::SameFactor);
        }
        if proof.kind().is_none() && caller(ctx)?.acr < Acr::Mfa {
            return Err(StepUp::needed(Acr::Mfa, FRESH).into());
        }
        self.given(ctx, proof).await
    }

    /// Uses up what was given; says why not, if it is not good.
    pub(super) async fn judge_given(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        given: &Given,
    ) -> Result<Option<IdentityError>, IdentityError> {
        let subject = caller(ctx)?.subject;
        match given {
            Given::Second(factor, _) => self.judge(tx, (ctx, subject), factor).await,
            Given::Password | Given::Provider => Ok(None),
        }
    }
}

pub(super) fn new_codes(ctx: &Ctx) -> Vec<RecoveryCode> {
    (0..CODES).map(|_| RecoveryCode::random(ctx.env())).collect()
}

pub(super) fn put_codes(tx: &mut Tx, ctx: &Ctx, subject: Subject, codes: &[RecoveryCode]) {
    let hashes: Vec<_> = codes.iter().map(|code| code.hash(subject)).collect();
    store::put_recovery(tx, subject, &hashes, ctx.now());
}
