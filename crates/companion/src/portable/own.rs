//! `{"salus_conversations":1,"conversations":[…]}`, each with all of its messages.

use super::{Loose, Portable, Unreadable, hung, titled};
use crate::model::{Author, Conversation, Message, ToolState, picture, pictures};
use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use kernel::{Phi, Timestamp};
use llm::Image;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const START: &str = "{\"salus_conversations\":1,\"conversations\":[";
pub(crate) const END: &str = "\n]}\n";

#[derive(Serialize)]
struct Line<'a> {
    id: uuid::Uuid,
    parent_id: Option<uuid::Uuid>,
    role: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<PictureLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolLine<'a>>,
    created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct PictureLine {
    media_type: String,
    data: String,
}

/// A tool that was used for an answer. It is for the person to read; nothing reads it back.
#[derive(Serialize)]
struct ToolLine<'a> {
    tool: &'a str,
    arguments: &'a str,
    state: ToolState,
    result: &'a str,
}

/// A conversation up to its messages, which are closed by `]}`.
pub(crate) fn head(conversation: &Conversation) -> String {
    // EXPOSE: the file is for the person whose conversations they are.
    let value = serde_json::json!({
        "id": conversation.id.as_uuid(),
        "title": conversation.title.expose(),
        "model": conversation.model,
        "archived": conversation.archived,
        "created_at": conversation.created_at,
        "leaf_id": conversation.leaf.map(|leaf| leaf.as_uuid()),
    });
    let text = value.to_string();
    format!("{},\"messages\":[", text.strip_suffix('}').unwrap_or(&text))
}

/// A message with its pictures.
pub(crate) fn message(message: &Message, images: &[Image]) -> String {
    let pictures = images.iter().map(|image| PictureLine {
        media_type: image.format.media_type().to_owned(),
        // EXPOSE: the file is for the person whose conversations they are.
        data: STANDARD.encode(image.bytes.expose()),
    });
    let tools = message.body.tools.iter().map(|used| ToolLine {
        tool: &used.tool,
        // EXPOSE: the file is for the person whose conversations they are.
        arguments: used.arguments.expose(),
        state: used.state,
        result: used.result.expose(),
    });
    let line = Line {
        id: message.id.as_uuid(),
        parent_id: message.parent.map(|parent| parent.as_uuid()),
        role: match message.author {
            Author::Person => "user",
            Author::Companion => "assistant",
        },
        // EXPOSE: the file is for the person whose conversations they are.
        content: message.body.text.expose(),
        pictures: pictures.collect(),
        model: message.body.model.as_deref(),
        tools: tools.collect(),
        created_at: message.created_at,
    };
    // Text and times: nothing in it can fail to be written.
    serde_json::to_string(&line).unwrap_or_default()
}

pub(super) fn conversation(value: Value) -> Result<Portable, Unreadable> {
    let Value::Object(mut object) = value else { return Err(Unreadable::Form) };
    let Some(Value::Array(messages)) = object.remove("messages") else {
        return Err(Unreadable::Form);
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").ok_or(Unreadable::Form)?;
    let (leaf, model) = (text("leaf_id"), text("model"));
    let begun = object.get("created_at").and_then(moment).unwrap_or(Timestamp::from_micros(0));
    let archived = object.get("archived").and_then(Value::as_bool).unwrap_or(false);
    let loose = messages.into_iter().filter_map(loose).collect();
    let (messages, leaf) = hung(loose, leaf.as_deref(), begun)?;
    let title = titled(object.remove("title"));
    Ok(Portable { id, title, model, archived, created_at: begun, leaf, messages })
}

fn loose(value: Value) -> Option<Loose> {
    let Value::Object(mut object) = value else { return None };
    let author = match object.get("role")?.as_str()? {
        "user" => Author::Person,
        "assistant" => Author::Companion,
        _ => return None,
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let (id, parent, model) = (text("id")?, text("parent_id"), text("model"));
    let created_at = object.get("created_at").and_then(moment);
    let Some(Value::String(content)) = object.remove("content") else { return None };
    let pictures = object.remove("pictures").map(images).unwrap_or_default();
    let said = (!content.trim().is_empty()).then(|| (author, Phi::new(content)));
    Some(Loose { id, parent, said, pictures, model, created_at })
}

/// The pictures of a message; none where one of them cannot be taken.
fn images(value: Value) -> Vec<Image> {
    let lines: Vec<PictureLine> = serde_json::from_value(value).unwrap_or_default();
    let read = lines.iter().map(|line| picture(&line.media_type, &line.data));
    let images: Vec<Image> = read.collect::<Option<_>>().unwrap_or_default();
    if pictures(&images).is_ok() { images } else { Vec::new() }
}

fn moment(value: &Value) -> Option<Timestamp> {
    serde_json::from_value(value.clone()).ok()
}
