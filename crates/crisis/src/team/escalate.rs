//! Somebody asks for a human.

use super::{
    error::TeamError,
    model::{Asked, Body, Case, CaseId, Note, State},
    outside::{Reason, tell_all},
    service::{CrisisTeam, ESCALATED, NOTES, checked, open, seal},
    store,
};
use crate::{
    attention::{Attention, Attentive, Whereabouts, whatever_happens},
    look::number_of,
    notice::{Found, Source, notice},
    opinion::Again,
};
use audit::Event;
use care::{Lang, responses::Level};
use db::{TxSpec, run_tx};
use kernel::{Ctx, Phi};
use zeroize::Zeroize;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "brought within 0 and 10 before"
)]
fn whole(level: f32) -> u8 {
    level.clamp(0.0, 10.0).round() as u8
}

impl Body {
    /// Takes over how serious something looks and why, if it looks more serious than before.
    fn raise(&mut self, found: Found<'_>) -> bool {
        let more = Some(whole(found.level)) > self.level;
        if more {
            self.level = Some(whole(found.level));
            self.rules = found.rules.to_vec();
        }
        more
    }

    /// Adds what was written and what was noticed in it; why programs elsewhere are to be told.
    fn add(&mut self, is_new: bool, note: &Note, found: Option<&Attention>) -> Option<Reason> {
        if !note.text.is_empty() && self.notes.len() < NOTES {
            self.notes.push(note.clone());
        }
        let more = found.is_some_and(|found| self.raise(found.into()));
        match more {
            _ if is_new => Some(Reason::Asked),
            true => Some(Reason::MoreSerious),
            false => None,
        }
    }
}

impl CrisisTeam {
    /// The caller asks for a human and says what that human may read. Nobody has to have agreed
    /// to anything before. Whoever waits already adds to what they said.
    pub async fn escalate(
        &self,
        ctx: &Ctx,
        message: &Phi<String>,
        place: &Whereabouts,
    ) -> Result<Asked, TeamError> {
        let inner = self.inner();
        let whose = ctx.own_subject().map_err(|_| TeamError::NotLoggedIn)?;
        let text = checked(message)?;
        let safety = whatever_happens(|| inner.lookout.attend(message, place));
        let keyring = inner.vault.keyring(whose).await?;
        let keys = inner.ledger.keys(ctx, whose).await?;
        let (now, new_id) = (ctx.now(), ctx.new_id::<CaseId>());
        let note = Note { by_person: true, at: now.as_micros(), text };
        let case = run_tx!(inner.db, TxSpec::queue("crisis.escalate"), |tx| {
            let present = store::open_of(tx, whose).await?;
            let before = present.as_ref().map(|row| open(&keyring, row)).transpose()?;
            // EXPOSE: added to and sealed again.
            let mut body = before.map(|body| body.expose().clone()).unwrap_or_default();
            let reason = body.add(present.is_none(), &note, safety.as_ref());
            let id = present.as_ref().map_or(new_id, |row| row.id);
            let sealed = seal(&keyring, id, &body)?;
            body.zeroize();
            let case = if let Some(row) = present {
                let case = Case { updated_at: now, ..row.case() };
                store::put(tx, (whose, id), (case.state, now), &sealed);
                case
            } else {
                store::insert(tx, whose, (id, now), &sealed);
                Case { id, state: State::Waiting, created_at: now, updated_at: now }
            };
            let seen = safety.as_ref().map(Found::from);
            let event = told(Event::new(&ESCALATED, whose).resource(id), seen);
            inner.ledger.record(tx, ctx, &keys, &event)?;
            if let Some(found) = &safety {
                notice(tx, ctx, (&inner.ledger, &keys, whose), Source::Wish, found)?;
            }
            if let Some(reason) = reason {
                tell_all(tx, (ctx.env(), inner.outside.as_ref()), (whose, id), reason)?;
            }
            Ok::<_, TeamError>(case)
        })?;
        inner.lookout.again(ctx, Again::of(Source::Wish, message, safety.as_ref()));
        let lang = place.language.as_deref().map_or(Lang::English, Lang::nearest);
        let resources = inner.lookout.help(place.country.as_deref(), None, lang);
        let told_elsewhere = !inner.outside.names().is_empty();
        Ok(Asked { case, safety, resources, told_elsewhere })
    }

    /// What the caller wrote with their wish for a human looks more serious than it did, for this
    /// reason. A case that is closed stays as it is.
    pub(crate) async fn more_serious(
        &self,
        ctx: &Ctx,
        level: Level,
        rule: &str,
    ) -> Result<(), TeamError> {
        let inner = self.inner();
        let whose = ctx.own_subject().map_err(|_| TeamError::NotLoggedIn)?;
        let keyring = inner.vault.keyring(whose).await?;
        let keys = inner.ledger.keys(ctx, whose).await?;
        let rules = [rule.to_owned()];
        let (alert, imminent) = (level >= Level::Alert, level >= Level::Imminent);
        let found =
            Found { level: number_of(level), support: true, alert, imminent, rules: &rules };
        run_tx!(inner.db, TxSpec::queue("crisis.more_serious"), |tx| {
            let Some(row) = store::open_of(tx, whose).await? else { return Ok(()) };
            // EXPOSE: added to and sealed again.
            let mut body = open(&keyring, &row)?.expose().clone();
            if body.raise(found) {
                let case = row.case();
                store::put(
                    tx,
                    (whose, row.id),
                    (case.state, ctx.now()),
                    &seal(&keyring, row.id, &body)?,
                );
                let event = told(Event::new(&ESCALATED, whose).resource(row.id), Some(found));
                inner.ledger.record(tx, ctx, &keys, &event)?;
                let outside = (ctx.env(), inner.outside.as_ref());
                tell_all(tx, outside, (whose, row.id), Reason::MoreSerious)?;
            }
            body.zeroize();
            Ok::<_, TeamError>(())
        })
    }
}

/// The event with level and rules, where something was noticed: never a word.
fn told(event: Event, found: Option<Found<'_>>) -> Event {
    let Some(found) = found else { return event };
    event.detail("level", format!("{:.1}", found.level)).detail("rules", found.reasons())
}
