//! What people see of themselves: their profile, their devices, what happened to their account.

use super::{
    IdentityApi,
    views::{UserView, private},
};
use crate::{
    actions::{ACTIVITY_READ, PROFILE_CHANGED, PROFILE_READ, SESSION_REVOKED, SESSIONS_LISTED},
    error::IdentityError,
    model::{Account, DisplayName},
    profile::{Place, Preferences, Profile, ProfileDraft},
    service::{Activity, Device},
};
use audit::EventId;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use httpkit::{
    ApiResult, Contract, IfMatch, Json, LoggedIn, NoContent, OpenApiRouter, Path, Query,
    UnderContract, WithEtag, routes,
};
use kernel::{Cursor, PageSize, Phi, SessionId, Timestamp, common};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let read = Contract::own(PROFILE_READ.name());
    let change = Contract::own(PROFILE_CHANGED.name());
    let devices = Contract::own(SESSIONS_LISTED.name());
    let revoke = Contract::own(SESSION_REVOKED.name());
    let activity = Contract::own(ACTIVITY_READ.name());
    OpenApiRouter::new()
        .routes(routes!(read_profile).under(&read.errors(&[&common::NOT_FOUND])))
        .routes(
            routes!(change_profile)
                .under(&change.errors(&[&common::NOT_FOUND]).if_match_required()),
        )
        .routes(routes!(list_devices).under(&devices.errors(&[&common::INVALID_CURSOR])))
        .routes(routes!(revoke_device).under(&revoke.errors(&[&common::NOT_FOUND])))
        .routes(routes!(list_activity).under(&activity.errors(&[&common::INVALID_CURSOR])))
}

/// A profile to be written, as a whole: what is left out is taken away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileRequest {
    /// What the person wants to be called.
    #[serde(alias = "displayName")]
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// A language tag: `en`, `pt-BR`.
    #[schema(max_length = 35, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    locale: Option<String>,
    /// Two letters: `DE`.
    #[schema(pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    /// The name of a zone: `Europe/Berlin`.
    #[serde(alias = "timeZone", alias = "timezone")]
    #[schema(
        max_length = 64,
        pattern = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}$"
    )]
    time_zone: Option<String>,
    /// What the person prefers.
    #[serde(default)]
    preferences: Preferences,
}

impl TryFrom<ProfileRequest> for ProfileDraft {
    type Error = IdentityError;

    fn try_from(request: ProfileRequest) -> Result<Self, IdentityError> {
        let ProfileRequest { display_name, locale, country, time_zone, preferences } = request;
        Ok(Self {
            display_name: display_name.as_deref().map(DisplayName::new).transpose()?,
            place: Place { locale, country, time_zone, preferences },
        })
    }
}

/// The profile of the person who asks.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
struct ProfileView {
    #[serde(flatten)]
    user: UserView,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// The name of a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// What the person prefers.
    preferences: Preferences,
    /// The device of this request.
    device: DeviceView,
    /// Counts changes; the number of the ETag.
    version: u64,
    /// When it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

fn profile_view((account, profile): &(Account, Profile), device: &Device) -> Response {
    let Place { locale, country, time_zone, preferences } = profile.place.clone();
    let this = device.id;
    let view = ProfileView {
        user: UserView::from(account),
        locale,
        country,
        time_zone,
        preferences,
        device: DeviceView::new(device, this),
        version: profile.version,
        updated_at: profile.updated_at,
    };
    private(WithEtag(profile.version, Json(view)).into_response())
}

/// A device that the person is logged in on.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
struct DeviceView {
    /// Names it, to log it out.
    #[schema(value_type = uuid::Uuid)]
    id: SessionId,
    /// What it is, in words: `Firefox on Linux`.
    label: String,
    /// The family of the program.
    program: &'static str,
    /// What it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'static str>,
    /// Whether it is the one of this request.
    current: bool,
    /// What the person showed to log in: `password`, `one_time_code`, `passkey` and others.
    factors: Vec<String>,
    /// `single` or `mfa`: how surely the person was recognised.
    acr: &'static str,
    /// `tokens` or `cookie`.
    kind: &'static str,
    /// The address it was logged in from.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    /// When the log-in began.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends in any case.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl DeviceView {
    fn new(device: &Device, this: SessionId) -> Self {
        Self {
            id: device.id,
            label: device.family.label(),
            program: device.family.program,
            system: device.family.system,
            current: device.id == this,
            factors: device.shown.split(' ').map(factor_name).collect(),
            acr: device.acr.name(),
            kind: device.kind.name(),
            ip: device.client.ip.as_ref().map(address),
            first_seen_at: device.first_seen_at,
            last_seen_at: device.last_seen_at,
            expires_at: device.expires_at,
        }
    }
}

/// EXPOSE: addresses go to the person who came from them.
fn address(ip: &Phi<String>) -> String {
    ip.expose().clone()
}

/// The words of RFC 8176 in words for people.
fn factor_name(word: &str) -> String {
    match word {
        "pwd" => "password",
        "otp" => "one_time_code",
        "hwk" | "swk" => "passkey",
        "fed" => "provider",
        other => other,
    }
    .to_owned()
}

/// A page of devices, newest first.
#[derive(Serialize, ToSchema)]
struct DevicePage {
    /// The devices.
    items: Vec<DeviceView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Something that happened to the account.
#[derive(Serialize, ToSchema)]
#[schema(as = Activity)]
struct ActivityView {
    /// Names it.
    #[schema(value_type = uuid::Uuid)]
    id: EventId,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was done: `identity.session.login`.
    action: String,
    /// `success`, `denied` or `failed`.
    outcome: &'static str,
    /// The stable code of a refusal or failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    /// `you`, `someone_else`, `the_program`, `an_operator` or `nobody_known`.
    by: &'static str,
    /// On what kind of device, if it was you.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// From which address, if it was you.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
}

impl From<Activity> for ActivityView {
    fn from(activity: Activity) -> Self {
        let by = match &activity.entry.actor {
            audit::ActorRef::Person { .. } if activity.by_you => "you",
            audit::ActorRef::Person { .. } => "someone_else",
            audit::ActorRef::System { .. } => "the_program",
            audit::ActorRef::Operator => "an_operator",
            audit::ActorRef::Anonymous => "nobody_known",
        };
        Self {
            id: activity.entry.event,
            at: activity.entry.at,
            action: activity.entry.action.to_string(),
            outcome: activity.entry.outcome.name(),
            reason: activity.entry.reason.to_string(),
            by,
            device: activity.family.map(|family| family.label()),
            ip: activity.ip.as_ref().map(address),
        }
    }
}

/// A page of what happened, newest first.
#[derive(Serialize, ToSchema)]
struct ActivityPage {
    /// What happened.
    items: Vec<ActivityView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

impl PageQuery {
    fn place(&self) -> Result<(Option<Cursor>, PageSize), IdentityError> {
        let after = self.cursor.as_deref().map(str::parse).transpose()?;
        Ok((after, self.limit.map_or_else(PageSize::default, PageSize::clamped)))
    }
}

/// The profile of the person who asks, and the device they ask from. Its ETag is `"v0"` before
/// anything was written.
#[utoipa::path(get, path = "/api/user/profile", operation_id = "read_profile", tag = "user",
    responses((status = 200, body = ProfileView)))]
async fn read_profile(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Response> {
    let device = api.identity.this_device(&ctx).await?;
    Ok(profile_view(&api.identity.profile(&ctx).await?, &device))
}

/// Writes the profile as a whole.
#[utoipa::path(put, path = "/api/user/profile", operation_id = "change_profile", tag = "user",
    request_body = ProfileRequest, responses((status = 200, body = ProfileView)))]
async fn change_profile(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    IfMatch(known): IfMatch,
    Json(request): Json<ProfileRequest>,
) -> ApiResult<Response> {
    let written = api.identity.put_profile(&ctx, &known, request.try_into()?).await?;
    let device = api.identity.this_device(&ctx).await?;
    Ok(profile_view(&written, &device))
}

/// The devices that the person is logged in on, newest first.
#[utoipa::path(get, path = "/api/user/devices", operation_id = "list_devices", tag = "user",
    params(PageQuery), responses((status = 200, body = DevicePage)))]
async fn list_devices(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let (after, size) = query.place()?;
    let this = ctx.person().map_err(|_| IdentityError::AuthRequired)?.session;
    let page = api.identity.devices(&ctx, after, size).await?;
    let view = DevicePage {
        next_cursor: page.next.map(|cursor| cursor.to_string()),
        items: page.items.iter().map(|device| DeviceView::new(device, this)).collect(),
    };
    Ok(private(Json(view).into_response()))
}

/// Logs a device out: its tokens, its cookie and its open streams end within a second.
#[utoipa::path(delete, path = "/api/user/device/{device_id}", operation_id = "revoke_device",
    tag = "user", params(("device_id" = uuid::Uuid, Path, description = "The device.")),
    responses((status = 204)))]
async fn revoke_device(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<SessionId>,
) -> ApiResult<NoContent> {
    api.identity.revoke_session(&ctx, id).await?;
    Ok(NoContent)
}

/// What happened to the account of the person who asks, newest first.
#[utoipa::path(get, path = "/api/user/activity", operation_id = "list_activity", tag = "user",
    params(PageQuery), responses((status = 200, body = ActivityPage)))]
async fn list_activity(
    State(api): State<IdentityApi>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let (after, size) = query.place()?;
    let page = api.identity.activity(&ctx, after, size).await?;
    let view = ActivityPage {
        next_cursor: page.next.map(|cursor| cursor.to_string()),
        items: page.items.into_iter().map(ActivityView::from).collect(),
    };
    Ok(private(Json(view).into_response()))
}
