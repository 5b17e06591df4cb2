//! The events of a stream, as clients read them.

use super::{Remaining, pair::Pair};
use crate::{
    error::CompanionError,
    guard::{Contact, Finding},
    live::Live,
    model::{Body, ConversationId, MessageId, Tally},
};
use kernel::{Coded, Ctx};
use serde::Serialize;
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
        let Finding { safety, reply, contacts, .. } = found;
        safety.support.then(|| Self {
            level: safety.level,
            support: safety.support,
            alert: safety.alert,
            message: reply.clone(),
            contacts: contacts.clone(),
        })
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
        live.raise(found.safety);
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
pub(super) struct Done {
    pub(super) message_id: Option<MessageId>,
    pub(super) finish: &'static str,
}

/// How an answer broke off.
#[derive(Serialize)]
pub(super) struct Broken<'a> {
    pub(super) message_id: Option<MessageId>,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) request_id: String,
    pub(super) retryable: bool,
    pub(super) partial: bool,
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
            partial,
        }
    }
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
