//! Questionnaires: answers become a result, and results a trend.

use super::{
    Added, NewRecord, RESULT_ADDED, RESULT_DELETED, RESULT_READ, RESULTS_LISTED, SCANNED,
    TREND_READ, Wellbeing,
};
use crate::{
    error::WellbeingError,
    model::{Body, Invalid, Record, RecordId, Scored, Shelf},
};
use care::questionnaires::{self, Change, Questionnaire, Urgency};
use consent::Action;
use crisis::{Attention, Attentive, Level, Source, Whereabouts, whatever_happens};
use kernel::{Ctx, Cursor, Page, PageSize};
use std::collections::BTreeMap;

/// What became of a score.
pub struct Trend {
    /// The results that were compared, oldest first.
    pub results: Vec<Record>,
    /// From the first to the last of them, where a threshold is published.
    pub overall: Option<Change>,
    /// From the last but one to the last.
    pub latest: Option<Change>,
}

impl Wellbeing {
    /// The questionnaire of this name.
    pub(crate) fn questionnaire(&self, name: &str) -> Result<&Questionnaire, Invalid> {
        self.care().questionnaires.get(name).ok_or(Invalid::Questionnaire)
    }

    /// Scores answers and keeps them. An answer that asks for help at once is answered with help;
    /// where answers cannot be scored they are refused, and help is told all the same.
    pub async fn add_result(
        &self,
        ctx: &Ctx,
        new: NewRecord,
        name: &str,
        answers: BTreeMap<String, u8>,
    ) -> Result<Added, WellbeingError> {
        let questionnaire = self.questionnaire(name)?;
        let scored = questionnaire.score(&answers).map_err(Invalid::from)?;
        let safety = self.help_for(questionnaire, &scored, &new.place);
        let body = Body::Result(Scored {
            questionnaire: questionnaire.id.clone(),
            version: questionnaire.version,
            answers,
            total: scored.total,
            band: scored.band.name,
        });
        self.add(ctx, new, body, (&RESULT_ADDED, Source::Questionnaire, safety)).await
    }

    /// What the answers ask for by themselves, whatever the total.
    fn help_for(
        &self,
        questionnaire: &Questionnaire,
        scored: &questionnaires::Result,
        at: &Whereabouts,
    ) -> Option<Attention> {
        let flag = scored.flags.first()?;
        let level = match flag.urgency {
            Urgency::Crisis => Level::Alert,
            Urgency::Imminent => Level::Imminent,
        };
        let rule = format!("questionnaire.{}.{}", questionnaire.id, flag.item);
        whatever_happens(|| self.0.lookout.answer_to(level, rule, at))
    }

    /// A result of the caller.
    pub async fn result(&self, ctx: &Ctx, id: RecordId) -> Result<Record, WellbeingError> {
        self.read(ctx, (Shelf::Results, id), &RESULT_READ).await
    }

    /// A page of the caller's results, of all questionnaires or of one.
    pub async fn results(
        &self,
        ctx: &Ctx,
        name: Option<&str>,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Record>, WellbeingError> {
        self.list(ctx, (Shelf::Results, name), (after, size), &RESULTS_LISTED).await
    }

    /// Deletes a result.
    pub async fn delete_result(&self, ctx: &Ctx, id: RecordId) -> Result<(), WellbeingError> {
        self.delete(ctx, (Shelf::Results, id), &RESULT_DELETED).await
    }

    /// What became of the caller's score, over the newest 100 results of this questionnaire.
    pub async fn trend(&self, ctx: &Ctx, name: &str) -> Result<Trend, WellbeingError> {
        let questionnaire = self.questionnaire(name)?;
        let work = self.begin(ctx, Action::Read).await?;
        let mut results = Vec::new();
        let (mut at, mut opened) = (None, 0);
        while opened < SCANNED && results.len() < PageSize::MAX.get() {
            let wanted = (Shelf::Results, Some(name));
            let page = self.scan(&work, wanted, at, PageSize::MAX).await?;
            results.extend(page.items);
            (at, opened) = (page.next, opened + SCANNED);
            if at.is_none() {
                break;
            }
        }
        results.reverse();
        let total = |record: &Record| match record.body.expose() {
            // EXPOSE: totals are compared.
            Body::Result(scored) => Some(scored.total),
            Body::Form(_) | Body::Practice(_) => None,
        };
        let totals: Vec<u16> = results.iter().filter_map(total).collect();
        let change = |before: Option<&u16>| match (before, totals.last()) {
            (Some(before), Some(last)) if totals.len() > 1 => questionnaire.change(*before, *last),
            _ => None,
        };
        let overall = change(totals.first());
        let latest = change(totals.iter().rev().nth(1));
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&TREND_READ)).await?;
        Ok(Trend { results, overall, latest })
    }
}
