//! Questionnaires, as they are read.

use crate::{error::WellbeingError, service::Wellbeing};
use axum::extract::State;
use care::questionnaires::Questionnaire;
use httpkit::{ApiResult, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// A questionnaire, in the language of its official text.
#[derive(Serialize, ToSchema)]
#[schema(as = Questionnaire)]
pub(super) struct QuestionnaireView {
    /// Its stable name.
    id: String,
    /// Counts up whenever text or scoring changes.
    version: u32,
    /// What people call it.
    title: String,
    /// What it looks at.
    about: String,
    /// The language of its text.
    language: String,
    /// What is said before the first question.
    instruction: String,
    /// Whom to name.
    attribution: String,
    /// Why it may be used.
    licence: String,
    /// Where wording and scoring are described.
    source: String,
    /// The answers to choose from.
    choices: Vec<ChoiceView>,
    /// The questions, in order.
    items: Vec<ItemView>,
    /// The highest total that can be reached.
    max: u16,
    /// What is said with every result: it is no diagnosis.
    notice: String,
}

/// An answer to choose from.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireChoice)]
struct ChoiceView {
    /// What is sent.
    value: u8,
    /// What is read.
    text: String,
}

/// A question.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireItem)]
struct ItemView {
    /// Its stable name in the questionnaire.
    id: String,
    /// The question.
    text: String,
    /// Asked only if one of these has an answer above zero; always if empty.
    only_if: Vec<String>,
}

impl From<&Questionnaire> for QuestionnaireView {
    fn from(one: &Questionnaire) -> Self {
        let choice = |choice: &care::questionnaires::Choice| ChoiceView {
            value: choice.value,
            text: choice.text.clone(),
        };
        let item = |item: &care::questionnaires::Item| ItemView {
            id: item.id.clone(),
            text: item.text.clone(),
            only_if: item.only_if.clone(),
        };
        Self {
            id: one.id.clone(),
            version: one.version,
            title: one.title.clone(),
            about: one.about.clone(),
            language: one.language.clone(),
            instruction: one.instruction.clone(),
            attribution: one.attribution.clone(),
            licence: one.licence.clone(),
            source: one.source.clone(),
            choices: one.choices.iter().map(choice).collect(),
            items: one.items.iter().map(item).collect(),
            max: one.max(),
            notice: one.notice.clone(),
        }
    }
}

/// All questionnaires.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionnaireList)]
pub(super) struct QuestionnaireList {
    /// The questionnaires.
    questionnaires: Vec<QuestionnaireView>,
}

/// The questionnaires that can be answered
///
/// For everybody, logged in or not. A result is a screening and never a diagnosis.
#[utoipa::path(get, path = "/api/questionnaires", operation_id = "list_questionnaires",
    tag = "questionnaires", responses((status = 200, body = QuestionnaireList)))]
pub(super) async fn questionnaires(
    State(wellbeing): State<Wellbeing>,
) -> ApiResult<Json<QuestionnaireList>> {
    let all = wellbeing.care().questionnaires.iter().map(QuestionnaireView::from);
    Ok(Json(QuestionnaireList { questionnaires: all.collect() }))
}

/// A questionnaire
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/questionnaires/{name}", operation_id = "read_questionnaire",
    tag = "questionnaires", params(("name" = String, Path,)),
    responses((status = 200, body = QuestionnaireView)))]
pub(super) async fn questionnaire(
    State(wellbeing): State<Wellbeing>,
    Path(name): Path<String>,
) -> ApiResult<Json<QuestionnaireView>> {
    let found = wellbeing.care().questionnaires.get(&name);
    Ok(Json(found.ok_or(WellbeingError::NotFound)?.into()))
}
