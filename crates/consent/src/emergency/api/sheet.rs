//! Routes of the emergency sheet: for its person, and for whoever shows a token.

use super::{
    super::{
        Class, Classes, Emergency,
        sheet::{Parts, Sheet},
    },
    shown_token,
};
use axum::extract::State;
use http::HeaderMap;
use httpkit::{ApiResult, Caller, Json, LoggedIn, NoContent, Path};
use kernel::{Phi, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What helpers should know of the person, in their own words. What is left out is empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmergencySheetRequest)]
pub(super) struct SheetRequest {
    /// What the person reacts to.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    allergies: Phi<String>,
    /// What the person takes.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    medications: Phi<String>,
    /// What the person has.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    conditions: Phi<String>,
    /// The blood group.
    #[serde(default)]
    #[schema(value_type = String, max_length = 20)]
    blood_group: Phi<String>,
    /// Whom to call.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    contacts: Phi<String>,
    /// What else a helper should know.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000)]
    notes: Phi<String>,
}

impl From<SheetRequest> for Phi<Parts> {
    fn from(request: SheetRequest) -> Self {
        // EXPOSE: all of it together is as guarded as each part was.
        let text = |part: Phi<String>| part.expose().trim().to_owned();
        Self::new(Parts {
            allergies: text(request.allergies),
            medications: text(request.medications),
            conditions: text(request.conditions),
            blood_group: text(request.blood_group),
            contacts: text(request.contacts),
            notes: text(request.notes),
        })
    }
}

/// What helpers should know of a person. Parts that nothing was written in are empty.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencySheet)]
pub(super) struct SheetView {
    /// What the person reacts to.
    allergies: String,
    /// What the person takes.
    medications: String,
    /// What the person has.
    conditions: String,
    /// The blood group.
    blood_group: String,
    /// Whom to call.
    contacts: String,
    /// What else a helper should know.
    notes: String,
    /// When it was written; `null` if nothing was.
    #[schema(value_type = Option<String>, format = DateTime)]
    written_at: Option<Timestamp>,
}

impl From<Sheet> for SheetView {
    fn from(sheet: Sheet) -> Self {
        // EXPOSE: it goes to its person, or to whom it was opened.
        let Parts { allergies, medications, conditions, blood_group, contacts, notes } =
            sheet.parts.expose().clone();
        let written_at = sheet.written_at;
        Self { allergies, medications, conditions, blood_group, contacts, notes, written_at }
    }
}

/// What a token opened of a person's emergency sheet.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenedEmergencySheet)]
pub(super) struct OpenedView {
    /// What was opened; all else is empty here whatever the person wrote.
    classes: Vec<Class>,
    /// What it says.
    #[serde(flatten)]
    sheet: SheetView,
}

/// The person's emergency sheet.
#[utoipa::path(get, path = "/api/emergency/sheet", operation_id = "get_emergency_sheet",
    tag = "emergency", responses((status = 200, body = SheetView)))]
pub(super) async fn read(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<SheetView>> {
    Ok(Json(emergency.own_sheet(&ctx).await?.into()))
}

/// Writes the person's emergency sheet anew.
#[utoipa::path(put, path = "/api/emergency/sheet", operation_id = "write_emergency_sheet",
    tag = "emergency", request_body = SheetRequest,
    responses((status = 200, body = SheetView)))]
pub(super) async fn write(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
    Json(request): Json<SheetRequest>,
) -> ApiResult<Json<SheetView>> {
    Ok(Json(emergency.write_sheet(&ctx, &request.into()).await?.into()))
}

/// Removes the person's emergency sheet.
#[utoipa::path(delete, path = "/api/emergency/sheet", operation_id = "remove_emergency_sheet",
    tag = "emergency", responses((status = 204)))]
pub(super) async fn remove(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<NoContent> {
    emergency.remove_sheet(&ctx).await?;
    Ok(NoContent)
}

/// What the token in `Emergency-Access-Token` opens of this person's emergency sheet. The person is
/// told.
#[utoipa::path(get, path = "/api/medical/emergency-info/{user_id}",
    operation_id = "open_emergency_sheet", tag = "emergency",
    params(("user_id" = Uuid, Path, description = "Whose sheet."),
        ("Emergency-Access-Token" = Option<String>, Header, description = "The token.")),
    responses((status = 200, body = OpenedView)))]
pub(super) async fn open(
    State(emergency): State<Emergency>,
    Caller(ctx): Caller,
    Path(whose): Path<UserId>,
    headers: HeaderMap,
) -> ApiResult<Json<OpenedView>> {
    let token = shown_token(&headers);
    let (classes, sheet) = emergency.open_sheet(&ctx, &token, whose).await?;
    Ok(Json(OpenedView { classes: Classes::iter(classes).collect(), sheet: sheet.into() }))
}
