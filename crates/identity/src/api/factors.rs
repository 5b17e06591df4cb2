//! Routes about second factors, and about showing again that it is you.

use super::{
    IdentityApi,
    views::{
        FactorsView, LoginView, RecoveryCodesView, StepUpView, TotpView, logged_in, private,
        stepped_up,
    },
};
use crate::{
    actions::{
        FACTORS_LISTED, LOGGED_IN, PASSWORD_CHANGED, RECOVERY_MADE, STEPPED_UP, TOTP_BEGUN,
        TOTP_CONFIRMED, TOTP_REMOVED,
    },
    error::{
        ACCOUNT_CLOSED, FACTOR_EXISTS, FACTOR_MISSING, FACTOR_SAME, FACTOR_WRONG, IdentityError,
        LOGIN_TICKET_INVALID, PASSKEY_COPIED, PASSKEY_LATE, PASSKEY_WRONG, PASSKEYS_OFF,
        PASSWORD_REFUSED, PASSWORD_WRONG,
    },
    factors::{TotpCode, TypedCode},
    passkeys::PasskeyAnswer,
    password::Password,
    service::{Proof, SecondFactor},
};
use axum::{
    extract::State,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use httpkit::{
    ApiResult, Caller, Contract, Fresh, Json, LoggedIn, NoContent, OpenApiRouter, UnderContract,
    UtoipaMethodRouterExt,
    codes::{SESSION_EXPIRED, STEP_UP_REQUIRED, USER_INACTIVE},
    limits, routes,
};
use kernel::{ErrorCode, Secret, common};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

const ENTERING: &[&ErrorCode] = &[
    &ACCOUNT_CLOSED,
    &FACTOR_WRONG,
    &LOGIN_TICKET_INVALID,
    &PASSKEY_COPIED,
    &PASSKEY_LATE,
    &PASSKEY_WRONG,
    &PASSKEYS_OFF,
    &USER_INACTIVE,
];
const STEPPING_UP: &[&ErrorCode] = &[
    &FACTOR_WRONG,
    &PASSKEY_COPIED,
    &PASSKEY_LATE,
    &PASSKEY_WRONG,
    &PASSKEYS_OFF,
    &PASSWORD_WRONG,
    &SESSION_EXPIRED,
    &STEP_UP_REQUIRED,
];
const REMOVING: &[&ErrorCode] = &[
    &FACTOR_SAME,
    &FACTOR_WRONG,
    &PASSKEY_COPIED,
    &PASSKEY_LATE,
    &PASSKEY_WRONG,
    &PASSKEYS_OFF,
    &PASSWORD_WRONG,
    &STEP_UP_REQUIRED,
    &common::NOT_FOUND,
];

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    OpenApiRouter::new()
        .routes(
            routes!(log_in_with_factor)
                .under(&Contract::anonymous(LOGGED_IN.name()).errors(ENTERING))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(health_token)
                .under(&Contract::own(STEPPED_UP.name()).errors(STEPPING_UP))
                .layer(from_fn(limits::login)),
        )
        .routes(
            routes!(change_password)
                .under(&Contract::own(PASSWORD_CHANGED.name()).errors(&[
                    &PASSWORD_REFUSED,
                    &PASSWORD_WRONG,
                    &STEP_UP_REQUIRED,
                    &common::NOT_FOUND,
                ]))
                .layer(from_fn(limits::login)),
        )
        .routes(routes!(list_factors).under(&Contract::own(FACTORS_LISTED.name())))
        .routes(
            routes!(begin_totp).under(
                &Contract::own(TOTP_BEGUN.name())
                    .step_up()
                    .errors(&[&FACTOR_EXISTS, &common::NOT_FOUND]),
            ),
        )
        .routes(
            routes!(confirm_totp).under(
                &Contract::own(TOTP_CONFIRMED.name())
                    .step_up()
                    .errors(&[&FACTOR_WRONG, &common::NOT_FOUND]),
            ),
        )
        .routes(routes!(remove_totp).under(&Contract::own(TOTP_REMOVED.name()).errors(REMOVING)))
        .routes(
            routes!(make_recovery_codes)
                .under(&Contract::own(RECOVERY_MADE.name()).step_up().errors(&[&FACTOR_MISSING])),
        )
}

/// The second half of a log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorBody {
    /// What the first half was answered with.
    #[schema(value_type = String, format = Password)]
    ticket: Secret<String>,
    /// Six digits of an authenticator app, or a recovery code.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<Secret<String>>,
    /// What a passkey signed, in place of a code.
    passkey: Option<SignedBody>,
}

impl FactorBody {
    fn factor(self) -> Result<(Secret<String>, SecondFactor), IdentityError> {
        let factor = match (self.code, self.passkey) {
            (Some(code), None) => SecondFactor::Code(TypedCode::new(&code)),
            (None, Some(signed)) => SecondFactor::Passkey(signed.answer()?),
            _ => return Err(IdentityError::Field("exactly one of code and passkey is needed")),
        };
        Ok((self.ticket, factor))
    }
}

/// What a passkey signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignedBody {
    /// What came with the options.
    #[schema(value_type = String, format = Password)]
    ticket: Secret<String>,
    /// What `navigator.credentials.get` gave, as its `toJSON` writes it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    credential: Value,
}

impl SignedBody {
    fn answer(self) -> Result<PasskeyAnswer, IdentityError> {
        PasskeyAnswer::new(self.ticket, self.credential)
    }
}

/// Goes on with a log-in that needs a second factor.
#[utoipa::path(post, path = "/api/auth/login/factor", operation_id = "log_in_with_factor",
    tag = "auth", request_body = FactorBody, responses((status = 200, body = LoginView)))]
async fn log_in_with_factor(
    State(api): State<IdentityApi>,
    Caller(ctx): Caller,
    Json(body): Json<FactorBody>,
) -> ApiResult<Response> {
    let (ticket, factor) = body.factor()?;
    let login = api.identity.log_in_with_factor(&ctx, &ticket, &factor).await?;
    logged_in(&api, &ctx, StatusCode::OK, login)
}

/// Something that shows that it is you: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofBody {
    /// The password. Enough for those who have no second factor.
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    password: Option<Secret<String>>,
    /// Six digits of an authenticator app, or a recovery code.
    #[serde(alias = "mfa_token", alias = "mfaToken")]
    #[schema(value_type = Option<String>, format = Password, max_length = 64)]
    code: Option<Secret<String>>,
    /// What a passkey signed, when it was asked by `POST /api/auth/passkeys/challenge`.
    passkey: Option<SignedBody>,
    /// Whether other devices stay logged in, where they would not.
    #[serde(default)]
    keep_other_sessions: bool,
}

impl ProofBody {
    /// The proof, and whether other devices stay logged in.
    pub(super) fn proof(self) -> Result<(Proof, bool), IdentityError> {
        let proof = match (self.password, self.code, self.passkey) {
            (Some(password), None, None) => Proof::Password(Password::new(&password)),
            (None, Some(code), None) => Proof::Code(TypedCode::new(&code)),
            (None, None, Some(signed)) => Proof::Passkey(signed.answer()?),
            _ => return Err(IdentityError::OneProof),
        };
        Ok((proof, self.keep_other_sessions))
    }
}

/// Shows again that it is you, for what asks for it: a token or cookie that counts as fresh for
/// ten minutes. Whoever has a second factor needs it here; for everyone else it is the password.
#[utoipa::path(post, path = "/api/auth/health-token", operation_id = "health_token",
    tag = "auth", request_body = ProofBody, responses((status = 200, body = StepUpView)))]
async fn health_token(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ProofBody>,
) -> ApiResult<Response> {
    let (proof, _) = body.proof()?;
    let answer = api.identity.step_up(&ctx, &proof).await?;
    stepped_up(&api, answer)
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// The present one. Can be left out by those who have just shown that it is them.
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    current_password: Option<Secret<String>>,
    /// 8 to 256 letters; 15 or more are better.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    new_password: Secret<String>,
}

/// Changes the password. All other devices are logged out.
#[utoipa::path(post, path = "/api/auth/password", operation_id = "change_password", tag = "auth",
    request_body = PasswordBody, responses((status = 204)))]
async fn change_password(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<PasswordBody>,
) -> ApiResult<NoContent> {
    let old = body.current_password.as_ref().map(Password::new);
    let new = Password::new(&body.new_password);
    api.identity.change_password(&ctx, old.as_ref(), &new).await?;
    Ok(NoContent)
}

/// The person's second factors.
#[utoipa::path(get, path = "/api/auth/factors", operation_id = "list_factors", tag = "auth",
    responses((status = 200, body = FactorsView)))]
async fn list_factors(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Response> {
    let (factors, password) = api.identity.factors(&ctx).await?;
    Ok(private(Json(FactorsView::new(&factors, password)).into_response()))
}

/// A secret for an authenticator app. It counts from when a code is shown that was made with it.
#[utoipa::path(post, path = "/api/auth/factors/totp", operation_id = "begin_totp", tag = "auth",
    responses((status = 200, body = TotpView)))]
async fn begin_totp(State(api): State<IdentityApi>, Fresh(ctx): Fresh) -> ApiResult<Response> {
    let enrolment = api.identity.begin_totp(&ctx).await?;
    Ok(private(Json(TotpView::from(&enrolment)).into_response()))
}

/// The first code of an authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    /// Six digits.
    #[schema(value_type = String, format = Password, max_length = 64)]
    code: Secret<String>,
    /// Whether other devices stay logged in; they are logged out otherwise.
    #[serde(default)]
    keep_other_sessions: bool,
}

/// Asks for codes of the app from now on. With the first factor come ten recovery codes, which
/// are shown this once.
#[utoipa::path(post, path = "/api/auth/factors/totp/confirm", operation_id = "confirm_totp",
    tag = "auth", request_body = ConfirmBody,
    responses((status = 200, body = RecoveryCodesView)))]
async fn confirm_totp(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
    Json(body): Json<ConfirmBody>,
) -> ApiResult<Response> {
    let code = TotpCode::typed(&body.code);
    let code = code.ok_or(IdentityError::FactorWrong(crate::FactorKind::Totp))?;
    let codes = api.identity.confirm_totp(&ctx, &code, body.keep_other_sessions).await?;
    Ok(private(Json(RecoveryCodesView::new(&codes.unwrap_or_default())).into_response()))
}

/// Does without the authenticator app, after something else has shown that it is you: the
/// password, together with a log-in by two factors, or a recovery code.
#[utoipa::path(delete, path = "/api/auth/factors/totp", operation_id = "remove_totp",
    tag = "auth", request_body = ProofBody, responses((status = 204)))]
async fn remove_totp(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<ProofBody>,
) -> ApiResult<NoContent> {
    let (proof, keep_others) = body.proof()?;
    api.identity.remove_totp(&ctx, &proof, keep_others).await?;
    Ok(NoContent)
}

/// Ten new recovery codes, shown this once. Those from before are void.
#[utoipa::path(post, path = "/api/auth/factors/recovery-codes",
    operation_id = "make_recovery_codes", tag = "auth",
    responses((status = 200, body = RecoveryCodesView)))]
async fn make_recovery_codes(
    State(api): State<IdentityApi>,
    Fresh(ctx): Fresh,
) -> ApiResult<Response> {
    let codes = api.identity.make_recovery_codes(&ctx).await?;
    Ok(private(Json(RecoveryCodesView::new(&codes)).into_response()))
}
