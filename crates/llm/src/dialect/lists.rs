//! Lists of models and of vectors.

use super::{Dialect, count};
use crate::{
    error::LlmError,
    event::{Embeddings, Usage},
    model::{Abilities, Location, Model, ModelId, Prices, ProviderId},
};
use kernel::Phi;
use serde_json::Value;

/// More models than anyone can choose from.
const MAX_MODELS: usize = 2_000;

/// Reads a list of models. A model whose name cannot be one is left out.
pub(super) fn models(
    dialect: Dialect,
    body: &[u8],
    provider: &ProviderId,
    location: Location,
) -> Result<Vec<Model>, LlmError> {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| LlmError::Malformed("no list of models"))?;
    let list = body.get("data").or(body.get("models")).unwrap_or(&body).as_array();
    let list = list.ok_or(LlmError::Malformed("no list of models"))?;
    let read = |entry: &Value| model(dialect, entry, provider, location);
    Ok(list.iter().filter_map(read).take(MAX_MODELS).collect())
}

fn model(
    dialect: Dialect,
    entry: &Value,
    provider: &ProviderId,
    location: Location,
) -> Option<Model> {
    let text = |name| entry.get(name).and_then(Value::as_str);
    let name = text("id").or(text("model")).or(text("name"))?;
    let id = ModelId::new(provider.clone(), name).ok()?;
    let title = text("display_name").unwrap_or(name).to_owned();
    let limit = count(entry, "max_context_length").or(count(entry, "context_length"));
    let limit = limit.or(count(entry, "max_input_tokens")).or(count(entry, "max_model_len"));
    let context = limit.and_then(|tokens| u32::try_from(tokens).ok());
    let prices = (location == Location::Local).then_some(Prices::NOTHING);
    Some(Model { id, title, location, context, abilities: abilities(dialect, entry, name), prices })
}

fn abilities(dialect: Dialect, entry: &Value, name: &str) -> Abilities {
    let can = |what: &str| {
        let listed = entry.get("capabilities").and_then(Value::as_array);
        listed.is_some_and(|all| all.iter().any(|ability| ability.as_str() == Some(what)))
    };
    match dialect {
        Dialect::LmStudio => {
            let kind = entry.get("type").and_then(Value::as_str).unwrap_or("llm");
            let embeddings = kind == "embeddings";
            Abilities {
                chat: !embeddings,
                vision: kind == "vlm",
                tools: can("tool_use"),
                embeddings,
            }
        }
        Dialect::Ollama => Abilities {
            chat: can("completion") || !can("embedding"),
            vision: can("vision"),
            tools: can("tools"),
            embeddings: can("embedding"),
        },
        Dialect::Anthropic => {
            Abilities { chat: true, vision: true, tools: true, embeddings: false }
        }
        Dialect::OpenAiChat | Dialect::OpenAiResponses => {
            // Nothing is said about it: a model is taken at its word, and says itself what it cannot.
            let embeddings = name.contains("embed");
            let chat = !embeddings;
            Abilities { chat, vision: chat, tools: chat, embeddings }
        }
    }
}

/// Reads what Ollama says about one model: what it can do, and how much it can read.
pub(super) fn about(body: &[u8], model: &mut Model) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    if body.get("capabilities").is_some_and(Value::is_array) {
        model.abilities = abilities(Dialect::Ollama, &body, model.id.name());
    }
    let facts = body.get("model_info").and_then(Value::as_object);
    let length = facts.into_iter().flatten().find(|(name, _)| name.ends_with(".context_length"));
    let length = length.and_then(|(_, length)| length.as_u64());
    model.context = length.and_then(|length| u32::try_from(length).ok()).or(model.context);
}

/// Reads vectors, in the order of the texts.
pub(super) fn vectors(
    dialect: Dialect,
    body: &[u8],
    wanted: usize,
) -> Result<Embeddings, LlmError> {
    const ODD: LlmError = LlmError::Malformed("the vectors are not as agreed");
    let body: Value = serde_json::from_slice(body).map_err(|_| ODD)?;
    let name = if dialect == Dialect::Ollama { "embeddings" } else { "data" };
    let list = body.get(name).and_then(Value::as_array).ok_or(ODD)?;
    let mut vectors = vec![None; wanted];
    for (place, entry) in list.iter().enumerate() {
        let index = count(entry, "index").and_then(|index| usize::try_from(index).ok());
        let numbers = entry.get("embedding").unwrap_or(entry).as_array().ok_or(ODD)?;
        #[expect(clippy::cast_possible_truncation, reason = "vectors are kept in single precision")]
        let vector: Option<Vec<f32>> =
            numbers.iter().map(|number| number.as_f64().map(|number| number as f32)).collect();
        let slot = vectors.get_mut(index.unwrap_or(place)).ok_or(ODD)?;
        *slot = Some(vector.filter(|vector| !vector.is_empty()).ok_or(ODD)?);
    }
    let vectors: Option<Vec<Phi<Vec<f32>>>> =
        vectors.into_iter().map(|vector| vector.map(Phi::new)).collect();
    let usage = body.get("usage").unwrap_or(&body);
    let input = count(usage, "prompt_tokens").or(count(usage, "prompt_eval_count")).unwrap_or(0);
    Ok(Embeddings { vectors: vectors.ok_or(ODD)?, usage: Usage { input, ..Usage::default() } })
}
