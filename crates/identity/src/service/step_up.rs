//! Showing again that it is you, for something delicate (the "health token" of seed 002).
//!
//! Who has a second factor proves it with that; who has none, with the password. So everyone can
//! reach their own data, and nobody is asked for less than they have: a password alone never
//! stands in for a second factor. What comes of it says how surely and when the person was
//! recognised, and routes ask for that (RFC 9470).
//!
//! A log-in with a cookie gets a new secret. One with tokens gets one more access token, for ten
//! minutes; the log-in itself stays as it was, so that neither its other tokens nor those that
//! are refreshed inherit anything.

use super::{
    Identity,
    account::confirm_code,
    second::{Prepared, settle},
    sessions::caller,
    tries::Try,
};
use crate::{
    actions::STEPPED_UP,
    error::IdentityError,
    factors::{FactorKind, Factors, TypedCode},
    passkeys::{PasskeyAnswer, Purpose},
    password::Password,
    store::factors::{self as store, OpenSessionRow, Raised},
    ticket::{Ticket, TicketKind},
    token::Grant,
};
use audit::{Action, Event};
use db::run_tx;
use httpkit::step_up::{FRESH, StepUp, require_acr};
use kernel::{Acr, Coded, Ctx, RoleSet, Secret, Subject, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// How a person shows that it is them.
pub enum Proof {
    /// By the password.
    Password(Password),
    /// By a code.
    Code(TypedCode),
    /// By a passkey.
    Passkey(PasskeyAnswer),
}

impl Proof {
    /// Which second factor it is, if it is one.
    pub(super) const fn kind(&self) -> Option<FactorKind> {
        match self {
            Self::Password(_) => None,
            Self::Code(code) => Some(code.kind()),
            Self::Passkey(_) => Some(FactorKind::Passkey),
        }
    }
}

/// A proof, as far as it can be judged without changing anything.
pub(super) enum Given {
    /// The password is right.
    Password,
    /// A second factor that is still to be used up, and the try that was counted for it.
    Second(Prepared, Option<Try>),
    /// A provider has recognised the person again.
    Provider,
}

impl Given {
    /// What came of it is counted.
    pub(super) async fn settle<T>(self, outcome: &Result<Result<T, IdentityError>, IdentityError>) {
        if let Self::Second(_, tried) = self {
            settle(tried, outcome).await;
        }
    }

    /// Which passkey it is, if it is one.
    pub(super) const fn passkey(&self) -> Option<Uuid> {
        match self {
            Self::Second(Prepared::Passkey(signed), _) => Some(signed.id),
            Self::Second(..) | Self::Password | Self::Provider => None,
        }
    }

    const fn acr(&self) -> Acr {
        match self {
            Self::Password | Self::Provider => Acr::Single,
            Self::Second(..) => Acr::Mfa,
        }
    }

    const fn amr(&self) -> &'static str {
        match self {
            Self::Password => super::opening::PASSWORD,
            Self::Provider => super::providers::AMR,
            Self::Second(factor, _) => factor.kind().amr(),
        }
    }
}

/// It is them.
pub struct SteppedUp {
    /// How surely they were recognised.
    pub acr: Acr,
    /// When.
    pub auth_at: Timestamp,
    /// How long that counts.
    pub expires_in: Duration,
    /// What to show from now on.
    pub shown: StepUpCredential,
}

/// What to show from now on.
pub enum StepUpCredential {
    /// One more access token.
    Token(Secret<String>),
    /// A cookie in place of the one before.
    Cookie {
        /// Its value.
        value: Secret<String>,
        /// How long the log-in lasts at most.
        max_age: Duration,
    },
}

/// The same before the transaction.
enum Raise {
    Token(Secret<String>),
    Cookie(Ticket),
}

impl Identity {
    /// The person shows again that it is them.
    pub async fn step_up(&self, ctx: &Ctx, proof: &Proof) -> Result<SteppedUp, IdentityError> {
        let factors = self.factors_of(caller(ctx)?.subject).await?;
        match self.strong_enough(ctx, &factors, proof).await {
            Ok(given) => self.raise_by(ctx, given).await,
            Err(error) => Err(self.refused(ctx, &STEPPED_UP, error).await?),
        }
    }

    /// The same once it is known what was given.
    pub(super) async fn raise_by(
        &self,
        ctx: &Ctx,
        given: Given,
    ) -> Result<SteppedUp, IdentityError> {
        let person = caller(ctx)?;
        let (subject, session) = (person.subject, person.session);
        let row = store::open_session(&self.0.db, subject, session.as_uuid()).await?;
        let row = row.ok_or(IdentityError::SessionEnded)?;
        let amr = with_amr(&row.amr, given.amr());
        let raise = self.raise(ctx, &row, (given.acr(), &amr)).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let outcome = run_tx!(self.0.db, "identity.step_up", |tx| {
            let event = Event::new(&STEPPED_UP, subject).resource(session);
            if let Some(refused) = self.judge_given(tx, ctx, &given).await? {
                self.0.ledger.record(tx, ctx, &keys, &event.denied(refused.code()))?;
                return Ok(Err(refused));
            }
            if let Raise::Cookie(ticket) = &raise {
                let (secret_hash, acr, auth_at) = (ticket.hash(), given.acr().name(), ctx.now());
                let raised = Raised { secret_hash, acr, amr: &amr, auth_at };
                if !store::step_up_cookie(tx, subject, session.as_uuid(), &raised).await? {
                    return Err(IdentityError::SessionEnded);
                }
            }
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, IdentityError>(Ok(()))
        });
        let acr = given.acr();
        given.settle(&outcome).await;
        self.0.live.changed(subject);
        outcome??;
        let shown = match raise {
            Raise::Token(token) => StepUpCredential::Token(token),
            Raise::Cookie(ticket) => StepUpCredential::Cookie {
                value: ticket.text(TicketKind::Cookie),
                max_age: row.expires_at.since(ctx.now()),
            },
        };
        Ok(SteppedUp { acr, auth_at: ctx.now(), expires_in: FRESH, shown })
    }

    /// The proof, if it is one of the surest that the person has.
    async fn strong_enough(
        &self,
        ctx: &Ctx,
        factors: &Factors,
        proof: &Proof,
    ) -> Result<Given, IdentityError> {
        if factors.any() && proof.kind().is_none() {
            return Err(StepUp::needed(Acr::Mfa, FRESH).into());
        }
        self.given(ctx, proof).await
    }

    /// Judges a password; a second factor is judged later, in the transaction.
    pub(super) async fn given(&self, ctx: &Ctx, proof: &Proof) -> Result<Given, IdentityError> {
        let subject = caller(ctx)?.subject;
        match proof {
            Proof::Password(password) => {
                self.confirm(ctx, subject, password).await?;
                Ok(Given::Password)
            }
            Proof::Code(code) => {
                let factor = self.prepare(ctx, subject, code).await?;
                let tried = self.try_second(ctx, subject, factor.kind()).await?;
                Ok(Given::Second(factor, tried))
            }
            Proof::Passkey(answer) => {
                let purpose = Purpose::Confirm(subject.user, caller(ctx)?.session);
                let factor = self.prepare_passkey(ctx, subject, (purpose, answer)).await?;
                Ok(Given::Second(factor, None))
            }
        }
    }

    /// Records that it was refused, where that says something about the person.
    pub(super) async fn refused(
        &self,
        ctx: &Ctx,
        action: &'static Action,
        error: IdentityError,
    ) -> Result<IdentityError, IdentityError> {
        self.refused_of(ctx, (caller(ctx)?.subject, action), error).await
    }

    /// The same of someone who is not logged in yet.
    pub(super) async fn refused_of(
        &self,
        ctx: &Ctx,
        (subject, action): (Subject, &'static Action),
        error: IdentityError,
    ) -> Result<IdentityError, IdentityError> {
        if let Some(code) = confirm_code(&error) {
            let keys = self.0.ledger.keys(ctx, subject).await?;
            self.0.ledger.record_now(ctx, &keys, &Event::new(action, subject).denied(code)).await?;
        }
        Ok(error)
    }

    /// What the log-in is given once the proof has held. Made before the transaction.
    async fn raise(
        &self,
        ctx: &Ctx,
        row: &OpenSessionRow,
        (acr, amr): (Acr, &str),
    ) -> Result<Raise, IdentityError> {
        let person = caller(ctx)?;
        let (subject, session) = (person.subject, person.session.as_uuid());
        if row.secret_hash.is_some() {
            return Ok(Raise::Cookie(Ticket::new(ctx.env(), subject, session)));
        }
        let token = store::live_token(&self.0.db, subject, session).await?;
        let token = token.ok_or(IdentityError::SessionEnded)?;
        // The request itself may have been without some of them.
        let account = crate::store::account(&self.0.db, subject).await?;
        let roles = account.map_or(person.roles, |row| RoleSet::from_bits(row.roles));
        let auth_at = ctx.now();
        let session = person.session;
        let grant = Grant { subject, session, token, acr, amr, auth_at, roles };
        let keys = self.0.tokens.keys().await?;
        Ok(Raise::Token(self.0.tokens.sign_for(&keys, &grant, (ctx.now(), FRESH))?))
    }

    /// Holds if the person has just shown who they are, with two factors if they have them.
    pub(super) async fn fresh(&self, ctx: &Ctx) -> Result<Factors, IdentityError> {
        let factors = self.factors_of(caller(ctx)?.subject).await?;
        let acr = if factors.any() { Acr::Mfa } else { Acr::Single };
        require_acr(ctx, acr, FRESH)?;
        Ok(factors)
    }
}

/// How someone was recognised, and one more way.
fn with_amr(amr: &str, more: &str) -> String {
    let mut words: Vec<&str> = amr.split(' ').collect();
    let new: Vec<&str> = more.split(' ').filter(|word| !words.contains(word)).collect();
    words.extend(new);
    words.join(" ")
}
