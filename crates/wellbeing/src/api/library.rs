//! Words that are the same for everybody: exercises, forms, prompts.

use super::{lang, name_of};
use crate::{error::WellbeingError, service::Wellbeing};
use axum::extract::State;
use care::{
    Lang,
    forms::Form,
    skills::{Concern, Skill},
};
use httpkit::{ApiResult, Json, Path, Query};
use kernel::{CursorError, PageSize};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An exercise.
#[derive(Serialize, ToSchema)]
#[schema(as = Skill)]
pub(super) struct SkillView {
    /// Its stable name.
    id: String,
    /// Where it belongs, such as `distress_tolerance`.
    family: String,
    /// Its title.
    title: String,
    /// What it is for.
    purpose: String,
    /// The moods it suits.
    moods: Vec<String>,
    /// What it suits, such as `panic`.
    situations: Vec<String>,
    /// About how long it takes.
    minutes: u16,
    /// `easy`, `medium` or `hard`.
    difficulty: String,
    /// When to take care, such as `heart`.
    cautions: Vec<String>,
    /// What to do then.
    caution: Option<String>,
    /// What is known about it, and what is not.
    evidence: String,
    /// What to do, step by step.
    steps: Vec<String>,
    /// How long each step takes, for a timer; empty without one.
    seconds: Vec<u16>,
    /// What to write down.
    fields: Vec<FieldView>,
    /// The language of its words.
    language: String,
}

/// A field of a worksheet.
#[derive(Serialize, ToSchema)]
#[schema(as = SkillField)]
struct FieldView {
    /// Its stable name.
    id: String,
    /// What it asks.
    label: String,
    /// `text` or `scale` (0 to 10).
    kind: String,
}

impl SkillView {
    pub(super) fn of(skill: Skill, lang: Lang) -> Self {
        let field = |field: &care::skills::Field| FieldView {
            id: field.id.clone(),
            label: field.label.clone(),
            kind: name_of(&field.kind),
        };
        Self {
            family: name_of(&skill.family),
            situations: skill.situations.iter().map(name_of).collect(),
            difficulty: name_of(&skill.difficulty),
            cautions: skill.cautions.iter().map(name_of).collect(),
            fields: skill.fields.iter().map(field).collect(),
            id: skill.id,
            title: skill.title,
            purpose: skill.purpose,
            moods: skill.moods,
            minutes: skill.minutes,
            caution: skill.caution,
            evidence: skill.evidence,
            steps: skill.steps,
            seconds: skill.seconds,
            language: lang.tag().to_owned(),
        }
    }
}

/// A page of exercises, by name.
#[derive(Serialize, ToSchema)]
#[schema(as = SkillPage)]
pub(super) struct SkillPage {
    /// The exercises.
    skills: Vec<SkillView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Which exercises are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SkillQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// How many, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
    /// Of this family, such as `mindfulness`.
    family: Option<String>,
    /// For this mood, such as `anxious`.
    mood: Option<String>,
    /// For this, such as `panic`.
    concern: Option<String>,
    /// No longer than this.
    #[param(value_type = Option<u64>)]
    minutes: Option<u16>,
    /// The language, such as `de`.
    language: Option<String>,
}

impl SkillQuery {
    fn admits(&self, skill: &Skill) -> bool {
        let fits = |wanted: &Option<String>, has: bool| wanted.is_none() || has;
        let is = |wanted: &Option<String>, name: String| wanted.as_deref() == Some(name.as_str());
        fits(&self.family, is(&self.family, name_of(&skill.family)))
            && fits(&self.mood, skill.moods.iter().any(|mood| is(&self.mood, mood.clone())))
            && fits(
                &self.concern,
                skill.situations.iter().any(|one| is(&self.concern, name_of(one))),
            )
            && self.minutes.is_none_or(|most| skill.minutes <= most)
    }
}

/// The library of exercises, by name
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/skills", operation_id = "list_skills", tag = "skills",
    params(SkillQuery), responses((status = 200, body = SkillPage)))]
pub(super) async fn skills(
    State(wellbeing): State<Wellbeing>,
    Query(query): Query<SkillQuery>,
) -> ApiResult<Json<SkillPage>> {
    let library = &wellbeing.care().skills;
    let size = query.limit.map_or_else(PageSize::default, PageSize::clamped).get();
    let mut fitting: Vec<&Skill> = library.iter().filter(|skill| query.admits(skill)).collect();
    fitting.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(after) = &query.cursor {
        library.get(after).ok_or(CursorError)?;
        fitting.retain(|skill| skill.id > *after);
    }
    let next = fitting.get(size).and_then(|_| fitting.get(size - 1)).map(|skill| skill.id.clone());
    let lang = lang(query.language.as_deref());
    let view = |skill: &&Skill| {
        let (skill, lang) = library.localized(&skill.id, lang)?;
        Some(SkillView::of(skill, lang))
    };
    let skills = fitting.iter().take(size).filter_map(view).collect();
    Ok(Json(SkillPage { skills, next_cursor: next }))
}

/// In which language something is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct LanguageQuery {
    /// The language, such as `de`.
    pub(super) language: Option<String>,
}

/// An exercise
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/skills/{name}", operation_id = "read_skill", tag = "skills",
    params(("name" = String, Path,), LanguageQuery), responses((status = 200, body = SkillView)))]
pub(super) async fn skill(
    State(wellbeing): State<Wellbeing>,
    Path(name): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> ApiResult<Json<SkillView>> {
    let found = wellbeing.care().skills.localized(&name, lang(query.language.as_deref()));
    let (skill, lang) = found.ok_or(WellbeingError::NotFound)?;
    Ok(Json(SkillView::of(skill, lang)))
}

/// A form: safety plan, diary card or chain analysis.
#[derive(Serialize, ToSchema)]
#[schema(as = CareForm)]
pub(super) struct FormView {
    /// Its stable name.
    id: String,
    /// Counts up whenever a section changes.
    version: u32,
    /// Its title.
    title: String,
    /// What it is for.
    about: String,
    /// Its parts, in order.
    sections: Vec<SectionView>,
    /// The language of its words.
    language: String,
}

/// A part of a form.
#[derive(Serialize, ToSchema)]
#[schema(as = CareFormSection)]
struct SectionView {
    /// Its stable name.
    id: String,
    /// Its title.
    title: String,
    /// What helps to fill it in.
    help: String,
    /// `text`, `items`, `contacts`, `marks`, `skills` or `links`: the name of what is sent.
    kind: String,
    /// Whether a form without it is not complete.
    required: bool,
    /// The highest value of marks and skills.
    scale_to: Option<u8>,
    /// What is rated.
    marks: Vec<MarkView>,
    /// What others wrote, to begin with.
    examples: Vec<String>,
}

/// Something that is rated.
#[derive(Serialize, ToSchema)]
#[schema(as = CareFormMark)]
struct MarkView {
    /// Its stable name.
    id: String,
    /// What it is.
    label: String,
    /// From which value on crisis care opens at once.
    crisis_from: Option<u8>,
    /// From which value on help is shown beside the form.
    show_help_from: Option<u8>,
}

impl FormView {
    fn of(form: Form, lang: Lang) -> Self {
        let mark = |mark: care::forms::Mark| MarkView {
            id: mark.id,
            label: mark.label,
            crisis_from: mark.crisis_from,
            show_help_from: mark.show_help_from,
        };
        let section = |section: care::forms::Section| SectionView {
            kind: name_of(&section.kind),
            id: section.id,
            title: section.title,
            help: section.help,
            required: section.required,
            scale_to: section.scale_to,
            marks: section.marks.into_iter().map(mark).collect(),
            examples: section.examples,
        };
        Self {
            id: form.id,
            version: form.version,
            title: form.title,
            about: form.about,
            sections: form.sections.into_iter().map(section).collect(),
            language: lang.tag().to_owned(),
        }
    }
}

/// All forms.
#[derive(Serialize, ToSchema)]
#[schema(as = CareFormList)]
pub(super) struct FormList {
    /// The forms.
    forms: Vec<FormView>,
}

/// The forms that can be filled in
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/forms", operation_id = "list_forms", tag = "forms",
    params(LanguageQuery), responses((status = 200, body = FormList)))]
pub(super) async fn forms(
    State(wellbeing): State<Wellbeing>,
    Query(query): Query<LanguageQuery>,
) -> ApiResult<Json<FormList>> {
    let (forms, lang) = (&wellbeing.care().forms, lang(query.language.as_deref()));
    let localized = forms.iter().filter_map(|form| forms.localized(&form.id, lang));
    Ok(Json(FormList { forms: localized.map(|(form, lang)| FormView::of(form, lang)).collect() }))
}

/// A form
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/forms/{name}", operation_id = "read_form", tag = "forms",
    params(("name" = String, Path,), LanguageQuery), responses((status = 200, body = FormView)))]
pub(super) async fn form(
    State(wellbeing): State<Wellbeing>,
    Path(name): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> ApiResult<Json<FormView>> {
    let found = wellbeing.care().forms.localized(&name, lang(query.language.as_deref()));
    let (form, lang) = found.ok_or(WellbeingError::NotFound)?;
    Ok(Json(FormView::of(form, lang)))
}

/// For what prompts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OptionsQuery {
    /// What is on the screen, such as `journal_entry`; a plain talk if left out or unknown.
    #[serde(alias = "contentType")]
    content_type: Option<String>,
    /// The language of what the companion says about itself, such as `de`.
    language: Option<String>,
}

/// Prompts to begin with, and what the companion says about itself.
#[derive(Serialize, ToSchema)]
pub(super) struct ChatOptions {
    /// What they are for.
    content_type: String,
    /// What one could ask, in English.
    prompts: Vec<String>,
    /// What there are prompts for.
    content_types: Vec<String>,
    /// Beside every talk: that it is a program, and what it is not.
    disclosure: String,
    /// The same before the first talk, at length.
    disclosure_full: String,
}

/// Suggested prompts by what is on the screen
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/chat/options", operation_id = "chat_options", tag = "chat",
    params(OptionsQuery), responses((status = 200, body = ChatOptions)))]
pub(super) async fn options(
    State(wellbeing): State<Wellbeing>,
    Query(query): Query<OptionsQuery>,
) -> ApiResult<Json<ChatOptions>> {
    let companion = &wellbeing.care().companion;
    let options = companion.options(query.content_type.as_deref().unwrap_or("chat"));
    let options = options.ok_or(WellbeingError::NotFound)?;
    let disclosure = companion.disclosure(lang(query.language.as_deref()));
    let disclosure = disclosure.ok_or(WellbeingError::NotFound)?;
    Ok(Json(ChatOptions {
        content_type: options.content_type.clone(),
        prompts: options.prompts.clone(),
        content_types: companion.content_types().map(str::to_owned).collect(),
        disclosure: disclosure.short.clone(),
        disclosure_full: disclosure.full.clone(),
    }))
}

/// A concern by the name that it has in data files.
pub(super) fn concern(name: &str) -> Option<Concern> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}
