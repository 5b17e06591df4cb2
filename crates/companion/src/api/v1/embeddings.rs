//! OpenAI's embeddings.

use super::{Words, key_id, openai::field};
use crate::service::Companion;
use axum::extract::State;
use httpkit::{ApiResult, Json, KeyHolder, limits::AllowSeconds};
use llm::{EmbedRequest, serve};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

const TEXTS: usize = 512;

/// Texts whose meaning is wanted as numbers.
#[derive(Deserialize, ToSchema)]
pub(super) struct EmbeddingRequest {
    /// The model, `provider/name`.
    model: String,
    /// One text or several.
    input: Input,
    #[serde(default)]
    encoding_format: Option<String>,
    #[serde(default)]
    dimensions: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Input {
    One(Words),
    Some(Vec<Words>),
}

/// Turns texts into vectors, as OpenAI's embeddings.
#[utoipa::path(post, path = "/v1/embeddings", operation_id = "v1_embeddings", tag = "compatible",
    request_body = EmbeddingRequest,
    responses((status = 200, body = Value, description = "The vectors, as OpenAI gives them.")))]
pub(super) async fn create(
    State(companion): State<Companion>,
    KeyHolder { ctx, key }: KeyHolder,
    _: AllowSeconds<120>,
    Json(body): Json<EmbeddingRequest>,
) -> ApiResult<Json<Value>> {
    let as_bytes = match body.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => return Err(field("encoding_format: float or base64").into()),
    };
    let inputs = match body.input {
        Input::One(Words(text)) => vec![text],
        Input::Some(texts) => texts.into_iter().map(|Words(text)| text).collect(),
    };
    if !(1..=TEXTS).contains(&inputs.len()) {
        return Err(field("input: 1 to 512 texts").into());
    }
    let request = EmbedRequest {
        model: String::new(),
        inputs,
        dimensions: body.dimensions,
        names: Vec::new(),
    };
    let (model, found) = companion.call_embed(&ctx, (key_id(key), &body.model), request).await?;
    Ok(Json(serve::embedding_list(&model, &found, as_bytes)))
}
