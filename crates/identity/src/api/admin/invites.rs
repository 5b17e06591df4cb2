//! Invitations.

use super::{ADMINS, PageQuery, RoleName};
use crate::{
    actions::{INVITE_CREATED, INVITE_REVOKED, INVITES_LISTED},
    api::{IdentityApi, views::private},
    error::IdentityError,
    model::LoginName,
    service::{Invite, InviteId, NewInvite},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use httpkit::{
    Admin, ApiResult, Contract, Json, NoContent, OpenApiRouter, Path, Query, UnderContract, routes,
};
use kernel::{Phi, Role, RoleSet, TenantId, Timestamp, UserId, common};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    OpenApiRouter::new()
        .routes(routes!(create_invite).under(&Contract::role(ADMINS, INVITE_CREATED.name())))
        .routes(routes!(list_invites).under(
            &Contract::role(ADMINS, INVITES_LISTED.name()).errors(&[&common::INVALID_CURSOR]),
        ))
        .routes(
            routes!(revoke_invite).under(
                &Contract::role(ADMINS, INVITE_REVOKED.name()).errors(&[&common::NOT_FOUND]),
            ),
        )
}

/// An invitation to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InviteRequest {
    /// What whoever accepts it may do, besides what everybody may.
    role: Option<RoleName>,
    /// For how many hours it holds, 1 to 2160; a week if left out.
    #[serde(default = "week", alias = "expiresInHours")]
    #[schema(minimum = 1, maximum = 2160)]
    expires_in_hours: u32,
    /// How many accounts can be made with it, 1 to 1000; one if left out.
    #[serde(default = "one", alias = "maxUses")]
    #[schema(minimum = 1, maximum = 1000)]
    max_uses: u32,
    /// What it is for.
    #[schema(value_type = Option<String>, max_length = 200)]
    note: Option<Phi<String>>,
    /// The only e-mail address that can be registered with it.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
}

const fn week() -> u32 {
    7 * 24
}

const fn one() -> u32 {
    1
}

impl TryFrom<InviteRequest> for NewInvite {
    type Error = IdentityError;

    fn try_from(request: InviteRequest) -> Result<Self, IdentityError> {
        Ok(Self {
            roles: RoleSet::of(&[request.role.map_or(Role::User, Role::from)]),
            life: Duration::from_hours(request.expires_in_hours.into()),
            max_uses: request.max_uses,
            note: request.note,
            email: request.email.as_deref().map(LoginName::email).transpose()?,
        })
    }
}

/// An invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = Invite)]
struct InviteView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: InviteId,
    /// `open`, `used_up`, `expired` or `revoked`.
    state: &'static str,
    /// What whoever accepts it may do.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// How many accounts can be made with it.
    max_uses: u32,
    /// How many were.
    uses: u32,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Whether it holds for one e-mail address only.
    email_bound: bool,
    /// Who made it; left out if it was made at the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    created_by: Option<UserId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl InviteView {
    fn new(invite: Invite, now: Timestamp) -> Self {
        Self {
            id: invite.id,
            state: invite.state(now),
            roles: invite.roles.iter().collect(),
            max_uses: invite.max_uses,
            uses: invite.uses,
            // EXPOSE: administrators wrote it for administrators.
            note: invite.note.map(|note| note.expose().clone()),
            email_bound: invite.email_bound,
            created_by: invite.created_by,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
            revoked_at: invite.revoked_at,
        }
    }
}

/// A new invitation with its code.
#[derive(Serialize, ToSchema)]
struct NewInviteView {
    /// The invitation.
    invite: InviteView,
    /// What to give to whoever is invited. It is shown this once.
    code: String,
}

/// A page of invitations, newest first.
#[derive(Serialize, ToSchema)]
struct InvitePage {
    /// The invitations.
    items: Vec<InviteView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Makes an invitation. Its code is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/admin/invites", operation_id = "create_invite", tag = "admin",
    request_body = InviteRequest, responses((status = 201, body = NewInviteView)))]
async fn create_invite(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Json(request): Json<InviteRequest>,
) -> ApiResult<Response> {
    let made = api.identity.create_invite(&ctx, TenantId::DEFAULT, request.try_into()?).await?;
    let (invite, code) = made;
    // EXPOSE: showing it is what the operation is for.
    let code = code.grouped().expose().clone();
    let view = NewInviteView { invite: InviteView::new(invite, ctx.now()), code };
    Ok(private((StatusCode::CREATED, Json(view)).into_response()))
}

/// The invitations, newest first, without their codes.
#[utoipa::path(get, path = "/api/admin/invites", operation_id = "list_invites", tag = "admin",
    params(PageQuery), responses((status = 200, body = InvitePage)))]
async fn list_invites(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let (after, size) = query.place()?;
    let page = api.identity.invites(&ctx, TenantId::DEFAULT, after, size).await?;
    let view = InvitePage {
        next_cursor: page.next.map(|cursor| cursor.to_string()),
        items: page.items.into_iter().map(|item| InviteView::new(item, ctx.now())).collect(),
    };
    Ok(private(Json(view).into_response()))
}

/// Takes an invitation back. Accounts that were made with it stay.
#[utoipa::path(delete, path = "/api/admin/invites/{id}", operation_id = "revoke_invite",
    tag = "admin", params(("id" = uuid::Uuid, Path, description = "The invitation.")),
    responses((status = 204)))]
async fn revoke_invite(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Path(id): Path<InviteId>,
) -> ApiResult<NoContent> {
    api.identity.revoke_invite(&ctx, TenantId::DEFAULT, id).await?;
    Ok(NoContent)
}
