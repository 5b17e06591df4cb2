//! Proving an address, and a new password for whoever forgot theirs.

use super::{IdentityApi, views::private};
use crate::{
    actions::{EMAIL_VERIFIED, PASSWORD_RESET, RESET_ASKED, VERIFICATION_ASKED},
    error::{IdentityError, LINK_INVALID, PASSWORD_REFUSED},
    model::LoginName,
    password::Password,
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use httpkit::{
    ApiResult, Caller, Contract, Json, LoggedIn, NoContent, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt, limits, routes,
};
use kernel::{Secret, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let verify = Contract::anonymous(EMAIL_VERIFIED.name());
    let reset = Contract::anonymous(PASSWORD_RESET.name());
    OpenApiRouter::new()
        .routes(
            routes!(verify_email)
                .under(&verify.errors(&[&LINK_INVALID]))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(ask_verification).under(&Contract::own(VERIFICATION_ASKED.name())))
        .routes(
            routes!(forgot_password)
                .under(&Contract::anonymous(RESET_ASKED.name()))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(reset_password)
                .under(&reset.errors(&[&LINK_INVALID, &PASSWORD_REFUSED]))
                .layer(from_fn(limits::login)),
        )
}

/// What was in the link of a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyRequest {
    /// What follows the `#` in the link.
    #[schema(value_type = String, max_length = 256)]
    token: Secret<String>,
}

/// Someone forgot their password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgotRequest {
    /// The address of the account.
    #[schema(max_length = 254, format = Email)]
    email: String,
}

/// A new password, and what was in the link of the letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetRequest {
    /// What follows the `#` in the link.
    #[schema(value_type = String, max_length = 256)]
    token: Secret<String>,
    /// The new password: 8 to 256 letters; 15 or more are better.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    password: Secret<String>,
}

/// The one answer to everybody who asks for a letter.
#[derive(Serialize, ToSchema)]
struct LetterAsked {
    /// `check_your_mail`: what to do next.
    next: &'static str,
    /// The same for people.
    message: &'static str,
}

/// Proves an address with the link of a letter.
#[utoipa::path(post, path = "/api/auth/verify-email", operation_id = "verify_email", tag = "auth",
    request_body = VerifyRequest, responses((status = 204)))]
async fn verify_email(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(request): Json<VerifyRequest>,
) -> ApiResult<NoContent> {
    api.identity.verify_email(&ctx, &request.token).await?;
    Ok(NoContent)
}

/// Sends the letter about one's own address once more.
#[utoipa::path(post, path = "/api/auth/verify-email/send", operation_id = "ask_verification",
    tag = "auth", responses((status = 204)))]
async fn ask_verification(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<NoContent> {
    api.identity.ask_verification(&ctx).await?;
    Ok(NoContent)
}

/// Asks for a letter with a link to choose a new password. The answer is the same whether there
/// is an account with this address or not.
#[utoipa::path(post, path = "/api/auth/password/forgot", operation_id = "forgot_password",
    tag = "auth", request_body = ForgotRequest, responses((status = 202, body = LetterAsked)))]
async fn forgot_password(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(request): Json<ForgotRequest>,
) -> ApiResult<Response> {
    let email = LoginName::email(&request.email).map_err(IdentityError::from)?;
    api.identity.forgot_password(&ctx, TenantId::DEFAULT, &email).await?;
    let view = LetterAsked {
        next: "check_your_mail",
        message: "If there is an account with this address, a letter is on its way. Without mail \
                  on this server, please ask whoever runs it for a link.",
    };
    Ok(private((StatusCode::ACCEPTED, Json(view)).into_response()))
}

/// Chooses a new password with the link of a letter. All log-ins end; second factors stay.
#[utoipa::path(post, path = "/api/auth/password/reset", operation_id = "reset_password",
    tag = "auth", request_body = ResetRequest, responses((status = 204)))]
async fn reset_password(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(request): Json<ResetRequest>,
) -> ApiResult<NoContent> {
    let password = Password::new(&request.password);
    api.identity.reset_password(&ctx, &request.token, &password).await?;
    Ok(NoContent)
}
