//! Messages one by one: read, write anew, delete.

use super::{Companion, MESSAGE_DELETED, MESSAGE_EDITED, MESSAGES_READ};
use crate::{
    envelope,
    error::CompanionError,
    model::{Author, Body, ConversationId, Invalid, MESSAGES, Message, MessageId, State},
    store::{self, Held, Place, SealedMessage},
};
use consent::Action;
use db::{TxSpec, run_tx};
use kernel::{Ctx, Cursor, Page, PageSize, Phi, Timestamp};
use std::collections::HashSet;
use uuid::Uuid;

/// Before every message.
const FIRST: Cursor = Cursor { at: Timestamp::MIN, id: Uuid::nil() };

impl Companion {
    /// A page of the messages of a conversation, oldest first, over all branches.
    pub async fn list_messages(
        &self,
        ctx: &Ctx,
        conversation: ConversationId,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Message>, CompanionError> {
        let work = self.begin(ctx, Action::Read).await?;
        let row = store::get_conversation(&self.0.db, &work.access, conversation).await?;
        row.ok_or(CompanionError::NoConversation)?;
        let start = (conversation, after.unwrap_or(FIRST));
        let rows = store::page_of_messages(&self.0.db, &work.access, start, size.get() + 1).await?;
        let Page { items, next } = Page::from_rows(rows, size, SealedMessage::cursor);
        let items = items.iter().map(|row| envelope::open_message(&work.keyring, row));
        let items = items.collect::<Result<_, _>>()?;
        let event = work.event_on(&MESSAGES_READ, conversation);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(Page { items, next })
    }

    /// Writes a message of the caller anew: the new one stands beside the old one, as the end of
    /// a branch of its own that can be answered.
    pub async fn edit_message(
        &self,
        ctx: &Ctx,
        id: MessageId,
        text: Phi<String>,
    ) -> Result<(ConversationId, Message), CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let old = store::get_message(&self.0.db, &work.access, id).await?;
        let old = old.ok_or(CompanionError::NoMessage)?;
        if old.role != Author::Person.number() {
            return Err(Invalid::NotOwn.into());
        }
        let new: MessageId = ctx.new_id();
        let before = envelope::open_message(&work.keyring, &old)?;
        let now = before.followed_at(ctx.now());
        let mut body = Body::of_person(text, !before.body.pictures.is_empty())?;
        body.pictures = before.body.pictures;
        let pictures = self.copy_pictures((ctx, &work), (old.conversation, new), &mut body).await?;
        let row = SealedMessage {
            id: new,
            conversation: old.conversation,
            parent: old.parent,
            role: old.role,
            state: State::Done.number(),
            created_at: now,
            body: envelope::seal_body(&work.keyring, new, &body)?,
            lease_until: None,
            held: Held::default(),
        };
        let event = work.event_on(&MESSAGE_EDITED, new);
        run_tx!(self.0.db, TxSpec::queue("companion.edit_message"), |tx| {
            let taken = store::take_conversation(tx, &work.access, old.conversation).await?;
            let mut conversation = envelope::open_conversation(
                &work.keyring,
                &taken.ok_or(CompanionError::NoConversation)?,
            )?;
            if conversation.messages >= MESSAGES {
                return Err(CompanionError::Full);
            }
            conversation.messages += 1;
            conversation.leaf = Some(new);
            conversation.updated_at = now;
            conversation.version += 1;
            let head = envelope::seal_head(&work.keyring, &conversation)?;
            store::put_conversation(tx, &work.access, &conversation, &head);
            store::insert_message(tx, &work.access, &row);
            for picture in &pictures {
                store::insert_picture(tx, &work.access, picture);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        })?;
        Ok((old.conversation, envelope::open_message(&work.keyring, &row)?))
    }

    /// Deletes a message and everything that followed it.
    pub async fn delete_message(&self, ctx: &Ctx, id: MessageId) -> Result<(), CompanionError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let old = store::get_message(&self.0.db, &work.access, id).await?;
        let old = old.ok_or(CompanionError::NoMessage)?;
        let most = usize::try_from(MESSAGES).unwrap_or(usize::MAX);
        let event = work.event_on(&MESSAGE_DELETED, id);
        let gone = run_tx!(self.0.db, TxSpec::queue("companion.delete_message"), |tx| {
            let taken = store::take_conversation(tx, &work.access, old.conversation).await?;
            let taken = taken.ok_or(CompanionError::NoConversation)?;
            let mut conversation = envelope::open_conversation(&work.keyring, &taken)?;
            let places = store::tree(tx, &work.access, old.conversation, most).await?;
            let gone = below(&places, id);
            for message in &gone {
                self.leave_held(tx, (ctx, &work), *message).await?;
                store::delete_pictures_of(tx, &work.access, (old.conversation, *message));
                store::delete_message(tx, &work.access, *message);
            }
            if conversation.leaf.is_some_and(|leaf| gone.contains(&leaf)) {
                conversation.leaf = old.parent;
            }
            conversation.messages = conversation.messages.saturating_sub(gone.len() as u64);
            conversation.version += 1;
            let head = envelope::seal_head(&work.keyring, &conversation)?;
            store::put_conversation(tx, &work.access, &conversation, &head);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(gone)
        })?;
        for message in gone {
            if let Some(live) = self.0.hub.get(work.subject(), message) {
                live.stop();
            }
        }
        Ok(())
    }
}

/// A message and all that hang on it. `places` are in the order in which they were written, so
/// that what follows a message comes after it.
fn below(places: &[Place], top: MessageId) -> HashSet<MessageId> {
    let mut found = HashSet::from([top]);
    for place in places {
        if place.parent.is_some_and(|parent| found.contains(&parent)) {
            found.insert(place.id);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> MessageId {
        MessageId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn what_hangs_on_a_message_is_its_branch_and_nothing_beside_it() {
        let place = |number, parent: Option<u128>| Place { id: id(number), parent: parent.map(id) };
        let places = [
            place(1, None),
            place(2, Some(1)),
            place(3, Some(1)),
            place(4, Some(2)),
            place(5, Some(4)),
        ];
        assert_eq!(below(&places, id(2)), HashSet::from([id(2), id(4), id(5)]));
        assert_eq!(below(&places, id(3)), HashSet::from([id(3)]));
        assert_eq!(below(&places, id(1)).len(), 5);
    }
}
