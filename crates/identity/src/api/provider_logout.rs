//! The route by which a provider ends log-ins (OpenID Connect Back-Channel Logout 1.0).

use super::{IdentityApi, views::private};
use crate::{
    actions::LOGGED_OUT_BY_PROVIDER,
    error::{LOGOUT_TOKEN_INVALID, OIDC_UNREACHABLE},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use httpkit::{ApiResult, Caller, Contract, Form, OpenApiRouter, Path, UnderContract, routes};
use kernel::{Secret, TenantId, common};
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let ends = Contract::anonymous(LOGGED_OUT_BY_PROVIDER.name());
    OpenApiRouter::new().routes(routes!(log_out).under(&ends.errors(&[
        &LOGOUT_TOKEN_INVALID,
        &OIDC_UNREACHABLE,
        &common::NOT_FOUND,
    ])))
}

/// What a provider says of someone who is logged out there. What else it sends is not looked at,
/// as the specification wants.
#[derive(Deserialize, ToSchema)]
struct ProviderLogoutBody {
    /// The logout token.
    #[schema(value_type = String, format = Password, max_length = 16384)]
    logout_token: Secret<String>,
}

/// A provider ends the log-ins that it vouched for: those of one person, or those that came of one
/// log-in there. The answer is the same whether there were any.
#[utoipa::path(post, path = "/api/auth/oidc/logout/{provider}", operation_id = "log_out_by_provider",
    tag = "auth", params(("provider" = String, Path, description = "Its name in the settings.")),
    request_body(content = ProviderLogoutBody, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "They are logged out.")))]
async fn log_out(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Path(provider): Path<String>,
    Form(body): Form<ProviderLogoutBody>,
) -> ApiResult<Response> {
    let said = (provider.as_str(), &body.logout_token);
    api.identity.log_out_by_provider(&ctx, TenantId::DEFAULT, said).await?;
    Ok(private(StatusCode::OK.into_response()))
}
