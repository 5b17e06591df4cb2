//! HTTP in and out.

use crate::{
    error::{CONSENT_TEXT_CHANGED, TERMS_BIND},
    model::{ConsentType, Consented, Standing, TextVersion},
    service::{CONSENT_GIVEN, CONSENT_WITHDRAWN, Consents},
};
use audit::AUDIT_UNAVAILABLE;
use axum::extract::State;
use httpkit::{
    Access, ApiResult, Audit, Contract, Json, LoggedIn, OpenApiRouter, UnderContract, routes,
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::{KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Consents> {
    let shown = Audit::Nothing("shows what the caller agreed to, no health data");
    let status = Contract::new(Access::Own, shown);
    let given = Contract::own(CONSENT_GIVEN.name()).errors(&[
        &AUDIT_UNAVAILABLE,
        &CONSENT_TEXT_CHANGED,
        &KEYS_FAULTY,
        &KEYS_UNAVAILABLE,
    ]);
    let withdrawn = Contract::own(CONSENT_WITHDRAWN.name()).errors(&[
        &AUDIT_UNAVAILABLE,
        &KEYS_FAULTY,
        &KEYS_UNAVAILABLE,
        &TERMS_BIND,
    ]);
    OpenApiRouter::new()
        .routes(routes!(status_of_caller).under(&status))
        .routes(routes!(record).under(&given))
        .routes(routes!(withdraw).under(&withdrawn))
}

/// Agreeing to a text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordConsent {
    /// What is agreed to.
    #[serde(alias = "consentType")]
    consent_type: ConsentType,
    /// The version of the text that the person has seen.
    #[schema(value_type = String, example = "1.0")]
    version: TextVersion,
}

/// Taking an agreement back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawConsent {
    /// What is taken back.
    #[serde(alias = "consentType")]
    consent_type: ConsentType,
}

/// What there is to agree to, and where it stands.
#[derive(Serialize, ToSchema)]
struct ConsentStatus {
    /// One for each type.
    consents: Vec<ConsentView>,
    /// Those that an account cannot be used without and that do not count now.
    missing: Vec<ConsentType>,
}

/// One consent.
#[derive(Serialize, ToSchema)]
struct ConsentView {
    /// What it is about.
    consent_type: ConsentType,
    /// Whether there can be no account without it.
    required: bool,
    /// The purposes that it is needed for.
    needed_for: Vec<&'static str>,
    /// Where it stands.
    standing: Standing,
    /// The version agreed to or withdrawn last.
    #[schema(value_type = Option<String>)]
    version: Option<TextVersion>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// The version of the text in force.
    #[schema(value_type = String)]
    version_in_force: TextVersion,
    /// The text in force, in Markdown.
    text: &'static str,
}

impl ConsentStatus {
    fn new(consents: &Consents, consented: &Consented) -> Self {
        let view = |consent: ConsentType| {
            let version_in_force = consents.in_force(consent);
            let latest = consented.latest(consent);
            ConsentView {
                consent_type: consent,
                required: consent.is_required(),
                needed_for: consent.needed_for().map(kernel::Purpose::name).collect(),
                standing: consented.standing(consent, version_in_force),
                version: latest.map(|line| line.version),
                changed_at: latest.map(|line| line.at),
                version_in_force,
                text: consent.text(),
            }
        };
        let consents: Vec<_> = ConsentType::ALL.into_iter().map(view).collect();
        let lacks = |view: &&ConsentView| view.required && view.standing != Standing::Given;
        let missing = consents.iter().filter(lacks).map(|view| view.consent_type).collect();
        Self { consents, missing }
    }
}

/// What there is to agree to, and what the caller agreed to.
#[utoipa::path(get, path = "/api/consent/status", operation_id = "consent_status", tag = "consent",
    responses((status = 200, body = ConsentStatus)))]
async fn status_of_caller(
    State(consents): State<Consents>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<ConsentStatus>> {
    let consented = consents.status(&ctx).await?;
    Ok(Json(ConsentStatus::new(&consents, &consented)))
}

/// Agrees to a text. Agreeing again changes nothing.
#[utoipa::path(post, path = "/api/consent/record", operation_id = "record_consent", tag = "consent",
    request_body = RecordConsent, responses((status = 200, body = ConsentStatus)))]
async fn record(
    State(consents): State<Consents>,
    LoggedIn(ctx): LoggedIn,
    Json(request): Json<RecordConsent>,
) -> ApiResult<Json<ConsentStatus>> {
    let consented = consents.record(&ctx, request.consent_type, request.version).await?;
    Ok(Json(ConsentStatus::new(&consents, &consented)))
}

/// Takes an agreement back, from the next request on. The terms cannot be taken back alone.
#[utoipa::path(post, path = "/api/consent/withdraw", operation_id = "withdraw_consent",
    tag = "consent", request_body = WithdrawConsent,
    responses((status = 200, body = ConsentStatus)))]
async fn withdraw(
    State(consents): State<Consents>,
    LoggedIn(ctx): LoggedIn,
    Json(request): Json<WithdrawConsent>,
) -> ApiResult<Json<ConsentStatus>> {
    let consented = consents.withdraw(&ctx, request.consent_type).await?;
    Ok(Json(ConsentStatus::new(&consents, &consented)))
}
