//! What leaves the program about passkeys.

use super::{RecoveryCodesView, private};
use crate::{
    factors::RecoveryCode,
    passkeys::{OwnPasskey, PasskeyChallenge},
};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use httpkit::Json;
use kernel::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the browser is to ask a device for.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyChallengeView {
    /// Comes back with what the device answers. Good for one answer.
    ticket: String,
    /// `publicKey` of `navigator.credentials`, as `parseCreationOptionsFromJSON` and
    /// `parseRequestOptionsFromJSON` read it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    options: Value,
    /// Seconds that an answer is good for.
    expires_in: u64,
}

impl From<&PasskeyChallenge> for PasskeyChallengeView {
    fn from(asked: &PasskeyChallenge) -> Self {
        Self {
            // EXPOSE: the client has to get its ticket.
            ticket: asked.ticket.expose().clone(),
            options: asked.options.clone(),
            expires_in: asked.expires_in.as_secs(),
        }
    }
}

impl PasskeyChallengeView {
    pub(crate) fn response(status: StatusCode, asked: &PasskeyChallenge) -> Response {
        private((status, Json(Self::from(asked))).into_response())
    }
}

/// A passkey as its person sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyView {
    /// Names it.
    id: Uuid,
    /// What the person calls it.
    name: String,
    /// Whether a password manager keeps copies of it on other devices.
    synced: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

impl From<&OwnPasskey> for PasskeyView {
    fn from(own: &OwnPasskey) -> Self {
        // EXPOSE: it goes to the person who gave it.
        let name = own.name.expose().clone();
        let OwnPasskey { id, synced, created_at, used_at, .. } = *own;
        Self { id, name, synced, created_at, used_at }
    }
}

/// All passkeys of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyListView {
    /// Oldest first.
    items: Vec<PasskeyView>,
}

impl From<&[OwnPasskey]> for PasskeyListView {
    fn from(own: &[OwnPasskey]) -> Self {
        Self { items: own.iter().map(PasskeyView::from).collect() }
    }
}

/// A passkey that was just kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewPasskeyView {
    /// The passkey.
    passkey: PasskeyView,
    /// Each is good for one log-in. Empty if the person has some already.
    recovery_codes: Vec<String>,
}

impl NewPasskeyView {
    pub(crate) fn new(own: &OwnPasskey, codes: &[RecoveryCode]) -> Self {
        let recovery_codes = RecoveryCodesView::new(codes).recovery_codes;
        Self { passkey: PasskeyView::from(own), recovery_codes }
    }
}
