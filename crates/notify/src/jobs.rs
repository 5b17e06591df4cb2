//! Letters travel in the background.

use crate::{error::MailError, service::Mailer};
use async_trait::async_trait;
use consent::emergency::{EMERGENCY_TOPIC, EmergencyNotice};
use db::{
    Db, JobHandler,
    jobs::{Claimed, JobError, Lease},
    outbox, run_tx,
};
use identity::{AskedLetter, Identity, LETTER_TOPIC, LetterKind};
use kernel::{Ctx, Subject};
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(db: &Db, identity: &Identity, mailer: &Mailer) -> Vec<Arc<dyn JobHandler>> {
    let tell = TellOfEmergency { db: db.clone(), identity: identity.clone() };
    vec![Arc::new(Deliver(mailer.clone())), Arc::new(tell)]
}

/// Sends one letter. If the program dies after the server took it, it is sent again under the same
/// Message-ID: two letters are better than none.
struct Deliver(Mailer);

#[async_trait]
impl JobHandler for Deliver {
    fn kind(&self) -> &'static str {
        "notify.mail.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(LETTER_TOPIC)
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        Ok(self.0.deliver(ctx, job.id, &job.payload()?).await?)
    }
}

/// Asks for the letters about an emergency access: to its person, and to those who see to it that
/// it is reviewed. None of them says more than that it happened.
struct TellOfEmergency {
    db: Db,
    identity: Identity,
}

#[async_trait]
impl JobHandler for TellOfEmergency {
    fn kind(&self) -> &'static str {
        "notify.emergency.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(EMERGENCY_TOPIC)
    }

    async fn run(&self, ctx: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let EmergencyNotice { tenant, user, .. } = job.payload()?;
        let admins = self.identity.administrators(tenant).await.map_err(MailError::from)?;
        let letter = |user, kind| AskedLetter::of_now(Subject::new(tenant, user), kind, ctx.now());
        let letters: Vec<AskedLetter> = std::iter::once(letter(user, LetterKind::EmergencyAccess))
            .chain(admins.into_iter().map(|user| letter(user, LetterKind::EmergencyReview)))
            .collect();
        run_tx!(self.db, "notify.tell_of_emergency", |tx| {
            for letter in &letters {
                outbox::publish(tx, ctx.env(), LETTER_TOPIC, letter)?;
            }
            lease.finish(tx).await
        })
    }
}
