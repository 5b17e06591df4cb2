//! From a first factor that was right to a log-in: at once, or after a second factor.
//!
//! Every way in ends here, so that no way in goes past the second factor.

use super::{
    Identity, as_person,
    devices::DeviceId,
    login::admit,
    opening::{Login, Opening},
    second::{Prepared, SecondFactor, settle},
    tries::Try,
};
use crate::{
    actions::{ACCOUNT_REOPENED, FACTOR_ASKED, LOGGED_IN},
    error::IdentityError,
    factors::{FactorKind, Factors, TypedCode},
    label::Challenge,
    model::{SessionKind, Status},
    passkeys::PasskeyChallenge,
    password::StoredHash,
    store::{
        self, factors as factor_store,
        factors::TicketRow,
        vouched::{self, NewVouched},
    },
    ticket::{Ticket, TicketKind},
};
use audit::{Event, Keys};
use db::{Tx, run_tx};
use kernel::{Acr, Coded, Ctx, RoleSet, Secret, Subject};
use std::time::Duration;
use uuid::Uuid;

/// How long someone has to find their telephone.
const TICKET_LIFE: Duration = Duration::from_mins(5);

/// What came of a first factor that was right.
pub enum Entered {
    /// They are in.
    LoggedIn(Box<Login>),
    /// A second factor is needed.
    FactorNeeded(FactorNeeded),
}

/// A second factor is needed; [`Identity::log_in_with_factor`] takes it.
pub struct FactorNeeded {
    /// Stands for the first factor; good for one log-in.
    pub ticket: Secret<String>,
    /// How long it is good for.
    pub expires_in: Duration,
    /// What can be asked for, the best first and the last resort last.
    pub kinds: Vec<FactorKind>,
    /// The question for a passkey, if they have one.
    pub passkey: Option<PasskeyChallenge>,
}

/// Someone whose first factor was right.
pub(super) struct First {
    pub(super) subject: Subject,
    pub(super) kind: SessionKind,
    pub(super) restore: bool,
    /// How they were recognised so far.
    pub(super) amr: String,
    /// A better hash of the password that they typed.
    pub(super) stronger: Option<StoredHash>,
    /// The device, if they were logged in on it before.
    pub(super) device: Option<DeviceId>,
    /// The challenge that they signed; it is used up.
    pub(super) challenge: Option<Challenge>,
    /// What is kept of a provider that vouched for them.
    pub(super) vouched: Option<NewVouched>,
}

/// What they bring besides.
pub(super) struct Second {
    pub(super) factor: Prepared,
    /// The ticket that stood for the first factor.
    pub(super) ticket: Option<Uuid>,
}

impl Identity {
    /// The first factor was right: they are in if there is no second one or it came along.
    pub(super) async fn pass(
        &self,
        ctx: &Ctx,
        first: First,
        code: Option<&TypedCode>,
    ) -> Result<Entered, IdentityError> {
        let account = store::account(&self.0.db, first.subject).await?;
        admit(ctx, &account.ok_or(IdentityError::LoginFailed)?, first.restore)?;
        let factors = self.factors_of(first.subject).await?;
        let second = match code {
            _ if !factors.any() => None,
            None => return self.ask(ctx, &first, &factors).await.map(Entered::FactorNeeded),
            Some(code) => {
                let factor = self.prepare(ctx, first.subject, code).await?;
                Some(Second { factor, ticket: None })
            }
        };
        let login = self.open(ctx, &first, second.as_ref()).await?;
        Ok(Entered::LoggedIn(Box::new(login)))
    }

    async fn ask(
        &self,
        ctx: &Ctx,
        first: &First,
        factors: &Factors,
    ) -> Result<FactorNeeded, IdentityError> {
        let subject = first.subject;
        let ticket = Ticket::new(ctx.env(), subject, ctx.new_id::<Uuid>());
        let row = TicketRow {
            secret_hash: ticket.hash(),
            amr: first.amr.clone(),
            with_cookie: first.kind == SessionKind::Cookie,
            restore: first.restore,
            expires_at: ctx.now().plus(TICKET_LIFE),
        };
        let passkey = self.ask_for_second(ctx, subject, ticket.id).await?;
        let mut kinds = factors.kinds();
        kinds.retain(|kind| passkey.is_some() || *kind != FactorKind::Passkey);
        let keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.ask_for_factor", |tx| {
            factor_store::add_ticket(tx, subject, ticket.id, &row);
            if let Some(new) = &first.vouched {
                vouched::add(tx, subject, new, (ticket.id, row.expires_at));
            }
            if let Some(hash) = &first.stronger {
                store::put_password(tx, subject, hash, ctx.now());
            }
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&FACTOR_ASKED, subject))?;
            Ok::<_, IdentityError>(())
        })?;
        let text = ticket.text(TicketKind::Login);
        Ok(FactorNeeded { ticket: text, expires_in: TICKET_LIFE, kinds, passkey })
    }

    /// Goes on with a log-in whose first factor was right a moment ago.
    pub async fn log_in_with_factor(
        &self,
        ctx: &Ctx,
        ticket: &Secret<String>,
        factor: &SecondFactor,
    ) -> Result<Login, IdentityError> {
        let ticket =
            Ticket::parse(TicketKind::Login, ticket).ok_or(IdentityError::TicketInvalid)?;
        let subject = ticket.subject;
        let row = factor_store::ticket(&self.0.db, subject, ticket.id).await?;
        let row = row.filter(|row| ticket.matches(&row.secret_hash) && row.expires_at > ctx.now());
        let row = row.ok_or(IdentityError::TicketInvalid)?;
        let kind = if row.with_cookie { SessionKind::Cookie } else { SessionKind::Tokens };
        let TicketRow { restore, amr, .. } = row;
        let first = First {
            subject,
            kind,
            restore,
            amr,
            stronger: None,
            device: None,
            challenge: None,
            vouched: None,
        };
        let factor = match self.prepare_second(ctx, (subject, ticket.id), factor).await {
            Ok(factor) => factor,
            Err(error) => return Err(self.refused_of(ctx, (subject, &LOGGED_IN), error).await?),
        };
        self.open(ctx, &first, Some(&Second { factor, ticket: Some(ticket.id) })).await
    }

    /// Logs in, unless the second factor is wrong.
    pub(super) async fn open(
        &self,
        ctx: &Ctx,
        first: &First,
        second: Option<&Second>,
    ) -> Result<Login, IdentityError> {
        let subject = first.subject;
        let account = store::account(&self.0.db, subject).await?;
        let account = account.ok_or(IdentityError::LoginFailed)?;
        admit(ctx, &account, first.restore)?;
        let keys = self.0.vault.keyring(subject).await?;
        let opening = self.opening(ctx, &keys, first.kind).await?;
        let opening = match second {
            Some(second) => {
                let amr = format!("{} {}", first.amr, second.factor.kind().amr());
                opening.proven(Acr::Mfa, amr.trim_start().to_owned())
            }
            None => opening.proven(Acr::Single, first.amr.clone()),
        };
        let whose = (subject, opening.session);
        let person = as_person(ctx, whose, RoleSet::from_bits(account.roles), ctx.now());
        let keys =
            (self.0.ledger.keys(ctx, subject).await?, self.0.ledger.keys(&person, subject).await?);
        let tried = match second {
            Some(second) => self.try_to_enter(ctx, subject, (second, &keys.0)).await?,
            None => None,
        };
        let outcome = run_tx!(self.0.db, "identity.log_in", |tx| {
            if let Some(second) = second
                && let Some(refused) =
                    self.refuse_second(tx, (ctx, &keys.0), subject, second).await?
            {
                return Ok(Err(refused));
            }
            let roles = self.enter_tx(tx, (&person, &keys.1), (first, &opening)).await?;
            if let Some(ticket) = second.and_then(|second| second.ticket) {
                vouched::settle(tx, subject, ticket, opening.whole(&self.0, roles));
            }
            let event = Event::new(&LOGGED_IN, subject).resource(opening.session);
            self.0.ledger.record(tx, &person, &keys.1, &event)?;
            Ok::<_, IdentityError>(Ok(roles))
        });
        settle(tried, &outcome).await;
        let mut login = self.login_of(&opening, outcome??).await?;
        login.device = Some(self.remember_device(&person, subject, first.device).await?);
        Ok(login)
    }

    /// Counts a try; one that is too many is recorded.
    async fn try_to_enter(
        &self,
        ctx: &Ctx,
        subject: Subject,
        (second, keys): (&Second, &Keys),
    ) -> Result<Option<Try>, IdentityError> {
        let tried = self.try_second(ctx, subject, second.factor.kind()).await;
        if let Err(refused @ IdentityError::FactorClosed(..)) = &tried {
            let event = Event::new(&LOGGED_IN, subject).denied(refused.code());
            self.0.ledger.record_now(ctx, keys, &event).await?;
        }
        tried
    }

    /// Uses the second factor and the ticket up; says why not, if they are not good.
    async fn refuse_second(
        &self,
        tx: &mut Tx,
        (ctx, keys): (&Ctx, &Keys),
        subject: Subject,
        second: &Second,
    ) -> Result<Option<IdentityError>, IdentityError> {
        if let Some(refused) = self.judge(tx, (ctx, subject), &second.factor).await? {
            let event = Event::new(&LOGGED_IN, subject).denied(refused.code());
            self.0.ledger.record(tx, ctx, keys, &event)?;
            return Ok(Some(refused));
        }
        match second.ticket {
            Some(ticket) if !factor_store::take_ticket(tx, subject, ticket).await? => {
                Err(IdentityError::TicketInvalid)
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Writes the log-in down; answers the roles.
    async fn enter_tx(
        &self,
        tx: &mut Tx,
        (ctx, keys): (&Ctx, &Keys),
        (first, opening): (&First, &Opening),
    ) -> Result<RoleSet, IdentityError> {
        let account = store::lock_account(tx, opening.subject).await?;
        let account = account.ok_or(IdentityError::LoginFailed)?;
        if admit(ctx, &account, first.restore)? {
            store::set_status(tx, opening.subject, Status::Active, None);
            let event = Event::new(&ACCOUNT_REOPENED, opening.subject);
            self.0.ledger.record(tx, ctx, keys, &event)?;
        }
        if let Some(challenge) = &first.challenge
            && !store::use_challenge(tx, challenge.nonce, challenge.until).await?
        {
            return Err(IdentityError::LabelProof);
        }
        if let Some(hash) = &first.stronger {
            store::put_password(tx, opening.subject, hash, ctx.now());
        }
        let roles = RoleSet::from_bits(account.roles);
        opening.store(tx, &self.0, roles)?;
        if let Some(new) = &first.vouched {
            vouched::add(tx, opening.subject, new, opening.whole(&self.0, roles));
        }
        Ok(roles)
    }
}
