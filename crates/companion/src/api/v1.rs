//! What servers of models offer, in their words, for programs that were written for those:
//! OpenAI's models, Chat Completions and embeddings, and Anthropic's Messages.

mod answer;
mod anthropic;
mod embeddings;
mod openai;

use super::errors;
use crate::{
    error::{BUDGET_USED_UP, KEY_SCOPE_MISSING, MESSAGE_INVALID, PACE_EXCEEDED},
    model::KeyId,
    service::{ANY_MODEL, CALL_BEGUN, Companion},
};
use audit::AUDIT_UNAVAILABLE;
use axum::extract::{DefaultBodyLimit, State};
use consent::CONSENT_REQUIRED;
use httpkit::{
    Access, ApiResult, Audit, Contract, Json, KeyHolder, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt, routes,
};
use kernel::{Phi, common::QUOTA_EXCEEDED};
use llm::{
    ANSWER_INCOMPLETE, Abilities, CONTENT_FILTERED, CONTEXT_TOO_LONG, Location, MODEL_CANNOT,
    MODEL_NOT_FOUND, Model, ModelId, PROVIDER_BUSY, PROVIDER_LIMITED, PROVIDER_MISCONFIGURED,
    PROVIDER_TIMEOUT, PROVIDER_UNREACHABLE, serve,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

const PUBLIC: Audit = Audit::Nothing("tells of models, not of people");
/// Bytes of a question: conversations of programs are long, and pictures are large.
const BODY_BYTES: usize = 8 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<Companion> {
    let ask = Contract::own(CALL_BEGUN.name()).foreign().errors(errors![
        ANSWER_INCOMPLETE,
        CONSENT_REQUIRED,
        CONTENT_FILTERED,
        CONTEXT_TOO_LONG,
        KEY_SCOPE_MISSING,
        MESSAGE_INVALID,
        MODEL_CANNOT,
        MODEL_NOT_FOUND,
        BUDGET_USED_UP,
        PACE_EXCEEDED,
        PROVIDER_BUSY,
        PROVIDER_LIMITED,
        PROVIDER_MISCONFIGURED,
        PROVIDER_TIMEOUT,
        PROVIDER_UNREACHABLE,
        QUOTA_EXCEEDED,
    ]);
    let list = Contract::new(Access::Own, PUBLIC).foreign().errors(&[&KEY_SCOPE_MISSING]);
    let large = || DefaultBodyLimit::max(BODY_BYTES);
    OpenApiRouter::new()
        .routes(routes!(models).under(&list))
        .routes(routes!(openai::chat).under(&ask).layer(large()))
        .routes(routes!(embeddings::create).under(&ask))
        .routes(routes!(anthropic::messages).under(&ask).layer(large()))
}

/// Words that somebody said.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
struct Words(Phi<String>);

fn key_id(key: Option<Uuid>) -> Option<KeyId> {
    key.map(KeyId::from_uuid)
}

/// The models that can be asked for. `salus/auto` is the one that this installation prefers.
#[utoipa::path(get, path = "/v1/models", operation_id = "v1_models", tag = "compatible",
    responses((status = 200, body = Value, description = "As OpenAI and Anthropic list models.")))]
async fn models(
    State(companion): State<Companion>,
    KeyHolder { ctx, key }: KeyHolder,
) -> ApiResult<Json<Value>> {
    let mut models = companion.call_models(&ctx, key_id(key)).await?;
    models.insert(0, any_model()?);
    Ok(Json(serve::model_list(&models, kernel::Timestamp::from_micros(0))))
}

/// The name that stands for whatever is preferred.
fn any_model() -> ApiResult<Model> {
    let id: Result<ModelId, _> = ANY_MODEL.parse();
    Ok(Model {
        id: id.map_err(|_| httpkit::ApiError::new(&MODEL_NOT_FOUND))?,
        title: "As this Salus prefers".to_owned(),
        location: Location::Builtin,
        context: None,
        abilities: Abilities { chat: true, ..Abilities::default() },
        prices: None,
    })
}
