//! What leaves the program about providers of log-ins.

use super::{FactorNeededView, IdentityApi, private, shown};
use crate::{
    error::IdentityError,
    service::{Away, NewHere, OwnLink, ProviderName},
};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::SET_COOKIE};
use httpkit::{ApiResult, Json};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Someone who may vouch for people.
#[derive(Serialize, ToSchema)]
struct LoginProviderView {
    /// Names it.
    id: String,
    /// Its name for people: "Continue with …".
    name: String,
}

/// Who may vouch for people here.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginProviderListView {
    /// In the order of their names.
    items: Vec<LoginProviderView>,
}

impl From<Vec<ProviderName>> for LoginProviderListView {
    fn from(known: Vec<ProviderName>) -> Self {
        let view = |ProviderName { id, name }| LoginProviderView { id, name };
        Self { items: known.into_iter().map(view).collect() }
    }
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
pub(crate) struct AwayView {
    /// The provider's page.
    url: String,
    /// Seconds until it has to be back.
    expires_in: u64,
}

impl AwayView {
    pub(crate) fn response(api: &IdentityApi, away: &Away) -> ApiResult<Response> {
        let cookie = api.cookie.of_provider().set(&away.cookie, away.expires_in);
        let cookie = cookie.ok_or(IdentityError::Unreadable("cookie"))?;
        let view = Self { url: away.address.clone(), expires_in: away.expires_in.as_secs() };
        let mut response = private(Json(view).into_response());
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(response)
    }
}

/// Someone has no account here: `POST /api/auth/oidc/register` makes one.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewHereView {
    /// `register`: what to do next.
    next: &'static str,
    /// Stands for what the provider said. Good for one account.
    ticket: String,
    /// Seconds that the ticket is good for.
    expires_in: u64,
    /// What the person is called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// An address that the provider says is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl From<&NewHere> for NewHereView {
    fn from(new: &NewHere) -> Self {
        Self {
            next: "register",
            // EXPOSE: the client has to get its ticket.
            ticket: new.ticket.expose().clone(),
            expires_in: new.expires_in.as_secs(),
            display_name: shown(new.name.as_ref()),
            email: shown(new.email.as_ref()),
        }
    }
}

/// What is still needed of someone a provider vouched for; `next` says what.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum StillNeededView {
    /// A second factor.
    Factor(FactorNeededView),
    /// An account.
    Account(NewHereView),
}

impl StillNeededView {
    pub(crate) fn response(self) -> Response {
        private((StatusCode::ACCEPTED, Json(self)).into_response())
    }
}

/// An account elsewhere that opens the person's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkedAccountView {
    /// Names it.
    id: Uuid,
    /// The provider, unless it vouches for nobody here any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The provider's name for people.
    name: String,
    /// What the person knows it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_as: Option<String>,
    /// When it was connected.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<&OwnLink> for LinkedAccountView {
    fn from(own: &OwnLink) -> Self {
        Self {
            id: own.id,
            provider: own.provider.clone(),
            name: own.name.clone(),
            known_as: shown(own.known_as.as_ref()),
            created_at: own.created_at,
        }
    }
}

/// All accounts elsewhere that open the person's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkedAccountsView {
    /// Oldest first.
    items: Vec<LinkedAccountView>,
}

impl From<&[OwnLink]> for LinkedAccountsView {
    fn from(own: &[OwnLink]) -> Self {
        Self { items: own.iter().map(LinkedAccountView::from).collect() }
    }
}
