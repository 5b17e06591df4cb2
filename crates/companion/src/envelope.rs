//! From what was said to sealed columns, and back.
//!
//! The forms below are stored: they only change together with the format number of their column.

use crate::{
    error::CompanionError,
    model::{
        Author, Body, Conversation, Failure, Message, MessageId, Notice, Picture, PictureId,
        Safety, Shown, State, Tally, ToolUse,
    },
    store::{CONVERSATION_HEAD, MESSAGE_BODY, SealedConversation, SealedMessage},
};
use kernel::Phi;
use llm::ImageFormat;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vault::{Keyring, Sealed};
use zeroize::Zeroizing;

/// `head`, format 1.
#[derive(Serialize, Deserialize)]
struct HeadForm<T> {
    #[serde(rename = "t")]
    title: T,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    always: Vec<String>,
}

/// A picture of a message: which, and what its bytes are.
#[derive(Serialize, Deserialize)]
struct PictureForm(Uuid, String);

impl From<&Picture> for PictureForm {
    fn from(picture: &Picture) -> Self {
        Self(picture.id.as_uuid(), picture.format.media_type().to_owned())
    }
}

impl TryFrom<PictureForm> for Picture {
    type Error = CompanionError;

    fn try_from(PictureForm(id, name): PictureForm) -> Result<Self, CompanionError> {
        let format = ImageFormat::of_media_type(&name).ok_or(CompanionError::Damaged)?;
        Ok(Self { id: PictureId::from_uuid(id), format })
    }
}

/// `body`, format 1.
#[derive(Serialize, Deserialize)]
struct BodyForm<T> {
    #[serde(rename = "t")]
    text: T,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<PictureForm>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<T>,
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    refused: bool,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    chosen: Option<String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    tally: Option<Tally>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    safety: Option<Safety>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    help: Option<Shown>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    finish: Option<String>,
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    memories: Vec<Uuid>,
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolUse<T>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn encode(form: &impl Serialize, size: usize) -> Result<Zeroizing<Vec<u8>>, CompanionError> {
    // Room enough that nothing is copied while it grows: copies would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    serde_json::to_writer(&mut *bytes, form).map_err(|_| CompanionError::Damaged)?;
    Ok(bytes)
}

/// Seals the title and the model of a conversation.
pub(crate) fn seal_head(
    keyring: &Keyring,
    conversation: &Conversation,
) -> Result<Sealed, CompanionError> {
    // EXPOSE: goes nowhere but into the seal.
    let title = conversation.title.expose().as_str();
    let (model, always) = (conversation.model.clone(), conversation.always.clone());
    let form = HeadForm { title, model, always };
    let bytes = encode(&form, 6 * title.len() + 512)?;
    Ok(keyring.seal(&CONVERSATION_HEAD, conversation.id.as_uuid(), &bytes)?)
}

/// Opens a conversation.
pub(crate) fn open_conversation(
    keyring: &Keyring,
    row: &SealedConversation,
) -> Result<Conversation, CompanionError> {
    let bytes = keyring.open(&CONVERSATION_HEAD, row.id.as_uuid(), &row.head)?;
    // EXPOSE: taken apart into values that are as sensitive.
    let form: HeadForm<Phi<String>> =
        serde_json::from_slice(bytes.expose()).map_err(|_| CompanionError::Damaged)?;
    Ok(Conversation {
        id: row.id,
        title: form.title,
        model: form.model,
        always: form.always,
        archived: row.archived,
        messages: row.messages,
        leaf: row.leaf,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// Seals what is in a message.
pub(crate) fn seal_body(
    keyring: &Keyring,
    id: MessageId,
    body: &Body,
) -> Result<Sealed, CompanionError> {
    // EXPOSE: goes nowhere but into the seal.
    let (text, reasoning) = (body.text.expose().as_str(), body.reasoning.expose().as_str());
    let form = BodyForm {
        text,
        pictures: body.pictures.iter().map(PictureForm::from).collect(),
        reasoning: (!reasoning.is_empty()).then_some(reasoning),
        refused: body.refused,
        model: body.model.clone(),
        chosen: body.chosen.clone(),
        tally: body.tally,
        safety: body.safety.clone(),
        help: body.help.clone(),
        notice: body.notice.clone(),
        failure: body.failure.clone(),
        finish: body.finish.clone(),
        memories: body.memories.clone(),
        tools: body.tools.iter().map(ToolUse::shown).collect(),
    };
    let shown = body.help.as_ref().map_or(0, Shown::len);
    let of_tools =
        |used: &ToolUse| used.arguments.expose().len() + used.result.expose().len() + 256;
    let tools: usize = body.tools.iter().map(of_tools).sum();
    let bytes = encode(&form, 6 * (text.len() + reasoning.len() + shown + tools) + 2048)?;
    Ok(keyring.seal(&MESSAGE_BODY, id.as_uuid(), &bytes)?)
}

/// Opens what is in a message.
pub(crate) fn open_body(
    keyring: &Keyring,
    id: Uuid,
    sealed: &Sealed,
) -> Result<Body, CompanionError> {
    let bytes = keyring.open(&MESSAGE_BODY, id, sealed)?;
    // EXPOSE: taken apart into values that are as sensitive.
    decode_body(bytes.expose())
}

fn decode_body(bytes: &[u8]) -> Result<Body, CompanionError> {
    let form: BodyForm<Phi<String>> =
        serde_json::from_slice(bytes).map_err(|_| CompanionError::Damaged)?;
    Ok(Body {
        text: form.text,
        pictures: form.pictures.into_iter().map(Picture::try_from).collect::<Result<_, _>>()?,
        reasoning: form.reasoning.unwrap_or_default(),
        refused: form.refused,
        model: form.model,
        chosen: form.chosen,
        tally: form.tally,
        safety: form.safety,
        help: form.help,
        notice: form.notice,
        failure: form.failure,
        finish: form.finish,
        memories: form.memories,
        tools: form.tools,
    })
}

/// Opens a message.
pub(crate) fn open_message(
    keyring: &Keyring,
    row: &SealedMessage,
) -> Result<Message, CompanionError> {
    let body = open_body(keyring, row.id.as_uuid(), &row.body)?;
    let author = match row.role {
        0 => Author::Person,
        1 => Author::Companion,
        _ => return Err(CompanionError::Damaged),
    };
    let state = State::from_number(row.state).ok_or(CompanionError::Damaged)?;
    let SealedMessage { id, parent, created_at, .. } = *row;
    Ok(Message { id, parent, author, state, created_at, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{NoticeKind, ToolState},
        tool::Touches,
    };

    #[test]
    fn stored_forms_are_read_for_ever() {
        let body = decode_body(
            br#"{"t":"hi","p":[["0193aaaa-0000-7000-8000-000000000001","image/png"]],"r":"hm","x":true,"m":"a/b","w":"asked_for",
                "u":{"i":3,"c":1,"o":2,"m":9,"e":true},
                "s":{"l":7,"s":true,"a":true,"r":["en.plan"],"p":["ask.1"]},
                "h":{"m":"Call.","c":[{"name":"A","by":"call","at":"1","hours":null}]},
                "n":{"kind":"goes_on","text":"An AI."},"f":{"c":"X","r":true,"a":7},"e":"length",
                "k":["00000000-0000-0000-0000-000000000007"],
                "l":[{"n":1,"t":"look","w":"own_data","a":"{}","s":"done","r":"sun","o":2}]}"#,
        )
        .unwrap();
        let used = body.tools[0].shown();
        assert_eq!((used.number, used.tool.as_str(), used.at), (1, "look", 2));
        assert_eq!((used.touches, used.state), (Touches::OwnData, ToolState::Done));
        assert_eq!((used.arguments, used.result, used.place), ("{}", "sun", None));
        assert_eq!((body.text.expose().as_str(), body.reasoning.expose().as_str()), ("hi", "hm"));
        assert!(body.refused);
        let id = PictureId::from_uuid("0193aaaa-0000-7000-8000-000000000001".parse().unwrap());
        assert_eq!(body.pictures, [Picture { id, format: ImageFormat::Png }]);
        assert_eq!(
            (body.model.as_deref(), body.chosen.as_deref()),
            (Some("a/b"), Some("asked_for"))
        );
        let tally = Tally { input: 3, cached: 1, output: 2, cost: Some(9), estimated: true };
        assert_eq!(body.tally, Some(tally));
        let rules = vec!["en.plan".to_owned()];
        let shown = vec!["ask.1".to_owned()];
        assert_eq!(
            body.safety,
            Some(Safety { level: 7, support: true, alert: true, rules, shown })
        );
        let notice = Notice { kind: NoticeKind::GoesOn, text: "An AI.".to_owned() };
        assert_eq!(body.notice, Some(notice));
        let failure = Failure { code: "X".to_owned(), retryable: true, after: Some(7) };
        assert_eq!((body.failure, body.finish.as_deref()), (Some(failure), Some("length")));
        let help = body.help.unwrap();
        assert_eq!((help.message.as_deref(), help.contacts[0].at.as_str()), (Some("Call."), "1"));
        assert_eq!(body.memories, [Uuid::from_u128(7)]);
        let short = decode_body(br#"{"t":"hi"}"#).unwrap();
        assert!(short.tally.is_none() && short.reasoning.expose().is_empty());
    }

    #[test]
    fn what_is_no_form_is_damaged_and_not_guessed_at() {
        for bytes in [&b""[..], b"{}", b"7", br#"{"t":7}"#, br#"{"t":"","p":[[7,""]]}"#] {
            assert!(matches!(decode_body(bytes), Err(CompanionError::Damaged)));
        }
    }
}
