//! Looks into the journal and at how the person felt.

use super::{lines, read};
use async_trait::async_trait;
use companion::{Tool, ToolFailed, ToolSpec, Touches};
use journal::{CheckIn, Entry, Filter, Journal, Rating, Search};
use kernel::{Ctx, PageSize, Phi, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
/// How many entries or check-ins a model is told at most.
const MOST: u32 = 10;
/// How much of an entry it is told.
const CHARS: usize = 1_200;
const UNREADABLE: ToolFailed = ToolFailed("The journal cannot be read now.");

/// Finds entries of the journal.
pub struct JournalSearch {
    journal: Journal,
    spec: ToolSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    words: Phi<String>,
    #[serde(default)]
    days: Option<u32>,
}

impl JournalSearch {
    pub fn new(journal: Journal) -> Self {
        let spec = ToolSpec {
            name: "journal_search".to_owned(),
            description:
                "Finds entries of the person's own journal, newest first. Use it only when \
                the person refers to what they wrote before."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "words": {"type": "string", "maxLength": 200,
                        "description": "Words that must all occur in an entry; the newest if empty."},
                    "days": {"type": "integer", "minimum": 1, "maximum": 3660,
                        "description": "Only entries of so many last days."},
                },
                "additionalProperties": false,
            }),
            touches: Touches::OwnData,
            place: None,
        };
        Self { journal, spec }
    }
}

#[async_trait]
impl Tool for JournalSearch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn run(&self, ctx: &Ctx, arguments: &Phi<String>) -> Result<Phi<String>, ToolFailed> {
        let Wanted { words, days } = read(arguments)?;
        let search = Search::new(&words).map_err(|_| ToolFailed("Too many words."))?;
        let filter = Filter { from: since(ctx, days), search, ..Filter::default() };
        let size = PageSize::clamped(MOST);
        let page = self.journal.list_entries(ctx, &filter, None, size).await;
        let page = page.map_err(|error| failed(&error))?;
        Ok(lines(page.items.iter().map(entry), "There is no such entry."))
    }
}

fn since(ctx: &Ctx, days: Option<u32>) -> Option<Timestamp> {
    days.map(|days| ctx.now().minus(DAY * days.clamp(1, 3_660)))
}

fn failed(error: &journal::JournalError) -> ToolFailed {
    tracing::info!(%error, "a tool could not read a journal");
    UNREADABLE
}

fn entry(entry: &Entry) -> String {
    // EXPOSE: put together as the result, which is as sensitive.
    let content = &entry.content;
    let mood =
        content.meta.expose().mood.map_or_else(String::new, |mood| format!(", {}", mood.name()));
    let text: String = content.text.expose().chars().take(CHARS).collect();
    let cut = if content.text.expose().chars().nth(CHARS).is_some() { " […]" } else { "" };
    format!("{}{mood}: {}\n{text}{cut}\n", content.occurred_at, content.title.expose())
}

/// Looks at the check-ins of the last days.
pub struct RecentMoods {
    journal: Journal,
    spec: ToolSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lately {
    #[serde(default)]
    days: Option<u32>,
}

impl RecentMoods {
    pub fn new(journal: Journal) -> Self {
        let spec = ToolSpec {
            name: "recent_moods".to_owned(),
            description: "Tells how the person felt on the last days, by their own check-ins and \
                journal entries. Use it when they ask how they have been."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "days": {"type": "integer", "minimum": 1, "maximum": 90,
                        "description": "How many days to look back; 14 if left out."},
                },
                "additionalProperties": false,
            }),
            touches: Touches::OwnData,
            place: None,
        };
        Self { journal, spec }
    }
}

#[async_trait]
impl Tool for RecentMoods {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn run(&self, ctx: &Ctx, arguments: &Phi<String>) -> Result<Phi<String>, ToolFailed> {
        let Lately { days } = read(arguments)?;
        let from = since(ctx, Some(days.unwrap_or(14).min(90)));
        let size = PageSize::clamped(3 * MOST);
        let checked = self.journal.list_check_ins(ctx, (from, None), None, size).await;
        let checked = checked.map_err(|error| failed(&error))?;
        let filter = Filter { from, ..Filter::default() };
        let entries = self.journal.list_entries(ctx, &filter, None, size).await;
        let entries = entries.map_err(|error| failed(&error))?;
        let chosen = entries.items.iter().filter_map(mood_of);
        let mut found: Vec<_> = checked.items.iter().map(check_in).chain(chosen).collect();
        found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let told = found.into_iter().map(|(at, text)| format!("{at}: {text}"));
        Ok(lines(told, "Nothing was noted on these days."))
    }
}

fn mood_of(entry: &Entry) -> Option<(Timestamp, String)> {
    // EXPOSE: put together as the result, which is as sensitive.
    let mood = entry.content.meta.expose().mood?;
    Some((entry.content.occurred_at, format!("{} (journal)", mood.name())))
}

fn check_in(check_in: &CheckIn) -> (Timestamp, String) {
    // EXPOSE: put together as the result, which is as sensitive.
    let rated = check_in.rated.expose();
    let mood = rated.mood.map(|mood| mood.name().to_owned());
    let scale = rated.scale.map(|scale| format!("{} of -5 to 5", scale.get()));
    let named = |rating: &Rating| match rating.strength {
        Some(strength) => format!("{} {strength}", rating.name),
        None => rating.name.clone(),
    };
    let rest = rated.emotions.iter().map(named).chain(rated.factors.as_slice().iter().cloned());
    let note = Some(rated.note.clone()).filter(|note| !note.is_empty());
    let parts: Vec<String> = mood.into_iter().chain(scale).chain(rest).chain(note).collect();
    (check_in.occurred_at, parts.join(", "))
}
