//! Opening a person's emergency data with a token.

use super::{
    EMERGENCY_OPENED, EMERGENCY_TOPIC, Emergency, EmergencyNotice,
    model::{Classes, Form, Token},
    store,
};
use crate::{access::Access, error::ConsentError, model::Action};
use audit::Event;
use db::{Tx, outbox, run_tx};
use kernel::{
    Acr, Coded, Ctx, ErrorCode, Purpose, Role, Secret, Subject, Timestamp, UserId, common,
};

/// What a token opened.
#[derive(Debug)]
pub struct EmergencyGrant {
    /// For the stores; for reading, and for this person only.
    pub access: Access,
    /// What may be read: nothing else, whatever the stores would give.
    pub classes: Classes,
}

/// What a token could open, as whoever holds it may know.
pub struct Look {
    /// A card or an override.
    pub form: Form,
    /// Whose data.
    pub user: UserId,
    /// What it opens.
    pub classes: Classes,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What a token could open at this moment, and until when.
struct Standing {
    classes: Classes,
    expires_at: Timestamp,
}

impl Emergency {
    /// Opens these classes of this person's data to whoever shows this token. The use is in the
    /// ledger, and the notice to the person on its way, before this answers; if that fails,
    /// nothing is opened. Every refusal looks the same.
    pub async fn open(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
        whose: UserId,
        wanted: Classes,
    ) -> Result<EmergencyGrant, ConsentError> {
        let token = Token::parse(token).filter(|token| token.subject.user == whose);
        let token = token.ok_or(ConsentError::EmergencyToken)?;
        let classes = match self.standing(ctx, &token).await {
            Ok(standing) => standing.classes.and(wanted),
            Err(error) => {
                if matches!(error, ConsentError::AwaitsApproval) {
                    self.refuse(ctx, &token, error.code()).await?;
                }
                return Err(error);
            }
        };
        if classes.is_empty() {
            self.refuse(ctx, &token, &common::NOT_FOUND).await?;
            return Err(ConsentError::NotYours);
        }
        self.record_use(ctx, &token, classes).await?;
        let access = Access::grant(Action::Read, Purpose::Emergency, token.subject);
        Ok(EmergencyGrant { access, classes })
    }

    /// What a token can open now. Nobody learns whether it ever could.
    pub async fn look(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Look, ConsentError> {
        let token = Token::parse(token).ok_or(ConsentError::EmergencyToken)?;
        let Standing { classes, expires_at } = self.standing(ctx, &token).await?;
        let Token { form, subject, .. } = token;
        Ok(Look { form, user: subject.user, classes, expires_at })
    }

    async fn standing(&self, ctx: &Ctx, token: &Token) -> Result<Standing, ConsentError> {
        let (db, now) = (self.consents.db(), ctx.now());
        let place = (token.subject, token.id);
        match token.form {
            Form::Card => {
                let row = store::card(db, place, now).await?;
                let row = row.filter(|row| token.matches(&row.secret_hash));
                let row = row.ok_or(ConsentError::EmergencyToken)?;
                let classes = Classes::from_bits(row.scope).and(Classes::open_to(Form::Card));
                Ok(Standing { classes, expires_at: row.expires_at })
            }
            Form::Override => {
                let row = store::find(db, place).await?;
                let row = row.filter(|row| token.matches(&row.secret_hash));
                let row = row.filter(|row| row.expires_at > now);
                let row = row.ok_or(ConsentError::EmergencyToken)?;
                // A token that was passed on is worth nothing to anybody else.
                if !is_helper(ctx, UserId::from_uuid(row.responder_id)) {
                    return Err(ConsentError::EmergencyToken);
                }
                if row.pending {
                    return Err(ConsentError::AwaitsApproval);
                }
                let classes = Classes::open_to(Form::Override);
                Ok(Standing { classes, expires_at: row.expires_at })
            }
        }
    }

    async fn record_use(
        &self,
        ctx: &Ctx,
        token: &Token,
        classes: Classes,
    ) -> Result<(), ConsentError> {
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let ledger = self.consents.ledger();
        let keys = ledger.keys(&ctx, token.subject).await?;
        let event = event(token).detail("classes", classes.names());
        run_tx!(self.consents.db(), "emergency.open", |tx| {
            // Between the look and now it may have been used up or taken back.
            if !used(tx, token, ctx.now()).await? {
                return Err(ConsentError::EmergencyToken);
            }
            outbox::publish(tx, ctx.env(), EMERGENCY_TOPIC, &notice(token, true))?;
            ledger.record(tx, &ctx, &keys, &event)?;
            Ok(())
        })
    }

    async fn refuse(
        &self,
        ctx: &Ctx,
        token: &Token,
        code: &'static ErrorCode,
    ) -> Result<(), ConsentError> {
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let ledger = self.consents.ledger();
        let keys = ledger.keys(&ctx, token.subject).await?;
        ledger.record_now(&ctx, &keys, &event(token).denied(code)).await?;
        Ok(())
    }
}

fn event(token: &Token) -> Event {
    Event::new(&EMERGENCY_OPENED, token.subject)
        .resource(token.id)
        .detail("break_glass", "true")
        .detail("form", token.form.name())
}

pub(super) fn notice(token: &Token, opened: bool) -> EmergencyNotice {
    let Subject { tenant, user, .. } = token.subject;
    EmergencyNotice { tenant, user, grant: token.id, form: token.form, opened }
}

async fn used(tx: &mut Tx, token: &Token, now: Timestamp) -> Result<bool, ConsentError> {
    let place = (token.subject, token.id);
    Ok(match token.form {
        Form::Card => store::use_card(tx, place, now).await?,
        Form::Override => store::use_override(tx, place, now).await?,
    })
}

/// Whether this responder asks, still has the role for it, and was recognised by two factors.
fn is_helper(ctx: &Ctx, responder: UserId) -> bool {
    ctx.person().is_ok_and(|person| {
        person.subject.user == responder && person.acr >= Acr::Mfa && helps(person.roles)
    })
}

pub(super) fn helps(roles: kernel::RoleSet) -> bool {
    roles.contains(Role::CrisisResponder) || roles.contains(Role::Provider)
}
