//! The `conversations.json` of a `ChatGPT` export.

use super::{Loose, Portable, Unreadable, hung, titled};
use crate::model::Author;
use kernel::{Phi, Timestamp};
use serde_json::{Map, Value};

pub(super) fn conversation(value: Value) -> Result<Portable, Unreadable> {
    let Value::Object(mut object) = value else { return Err(Unreadable::Form) };
    let Some(Value::Object(mapping)) = object.remove("mapping") else {
        return Err(Unreadable::Form);
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("conversation_id").or_else(|| text("id"));
    let leaf = text("current_node");
    let begun = object.get("create_time").and_then(moment).unwrap_or(Timestamp::from_micros(0));
    let archived = object.get("is_archived").and_then(Value::as_bool).unwrap_or(false);
    let loose = mapping.into_iter().filter_map(|(id, node)| node_of(id, node)).collect();
    let (messages, leaf) = hung(loose, leaf.as_deref(), begun)?;
    let id = id.or_else(|| messages.first().map(|first| first.id.clone())).unwrap_or_default();
    let title = titled(object.remove("title"));
    Ok(Portable { id, title, model: None, archived, created_at: begun, leaf, messages })
}

fn node_of(id: String, node: Value) -> Option<Loose> {
    let Value::Object(mut node) = node else { return None };
    let parent = node.get("parent").and_then(Value::as_str).map(str::to_owned);
    let Some(Value::Object(mut message)) = node.remove("message") else {
        let pictures = Vec::new();
        return Some(Loose { id, parent, said: None, pictures, model: None, created_at: None });
    };
    let created_at = message.get("create_time").and_then(moment);
    let model = message.get("metadata").and_then(|about| about.get("model_slug"));
    let model = model.and_then(Value::as_str).map(|name| format!("chatgpt/{name}"));
    let said = said(&mut message);
    let pictures = Vec::new();
    Some(Loose { id, parent, said, pictures, model, created_at })
}

/// The words of a person or a model; nothing of tools and rules.
fn said(message: &mut Map<String, Value>) -> Option<(Author, Phi<String>)> {
    let author = match message.get("author")?.get("role")?.as_str()? {
        "user" => Author::Person,
        "assistant" => Author::Companion,
        _ => return None,
    };
    let Some(Value::Object(mut content)) = message.remove("content") else { return None };
    let Some(Value::Array(parts)) = content.remove("parts") else { return None };
    let words = parts.into_iter().filter_map(|part| match part {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    });
    let text = words.collect::<Vec<_>>().join("\n\n");
    (!text.is_empty()).then(|| (author, Phi::new(text)))
}

/// Seconds since 1970, with a fraction.
fn moment(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64().filter(|seconds| (0.0..=32_503_680_000.0).contains(seconds))?;
    #[expect(clippy::cast_possible_truncation, reason = "within the years 1970 to 3000")]
    let micros = (seconds * 1e6) as i64;
    Some(Timestamp::from_micros(micros))
}
