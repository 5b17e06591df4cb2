//! HTTP in and out: the routes, and what clients see of what was filled in.

mod figures;
mod file;
mod forms;
mod library;
mod practice;
mod questionnaires;
mod results;

use crate::{
    error::{FORM_INVALID, RECORD_EXISTS},
    service::{
        EXERCISES_SUGGESTED, FIGURES_TOLD, FORM_ADDED, FORM_DELETED, FORM_HISTORY_READ, FORM_READ,
        FORM_UPDATED, FORMS_LISTED, PRACTICE_ADDED, PRACTICE_DELETED, PRACTICE_LISTED,
        RESULT_ADDED, RESULT_DELETED, RESULT_READ, RESULTS_LISTED, TREND_READ, WELLBEING_EXPORTED,
        Wellbeing,
    },
};
use audit::AUDIT_UNAVAILABLE;
use axum::middleware::from_fn;
use care::Lang;
use consent::CONSENT_REQUIRED;
use httpkit::{
    Access, Audit, Contract, OpenApiRouter, UnderContract, UtoipaMethodRouterExt, limits, routes,
};
use kernel::{
    Cursor, CursorError, PageSize,
    common::{INVALID_CURSOR, NOT_FOUND},
};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

const WORDS: Audit = Audit::Nothing("shows public words");

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Wellbeing> {
    words().merge(results_routes()).merge(forms_routes()).merge(practice_routes())
}

fn own(action: &'static audit::Action) -> Contract {
    Contract::own(action.name())
}

/// Words that are the same for everybody.
fn words() -> OpenApiRouter<Wellbeing> {
    let open = Contract::new(Access::Anonymous, WORDS);
    let named = open.errors(&[&NOT_FOUND]);
    OpenApiRouter::new()
        .routes(routes!(library::skills).under(&open.errors(&[&INVALID_CURSOR])))
        .routes(routes!(library::skill).under(&named))
        .routes(routes!(questionnaires::questionnaires).under(&open))
        .routes(routes!(questionnaires::questionnaire).under(&named))
        .routes(routes!(library::forms).under(&open))
        .routes(routes!(library::form).under(&named))
        .routes(routes!(library::options).under(&open))
}

fn results_routes() -> OpenApiRouter<Wellbeing> {
    let add = own(&RESULT_ADDED)
        .errors(errors![CONSENT_REQUIRED, FORM_INVALID, RECORD_EXISTS])
        .idempotent();
    let list = own(&RESULTS_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let read = own(&RESULT_READ).errors(errors![CONSENT_REQUIRED, NOT_FOUND]);
    let delete = own(&RESULT_DELETED).errors(errors![NOT_FOUND]);
    let trend = own(&TREND_READ).errors(errors![CONSENT_REQUIRED, FORM_INVALID]);
    let mood = own(&FIGURES_TOLD).errors(errors![CONSENT_REQUIRED, FORM_INVALID]);
    OpenApiRouter::new()
        .routes(routes!(results::add).under(&add))
        .routes(routes!(results::list).under(&list))
        .routes(routes!(results::read).under(&read))
        .routes(routes!(results::delete).under(&delete))
        .routes(routes!(results::trend).under(&trend))
        .routes(routes!(figures::analyze_mood).under(&mood).layer(from_fn(limits::costly)))
        .routes(routes!(figures::insights).under(&mood).layer(from_fn(limits::costly)))
}

fn forms_routes() -> OpenApiRouter<Wellbeing> {
    let add = own(&FORM_ADDED)
        .errors(errors![CONSENT_REQUIRED, FORM_INVALID, RECORD_EXISTS])
        .idempotent();
    let list = own(&FORMS_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let read = own(&FORM_READ).errors(errors![CONSENT_REQUIRED, NOT_FOUND]);
    let history = own(&FORM_HISTORY_READ).errors(errors![CONSENT_REQUIRED, NOT_FOUND]);
    let update = own(&FORM_UPDATED)
        .errors(errors![CONSENT_REQUIRED, FORM_INVALID, NOT_FOUND])
        .if_match_required();
    let delete = own(&FORM_DELETED).errors(errors![NOT_FOUND]);
    let export = own(&WELLBEING_EXPORTED).errors(errors![]).step_up();
    OpenApiRouter::new()
        .routes(routes!(forms::add).under(&add))
        .routes(routes!(forms::list).under(&list))
        .routes(routes!(forms::read).under(&read))
        .routes(routes!(forms::history).under(&history))
        .routes(routes!(forms::update).under(&update))
        .routes(routes!(forms::delete).under(&delete))
        .routes(routes!(file::export).under(&export).layer(from_fn(limits::costly)))
}

fn practice_routes() -> OpenApiRouter<Wellbeing> {
    let add = own(&PRACTICE_ADDED)
        .errors(errors![CONSENT_REQUIRED, FORM_INVALID, RECORD_EXISTS])
        .idempotent();
    let list = own(&PRACTICE_LISTED).errors(errors![CONSENT_REQUIRED, INVALID_CURSOR]);
    let delete = own(&PRACTICE_DELETED).errors(errors![NOT_FOUND]);
    let suggest = own(&EXERCISES_SUGGESTED).errors(errors![CONSENT_REQUIRED]);
    OpenApiRouter::new()
        .routes(routes!(practice::add).under(&add))
        .routes(routes!(practice::list).under(&list))
        .routes(routes!(practice::delete).under(&delete))
        .routes(routes!(practice::suggest).under(&suggest))
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
    /// Only of this name.
    name: Option<String>,
}

impl ListQuery {
    fn part(&self) -> Result<(Option<Cursor>, PageSize), CursorError> {
        let after = self.cursor.as_ref().map(|text| text.parse()).transpose()?;
        Ok((after, self.limit.map_or_else(PageSize::default, PageSize::clamped)))
    }
}

/// The language that a tag asks for.
fn lang(tag: Option<&str>) -> Lang {
    tag.map_or(Lang::English, Lang::nearest)
}

/// The name that a value has in data files.
fn name_of(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
