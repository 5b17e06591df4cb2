//! Overrides: a responder opens one person's emergency data without having been asked to.

use super::{
    EMERGENCY_TOPIC, Emergency, OVERRIDE_APPROVED, OVERRIDE_MADE, REASON,
    model::{
        COOLING, Form, OVERRIDE_LIFE, REASON as LETTERS, REVIEW_WITHIN, ReasonCode, STEP_UP, Token,
    },
    opening::{helps, notice},
    store::{self, OverrideRow, Turn},
};
use crate::error::ConsentError;
use audit::Event;
use db::{TxSpec, outbox, run_tx};
use httpkit::require_acr;
use kernel::{Acr, Coded, Ctx, Person, Phi, Purpose, Secret, Subject, Timestamp, UserId};
use uuid::Uuid;

/// An override to be made.
pub struct NewOverride {
    /// Whose data.
    pub patient: UserId,
    /// Why, as one of the reasons there are.
    pub code: ReasonCode,
    /// Why, in words.
    pub reason: Phi<String>,
}

/// An override that was made.
pub struct OpenedOverride {
    /// Names it.
    pub id: Uuid,
    /// Opens the data, for the one who made it.
    pub token: Secret<String>,
    /// Whether a second person has to approve it first.
    pub pending: bool,
    /// When it ends.
    pub expires_at: Timestamp,
    /// By when somebody has to have reviewed it.
    pub review_due_at: Timestamp,
}

/// The responder who asks, freshly recognised by two factors.
fn helper(ctx: &Ctx) -> Result<&Person, ConsentError> {
    let person = ctx.person().map_err(|_| ConsentError::NotLoggedIn)?;
    if !helps(person.roles) {
        return Err(ConsentError::Forbidden);
    }
    require_acr(ctx, Acr::Mfa, STEP_UP)?;
    Ok(person)
}

impl Emergency {
    /// Opens one person's emergency data to the responder who asks, for an hour. After three in a
    /// day a second person has to approve; with an overdue review there is none.
    pub async fn make_override(
        &self,
        ctx: &Ctx,
        new: &NewOverride,
    ) -> Result<OpenedOverride, ConsentError> {
        let responder = helper(ctx)?.subject;
        // EXPOSE: its letters are counted, and it is sealed.
        let reason = new.reason.expose().trim();
        if !LETTERS.contains(&reason.chars().count()) {
            return Err(ConsentError::Invalid("reason: 10 to 2000 letters"));
        }
        let subject = Subject::new(responder.tenant, new.patient);
        if subject == responder || !self.consents.knows(subject).await? {
            return Err(ConsentError::NotYours);
        }
        let token = Token::new(ctx.env(), Form::Override, subject, ctx.new_id());
        let sealed =
            self.vault.keyring(subject).await?.seal(&REASON, token.id, reason.as_bytes())?;
        let now = ctx.now();
        let row = OverrideRow {
            user_id: subject.user.as_uuid(),
            id: token.id,
            responder_id: responder.user.as_uuid(),
            secret_hash: token.hash(),
            reason_code: new.code.name().to_owned(),
            reason: Vec::new(),
            created_at: now,
            expires_at: now.plus(OVERRIDE_LIFE),
            pending: false,
            uses: 0,
            review_due_at: now.plus(REVIEW_WITHIN),
            reviewed_at: None,
        };
        let made = self.store_override(ctx, (responder, &token), &row, &sealed).await;
        if let Err(error @ ConsentError::ReviewOverdue) = &made {
            let ledger = self.consents.ledger();
            let keys = ledger.keys(ctx, responder).await?;
            let event = Event::new(&OVERRIDE_MADE, responder).denied(error.code());
            ledger.record_now(ctx, &keys, &event).await?;
        }
        let pending = made?;
        Ok(OpenedOverride {
            id: token.id,
            token: token.text(),
            pending,
            expires_at: row.expires_at,
            review_due_at: row.review_due_at,
        })
    }

    async fn store_override(
        &self,
        ctx: &Ctx,
        (responder, token): (Subject, &Token),
        row: &OverrideRow,
        reason: &vault::Sealed,
    ) -> Result<bool, ConsentError> {
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let ledger = self.consents.ledger();
        let keys = ledger.keys(&ctx, token.subject).await?;
        let since = ctx.now().minus(COOLING);
        run_tx!(self.consents.db(), TxSpec::queue("emergency.override"), |tx| {
            let pending = match store::take_turn(tx, responder, (since, ctx.now())).await? {
                Turn::ReviewFirst => return Err(ConsentError::ReviewOverdue),
                Turn::WithApproval => true,
                Turn::Alone => false,
            };
            store::add_override(tx, token, (row, pending), reason);
            outbox::publish(tx, ctx.env(), EMERGENCY_TOPIC, &notice(token, false))?;
            let event = Event::new(&OVERRIDE_MADE, token.subject)
                .resource(token.id)
                .detail("break_glass", "true")
                .detail("reason_code", row.reason_code.clone())
                .detail("pending", pending.to_string());
            ledger.record(tx, &ctx, &keys, &event)?;
            Ok(pending)
        })
    }

    /// A second person lets another responder's override begin; its hour starts now.
    pub async fn approve_override(&self, ctx: &Ctx, id: Uuid) -> Result<(), ConsentError> {
        let approver = helper(ctx)?.subject;
        let row = store::by_id(self.consents.db(), approver.tenant, id).await?;
        let row = row.ok_or(ConsentError::NotYours)?;
        if row.responder_id == approver.user.as_uuid() {
            return Err(ConsentError::Forbidden);
        }
        let subject = Subject::new(approver.tenant, UserId::from_uuid(row.user_id));
        let ctx = ctx.clone().for_purpose(Purpose::Emergency);
        let ledger = self.consents.ledger();
        let keys = ledger.keys(&ctx, subject).await?;
        let now = ctx.now();
        run_tx!(self.consents.db(), "emergency.approve", |tx| {
            let times = (now.plus(OVERRIDE_LIFE), now);
            if !store::approve(tx, (subject, id), approver, times).await? {
                return Err(ConsentError::NotYours);
            }
            let event = Event::new(&OVERRIDE_APPROVED, subject).resource(id);
            ledger.record(tx, &ctx, &keys, &event.detail("break_glass", "true"))?;
            Ok(())
        })
    }
}
