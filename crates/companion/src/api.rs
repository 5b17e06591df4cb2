//! HTTP in and out: the routes, and what conversations look like to clients.

mod approve;
mod chat;
mod conversations;
mod keys;
mod messages;
mod pictures;
mod transfer;
mod usage;
mod v1;

use crate::{
    error::{
        ANSWER_NOT_RUNNING, BUDGET_USED_UP, CONVERSATION_FULL, CONVERSATION_NOT_FOUND,
        MESSAGE_INVALID, MESSAGE_NOT_FOUND, PACE_EXCEEDED, PICTURE_NOT_FOUND,
    },
    guard::Contact,
    model::{
        Author, Conversation, ConversationId, Message, MessageId, Notice, PICTURES_BYTES, Picture,
        PictureId, Safety, Shown, State,
    },
    service::{
        ANSWER_FOLLOWED, ANSWER_STOPPED, CONVERSATION_CREATED, CONVERSATION_DELETED,
        CONVERSATION_READ, CONVERSATION_UPDATED, CONVERSATIONS_LISTED, Companion, MESSAGE_DELETED,
        MESSAGE_EDITED, MESSAGE_SENT, MESSAGES_READ, PICTURE_READ, TENANT_USAGE_READ, TOOL_DECIDED,
        ToolShown, USAGE_READ, Used,
    },
};
use audit::AUDIT_UNAVAILABLE;
use axum::extract::DefaultBodyLimit;
use consent::CONSENT_REQUIRED;
use httpkit::{Contract, OpenApiRouter, UnderContract, UtoipaMethodRouterExt, routes};
use kernel::{
    Phi, Role, Timestamp,
    common::{INVALID_CURSOR, QUOTA_EXCEEDED},
};
use llm::MODEL_NOT_FOUND;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// How large a message to be answered may be: its pictures are in Base64.
const SENT_BYTES: usize = PICTURES_BYTES.div_ceil(3) * 4 + 256 * 1024;

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

use errors;

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Companion> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    OpenApiRouter::new()
        .merge(conversation_routes())
        .merge(chat_routes())
        .merge(keys::routes())
        .merge(transfer::routes())
        .merge(v1::routes())
        .routes(routes!(usage::own).under(&own(&USAGE_READ).errors(errors![])))
        .routes(
            routes!(usage::all)
                .under(&Contract::role(&[Role::Admin], TENANT_USAGE_READ.name()).errors(errors![])),
        )
}

fn conversation_routes() -> OpenApiRouter<Companion> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let list = own(&CONVERSATIONS_LISTED).errors(errors![
        CONSENT_REQUIRED,
        INVALID_CURSOR,
        MESSAGE_INVALID
    ]);
    let create = own(&CONVERSATION_CREATED)
        .errors(errors![CONSENT_REQUIRED, MESSAGE_INVALID, MESSAGE_NOT_FOUND, PICTURE_NOT_FOUND])
        .idempotent();
    let read = own(&CONVERSATION_READ).errors(errors![CONSENT_REQUIRED, CONVERSATION_NOT_FOUND]);
    let update = own(&CONVERSATION_UPDATED).errors(errors![
        CONSENT_REQUIRED,
        CONVERSATION_NOT_FOUND,
        MESSAGE_INVALID,
        MESSAGE_NOT_FOUND
    ]);
    let delete = own(&CONVERSATION_DELETED).errors(errors![CONVERSATION_NOT_FOUND]);
    let messages = own(&MESSAGES_READ).errors(errors![
        CONSENT_REQUIRED,
        CONVERSATION_NOT_FOUND,
        INVALID_CURSOR
    ]);
    let picture = own(&PICTURE_READ).errors(errors![CONSENT_REQUIRED, PICTURE_NOT_FOUND]);
    let edit = own(&MESSAGE_EDITED).errors(errors![
        CONSENT_REQUIRED,
        CONVERSATION_FULL,
        CONVERSATION_NOT_FOUND,
        MESSAGE_INVALID,
        MESSAGE_NOT_FOUND,
        PICTURE_NOT_FOUND
    ]);
    let remove = own(&MESSAGE_DELETED).errors(errors![CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND]);
    OpenApiRouter::new()
        .routes(routes!(conversations::list).under(&list))
        .routes(routes!(conversations::search).under(&list))
        .routes(routes!(conversations::create).under(&create))
        .routes(routes!(conversations::read).under(&read))
        .routes(routes!(conversations::update).under(&update))
        .routes(routes!(conversations::delete).under(&delete))
        .routes(routes!(messages::list).under(&messages))
        .routes(routes!(messages::of_conversation).under(&messages))
        .routes(routes!(pictures::read).under(&picture))
        .routes(routes!(messages::edit).under(&edit))
        .routes(routes!(messages::delete).under(&remove))
}

fn chat_routes() -> OpenApiRouter<Companion> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let send = own(&MESSAGE_SENT).errors(errors![
        BUDGET_USED_UP,
        CONSENT_REQUIRED,
        CONVERSATION_FULL,
        CONVERSATION_NOT_FOUND,
        MESSAGE_INVALID,
        MESSAGE_NOT_FOUND,
        MODEL_NOT_FOUND,
        PACE_EXCEEDED,
        PICTURE_NOT_FOUND,
        QUOTA_EXCEEDED
    ]);
    let follow = own(&ANSWER_FOLLOWED).errors(errors![CONSENT_REQUIRED, MESSAGE_NOT_FOUND]);
    let cancel = own(&ANSWER_STOPPED).errors(errors![ANSWER_NOT_RUNNING, MESSAGE_NOT_FOUND]);
    let approve = own(&TOOL_DECIDED).errors(errors![
        CONSENT_REQUIRED,
        CONVERSATION_NOT_FOUND,
        MESSAGE_INVALID,
        MESSAGE_NOT_FOUND
    ]);
    OpenApiRouter::new()
        .routes(routes!(approve::approve).under(&approve))
        .routes(routes!(chat::stream).under(&send).layer(DefaultBodyLimit::max(SENT_BYTES)))
        .routes(routes!(chat::follow).under(&follow))
        .routes(routes!(chat::cancel).under(&cancel))
        .routes(routes!(chat::talk).under(&send).layer(DefaultBodyLimit::max(SENT_BYTES)))
        .routes(routes!(chat::message).under(&send).layer(DefaultBodyLimit::max(SENT_BYTES)))
}

/// A conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
struct ConversationView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: ConversationId,
    /// Its title; empty until something was said.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    title: Phi<String>,
    /// The model that was chosen for it, `provider/name`.
    model: Option<String>,
    /// Tools that models may use in it without asking each time.
    always_tools: Vec<String>,
    /// Whether it was put away.
    archived: bool,
    /// How many messages it has, over all branches.
    messages: u64,
    /// The last message of the branch that is shown.
    #[schema(value_type = Option<uuid::Uuid>)]
    leaf_id: Option<MessageId>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When something was last said.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Counts changes, from 1.
    version: u64,
}

impl From<Conversation> for ConversationView {
    fn from(conversation: Conversation) -> Self {
        let Conversation { id, title, model, always, archived, messages, leaf, .. } = conversation;
        let Conversation { created_at, updated_at, version, .. } = conversation;
        Self {
            id,
            title,
            model,
            always_tools: always,
            archived,
            messages,
            leaf_id: leaf,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Who wrote a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageRole)]
enum RoleName {
    /// The person.
    User,
    /// The companion.
    Assistant,
}

/// How far a message has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageState)]
enum StateName {
    /// It is being written.
    Running,
    /// It is whole.
    Done,
    /// It was stopped; what was written by then is here.
    Stopped,
    /// Something failed; what was written by then is here.
    Failed,
}

impl From<State> for StateName {
    fn from(state: State) -> Self {
        match state {
            State::Running => Self::Running,
            State::Done => Self::Done,
            State::Stopped => Self::Stopped,
            State::Failed => Self::Failed,
        }
    }
}

/// What was found in a message about danger.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageSafety)]
struct SafetyView {
    /// From 0 to 10.
    level: u8,
    /// Help was put within reach.
    support: bool,
    /// Help came first.
    alert: bool,
    /// Why, as names of rules.
    rules: Vec<String>,
    /// What was said about it.
    message: Option<String>,
    /// Whom it named to turn to.
    contacts: Vec<Contact>,
}

impl SafetyView {
    fn new(safety: Safety, shown: Option<Shown>) -> Self {
        let Safety { level, support, alert, rules, .. } = safety;
        let Shown { message, contacts } = shown.unwrap_or_default();
        Self { level, support, alert, rules, message, contacts }
    }
}

/// A picture of a message, without its bytes.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagePicture)]
struct PictureView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: PictureId,
    /// What its bytes are.
    media_type: &'static str,
}

impl From<&Picture> for PictureView {
    fn from(picture: &Picture) -> Self {
        Self { id: picture.id, media_type: picture.format.media_type() }
    }
}

/// A message.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
struct MessageView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: MessageId,
    /// The message that it follows; null where the conversation begins.
    #[schema(value_type = Option<uuid::Uuid>)]
    parent_id: Option<MessageId>,
    /// Who wrote it.
    role: RoleName,
    /// How far it has come.
    state: StateName,
    /// The words.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    content: Phi<String>,
    /// The pictures that came with them.
    pictures: Vec<PictureView>,
    /// What the model thought first, where it tells.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = String)]
    reasoning: Phi<String>,
    /// The model would not answer; the words say so.
    refused: bool,
    /// The model that wrote it, `provider/name`.
    model: Option<String>,
    /// What it used.
    usage: Option<Used>,
    /// What was found about danger.
    safety: Option<SafetyView>,
    /// That an AI answers, where it was said with this answer.
    notice: Option<Notice>,
    /// How it ended where it came to its end: `stop`, `length`, `refusal` and so on, as in `done`.
    finish: Option<String>,
    /// The code of what broke it off.
    error: Option<String>,
    /// In how many seconds the same may work, counted from the end, where the provider said so.
    retry_after: Option<u64>,
    /// Which facts of the person's memory the model was told, or are kept because of the message.
    memories: Vec<Uuid>,
    /// The tools that were asked for, in order.
    tools: Vec<ToolShown>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let Message { id, parent, author, state, created_at, body } = message;
        Self {
            id,
            parent_id: parent,
            role: match author {
                Author::Person => RoleName::User,
                Author::Companion => RoleName::Assistant,
            },
            state: state.into(),
            content: body.text,
            pictures: body.pictures.iter().map(PictureView::from).collect(),
            reasoning: body.reasoning,
            refused: body.refused,
            model: body.model,
            usage: body.tally.map(Used::from),
            safety: body.safety.map(|safety| SafetyView::new(safety, body.help)),
            notice: body.notice,
            finish: body.finish,
            error: body.failure.as_ref().map(|failure| failure.code.clone()),
            retry_after: body.failure.and_then(|failure| failure.after),
            memories: body.memories,
            tools: body.tools.iter().map(ToolShown::from).collect(),
            created_at,
        }
    }
}

fn shown<S: Serializer>(text: &Phi<String>, serializer: S) -> Result<S::Ok, S::Error> {
    // EXPOSE: the answer is for the person whose conversation it is.
    serializer.serialize_str(text.expose())
}
