//! HTTP in and out.

use super::{
    error::CRISIS_LINES_INVALID,
    model::{Change, LINES},
    service::{CrisisLines, LINES_CHANGED, LINES_READ, LINES_RESTORED},
};
use crate::look::Lookout;
use audit::AUDIT_UNAVAILABLE;
use axum::extract::State;
use care::{
    hotlines::{Confidence, Country, Line, Override},
    responses::Need,
};
use httpkit::{
    Admin, ApiResult, Contract, Json, NoContent, OpenApiRouter, Path, UnderContract, routes,
};
use kernel::{ErrorCode, Role, Timestamp, common::NOT_FOUND};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use vault::{DATA_ERASED, KEYS_FAULTY, KEYS_UNAVAILABLE};

const ERRORS: &[&ErrorCode] =
    &[&AUDIT_UNAVAILABLE, &DATA_ERASED, &KEYS_FAULTY, &KEYS_UNAVAILABLE, &NOT_FOUND];
const CHANGING: &[&ErrorCode] = &[
    &AUDIT_UNAVAILABLE,
    &CRISIS_LINES_INVALID,
    &DATA_ERASED,
    &KEYS_FAULTY,
    &KEYS_UNAVAILABLE,
    &NOT_FOUND,
];

/// The routes of changed lines.
pub fn routes() -> OpenApiRouter<CrisisLines> {
    let admin = |action: &'static audit::Action| Contract::role(&[Role::Admin], action.name());
    OpenApiRouter::new()
        .routes(routes!(list).under(&admin(&LINES_READ).errors(ERRORS)))
        .routes(routes!(one).under(&admin(&LINES_READ).errors(ERRORS)))
        .routes(routes!(put).under(&admin(&LINES_CHANGED).errors(CHANGING)))
        .routes(routes!(restore).under(&admin(&LINES_RESTORED).errors(ERRORS)))
}

/// For whom a line is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CrisisLineNeed)]
enum NeedName {
    /// Anyone.
    Everyone,
    /// Children, teenagers and young adults.
    Youth,
    /// People who are hurt or threatened by someone.
    Violence,
    /// People who served, and their families.
    Veterans,
    /// Lesbian, gay, bisexual, trans and queer people.
    Lgbtq,
}

impl From<Need> for NeedName {
    fn from(need: Need) -> Self {
        match need {
            Need::Everyone => Self::Everyone,
            Need::Youth => Self::Youth,
            Need::Violence => Self::Violence,
            Need::Veterans => Self::Veterans,
            Need::Lgbtq => Self::Lgbtq,
        }
    }
}

impl From<NeedName> for Need {
    fn from(name: NeedName) -> Self {
        match name {
            NeedName::Everyone => Self::Everyone,
            NeedName::Youth => Self::Youth,
            NeedName::Violence => Self::Violence,
            NeedName::Veterans => Self::Veterans,
            NeedName::Lgbtq => Self::Lgbtq,
        }
    }
}

/// A line, with all that is known of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CrisisLineFull)]
struct LineBody {
    /// Its name among the lines: small letters, digits and dashes. One that is built in is replaced.
    #[schema(max_length = 300)]
    id: String,
    /// What it calls itself.
    #[schema(max_length = 300)]
    name: String,
    /// For whom it is.
    #[schema(min_items = 1, max_items = 40)]
    needs: Vec<NeedName>,
    /// The number to call, as it is dialled in the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    /// The number to text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The word to text first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    /// The number to write to with WhatsApp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whatsapp: Option<String>,
    /// Where to chat; https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat: Option<String>,
    /// What to know before calling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// When it is open; `24/7` if it never closes.
    #[schema(max_length = 300)]
    hours: String,
    /// The languages it answers in.
    #[schema(min_items = 1, max_items = 40)]
    languages: Vec<String>,
    /// The provider's address; https.
    #[schema(max_length = 300)]
    source: String,
    /// The day it was compared with its source, `YYYY-MM-DD`.
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2}$")]
    checked: String,
    /// Whether number and hours are sure; else it stands below those that are.
    sure: bool,
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        let Line { id, name, needs, call, text, keyword, whatsapp, chat, note, .. } = line;
        let Line { hours, languages, source, checked, confidence, .. } = line;
        let needs = needs.into_iter().map(NeedName::from).collect();
        let sure = confidence == Confidence::High;
        #[rustfmt::skip]
        let body = Self {
            id, name, needs, call, text, keyword, whatsapp, chat, note, hours, languages, source,
            checked, sure,
        };
        body
    }
}

impl From<LineBody> for Line {
    fn from(body: LineBody) -> Self {
        let LineBody { id, name, needs, call, text, keyword, whatsapp, chat, note, .. } = body;
        let LineBody { hours, languages, source, checked, sure, .. } = body;
        let needs = needs.into_iter().map(Need::from).collect();
        let confidence = if sure { Confidence::High } else { Confidence::Medium };
        #[rustfmt::skip]
        let line = Self {
            id, name, needs, call, text, keyword, whatsapp, chat, note, hours, languages, source,
            checked, confidence,
        };
        line
    }
}

/// A country and its lines, as people see them here.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCountry)]
struct CountryView {
    /// Two letters.
    code: String,
    /// Its English name.
    name: String,
    /// What to call in danger to life, best first.
    emergency: Vec<String>,
    /// Its lines.
    lines: Vec<LineBody>,
}

impl From<Country> for CountryView {
    fn from(country: Country) -> Self {
        let Country { code, name, emergency, lines } = country;
        Self { code, name, emergency, lines: lines.into_iter().map(LineBody::from).collect() }
    }
}

/// What is changed about a country.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CrisisLinesWrite)]
struct ChangeWrite {
    /// Its English name; needed for one that is not known.
    #[serde(default)]
    #[schema(max_length = 300)]
    name: Option<String>,
    /// What to call in danger to life, instead of what is built in; never empty.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 5)]
    emergency: Option<Vec<String>>,
    /// Lines that are put first, each instead of the one with its id.
    #[serde(default)]
    #[schema(max_items = 40)]
    put: Vec<LineBody>,
    /// Lines that are not shown, by id.
    #[serde(default)]
    #[schema(max_items = 40)]
    remove: Vec<String>,
}

/// What is changed about a country, and since when.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisLinesChange)]
struct ChangeView {
    /// Two letters.
    code: String,
    /// Its name, if it is changed.
    name: Option<String>,
    /// What to call in danger to life, if it is changed.
    emergency: Option<Vec<String>>,
    /// Lines that are put first.
    put: Vec<LineBody>,
    /// Lines that are not shown, by id.
    remove: Vec<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Override { code, name, emergency, put, remove } = change.what;
        let put = put.into_iter().map(LineBody::from).collect();
        Self { code, name, emergency, put, remove, changed_at: change.changed_at }
    }
}

/// Countries whose lines this installation has changed, as people see them.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisLinesChanged)]
pub(crate) struct Changed {
    /// The countries.
    countries: Vec<CountryView>,
}

/// All that is changed.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisLinesChanges)]
struct Changes {
    /// By country.
    changes: Vec<ChangeView>,
}

/// A country as it is built in and as it is changed.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCountryAdmin)]
struct Both {
    /// As it is built in; null if it is not known.
    built_in: Option<CountryView>,
    /// What is changed; null if nothing is.
    change: Option<ChangeView>,
}

/// Countries whose crisis lines are others here than in the app
///
/// For everybody, logged in or not; an app asks now and then and keeps what it gets for when there
/// is no network.
#[utoipa::path(get, path = "/api/crisis/lines", operation_id = "changed_crisis_lines",
    tag = "crisis", responses((status = 200, body = Changed)))]
pub(crate) async fn changed(State(lookout): State<Arc<Lookout>>) -> ApiResult<Json<Changed>> {
    let countries = lookout.changed_lines().into_iter().map(CountryView::from).collect();
    Ok(Json(Changed { countries }))
}

/// What this installation changes about crisis lines
#[utoipa::path(get, path = "/api/admin/crisis/lines", operation_id = "list_crisis_lines",
    tag = "crisis", responses((status = 200, body = Changes)))]
async fn list(State(lines): State<CrisisLines>, Admin(ctx): Admin) -> ApiResult<Json<Changes>> {
    let changes = lines.changes(&ctx).await?;
    Ok(Json(Changes { changes: changes.into_iter().map(ChangeView::from).collect() }))
}

/// The crisis lines of a country, built in and changed
#[utoipa::path(get, path = "/api/admin/crisis/lines/{code}", operation_id = "read_crisis_lines",
    tag = "crisis", params(("code" = String, Path, description = "Two letters, such as `AT`.")),
    responses((status = 200, body = Both)))]
async fn one(
    State(lines): State<CrisisLines>,
    Admin(ctx): Admin,
    Path(code): Path<String>,
) -> ApiResult<Json<Both>> {
    let (built_in, change) = lines.country(&ctx, &code).await?;
    Ok(Json(Both {
        built_in: built_in.map(CountryView::from),
        change: change.map(ChangeView::from),
    }))
}

/// Changes the crisis lines of a country, instead of what was changed before
///
/// Refused as a whole where a number does not have the form of the country, a line has no source or
/// day, or the country would have no emergency number.
#[utoipa::path(put, path = "/api/admin/crisis/lines/{code}", operation_id = "change_crisis_lines",
    tag = "crisis", params(("code" = String, Path, description = "Two letters, such as `AT`.")),
    request_body = ChangeWrite, responses((status = 200, body = CountryView)))]
async fn put(
    State(lines): State<CrisisLines>,
    Admin(ctx): Admin,
    Path(code): Path<String>,
    Json(body): Json<ChangeWrite>,
) -> ApiResult<Json<CountryView>> {
    let ChangeWrite { name, emergency, put, remove } = body;
    let put = put.into_iter().map(Line::from).collect();
    let change = Override { code, name, emergency, put, remove };
    Ok(Json(lines.change(&ctx, change).await?.into()))
}

/// Takes back what was changed about the crisis lines of a country
#[utoipa::path(delete, path = "/api/admin/crisis/lines/{code}",
    operation_id = "restore_crisis_lines", tag = "crisis",
    params(("code" = String, Path, description = "Two letters, such as `AT`.")),
    responses((status = 204)))]
async fn restore(
    State(lines): State<CrisisLines>,
    Admin(ctx): Admin,
    Path(code): Path<String>,
) -> ApiResult<NoContent> {
    lines.restore(&ctx, &code).await?;
    Ok(NoContent)
}

const _: () = assert!(LINES == 40, "the bounds above name it");
