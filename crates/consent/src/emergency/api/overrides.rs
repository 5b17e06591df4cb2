//! Routes for those who open emergency data, those who review it, and those whom it was about.

use super::super::{
    Emergency,
    model::ReasonCode,
    overrides::NewOverride,
    reviews::{EmergencyUse, OpenReview},
};
use crate::error::ConsentError;
use axum::extract::State;
use httpkit::{
    ApiResult, Created, FreshMfa, Helper, Json, LoggedIn, NoContent, Overseer, Path, Query,
};
use kernel::{Cursor, PageSize, Phi, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Opening one person's emergency data.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideRequest {
    /// Whose data.
    #[schema(value_type = Uuid)]
    patient_id: UserId,
    /// Why, as one of the reasons there are.
    reason_code: ReasonCode,
    /// Why, in words, 10 to 2000 letters. The person will read it.
    #[schema(value_type = String, min_length = 10, max_length = 2000)]
    reason: Phi<String>,
}

/// An override that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct OverrideView {
    /// Names it.
    id: Uuid,
    /// Opens the data; goes into `Emergency-Access-Token` with the responder's own log-in.
    token: String,
    /// Whether a second person has to approve it first.
    pending: bool,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// By when somebody has to have reviewed it.
    #[schema(value_type = String, format = DateTime)]
    review_due_at: Timestamp,
}

/// Opens one person's emergency data to the responder who asks, for an hour. The person and those
/// who run the installation are told at once, and somebody has to review it.
#[utoipa::path(post, path = "/api/emergency/overrides", operation_id = "make_emergency_override",
    tag = "emergency", request_body = OverrideRequest,
    responses((status = 201, body = OverrideView)))]
pub(super) async fn make_override(
    State(emergency): State<Emergency>,
    Helper(ctx): Helper,
    _surely: FreshMfa<600>,
    Json(request): Json<OverrideRequest>,
) -> ApiResult<Created<OverrideView>> {
    let OverrideRequest { patient_id, reason_code, reason } = request;
    let new = NewOverride { patient: patient_id, code: reason_code, reason };
    let made = emergency.make_override(&ctx, &new).await?;
    // EXPOSE: the responder has to get the token.
    let token = made.token.expose().clone();
    let (id, pending) = (made.id, made.pending);
    let (expires_at, review_due_at) = (made.expires_at, made.review_due_at);
    Ok(Created(OverrideView { id, token, pending, expires_at, review_due_at }))
}

/// Lets another responder's override begin.
#[utoipa::path(post, path = "/api/emergency/overrides/{id}/approve",
    operation_id = "approve_emergency_override", tag = "emergency",
    params(("id" = Uuid, Path, description = "The override.")), responses((status = 204)))]
pub(super) async fn approve_override(
    State(emergency): State<Emergency>,
    Helper(ctx): Helper,
    _surely: FreshMfa<600>,
    Path(id): Path<Uuid>,
) -> ApiResult<NoContent> {
    emergency.approve_override(&ctx, id).await?;
    Ok(NoContent)
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

impl PageQuery {
    fn place(&self) -> Result<(Option<Cursor>, PageSize), ConsentError> {
        let after = self.cursor.as_deref().map(str::parse).transpose()?;
        Ok((after, self.limit.map_or_else(PageSize::default, PageSize::clamped)))
    }
}

/// An override that nobody has reviewed.
#[derive(Serialize, ToSchema)]
pub(super) struct ReviewView {
    /// The override.
    id: Uuid,
    /// Who made it.
    #[schema(value_type = Uuid)]
    responder_id: UserId,
    /// Whose data it was about.
    #[schema(value_type = Uuid)]
    patient_id: UserId,
    /// Why.
    reason_code: ReasonCode,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// How often data was opened with it.
    uses: u32,
    /// By when it has to be reviewed.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
}

/// A page of reviews, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ReviewPage {
    /// The overrides.
    items: Vec<ReviewView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<OpenReview> for ReviewView {
    fn from(review: OpenReview) -> Self {
        Self {
            id: review.id,
            responder_id: review.responder,
            patient_id: review.patient,
            reason_code: review.code,
            created_at: review.created_at,
            uses: review.uses,
            due_at: review.due_at,
        }
    }
}

/// Overrides that nobody has reviewed.
#[utoipa::path(get, path = "/api/emergency/reviews", operation_id = "list_emergency_reviews",
    tag = "emergency", params(PageQuery), responses((status = 200, body = ReviewPage)))]
pub(super) async fn list_reviews(
    State(emergency): State<Emergency>,
    Overseer(ctx): Overseer,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<ReviewPage>> {
    let (after, size) = query.place()?;
    let page = emergency.open_reviews(&ctx, after, size).await?;
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    Ok(Json(ReviewPage { items: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Reviewing an override.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewRequest {
    /// Whether it was justified.
    justified: bool,
}

/// Says whether an override was justified.
#[utoipa::path(post, path = "/api/emergency/reviews/{id}", operation_id = "review_emergency",
    tag = "emergency", params(("id" = Uuid, Path, description = "The override.")),
    request_body = ReviewRequest, responses((status = 204)))]
pub(super) async fn review(
    State(emergency): State<Emergency>,
    Overseer(ctx): Overseer,
    Path(id): Path<Uuid>,
    Json(request): Json<ReviewRequest>,
) -> ApiResult<NoContent> {
    emergency.review(&ctx, id, request.justified).await?;
    Ok(NoContent)
}

/// Someone opened the person's emergency data.
#[derive(Serialize, ToSchema)]
pub(super) struct UseView {
    /// The override.
    id: Uuid,
    /// Who made it.
    #[schema(value_type = Uuid)]
    responder_id: UserId,
    /// Why.
    reason_code: ReasonCode,
    /// Why, in the responder's words.
    reason: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended or will end.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How often data was opened with it.
    uses: u32,
    /// When somebody looked at whether it was justified.
    #[schema(value_type = Option<String>, format = DateTime)]
    reviewed_at: Option<Timestamp>,
}

/// A page of uses, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct UsePage {
    /// The overrides.
    items: Vec<UseView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<EmergencyUse> for UseView {
    fn from(used: EmergencyUse) -> Self {
        Self {
            id: used.id,
            responder_id: used.responder,
            reason_code: used.code,
            // EXPOSE: it goes to the person it is about.
            reason: used.reason.expose().clone(),
            created_at: used.created_at,
            expires_at: used.expires_at,
            uses: used.uses,
            reviewed_at: used.reviewed_at,
        }
    }
}

/// Who opened the person's emergency data without being asked to, and why.
#[utoipa::path(get, path = "/api/emergency/accesses", operation_id = "list_emergency_accesses",
    tag = "emergency", params(PageQuery), responses((status = 200, body = UsePage)))]
pub(super) async fn list_uses(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<UsePage>> {
    let (after, size) = query.place()?;
    let page = emergency.uses(&ctx, after, size).await?;
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    Ok(Json(UsePage { items: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}
