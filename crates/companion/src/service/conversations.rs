//! Conversations as a whole: begin, list, find, name, put away, copy, delete.

use super::{
    CONVERSATION_CREATED, CONVERSATION_DELETED, CONVERSATION_READ, CONVERSATION_UPDATED,
    CONVERSATIONS_LISTED, Companion, Work,
};
use crate::{
    envelope,
    error::CompanionError,
    model::{
        Author, Conversation, ConversationId, Invalid, MESSAGES, MessageId, SEARCH_CHARS, title,
    },
    store::{self, Held, SealedMessage, SealedPicture},
};
use consent::Action;
use db::{TxSpec, run_tx};
use kernel::{Ctx, Cursor, Page, PageSize, Phi};
use llm::ModelId;

/// How many conversations are opened to find those that a person looks for, in one request.
const SCANNED: usize = 200;
/// How many of the newest messages of each are looked into.
const LOOKED_INTO: usize = 200;

/// A conversation to be begun.
#[derive(Default)]
pub struct NewConversation {
    /// Its title.
    pub title: Option<Phi<String>>,
    /// The model to answer in it.
    pub model: Option<String>,
    /// The message whose branch it begins with, as a copy.
    pub from: Option<MessageId>,
}

/// What is to change about a conversation.
#[derive(Default)]
pub struct Change {
    /// Another title.
    pub title: Option<Phi<String>>,
    /// Another model.
    pub model: Option<String>,
    /// Put away, or taken out again.
    pub archived: Option<bool>,
    /// Another branch is to be shown.
    pub leaf: Option<MessageId>,
    /// Only these tools may go on without asking each time; none that was not agreed to comes back.
    pub always: Option<Vec<String>>,
}

fn model_name(name: Option<String>) -> Result<Option<String>, Invalid> {
    match name {
        Some(name) if name.parse::<ModelId>().is_err() => Err(Invalid::Model),
        name => Ok(name),
    }
}

impl Companion {
    /// Begins a conversation, empty or with a copy of a branch of another one.
    pub async fn create_conversation(
        &self,
        ctx: &Ctx,
        new: NewConversation,
    ) -> Result<Conversation, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let branch = match new.from {
            Some(from) => self.whole_branch(&work, from).await?,
            None => Vec::new(),
        };
        let now = ctx.now();
        let mut conversation = Conversation {
            id: ctx.new_id(),
            title: new.title.map(title).transpose()?.unwrap_or_default(),
            model: model_name(new.model)?,
            always: Vec::new(),
            archived: false,
            messages: branch.len() as u64,
            leaf: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let (copies, pictures) = self.copies((ctx, &work), conversation.id, &branch).await?;
        conversation.leaf = copies.last().map(|copy| copy.id);
        let head = envelope::seal_head(&work.keyring, &conversation)?;
        let event = work.event_on(&CONVERSATION_CREATED, conversation.id);
        run_tx!(self.0.db, "companion.create_conversation", |tx| {
            store::insert_conversation(tx, &work.access, &conversation, &head);
            for copy in &copies {
                store::insert_message(tx, &work.access, copy);
            }
            for picture in &pictures {
                store::insert_picture(tx, &work.access, picture);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        })?;
        Ok(conversation)
    }

    /// The finished messages from where a conversation began to this one, oldest first.
    async fn whole_branch(
        &self,
        work: &Work,
        end: MessageId,
    ) -> Result<Vec<SealedMessage>, CompanionError> {
        let most = usize::try_from(MESSAGES).unwrap_or(usize::MAX);
        let mut rows = store::branch(&self.0.db, &work.access, end, most).await?;
        if rows.is_empty() {
            return Err(CompanionError::NoMessage);
        }
        rows.reverse();
        rows.retain(|row| !row.is_running());
        Ok(rows)
    }

    /// Copies of messages for another conversation, hanging together in the same way, with copies of
    /// their pictures.
    async fn copies(
        &self,
        (ctx, work): (&Ctx, &Work),
        conversation: ConversationId,
        branch: &[SealedMessage],
    ) -> Result<(Vec<SealedMessage>, Vec<SealedPicture>), CompanionError> {
        let mut copies: Vec<SealedMessage> = Vec::with_capacity(branch.len());
        let mut pictures = Vec::new();
        for row in branch {
            let id: MessageId = ctx.new_id();
            let mut body = envelope::open_body(&work.keyring, row.id.as_uuid(), &row.body)?;
            // It was used once, in the conversation it comes from.
            body.tally = None;
            let place = (conversation, id);
            pictures.extend(self.copy_pictures((ctx, work), place, &mut body).await?);
            copies.push(SealedMessage {
                id,
                conversation,
                parent: copies.last().map(|above| above.id),
                role: row.role,
                state: row.state,
                created_at: row.created_at,
                body: envelope::seal_body(&work.keyring, id, &body)?,
                lease_until: None,
                held: Held::default(),
            });
        }
        Ok((copies, pictures))
    }

    /// The caller's conversation with this id.
    pub async fn read_conversation(
        &self,
        ctx: &Ctx,
        id: ConversationId,
    ) -> Result<Conversation, CompanionError> {
        let work = self.begin(ctx, Action::Read).await?;
        let row = store::get_conversation(&self.0.db, &work.access, id).await?;
        let row = row.ok_or(CompanionError::NoConversation)?;
        let conversation = envelope::open_conversation(&work.keyring, &row)?;
        let event = work.event_on(&CONVERSATION_READ, id);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(conversation)
    }

    /// A page of the caller's conversations, the last used first. With words to look for, only
    /// those that have them all in their title or in one message; a request opens no more than
    /// 200 conversations, so a page may be short and still have a next.
    pub async fn list_conversations(
        &self,
        ctx: &Ctx,
        (archived, words): (bool, Option<&Phi<String>>),
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Conversation>, CompanionError> {
        let work = self.begin(ctx, Action::Read).await?;
        let start = after.unwrap_or(Cursor::NEWEST);
        let search = words.map(Search::new).transpose()?;
        let batch = if search.is_some() { SCANNED } else { size.get() + 1 };
        let rows =
            store::list_conversations(&self.0.db, &work.access, (archived, start), batch).await?;
        let at_the_end = rows.len() < batch;
        let (mut items, mut at) = (Vec::new(), start);
        let mut next = None;
        for row in rows {
            if items.len() == size.get() {
                next = Some(at);
                break;
            }
            at = row.cursor();
            let conversation = envelope::open_conversation(&work.keyring, &row)?;
            let wanted = match &search {
                Some(search) => self.has(&work, &conversation, search).await?,
                None => true,
            };
            if wanted {
                items.push(conversation);
            }
        }
        if next.is_none() && !at_the_end {
            next = Some(at);
        }
        let event = work.event(&CONVERSATIONS_LISTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(Page { items, next })
    }

    async fn has(
        &self,
        work: &Work,
        conversation: &Conversation,
        search: &Search,
    ) -> Result<bool, CompanionError> {
        if search.finds(&conversation.title) {
            return Ok(true);
        }
        let Some(leaf) = conversation.leaf else { return Ok(false) };
        for row in store::branch(&self.0.db, &work.access, leaf, LOOKED_INTO).await? {
            let body = envelope::open_body(&work.keyring, row.id.as_uuid(), &row.body)?;
            if search.finds(&body.text) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Changes what is said about a conversation.
    pub async fn update_conversation(
        &self,
        ctx: &Ctx,
        id: ConversationId,
        change: Change,
    ) -> Result<Conversation, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let title = change.title.map(title).transpose()?;
        let model = model_name(change.model)?;
        let event = work.event_on(&CONVERSATION_UPDATED, id);
        run_tx!(self.0.db, TxSpec::queue("companion.update_conversation"), |tx| {
            let row = store::take_conversation(tx, &work.access, id).await?;
            let row = row.ok_or(CompanionError::NoConversation)?;
            let mut conversation = envelope::open_conversation(&work.keyring, &row)?;
            if let Some(leaf) = change.leaf {
                let row = store::get_message_in(tx, &work.access, leaf).await?;
                row.filter(|row| row.conversation == id).ok_or(CompanionError::NoMessage)?;
                conversation.leaf = Some(leaf);
            }
            conversation.title = title.clone().unwrap_or(conversation.title);
            conversation.model = model.clone().or(conversation.model);
            if let Some(always) = &change.always {
                conversation.always.retain(|tool| always.contains(tool));
            }
            conversation.archived = change.archived.unwrap_or(conversation.archived);
            conversation.version += 1;
            let head = envelope::seal_head(&work.keyring, &conversation)?;
            store::put_conversation(tx, &work.access, &conversation, &head);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(conversation)
        })
    }

    /// Deletes a conversation with everything in it. What it used stays counted.
    pub async fn delete_conversation(
        &self,
        ctx: &Ctx,
        id: ConversationId,
    ) -> Result<(), CompanionError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let event = work.event_on(&CONVERSATION_DELETED, id);
        let running = run_tx!(self.0.db, TxSpec::queue("companion.delete_conversation"), |tx| {
            let row = store::take_conversation(tx, &work.access, id).await?;
            row.ok_or(CompanionError::NoConversation)?;
            let running = store::running_in(tx, &work.access, id).await?;
            for answer in &running {
                self.leave_held(tx, (ctx, &work), *answer).await?;
            }
            store::delete_messages(tx, &work.access, id);
            store::delete_pictures(tx, &work.access, id);
            store::delete_conversation(tx, &work.access, id);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(running)
        })?;
        for answer in running {
            if let Some(live) = self.0.hub.get(work.subject(), answer) {
                live.stop();
            }
        }
        Ok(())
    }
}

impl Author {
    /// The stored number.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Person => 0,
            Self::Companion => 1,
        }
    }
}

/// Words that must all occur, in upper or lower case.
struct Search(Vec<Phi<String>>);

impl Search {
    /// Each word is looked for in many messages, so the text has a bound.
    fn new(text: &Phi<String>) -> Result<Self, Invalid> {
        // EXPOSE: counted and taken apart into values that are as sensitive.
        let text = text.expose();
        if text.chars().nth(SEARCH_CHARS).is_some() {
            return Err(Invalid::Search);
        }
        let words = text.split_whitespace().map(|word| Phi::new(word.to_lowercase()));
        Ok(Self(words.collect()))
    }

    fn finds(&self, text: &Phi<String>) -> bool {
        // EXPOSE: compared, not shown; the copy is wiped with its wrapper.
        let lower = Phi::new(text.expose().to_lowercase());
        self.0.iter().all(|word| lower.expose().contains(word.expose()))
    }
}
