//! Tools while an answer is written: the model asks, the person agrees where it is theirs to say,
//! the tool runs, and the model is told what came out.
//!
//! What always holds: a tool that has to wait for the person runs only after they agreed to this very
//! use, or to the tool in this conversation; what runs is recorded before it does; what a further
//! turn may cost is held before it begins; nothing runs once danger was seen.

use super::{
    Companion, MODEL_TOLD, TOOL_RUN, TOOL_TOLD, Work,
    allowance::held_for,
    answer::{Ending, Writing},
    ask::Ready,
    settle::day_of,
};
use crate::{
    error::CompanionError,
    guard::Finding,
    model::{ConversationId, Decision, MessageId, TOOL_ROUNDS, TOOL_USES, ToolState, ToolUse},
    store::{self, DayLimits, Held},
    tool::{self, Tool, ToolFailed, Touches},
};
use db::{TxSpec, run_tx};
use kernel::{Ctx, Phi};
use llm::{
    Candidate, ChatRequest, Finish, Location, Message, Model, Part, Role, Thought, ToolCall,
    ToolChoice, ToolResult,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const GONE: ToolFailed = ToolFailed("There is no such tool.");
const ENOUGH: ToolFailed = ToolFailed("No further tool may be used for this answer.");
const NOT_NOW: ToolFailed = ToolFailed("Not now: the person may need help first.");
const REFUSED: ToolFailed = ToolFailed("The person did not want this. Go on without it.");
const SILENT: ToolFailed = ToolFailed("The person did not agree in time. Go on without it.");
const SLOW: ToolFailed = ToolFailed("It took too long.");

/// What the model may ask for while one answer is written, and what it asked for just now.
#[derive(Default)]
pub(super) struct Kit {
    tools: Vec<Arc<dyn Tool>>,
    conversation: Option<ConversationId>,
    /// What may run here without asking the person each time.
    always: Vec<String>,
    rounds: usize,
    /// How much of the answer was there when this turn began.
    from: usize,
    pub(super) calls: Vec<ToolCall>,
    pub(super) thoughts: Vec<Thought>,
    pub(super) asked_by: Option<Model>,
}

impl Kit {
    /// For an answer in this conversation.
    pub(super) fn within(mut self, conversation: ConversationId) -> Self {
        self.conversation = Some(conversation);
        self
    }

    fn find(&self, name: &str) -> Result<Arc<dyn Tool>, ToolFailed> {
        let found = self.tools.iter().find(|tool| tool.spec().name == name);
        found.cloned().ok_or(GONE)
    }
}

impl Companion {
    /// What may be asked for, where the person wants that and the model that is to answer can.
    /// Others may answer in its place if they can too, or ask for nothing at all.
    pub(super) async fn kit(
        &self,
        ctx: &Ctx,
        (ready, found): (&Ready, &Finding),
        (request, candidates): (&mut ChatRequest, &mut Vec<Candidate>),
    ) -> Kit {
        let can = |candidate: &Candidate| candidate.model.abilities.tools;
        // Help stands before everything else.
        if !self.0.config.tools.enabled
            || found.safety.support
            || !candidates.first().is_some_and(can)
        {
            return Kit::default();
        }
        let tools = self.0.tools.tools(ctx).await;
        if !tools.is_empty() {
            candidates.retain(|other| can(other) || other.model.location == Location::Builtin);
        }
        request.tools = tools.iter().map(|tool| offered(tool.as_ref())).collect();
        let always = ready.conversation.as_ref().map(|talk| talk.always.clone());
        Kit { tools, always: always.unwrap_or_default(), ..Kit::default() }
    }

    /// Has an answer hold what a further turn may use at most.
    async fn hold_more(
        &self,
        (ctx, work): (&Ctx, &Work),
        id: MessageId,
        (more, told): (&Held, Option<ConversationId>),
    ) -> Result<(), CompanionError> {
        let limits = self.limits(ctx);
        let day = DayLimits {
            messages: u64::from(limits.messages_per_day),
            tokens: limits.tokens_per_day,
            cost: limits.micro_usd_per_day,
        };
        let event = told.map(|conversation| work.event_on(&MODEL_TOLD, conversation));
        let held = run_tx!(self.0.db, TxSpec::queue("companion.hold_more"), |tx| {
            store::reserve_more(tx, &work.access, more, &day);
            self.afford(tx, work, (&limits, more)).await?;
            store::hold_more(tx, &work.access, (id, more));
            if let Some(event) = &event {
                self.0.ledger.record(tx, ctx, &work.keys, event)?;
            }
            Ok::<_, CompanionError>(())
        });
        match held {
            Err(CompanionError::Db(refused)) if store::nothing_holds(&refused) => {
                Err(CompanionError::NotRunning)
            }
            Err(error) => Err(self.refusal(ctx, work, (&limits, error)).await),
            Ok(()) => Ok(()),
        }
    }
}

fn offered(tool: &dyn Tool) -> llm::Tool {
    let spec = tool.spec();
    llm::Tool {
        name: spec.name.clone(),
        description: spec.description.clone(),
        parameters: spec.parameters.clone(),
    }
}

impl Writing {
    /// Whether the answer goes on once tools have run.
    pub(super) fn wants_tools(&self, ending: &Ending) -> bool {
        let asked = !self.kit.calls.is_empty() && !self.kit.tools.is_empty();
        // Some models end as always though they want a tool.
        let finish = matches!(ending, Ending::Done(Finish::ToolCalls | Finish::Stop));
        asked && finish && self.kit.rounds < TOOL_ROUNDS
    }

    /// Runs what was asked for, and puts what came out to the question.
    pub(super) async fn use_tools(
        &mut self,
        companion: &Companion,
        ctx: &Ctx,
        work: &Work,
    ) -> Result<(), Ending> {
        let calls = std::mem::take(&mut self.kit.calls);
        let mut results = Vec::with_capacity(calls.len());
        for call in &calls {
            let (failed, text) = self.use_tool((companion, ctx, work), call).await?;
            results.push(Part::ToolResult(ToolResult { call_id: call.id.clone(), text, failed }));
        }
        let said = self.turn_said(calls);
        self.request.messages.push(Message { role: Role::Assistant, parts: said });
        self.request.messages.push(Message { role: Role::User, parts: results });
        self.kit.rounds += 1;
        if self.kit.rounds == TOOL_ROUNDS || self.body.tools.len() >= TOOL_USES {
            self.request.tool_choice = ToolChoice::Never;
        }
        self.go_on(companion, ctx, work).await
    }

    /// What the model said in the turn that ends, as it gets it back.
    fn turn_said(&mut self, calls: Vec<ToolCall>) -> Vec<Part> {
        // EXPOSE: cut out of the answer, and as sensitive as before.
        let text = self.body.text.expose();
        let words = text.get(self.kit.from..).unwrap_or_default().to_owned();
        self.kit.from = text.len();
        let thoughts = std::mem::take(&mut self.kit.thoughts).into_iter().map(Part::Thought);
        let words = Some(words).filter(|words| !words.trim().is_empty());
        let words = words.map(|words| Part::Text(Phi::new(words)));
        thoughts.chain(words).chain(calls.into_iter().map(Part::ToolCall)).collect()
    }

    /// Holds what the next turn may use. It is the same model's: what it thought is for it alone.
    async fn go_on(&mut self, companion: &Companion, ctx: &Ctx, work: &Work) -> Result<(), Ending> {
        let Some(model) = self.kit.asked_by.clone() else { return Ok(()) };
        let most = u64::from(companion.0.config.answer_tokens);
        let tokens = (llm::estimate_request(&self.request), most);
        let day = Some(self.held.day.unwrap_or_else(|| day_of(ctx)));
        let more = Held { day, ..held_for(ctx, &model, tokens) };
        let told = self.kit.conversation.filter(|_| model.location == Location::Remote);
        let held = companion.hold_more((ctx, work), self.id, (&more, told)).await;
        held.map_err(|error| match error {
            CompanionError::NotRunning => Ending::Gone,
            other => Ending::Failed(other),
        })?;
        let (tokens, cost) = (self.held.tokens + more.tokens, self.held.cost + more.cost);
        self.held = Held { day, tokens, cost };
        self.wish.model = Some(model.id);
        self.wish.others = false;
        Ok(())
    }

    /// Whether it failed, and what the model is told.
    async fn use_tool(
        &mut self,
        (companion, ctx, work): (&Companion, &Ctx, &Work),
        call: &ToolCall,
    ) -> Result<(bool, Phi<String>), Ending> {
        if self.body.tools.len() >= TOOL_USES {
            return Ok((true, Phi::new(ENOUGH.to_string())));
        }
        let known = self.kit.find(&call.name);
        let spec = known.as_ref().ok().map(|tool| tool.spec().clone());
        // EXPOSE: only measured.
        let shown = call.arguments.expose().len() <= tool::ARGUMENT_BYTES;
        let number = u16::try_from(self.body.tools.len() + 1).unwrap_or(u16::MAX);
        self.body.tools.push(ToolUse {
            number,
            tool: spec.as_ref().map(|spec| spec.name.clone()).unwrap_or_default(),
            touches: spec.as_ref().map_or(Touches::Nothing, |spec| spec.touches),
            place: spec.and_then(|spec| spec.place),
            arguments: if shown { call.arguments.clone() } else { Phi::default() },
            state: ToolState::Running,
            result: Phi::default(),
            at: self.body.text.expose().len(),
        });
        let checked = tool::check_arguments(&call.arguments);
        let ran = match checked.and(known) {
            Ok(tool) => {
                self.agreed_and_run((companion, ctx, work), (tool, &call.arguments)).await?
            }
            Err(failed) => Err((ToolState::Failed, failed)),
        };
        let (state, told) = match ran {
            Ok(result) => (ToolState::Done, tool::bounded(result)),
            Err((state, failed)) => (state, Phi::new(failed.to_string())),
        };
        self.change(|used| (used.state, used.result) = (state, told.clone()));
        self.tell("tool_result");
        let failed = state != ToolState::Done;
        Ok((failed, if failed { told } else { tool::told(&call.name, &told) }))
    }

    async fn agreed_and_run(
        &mut self,
        (companion, ctx, work): (&Companion, &Ctx, &Work),
        (tool, arguments): (Arc<dyn Tool>, &Phi<String>),
    ) -> Result<Result<Phi<String>, (ToolState, ToolFailed)>, Ending> {
        let spec = tool.spec();
        let asker = self.kit.asked_by.as_ref().map_or(Location::Remote, |model| model.location);
        let always = spec.touches.may_always() && self.kit.always.contains(&spec.name);
        if spec.touches.asks(asker) && !always {
            match self.wait_for_person((companion, ctx, work)).await? {
                Some(Decision::Refuse) => return Ok(Err((ToolState::Refused, REFUSED))),
                None => return Ok(Err((ToolState::Expired, SILENT))),
                Some(Decision::Always) => self.kit.always.push(spec.name.clone()),
                Some(Decision::Once) => {}
            }
        }
        if self.live.is_raised() {
            return Ok(Err((ToolState::Failed, NOT_NOW)));
        }
        self.change(|used| used.state = ToolState::Running);
        self.tell("tool_call");
        companion.record_run(ctx, work, (self.id, spec)).await.map_err(Ending::Failed)?;
        let most = Duration::from_secs(u64::from(companion.0.config.tools.seconds));
        let running = timeout(most, tool.run(ctx, arguments));
        let ran = self.meanwhile((companion, ctx, work), running).await?;
        Ok(ran.unwrap_or(Err(SLOW)).map_err(|failed| (ToolState::Failed, failed)))
    }

    /// Shows what is wanted, and waits for what the person says; nothing if they say nothing.
    async fn wait_for_person(
        &mut self,
        all: (&Companion, &Ctx, &Work),
    ) -> Result<Option<Decision>, Ending> {
        let (companion, ctx, work) = all;
        let Some(number) = self.body.tools.last().map(|used| used.number) else { return Ok(None) };
        self.change(|used| used.state = ToolState::Waiting);
        // Who agrees is asked what waits in the database, whatever process asks.
        self.keep(companion, ctx, work).await?;
        self.tell("tool_call");
        let patience = Duration::from_secs(u64::from(companion.0.config.tools.approval_seconds));
        let live = self.live.clone();
        let waited = self.meanwhile(all, timeout(patience, live.decision(number))).await?;
        Ok(waited.ok())
    }

    fn change(&mut self, change: impl FnOnce(&mut ToolUse)) {
        if let Some(used) = self.body.tools.last_mut() {
            change(used);
        }
    }

    /// Tells readers how far the last use has come; who comes late hears of it too.
    fn tell(&self, event: &'static str) {
        if let Some(used) = self.body.tools.last() {
            self.live.pin(event, &super::ToolShown::from(used));
        }
    }
}

impl Companion {
    /// Records what is about to run, before it does.
    async fn record_run(
        &self,
        ctx: &Ctx,
        work: &Work,
        (id, spec): (MessageId, &tool::ToolSpec),
    ) -> Result<(), CompanionError> {
        let action = if spec.touches == Touches::Elsewhere { &TOOL_TOLD } else { &TOOL_RUN };
        let event = work.event_on(action, id).detail("tool", spec.name.clone());
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(())
    }
}
