//! Accounts, as those who run the installation see them: names and states, no health data.

use super::{ADMINS, PageQuery, RoleName};
use crate::{
    actions::{ACCOUNTS_LISTED, LOGGED_OUT_EVERYWHERE, ROLES_CHANGED, UNLOCKED},
    api::{
        IdentityApi,
        views::{UserView, private},
    },
    error::{ACCOUNT_GOING, IdentityError, LAST_ADMIN},
    model::{Account, LoginName, Status},
    service::{AccountFilter, Amendment},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use httpkit::{
    Admin, ApiResult, Contract, Json, NoContent, OpenApiRouter, Path, Query, UnderContract, routes,
};
use kernel::{Ctx, Role, RoleSet, Subject, TenantId, Timestamp, UserId, common};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let looks = Contract::role(ADMINS, ACCOUNTS_LISTED.name());
    let changes = Contract::role(ADMINS, ROLES_CHANGED.name());
    let ends = Contract::role(ADMINS, LOGGED_OUT_EVERYWHERE.name());
    let unlocks = Contract::role(ADMINS, UNLOCKED.name());
    OpenApiRouter::new()
        .routes(routes!(list_users).under(&looks.errors(&[&common::INVALID_CURSOR])))
        .routes(routes!(read_user).under(&looks.errors(&[&common::NOT_FOUND])))
        .routes(routes!(change_user).under(&changes.errors(&[
            &ACCOUNT_GOING,
            &LAST_ADMIN,
            &common::NOT_FOUND,
        ])))
        .routes(routes!(unlock_user).under(&unlocks.errors(&[&common::NOT_FOUND])))
        .routes(routes!(log_user_out).under(&ends.errors(&[&common::NOT_FOUND])))
}

/// The state of an account.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StatusName {
    /// It can be used.
    Active,
    /// An administrator blocked it.
    Suspended,
    /// Its person closed it and can still open it again.
    Deleting,
    /// The time for that is over; it is being erased.
    Erasing,
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Suspended => Self::Suspended,
            StatusName::Deleting => Self::Deleting,
            StatusName::Erasing => Self::Erasing,
        }
    }
}

/// Which accounts, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// Only accounts in this state.
    #[param(inline)]
    status: Option<StatusName>,
    /// Only accounts with this role.
    #[param(inline)]
    role: Option<RoleName>,
    /// Only the account with exactly this e-mail address or username.
    #[param(max_length = 254)]
    login: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminUser)]
struct AdminUserView {
    #[serde(flatten)]
    user: UserView,
    /// `active`, `suspended`, `deleting` or `erasing`.
    status: &'static str,
    /// When it will be erased, if its person closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    erase_at: Option<Timestamp>,
    /// Whether a log-in asks for a second factor.
    second_factor: bool,
    /// Roles that count for nothing until the person has set a second factor up.
    #[schema(value_type = Vec<String>)]
    roles_waiting: Vec<Role>,
}

impl AdminUserView {
    async fn of(api: &IdentityApi, ctx: &Ctx, account: &Account) -> Result<Self, IdentityError> {
        let guarded = api.identity.guarded(ctx, account).await?;
        Ok(Self {
            user: UserView::from(account),
            status: account.status.name(),
            erase_at: account.erase_at,
            second_factor: guarded.second_factor,
            roles_waiting: guarded.roles_waiting.iter().collect(),
        })
    }
}

/// A page of accounts, newest first.
#[derive(Serialize, ToSchema)]
struct UserPage {
    /// The accounts.
    items: Vec<AdminUserView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What is to be different about an account. A password is nothing that others can set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// Exactly these roles; `user` is always among them.
    #[schema(max_items = 6)]
    roles: Option<Vec<RoleName>>,
    /// The same with a single role.
    role: Option<RoleName>,
    /// `suspended` blocks the account, `active` lets it be used again.
    status: Option<WantedStatus>,
}

/// What an administrator can make of an account.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WantedStatus {
    /// It can be used.
    Active,
    /// It cannot, until it is made active again.
    Suspended,
}

impl TryFrom<UserChange> for Amendment {
    type Error = IdentityError;

    fn try_from(change: UserChange) -> Result<Self, IdentityError> {
        let roles = match (change.roles, change.role) {
            (Some(_), Some(_)) => return Err(IdentityError::Field("role: not beside roles")),
            (Some(roles), None) => Some(roles),
            (None, role) => role.map(|role| vec![role]),
        };
        let roles = roles
            .map(|roles| roles.into_iter().map(Role::from).fold(RoleSet::default(), RoleSet::with));
        let suspended = change.status.map(|status| matches!(status, WantedStatus::Suspended));
        Ok(Self { roles, suspended })
    }
}

fn subject(user: UserId) -> Subject {
    Subject::new(TenantId::DEFAULT, user)
}

/// The accounts, newest first, with the names of their people.
#[utoipa::path(get, path = "/api/admin/users", operation_id = "list_users", tag = "admin",
    params(UsersQuery), responses((status = 200, body = UserPage)))]
async fn list_users(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Query(query): Query<UsersQuery>,
) -> ApiResult<Response> {
    let UsersQuery { status, role, login, cursor, limit } = query;
    let (after, size) = PageQuery { cursor, limit }.place()?;
    let filter = AccountFilter { status: status.map(Status::from), role: role.map(Role::from) };
    let page = match login {
        None => api.identity.accounts(&ctx, (TenantId::DEFAULT, filter), after, size).await?,
        Some(login) => {
            let name = LoginName::either(&login).map_err(IdentityError::from)?;
            let found = api.identity.account_of(&ctx, TenantId::DEFAULT, &name).await;
            let items = match found {
                Ok(account) => vec![account],
                Err(IdentityError::NotFound) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            let fits = |account: &Account| filter.admits(account);
            kernel::Page { items: items.into_iter().filter(fits).collect(), next: None }
        }
    };
    let mut items = Vec::new();
    for account in &page.items {
        items.push(AdminUserView::of(&api, &ctx, account).await?);
    }
    let view = UserPage { items, next_cursor: page.next.map(|cursor| cursor.to_string()) };
    Ok(private(Json(view).into_response()))
}

/// One account.
#[utoipa::path(get, path = "/api/admin/users/{id}", operation_id = "read_user", tag = "admin",
    params(("id" = uuid::Uuid, Path, description = "The person.")),
    responses((status = 200, body = AdminUserView)))]
async fn read_user(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Path(id): Path<UserId>,
) -> ApiResult<Response> {
    let account = api.identity.account_by_id(&ctx, subject(id)).await?;
    Ok(private(Json(AdminUserView::of(&api, &ctx, &account).await?).into_response()))
}

/// Changes roles and state of an account; with every change its log-ins end.
#[utoipa::path(patch, path = "/api/admin/users/{id}", operation_id = "change_user", tag = "admin",
    params(("id" = uuid::Uuid, Path, description = "The person.")),
    request_body = UserChange, responses((status = 200, body = AdminUserView)))]
async fn change_user(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Path(id): Path<UserId>,
    Json(change): Json<UserChange>,
) -> ApiResult<Response> {
    let account = api.identity.amend(&ctx, subject(id), change.try_into()?).await?;
    Ok(private(Json(AdminUserView::of(&api, &ctx, &account).await?).into_response()))
}

/// Ends all log-ins of a person.
#[utoipa::path(post, path = "/api/admin/users/{id}/logout", operation_id = "log_user_out",
    tag = "admin", params(("id" = uuid::Uuid, Path, description = "The person.")),
    responses((status = 204)))]
async fn log_user_out(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Path(id): Path<UserId>,
) -> ApiResult<NoContent> {
    api.identity.end_all_sessions(&ctx, subject(id)).await?;
    Ok(NoContent)
}

/// Forgives failed tries at an account, so that its person need not wait.
#[utoipa::path(post, path = "/api/admin/users/{id}/unlock", operation_id = "unlock_user",
    tag = "admin", params(("id" = uuid::Uuid, Path, description = "The person.")),
    responses((status = 204)))]
async fn unlock_user(
    State(api): State<IdentityApi>,
    Admin(ctx): Admin,
    Path(id): Path<UserId>,
) -> ApiResult<NoContent> {
    api.identity.unlock(&ctx, subject(id)).await?;
    Ok(NoContent)
}
