//! What leaves the program: people's own names and tokens go to themselves.

mod factors;
mod passkeys;
mod providers;

pub(super) use factors::{
    FactorNeededView, FactorsView, RecoveryCodesView, StepUpView, TotpView, stepped_up,
};
pub(super) use passkeys::{NewPasskeyView, PasskeyChallengeView, PasskeyListView};
pub(super) use providers::{
    AwayView, LinkedAccountView, LinkedAccountsView, LoginProviderListView, NewHereView,
    StillNeededView,
};

use super::IdentityApi;
use crate::{
    error::IdentityError,
    model::{Account, SessionView},
    passkeys::PasskeyChallenge,
    service::{Credentials, KNOWN_FOR, Login, Tokens},
};
use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, SET_COOKIE},
};
use httpkit::{ApiResult, Json};
use kernel::{Ctx, Page, Phi, Role, RoleSet, SessionId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// A person, as they see themselves.
#[derive(Serialize, ToSchema)]
pub(super) struct UserView {
    /// Names the person.
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    /// The e-mail address to log in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The username to log in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// What the person wants to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// The person's rights.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// EXPOSE: names go to the person whose names they are.
fn shown(name: Option<&Phi<String>>) -> Option<String> {
    name.map(|name| name.expose().clone())
}

impl From<&Account> for UserView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.subject.user,
            email: shown(account.email.as_ref()),
            username: shown(account.username.as_ref()),
            display_name: shown(account.display_name.as_ref()),
            roles: account.roles.iter().collect(),
            created_at: account.created_at,
        }
    }
}

/// Someone is logged in: with tokens, or with a cookie and the token that goes with it.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginView {
    /// To be shown with every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Seconds that the access token is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    /// To be used once, for the next tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Goes with the cookie, as the header `X-CSRF-Token`, whenever something is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Names the log-in.
    #[schema(value_type = uuid::Uuid)]
    session_id: SessionId,
    /// Whose it is.
    user: UserView,
    /// There when the person asked for a second factor and has none yet: set it up now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    mfa_pending: bool,
    /// What to ask the device for, to make a first passkey; only after a log-in with Google.
    #[serde(skip_serializing_if = "Option::is_none")]
    biometric_setup: Option<PasskeyChallengeView>,
}

/// The answer to someone who has just logged in.
pub(super) fn logged_in(
    api: &IdentityApi,
    ctx: &Ctx,
    status: StatusCode,
    login: Login,
) -> ApiResult<Response> {
    entered(api, ctx, status, (login, None))
}

/// The same, with what a first passkey can be made with.
pub(super) fn passkey_wished(
    api: &IdentityApi,
    ctx: &Ctx,
    login: Login,
    setup: &PasskeyChallenge,
) -> ApiResult<Response> {
    let setup = PasskeyChallengeView::from(setup);
    entered(api, ctx, StatusCode::OK, (login, Some(setup)))
}

fn entered(
    api: &IdentityApi,
    ctx: &Ctx,
    status: StatusCode,
    (login, biometric_setup): (Login, Option<PasskeyChallengeView>),
) -> ApiResult<Response> {
    let mut view = LoginView {
        access_token: None,
        token_type: None,
        expires_in: None,
        refresh_token: None,
        csrf_token: None,
        session_id: login.session,
        user: UserView::from(&login.account),
        mfa_pending: login.factor_wanted,
        biometric_setup,
    };
    let mut cookie = None;
    match login.credentials {
        Credentials::Tokens(tokens) => {
            // EXPOSE: the client has to get its tokens.
            view.access_token = Some(tokens.access.expose().clone());
            view.refresh_token = Some(tokens.refresh.expose().clone());
            view.token_type = Some("Bearer");
            view.expires_in = Some(tokens.expires_in.as_secs());
        }
        Credentials::Cookie { value, max_age } => {
            view.csrf_token = Some(api.csrf.issue(ctx.env(), login.session));
            let header = api.cookie.set(&value, max_age);
            cookie = Some(header.ok_or(IdentityError::Unreadable("cookie"))?);
        }
    }
    let mut response = private((status, Json(view)).into_response());
    let device = login.device.and_then(|text| api.cookie.of_device().set(&text, KNOWN_FOR));
    for cookie in cookie.into_iter().chain(device) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// New tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct RefreshView {
    /// To be shown with every request.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the access token is good for.
    expires_in: u64,
    /// To be used once, for the next tokens.
    refresh_token: String,
    /// Names the log-in.
    #[schema(value_type = uuid::Uuid)]
    session_id: SessionId,
}

impl RefreshView {
    pub(super) fn response(session: SessionId, tokens: &Tokens) -> Response {
        // EXPOSE: the client has to get its tokens.
        let view = Self {
            access_token: tokens.access.expose().clone(),
            token_type: "Bearer",
            expires_in: tokens.expires_in.as_secs(),
            refresh_token: tokens.refresh.expose().clone(),
            session_id: session,
        };
        private(Json(view).into_response())
    }
}

/// The one answer to every registration with an e-mail address.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    /// `log_in`: what to do next.
    next: &'static str,
    /// The same for people.
    message: &'static str,
}

impl Accepted {
    pub(super) fn response() -> Response {
        let view = Self {
            next: "log_in",
            message: "If this address is new here, the account is ready: log in with your password.",
        };
        private((StatusCode::ACCEPTED, Json(view)).into_response())
    }
}

/// The person who asks.
#[derive(Serialize, ToSchema)]
pub(super) struct MeView {
    /// The person.
    user: UserView,
    /// Roles of theirs that count only after a second factor was shown.
    #[schema(value_type = Vec<String>)]
    roles_withheld: Vec<Role>,
    /// The log-in of this request.
    #[schema(value_type = uuid::Uuid)]
    session_id: SessionId,
    /// For pages that are logged in with a cookie, after they were loaded anew.
    csrf_token: String,
}

impl MeView {
    pub(super) fn response(
        (account, counting): (&Account, RoleSet),
        session_id: SessionId,
        csrf_token: String,
    ) -> Response {
        let user = UserView::from(account);
        let roles_withheld = account.roles.minus(counting).iter().collect();
        private(Json(Self { user, roles_withheld, session_id, csrf_token }).into_response())
    }
}

/// One log-in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionItem {
    /// Names it.
    #[schema(value_type = uuid::Uuid)]
    id: SessionId,
    /// Whether it is the one of this request.
    current: bool,
    /// `tokens` or `cookie`.
    kind: &'static str,
    /// `single` or `mfa`: how surely the person was recognised.
    acr: &'static str,
    /// What the program calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// The address it began at.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends in any case.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A page of log-ins, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionPage {
    /// The log-ins.
    items: Vec<SessionItem>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl SessionPage {
    pub(super) fn new(page: Page<SessionView>, current: SessionId) -> Self {
        let next_cursor = page.next.map(|cursor| cursor.to_string());
        let item = |view: SessionView| SessionItem {
            id: view.id,
            current: view.id == current,
            kind: view.kind.name(),
            acr: view.acr.name(),
            user_agent: shown(view.client.user_agent.as_ref()),
            ip: shown(view.client.ip.as_ref()),
            created_at: view.created_at,
            last_seen_at: view.seen_at,
            expires_at: view.expires_at,
        };
        Self { items: page.items.into_iter().map(item).collect(), next_cursor }
    }
}

/// An account was closed.
#[derive(Serialize, ToSchema)]
pub(super) struct ClosedView {
    /// When everything will be erased. Until then, logging in with `restore` opens it again.
    #[schema(value_type = String, format = DateTime)]
    pub(super) erase_at: Timestamp,
}

/// No proxy and no browser keeps an answer with tokens or names.
pub(super) fn private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
