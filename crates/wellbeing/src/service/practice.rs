//! Exercises: which suit, and which helped.

use super::{
    Added, EXERCISES_SUGGESTED, NewRecord, PRACTICE_ADDED, PRACTICE_DELETED, PRACTICE_LISTED,
    Wellbeing,
};
use crate::{
    error::WellbeingError,
    model::{Body, Helped, Invalid, NOTE_CHARS, Practised, Record, RecordId, Shelf},
};
use care::{
    Lang,
    skills::{Caution, Concern, Reason, Skill},
};
use consent::Action;
use crisis::Source;
use kernel::{Ctx, Cursor, Page, PageSize};
use std::collections::BTreeMap;

/// What somebody looks for.
#[derive(Default)]
pub struct Wish {
    /// The mood, by its name; that of the journal if left out.
    pub mood: Option<String>,
    /// What they struggle with.
    pub concerns: Vec<Concern>,
    /// What speaks against an exercise.
    pub avoid: Vec<Caution>,
    /// How many to suggest.
    pub most: usize,
    /// The language.
    pub lang: Option<Lang>,
}

/// An exercise that suits.
pub struct Suggested {
    /// The exercise.
    pub skill: Skill,
    /// The language it is in.
    pub lang: Lang,
    /// Why it is suggested.
    pub reason: Reason,
}

impl Wellbeing {
    /// Keeps how an exercise went.
    pub async fn add_practice(
        &self,
        ctx: &Ctx,
        new: NewRecord,
        practised: Practised,
    ) -> Result<Added, WellbeingError> {
        self.care().skills.get(&practised.skill).ok_or(Invalid::Skill)?;
        if practised.note.chars().count() > NOTE_CHARS {
            return Err(Invalid::NoteTooLong.into());
        }
        let body = Body::Practice(practised);
        let safety = self.attend(&body, &new.place);
        self.add(ctx, new, body, (&PRACTICE_ADDED, Source::Record, safety)).await
    }

    /// A page of how exercises went, of all or of one.
    pub async fn practice(
        &self,
        ctx: &Ctx,
        skill: Option<&str>,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Record>, WellbeingError> {
        self.list(ctx, (Shelf::Practice, skill), (after, size), &PRACTICE_LISTED).await
    }

    /// Deletes how an exercise went.
    pub async fn delete_practice(&self, ctx: &Ctx, id: RecordId) -> Result<(), WellbeingError> {
        self.delete(ctx, (Shelf::Practice, id), &PRACTICE_DELETED).await
    }

    /// What suits a mood and concerns, best first. What helped this person before comes first,
    /// what did not help the last time is left out.
    pub async fn suggest(&self, ctx: &Ctx, wish: &Wish) -> Result<Vec<Suggested>, WellbeingError> {
        let mood = match &wish.mood {
            Some(mood) => Some(mood.clone()),
            None if wish.concerns.is_empty() => {
                self.0.journal.last_mood(ctx).await?.map(|mood| mood.name().to_owned())
            }
            None => None,
        };
        let work = self.begin(ctx, Action::Read).await?;
        let tried = self.scan(&work, (Shelf::Practice, None), None, PageSize::MAX).await?;
        let mut last = BTreeMap::<String, Helped>::new();
        for record in &tried.items {
            // EXPOSE: only names and whether they helped are looked at.
            if let Body::Practice(Practised { skill, helped: Some(helped), .. }) =
                record.body.expose()
            {
                // Newest first: what comes later is older.
                last.entry(skill.clone()).or_insert(*helped);
            }
        }
        let of = |wanted: fn(Helped) -> bool| -> Vec<&str> {
            last.iter().filter(|(_, how)| wanted(**how)).map(|(name, _)| name.as_str()).collect()
        };
        let (helped, useless) = (of(|how| how != Helped::No), of(|how| how == Helped::No));
        let library = &self.care().skills;
        let suggested = library
            .suggest(mood.as_deref(), &wish.concerns, &helped, &wish.avoid)
            .into_iter()
            .filter(|one| !useless.contains(&one.skill.id.as_str()))
            .take(wish.most)
            .filter_map(|one| {
                let lang = wish.lang.unwrap_or(Lang::English);
                let (skill, lang) = library.localized(&one.skill.id, lang)?;
                Some(Suggested { skill, lang, reason: one.reason })
            })
            .collect();
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&EXERCISES_SUGGESTED)).await?;
        Ok(suggested)
    }
}
