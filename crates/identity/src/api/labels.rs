//! Routes for accounts of a label and keys, the base of sealed conversations.

use super::{
    IdentityApi,
    views::{ClosedView, private},
};
use crate::{
    actions::{ACCOUNT_CLOSED, LOGGED_IN, REGISTERED},
    error::{
        ACCOUNT_CLOSED as ACCOUNT_GONE, FACTOR_WRONG, INVALID_INVITE, IdentityError, LABEL_EXISTS,
        LABEL_PROOF_INVALID, SIGN_UP_CLOSED, TERMS_REQUIRED,
    },
    factors::TypedCode,
    label::{KeyAlgorithm, Label},
    service::{InviteCode, LabelProof, NewLabel},
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header::HOST};
use httpkit::{
    Access, ApiResult, Audit, Caller, Contract, Json, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt,
    codes::{STEP_UP_REQUIRED, USER_INACTIVE},
    limits, routes,
};
use kernel::{Secret, SessionId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let nothing = Audit::Nothing("a challenge is the same for labels that nobody has");
    OpenApiRouter::new()
        .routes(
            routes!(register_label)
                .under(&Contract::anonymous(REGISTERED.name()).errors(&[
                    &INVALID_INVITE,
                    &LABEL_EXISTS,
                    &LABEL_PROOF_INVALID,
                    &SIGN_UP_CLOSED,
                    &TERMS_REQUIRED,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(challenge)
                .under(&Contract::new(Access::Anonymous, nothing))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(token)
                .under(&Contract::anonymous(LOGGED_IN.name()).errors(&[
                    &ACCOUNT_GONE,
                    &FACTOR_WRONG,
                    &LABEL_PROOF_INVALID,
                    &STEP_UP_REQUIRED,
                    &USER_INACTIVE,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(close_label)
                .under(&Contract::anonymous(ACCOUNT_CLOSED.name()).errors(&[&LABEL_PROOF_INVALID]))
                .layer(from_fn(limits::login)),
        )
}

/// Registering a label with its public keys. Nothing in it says who someone is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelRequest {
    /// 3 to 32 letters, digits, dots, dashes or underscores; not your name.
    #[schema(min_length = 3, max_length = 32)]
    label: String,
    /// The kind of `sign_key`.
    algorithm: KeyAlgorithm,
    /// The public key to sign with, in base64url.
    #[schema(max_length = 100)]
    sign_key: String,
    /// The public key that others seal for, in base64url.
    #[schema(max_length = 100)]
    receive_key: String,
    /// The signature over `salus-label-v1` and, each after its length in two bytes, origin, label,
    /// `sign_key` and `receive_key`; in base64url.
    #[schema(max_length = 100)]
    signature: String,
    /// Whether the terms and the privacy notice are agreed to; there is no account without.
    #[serde(default)]
    terms: bool,
    /// An invitation, where one is needed.
    #[serde(alias = "inviteCode")]
    #[schema(value_type = Option<String>)]
    invite_code: Option<Secret<String>>,
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, IdentityError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| IdentityError::Field(field))
}

impl TryFrom<LabelRequest> for NewLabel {
    type Error = IdentityError;

    fn try_from(request: LabelRequest) -> Result<Self, IdentityError> {
        let receive_key = bytes("receive_key: not base64url", &request.receive_key)?;
        if !matches!(receive_key.len(), 32 | 65) {
            return Err(IdentityError::Field("receive_key: 32 or 65 bytes"));
        }
        Ok(Self {
            label: Label::new(&request.label)?,
            text: request.label,
            algorithm: request.algorithm,
            sign_key: bytes("sign_key: not base64url", &request.sign_key)?,
            receive_key,
            signature: bytes("signature: not base64url", &request.signature)?,
            terms: request.terms,
            invite: request.invite_code.as_ref().map(InviteCode::typed),
        })
    }
}

/// A new account of a label.
#[derive(Serialize, ToSchema)]
struct LabelView {
    /// Names the account.
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
}

/// Makes an account of a label and public keys, without personal data.
#[utoipa::path(post, path = "/api/sealed/identities", operation_id = "register_label",
    tag = "sealed", request_body = LabelRequest, responses((status = 201, body = LabelView)))]
async fn register_label(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(request): Json<LabelRequest>,
) -> ApiResult<Response> {
    let (origin, new) = (api.origin(&headers), request.try_into()?);
    let made = api.identity.register_label(&ctx, TenantId::DEFAULT, &origin, new).await?;
    Ok((StatusCode::CREATED, Json(LabelView { id: made })).into_response())
}

/// Asking for a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChallengeRequest {
    /// The label.
    #[schema(min_length = 3, max_length = 32)]
    label: String,
}

/// A challenge to be signed.
#[derive(Serialize, ToSchema)]
struct ChallengeView {
    /// The challenge; can be answered once.
    challenge: String,
    /// The origin that is signed with it. A client compares it with its own before it signs.
    origin: String,
    /// Until when it can be answered.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a challenge for a label, whether anybody has it or not.
#[utoipa::path(post, path = "/api/sealed/challenges", operation_id = "challenge_label",
    tag = "sealed", request_body = ChallengeRequest,
    responses((status = 200, body = ChallengeView)))]
async fn challenge(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(request): Json<ChallengeRequest>,
) -> ApiResult<Response> {
    let (origin, label) = (api.origin(&headers), Label::new(&request.label)?);
    let made = api.identity.challenge(&ctx, TenantId::DEFAULT, &origin, &label).await?;
    let view = ChallengeView { challenge: made.0, origin, expires_at: made.1 };
    Ok(private(Json(view).into_response()))
}

/// A signed challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProofRequest {
    /// The label.
    #[schema(min_length = 3, max_length = 32)]
    label: String,
    /// The kind of key it was signed with.
    algorithm: KeyAlgorithm,
    /// The challenge.
    #[schema(max_length = 120)]
    challenge: String,
    /// The signature over `salus-login-v1` (or `salus-close-v1`) and, each after its length in two
    /// bytes, origin, challenge and label; in base64url.
    #[schema(max_length = 100)]
    signature: String,
    /// A code of the second factor, where the account has one.
    #[schema(value_type = Option<String>, format = Password, max_length = 64)]
    code: Option<Secret<String>>,
}

impl TryFrom<ProofRequest> for LabelProof {
    type Error = IdentityError;

    fn try_from(request: ProofRequest) -> Result<Self, IdentityError> {
        Ok(Self {
            label: Label::new(&request.label)?,
            text: request.label,
            algorithm: request.algorithm,
            challenge: request.challenge,
            signature: bytes("signature: not base64url", &request.signature)?,
            code: request.code.as_ref().map(TypedCode::new),
        })
    }
}

/// Someone is logged in by a label.
#[derive(Serialize, ToSchema)]
struct TokenView {
    /// To be shown with every request; says nothing to whoever finds it.
    token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds after which the log-in ends in any case; sooner if it is not used.
    expires_in: u64,
    /// Names the log-in.
    #[schema(value_type = uuid::Uuid)]
    session_id: SessionId,
}

/// Logs in whoever signed the challenge with the key of the label.
#[utoipa::path(post, path = "/api/sealed/tokens", operation_id = "log_in_label", tag = "sealed",
    request_body = ProofRequest, responses((status = 200, body = TokenView)))]
async fn token(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(request): Json<ProofRequest>,
) -> ApiResult<Response> {
    let (origin, proof) = (api.origin(&headers), request.try_into()?);
    let login = api.identity.log_in_label(&ctx, TenantId::DEFAULT, &origin, &proof).await?;
    let view = TokenView {
        // EXPOSE: the client has to get its token.
        token: login.token.expose().clone(),
        token_type: "Bearer",
        expires_in: login.max_age.as_secs(),
        session_id: login.session,
    };
    Ok(private(Json(view).into_response()))
}

/// Closes the account of a label: everything is erased after the time to change one's mind.
#[utoipa::path(delete, path = "/api/sealed/identities", operation_id = "close_label",
    tag = "sealed", request_body = ProofRequest, responses((status = 202, body = ClosedView)))]
async fn close_label(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(request): Json<ProofRequest>,
) -> ApiResult<Response> {
    let (origin, proof) = (api.origin(&headers), request.try_into()?);
    let closed = api.identity.close_label(&ctx, TenantId::DEFAULT, &origin, &proof).await?;
    let view = ClosedView { erase_at: closed.erase_at };
    Ok(private((StatusCode::ACCEPTED, Json(view)).into_response()))
}

impl IdentityApi {
    /// What people reach us by: as configured, or as this request says.
    pub(super) fn origin(&self, headers: &HeaderMap) -> String {
        if let Some(origin) = &self.origin {
            return origin.to_string();
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("http://{host}")
    }
}
