//! What follows an override: somebody else reviews it, and the person sees who it was and why.

use super::{
    Emergency, OVERRIDE_REVIEWED, REASON, REVIEWS_LISTED, USES_LISTED,
    model::ReasonCode,
    store::{self, OverrideRow},
};
use crate::error::ConsentError;
use audit::Event;
use db::{DbError, run_tx};
use kernel::{Ctx, Cursor, Page, PageSize, Person, Phi, Role, Subject, Timestamp, UserId};
use uuid::Uuid;
use vault::Sealed;

/// An override that nobody has reviewed. Says nothing of the person's health: the reason in words
/// is not among it.
pub struct OpenReview {
    /// The override.
    pub id: Uuid,
    /// Who made it.
    pub responder: UserId,
    /// Whose data it was about.
    pub patient: UserId,
    /// Why.
    pub code: ReasonCode,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often data was opened with it.
    pub uses: u32,
    /// By when it has to be reviewed.
    pub due_at: Timestamp,
}

/// An override, as the person sees it whose data it was about.
pub struct EmergencyUse {
    /// The override.
    pub id: Uuid,
    /// Who made it.
    pub responder: UserId,
    /// Why.
    pub code: ReasonCode,
    /// Why, in the responder's words.
    pub reason: Phi<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended or will end.
    pub expires_at: Timestamp,
    /// How often data was opened with it.
    pub uses: u32,
    /// When somebody looked at whether it was justified.
    pub reviewed_at: Option<Timestamp>,
}

fn overseer(ctx: &Ctx) -> Result<&Person, ConsentError> {
    let person = ctx.person().map_err(|_| ConsentError::NotLoggedIn)?;
    let may = person.roles.contains(Role::Admin) || person.roles.contains(Role::Auditor);
    if may { Ok(person) } else { Err(ConsentError::Forbidden) }
}

fn code_of(row: &OverrideRow) -> Result<ReasonCode, ConsentError> {
    ReasonCode::from_name(&row.reason_code).ok_or(DbError::Column("reason_code").into())
}

fn place(row: &OverrideRow) -> Cursor {
    Cursor { at: row.created_at, id: row.id }
}

impl Emergency {
    /// What nobody has reviewed yet, newest first.
    pub async fn open_reviews(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<OpenReview>, ConsentError> {
        let tenant = overseer(ctx)?.subject.tenant;
        let after = after.unwrap_or(Cursor::NEWEST);
        let rows = store::to_review(self.consents.db(), tenant, after, size).await?;
        let page = Page::from_rows(rows, size, place);
        let mut items = Vec::new();
        for row in &page.items {
            items.push(OpenReview {
                id: row.id,
                responder: UserId::from_uuid(row.responder_id),
                patient: UserId::from_uuid(row.user_id),
                code: code_of(row)?,
                created_at: row.created_at,
                uses: row.uses,
                due_at: row.review_due_at,
            });
        }
        let whole = Subject::tenant_itself(tenant);
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, whole).await?;
        ledger.record_now(ctx, &keys, &Event::new(&REVIEWS_LISTED, whole)).await?;
        Ok(Page { items, next: page.next })
    }

    /// Says whether an override was justified. Nobody reviews their own.
    pub async fn review(&self, ctx: &Ctx, id: Uuid, justified: bool) -> Result<(), ConsentError> {
        let reviewer = overseer(ctx)?.subject;
        let row = store::by_id(self.consents.db(), reviewer.tenant, id).await?;
        let row = row.ok_or(ConsentError::NotYours)?;
        if row.responder_id == reviewer.user.as_uuid() {
            return Err(ConsentError::Forbidden);
        }
        let subject = Subject::new(reviewer.tenant, UserId::from_uuid(row.user_id));
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        let event = Event::new(&OVERRIDE_REVIEWED, subject)
            .resource(id)
            .detail("justified", justified.to_string());
        run_tx!(self.consents.db(), "emergency.review", |tx| {
            let verdict = (justified, ctx.now());
            if !store::review(tx, (subject, id), reviewer, verdict).await? {
                return Err(ConsentError::NotYours);
            }
            ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        })
    }

    /// Who opened the caller's emergency data without being asked to, and why; newest first.
    pub async fn uses(
        &self,
        ctx: &Ctx,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<EmergencyUse>, ConsentError> {
        let subject = ctx.own_subject().map_err(|_| ConsentError::NotLoggedIn)?;
        let keyring = self.vault.keyring(subject).await?;
        let after = after.unwrap_or(Cursor::NEWEST);
        let rows = store::uses(self.consents.db(), subject, after, size).await?;
        let page = Page::from_rows(rows, size, place);
        let mut items = Vec::new();
        for row in page.items {
            let code = code_of(&row)?;
            let plain = keyring.open(&REASON, row.id, &Sealed::from_bytes(row.reason))?;
            // EXPOSE: the text is as guarded as its bytes were.
            let reason = String::from_utf8_lossy(plain.expose()).into_owned();
            items.push(EmergencyUse {
                id: row.id,
                responder: UserId::from_uuid(row.responder_id),
                code,
                reason: Phi::new(reason),
                created_at: row.created_at,
                expires_at: row.expires_at,
                uses: row.uses,
                reviewed_at: row.reviewed_at,
            });
        }
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        ledger.record_now(ctx, &keys, &Event::new(&USES_LISTED, subject)).await?;
        Ok(Page { items, next: page.next })
    }
}
