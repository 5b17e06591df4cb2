//! Routes for people who are logged in, about their own account and log-ins.

use super::{
    IdentityApi,
    views::{ClosedView, MeView, SessionPage, private},
};
use crate::{
    actions::{
        ACCOUNT_CLOSED, ACCOUNT_READ, LOGGED_OUT, LOGGED_OUT_EVERYWHERE, SESSION_REVOKED,
        SESSIONS_LISTED, USERNAME_CHOSEN,
    },
    error::{IdentityError, LAST_ADMIN, PASSWORD_WRONG, USERNAME_EXISTS, USERNAME_KEPT},
    model::LoginName,
    password::Password,
    service::Identity,
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, SET_COOKIE},
};
use httpkit::{
    ApiError, ApiResult, Contract, Fresh, Json, LoggedIn, NoContent, OpenApiRouter, Path, Query,
    UnderContract, UtoipaMethodRouterExt, codes::STEP_UP_REQUIRED, cookies, limits, routes,
};
use kernel::{Cursor, PageSize, Secret, SessionId, common};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    OpenApiRouter::new()
        .routes(
            routes!(me).under(&Contract::own(ACCOUNT_READ.name()).errors(&[&common::NOT_FOUND])),
        )
        .routes(
            routes!(log_out).under(&Contract::own(LOGGED_OUT.name()).errors(&[&common::NOT_FOUND])),
        )
        .routes(routes!(log_out_everywhere).under(&Contract::own(LOGGED_OUT_EVERYWHERE.name())))
        .routes(
            routes!(list_sessions)
                .under(&Contract::own(SESSIONS_LISTED.name()).errors(&[&common::INVALID_CURSOR])),
        )
        .routes(
            routes!(revoke_session)
                .under(&Contract::own(SESSION_REVOKED.name()).errors(&[&common::NOT_FOUND])),
        )
        .routes(
            routes!(choose_username)
                .under(&Contract::own(USERNAME_CHOSEN.name()).step_up().errors(&[
                    &USERNAME_EXISTS,
                    &USERNAME_KEPT,
                    &common::NOT_FOUND,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(close_account).under(&Contract::own(ACCOUNT_CLOSED.name()).errors(&[
            &LAST_ADMIN,
            &PASSWORD_WRONG,
            &STEP_UP_REQUIRED,
            &common::NOT_FOUND,
        ])))
}

/// The person who asks, and the log-in of the request.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "me", tag = "auth",
    responses((status = 200, body = MeView)))]
async fn me(State(api): State<IdentityApi>, LoggedIn(ctx): LoggedIn) -> ApiResult<Response> {
    let account = api.identity.me(&ctx).await?;
    let session = session_of(&ctx)?;
    let roles = ctx.person().map_err(ApiError::new)?.roles;
    Ok(MeView::response((&account, roles), session, api.csrf.issue(ctx.env(), session)))
}

fn session_of(ctx: &kernel::Ctx) -> Result<SessionId, IdentityError> {
    ctx.person().map(|person| person.session).map_err(|_| IdentityError::AuthRequired)
}

/// Ends the log-in of this request.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "log_out", tag = "auth",
    responses((status = 204)))]
async fn log_out(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
) -> ApiResult<Response> {
    api.identity.log_out(&ctx).await?;
    Ok(without_cookie(&api, &headers))
}

/// Ends all log-ins of the person, on every device.
#[utoipa::path(post, path = "/api/auth/logout-all", operation_id = "log_out_everywhere",
    tag = "auth", responses((status = 204)))]
async fn log_out_everywhere(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
) -> ApiResult<Response> {
    api.identity.log_out_everywhere(&ctx).await?;
    Ok(without_cookie(&api, &headers))
}

/// Takes the cookie back, if the request was recognised by it.
fn without_cookie(api: &IdentityApi, headers: &HeaderMap) -> Response {
    let mut response = NoContent.into_response();
    let by_cookie =
        !headers.contains_key(AUTHORIZATION) && cookies::find(headers, api.cookie.name()).is_some();
    if let Some(header) = api.cookie.clear().filter(|_| by_cookie) {
        response.headers_mut().insert(SET_COOKIE, header);
    }
    response
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// The person's log-ins that have not ended, newest first.
#[utoipa::path(get, path = "/api/auth/sessions", operation_id = "list_sessions", tag = "auth",
    params(PageQuery), responses((status = 200, body = SessionPage)))]
async fn list_sessions(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let after = query.cursor.as_deref().map(str::parse::<Cursor>).transpose();
    let after = after.map_err(IdentityError::from)?;
    let size = query.limit.map_or_else(PageSize::default, PageSize::clamped);
    let page = Identity::sessions(&api.identity, &ctx, after, size).await?;
    Ok(private(Json(SessionPage::new(page, session_of(&ctx)?)).into_response()))
}

/// Ends another log-in of the same person.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", operation_id = "revoke_session",
    tag = "auth", params(("id" = uuid::Uuid, Path, description = "The log-in.")),
    responses((status = 204)))]
async fn revoke_session(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<SessionId>,
) -> ApiResult<NoContent> {
    api.identity.revoke_session(&ctx, id).await?;
    Ok(NoContent)
}

/// A name to log in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UsernameBody {
    /// 3 to 32 letters, digits, dots, dashes or underscores.
    #[schema(min_length = 3, max_length = 32)]
    username: String,
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// Chooses a username, for whoever has none: someone who came with an account elsewhere can log in
/// with it once they have a password, too.
#[utoipa::path(post, path = "/api/auth/username", operation_id = "choose_username", tag = "auth",
    request_body = UsernameBody, responses((status = 204)))]
async fn choose_username(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    Json(body): Json<UsernameBody>,
) -> ApiResult<NoContent> {
    let name = LoginName::username(&body.username).map_err(IdentityError::from)?;
    api.identity.choose_username(&ctx, &name, body.keep_other_sessions).await?;
    Ok(NoContent)
}

/// Closing the account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseRequest {
    /// The password, once more. Who has none has just shown otherwise that it is them.
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    password: Option<Secret<String>>,
}

/// Closes the account: all log-ins end now, and everything is erased for good after the time to
/// change one's mind. The last administrator makes someone else one first.
#[utoipa::path(delete, path = "/api/auth/account", operation_id = "close_account", tag = "auth",
    request_body = CloseRequest, responses((status = 202, body = ClosedView)))]
async fn close_account(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
    Json(request): Json<CloseRequest>,
) -> ApiResult<Response> {
    let password = request.password.as_ref().map(Password::new);
    let closed = api.identity.close_account(&ctx, password.as_ref()).await?;
    let mut response = without_cookie(&api, &headers);
    let view = (StatusCode::ACCEPTED, Json(ClosedView { erase_at: closed.erase_at }));
    let (parts, body) = private(view.into_response()).into_parts();
    *response.status_mut() = parts.status;
    *response.body_mut() = body;
    response.headers_mut().extend(parts.headers);
    Ok(response)
}
