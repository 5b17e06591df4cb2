//! Personal keys, for programs of the person.

use super::errors;
use crate::{
    error::{KEY_NOT_FOUND, KEYS_FULL, MESSAGE_INVALID},
    model::{ApiKey, KeyId, KeyLimits, Scope, Scopes},
    service::{Companion, KEY_CREATED, KEY_REVOKED, KEYS_LISTED, NewKey},
};
use audit::AUDIT_UNAVAILABLE;
use axum::extract::State;
use consent::CONSENT_REQUIRED;
use httpkit::{
    ApiResult, Contract, Created, Fresh, Json, LoggedIn, NoContent, OpenApiRouter, Path,
    UnderContract, routes,
};
use kernel::{Phi, Secret, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

pub(super) fn routes() -> OpenApiRouter<Companion> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let making =
        own(&KEY_CREATED).errors(errors![CONSENT_REQUIRED, KEYS_FULL, MESSAGE_INVALID]).step_up();
    OpenApiRouter::new()
        .routes(routes!(create).under(&making))
        .routes(routes!(list).under(&own(&KEYS_LISTED).errors(errors![])))
        .routes(routes!(revoke).under(&own(&KEY_REVOKED).errors(errors![KEY_NOT_FOUND])))
}

/// What a key is good for.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
#[schema(as = KeyScope)]
enum ScopeName {
    /// Asking which models there are.
    Models,
    /// Asking models.
    Chat,
    /// Turning texts into vectors.
    Embeddings,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Models => Self::Models,
            ScopeName::Chat => Self::Chat,
            ScopeName::Embeddings => Self::Embeddings,
        }
    }
}

fn names(scopes: Scopes) -> Vec<ScopeName> {
    let all = Scope::ALL.into_iter().filter(|scope| scopes.has(*scope));
    let name = |scope| match scope {
        Scope::Models => ScopeName::Models,
        Scope::Chat => ScopeName::Chat,
        Scope::Embeddings => ScopeName::Embeddings,
    };
    all.map(name).collect()
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyWrite {
    /// What you call it: which program it is for.
    #[schema(value_type = String, min_length = 1, max_length = 80)]
    name: Phi<String>,
    /// What it is good for; everything if left out.
    #[serde(default)]
    #[schema(min_items = 1)]
    scopes: Option<Vec<ScopeName>>,
    /// When it ends by itself, up to ten years from now; never if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// How many messages a day (UTC) may be sent with it, beside what you may use yourself.
    #[serde(default)]
    messages_per_day: Option<u32>,
    /// How many tokens a day may be used with it.
    #[serde(default)]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    tokens_per_day: Option<u64>,
}

/// A key, without its text.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct KeyView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: KeyId,
    /// What you call it.
    #[serde(serialize_with = "super::shown")]
    #[schema(value_type = String)]
    name: Phi<String>,
    /// What it is good for.
    scopes: Vec<ScopeName>,
    /// How many messages a day may be sent with it; null if only your own allowance counts.
    messages_per_day: Option<u32>,
    /// How many tokens a day may be used with it; null if only your own allowance counts.
    tokens_per_day: Option<u64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends by itself; null if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; null if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, scopes, limits, created_at, expires_at, used_at } = key;
        let KeyLimits { messages, tokens } = limits;
        Self {
            id,
            name,
            scopes: names(scopes),
            messages_per_day: messages,
            tokens_per_day: tokens,
            created_at,
            expires_at,
            used_at,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
struct NewKeyView {
    /// Its text. It is told now and never again.
    #[serde(serialize_with = "told_once")]
    #[schema(value_type = String)]
    secret: Secret<String>,
    /// The key.
    key: KeyView,
}

fn told_once<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    // EXPOSE: the person has to get it, this once.
    serializer.serialize_str(secret.expose())
}

/// All keys.
#[derive(Serialize, ToSchema)]
struct KeyList {
    /// The keys, the newest first.
    keys: Vec<KeyView>,
}

/// Makes a personal key for `/v1`. Its text is told this once; only a keyed hash of it is kept.
#[utoipa::path(post, path = "/api/ai/keys", operation_id = "create_key", tag = "models",
    request_body = KeyWrite, responses((status = 201, body = NewKeyView)))]
async fn create(
    State(companion): State<Companion>,
    Fresh(ctx): Fresh,
    Json(body): Json<KeyWrite>,
) -> ApiResult<Created<NewKeyView>> {
    let scopes = body.scopes.map(|names| names.into_iter().map(Scope::from).collect());
    let new = NewKey {
        name: body.name,
        scopes: scopes.unwrap_or_else(|| Scope::ALL.to_vec()),
        expires_at: body.expires_at,
        limits: KeyLimits { messages: body.messages_per_day, tokens: body.tokens_per_day },
    };
    let (key, secret) = companion.create_key(&ctx, new).await?;
    Ok(Created(NewKeyView { secret, key: key.into() }))
}

/// The caller's personal keys, without their texts.
#[utoipa::path(get, path = "/api/ai/keys", operation_id = "list_keys", tag = "models",
    responses((status = 200, body = KeyList)))]
async fn list(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<KeyList>> {
    let keys = companion.list_keys(&ctx).await?;
    Ok(Json(KeyList { keys: keys.into_iter().map(KeyView::from).collect() }))
}

/// Revokes a personal key. Within a second it is good for nothing, and answers that are being
/// given to it end.
#[utoipa::path(delete, path = "/api/ai/keys/{id}", operation_id = "revoke_key", tag = "models",
    params(("id" = uuid::Uuid, Path,)), responses((status = 204)))]
async fn revoke(
    State(companion): State<Companion>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<KeyId>,
) -> ApiResult<NoContent> {
    companion.revoke_key(&ctx, id).await?;
    Ok(NoContent)
}
