//! Diary card, chain analysis and safety plan.

use super::{
    Added, FORM_ADDED, FORM_DELETED, FORM_HISTORY_READ, FORM_READ, FORM_UPDATED, FORMS_LISTED,
    NewRecord, Wellbeing,
};
use crate::{
    envelope,
    error::WellbeingError,
    model::{Body, Filled, Invalid, Record, RecordId, Shelf, checked_date},
    store,
};
use care::forms::{Form, Urge, Value};
use consent::Action;
use crisis::{Attention, Attentive, Level, Source, Whereabouts, whatever_happens};
use db::run_tx;
use httpkit::Precondition;
use kernel::{Ctx, Cursor, Page, PageSize, Phi, Timestamp};
use std::collections::BTreeMap;

/// What a form said before: the version, when it was written, and the words.
pub type Before = (u64, Timestamp, Phi<Body>);

impl Wellbeing {
    /// What was filled in, if it fits its form.
    fn filled(&self, name: &str, entry: BTreeMap<String, Value>) -> Result<(&Form, Body), Invalid> {
        let form = self.care().forms.get(name).ok_or(Invalid::Form)?;
        form.fits(&entry)?;
        let body = Body::Form(Filled { form: form.id.clone(), version: form.version, entry });
        Ok((form, body))
    }

    /// What is noticed in a form: in its words, and in what was rated.
    fn attend_form(&self, form: &Form, body: &Body, at: &Whereabouts) -> Option<Attention> {
        let said = self.attend(body, at);
        let Body::Form(filled) = body else { return said };
        let level = match form.urge(&filled.entry) {
            Some(Urge::Crisis) => Level::Alert,
            Some(Urge::ShowHelp) => Level::Support,
            None => return said,
        };
        let rule = format!("form.{}", form.id);
        Attention::stronger(said, whatever_happens(|| self.0.lookout.answer_to(level, rule, at)))
    }

    /// Keeps a form that was filled in.
    pub async fn add_form(
        &self,
        ctx: &Ctx,
        new: NewRecord,
        name: &str,
        entry: BTreeMap<String, Value>,
    ) -> Result<Added, WellbeingError> {
        let (form, body) = self.filled(name, entry)?;
        let safety = self.attend_form(form, &body, &new.place);
        self.add(ctx, new, body, (&FORM_ADDED, Source::Record, safety)).await
    }

    /// A form of the caller.
    pub async fn form(&self, ctx: &Ctx, id: RecordId) -> Result<Record, WellbeingError> {
        self.read(ctx, (Shelf::Forms, id), &FORM_READ).await
    }

    /// A page of the caller's forms, of all kinds or of one.
    pub async fn forms(
        &self,
        ctx: &Ctx,
        name: Option<&str>,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Record>, WellbeingError> {
        self.list(ctx, (Shelf::Forms, name), (after, size), &FORMS_LISTED).await
    }

    /// Replaces what a form says, if it is of a version that the caller knows. What it said
    /// before is kept.
    pub async fn update_form(
        &self,
        ctx: &Ctx,
        id: RecordId,
        known: &Precondition,
        (new, entry): (NewRecord, (String, BTreeMap<String, Value>)),
    ) -> Result<Added, WellbeingError> {
        let (form, body) = self.filled(&entry.0, entry.1)?;
        let safety = self.attend_form(form, &body, &new.place);
        let work = self.begin(ctx, Action::Write).await?;
        let at = new.occurred_at.map(checked_date).transpose()?;
        let (now, version_id) = (ctx.now(), ctx.new_id());
        let event = work.event(&FORM_UPDATED).resource(id);
        let record = run_tx!(self.0.db, "wellbeing.update_form", |tx| {
            let row = store::get_in(tx, &work.access, (Shelf::Forms, id)).await?;
            let before = envelope::open(&work.keyring, &row.ok_or(WellbeingError::NotFound)?)?;
            // EXPOSE: only its name is looked at.
            if before.body.expose().name() != body.name() {
                return Err(Invalid::OtherKind.into());
            }
            known.check(before.version)?;
            let version = envelope::seal_version(&work.keyring, version_id, &before)?;
            store::keep_version(tx, &work.access, &version);
            let record = Record {
                occurred_at: at.unwrap_or(before.occurred_at),
                updated_at: now,
                version: before.version + 1,
                body: Phi::new(body.clone()),
                ..before
            };
            store::update(tx, &work.access, &envelope::seal(&work.keyring, &record)?);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            if let Some(found) = &safety {
                let whom = (&self.0.ledger, &work.keys, work.access.subject());
                crisis::notice(tx, ctx, whom, Source::Record, found)?;
            }
            Ok::<_, WellbeingError>(record)
        })?;
        self.again(ctx, (Source::Record, &body), safety.as_ref());
        Ok(Added { record, safety })
    }

    /// What a form said before, newest first: the last 50 versions.
    pub async fn form_history(
        &self,
        ctx: &Ctx,
        id: RecordId,
    ) -> Result<Vec<Before>, WellbeingError> {
        let work = self.begin(ctx, Action::Read).await?;
        let row = store::get(&self.0.db, &work.access, (Shelf::Forms, id)).await?;
        row.ok_or(WellbeingError::NotFound)?;
        let mut history = Vec::new();
        for row in store::versions(&self.0.db, &work.access, id).await? {
            let body = envelope::open_version(&work.keyring, &row)?;
            history.push((row.version, row.written_at, body));
        }
        let event = work.event(&FORM_HISTORY_READ).resource(id);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(history)
    }

    /// Deletes a form, with what it said before.
    pub async fn delete_form(&self, ctx: &Ctx, id: RecordId) -> Result<(), WellbeingError> {
        self.delete(ctx, (Shelf::Forms, id), &FORM_DELETED).await
    }
}
