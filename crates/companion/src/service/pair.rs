//! A message and its answer, as they are stored together.

use super::{
    Companion, Work,
    ask::{LEASE, Ready},
    pictures,
};
use crate::{
    envelope,
    error::CompanionError,
    model::{Author, Body, Conversation, Invalid, MESSAGES, MessageId, State, title_from},
    store::{self, Held, SealedMessage, SealedPicture},
};
use db::Tx;
use kernel::{Ctx, Phi};
use std::time::Duration;

/// Both messages as they are stored.
pub(super) struct Pair {
    pub(super) conversation: Conversation,
    is_new: bool,
    /// The title is made of the first words, and was empty before.
    pub(super) is_untitled: bool,
    question: Option<SealedMessage>,
    pictures: Vec<SealedPicture>,
    pub(super) asked: MessageId,
    pub(super) answer: SealedMessage,
}

impl Pair {
    /// What is said and an answer with this body.
    pub(super) fn new(
        ctx: &Ctx,
        ready: &Ready,
        (body, state): (&Body, State),
        held: Held,
    ) -> Result<Self, CompanionError> {
        let (now, keyring) = (ctx.now(), &ready.work.keyring);
        let is_new = ready.conversation.is_none();
        let mut conversation = ready.conversation.clone().unwrap_or_else(|| Conversation {
            id: ctx.new_id(),
            title: Phi::default(),
            model: None,
            always: Vec::new(),
            archived: false,
            messages: 0,
            leaf: None,
            created_at: now,
            updated_at: now,
            version: 0,
        });
        let is_untitled = is_empty(&conversation.title);
        if is_untitled {
            conversation.title = title_from(&ready.text);
        }
        let is_untitled = is_untitled && !is_empty(&conversation.title);
        let above = ready.present.as_ref().or(ready.before.last());
        let at = above.map_or(now, |above| above.followed_at(now));
        let row = |id: MessageId, parent, author: Author| SealedMessage {
            id,
            conversation: conversation.id,
            parent,
            role: author.number(),
            state: State::Done.number(),
            created_at: at,
            body: vault::Sealed::from_bytes(Vec::new()),
            lease_until: None,
            held: Held::default(),
        };
        let mut pictures = Vec::new();
        let question = if ready.present.is_none() {
            let id = ctx.new_id();
            let parent = ready.before.last().map(|message| message.id);
            let place = (conversation.id, id);
            let (named, rows) = pictures::sealed(ctx, &ready.work, place, &ready.images)?;
            pictures = rows;
            let said = Body { text: ready.text.clone(), pictures: named, ..Body::default() };
            let body = envelope::seal_body(keyring, id, &said)?;
            Some(SealedMessage { body, ..row(id, parent, Author::Person) })
        } else {
            None
        };
        let present = ready.present.as_ref().map(|message| message.id);
        let asked = question.as_ref().map(|row| row.id).or(present).ok_or(Invalid::OneOf)?;
        let id = ctx.new_id();
        let answer = SealedMessage {
            body: envelope::seal_body(keyring, id, body)?,
            state: state.number(),
            // It comes after its question, also in lists.
            created_at: at.plus(Duration::from_micros(1)),
            lease_until: (state == State::Running).then(|| now.plus(LEASE)),
            held,
            ..row(id, Some(asked), Author::Companion)
        };
        Ok(Self { conversation, is_new, is_untitled, question, pictures, asked, answer })
    }
}

impl Companion {
    /// Stores both, at the end of their conversation as it is now.
    pub(super) async fn put_pair(
        &self,
        tx: &mut Tx,
        work: &Work,
        pair: &Pair,
    ) -> Result<(), CompanionError> {
        let mut conversation = pair.conversation.clone();
        if !pair.is_new {
            let row = store::take_conversation(tx, &work.access, conversation.id).await?;
            let row = row.ok_or(CompanionError::NoConversation)?;
            let now = envelope::open_conversation(&work.keyring, &row)?;
            let title = if is_empty(&now.title) { conversation.title } else { now.title.clone() };
            conversation = Conversation { title, ..now };
        }
        conversation.messages += 1 + u64::from(pair.question.is_some());
        if conversation.messages > MESSAGES {
            return Err(CompanionError::Full);
        }
        conversation.leaf = Some(pair.answer.id);
        conversation.updated_at = pair.answer.created_at;
        conversation.version += 1;
        let head = envelope::seal_head(&work.keyring, &conversation)?;
        if pair.is_new {
            store::insert_conversation(tx, &work.access, &conversation, &head);
        } else {
            store::put_conversation(tx, &work.access, &conversation, &head);
        }
        for message in pair.question.iter().chain([&pair.answer]) {
            store::insert_message(tx, &work.access, message);
        }
        for picture in &pair.pictures {
            store::insert_picture(tx, &work.access, picture);
        }
        Ok(())
    }
}

/// Whether there are no words.
pub(super) fn is_empty(text: &Phi<String>) -> bool {
    // EXPOSE: only measured.
    text.expose().is_empty()
}
