//! What a model is told: how to be, what was said, and what is remembered of the person.

use super::{
    Companion,
    ask::{Ready, TOLD},
    pair::is_empty,
};
use crate::{
    memory::Recalled,
    model::{Body, Message},
};
use kernel::{Ctx, Phi};
use llm::ChatRequest;

impl Companion {
    /// What a model is asked, and what of it was remembered.
    pub(super) async fn request(
        &self,
        ctx: &Ctx,
        ready: &Ready,
        language: Option<String>,
    ) -> (ChatRequest, Recalled) {
        let system = llm::Message::text(llm::Role::System, &*self.0.instructions);
        let told = ready.before.iter().skip(first_told(&ready.before));
        let said = told.filter(|message| says_something(&message.body));
        let mut messages = vec![system];
        messages.extend(said.map(|message| {
            let part = llm::Part::Text(words(&message.body.text));
            llm::Message { role: message.author.role(), parts: vec![part] }
        }));
        let stable_prefix = messages.len();
        let part = llm::Part::Text(words(&ready.text));
        messages.push(llm::Message { role: llm::Role::User, parts: vec![part] });
        let mut request = ChatRequest {
            max_tokens: Some(self.0.config.answer_tokens),
            stable_prefix,
            language,
            ..ChatRequest::new("", messages)
        };
        let recalled = self.0.memory.recall(ctx, &ready.text, ready.present.is_none()).await;
        recalled.tell(&mut request);
        (request, recalled)
    }
}

/// Whether there is something in a message that a model can be told.
pub(super) fn says_something(body: &Body) -> bool {
    !is_empty(&body.text) || !body.pictures.is_empty()
}

/// The words of a message; what stands for them where pictures came alone, as providers take no
/// empty text.
fn words(text: &Phi<String>) -> Phi<String> {
    if is_empty(text) { Phi::new("(a picture)".to_owned()) } else { text.clone() }
}

/// Where what a model is told begins, once a branch is longer than that: at a message that stays the
/// first one for some turns, so that providers can keep what follows it. Which ones those are is
/// told by their ids.
fn first_told(before: &[Message]) -> usize {
    if before.len() < TOLD {
        return 0;
    }
    let is_mark = |message: &Message| message.id.as_uuid().as_u128().is_multiple_of(16);
    before.iter().take(TOLD / 2).position(is_mark).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, Body, MessageId, State};

    fn message(number: u128) -> Message {
        Message {
            id: MessageId::from(uuid::Uuid::from_u128(number)),
            parent: None,
            author: Author::Person,
            state: State::Done,
            body: Body::default(),
            created_at: kernel::Timestamp::MIN,
        }
    }

    #[test]
    fn what_a_model_is_told_begins_with_the_same_message_for_some_turns() {
        let all: Vec<Message> = (1..=160).map(message).collect();
        assert_eq!(first_told(&all[..TOLD - 1]), 0);
        // Two messages more each turn; what is known are the last ones.
        let firsts = (TOLD..=160).step_by(2).map(|end| {
            let window = &all[end - TOLD..end];
            window[first_told(window)].id.as_uuid().as_u128()
        });
        let mut firsts: Vec<u128> = firsts.collect();
        let turns = firsts.len();
        firsts.dedup();
        assert!(firsts.len() * 6 < turns, "{firsts:?} in {turns} turns");
        // And it is never more than half of what is known that is left out.
        let unmarked: Vec<Message> = (0..60).map(|n| message(16 * n + 1)).collect();
        assert_eq!(first_told(&unmarked), 0);
    }
}
