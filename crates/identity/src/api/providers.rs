//! Routes for logging in by a provider (OpenID Connect), Google among them.

use super::{
    ConsentsRequest, IdentityApi, kind,
    views::{
        AwayView, FactorNeededView, LoginProviderListView, LoginView, NewHereView, StillNeededView,
        logged_in, passkey_wished,
    },
};
use crate::{
    actions::{LOGGED_IN, REGISTERED},
    error::{
        ACCOUNT_CLOSED, INVALID_INVITE, IdentityError, OIDC_LATE, OIDC_REFUSED, OIDC_TAKEN,
        OIDC_UNREACHABLE, SIGN_UP_CLOSED, TERMS_REQUIRED,
    },
    model::DisplayName,
    service::{
        Answered, AppToken, Asking, Entered, InviteCode, Login, ProviderRegistration, Vouched,
    },
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use httpkit::{
    Access, ApiResult, Audit, Caller, Contract, Json, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt, codes::USER_INACTIVE, cookies, limits, routes,
};
use kernel::{Ctx, ErrorCode, Secret, TenantId, common};
use serde::Deserialize;
use utoipa::ToSchema;

/// The provider that has a route of its own.
const GOOGLE: &str = "google";

/// How coming back from a provider can fail, whoever comes back.
pub(super) const COMING_BACK: &[&ErrorCode] = &[
    &ACCOUNT_CLOSED,
    &OIDC_LATE,
    &OIDC_REFUSED,
    &OIDC_UNREACHABLE,
    &SIGN_UP_CLOSED,
    &USER_INACTIVE,
    &common::NOT_FOUND,
];
const REGISTERING: &[&ErrorCode] =
    &[&INVALID_INVITE, &OIDC_LATE, &OIDC_TAKEN, &SIGN_UP_CLOSED, &TERMS_REQUIRED];

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let asks = |why| Contract::new(Access::Anonymous, Audit::Nothing(why));
    let enters = Contract::anonymous(LOGGED_IN.name()).errors(COMING_BACK);
    OpenApiRouter::new()
        .routes(routes!(list_providers).under(&asks("the same for everybody")))
        .routes(
            routes!(begin)
                .under(
                    &asks("a question; its answer is recorded")
                        .errors(&[&OIDC_UNREACHABLE, &common::NOT_FOUND]),
                )
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(finish).under(&enters).layer(from_fn(limits::login)))
        .routes(
            routes!(register)
                .under(&Contract::anonymous(REGISTERED.name()).errors(REGISTERING))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(google).under(&enters).layer(from_fn(limits::login)))
}

/// Who may vouch for people here. Empty where nobody may.
#[utoipa::path(get, path = "/api/auth/oidc/providers", operation_id = "list_login_providers",
    tag = "auth", responses((status = 200, body = LoginProviderListView)))]
async fn list_providers(State(api): State<IdentityApi>) -> Response {
    Json(LoginProviderListView::from(api.identity.providers())).into_response()
}

/// Going to a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderBeginBody {
    /// Which one.
    #[schema(max_length = 32)]
    provider: String,
    /// Opens a closed account again.
    #[serde(default)]
    restore: bool,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

/// Begins a log-in by a provider: where to send the browser. It gets a cookie, so that what comes
/// back counts in this browser only, for ten minutes.
#[utoipa::path(post, path = "/api/auth/oidc/begin", operation_id = "begin_by_provider",
    tag = "auth", request_body = ProviderBeginBody, responses((status = 200, body = AwayView)))]
async fn begin(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<ProviderBeginBody>,
) -> ApiResult<Response> {
    let asking = Asking {
        provider: body.provider,
        origin: api.origin(&headers),
        kind: kind(body.cookie),
        restore: body.restore,
    };
    let away = api.identity.ask_provider(&ctx, &asking).await?;
    AwayView::response(&api, &away)
}

/// Coming back from a provider, with what the address held that it sent the browser to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderReturnBody {
    /// The provider, which is the end of that address.
    #[schema(max_length = 32)]
    pub(super) provider: String,
    /// `code` of that address.
    #[schema(value_type = String, format = Password, max_length = 4096)]
    code: Secret<String>,
    /// `state` of that address.
    #[schema(value_type = String, format = Password, max_length = 128)]
    state: Secret<String>,
    /// `iss` of that address, where it has one.
    #[schema(max_length = 512)]
    iss: Option<String>,
}

impl ProviderReturnBody {
    pub(super) fn answered(
        self,
        api: &IdentityApi,
        headers: &HeaderMap,
    ) -> Result<Answered, IdentityError> {
        let too_long = |text: &str, most: usize| text.len() > most;
        // EXPOSE: only lengths are looked at.
        let secrets = too_long(self.code.expose(), 4096) || too_long(self.state.expose(), 128);
        let iss = self.iss.as_deref().is_some_and(|iss| too_long(iss, 512));
        if secrets || iss || too_long(&self.provider, 32) {
            return Err(IdentityError::Field("code, state or iss: longer than any provider's"));
        }
        Ok(Answered {
            provider: self.provider,
            code: self.code,
            state: self.state,
            iss: self.iss,
            cookie: cookies::find(headers, api.cookie.of_provider().name()),
            device: cookies::find(headers, api.cookie.of_device().name()),
        })
    }
}

/// Logs in whoever came back from a provider: `200` if they are in, `202` if something is still
/// needed, which `next` names: a second factor, or an account.
#[utoipa::path(post, path = "/api/auth/oidc/finish", operation_id = "finish_by_provider",
    tag = "auth", request_body = ProviderReturnBody,
    responses(
        (status = 200, body = LoginView, description = "The person is logged in."),
        (status = 202, body = StillNeededView, description = "Something is still needed: `next` says what."),
    ))]
async fn finish(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<ProviderReturnBody>,
) -> ApiResult<Response> {
    let answered = body.answered(&api, &headers)?;
    let vouched = api.identity.log_in_by_provider(&ctx, TenantId::DEFAULT, &answered).await?;
    let mut response = arrived(&api, &ctx, vouched)?;
    forget(&api, &mut response);
    Ok(response)
}

/// The question was answered; its cookie is worth nothing any more.
pub(super) fn forget(api: &IdentityApi, response: &mut Response) {
    if let Some(cookie) = api.cookie.of_provider().clear() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn arrived(api: &IdentityApi, ctx: &Ctx, vouched: Vouched) -> ApiResult<Response> {
    match vouched {
        Vouched::Known(Entered::LoggedIn(login)) => logged_in(api, ctx, StatusCode::OK, *login),
        Vouched::Known(Entered::FactorNeeded(needed)) => {
            Ok(StillNeededView::Factor(FactorNeededView::from(&needed)).response())
        }
        Vouched::New(new) => Ok(StillNeededView::Account(NewHereView::from(&new)).response()),
    }
}

/// A new account for someone a provider vouched for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderRegisterBody {
    /// What coming back was answered with.
    #[schema(value_type = String, format = Password, max_length = 8192)]
    ticket: Secret<String>,
    /// What the person wants to be called.
    #[serde(alias = "displayName")]
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// What the person agrees to.
    #[serde(default)]
    consents: ConsentsRequest,
    /// Whether letters about the account may go to the address that the provider named. It is no
    /// name to log in with.
    #[serde(default)]
    use_email: bool,
    /// The code of an invitation, where one is needed.
    #[serde(alias = "inviteCode")]
    #[schema(value_type = Option<String>)]
    invite_code: Option<Secret<String>>,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

/// Makes an account that is opened by one elsewhere, and logs its person in.
#[utoipa::path(post, path = "/api/auth/oidc/register", operation_id = "register_by_provider",
    tag = "auth", request_body = ProviderRegisterBody,
    responses((status = 201, body = LoginView)))]
async fn register(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(body): Json<ProviderRegisterBody>,
) -> ApiResult<Response> {
    let display_name = body.display_name.as_deref().map(DisplayName::new).transpose();
    let new = ProviderRegistration {
        ticket: body.ticket,
        display_name: display_name.map_err(IdentityError::from)?,
        consents: body.consents.into(),
        use_email: body.use_email,
        invite: body.invite_code.as_ref().map(InviteCode::typed),
        kind: kind(body.cookie),
    };
    let login = api.identity.register_by_provider(&ctx, TenantId::DEFAULT, &new).await?;
    logged_in(&api, &ctx, StatusCode::CREATED, login)
}

/// What Google gave: an id token, or what a browser came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GoogleBody {
    /// An id token that Google gave to an app. Each counts once, for ten minutes.
    #[serde(alias = "idToken", alias = "credential")]
    #[schema(value_type = Option<String>, format = Password, max_length = 16384)]
    id_token: Option<Secret<String>>,
    /// What the app had put into the token as `nonce`.
    #[schema(max_length = 255)]
    nonce: Option<String>,
    /// `code` of the address that Google sent the browser to, after `POST /api/auth/oidc/begin`.
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    code: Option<Secret<String>>,
    /// `state` of that address.
    #[schema(value_type = Option<String>, format = Password, max_length = 128)]
    state: Option<Secret<String>>,
    /// `iss` of that address, where it has one.
    #[schema(max_length = 512)]
    iss: Option<String>,
    /// Opens a closed account again. With a code, this was said when it began.
    #[serde(default)]
    restore: bool,
    /// Whether to log in with a cookie instead of tokens. The same.
    #[serde(default)]
    cookie: bool,
}

/// Logs in with Google. Whoever is in and has no passkey yet gets `biometric_setup` along: what to
/// ask the device for, to be answered at `POST /api/auth/biometric/register`.
#[utoipa::path(post, path = "/api/auth/google", operation_id = "log_in_with_google", tag = "auth",
    request_body = GoogleBody,
    responses(
        (status = 200, body = LoginView, description = "The person is logged in."),
        (status = 202, body = StillNeededView, description = "Something is still needed: `next` says what."),
    ))]
async fn google(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<GoogleBody>,
) -> ApiResult<Response> {
    let vouched = match (body.id_token, body.code, body.state) {
        (Some(token), None, None) => {
            let given = AppToken {
                provider: GOOGLE,
                token,
                nonce: body.nonce,
                kind: kind(body.cookie),
                restore: body.restore,
                device: cookies::find(&headers, api.cookie.of_device().name()),
            };
            api.identity.log_in_by_token(&ctx, TenantId::DEFAULT, &given).await?
        }
        (None, Some(code), Some(state)) => {
            let provider = GOOGLE.to_owned();
            let body = ProviderReturnBody { provider, code, state, iss: body.iss };
            let answered = body.answered(&api, &headers)?;
            api.identity.log_in_by_provider(&ctx, TenantId::DEFAULT, &answered).await?
        }
        _ => return Err(IdentityError::Field("either id_token, or code and state").into()),
    };
    let setup = match &vouched {
        Vouched::Known(Entered::LoggedIn(login)) => wished(&api, &ctx, login).await?,
        Vouched::Known(Entered::FactorNeeded(_)) | Vouched::New(_) => None,
    };
    let response = match (vouched, setup) {
        (Vouched::Known(Entered::LoggedIn(login)), Some(setup)) => {
            passkey_wished(&api, &ctx, *login, &setup)?
        }
        (vouched, _) => arrived(&api, &ctx, vouched)?,
    };
    Ok(response)
}

async fn wished(
    api: &IdentityApi,
    ctx: &Ctx,
    login: &Login,
) -> Result<Option<crate::PasskeyChallenge>, IdentityError> {
    api.identity.first_passkey(ctx, login).await
}
