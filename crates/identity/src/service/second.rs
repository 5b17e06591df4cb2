//! Judging a second factor.
//!
//! A try is counted first. What can be computed is computed before the transaction; in it the
//! factor is used up.

use super::{Identity, factors::Change, names::TOTP_SECRET, passkey_use::Signed, tries::Try};
use crate::{
    error::IdentityError,
    factors::{FactorKind, Factors, TotpCode, TypedCode, totp::TotpSecret},
    limits::Factor,
    passkeys::{PasskeyAnswer, Purpose},
    store::factors as store,
};
use db::Tx;
use kernel::{Ctx, Secret, Subject, Timestamp};
use uuid::Uuid;
use vault::Sealed;

/// What someone brings as a second factor.
pub enum SecondFactor {
    /// A code that they typed.
    Code(TypedCode),
    /// What a passkey of theirs signed.
    Passkey(PasskeyAnswer),
}

/// A second factor, as far as it can be judged without changing anything.
pub(super) enum Prepared {
    /// The steps whose code it is.
    Totp { id: Uuid, steps: Vec<i64> },
    /// The hash of a recovery code.
    Recovery([u8; 32]),
    /// A passkey whose signature is right.
    Passkey(Signed),
}

impl Prepared {
    pub(super) const fn kind(&self) -> FactorKind {
        match self {
            Self::Totp { .. } => FactorKind::Totp,
            Self::Recovery(_) => FactorKind::RecoveryCode,
            Self::Passkey(_) => FactorKind::Passkey,
        }
    }
}

impl Identity {
    /// The second factors of a person.
    pub(super) async fn factors_of(&self, subject: Subject) -> Result<Factors, IdentityError> {
        let row = store::factors(&self.0.db, subject).await?;
        Ok(Factors {
            totp_since: row.totp_since,
            wanted: row.totp_begun > 0 && row.totp_since.is_none() && row.passkeys == 0,
            passkeys: row.passkeys,
            recovery_left: row.recovery_left,
        })
    }

    /// The factor of someone whose first factor was right, by the ticket for that.
    pub(super) async fn prepare_second(
        &self,
        ctx: &Ctx,
        (subject, ticket): (Subject, Uuid),
        factor: &SecondFactor,
    ) -> Result<Prepared, IdentityError> {
        match factor {
            SecondFactor::Code(code) => self.prepare(ctx, subject, code).await,
            SecondFactor::Passkey(answer) => {
                let purpose = Purpose::Second(subject.user, ticket);
                self.prepare_passkey(ctx, subject, (purpose, answer)).await
            }
        }
    }

    pub(super) async fn prepare(
        &self,
        ctx: &Ctx,
        subject: Subject,
        code: &TypedCode,
    ) -> Result<Prepared, IdentityError> {
        match code {
            TypedCode::Recovery(code) => Ok(Prepared::Recovery(code.hash(subject))),
            TypedCode::Totp(code) => self.prepare_totp(subject, code, ctx.now()).await,
        }
    }

    async fn prepare_totp(
        &self,
        subject: Subject,
        code: &TotpCode,
        now: Timestamp,
    ) -> Result<Prepared, IdentityError> {
        let Some(row) = store::totp(&self.0.db, subject).await? else {
            return Ok(Prepared::Totp { id: Uuid::nil(), steps: Vec::new() });
        };
        let secret = self.open_totp(subject, row.id, row.secret).await?;
        Ok(Prepared::Totp { id: row.id, steps: secret.steps(code, now) })
    }

    pub(super) async fn open_totp(
        &self,
        subject: Subject,
        id: Uuid,
        sealed: Vec<u8>,
    ) -> Result<TotpSecret, IdentityError> {
        let keys = self.0.vault.keyring(subject).await?;
        let plain = keys.open(&TOTP_SECRET, id, &Sealed::from_bytes(sealed))?;
        // EXPOSE: it stays wrapped.
        Ok(TotpSecret::from_bytes(Secret::new(plain.expose().clone())))
    }

    /// Counts a try at this factor before it is judged. A passkey cannot be guessed at.
    pub(super) async fn try_second(
        &self,
        ctx: &Ctx,
        subject: Subject,
        kind: FactorKind,
    ) -> Result<Option<Try>, IdentityError> {
        let factor = match kind {
            FactorKind::Passkey => return Ok(None),
            FactorKind::Totp => Factor::Totp,
            FactorKind::RecoveryCode => Factor::RecoveryCode,
        };
        let user = subject.user.as_uuid();
        match self.try_factor(ctx, factor, user.as_bytes(), None).await {
            Ok(tried) => Ok(Some(tried)),
            Err(IdentityError::TooManyAttempts(wait)) => {
                Err(IdentityError::FactorClosed(kind, wait))
            }
            Err(error) => Err(error),
        }
    }

    /// Uses the factor up; says why not, if it is wrong.
    pub(super) async fn judge(
        &self,
        tx: &mut Tx,
        (ctx, subject): (&Ctx, Subject),
        factor: &Prepared,
    ) -> Result<Option<IdentityError>, IdentityError> {
        let right = match factor {
            Prepared::Totp { id, steps } => take_a_step(tx, subject, *id, steps).await?,
            Prepared::Recovery(hash) => {
                let right = store::take_recovery(tx, subject, *hash, ctx.now()).await?;
                if right {
                    self.tell_of_change(tx, ctx, subject, Change::RecoveryCodeUsed)?;
                }
                right
            }
            Prepared::Passkey(signed) => {
                return self.use_passkey(tx, (ctx, subject), signed).await;
            }
        };
        Ok((!right).then(|| IdentityError::FactorWrong(factor.kind())))
    }
}

/// Says of a try what came of it: `Ok(Err(_))` stands for a wrong factor.
pub(super) async fn settle<T>(
    tried: Option<Try>,
    outcome: &Result<Result<T, IdentityError>, IdentityError>,
) {
    let Some(tried) = tried else { return };
    match outcome {
        Ok(Ok(_)) => tried.right().await,
        // It stays counted.
        Ok(Err(_)) => drop(tried),
        Err(_) => tried.unjudged().await,
    }
}

async fn take_a_step(
    tx: &mut Tx,
    subject: Subject,
    id: Uuid,
    steps: &[i64],
) -> Result<bool, IdentityError> {
    for step in steps {
        if store::take_step(tx, subject, id, *step).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
