//! All conversations as a file, and files into conversations.

use super::{CONVERSATIONS_EXPORTED, CONVERSATIONS_IMPORTED, Companion, Work, pictures};
use crate::{
    envelope,
    error::CompanionError,
    model::{Body, Conversation, ConversationId, MessageId, State, title_from},
    portable::{self, Portable, Unreadable},
    store::{self, Held, SealedMessage, SealedPicture},
};
use bytes::Bytes;
use consent::Action;
use db::run_tx;
use futures_util::{Stream, stream};
use kernel::{Ctx, Cursor, Phi, Timestamp};
use std::collections::VecDeque;
use uuid::Uuid;

/// How many conversations are fetched at once while a file is written.
const CONVERSATIONS: usize = 50;
/// How many messages.
const MESSAGES: usize = 50;
/// Before every message.
const FIRST: Cursor = Cursor { at: Timestamp::MIN, id: Uuid::nil() };

/// What was taken from a file.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// Conversations that are here now and were not before.
    pub taken: usize,
    /// Conversations that were here already.
    pub already_there: usize,
    /// Conversations that were not taken: the how many-th of the file, from 1, and why.
    pub rejected: Vec<(usize, Unreadable)>,
}

/// How far an export has come.
struct Progress {
    companion: Companion,
    work: Work,
    /// Conversations that come next.
    waiting: VecDeque<Conversation>,
    /// Where the next conversations are, and whether they were put away; none at the end.
    more: Option<(bool, Cursor)>,
    /// The conversation that is being written, and how far.
    open: Option<(ConversationId, Cursor)>,
    first: bool,
    first_message: bool,
    ended: bool,
}

impl Companion {
    /// All conversations of the caller as a file, written while it is sent. It is recorded before
    /// the first byte leaves.
    pub async fn export(
        &self,
        ctx: &Ctx,
    ) -> Result<impl Stream<Item = Result<Bytes, CompanionError>> + use<>, CompanionError> {
        let work = self.begin(ctx, Action::Export).await?;
        let event = work.event(&CONVERSATIONS_EXPORTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        let start = Progress {
            companion: self.clone(),
            work,
            waiting: VecDeque::new(),
            more: Some((false, Cursor::NEWEST)),
            open: None,
            first: true,
            first_message: true,
            ended: false,
        };
        Ok(stream::try_unfold(start, Progress::step))
    }

    /// Takes conversations from a file of ours or of a `ChatGPT` export. One that is known is left
    /// as it is, so the same file twice changes nothing the second time.
    pub async fn import(&self, ctx: &Ctx, file: &[u8]) -> Result<ImportReport, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let mut report = ImportReport::default();
        for (found, number) in portable::read(file)?.into_iter().zip(1..) {
            match found {
                Ok(portable) => {
                    let new = self.import_one((ctx, &work), portable).await?;
                    report.taken += usize::from(new);
                    report.already_there += usize::from(!new);
                }
                Err(reason) => report.rejected.push((number, reason)),
            }
        }
        let event = work.event(&CONVERSATIONS_IMPORTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(report)
    }

    /// Whether it was not there before.
    async fn import_one(
        &self,
        (ctx, work): (&Ctx, &Work),
        portable: Portable,
    ) -> Result<bool, CompanionError> {
        let id = ConversationId::from_uuid(match portable.id.parse() {
            Ok(id) => id,
            Err(_) => named(work, &[&portable.id])?,
        });
        if store::get_conversation(&self.0.db, &work.access, id).await?.is_some() {
            return Ok(false);
        }
        let (conversation, messages, pictures) = sealed((ctx, work), id, portable)?;
        let head = envelope::seal_head(&work.keyring, &conversation)?;
        run_tx!(self.0.db, "companion.import", |tx| {
            store::insert_conversation(tx, &work.access, &conversation, &head);
            for message in &messages {
                store::insert_message(tx, &work.access, message);
            }
            for picture in &pictures {
                store::insert_picture(tx, &work.access, picture);
            }
            Ok::<_, CompanionError>(())
        })?;
        Ok(true)
    }
}

/// An id that follows from what a file calls something: the same file gives the same ids, and
/// nobody can write a file that takes the place of something else.
fn named(work: &Work, names: &[&str]) -> Result<Uuid, CompanionError> {
    let bytes = work.keyring.pseudonym("companion.import", names.join("\n").as_bytes())?;
    Ok(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// A conversation of a file as it is stored.
fn sealed(
    (ctx, work): (&Ctx, &Work),
    id: ConversationId,
    portable: Portable,
) -> Result<(Conversation, Vec<SealedMessage>, Vec<SealedPicture>), CompanionError> {
    let mut ids: Vec<MessageId> = Vec::with_capacity(portable.messages.len());
    let mut rows = Vec::with_capacity(portable.messages.len());
    let mut pictures = Vec::new();
    let mut title = portable.title;
    for message in portable.messages {
        let row_id = MessageId::from_uuid(named(work, &[&id.to_string(), &message.id])?);
        let first_words = title_from(&message.text);
        title.get_or_insert(first_words);
        let (named, files) = pictures::sealed(ctx, work, (id, row_id), &message.pictures)?;
        pictures.extend(files);
        let body =
            Body { text: message.text, pictures: named, model: message.model, ..Body::default() };
        rows.push(SealedMessage {
            id: row_id,
            conversation: id,
            parent: message.parent.and_then(|parent| ids.get(parent).copied()),
            role: message.author.number(),
            state: State::Done.number(),
            created_at: message.created_at,
            body: envelope::seal_body(&work.keyring, row_id, &body)?,
            lease_until: None,
            held: Held::default(),
        });
        ids.push(row_id);
    }
    let created_at = portable.created_at;
    let conversation = Conversation {
        id,
        title: title.unwrap_or_default(),
        model: portable.model.filter(|name| name.parse::<llm::ModelId>().is_ok()),
        always: Vec::new(),
        archived: portable.archived,
        messages: rows.len() as u64,
        leaf: ids.get(portable.leaf).copied(),
        created_at,
        updated_at: rows.iter().map(|row| row.created_at).max().unwrap_or(created_at),
        version: 1,
    };
    Ok((conversation, rows, pictures))
}

impl Progress {
    /// The next piece of the file.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, CompanionError> {
        if self.ended {
            return Ok(None);
        }
        // Anew for each piece: a slow reader outlives a keyring.
        self.work.keyring = self.companion.0.vault.keyring(self.work.subject()).await?;
        let mut piece = String::new();
        if let Some((id, at)) = self.open {
            self.put_messages(&mut piece, id, at).await?;
        } else if let Some(conversation) = self.next_conversation().await? {
            let start = if self.first { portable::START } else { "," };
            piece.extend([start, "\n", &portable::head(&conversation)]);
            (self.first, self.first_message) = (false, true);
            self.open = Some((conversation.id, FIRST));
        } else {
            piece.push_str(if self.first { portable::START } else { "" });
            piece.push_str(portable::END);
            self.ended = true;
        }
        Ok(Some((piece.into(), self)))
    }

    async fn put_messages(
        &mut self,
        piece: &mut String,
        id: ConversationId,
        at: Cursor,
    ) -> Result<(), CompanionError> {
        let (db, access) = (&self.companion.0.db, &self.work.access);
        let rows = store::page_of_messages(db, access, (id, at), MESSAGES).await?;
        for row in rows.iter().filter(|row| !row.is_running()) {
            let message = envelope::open_message(&self.work.keyring, row)?;
            let images = self.companion.images(&self.work, &message.body.pictures).await?;
            // EXPOSE: the file is for the person whose conversations they are.
            let text = Phi::new(portable::message(&message, &images));
            piece.push_str(if self.first_message { "\n" } else { ",\n" });
            piece.push_str(text.expose());
            self.first_message = false;
        }
        self.open = match rows.last() {
            Some(last) if rows.len() == MESSAGES => Some((id, last.cursor())),
            Some(_) | None => {
                piece.push_str("]}");
                None
            }
        };
        Ok(())
    }

    async fn next_conversation(&mut self) -> Result<Option<Conversation>, CompanionError> {
        while self.waiting.is_empty() {
            let Some((archived, at)) = self.more else { return Ok(None) };
            let (db, access) = (&self.companion.0.db, &self.work.access);
            let rows = store::list_conversations(db, access, (archived, at), CONVERSATIONS).await?;
            for row in &rows {
                self.waiting.push_back(envelope::open_conversation(&self.work.keyring, row)?);
            }
            self.more = match (rows.last(), archived) {
                (Some(last), _) if rows.len() == CONVERSATIONS => Some((archived, last.cursor())),
                (_, false) => Some((true, Cursor::NEWEST)),
                (_, true) => None,
            };
        }
        Ok(self.waiting.pop_front())
    }
}
