//! The events of a stream, as clients read them.

use super::{Remaining, pair::Pair};
use crate::{
    error::CompanionError,
    guard::{Contact, Finding},
    live::Live,
    model::{Body, ConversationId, Failure, Message, MessageId, Safety, Shown, Tally},
};
use kernel::{Coded, Ctx, ErrorCode};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// What goes before the answer in the stream.
#[derive(Default, Serialize)]
pub(super) struct Meta<'a> {
    stream_id: Option<MessageId>,
    conversation_id: Option<ConversationId>,
    user_message_id: Option<MessageId>,
    message_id: Option<MessageId>,
    model: Option<&'a str>,
    chosen: Option<&'a str>,
    remaining: Option<Remaining>,
    nearly_used_up: bool,
    memories: &'a [Uuid],
}

impl<'a> Meta<'a> {
    /// Of these messages.
    pub(super) fn of(
        pair: &Pair,
        body: &'a Body,
        (remaining, nearly_used_up): (Option<Remaining>, bool),
    ) -> Self {
        Self {
            stream_id: Some(pair.answer.id),
            conversation_id: Some(pair.conversation.id),
            user_message_id: Some(pair.asked),
            message_id: Some(pair.answer.id),
            model: body.model.as_deref(),
            chosen: body.chosen.as_deref(),
            remaining,
            nearly_used_up,
            memories: &body.memories,
        }
    }

    /// Of an answer that is stored.
    pub(super) fn of_stored(conversation: ConversationId, message: &'a Message) -> Self {
        Self {
            stream_id: Some(message.id),
            conversation_id: Some(conversation),
            user_message_id: message.parent,
            message_id: Some(message.id),
            model: message.body.model.as_deref(),
            chosen: message.body.chosen.as_deref(),
            memories: &message.body.memories,
            ..Self::default()
        }
    }
}

/// What the guard has to say to whoever wrote a message.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ChatHelp)]
pub(crate) struct Help {
    /// From 0 to 10.
    level: u8,
    /// Help is put within reach.
    support: bool,
    /// Help comes first: the message below is the answer.
    pub(crate) alert: bool,
    /// The words.
    message: Option<String>,
    /// Whom to turn to.
    contacts: Vec<Contact>,
}

impl Help {
    /// What there is to say, if there is anything.
    pub(super) fn of(found: &Finding) -> Option<Self> {
        Some(Self::new(&found.safety, found.shown()?))
    }

    /// What was said with a stored answer.
    pub(super) fn kept(body: &Body) -> Option<Self> {
        let safety = body.safety.as_ref().filter(|safety| safety.support)?;
        Some(Self::new(safety, body.help.clone().unwrap_or_default()))
    }

    fn new(safety: &Safety, Shown { message, contacts }: Shown) -> Self {
        let Safety { level, support, alert, .. } = *safety;
        Self { level, support, alert, message, contacts }
    }
}

/// Says what the guard found; with an alert, that is the answer.
pub(super) fn tell_of_help(live: &Live, found: &Finding) {
    if let Some(help) = Help::of(found) {
        live.pin("safety", &help);
    }
    if found.safety.alert {
        live.delta(found.reply.as_deref().unwrap_or_default());
    }
}

/// Says what was seen while an answer is written, beside it; whoever reads later finds it kept with
/// the answer. Once the answer has ended nothing is said.
pub(super) fn tell_late(live: &Live, found: Finding) {
    if let Some(help) = Help::of(&found)
        && live.pin_while_open("safety", &help)
    {
        let shown = found.shown();
        live.raise(found.safety, shown);
    }
}

/// Says what stands before an answer of a model: that an AI answers, and help within reach.
pub(super) fn tell_first(live: &Live, body: &Body, found: &Finding) {
    if let Some(notice) = &body.notice {
        live.pin("notice", notice);
    }
    tell_of_help(live, found);
}

/// How an answer ended well.
#[derive(Serialize)]
pub(super) struct Done<'a> {
    pub(super) message_id: Option<MessageId>,
    pub(super) finish: &'a str,
}

/// How an answer broke off.
#[derive(Serialize)]
pub(super) struct Broken<'a> {
    pub(super) message_id: Option<MessageId>,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) request_id: String,
    pub(super) retryable: bool,
    /// In how many seconds, where that was said.
    pub(super) retry_after: Option<u64>,
    pub(super) partial: bool,
}

impl<'a> Broken<'a> {
    /// Of an answer that is stored.
    pub(super) fn of_stored(ctx: &Ctx, message_id: MessageId, failure: &'a Failure) -> Self {
        Self {
            message_id: Some(message_id),
            code: &failure.code,
            message: words_of(&failure.code),
            request_id: ctx.request_id.to_string(),
            retryable: failure.retryable,
            retry_after: failure.after,
            partial: true,
        }
    }
}

/// What a person is told about a code that an answer can break off with.
fn words_of(code: &str) -> &'static str {
    let all: [&[&ErrorCode]; 5] = [
        crate::error::CODES,
        llm::CODES,
        kernel::common::CODES,
        consent::CODES,
        httpkit::codes::CODES,
    ];
    let found = all.into_iter().flatten().find(|known| known.code == code);
    found.map_or(CompanionError::NotRunning.code().message, |known| known.message)
}

impl Broken<'_> {
    pub(super) fn of(
        error: &CompanionError,
        ctx: &Ctx,
        message_id: Option<MessageId>,
        partial: bool,
    ) -> Broken<'static> {
        let code = error.code();
        Broken {
            message_id,
            code: code.code,
            message: code.message,
            request_id: ctx.request_id.to_string(),
            retryable: error.is_retryable(),
            retry_after: error.retry_after().map(whole_seconds),
            partial,
        }
    }
}

/// Seconds, rounded up: whoever waits so long does not come too early.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// How an answer was stopped.
#[derive(Serialize)]
pub(super) struct Stopped {
    pub(super) message_id: MessageId,
    pub(super) partial: bool,
}

/// What an answer used.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageUsage)]
pub(crate) struct Used {
    /// Tokens read.
    input_tokens: u64,
    /// Of these, from the provider's cache.
    cached_tokens: u64,
    /// Tokens written.
    output_tokens: u64,
    /// Millionths of a US dollar; null if the price is not known.
    micro_usd: Option<u64>,
    /// Counted here, because the provider did not say.
    estimated: bool,
}

impl From<Tally> for Used {
    fn from(tally: Tally) -> Self {
        let Tally { input, cached, output, cost, estimated } = tally;
        Self {
            input_tokens: input,
            cached_tokens: cached,
            output_tokens: output,
            micro_usd: cost,
            estimated,
        }
    }
}
