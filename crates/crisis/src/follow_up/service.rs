//! The use cases of follow-ups.

use super::{
    model::{Answer, Body, Question},
    store::{self, FOLLOW_UP_BODY, FollowUpRow},
};
use crate::{
    attention::Whereabouts,
    look::Lookout,
    team::TeamError,
    views::{FixedAnswer, Resources},
};
use audit::{Event, Ledger};
use care::{
    Lang,
    responses::{Audience, Level, Situation, Turn},
};
use db::{Db, TxSpec, jobs::Lease, run_tx};
use kernel::{Ctx, Subject, Timestamp};
use std::sync::Arc;
use uuid::Uuid;
use vault::{Keyring, Sealed, Vault};

audit::actions! {
    /// A person came back, and it was looked whether to ask them how they are.
    FOLLOW_UP_READ = "crisis.follow_up.read" on "person";
    /// A person answered how they are, or whether they want to be asked.
    FOLLOW_UP_ANSWERED = "crisis.follow_up.answer" on "person";
}

/// Asks people, once, how they are. Cheap to clone.
#[derive(Clone)]
pub struct FollowUps(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    ledger: Ledger,
    lookout: Arc<Lookout>,
}

fn opened(keyring: &Keyring, row: Option<&FollowUpRow>) -> Result<Body, TeamError> {
    let Some(row) = row else { return Ok(Body::default()) };
    let sealed = Sealed::from_bytes(row.body.clone());
    let bytes = keyring.open(&FOLLOW_UP_BODY, row.id, &sealed)?;
    // EXPOSE: times and a wish; sealed again where they change.
    serde_json::from_slice(bytes.expose()).map_err(|_| TeamError::Damaged)
}

fn sealed(keyring: &Keyring, id: Uuid, body: &Body) -> Result<Sealed, TeamError> {
    let bytes = serde_json::to_vec(body).map_err(|_| TeamError::Damaged)?;
    Ok(keyring.seal(&FOLLOW_UP_BODY, id, &bytes)?)
}

impl FollowUps {
    /// Over these.
    #[must_use]
    pub fn new((db, vault): (Db, Vault), ledger: Ledger, lookout: Arc<Lookout>) -> Self {
        Self(Arc::new(Inner { db, vault, ledger, lookout }))
    }

    /// What to ask the caller now, if anything.
    pub async fn question(
        &self,
        ctx: &Ctx,
        at: &Whereabouts,
    ) -> Result<Option<Question>, TeamError> {
        let whose = ctx.own_subject().map_err(|_| TeamError::NotLoggedIn)?;
        let keyring = self.0.vault.keyring(whose).await?;
        let keys = self.0.ledger.keys(ctx, whose).await?;
        let event = Event::new(&FOLLOW_UP_READ, whose);
        let row = store::get(&self.0.db, whose).await?;
        let before = opened(&keyring, row.as_ref())?;
        let mut body = before.clone();
        let ask = body.ask(ctx.now());
        if body == before {
            self.0.ledger.record_now(ctx, &keys, &event).await?;
        } else {
            let id = row.map_or_else(|| ctx.new_id(), |row| row.id);
            let sealed = sealed(&keyring, id, &body)?;
            run_tx!(self.0.db, TxSpec::queue("crisis.follow_up_shown"), |tx| {
                store::put(tx, whose, id, &sealed);
                self.0.ledger.record(tx, ctx, &keys, &event)?;
                Ok::<_, TeamError>(())
            })?;
        }
        Ok(ask.then(|| self.words(Turn::FollowUp, at)))
    }

    /// The caller answers; help, where it is still hard.
    pub async fn answer(
        &self,
        ctx: &Ctx,
        answer: Answer,
        at: &Whereabouts,
    ) -> Result<Option<Question>, TeamError> {
        let whose = ctx.own_subject().map_err(|_| TeamError::NotLoggedIn)?;
        let keys = self.0.ledger.keys(ctx, whose).await?;
        let event = Event::new(&FOLLOW_UP_ANSWERED, whose);
        let keyring = self.0.vault.keyring(whose).await?;
        let new = ctx.new_id();
        run_tx!(self.0.db, TxSpec::queue("crisis.follow_up_answer"), |tx| {
            let row = store::get_in(tx, whose).await?;
            let mut body = opened(&keyring, row.as_ref())?;
            body.answered(answer);
            let id = row.map_or(new, |row| row.id);
            store::put(tx, whose, id, &sealed(&keyring, id, &body)?);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, TeamError>(())
        })?;
        Ok((answer == Answer::Hard).then(|| self.words(Turn::Again, at)))
    }

    /// Help came first for this person.
    pub(super) async fn alerted(
        &self,
        whose: Subject,
        at: Timestamp,
        lease: Lease,
    ) -> Result<(), TeamError> {
        let keyring = self.0.vault.keyring(whose).await?;
        let new = self.0.db.env().new_id();
        run_tx!(self.0.db, TxSpec::queue("crisis.follow_up_due"), |tx| {
            lease.finish(tx).await.map_err(|_| TeamError::Taken)?;
            let row = store::get_in(tx, whose).await?;
            let before = opened(&keyring, row.as_ref())?;
            let mut body = before.clone();
            body.alerted(at);
            if body != before {
                let id = row.map_or(new, |row| row.id);
                store::put(tx, whose, id, &sealed(&keyring, id, &body)?);
            }
            Ok::<_, TeamError>(())
        })
    }

    fn words(&self, turn: Turn, at: &Whereabouts) -> Question {
        let lookout = &self.0.lookout;
        let lang = at.language.as_deref().map_or(Lang::English, Lang::nearest);
        let emergency = lookout.emergency(at.country.as_deref());
        let situation = Situation {
            level: Level::Support,
            audience: Audience::Person,
            turn,
            lang,
            emergency: emergency.as_deref(),
        };
        let response = lookout.care().responses.respond(&situation, &[]);
        let resources: Resources = lookout.help(at.country.as_deref(), Some(&response), lang);
        Question { response: FixedAnswer::from(&response), resources }
    }
}
