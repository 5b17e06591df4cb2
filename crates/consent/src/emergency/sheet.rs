//! The emergency sheet: what helpers should know, in the person's own words.
//!
//! Its person writes, reads and removes it like any other health data of theirs. Anybody else gets
//! only the parts that a card or an override opens, through [`Emergency::open`].

use super::{
    Emergency, SHEET, SHEET_READ, SHEET_REMOVED, SHEET_WRITTEN,
    model::{Class, Classes},
    store::{self, SheetRow},
};
use crate::{access::Access, error::ConsentError, model::Action};
use audit::Event;
use db::run_tx;
use kernel::{Ctx, Phi, Secret, Subject, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use vault::{Keyring, Sealed};
use zeroize::Zeroize;

/// Letters of one part.
pub(super) const LETTERS: usize = 2_000;
/// Letters of a blood group.
pub(super) const GROUP: usize = 20;

/// What helpers should know. Parts that nothing was written in are empty.
///
/// This is the stored form, format 1: names stay, and new parts are empty when they are missing.
#[derive(Clone, Default, Serialize, Deserialize, Zeroize)]
#[serde(default)]
pub struct Parts {
    /// What the person reacts to.
    pub allergies: String,
    /// What the person takes.
    pub medications: String,
    /// What the person has.
    pub conditions: String,
    /// The blood group.
    pub blood_group: String,
    /// Whom to call.
    pub contacts: String,
    /// What else a helper should know.
    pub notes: String,
}

/// A sheet, or what was opened of it.
pub struct Sheet {
    /// What it says.
    pub parts: Phi<Parts>,
    /// When it was written; `None` if nothing was.
    pub written_at: Option<Timestamp>,
}

impl Parts {
    fn check(&self) -> Result<(), ConsentError> {
        let Self { allergies, medications, conditions, blood_group, contacts, notes } = self;
        let long = |text: &&String| text.chars().count() > LETTERS;
        if [allergies, medications, conditions, contacts, notes].iter().any(long) {
            return Err(ConsentError::Invalid("each part: 2000 letters at most"));
        }
        if blood_group.chars().count() > GROUP {
            return Err(ConsentError::Invalid("blood_group: 20 letters at most"));
        }
        Ok(())
    }

    /// What belongs to these classes. Blood group and notes are about what the person has.
    fn only(self, classes: Classes) -> Self {
        let of = |class, text| if classes.contains(class) { text } else { String::new() };
        Self {
            allergies: of(Class::Allergies, self.allergies),
            medications: of(Class::Medications, self.medications),
            conditions: of(Class::Conditions, self.conditions),
            blood_group: of(Class::Conditions, self.blood_group),
            contacts: of(Class::Contacts, self.contacts),
            notes: of(Class::Conditions, self.notes),
        }
    }
}

impl Emergency {
    /// The caller's own sheet.
    pub async fn own_sheet(&self, ctx: &Ctx) -> Result<Sheet, ConsentError> {
        let access = self.own_access(ctx, Action::Read).await?;
        let sheet = self.read_sheet(&access).await?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, access.subject()).await?;
        ledger.record_now(ctx, &keys, &Event::new(&SHEET_READ, access.subject())).await?;
        Ok(sheet)
    }

    /// Writes the caller's sheet anew, whole.
    pub async fn write_sheet(&self, ctx: &Ctx, parts: &Phi<Parts>) -> Result<Sheet, ConsentError> {
        // EXPOSE: its letters are counted.
        parts.expose().check()?;
        let access = self.own_access(ctx, Action::Write).await?;
        let subject = access.subject();
        let sealed = seal(&self.vault.keyring(subject).await?, parts)?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        let now = ctx.now();
        run_tx!(self.consents.db(), "emergency.write_sheet", |tx| {
            store::put_sheet(tx, &access, &sealed, now);
            ledger.record(tx, ctx, &keys, &Event::new(&SHEET_WRITTEN, subject))?;
            Ok::<_, ConsentError>(())
        })?;
        Ok(Sheet { parts: parts.clone(), written_at: Some(now) })
    }

    /// Removes the caller's sheet.
    pub async fn remove_sheet(&self, ctx: &Ctx) -> Result<(), ConsentError> {
        let access = self.own_access(ctx, Action::Delete).await?;
        let subject = access.subject();
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        run_tx!(self.consents.db(), "emergency.remove_sheet", |tx| {
            store::remove_sheet(tx, &access);
            ledger.record(tx, ctx, &keys, &Event::new(&SHEET_REMOVED, subject))?;
            Ok(())
        })
    }

    /// What this token opens of this person's sheet, to whoever shows it. That it was opened is
    /// recorded, and told to the person, before anything is read.
    pub async fn open_sheet(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
        whose: UserId,
    ) -> Result<(Classes, Sheet), ConsentError> {
        let all = Class::ALL.into_iter().collect();
        let grant = self.open(ctx, token, whose, all).await?;
        let Sheet { parts, written_at } = self.read_sheet(&grant.access).await?;
        // EXPOSE: what was not opened is left out.
        let parts = Phi::new(parts.expose().clone().only(grant.classes));
        Ok((grant.classes, Sheet { parts, written_at }))
    }

    async fn own_access(&self, ctx: &Ctx, action: Action) -> Result<Access, ConsentError> {
        let subject: Subject = ctx.own_subject().map_err(|_| ConsentError::NotLoggedIn)?;
        self.consents.authorize(ctx, action, subject).await
    }

    async fn read_sheet(&self, access: &Access) -> Result<Sheet, ConsentError> {
        let Some(SheetRow { sheet, written_at }) = store::sheet(self.consents.db(), access).await?
        else {
            return Ok(Sheet { parts: Phi::new(Parts::default()), written_at: None });
        };
        let keyring = self.vault.keyring(access.subject()).await?;
        let row = access.subject().user.as_uuid();
        let plain = keyring.open(&SHEET, row, &Sealed::from_bytes(sheet))?;
        // EXPOSE: what is read from it is as guarded as it was.
        let parts = serde_json::from_slice(plain.expose()).map_err(|_| ConsentError::Damaged)?;
        Ok(Sheet { parts: Phi::new(parts), written_at: Some(written_at) })
    }
}

fn seal(keyring: &Keyring, parts: &Phi<Parts>) -> Result<Sealed, ConsentError> {
    // EXPOSE: it is sealed.
    let plain = serde_json::to_vec(parts.expose()).map_err(|_| ConsentError::Damaged)?;
    let plain = Phi::new(plain);
    // EXPOSE: it is sealed.
    Ok(keyring.seal(&SHEET, keyring.subject().user.as_uuid(), plain.expose())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_first_is_read_for_ever() {
        let stored = r#"{"allergies":"nuts","medications":"","conditions":"asthma",
            "blood_group":"0+","contacts":"Ben 0123","notes":"inhaler in the bag"}"#;
        let parts: Parts = serde_json::from_str(stored).unwrap();
        assert_eq!(parts.allergies, "nuts");
        assert_eq!(parts.notes, "inhaler in the bag");
        assert_eq!(serde_json::from_str::<Parts>("{}").unwrap().contacts, "");
    }

    #[test]
    fn every_part_belongs_to_a_class_of_the_scope_table() {
        let text = || "x".to_owned();
        let full = Parts {
            allergies: text(),
            medications: text(),
            conditions: text(),
            blood_group: text(),
            contacts: text(),
            notes: text(),
        };
        let left = |classes: &[Class]| {
            let parts = full.clone().only(Classes::of(classes));
            let Parts { allergies, medications, conditions, blood_group, contacts, notes } = parts;
            [allergies, medications, conditions, blood_group, contacts, notes].concat().len()
        };
        let private = [Class::Journal, Class::Conversations, Class::Nutrition, Class::Documents];
        assert_eq!(left(&private), 0);
        let each = [Class::Allergies, Class::Medications, Class::Conditions, Class::Contacts];
        assert_eq!(each.map(|class| left(&[class])), [1, 1, 3, 1]);
    }
}
