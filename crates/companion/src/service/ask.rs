//! A message is sent: it is looked at, a model is chosen, the allowance is asked, both messages
//! are stored, and the answer begins.

use super::{
    Companion, MESSAGE_SENT, MODEL_TOLD, Work,
    answer::Writing,
    events::{Broken, Done, Meta, tell_first, tell_of_help},
    pair::{Pair, is_empty},
    title::Untitled,
};
use crate::{
    envelope,
    error::CompanionError,
    guard::{Finding, Said},
    live::Live,
    model::{Author, Body, Conversation, ConversationId, Invalid, Message, MessageId, State},
    store::{self, Held},
};
use audit::Event;
use consent::Action;
use crisis::Source;
use db::{TxSpec, run_tx};
use kernel::{Ctx, Phi, Purpose, Subject};
use llm::{ChatRequest, LlmError, Location, Model, ModelId, Reach, Reason, Wish};
use providers::Viewer;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How many messages of a branch a model is told.
const TOLD: usize = 60;
/// How long an answer belongs to whoever writes it, unless they say that they go on.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// What a person sends.
#[derive(Default)]
pub struct Asking {
    /// The conversation; a new one is begun without.
    pub conversation: Option<ConversationId>,
    /// The message that it follows; the end of the branch that is shown without.
    pub parent: Option<MessageId>,
    /// What they say.
    pub content: Option<Phi<String>>,
    /// Instead of saying something: the message of theirs that is to be answered, again or for
    /// the first time.
    pub reply_to: Option<MessageId>,
    /// The model to answer.
    pub model: Option<String>,
    /// The language to answer in.
    pub language: Option<String>,
    /// The country they are in, for whom to turn to.
    pub place: Option<String>,
}

/// An answer that has begun.
pub struct Opened {
    /// The answer, which also names its stream; none where nothing could be stored.
    pub answer: Option<MessageId>,
    /// Its conversation.
    pub conversation: Option<ConversationId>,
    /// What it says, as it comes.
    pub(crate) live: Arc<Live>,
}

/// The model that was named with a question, and the one that is usual there.
pub(super) struct Wanted<'a> {
    pub(super) asked: Option<&'a ModelId>,
    pub(super) usual: Option<ModelId>,
}

/// What is known before anything is stored.
pub(super) struct Ready {
    pub(super) work: Work,
    pub(super) conversation: Option<Conversation>,
    /// Oldest first, up to and without what is to be answered.
    pub(super) before: Vec<Message>,
    /// What is to be answered, if it is there already.
    pub(super) present: Option<Message>,
    pub(super) text: Phi<String>,
}

impl Ready {
    fn said(&self) -> Vec<Said<'_>> {
        self.before
            .iter()
            .map(|message| Said {
                author: message.author,
                text: &message.body.text,
                shown: message.body.safety.as_ref().map_or(&[], |safety| &safety.shown),
            })
            .collect()
    }
}

impl Companion {
    /// Sends a message and begins its answer. Whoever is in danger is answered whatever fails.
    pub async fn ask(&self, ctx: &Ctx, asking: Asking) -> Result<Opened, CompanionError> {
        let asked = asking.model.as_deref().map(str::parse::<ModelId>).transpose();
        let asked = asked.map_err(|_| Invalid::Model)?;
        let (language, place) = (asking.language.clone(), asking.place.clone());
        let look = |text: &Phi<String>, before: &[Said<'_>]| {
            self.0.guard.look(text, before, language.as_deref(), place.as_deref())
        };
        // Without what was said before, which may be out of reach.
        let alone = asking.content.as_ref().map(|text| look(text, &[]));
        let ready = match self.ready(ctx, &asking).await {
            Ok(ready) => ready,
            Err(error) => return self.help_or(ctx, alone, error),
        };
        let found = look(&ready.text, &ready.said());
        let for_help = found.clone();
        let opened = if found.safety.alert {
            self.help(ctx, ready, found).await
        } else {
            self.answer(ctx, ready, found, (asked.as_ref(), language)).await
        };
        opened.or_else(|error| self.help_or(ctx, Some(for_help), error))
    }

    async fn ready(&self, ctx: &Ctx, asking: &Asking) -> Result<Ready, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        match (&asking.content, asking.reply_to) {
            (Some(content), None) => {
                let Body { text, .. } = Body::of_person(content.clone())?;
                let Some(id) = asking.conversation else {
                    let before = Vec::new();
                    return Ok(Ready { work, conversation: None, before, present: None, text });
                };
                let conversation = self.conversation(&work, id).await?;
                let before = match asking.parent.or(conversation.leaf) {
                    Some(parent) => self.branch_to(&work, id, parent).await?,
                    None => Vec::new(),
                };
                let conversation = Some(conversation);
                Ok(Ready { work, conversation, before, present: None, text })
            }
            (None, Some(id)) => {
                let row = store::get_message(&self.0.db, &work.access, id).await?;
                let row = row.ok_or(CompanionError::NoMessage)?;
                let conversation = self.conversation(&work, row.conversation).await?;
                let mut before = self.branch_to(&work, row.conversation, id).await?;
                let present = before.pop().filter(|message| message.author == Author::Person);
                let present = present.ok_or(Invalid::NotOwn)?;
                let text = present.body.text.clone();
                let (conversation, present) = (Some(conversation), Some(present));
                Ok(Ready { work, conversation, before, present, text })
            }
            _ => Err(Invalid::OneOf.into()),
        }
    }

    async fn conversation(
        &self,
        work: &Work,
        id: ConversationId,
    ) -> Result<Conversation, CompanionError> {
        let row = store::get_conversation(&self.0.db, &work.access, id).await?;
        envelope::open_conversation(&work.keyring, &row.ok_or(CompanionError::NoConversation)?)
    }

    /// The branch that ends with this finished message, oldest first.
    async fn branch_to(
        &self,
        work: &Work,
        conversation: ConversationId,
        end: MessageId,
    ) -> Result<Vec<Message>, CompanionError> {
        let rows = store::branch(&self.0.db, &work.access, end, TOLD).await?;
        let last = rows.first().ok_or(Invalid::Parent)?;
        if last.conversation != conversation || last.is_running() {
            return Err(Invalid::Parent.into());
        }
        let open = |row| envelope::open_message(&work.keyring, row);
        rows.iter().rev().map(open).collect()
    }

    /// Someone is in danger: the answer is the help, and nothing is asked of any model or counted.
    async fn help(
        &self,
        ctx: &Ctx,
        ready: Ready,
        found: Finding,
    ) -> Result<Opened, CompanionError> {
        let text = Phi::new(found.reply.clone().unwrap_or_default());
        let body = Body { text, safety: Some(found.safety.clone()), ..Body::default() };
        let pair = Pair::new(ctx, &ready, (&body, State::Done), Held::default())?;
        let work = &ready.work;
        let event = work.event_on(&MESSAGE_SENT, pair.asked);
        run_tx!(self.0.db, TxSpec::queue("companion.help"), |tx| {
            self.put_pair(tx, work, &pair).await?;
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            work.notice((tx, ctx, &self.0.ledger), Source::Chat, Some(&found))?;
            Ok::<_, CompanionError>(())
        })?;
        let live = Live::new(work.subject(), CancellationToken::new());
        live.pin("meta", &Meta::of(&pair, &body, (None, false)));
        tell_of_help(&live, &found);
        live.end("done", &Done { message_id: Some(pair.answer.id), finish: "help" });
        Ok(opened(&pair, Arc::new(live)))
    }

    async fn answer(
        &self,
        ctx: &Ctx,
        ready: Ready,
        found: Finding,
        (asked, language): (Option<&ModelId>, Option<String>),
    ) -> Result<Opened, CompanionError> {
        let usual = ready.conversation.as_ref().and_then(|talk| talk.model.as_ref());
        let usual: Option<ModelId> = usual.and_then(|name| name.parse().ok());
        let wanted = Wanted { asked, usual };
        let mut wish = self.wish_for(ctx, ready.work.subject(), wanted).await?;
        let notice = self.notice_after(&ready.before, ctx.now(), language.as_deref());
        let mut request = self.request(&ready, language);
        wish.tokens = u32::try_from(llm::estimate_request(&request)).unwrap_or(u32::MAX);
        let candidates = self.gateway().candidates(&wish);
        let first = candidates.first().ok_or(LlmError::ModelNotFound)?;
        let safety = (found.safety.level > 0).then(|| found.safety.clone());
        let body = Body {
            model: Some(first.model.id.to_string()),
            chosen: Some(reason_name(first.reason).to_owned()),
            safety,
            notice,
            ..Body::default()
        };
        let held = self.held(ctx, &request, first);
        let pair = Pair::new(ctx, &ready, (&body, State::Running), held)?;
        let subject = ready.work.subject();
        let at_once = usize::from(self.0.config.answers_at_once);
        let live = self.0.hub.begin(subject, pair.answer.id, at_once)?;
        let told = candidates.iter().any(|candidate| candidate.model.location == Location::Remote);
        if told {
            request.names = self.0.accounts.called(subject).await?;
        }
        let begun = self.begin_answer(ctx, &ready.work, &pair, (told, &found)).await;
        if let Err(error) = begun {
            self.0.hub.forget(pair.answer.id);
            return Err(error);
        }
        let remaining = self.remaining(ctx, &ready.work).await.ok();
        let limits = self.limits(ctx);
        let little = remaining.is_some_and(|remaining| remaining.is_little_of(&limits));
        live.pin("meta", &Meta::of(&pair, &body, (remaining, little)));
        tell_first(&live, &body, &found);
        let opened = opened(&pair, live.clone());
        let id = pair.answer.id;
        let untitled = pair.is_untitled.then(|| Untitled {
            conversation: pair.conversation.id,
            provisional: pair.conversation.title.clone(),
            said: ready.text.clone(),
        });
        let writing = Writing { id, body, held, wish, request, live, untitled };
        self.0.tasks.spawn(writing.run(self.clone(), ctx.clone(), ready.work));
        Ok(opened)
    }

    /// Which models may answer: the one that was named, or those that the person's consent and
    /// the settings allow.
    pub(super) async fn wish_for(
        &self,
        ctx: &Ctx,
        subject: Subject,
        Wanted { asked, usual }: Wanted<'_>,
    ) -> Result<Wish, CompanionError> {
        let for_models = ctx.clone().for_purpose(Purpose::AiInteraction);
        let registry = self.gateway().registry();
        let location = |id: &ModelId| registry.model(id).map(|model| model.location);
        let agreed = match asked.map(location) {
            Some(None) => return Err(LlmError::ModelNotFound.into()),
            Some(Some(Location::Builtin)) => false,
            // Refused and recorded where the person named a model without having agreed.
            Some(Some(Location::Local | Location::Remote)) => {
                self.0.consents.authorize(&for_models, Action::Read, subject).await?;
                true
            }
            None => self.0.consents.allows(&for_models, Action::Read, subject).await?,
        };
        let allowed = if agreed {
            self.0.providers.allowed(Viewer::of(ctx))
        } else {
            let builtin = |model: &&Model| model.location == Location::Builtin;
            Some(registry.models().filter(builtin).map(|model| model.id.clone()).collect())
        };
        Ok(Wish {
            model: asked.cloned().or(usual),
            others: asked.is_none(),
            reach: if agreed { Reach::Anywhere } else { Reach::Own },
            allowed,
            ..Wish::default()
        })
    }

    fn request(&self, ready: &Ready, language: Option<String>) -> ChatRequest {
        let system = llm::Message::text(llm::Role::System, &*self.0.instructions);
        let said = ready.before.iter().filter(|message| !is_empty(&message.body.text));
        let mut messages = vec![system];
        messages.extend(said.map(|message| {
            let part = llm::Part::Text(message.body.text.clone());
            llm::Message { role: message.author.role(), parts: vec![part] }
        }));
        let stable_prefix = messages.len();
        let part = llm::Part::Text(ready.text.clone());
        messages.push(llm::Message { role: llm::Role::User, parts: vec![part] });
        ChatRequest {
            max_tokens: Some(self.0.config.answer_tokens),
            stable_prefix,
            language,
            ..ChatRequest::new("", messages)
        }
    }

    async fn begin_answer(
        &self,
        ctx: &Ctx,
        work: &Work,
        pair: &Pair,
        (told, found): (bool, &Finding),
    ) -> Result<(), CompanionError> {
        let limits = self.limits(ctx);
        let events: Vec<Event> = [
            Some(work.event_on(&MESSAGE_SENT, pair.asked)),
            told.then(|| work.event_on(&MODEL_TOLD, pair.conversation.id)),
        ]
        .into_iter()
        .flatten()
        .collect();
        run_tx!(self.0.db, TxSpec::queue("companion.begin_answer"), |tx| {
            self.admit(tx, ctx, work, (&limits, &pair.answer.held)).await?;
            self.put_pair(tx, work, pair).await?;
            for event in &events {
                self.0.ledger.record(tx, ctx, &work.keys, event)?;
            }
            work.notice((tx, ctx, &self.0.ledger), Source::Chat, Some(found))?;
            Ok::<_, CompanionError>(())
        })
    }

    /// Whoever is in danger gets help even where their message could not be taken; everybody else
    /// hears what went wrong.
    fn help_or(
        &self,
        ctx: &Ctx,
        found: Option<Finding>,
        error: CompanionError,
    ) -> Result<Opened, CompanionError> {
        let (Some(found), Ok(subject)) =
            (found.filter(|found| found.safety.alert), ctx.own_subject())
        else {
            return Err(error);
        };
        self.0.guard.helped_unrecorded(subject.tenant, Source::Chat, &found);
        let live = Live::new(subject, CancellationToken::new());
        live.pin("meta", &Meta::default());
        tell_of_help(&live, &found);
        live.end("error", &Broken::of(&error, ctx, None, true));
        Ok(Opened { answer: None, conversation: None, live: Arc::new(live) })
    }
}

/// Why a model was chosen, as it is told and kept.
pub(super) const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Asked => "asked",
        Reason::Preferred => "preferred",
        Reason::Fallback => "fallback",
        Reason::First => "first",
    }
}

fn opened(pair: &Pair, live: Arc<Live>) -> Opened {
    Opened { answer: Some(pair.answer.id), conversation: Some(pair.conversation.id), live }
}
