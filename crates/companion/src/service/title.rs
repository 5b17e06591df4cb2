//! A better title than the first words, by a small model, after the answer has ended.
//!
//! It is no promise: the first words are the title already, and stay where no model may or can be
//! asked. It is done by the request's own task with the right of the person who wrote, because no
//! job may read what somebody wrote. The person's allowance does not pay for it; the money of the
//! installation does, and what it used is counted.

use super::{
    CONVERSATION_UPDATED, Companion, MODEL_TOLD, Work, allowance::held_for, choose::Wanted,
    settle::day_of,
};
use crate::{
    envelope,
    error::CompanionError,
    model::{ConversationId, Tally, title},
    store::{self, Held},
};
use db::{TxSpec, run_tx};
use kernel::{Ctx, Phi};
use llm::{Answer, ChatRequest, Finish, Location, Message, Model, ModelId, Prices, Role, Wish};
use std::time::Duration;

/// How long a title may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of what was said is told for it.
const TOLD_CHARS: usize = 2_000;
const TITLE_TOKENS: u32 = 48;
/// The longest title that a model is believed.
const LETTERS: usize = 80;
/// It stays the same, so that providers can keep it.
const TASK: &str = "Give the following message a title of two to six words, in the language of \
    the message, calm and without judgement. Write the title alone, without quotation marks.";

/// A conversation whose title is only its first words.
pub(super) struct Untitled {
    pub(super) conversation: ConversationId,
    /// The title as it is by now.
    pub(super) provisional: Phi<String>,
    /// What was said first.
    pub(super) said: Phi<String>,
}

impl Companion {
    /// Gives a conversation a better title, if a model may and can be asked for one.
    pub(super) async fn entitle(&self, ctx: &Ctx, work: &Work, untitled: Untitled) {
        match self.try_to_entitle(ctx, work, &untitled).await {
            Ok(()) => {}
            Err(error) => tracing::info!(%error, "a title stays as it is"),
        }
    }

    async fn try_to_entitle(
        &self,
        ctx: &Ctx,
        work: &Work,
        untitled: &Untitled,
    ) -> Result<(), CompanionError> {
        let Some((mut wish, model)) = self.who_entitles(ctx, work).await? else { return Ok(()) };
        wish.model = Some(model.id.clone());
        wish.others = false;
        let mut request = question(&untitled.said);
        let elsewhere = model.location == Location::Remote;
        if elsewhere {
            request.names = self.0.accounts.called(work.subject()).await?;
        }
        let held =
            held_for(ctx, &model, (llm::estimate_request(&request), u64::from(TITLE_TOKENS)));
        let told = elsewhere.then(|| work.event_on(&MODEL_TOLD, untitled.conversation));
        if held.cost > 0 || told.is_some() {
            run_tx!(self.0.db, TxSpec::queue("companion.begin_title"), |tx| {
                self.afford_installation(tx, &held).await?;
                if let Some(told) = &told {
                    self.0.ledger.record(tx, ctx, &work.keys, told)?;
                }
                Ok::<_, CompanionError>(())
            })?;
        }
        let asked = tokio::select! {
            biased;
            () = self.0.hub.closed() => Err(CompanionError::Stopping),
            () = tokio::time::sleep(PATIENCE) => Err(CompanionError::TooLong),
            asked = self.gateway().complete(&request, &wish) => asked.map_err(Into::into),
        };
        let (answered, failed) = match asked {
            Ok((_, answer)) => (Some(answer), None),
            Err(error) => (None, Some(error)),
        };
        self.settle_title(ctx, work, untitled, (&model, &held, answered)).await?;
        failed.map_or(Ok(()), Err)
    }

    /// The model for titles: the one that the settings name, or the first that costs nothing and
    /// is more than a part of this program.
    async fn who_entitles(
        &self,
        ctx: &Ctx,
        work: &Work,
    ) -> Result<Option<(Wish, Model)>, CompanionError> {
        let settings = &self.0.config.titles;
        if !settings.by_model {
            return Ok(None);
        }
        let named: Option<ModelId> = settings.model.as_ref().and_then(|name| name.parse().ok());
        let wanted = Wanted { asked: None, usual: named.clone() };
        let wish = self.wish_for(ctx, work.subject(), wanted).await?;
        let fits = |model: &Model| match &named {
            Some(named) => model.id == *named,
            None => model.location == Location::Local && model.prices == Some(Prices::NOTHING),
        };
        let candidates = self.gateway().candidates(&wish).into_iter();
        let mut models = candidates.map(|candidate| candidate.model);
        Ok(models.find(fits).map(|model| (wish, model)))
    }

    async fn settle_title(
        &self,
        ctx: &Ctx,
        work: &Work,
        untitled: &Untitled,
        (model, held, answered): (&Model, &Held, Option<Answer>),
    ) -> Result<(), CompanionError> {
        let usage = answered.as_ref().and_then(|answer| answer.usage);
        let tally = usage.map(|usage| Tally::of(&usage, model.prices.as_ref()));
        let better = answered.as_ref().and_then(title_of);
        let event = work.event_on(&CONVERSATION_UPDATED, untitled.conversation);
        run_tx!(self.0.db, TxSpec::queue("companion.entitle"), |tx| {
            let spent = tally.and_then(|tally| tally.cost).unwrap_or_default();
            self.settle_budget(tx, held, spent);
            if let Some(tally) = &tally {
                let (day, name) = (held.day.unwrap_or_else(|| day_of(ctx)), model.id.to_string());
                store::count_usage(tx, &work.access, (day, &name, 0), tally);
            }
            let row = store::take_conversation(tx, &work.access, untitled.conversation).await?;
            let (Some(row), Some(better)) = (row, &better) else { return Ok(()) };
            let mut conversation = envelope::open_conversation(&work.keyring, &row)?;
            // EXPOSE: compared. What the person chose meanwhile stays.
            if conversation.title.expose() != untitled.provisional.expose() {
                return Ok(());
            }
            conversation.title = better.clone();
            conversation.version += 1;
            let sealed = envelope::seal_head(&work.keyring, &conversation)?;
            store::put_conversation(tx, &work.access, &conversation, &sealed);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        })
    }
}

fn question(said: &Phi<String>) -> ChatRequest {
    // EXPOSE: cut, and as sensitive as before.
    let told = Phi::new(said.expose().chars().take(TOLD_CHARS).collect::<String>());
    let part = llm::Part::Text(told);
    let messages =
        vec![Message::text(Role::System, TASK), Message { role: Role::User, parts: vec![part] }];
    ChatRequest {
        max_tokens: Some(TITLE_TOKENS),
        stable_prefix: 1,
        ..ChatRequest::new("", messages)
    }
}

/// The title in an answer, if there is one in it.
fn title_of(answer: &Answer) -> Option<Phi<String>> {
    if !matches!(answer.finish, Finish::Stop | Finish::Length) {
        return None;
    }
    // EXPOSE: becomes a title, which is as sensitive.
    let lines = answer.text.expose().lines().map(str::trim);
    let line = lines.clone().find(|line| !line.is_empty())?;
    let signs: &[char] = &['"', '\'', '*', '#', '«', '»', '“', '”', '„', ' '];
    let words = line.trim_matches(signs).trim_end_matches('.');
    let found = Phi::new(words.to_owned());
    if words.chars().count() > LETTERS { None } else { title(found).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_what_can_be_a_title_is_taken() {
        let title = |text: &str, finish| {
            let answer = Answer {
                text: Phi::new(text.to_owned()),
                refusal: Phi::default(),
                reasoning: Phi::default(),
                thoughts: Vec::new(),
                tool_calls: Vec::new(),
                usage: None,
                finish,
            };
            title_of(&answer).map(|title| title.expose().clone())
        };
        let is = |text: &str| title(text, Finish::Stop);
        assert_eq!(is("\n \"A long night.\"\nmore"), Some("A long night".to_owned()));
        assert_eq!(is("**Schlaf und Arbeit**"), Some("Schlaf und Arbeit".to_owned()));
        assert_eq!((is(""), is("\"\""), is(&"word ".repeat(40))), (None, None, None));
        assert_eq!(title("A night", Finish::Refusal), None);
    }
}
