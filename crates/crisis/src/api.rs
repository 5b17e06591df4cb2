//! HTTP in and out. Nothing here asks who is there, and nothing is kept.

use crate::{
    attention::Whereabouts,
    lines,
    look::{Looked, Lookout, Said},
    notice::Source,
    protocol,
    views::{FixedAnswer, Resources},
};
use axum::extract::State;
use care::Lang;
use crisis_engine::Audience;
use httpkit::{
    Access, ApiResult, Audit, Contract, Json, OpenApiRouter, Query, UnderContract, routes,
};
use kernel::{Phi, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How many earlier turns are looked at.
const TURNS: usize = 40;

const NOTHING: Audit = Audit::Nothing("keeps nothing and asks for nobody");

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Arc<Lookout>> {
    let open = Contract::new(Access::Anonymous, NOTHING);
    OpenApiRouter::new()
        .routes(routes!(assess).under(&open))
        .routes(routes!(resources).under(&open))
        .routes(routes!(hotlines).under(&open))
        .routes(routes!(protocol::protocol).under(&open))
        .routes(routes!(lines::api::changed).under(&open))
}

/// An earlier turn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TurnBody {
    /// `user` or `assistant`.
    role: TurnRole,
    /// The words.
    #[schema(value_type = String)]
    text: Phi<String>,
}

#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum TurnRole {
    User,
    Assistant,
}

/// Words to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssessRequest {
    /// The words. Of a very long text as much is looked at as can be looked at in time.
    #[serde(alias = "message", alias = "content")]
    #[schema(value_type = String)]
    text: Phi<String>,
    /// What was said before, oldest first; the last 40 turns are looked at.
    #[serde(default)]
    history: Vec<TurnBody>,
    /// The language, such as `de`; it is recognised if left out.
    #[serde(default)]
    language: Option<String>,
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    country: Option<String>,
}

/// Whom an answer is written for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CrisisAudience)]
enum AudienceName {
    /// The person speaks about themselves.
    Myself,
    /// Someone is worried about someone else.
    WorriedAboutOther,
    /// Someone lost a person.
    Bereaved,
    /// Someone asks because of their work.
    Professional,
}

impl From<Audience> for AudienceName {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Myself => Self::Myself,
            Audience::WorriedAboutOther => Self::WorriedAboutOther,
            Audience::Bereaved => Self::Bereaved,
            Audience::Professional => Self::Professional,
        }
    }
}

/// What a level rests on.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisInputs)]
struct Inputs {
    /// Words of danger occur, whatever they mean.
    keywords: bool,
    /// The feeling of the words, from -1 to 1.
    sentiment: f32,
    /// How much despair speaks from them, from 0 to 1.
    despair: f32,
}

/// What was found in words. It is no diagnosis and no prediction.
#[derive(Serialize, ToSchema)]
struct CrisisAssessment {
    /// From 0 to 10.
    level: f32,
    /// Help should be in reach.
    support: bool,
    /// Help comes first.
    alert: bool,
    /// Danger seems to be now.
    imminent: bool,
    /// What the level rests on, besides the rules.
    inputs: Inputs,
    /// Whom to answer.
    audience: AudienceName,
    /// The language that was recognised.
    language: Option<String>,
    /// Why, as names of rules.
    rules: Vec<String>,
    /// What to answer.
    response: Option<FixedAnswer>,
    /// Whom to turn to, where an answer is to be given.
    resources: Option<Resources>,
}

/// Looks at words for danger
///
/// For everybody, logged in or not. Nothing is kept, and nobody is told; where help is shown, that
/// is counted without the person.
#[utoipa::path(post, path = "/api/crisis/assess", operation_id = "assess_crisis", tag = "crisis",
    request_body = AssessRequest, responses((status = 200, body = CrisisAssessment)))]
async fn assess(
    State(lookout): State<Arc<Lookout>>,
    Json(body): Json<AssessRequest>,
) -> ApiResult<Json<CrisisAssessment>> {
    let skip = body.history.len().saturating_sub(TURNS);
    let turns = body.history.iter().skip(skip);
    let by_person = |role| role == TurnRole::User;
    let before: Vec<Said<'_>> =
        turns.map(|turn| Said { by_person: by_person(turn.role), text: &turn.text }).collect();
    let told = (body.language.as_deref(), body.country.as_deref());
    let Looked { assessment, response, lang } = lookout.look(&body.text, &before, told, &[]);
    let resources = response
        .as_ref()
        .map(|response| lookout.help(body.country.as_deref(), Some(response), lang));
    // Nobody is there to whose organisation it could belong.
    lookout.count_later(TenantId::DEFAULT, Source::Assess, &assessment);
    Ok(Json(CrisisAssessment {
        level: assessment.level,
        support: assessment.support,
        alert: assessment.alert,
        imminent: assessment.imminent,
        inputs: Inputs {
            keywords: assessment.keywords,
            sentiment: assessment.sentiment,
            despair: assessment.despair,
        },
        audience: assessment.audience.into(),
        language: assessment.language.map(|language| language.tag().to_owned()),
        rules: assessment.rules,
        response: response.as_ref().map(FixedAnswer::from),
        resources,
    }))
}

/// Where somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceRequest {
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    country: Option<String>,
    /// The language, such as `de`.
    #[serde(default)]
    language: Option<String>,
}

fn for_place(lookout: &Lookout, country: Option<&str>, language: Option<&str>) -> Resources {
    let lang = language.map_or(Lang::English, Lang::nearest);
    lookout.help(country, None, lang)
}

/// Whom to turn to in a crisis
///
/// For everybody, logged in or not.
#[utoipa::path(post, path = "/api/crisis/resources", operation_id = "crisis_resources",
    tag = "crisis", request_body = PlaceRequest, responses((status = 200, body = Resources)))]
async fn resources(
    State(lookout): State<Arc<Lookout>>,
    Json(body): Json<PlaceRequest>,
) -> ApiResult<Json<Resources>> {
    Ok(Json(for_place(&lookout, body.country.as_deref(), body.language.as_deref())))
}

/// Crisis lines of a country
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/crisis/hotlines", operation_id = "crisis_hotlines",
    tag = "crisis", params(Whereabouts), responses((status = 200, body = Resources)))]
async fn hotlines(
    State(lookout): State<Arc<Lookout>>,
    Query(at): Query<Whereabouts>,
) -> ApiResult<Json<Resources>> {
    Ok(Json(for_place(&lookout, at.country.as_deref(), at.language.as_deref())))
}
