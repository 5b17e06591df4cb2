//! HTTP in and out: asking for a human, and the crisis team at work.

mod report;

use super::{
    error::{CASE_INVALID, CASE_TAKEN},
    model::{Case, CaseId, Note, Opened, State as CaseState, Waiting},
    service::{
        CASE_CLAIMED, CASE_CLOSED, CASE_NOTED, CASE_READ, CrisisTeam, ESCALATED, OWN_CASES_LISTED,
        QUEUE_READ, REPORT_READ,
    },
};
use crate::{
    attention::{Attention, Whereabouts},
    views::Resources,
};
use audit::AUDIT_UNAVAILABLE;
use axum::extract::State;
use httpkit::{
    ApiError, ApiResult, Contract, Created, CrisisResponder, Json, LoggedIn, OpenApiRouter, Path,
    Query, UnderContract, routes,
};
use kernel::{
    Cursor, CursorError, PageSize, Phi, Role, Timestamp,
    common::{INVALID_CURSOR, NOT_FOUND},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

const TEAM: &[Role] = &[Role::CrisisResponder];
const OVERSEERS: &[Role] = &[Role::Admin, Role::Auditor];

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

/// The routes of the crisis team, and of whoever asks for it.
pub fn routes() -> OpenApiRouter<CrisisTeam> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let team = |action: &'static audit::Action| Contract::role(TEAM, action.name());
    let queue = team(&QUEUE_READ).errors(errors![INVALID_CURSOR]);
    let claim = team(&CASE_CLAIMED).errors(errors![CASE_TAKEN, NOT_FOUND]);
    let noted = team(&CASE_NOTED).errors(errors![CASE_INVALID, NOT_FOUND]);
    let closed = team(&CASE_CLOSED).errors(errors![CASE_INVALID, NOT_FOUND]);
    let report = Contract::role(OVERSEERS, REPORT_READ.name()).errors(errors![]);
    OpenApiRouter::new()
        .routes(routes!(escalate).under(&own(&ESCALATED).errors(errors![CASE_INVALID])))
        .routes(routes!(mine).under(&own(&OWN_CASES_LISTED).errors(errors![INVALID_CURSOR])))
        .routes(routes!(cases).under(&queue))
        .routes(routes!(case).under(&team(&CASE_READ).errors(errors![NOT_FOUND])))
        .routes(routes!(claim_case).under(&claim))
        .routes(routes!(note_case).under(&noted))
        .routes(routes!(close_case).under(&closed))
        .routes(routes!(report::year).under(&report))
}

/// A wish for a human.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EscalateRequest)]
struct EscalateRequest {
    /// What the responder may read; may be empty. Nothing else that was written is passed on.
    #[serde(default, alias = "reason", alias = "text")]
    #[schema(value_type = String, max_length = 4000)]
    message: Phi<String>,
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    country: Option<String>,
    /// The language, such as `de`.
    #[serde(default)]
    language: Option<String>,
}

/// Where a wish for a human stands.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCase)]
struct CaseView {
    /// Which one.
    #[schema(value_type = uuid::Uuid)]
    id: CaseId,
    /// Where it stands.
    state: CaseState,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When something last happened to it.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Case> for CaseView {
    fn from(Case { id, state, created_at, updated_at }: Case) -> Self {
        Self { id, state, created_at, updated_at }
    }
}

/// What somebody is answered who asked for a human.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCaseAsked)]
struct AskedView {
    #[serde(flatten)]
    case: CaseView,
    /// What happens now, in a sentence. It promises nobody.
    notice: String,
    /// What was noticed in the message; left out where nothing is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety: Option<Attention>,
    /// Whom to turn to meanwhile.
    resources: Resources,
}

const WAITS: &str = "Your wish waits for the crisis team of this installation, who may read what \
    you wrote here. Nobody has seen it yet. If you are in danger now, please call an emergency \
    number or a crisis line.";
const ELSEWHERE: &str = " The team is also called through a program elsewhere, which is told that \
    somebody waits and how serious it looks, but not who you are and not what you wrote.";
const SEEN: &str = "Somebody of the crisis team has your wish and sees what you added. If you are \
    in danger now, please call an emergency number or a crisis line.";

/// Asks for a human
///
/// The wish waits in the queue of the crisis team with the words that were sent and no others.
/// Whoever waits already adds to theirs. Needs no consent. Where the settings name programs of the
/// team elsewhere, they are told that somebody waits, never what was written or by whom.
#[utoipa::path(post, path = "/api/crisis/escalate", operation_id = "escalate_crisis",
    tag = "crisis", request_body = EscalateRequest,
    responses((status = 201, body = AskedView)))]
async fn escalate(
    State(team): State<CrisisTeam>,
    LoggedIn(ctx): LoggedIn,
    Json(body): Json<EscalateRequest>,
) -> ApiResult<Created<AskedView>> {
    let EscalateRequest { message, country, language } = body;
    let asked = team.escalate(&ctx, &message, &Whereabouts { country, language }).await?;
    Ok(Created(AskedView {
        notice: match asked.case.state {
            CaseState::Claimed => SEEN.to_owned(),
            _ if asked.told_elsewhere => format!("{WAITS}{ELSEWHERE}"),
            _ => WAITS.to_owned(),
        },
        case: asked.case.into(),
        safety: asked.safety,
        resources: asked.resources,
    }))
}

/// Which part of a list is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

/// Which part of the queue is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct QueueQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Those that wait if left out.
    #[param(inline)]
    state: Option<CaseState>,
}

fn part(
    cursor: Option<&String>,
    limit: Option<u32>,
) -> Result<(Option<Cursor>, PageSize), CursorError> {
    let after = cursor.map(|text| text.parse()).transpose()?;
    Ok((after, limit.map_or_else(PageSize::default, PageSize::clamped)))
}

/// A page of the caller's wishes, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCasePage)]
struct OwnPage {
    /// The wishes.
    cases: Vec<CaseView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// What became of the caller's wishes for a human
#[utoipa::path(get, path = "/api/crisis/escalations", operation_id = "own_escalations",
    tag = "crisis", params(ListQuery), responses((status = 200, body = OwnPage)))]
async fn mine(
    State(team): State<CrisisTeam>,
    LoggedIn(ctx): LoggedIn,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<OwnPage>> {
    let (after, size) = part(query.cursor.as_ref(), query.limit)?;
    let page = team.own(&ctx, after, size).await?;
    Ok(Json(OwnPage {
        cases: page.items.into_iter().map(CaseView::from).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// Somebody who waits.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisQueueItem)]
struct WaitingView {
    #[serde(flatten)]
    case: CaseView,
    /// The person, as the ledger names them.
    pseudonym: String,
    /// Whether the caller has the case.
    own: bool,
}

/// A page of the queue, who waits longest first.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisQueuePage)]
struct QueuePage {
    /// Those who wait.
    cases: Vec<WaitingView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Who waits for a human, who waits longest first
///
/// For the crisis team. It says nothing of what they wrote.
#[utoipa::path(get, path = "/api/crisis/cases", operation_id = "crisis_queue", tag = "crisis",
    params(QueueQuery), responses((status = 200, body = QueuePage)))]
async fn cases(
    State(team): State<CrisisTeam>,
    CrisisResponder(ctx): CrisisResponder,
    Query(query): Query<QueueQuery>,
) -> ApiResult<Json<QueuePage>> {
    let (after, size) = part(query.cursor.as_ref(), query.limit)?;
    let state = query.state.unwrap_or(CaseState::Waiting);
    let page = team.queue(&ctx, state, after, size).await?;
    let view = |waiting: Waiting| WaitingView {
        case: waiting.case.into(),
        pseudonym: waiting.pseudonym.to_string(),
        own: waiting.own,
    };
    Ok(Json(QueuePage {
        cases: page.items.into_iter().map(view).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// Something that was written in a case.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCaseNote)]
struct NoteView {
    /// By the person, and not by a responder.
    by_person: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The words.
    text: String,
}

/// A case, for the responder who has it.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisCaseOpened)]
struct OpenedView {
    #[serde(flatten)]
    case: CaseView,
    /// Whose it is.
    #[schema(value_type = uuid::Uuid)]
    person_id: kernel::UserId,
    /// How serious the message looked, from 0 to 10, if anything was noticed.
    level: Option<u8>,
    /// Why, as names of rules.
    rules: Vec<String>,
    /// What was written, oldest first.
    notes: Vec<NoteView>,
}

fn opened_view(opened: &Opened) -> Result<OpenedView, ApiError> {
    let view = |note: Note| NoteView {
        by_person: note.by_person,
        at: Timestamp::from_micros(note.at),
        text: note.text,
    };
    Ok(OpenedView {
        case: opened.case.into(),
        person_id: opened.person,
        level: opened.level,
        rules: opened.rules.clone(),
        notes: opened.notes()?.into_iter().map(view).collect(),
    })
}

/// A case that the caller has
#[utoipa::path(get, path = "/api/crisis/cases/{id}", operation_id = "read_crisis_case",
    tag = "crisis", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = OpenedView)))]
async fn case(
    State(team): State<CrisisTeam>,
    CrisisResponder(ctx): CrisisResponder,
    Path(id): Path<CaseId>,
) -> ApiResult<Json<OpenedView>> {
    Ok(Json(opened_view(&team.read(&ctx, id).await?)?))
}

/// Takes a case that nobody has
///
/// From then on the caller reads what was written in it, and nobody else of the team.
#[utoipa::path(post, path = "/api/crisis/cases/{id}/claim", operation_id = "claim_crisis_case",
    tag = "crisis", params(("id" = uuid::Uuid, Path,)),
    responses((status = 200, body = OpenedView)))]
async fn claim_case(
    State(team): State<CrisisTeam>,
    CrisisResponder(ctx): CrisisResponder,
    Path(id): Path<CaseId>,
) -> ApiResult<Json<OpenedView>> {
    Ok(Json(opened_view(&team.claim(&ctx, id).await?)?))
}

/// What a responder writes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CrisisCaseNoteWrite)]
struct NoteWrite {
    /// The words; may be empty when a case is closed.
    #[serde(default)]
    #[schema(value_type = String, max_length = 4000)]
    text: Phi<String>,
}

/// Notes something in a case that the caller has
#[utoipa::path(post, path = "/api/crisis/cases/{id}/note", operation_id = "note_crisis_case",
    tag = "crisis", params(("id" = uuid::Uuid, Path,)), request_body = NoteWrite,
    responses((status = 200, body = CaseView)))]
async fn note_case(
    State(team): State<CrisisTeam>,
    CrisisResponder(ctx): CrisisResponder,
    Path(id): Path<CaseId>,
    Json(body): Json<NoteWrite>,
) -> ApiResult<Json<CaseView>> {
    Ok(Json(team.note(&ctx, id, &body.text, false).await?.into()))
}

/// Closes a case that the caller has, with a last word
#[utoipa::path(post, path = "/api/crisis/cases/{id}/close", operation_id = "close_crisis_case",
    tag = "crisis", params(("id" = uuid::Uuid, Path,)), request_body = NoteWrite,
    responses((status = 200, body = CaseView)))]
async fn close_case(
    State(team): State<CrisisTeam>,
    CrisisResponder(ctx): CrisisResponder,
    Path(id): Path<CaseId>,
    Json(body): Json<NoteWrite>,
) -> ApiResult<Json<CaseView>> {
    Ok(Json(team.note(&ctx, id, &body.text, true).await?.into()))
}
