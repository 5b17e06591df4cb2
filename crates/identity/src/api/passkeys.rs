//! Routes about passkeys: made, seen, named, removed, and used to log in.

use super::{
    IdentityApi,
    factors::ProofBody,
    kind,
    views::{LoginView, NewPasskeyView, PasskeyChallengeView, PasskeyListView, logged_in, private},
};
use crate::{
    actions::{
        LOGGED_IN, PASSKEY_ADDED, PASSKEY_BEGUN, PASSKEY_REMOVED, PASSKEY_RENAMED, PASSKEYS_LISTED,
    },
    error::{
        ACCOUNT_CLOSED, FACTOR_MISSING, FACTOR_SAME, FACTOR_WRONG, IdentityError, LAST_WAY_IN,
        PASSKEY_COPIED, PASSKEY_LATE, PASSKEY_WRONG, PASSKEYS_FULL, PASSKEYS_OFF, PASSWORD_WRONG,
    },
    model::DisplayName,
    passkeys::{NewPasskey, PasskeyAnswer},
    service::PasskeyLogin,
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use httpkit::{
    ApiResult, Caller, Contract, Fresh, Json, LoggedIn, NoContent, OpenApiRouter, Path,
    UnderContract, UtoipaMethodRouterExt,
    codes::{STEP_UP_REQUIRED, USER_INACTIVE},
    cookies, limits,
    openapi::{Access, Audit},
    routes,
};
use kernel::{Ctx, ErrorCode, Secret, TenantId, common};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const ADDING: &[&ErrorCode] =
    &[&PASSKEY_LATE, &PASSKEY_WRONG, &PASSKEYS_FULL, &PASSKEYS_OFF, &common::NOT_FOUND];
const REMOVING: &[&ErrorCode] = &[
    &FACTOR_SAME,
    &FACTOR_WRONG,
    &LAST_WAY_IN,
    &PASSKEY_COPIED,
    &PASSKEY_LATE,
    &PASSKEY_WRONG,
    &PASSKEYS_OFF,
    &PASSWORD_WRONG,
    &STEP_UP_REQUIRED,
    &common::NOT_FOUND,
];
const LOGGING_IN: &[&ErrorCode] = &[
    &ACCOUNT_CLOSED,
    &PASSKEY_COPIED,
    &PASSKEY_LATE,
    &PASSKEY_WRONG,
    &PASSKEYS_OFF,
    &USER_INACTIVE,
];

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let asks = |access| Contract::new(access, Audit::Nothing("a question; its answer is recorded"));
    OpenApiRouter::new()
        .routes(routes!(list_passkeys).under(&Contract::own(PASSKEYS_LISTED.name())))
        .routes(routes!(begin_passkey).under(
            &Contract::own(PASSKEY_BEGUN.name()).step_up().errors(&[
                &PASSKEYS_FULL,
                &PASSKEYS_OFF,
                &common::NOT_FOUND,
            ]),
        ))
        .routes(
            routes!(add_passkey)
                .under(&Contract::own(PASSKEY_ADDED.name()).step_up().errors(ADDING)),
        )
        .routes(
            routes!(rename_passkey)
                .under(&Contract::own(PASSKEY_RENAMED.name()).errors(&[&common::NOT_FOUND])),
        )
        .routes(
            routes!(remove_passkey).under(&Contract::own(PASSKEY_REMOVED.name()).errors(REMOVING)),
        )
        .routes(
            routes!(ask_to_confirm)
                .under(&asks(Access::Own).errors(&[&FACTOR_MISSING, &PASSKEYS_OFF])),
        )
        // Each log-in page asks, to offer passkeys beside names; asking is no try and writes nothing.
        .routes(routes!(ask_for_passkey).under(&asks(Access::Anonymous).errors(&[&PASSKEYS_OFF])))
        .routes(
            routes!(log_in_with_passkey)
                .under(&Contract::anonymous(LOGGED_IN.name()).errors(LOGGING_IN))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(register_biometric)
                .under(&Contract::own(PASSKEY_ADDED.name()).step_up().errors(ADDING)),
        )
        .routes(
            routes!(verify_biometric)
                .under(&Contract::anonymous(LOGGED_IN.name()).errors(LOGGING_IN))
                .layer(from_fn(limits::login)),
        )
}

/// The person's passkeys, oldest first; there are twenty at most.
#[utoipa::path(get, path = "/api/auth/passkeys", operation_id = "list_passkeys", tag = "auth",
    responses((status = 200, body = PasskeyListView)))]
async fn list_passkeys(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Response> {
    let own = api.identity.passkeys(&ctx).await?;
    Ok(private(Json(PasskeyListView::from(own.as_slice())).into_response()))
}

/// Begins a passkey: what the browser is to ask the device for.
#[utoipa::path(post, path = "/api/auth/passkeys/options", operation_id = "begin_passkey",
    tag = "auth", responses((status = 200, body = PasskeyChallengeView)))]
async fn begin_passkey(State(api): State<IdentityApi>, Fresh(ctx): Fresh) -> ApiResult<Response> {
    let asked = api.identity.begin_passkey(&ctx, false).await?;
    Ok(PasskeyChallengeView::response(StatusCode::OK, &asked))
}

/// A passkey that a device has just made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskeyBody {
    /// What came with the options.
    #[schema(value_type = String, format = Password)]
    ticket: Secret<String>,
    /// What `navigator.credentials.create` gave, as its `toJSON` writes it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    credential: Value,
    /// What the person calls it.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// Keeps a passkey: log-ins can be made with it from now on, and those with a password ask for a
/// second factor. With the first factor come ten recovery codes, which are shown this once.
#[utoipa::path(post, path = "/api/auth/passkeys", operation_id = "add_passkey", tag = "auth",
    request_body = NewPasskeyBody, responses((status = 201, body = NewPasskeyView)))]
async fn add_passkey(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    Json(body): Json<NewPasskeyBody>,
) -> ApiResult<Response> {
    add(&api, &ctx, body).await
}

async fn add(api: &IdentityApi, ctx: &Ctx, body: NewPasskeyBody) -> ApiResult<Response> {
    let name = body.name.as_deref().map(DisplayName::new).transpose();
    let name = name.map_err(IdentityError::from)?;
    let new = NewPasskey::new(body.ticket, body.credential)?;
    let how = (name.as_ref(), body.keep_other_sessions);
    let (own, codes) = api.identity.add_passkey(ctx, &new, how).await?;
    let view = NewPasskeyView::new(&own, &codes.unwrap_or_default());
    Ok(private((StatusCode::CREATED, Json(view)).into_response()))
}

/// Another name for a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyNameBody {
    /// What the person calls it.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
}

/// Gives a passkey another name.
#[utoipa::path(patch, path = "/api/auth/passkeys/{id}", operation_id = "rename_passkey",
    tag = "auth", params(("id" = Uuid, Path, description = "Names the passkey.")),
    request_body = PasskeyNameBody, responses((status = 204)))]
async fn rename_passkey(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<Uuid>,
    Json(body): Json<PasskeyNameBody>,
) -> ApiResult<NoContent> {
    let name = DisplayName::new(&body.name).map_err(IdentityError::from)?;
    api.identity.rename_passkey(&ctx, id, &name).await?;
    Ok(NoContent)
}

/// Removes a passkey, after something else has shown that it is you: another passkey, a code, or
/// the password together with a log-in by two factors.
#[utoipa::path(delete, path = "/api/auth/passkeys/{id}", operation_id = "remove_passkey",
    tag = "auth", params(("id" = Uuid, Path, description = "Names the passkey.")),
    request_body = ProofBody, responses((status = 204)))]
async fn remove_passkey(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<Uuid>,
    Json(body): Json<ProofBody>,
) -> ApiResult<NoContent> {
    let (proof, keep_others) = body.proof()?;
    api.identity.remove_passkey(&ctx, id, (&proof, keep_others)).await?;
    Ok(NoContent)
}

/// What the browser is to ask a device for, so that a passkey can show again that it is you:
/// where a `passkey` is taken as proof.
#[utoipa::path(post, path = "/api/auth/passkeys/challenge", operation_id = "ask_to_confirm",
    tag = "auth", responses((status = 200, body = PasskeyChallengeView)))]
async fn ask_to_confirm(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Response> {
    let asked = api.identity.ask_to_confirm(&ctx).await?;
    Ok(PasskeyChallengeView::response(StatusCode::OK, &asked))
}

/// What the browser is to ask a device for, to log in with a passkey. Nobody is named, so the
/// answer is the same for everyone; the device knows whose passkeys it has.
#[utoipa::path(post, path = "/api/auth/login/passkey/options", operation_id = "ask_for_passkey",
    tag = "auth", responses((status = 200, body = PasskeyChallengeView)))]
async fn ask_for_passkey(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
) -> ApiResult<Response> {
    let asked = api.identity.ask_for_passkey(&ctx).await?;
    Ok(PasskeyChallengeView::response(StatusCode::OK, &asked))
}

/// Logging in with a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyLoginBody {
    /// What came with the options.
    #[schema(value_type = String, format = Password)]
    ticket: Secret<String>,
    /// What `navigator.credentials.get` gave, as its `toJSON` writes it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    credential: Value,
    /// Opens a closed account again.
    #[serde(default)]
    restore: bool,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

/// Logs in with a passkey and nothing else. It stands for two factors: the device, and what
/// unlocks it.
#[utoipa::path(post, path = "/api/auth/login/passkey", operation_id = "log_in_with_passkey",
    tag = "auth", request_body = PasskeyLoginBody, responses((status = 200, body = LoginView)))]
async fn log_in_with_passkey(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<PasskeyLoginBody>,
) -> ApiResult<Response> {
    enter(&api, &ctx, &headers, body).await
}

async fn enter(
    api: &IdentityApi,
    ctx: &Ctx,
    headers: &HeaderMap,
    body: PasskeyLoginBody,
) -> ApiResult<Response> {
    let request = PasskeyLogin {
        answer: PasskeyAnswer::new(body.ticket, body.credential)?,
        restore: body.restore,
        kind: kind(body.cookie),
        device: cookies::find(headers, api.cookie.of_device().name()),
    };
    let login = api.identity.log_in_with_passkey(ctx, TenantId::DEFAULT, &request).await?;
    logged_in(api, ctx, StatusCode::OK, login)
}

/// A device authenticator: first asked for, then kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BiometricRegisterBody {
    /// What came with the options. Left out to get them.
    #[schema(value_type = Option<String>, format = Password)]
    ticket: Option<Secret<String>>,
    /// What the device made. Left out to get the options.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    credential: Option<Value>,
    /// What the person calls it.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// Both of the two or neither.
fn both(
    ticket: Option<Secret<String>>,
    credential: Option<Value>,
) -> Result<Option<(Secret<String>, Value)>, IdentityError> {
    match (ticket, credential) {
        (Some(ticket), Some(credential)) => Ok(Some((ticket, credential))),
        (None, None) => Ok(None),
        _ => Err(IdentityError::Field("ticket and credential go together")),
    }
}

/// Registers the authenticator of this very machine, by finger, face or code. Without a
/// credential it answers what to ask the device for; with it, the passkey is kept.
#[utoipa::path(post, path = "/api/auth/biometric/register", operation_id = "register_biometric",
    tag = "auth", request_body = BiometricRegisterBody,
    responses(
        (status = 202, body = PasskeyChallengeView, description = "What to ask the device for."),
        (status = 201, body = NewPasskeyView, description = "The passkey is kept."),
    ))]
async fn register_biometric(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    Json(body): Json<BiometricRegisterBody>,
) -> ApiResult<Response> {
    let BiometricRegisterBody { ticket, credential, name, keep_other_sessions } = body;
    if let Some((ticket, credential)) = both(ticket, credential)? {
        let body = NewPasskeyBody { ticket, credential, name, keep_other_sessions };
        return add(&api, &ctx, body).await;
    }
    let asked = api.identity.begin_passkey(&ctx, true).await?;
    Ok(PasskeyChallengeView::response(StatusCode::ACCEPTED, &asked))
}

/// A device authenticator that is to log its person in: first asked for, then checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BiometricVerifyBody {
    /// What came with the options. Left out to get them.
    #[schema(value_type = Option<String>, format = Password)]
    ticket: Option<Secret<String>>,
    /// What the device signed. Left out to get the options.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    credential: Option<Value>,
    /// Opens a closed account again.
    #[serde(default)]
    restore: bool,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

/// Logs in by the authenticator of a device. Without a credential it answers what to ask the
/// device for; with it, its person is logged in.
#[utoipa::path(post, path = "/api/auth/biometric/verify", operation_id = "verify_biometric",
    tag = "auth", request_body = BiometricVerifyBody,
    responses(
        (status = 200, body = LoginView, description = "The person is logged in."),
        (status = 202, body = PasskeyChallengeView, description = "What to ask the device for."),
    ))]
async fn verify_biometric(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<BiometricVerifyBody>,
) -> ApiResult<Response> {
    let BiometricVerifyBody { ticket, credential, restore, cookie } = body;
    if let Some((ticket, credential)) = both(ticket, credential)? {
        let body = PasskeyLoginBody { ticket, credential, restore, cookie };
        return enter(&api, &ctx, &headers, body).await;
    }
    let asked = api.identity.ask_for_passkey(&ctx).await?;
    Ok(PasskeyChallengeView::response(StatusCode::ACCEPTED, &asked))
}
