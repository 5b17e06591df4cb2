//! HTTP in and out: registering and logging in here, everything for people who are logged in
//! beside.

mod admin;
mod factors;
mod labels;
mod links;
mod own;
mod passkeys;
mod people;
mod provider_logout;
mod providers;
mod recovery;
mod views;

use crate::{
    actions::{LOGGED_IN, REFRESHED, REGISTERED},
    error::{
        ACCOUNT_CLOSED, FACTOR_WRONG, INVALID_INVITE, IdentityError, LOGIN_FAILED,
        PASSWORD_REFUSED, SETUP_CODE_INVALID, SIGN_UP_CLOSED, TERMS_REQUIRED, TOKEN_SUPERSEDED,
        USERNAME_EXISTS,
    },
    factors::TypedCode,
    model::{DisplayName, GivenConsents, LoginName, SessionKind},
    password::Password,
    service::{Entered, Identity, InviteCode, LoginRequest, Registered, Registration, SetupCode},
};
use axum::{extract::State, middleware::from_fn, response::Response};
use http::{HeaderMap, StatusCode};
use httpkit::{
    ApiResult, Caller, Contract, Json, OpenApiRouter, UnderContract, UtoipaMethodRouterExt,
    codes::{SESSION_EXPIRED, USER_INACTIVE},
    cookies::{self, SessionCookie},
    csrf::Csrf,
    limits, routes,
};
use kernel::{Secret, TenantId, common};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use views::{Accepted, FactorNeededView, LoginView, RefreshView, logged_in};

/// The system key that the server makes [`Csrf`] with.
pub const CSRF_KEY: &str = "identity.csrf";

/// What the routes work with.
#[derive(Clone)]
pub struct IdentityApi {
    /// The use cases.
    pub identity: Identity,
    /// Makes the tokens that go with cookies; the one that checks them, too.
    pub csrf: Csrf,
    /// The cookie of those who want one.
    pub cookie: SessionCookie,
    /// What people reach us by, if it is known: signatures are bound to it.
    pub origin: Option<Arc<str>>,
}

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<IdentityApi> {
    OpenApiRouter::new()
        .routes(
            routes!(register)
                .under(&Contract::anonymous(REGISTERED.name()).errors(&[
                    &INVALID_INVITE,
                    &PASSWORD_REFUSED,
                    &SETUP_CODE_INVALID,
                    &SIGN_UP_CLOSED,
                    &TERMS_REQUIRED,
                    &USERNAME_EXISTS,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(log_in)
                .under(&Contract::anonymous(LOGGED_IN.name()).errors(&[
                    &ACCOUNT_CLOSED,
                    &FACTOR_WRONG,
                    &LOGIN_FAILED,
                    &USER_INACTIVE,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(refresh).under(&Contract::anonymous(REFRESHED.name()).errors(&[
            &common::AUTH_REQUIRED,
            &SESSION_EXPIRED,
            &TOKEN_SUPERSEDED,
        ])))
        .merge(labels::routes())
        .merge(own::routes())
        .merge(people::routes())
        .merge(recovery::routes())
        .merge(admin::routes())
        .merge(factors::routes())
        .merge(passkeys::routes())
        .merge(providers::routes())
        .merge(provider_logout::routes())
        .merge(links::routes())
}

/// Registering: an e-mail address or a username, a password, and what is agreed to.
#[expect(clippy::struct_excessive_bools, reason = "the words of the seed documents beside ours")]
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegisterRequest {
    /// An e-mail address to log in with.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// A username to log in with: 3 to 32 letters, digits, dots, dashes or underscores.
    #[schema(min_length = 3, max_length = 32)]
    username: Option<String>,
    /// 8 to 256 letters; 15 or more are better.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    password: Secret<String>,
    /// What the person wants to be called.
    #[serde(alias = "displayName")]
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// What the person agrees to.
    #[serde(default)]
    consents: ConsentsRequest,
    /// The same as `consents.terms`.
    #[serde(default, alias = "privacyConsent")]
    privacy_consent: bool,
    /// The same as `consents.health_data`.
    #[serde(default, alias = "healthDataConsent")]
    health_data_consent: bool,
    /// Whether to set up a second factor: log-ins say `mfa_pending` until that is done.
    #[serde(default, alias = "mfaEnabled")]
    mfa_enabled: bool,
    /// The code of an invitation, where one is needed.
    #[serde(alias = "inviteCode")]
    #[schema(value_type = Option<String>)]
    invite_code: Option<Secret<String>>,
    /// Makes the first administrator.
    #[serde(alias = "setupCode")]
    #[schema(value_type = Option<String>)]
    setup_code: Option<Secret<String>>,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

/// What a person agrees to.
#[expect(clippy::struct_excessive_bools, reason = "five separate questions with yes or no")]
#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct ConsentsRequest {
    /// The terms and the privacy notice; nobody registers without.
    terms: bool,
    /// Keeping health data.
    #[serde(alias = "healthData")]
    health_data: bool,
    /// Showing it to a model.
    #[serde(alias = "aiInteraction")]
    ai_interaction: bool,
    /// Sharing it with clinicians.
    #[serde(alias = "dataSharing")]
    data_sharing: bool,
    /// News about the product.
    marketing: bool,
}

impl From<ConsentsRequest> for GivenConsents {
    fn from(request: ConsentsRequest) -> Self {
        let ConsentsRequest { terms, health_data, ai_interaction, data_sharing, marketing } =
            request;
        Self { terms, health_data, ai_interaction, data_sharing, marketing }
    }
}

impl TryFrom<RegisterRequest> for Registration {
    type Error = IdentityError;

    fn try_from(request: RegisterRequest) -> Result<Self, IdentityError> {
        let given = GivenConsents::from(request.consents);
        let display_name = request.display_name.as_deref().map(DisplayName::new).transpose()?;
        Ok(Self {
            login: one_name(request.email.as_deref(), request.username.as_deref(), None)?,
            password: Password::new(&request.password),
            display_name,
            consents: GivenConsents {
                terms: given.terms || request.privacy_consent,
                health_data: given.health_data || request.health_data_consent,
                ..given
            },
            invite: request.invite_code.as_ref().map(InviteCode::typed),
            setup_code: request.setup_code.as_ref().map(SetupCode::typed),
            wants_factor: request.mfa_enabled,
            kind: kind(request.cookie),
        })
    }
}

const fn kind(cookie: bool) -> SessionKind {
    if cookie { SessionKind::Cookie } else { SessionKind::Tokens }
}

fn one_name(
    email: Option<&str>,
    username: Option<&str>,
    either: Option<&str>,
) -> Result<LoginName, IdentityError> {
    match (email, username, either) {
        (Some(email), None, None) => Ok(LoginName::email(email)?),
        (None, Some(username), None) => Ok(LoginName::username(username)?),
        (None, None, Some(either)) => Ok(LoginName::either(either)?),
        _ => Err(IdentityError::OneName),
    }
}

/// Makes an account. With a username its person is logged in at once. With an e-mail address the
/// answer is the same whether the address was known or not: log in with the password then.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "register", tag = "auth",
    request_body = RegisterRequest,
    responses(
        (status = 201, body = LoginView, description = "There is a new account, and its person is logged in."),
        (status = 202, body = Accepted, description = "There is an account with this address; log in."),
    ))]
async fn register(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(request): Json<RegisterRequest>,
) -> ApiResult<Response> {
    let registered = api.identity.register(&ctx, TenantId::DEFAULT, request.try_into()?).await?;
    match registered {
        Registered::LoggedIn(login) => logged_in(&api, &ctx, StatusCode::CREATED, *login),
        Registered::Accepted => Ok(Accepted::response()),
    }
}

/// Logging in: a name, the password for it, and how to be logged in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    /// The e-mail address.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// The username.
    #[schema(max_length = 32)]
    username: Option<String>,
    /// Either of them.
    #[schema(max_length = 254)]
    login: Option<String>,
    /// The password.
    #[schema(value_type = String, format = Password, max_length = 256)]
    password: Secret<String>,
    /// Six digits of an authenticator app, or a recovery code, where it is known that one is
    /// needed. Not looked at where none is.
    #[serde(alias = "mfaToken")]
    #[schema(value_type = Option<String>, format = Password, max_length = 64)]
    mfa_token: Option<Secret<String>>,
    /// Opens a closed account again.
    #[serde(default)]
    restore: bool,
    /// Whether to log in with a cookie instead of tokens.
    #[serde(default)]
    cookie: bool,
}

impl TryFrom<LoginBody> for LoginRequest {
    type Error = IdentityError;

    fn try_from(body: LoginBody) -> Result<Self, IdentityError> {
        let names = (body.email.as_deref(), body.username.as_deref(), body.login.as_deref());
        Ok(Self {
            name: one_name(names.0, names.1, names.2)?,
            password: Password::new(&body.password),
            restore: body.restore,
            code: body.mfa_token.as_ref().map(TypedCode::new),
            kind: kind(body.cookie),
            device: None,
        })
    }
}

/// Logs in with a password. Whoever has a second factor is asked for it, unless it came along.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "log_in", tag = "auth",
    request_body = LoginBody,
    responses(
        (status = 200, body = LoginView, description = "The person is logged in."),
        (status = 202, body = FactorNeededView, description = "A second factor is needed."),
    ))]
async fn log_in(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(body): Json<LoginBody>,
) -> ApiResult<Response> {
    let device = cookies::find(&headers, api.cookie.of_device().name());
    let request = LoginRequest { device, ..body.try_into()? };
    match api.identity.log_in(&ctx, TenantId::DEFAULT, &request).await? {
        Entered::LoggedIn(login) => logged_in(&api, &ctx, StatusCode::OK, *login),
        Entered::FactorNeeded(needed) => Ok(FactorNeededView::response(&needed)),
    }
}

/// Getting new tokens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The refresh token that came last.
    #[serde(alias = "refreshToken")]
    #[schema(value_type = String, format = Password)]
    refresh_token: Secret<String>,
}

/// Exchanges a refresh token for new tokens. Each is used once; if one is used twice and what
/// came of the first use was used too, the whole log-in ends.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh", tag = "auth",
    request_body = RefreshRequest, responses((status = 200, body = RefreshView)))]
async fn refresh(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(request): Json<RefreshRequest>,
) -> ApiResult<Response> {
    let (session, tokens) = api.identity.refresh(&ctx, &request.refresh_token).await?;
    Ok(RefreshView::response(session, &tokens))
}
