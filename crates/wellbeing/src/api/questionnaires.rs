//! Questionnaires, as they are read.

use super::{lang, library::LanguageQuery};
use crate::{error::WellbeingError, service::Wellbeing};
use axum::extract::State;
use care::{Lang, questionnaires::Questionnaire};
use httpkit::{ApiResult, Json, Path, Query};
use serde::Serialize;
use utoipa::ToSchema;

/// A questionnaire. Its questions are in the language asked for where there is an official wording,
/// and in English elsewhere.
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
    /// The language of instruction, questions and answers.
    language: String,
    /// The language of `about` and `notice`.
    words_language: String,
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

impl QuestionnaireView {
    fn of((one, words): (Questionnaire, Lang)) -> Self {
        let choice = |choice: care::questionnaires::Choice| ChoiceView {
            value: choice.value,
            text: choice.text,
        };
        let item = |item: care::questionnaires::Item| ItemView {
            id: item.id,
            text: item.text,
            only_if: item.only_if,
        };
        Self {
            max: one.max(),
            id: one.id,
            version: one.version,
            title: one.title,
            about: one.about,
            language: one.language,
            words_language: words.tag().to_owned(),
            instruction: one.instruction,
            attribution: one.attribution,
            licence: one.licence,
            source: one.source,
            choices: one.choices.into_iter().map(choice).collect(),
            items: one.items.into_iter().map(item).collect(),
            notice: one.notice,
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
    tag = "questionnaires", params(LanguageQuery),
    responses((status = 200, body = QuestionnaireList)))]
pub(super) async fn questionnaires(
    State(wellbeing): State<Wellbeing>,
    Query(query): Query<LanguageQuery>,
) -> ApiResult<Json<QuestionnaireList>> {
    let (all, lang) = (&wellbeing.care().questionnaires, lang(query.language.as_deref()));
    let localized = all.iter().filter_map(|one| all.localized(&one.id, lang));
    Ok(Json(QuestionnaireList { questionnaires: localized.map(QuestionnaireView::of).collect() }))
}

/// A questionnaire
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/questionnaires/{name}", operation_id = "read_questionnaire",
    tag = "questionnaires", params(("name" = String, Path,), LanguageQuery),
    responses((status = 200, body = QuestionnaireView)))]
pub(super) async fn questionnaire(
    State(wellbeing): State<Wellbeing>,
    Path(name): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> ApiResult<Json<QuestionnaireView>> {
    let all = &wellbeing.care().questionnaires;
    let found = all.localized(&name, lang(query.language.as_deref()));
    Ok(Json(QuestionnaireView::of(found.ok_or(WellbeingError::NotFound)?)))
}
