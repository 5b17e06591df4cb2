//! Who may make an account.

use super::ADMINS;
use crate::{
    actions::{SIGN_UP_CHANGED, SIGN_UP_READ},
    api::{IdentityApi, views::private},
    config::SignUp,
    service::SignUpRule,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use httpkit::{Admin, ApiResult, Contract, Fresh, Json, OpenApiRouter, UnderContract, routes};
use kernel::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let change = Contract::role(ADMINS, SIGN_UP_CHANGED.name()).step_up();
    OpenApiRouter::new()
        .routes(routes!(read_sign_up).under(&Contract::role(ADMINS, SIGN_UP_READ.name())))
        .routes(routes!(change_sign_up).under(&change))
}

/// Who may make an account.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SignUpMode {
    /// Everybody.
    Open,
    /// Whoever has an invitation.
    InviteOnly,
    /// Nobody; administrators and operators make accounts.
    Closed,
}

impl From<SignUpMode> for SignUp {
    fn from(mode: SignUpMode) -> Self {
        match mode {
            SignUpMode::Open => Self::Open,
            SignUpMode::InviteOnly => Self::InviteOnly,
            SignUpMode::Closed => Self::Closed,
        }
    }
}

impl From<SignUp> for SignUpMode {
    fn from(mode: SignUp) -> Self {
        match mode {
            SignUp::Open => Self::Open,
            SignUp::InviteOnly => Self::InviteOnly,
            SignUp::Closed => Self::Closed,
        }
    }
}

/// A decision about who may make an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUpWrite {
    /// What holds from now on; left out or null, what the settings say.
    #[serde(default)]
    mode: Option<SignUpMode>,
}

/// Who may make an account, and why.
#[derive(Serialize, ToSchema)]
struct SignUpView {
    /// What holds.
    mode: SignUpMode,
    /// What the settings say.
    configured: SignUpMode,
    /// When an administrator decided; left out while the settings count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
}

impl SignUpView {
    fn response(rule: SignUpRule) -> Response {
        let SignUpRule { mode, configured, decided_at } = rule;
        let view = Self { mode: mode.into(), configured: configured.into(), decided_at };
        private(Json(view).into_response())
    }
}

/// Who may make an account.
#[utoipa::path(get, path = "/api/admin/sign-up", operation_id = "read_sign_up", tag = "admin",
    responses((status = 200, body = SignUpView)))]
async fn read_sign_up(State(api): State<IdentityApi>, Admin(ctx): Admin) -> ApiResult<Response> {
    Ok(SignUpView::response(api.identity.sign_up(&ctx, TenantId::DEFAULT).await?))
}

/// Decides who may make an account. Holds in every process at once, and over a restart.
#[utoipa::path(put, path = "/api/admin/sign-up", operation_id = "change_sign_up", tag = "admin",
    request_body = SignUpWrite, responses((status = 200, body = SignUpView)))]
async fn change_sign_up(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Json(body): Json<SignUpWrite>,
) -> ApiResult<Response> {
    let mode = body.mode.map(SignUp::from);
    Ok(SignUpView::response(api.identity.set_sign_up(&ctx, TenantId::DEFAULT, mode).await?))
}
