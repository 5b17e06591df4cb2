//! A message is sent: it is looked at, a model is chosen, the allowance is asked, both messages
//! are stored, and the answer begins.

use super::{
    Companion, MESSAGE_SENT, MODEL_TOLD, Work,
    allowance::hold,
    answer::Writing,
    choose::{Wanted, reason_name},
    events::{Broken, Done, Help, Meta, tell_first, tell_of_help},
    pair::Pair,
    title::Untitled,
    tools::Kit,
};
use crate::{
    envelope,
    error::CompanionError,
    guard::{Finding, Said},
    live::Live,
    model::{
        Author, Body, Conversation, ConversationId, Invalid, Message, MessageId, State, pictures,
    },
    store::{self, Held},
};
use audit::Event;
use consent::Action;
use crisis::Source;
use db::{TxSpec, run_tx};
use kernel::{Coded, Ctx, ErrorKind, Phi};
use llm::{Image, LlmError, Location, ModelId};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How many messages of a branch a model is told.
pub(super) const TOLD: usize = 60;
/// How long help waits for what it can do without: what was said before, and a place to keep it.
pub(super) const HELP_WAITS: Duration = Duration::from_secs(1);
/// How an answer ends that is help and nothing else.
const HELP: &str = "help";
/// How long an answer belongs to whoever writes it, unless they say that they go on.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// What a person sends.
#[derive(Default)]
pub struct Asking {
    /// The conversation; a new one is begun without.
    pub conversation: Option<ConversationId>,
    /// The message that it follows; the end of the branch that is shown without.
    pub parent: Option<MessageId>,
    /// What they say; nothing where pictures come alone.
    pub content: Option<Phi<String>>,
    /// Pictures that come with it; nothing where one of them is none.
    pub images: Option<Vec<Image>>,
    /// Instead of saying something: the message of theirs that is to be answered, again or for
    /// the first time.
    pub reply_to: Option<MessageId>,
    /// The model to answer.
    pub model: Option<String>,
    /// The language to answer in.
    pub language: Option<String>,
    /// The country they are in, for whom to turn to.
    pub place: Option<String>,
    /// Whether the model may ask for tools.
    pub tools: bool,
}

/// An answer that has begun.
pub struct Opened {
    /// The answer, which also names its stream; none where nothing could be stored.
    pub answer: Option<MessageId>,
    /// Its conversation.
    pub conversation: Option<ConversationId>,
    /// What it says, as it comes.
    pub(crate) live: Arc<Live>,
    /// Whom to turn to, where the message says that it is needed.
    pub(crate) help: Option<Help>,
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
    /// Pictures that came with it just now.
    pub(super) images: Vec<Image>,
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
    /// Sends a message and begins its answer. Whoever is in danger is answered whatever fails, and
    /// whatever does not answer in time.
    pub async fn ask(&self, ctx: &Ctx, asking: Asking) -> Result<Opened, CompanionError> {
        // Without what was said before, which may be out of reach.
        let mut found = asking.content.as_ref().map(|text| self.danger_in(&asking, text, &[]));
        let danger = found.as_ref().is_some_and(|found| found.safety.alert);
        let opening = self.open(ctx, &asking, &mut found);
        let opened = if danger {
            let in_time = tokio::time::timeout(HELP_WAITS, opening).await;
            in_time.unwrap_or(Err(CompanionError::TooLong))
        } else {
            opening.await
        };
        opened.or_else(|error| self.help_or(ctx, found, error))
    }

    fn danger_in(&self, asking: &Asking, text: &Phi<String>, before: &[Said<'_>]) -> Finding {
        self.0.guard.look(text, before, asking.language.as_deref(), asking.place.as_deref())
    }

    /// `found` becomes what the message says in the light of what was said before.
    async fn open(
        &self,
        ctx: &Ctx,
        asking: &Asking,
        found: &mut Option<Finding>,
    ) -> Result<Opened, CompanionError> {
        let asked = asking.model.as_deref().map(str::parse::<ModelId>).transpose();
        let asked = asked.map_err(|_| Invalid::Model)?;
        let ready = self.ready(ctx, asking).await?;
        let now = self.danger_in(asking, &ready.text, &ready.said());
        *found = Some(now.clone());
        if now.safety.alert {
            self.help(ctx, ready, now).await
        } else {
            self.answer(ctx, ready, now, (asked.as_ref(), asking)).await
        }
    }

    async fn ready(&self, ctx: &Ctx, asking: &Asking) -> Result<Ready, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let images = asking.images.clone().ok_or(Invalid::NoPicture)?;
        match (&asking.content, asking.reply_to) {
            (content, None) if content.is_some() || !images.is_empty() => {
                let text = content.clone().unwrap_or_default();
                let Body { text, .. } = Body::of_person(text, !images.is_empty())?;
                pictures(&images)?;
                let Some(id) = asking.conversation else {
                    let before = Vec::new();
                    return Ok(Ready {
                        work,
                        conversation: None,
                        before,
                        present: None,
                        text,
                        images,
                    });
                };
                let conversation = self.conversation(&work, id).await?;
                let before = match asking.parent.or(conversation.leaf) {
                    Some(parent) => self.branch_to(&work, id, parent).await?,
                    None => Vec::new(),
                };
                let conversation = Some(conversation);
                Ok(Ready { work, conversation, before, present: None, text, images })
            }
            (None, Some(id)) if images.is_empty() => {
                let row = store::get_message(&self.0.db, &work.access, id).await?;
                let row = row.ok_or(CompanionError::NoMessage)?;
                let conversation = self.conversation(&work, row.conversation).await?;
                let mut before = self.branch_to(&work, row.conversation, id).await?;
                let present = before.pop().filter(|message| message.author == Author::Person);
                let present = present.ok_or(Invalid::NotOwn)?;
                let text = present.body.text.clone();
                let (conversation, present) = (Some(conversation), Some(present));
                let images = Vec::new();
                Ok(Ready { work, conversation, before, present, text, images })
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
        let body = Body {
            text,
            safety: Some(found.safety.clone()),
            help: found.shown(),
            finish: Some(HELP.to_owned()),
            ..Body::default()
        };
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
        live.end("done", &Done { message_id: Some(pair.answer.id), finish: HELP });
        Ok(opened(&pair, Arc::new(live), &found))
    }

    async fn answer(
        &self,
        ctx: &Ctx,
        ready: Ready,
        found: Finding,
        (asked, asking): (Option<&ModelId>, &Asking),
    ) -> Result<Opened, CompanionError> {
        let (language, country) = (asking.language.clone(), asking.place.clone());
        let usual = ready.conversation.as_ref().and_then(|talk| talk.model.as_ref());
        let usual: Option<ModelId> = usual.and_then(|name| name.parse().ok());
        let wanted = Wanted { asked, usual };
        let mut wish = self.wish_for(ctx, ready.work.subject(), wanted).await?;
        let notice = self.notice_after(&ready.before, ctx.now(), language.as_deref());
        let (mut request, recalled) = self.request(ctx, &ready, language.clone()).await;
        let mut candidates = self.candidates(&ready, (&mut request, &mut wish)).await?;
        let kit = if asking.tools {
            self.kit(ctx, (&ready, &found), (&mut request, &mut candidates)).await
        } else {
            Kit::default()
        };
        let tokens = (llm::estimate_request(&request), self.0.config.answer_tokens.into());
        let held = hold(ctx, (&mut candidates, &mut wish), tokens);
        let first = candidates.first().ok_or(LlmError::ModelNotFound)?;
        let held = held.unwrap_or_default();
        let safety = (found.safety.level > 0).then(|| found.safety.clone());
        let body = Body {
            model: Some(first.model.id.to_string()),
            chosen: Some(reason_name(first.reason).to_owned()),
            safety,
            help: found.shown(),
            notice,
            memories: recalled.told_to(&first.model),
            ..Body::default()
        };
        let pair = Pair::new(ctx, &ready, (&body, State::Running), held)?;
        let subject = ready.work.subject();
        let at_once = usize::from(self.0.config.answers_at_once);
        let (live, place) = self.0.hub.begin(subject, pair.answer.id, at_once)?;
        let told = candidates.iter().any(|candidate| candidate.model.location == Location::Remote);
        if told {
            request.names = self.0.accounts.called(subject).await?;
        }
        let untitled = pair.is_untitled.then(|| Untitled {
            conversation: pair.conversation.id,
            provisional: pair.conversation.title.clone(),
            said: ready.text.clone(),
        });
        let (id, hears, again) = (pair.answer.id, false, live.clone());
        let kit = kit.within(pair.conversation.id);
        let writing = Writing { id, body, held, wish, request, live, place, hears, untitled, kit };
        let Ready { work, before, text, .. } = ready;
        // In a task of its own: whoever leaves now leaves no answer that nobody writes.
        let (companion, ctx, also) = (self.clone(), ctx.clone(), (told, recalled.event));
        let begun = self.0.tasks.spawn(async move {
            let about = (also, &found);
            let opened = companion.begin_writing(&ctx, work, (pair, about), writing).await?;
            let from = (language.as_deref(), country.as_deref());
            companion.look_again(&ctx, (&before, &text, &found), &again, from);
            Ok(opened)
        });
        begun.await.unwrap_or(Err(CompanionError::Stopping))
    }

    /// Stores both messages, and begins to write the answer.
    async fn begin_writing(
        &self,
        ctx: &Ctx,
        work: Work,
        (pair, (also, found)): (Pair, ((bool, Option<Event>), &Finding)),
        writing: Writing,
    ) -> Result<Opened, CompanionError> {
        self.begin_answer(ctx, &work, &pair, (also, found)).await?;
        let remaining = self.remaining(ctx, &work).await.ok();
        let little = remaining.is_some_and(|remaining| remaining.is_little_of(&self.limits(ctx)));
        let Writing { live, body, .. } = &writing;
        live.pin("meta", &Meta::of(&pair, body, (remaining, little)));
        tell_first(live, body, found);
        let opened = opened(&pair, live.clone(), found);
        self.0.tasks.spawn(writing.run(self.clone(), ctx.clone(), work));
        Ok(opened)
    }

    async fn begin_answer(
        &self,
        ctx: &Ctx,
        work: &Work,
        pair: &Pair,
        ((told, recalled), found): ((bool, Option<Event>), &Finding),
    ) -> Result<(), CompanionError> {
        let limits = self.limits(ctx);
        let events: Vec<Event> = [
            Some(work.event_on(&MESSAGE_SENT, pair.asked)),
            told.then(|| work.event_on(&MODEL_TOLD, pair.conversation.id)),
            recalled,
        ]
        .into_iter()
        .flatten()
        .collect();
        let begun = run_tx!(self.0.db, TxSpec::queue("companion.begin_answer"), |tx| {
            self.admit(tx, ctx, work, (&limits, &pair.answer.held)).await?;
            self.put_pair(tx, work, pair).await?;
            for event in &events {
                self.0.ledger.record(tx, ctx, &work.keys, event)?;
            }
            work.notice((tx, ctx, &self.0.ledger), Source::Chat, Some(found))?;
            Ok::<_, CompanionError>(())
        });
        match begun {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refusal(ctx, work, (&limits, error)).await),
        }
    }

    /// Whoever needs help gets it even where their message could not be taken; everybody else hears
    /// what went wrong.
    fn help_or(
        &self,
        ctx: &Ctx,
        found: Option<Finding>,
        error: CompanionError,
    ) -> Result<Opened, CompanionError> {
        // A request that nobody could have understood is told so, unless there is danger.
        let refused = error.code().kind == ErrorKind::Invalid;
        let needs_help = |found: &Finding| found.safety.alert || (found.safety.support && !refused);
        let (Some(found), Ok(subject)) = (found.filter(needs_help), ctx.own_subject()) else {
            return Err(error);
        };
        self.0.guard.helped_unrecorded(subject.tenant, Source::Chat, &found);
        let live = Live::new(subject, CancellationToken::new());
        live.pin("meta", &Meta::default());
        tell_of_help(&live, &found);
        live.end("error", &Broken::of(&error, ctx, None, true));
        let help = Help::of(&found);
        Ok(Opened { answer: None, conversation: None, live: Arc::new(live), help })
    }
}

fn opened(pair: &Pair, live: Arc<Live>, found: &Finding) -> Opened {
    let (answer, conversation) = (Some(pair.answer.id), Some(pair.conversation.id));
    Opened { answer, conversation, live, help: Help::of(found) }
}
