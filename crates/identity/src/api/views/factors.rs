//! What leaves the program about second factors.

use super::{IdentityApi, PasskeyChallengeView, private};
use crate::{
    error::IdentityError,
    factors::{FactorKind, Factors, RecoveryCode},
    service::{FactorNeeded, StepUpCredential, SteppedUp, TotpEnrolment},
};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::SET_COOKIE};
use httpkit::{ApiResult, Json};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A second factor is needed: `POST /api/auth/login/factor` goes on.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactorNeededView {
    /// `second_factor`: what to do next.
    next: &'static str,
    /// `passkey`, `totp`, `recovery_code`: what can be asked for, the best first and the last
    /// resort last.
    factors: Vec<&'static str>,
    /// Stands for the first half of the log-in. Good for one log-in.
    ticket: String,
    /// Seconds that the ticket is good for.
    expires_in: u64,
    /// What the browser is to ask a device for, where a passkey can be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<PasskeyChallengeView>,
}

impl From<&FactorNeeded> for FactorNeededView {
    fn from(needed: &FactorNeeded) -> Self {
        Self {
            next: "second_factor",
            factors: needed.kinds.iter().copied().map(FactorKind::name).collect(),
            // EXPOSE: the client has to get its ticket.
            ticket: needed.ticket.expose().clone(),
            expires_in: needed.expires_in.as_secs(),
            passkey: needed.passkey.as_ref().map(PasskeyChallengeView::from),
        }
    }
}

impl FactorNeededView {
    pub(crate) fn response(needed: &FactorNeeded) -> Response {
        private((StatusCode::ACCEPTED, Json(Self::from(needed))).into_response())
    }
}

/// The second factors of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactorsView {
    /// Whether a log-in needs one.
    needed: bool,
    /// Since when there is an authenticator app.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    totp_since: Option<Timestamp>,
    /// How many passkeys there are.
    passkeys: u32,
    /// How many recovery codes are left: the last resort when everything else is lost.
    recovery_codes_left: u32,
    /// Whether there is a password: accounts that another one elsewhere opens may have none.
    password: bool,
}

impl FactorsView {
    pub(crate) fn new(factors: &Factors, password: bool) -> Self {
        Self {
            needed: factors.any(),
            totp_since: factors.totp_since,
            passkeys: factors.passkeys,
            recovery_codes_left: factors.recovery_left,
            password,
        }
    }
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpView {
    /// For people who type it into their app.
    secret: String,
    /// What a QR code holds.
    otpauth_uri: String,
}

impl From<&TotpEnrolment> for TotpView {
    fn from(enrolment: &TotpEnrolment) -> Self {
        // EXPOSE: the app has to get its secret.
        let (secret, uri) = (enrolment.secret.expose(), enrolment.uri.expose());
        Self { secret: secret.clone(), otpauth_uri: uri.clone() }
    }
}

/// Recovery codes, to be kept on paper.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesView {
    /// Each is good for one log-in. Empty if the person has some already.
    pub(super) recovery_codes: Vec<String>,
}

impl RecoveryCodesView {
    pub(crate) fn new(codes: &[RecoveryCode]) -> Self {
        // EXPOSE: the person has to get their codes.
        let shown = |code: &RecoveryCode| code.grouped().expose().clone();
        Self { recovery_codes: codes.iter().map(shown).collect() }
    }
}

/// Someone has shown again that it is them.
#[derive(Serialize, ToSchema)]
pub(crate) struct StepUpView {
    /// To be shown with requests that ask for it, and with all others. Whoever is logged in with
    /// a cookie has a new one instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Seconds that it counts as fresh.
    expires_in: u64,
    /// `salus:single` or `salus:mfa`: how surely the person was recognised.
    acr: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    auth_time: Timestamp,
}

/// The answer to someone who has shown again that it is them.
pub(crate) fn stepped_up(api: &IdentityApi, answer: SteppedUp) -> ApiResult<Response> {
    let mut view = StepUpView {
        access_token: None,
        token_type: None,
        expires_in: answer.expires_in.as_secs(),
        acr: format!("salus:{}", answer.acr.name()),
        auth_time: answer.auth_at,
    };
    let mut cookie = None;
    match answer.shown {
        StepUpCredential::Token(token) => {
            // EXPOSE: the client has to get its token.
            view.access_token = Some(token.expose().clone());
            view.token_type = Some("Bearer");
        }
        StepUpCredential::Cookie { value, max_age } => {
            let header = api.cookie.set(&value, max_age);
            cookie = Some(header.ok_or(IdentityError::Unreadable("cookie"))?);
        }
    }
    let mut response = private(Json(view).into_response());
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}
