//! Questions of a person's own programs, by personal key. They pass the same guard, consent and
//! allowance as what is said in conversations; nothing of them or their answers is stored.
//!
//! What is held of the allowance is a row until it is settled. Whoever asks and goes away is
//! settled for what came until then, and the model is not asked on for nobody.

mod charge;
mod people;
mod relay;
mod remembered;

pub(crate) use relay::Pieces;
pub(crate) use remembered::PLACE_KEY;
pub(super) use remembered::Remembered;

use super::{
    CALL_BEGUN, Companion, MODEL_TOLD, Work,
    allowance::{held_for, hold, used_up},
    choose::Wanted,
};
use crate::{
    config::Limits,
    error::CompanionError,
    guard::{Finding, Said},
    model::{Author, KeyId, KeyLimits, Scope},
    store::{self, Call, Held},
};
use audit::Event;
use charge::Charge;
pub(super) use charge::KEPT;
use consent::Action;
use crisis::Source;
use db::{Tx, TxSpec, run_tx};
use kernel::{Ctx, Phi, TenantId};
use llm::{
    Answer, ChatRequest, EmbedRequest, Embeddings, Finish, Format, LlmError, Location, Message,
    Meter, Model, ModelId, Part, Role, Wish,
};
use remembered::Place;
use std::time::Duration;
use uuid::Uuid;

/// Stands for the model that this installation prefers.
pub const ANY_MODEL: &str = "salus/auto";
/// How long a call may still be settled by whoever made it, after the longest time it may take.
const GRACE: Duration = Duration::from_mins(1);

/// A question of a program.
pub struct Calling {
    /// The key it was asked with; none where a log-in was shown instead.
    pub key: Option<KeyId>,
    /// The model, or [`ANY_MODEL`].
    pub model: String,
    /// The question.
    pub request: ChatRequest,
    /// Whether the program is content with an answer that it got before.
    pub again: bool,
}

/// What an answer is headed with.
pub struct Head {
    /// The id of the call.
    pub id: Uuid,
    /// The model that answers.
    pub model: String,
    /// About how many tokens the question has.
    pub input: u64,
    /// Whether the answer was given before; none where it could not be remembered.
    pub again: Option<bool>,
}

/// A call that may be made.
struct Ready {
    charge: Charge,
    wish: Wish,
    request: ChatRequest,
    head: Head,
    /// What is said before the answer, where someone may need support.
    first: Option<Phi<String>>,
    /// Where the answer may be remembered.
    place: Option<Place>,
}

/// What is to happen.
enum Plan {
    /// No model is asked: somebody is in danger and this helps, or this was answered before.
    Said(Head, Box<Answer>),
    Ask(Box<Ready>),
}

impl Companion {
    /// Asks for a whole answer.
    pub async fn call(
        &self,
        ctx: &Ctx,
        calling: Calling,
    ) -> Result<(Head, Answer), CompanionError> {
        let ready = match self.plan(ctx, calling).await? {
            Plan::Said(head, answer) => return Ok((head, *answer)),
            Plan::Ask(ready) => *ready,
        };
        let Ready { mut charge, wish, request, mut head, first, place } = ready;
        charge.begun(Meter::new(&request));
        let most = Duration::from_secs(u64::from(self.0.config.answer_seconds));
        let asked = tokio::select! {
            biased;
            () = self.0.hub.closed() => Err(CompanionError::Stopping),
            () = tokio::time::sleep(most) => Err(CompanionError::TooLong),
            asked = self.gateway().complete(&request, &wish) => asked.map_err(Into::into),
        };
        let (model, mut answer) = match asked {
            Ok(answered) => answered,
            Err(error) => return Err(charge.failed(error).await),
        };
        head.model = model.id.to_string();
        let usage = charge.answered(&model, &answer);
        answer.usage.get_or_insert(usage);
        charge.settle().await?;
        if let Some(place) = place {
            self.remember(ctx, place, (&model, &answer));
        }
        if let Some(first) = first {
            answer.text = joined(&first, &answer.text);
        }
        Ok((head, answer))
    }

    /// Asks for an answer piece by piece.
    pub async fn call_stream(
        &self,
        ctx: &Ctx,
        calling: Calling,
    ) -> Result<(Head, Pieces), CompanionError> {
        match self.plan(ctx, calling).await? {
            Plan::Said(head, answer) => Ok((head, relay::whole(*answer))),
            Plan::Ask(ready) => self.relay(ctx, *ready).await,
        }
    }

    /// Turns texts into vectors.
    pub async fn call_embed(
        &self,
        ctx: &Ctx,
        (key, model): (Option<KeyId>, &str),
        mut request: EmbedRequest,
    ) -> Result<(String, Embeddings), CompanionError> {
        let model: ModelId = model.parse().map_err(|_| LlmError::ModelNotFound)?;
        let limits = self.limits_of(ctx, key, Scope::Embeddings).await?;
        let work = self.begin(ctx, Action::Write).await?;
        let known = self.gateway().registry().model(&model).cloned();
        let known = known.filter(|model| self.offers(ctx, model));
        let known = known.ok_or(LlmError::ModelNotFound)?;
        self.wish_for(ctx, work.subject(), Wanted { asked: Some(&model), usual: None }).await?;
        if !known.abilities.embeddings {
            return Err(LlmError::Unsupported("embeddings").into());
        }
        if is_elsewhere(&[&known]) {
            request.names = self.0.accounts.called(work.subject()).await?;
        }
        // EXPOSE: only counted.
        let input = request.inputs.iter().map(|text| llm::estimate(text.expose())).sum();
        let held = held_for(ctx, &known, (input, 0));
        let call = Call { id: ctx.new_id(), key, model: model.to_string(), held };
        let mut charge = self.begin_call(ctx, work, call, (limits, &[&known], None)).await?;
        let found = match self.gateway().embed(&model, &request).await {
            Ok(found) => found,
            Err(error) => return Err(charge.failed(error.into()).await),
        };
        charge.used(&known, &found.usage);
        charge.settle().await?;
        Ok((known.id.to_string(), found))
    }

    /// The models that can be asked for, once the key is found good for asking.
    pub async fn call_models(
        &self,
        ctx: &Ctx,
        key: Option<KeyId>,
    ) -> Result<Vec<Model>, CompanionError> {
        self.limits_of(ctx, key, Scope::Models).await?;
        let registry = self.gateway().registry();
        let useful = |model: &&Model| {
            let can = model.abilities.chat || model.abilities.embeddings;
            can && self.offers(ctx, model)
        };
        Ok(registry.models().filter(useful).cloned().collect())
    }

    async fn plan(&self, ctx: &Ctx, calling: Calling) -> Result<Plan, CompanionError> {
        let limits = self.limits_of(ctx, calling.key, Scope::Chat).await?;
        let found = self.look_at(&calling.request);
        let alert = found.as_ref().filter(|found| found.safety.alert).cloned();
        if let Some(found) = alert {
            return Ok(self.call_for_help(ctx, &calling, found).await);
        }
        let Calling { key, model, mut request, again } = calling;
        let asked = match model.as_str() {
            ANY_MODEL => None,
            name => Some(name.parse::<ModelId>().map_err(|_| LlmError::ModelNotFound)?),
        };
        let most = self.0.config.answer_tokens;
        request.max_tokens = Some(request.max_tokens.map_or(most, |wanted| wanted.min(most)));
        let work = self.begin(ctx, Action::Write).await?;
        let told = Wanted { asked: asked.as_ref(), usual: None };
        let mut wish = self.wish_for(ctx, work.subject(), told).await?;
        let input = llm::estimate_request(&request);
        wish.tokens = u32::try_from(input).unwrap_or(u32::MAX);
        (wish.vision, wish.tools) = (request.has_images(), !request.tools.is_empty());
        let mut candidates = self.gateway().candidates(&wish);
        let output = request.max_tokens.unwrap_or(most).into();
        let taken = hold(ctx, (&mut candidates, &mut wish), (input, output));
        let taken = taken.ok_or(LlmError::ModelNotFound)?;
        let models: Vec<&Model> = candidates.iter().map(|candidate| &candidate.model).collect();
        let first = models.first().ok_or(LlmError::ModelNotFound)?;
        if is_elsewhere(&models) {
            request.names = self.0.accounts.called(work.subject()).await?;
        }
        let call = Call { id: ctx.new_id(), key, model: first.id.to_string(), held: taken };
        let mut head = Head { id: call.id, model: call.model.clone(), input, again: None };
        let place = if again {
            self.place_of(&work, (&request, first), found.as_ref()).await?
        } else {
            None
        };
        if let Some(place) = place {
            let known = self.remembered(ctx, place);
            head.again = Some(known.is_some());
            if let Some((model, answer)) = known {
                let call = Call { held: Held { tokens: 0, cost: 0, ..call.held }, model, ..call };
                self.ask_again(ctx, &work, (&call, &limits)).await?;
                return Ok(Plan::Said(Head { model: call.model, ..head }, Box::new(answer)));
            }
        }
        let plain = request.format == Format::Text && request.tools.is_empty();
        let support = found.filter(|found| found.safety.support && plain);
        let about = (limits, models.as_slice(), support.as_ref());
        let charge = self.begin_call(ctx, work, call, about).await?;
        let first = support.and_then(|found| found.reply).map(Phi::new);
        Ok(Plan::Ask(Box::new(Ready { charge, wish, request, head, first, place })))
    }

    /// What the key leaves, if it is good for this.
    async fn limits_of(
        &self,
        ctx: &Ctx,
        key: Option<KeyId>,
        scope: Scope,
    ) -> Result<KeyLimits, CompanionError> {
        let Some(key) = key else { return Ok(KeyLimits::default()) };
        let subject = ctx.own_subject().map_err(|_| CompanionError::NotLoggedIn)?;
        let known = self.known_key(ctx.now(), subject, key).await?;
        let known = known.ok_or(CompanionError::Ended)?;
        if known.scopes.has(scope) { Ok(known.limits) } else { Err(CompanionError::Scope) }
    }

    /// Looks at the last thing that the person said.
    fn look_at(&self, request: &ChatRequest) -> Option<Finding> {
        let spoken: Vec<(Author, Phi<String>)> =
            request.messages.iter().filter_map(spoken).collect();
        let last = spoken.iter().rposition(|(author, _)| *author == Author::Person)?;
        let before = spoken.iter().take(last);
        let before: Vec<Said<'_>> =
            before.map(|(author, text)| Said { author: *author, text, shown: &[] }).collect();
        let (_, text) = spoken.get(last)?;
        Some(self.0.guard.look(text, &before, None, None))
    }

    /// Help does not wait for anything; that it was given is recorded if that can be done.
    async fn call_for_help(&self, ctx: &Ctx, calling: &Calling, found: Finding) -> Plan {
        let id: Uuid = ctx.new_id();
        let recorded = async {
            let work = self.begin(ctx, Action::Write).await?;
            let event = work.event_on(&CALL_BEGUN, id).detail("help", "true");
            run_tx!(self.0.db, "companion.call_for_help", |tx| {
                self.0.ledger.record(tx, ctx, &work.keys, &event)?;
                work.notice((tx, ctx, &self.0.ledger), Source::Program, Some(&found))
            })
        };
        if let Err(error) = recorded.await {
            let tenant = ctx.own_subject().map_or(TenantId::DEFAULT, |subject| subject.tenant);
            self.0.guard.helped_unrecorded(tenant, Source::Program, &found);
            tracing::warn!(%error, "help for a program's person could not be recorded");
        }
        let head = Head { id, model: calling.model.clone(), input: 0, again: None };
        Plan::Said(head, Box::new(help(Phi::new(found.reply.unwrap_or_default()))))
    }

    /// Lets a call through that exceeds neither what its person nor what its key may use.
    async fn admit_call(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        work: &Work,
        (call, limits, of_key): (&Call, &Limits, &KeyLimits),
    ) -> Result<(), CompanionError> {
        self.admit(tx, ctx, work, (limits, &call.held)).await?;
        let Some(key) = call.key else { return Ok(()) };
        let of_day = (call.held.day.unwrap_or_default(), &call.held);
        let there = store::reserve_of_key(tx, &work.access, (key, of_key), of_day);
        if there { Ok(()) } else { Err(used_up(ctx)) }
    }

    async fn begin_call(
        &self,
        ctx: &Ctx,
        work: Work,
        call: Call,
        (of_key, models, shown): (KeyLimits, &[&Model], Option<&Finding>),
    ) -> Result<Charge, CompanionError> {
        let at_once = usize::from(self.0.config.answers_at_once);
        let slot = self.0.slots.take(work.subject(), at_once)?;
        let limits = self.limits(ctx);
        let is_told = is_elsewhere(models);
        let begun = match call.key {
            Some(key) => work.event_on(&CALL_BEGUN, call.id).detail("key", key.to_string()),
            None => work.event_on(&CALL_BEGUN, call.id),
        };
        let told = is_told.then(|| work.event_on(&MODEL_TOLD, call.id));
        let events: Vec<Event> = [Some(begun), told].into_iter().flatten().collect();
        let most = Duration::from_secs(u64::from(self.0.config.answer_seconds));
        let lease = ctx.now().plus(most + GRACE);
        // Nothing leaves the house and nothing is shown that has to be on record: what is lost with
        // the machine is an answer that nobody got, and what it held.
        let spec = TxSpec::queue("companion.begin_call");
        let spec = if is_told || shown.is_some() { spec } else { spec.unsynced() };
        let begun = run_tx!(self.0.db, spec, |tx| {
            self.admit_call(tx, ctx, &work, (&call, &limits, &of_key)).await?;
            store::begin_call(tx, &work.access, &call, lease);
            for event in &events {
                self.0.ledger.record(tx, ctx, &work.keys, event)?;
            }
            work.notice((tx, ctx, &self.0.ledger), Source::Program, shown)?;
            Ok::<_, CompanionError>(())
        });
        if let Err(error) = begun {
            return Err(self.refusal(ctx, &work, (&limits, error)).await);
        }
        Ok(Charge::new(self.clone(), ctx.clone(), work, (call, slot)))
    }
}

fn is_elsewhere(models: &[&Model]) -> bool {
    models.iter().any(|model| model.location == Location::Remote)
}

/// What somebody said in this message, if it was somebody who speaks.
fn spoken(message: &Message) -> Option<(Author, Phi<String>)> {
    let author = match message.role {
        Role::System => return None,
        Role::User => Author::Person,
        Role::Assistant => Author::Companion,
    };
    let mut text = Phi::new(String::new());
    for part in &message.parts {
        if let Part::Text(more) = part {
            // EXPOSE: put together as Phi again.
            text = joined(&text, more);
        }
    }
    // EXPOSE: only measured.
    (!text.expose().is_empty()).then_some((author, text))
}

/// One text and then the other, with an empty line between.
fn joined(first: &Phi<String>, second: &Phi<String>) -> Phi<String> {
    // EXPOSE: put together as Phi again.
    match (first.expose().as_str(), second.expose().as_str()) {
        ("", text) | (text, "") => Phi::new(text.to_owned()),
        (first, second) => Phi::new(format!("{first}\n\n{second}")),
    }
}

fn help(text: Phi<String>) -> Answer {
    Answer {
        text,
        refusal: Phi::default(),
        reasoning: Phi::default(),
        thoughts: Vec::new(),
        tool_calls: Vec::new(),
        usage: Some(llm::Usage::default()),
        finish: Finish::Stop,
    }
}
