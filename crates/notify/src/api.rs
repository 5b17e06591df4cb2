//! Links for administrators, where no mail is sent.

use crate::{error::MAIL_IS_ON, service::Mailer};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header::CACHE_CONTROL};
use httpkit::{Admin, ApiResult, Contract, Json, OpenApiRouter, Path, UnderContract, routes};
use identity::{ACCOUNT_GOING, LINK_SHOWN, LinkPurpose};
use kernel::{Role, Subject, TenantId, Timestamp, UserId, common};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Mailer> {
    let show = Contract::role(&[Role::Admin], LINK_SHOWN.name());
    OpenApiRouter::new().routes(routes!(show_link).under(&show.errors(&[
        &ACCOUNT_GOING,
        &MAIL_IS_ON,
        &common::NOT_FOUND,
    ])))
}

/// What the link does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PurposeName {
    /// Proves that an address is that of its person.
    VerifyEmail,
    /// Lets its person choose a new password.
    ResetPassword,
}

impl From<PurposeName> for LinkPurpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::VerifyEmail => Self::VerifyEmail,
            PurposeName::ResetPassword => Self::ResetPassword,
        }
    }
}

/// A link to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkRequest {
    /// What it does.
    purpose: PurposeName,
}

/// A link to be handed over.
#[derive(Serialize, ToSchema)]
struct LinkView {
    /// It works once. Only a path where the address of the installation is not known.
    link: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a link to hand to a person, where this server sends no mail. The ledger says who made
/// it, and its person sees that.
#[utoipa::path(post, path = "/api/admin/users/{id}/link", operation_id = "show_link",
    tag = "admin", params(("id" = uuid::Uuid, Path, description = "The person.")),
    request_body = LinkRequest, responses((status = 200, body = LinkView)))]
async fn show_link(
    State(mailer): State<Mailer>,
    Admin(ctx): Admin,
    Path(id): Path<UserId>,
    Json(request): Json<LinkRequest>,
) -> ApiResult<Response> {
    let subject = Subject::new(TenantId::DEFAULT, id);
    let shown = mailer.show_link(&ctx, subject, request.purpose.into()).await?;
    // EXPOSE: showing it is what the operation is for.
    let link = shown.link.expose().clone();
    let mut response = Json(LinkView { link, expires_at: shown.expires_at }).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
