//! Routes about accounts elsewhere that open a person's own.

use super::{
    IdentityApi,
    providers::{ProviderReturnBody, forget},
    views::{AwayView, LinkedAccountView, LinkedAccountsView, StepUpView, private, stepped_up},
};
use crate::{
    actions::{PROVIDER_LINKED, PROVIDER_UNLINKED, PROVIDERS_LISTED, STEPPED_UP},
    error::{
        LAST_WAY_IN, LINKS_FULL, OIDC_LATE, OIDC_OTHER, OIDC_REFUSED, OIDC_TAKEN, OIDC_UNREACHABLE,
    },
    service::Asking,
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use httpkit::{
    Access, ApiResult, Audit, Contract, Fresh, Json, LoggedIn, NoContent, OpenApiRouter, Path,
    UnderContract, UtoipaMethodRouterExt,
    codes::{SESSION_EXPIRED, STEP_UP_REQUIRED},
    limits, routes,
};
use kernel::{ErrorCode, common};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

const ASKING: &[&ErrorCode] = &[&OIDC_UNREACHABLE, &common::NOT_FOUND];
const LINKING: &[&ErrorCode] =
    &[&LINKS_FULL, &OIDC_LATE, &OIDC_REFUSED, &OIDC_TAKEN, &OIDC_UNREACHABLE, &common::NOT_FOUND];
const CONFIRMING: &[&ErrorCode] = &[
    &OIDC_LATE,
    &OIDC_OTHER,
    &OIDC_REFUSED,
    &OIDC_UNREACHABLE,
    &SESSION_EXPIRED,
    &STEP_UP_REQUIRED,
    &common::NOT_FOUND,
];

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let asks = Contract::new(Access::Own, Audit::Nothing("a question; its answer is recorded"));
    let removes = Contract::own(PROVIDER_UNLINKED.name()).step_up();
    OpenApiRouter::new()
        .routes(routes!(list_links).under(&Contract::own(PROVIDERS_LISTED.name())))
        .routes(
            routes!(begin_link).under(&asks.step_up().errors(ASKING)).layer(from_fn(limits::login)),
        )
        .routes(
            routes!(link)
                .under(&Contract::own(PROVIDER_LINKED.name()).errors(LINKING))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(unlink).under(&removes.errors(&[&LAST_WAY_IN, &common::NOT_FOUND])))
        .routes(
            routes!(begin_confirm)
                .under(&asks.errors(&[&OIDC_UNREACHABLE, &STEP_UP_REQUIRED, &common::NOT_FOUND]))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(confirm)
                .under(&Contract::own(STEPPED_UP.name()).errors(CONFIRMING))
                .layer(from_fn(limits::login)),
        )
}

/// The accounts elsewhere that open the person's own, oldest first; there are ten at most.
#[utoipa::path(get, path = "/api/auth/links", operation_id = "list_links", tag = "auth",
    responses((status = 200, body = LinkedAccountsView)))]
async fn list_links(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Response> {
    let own = api.identity.links(&ctx).await?;
    Ok(private(Json(LinkedAccountsView::from(own.as_slice())).into_response()))
}

/// Which provider to go to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkBeginBody {
    /// Its name in the settings.
    #[schema(max_length = 32)]
    provider: String,
}

/// Begins to connect an account elsewhere: where to send the browser.
#[utoipa::path(post, path = "/api/auth/links/begin", operation_id = "begin_link", tag = "auth",
    request_body = LinkBeginBody, responses((status = 200, body = AwayView)))]
async fn begin_link(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    headers: HeaderMap,
    Json(body): Json<LinkBeginBody>,
) -> ApiResult<Response> {
    let asking = Asking::logged_in(body.provider, api.origin(&headers));
    let away = api.identity.begin_link(&ctx, &asking).await?;
    AwayView::response(&api, &away)
}

/// Coming back with an account elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    /// What the address held that the provider sent the browser to.
    returned: ProviderReturnBody,
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// From now on the account elsewhere opens the person's own. Counts only in the log-in that began
/// it.
#[utoipa::path(post, path = "/api/auth/links", operation_id = "link_provider", tag = "auth",
    request_body = LinkBody, responses((status = 201, body = LinkedAccountView)))]
async fn link(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
    Json(body): Json<LinkBody>,
) -> ApiResult<Response> {
    let answered = body.returned.answered(&api, &headers)?;
    let own = api.identity.link(&ctx, &answered, body.keep_other_sessions).await?;
    let mut response =
        private((StatusCode::CREATED, Json(LinkedAccountView::from(&own))).into_response());
    forget(&api, &mut response);
    Ok(response)
}

/// Which devices stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnlinkBody {
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// The account elsewhere does not open the person's own any more. The last way in stays.
#[utoipa::path(delete, path = "/api/auth/links/{id}", operation_id = "unlink_provider",
    tag = "auth", params(("id" = Uuid, Path, description = "Names it.")),
    request_body = UnlinkBody, responses((status = 204)))]
async fn unlink(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    Path(id): Path<Uuid>,
    Json(body): Json<UnlinkBody>,
) -> ApiResult<NoContent> {
    api.identity.unlink(&ctx, id, body.keep_other_sessions).await?;
    Ok(NoContent)
}

/// Begins to show again that it is you, by a provider: where to send the browser. For people
/// without a second factor, whose account is opened by one elsewhere.
#[utoipa::path(post, path = "/api/auth/oidc/confirm/begin", operation_id = "begin_confirm",
    tag = "auth", request_body = LinkBeginBody, responses((status = 200, body = AwayView)))]
async fn begin_confirm(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
    Json(body): Json<LinkBeginBody>,
) -> ApiResult<Response> {
    let asking = Asking::logged_in(body.provider, api.origin(&headers));
    let away = api.identity.begin_confirm(&ctx, &asking).await?;
    AwayView::response(&api, &away)
}

/// The provider has recognised the person again: what `POST /api/auth/health-token` gives for a
/// password.
#[utoipa::path(post, path = "/api/auth/oidc/confirm", operation_id = "confirm_by_provider",
    tag = "auth", request_body = ProviderReturnBody, responses((status = 200, body = StepUpView)))]
async fn confirm(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    headers: HeaderMap,
    Json(body): Json<ProviderReturnBody>,
) -> ApiResult<Response> {
    let answered = body.answered(&api, &headers)?;
    let stepped = api.identity.confirm_by_provider(&ctx, &answered).await?;
    let mut response = stepped_up(&api, stepped)?;
    forget(&api, &mut response);
    Ok(response)
}
