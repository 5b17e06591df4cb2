//! The API document as a whole.

use super::IDEMPOTENCY_KEY;
use crate::error::ErrorBody;
use http::StatusCode;
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::{
    ToSchema,
    openapi::{
        Components, Content, InfoBuilder, OpenApi, OpenApiVersion, Ref, RefOr, Responses,
        path::Parameter,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Completes the document that the slices' routes have filled: its name and version, how callers
/// prove who they are, and OpenAPI 3.1, which more tools read than 3.2.
#[must_use]
pub fn document(mut api: OpenApi, version: &str, cookie_name: &str) -> OpenApi {
    api.openapi = OpenApiVersion::Version31;
    api.info = InfoBuilder::new().title("Salus").version(version).description(Some(ABOUT)).build();
    let components = api.components.get_or_insert_with(Components::new);
    for (name, scheme) in schemes(cookie_name) {
        components.add_security_scheme(name, scheme);
    }
    for item in api.paths.paths.values_mut() {
        for (_, operation) in super::operations_mut(item) {
            describe_responses(&mut operation.responses);
            fill_failures(&mut operation.responses);
        }
    }
    api
}

/// OpenAPI 3.1 wants a word about every answer; where a slice has none, HTTP's own must do.
fn describe_responses(responses: &mut Responses) {
    for (status, response) in &mut responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            let status: Option<StatusCode> = status.parse().ok();
            let reason = status.and_then(|status| status.canonical_reason());
            reason.unwrap_or("The answer").clone_into(&mut response.description);
        }
    }
}

/// A failure whose body is not said has the one that all have.
fn fill_failures(responses: &mut Responses) {
    for (status, response) in &mut responses.responses {
        if let RefOr::T(response) = response
            && response.content.is_empty()
            && status.starts_with(['4', '5'])
        {
            let body = Content::new(Some(Ref::from_schema_name(ErrorBody::name())));
            response.content.insert("application/json".to_owned(), RefOr::T(body));
        }
    }
}

const ABOUT: &str = "One private health companion. Bodies are JSON in snake_case. Every failure \
    has a body with a stable `code`, a `message`, the `request_id` and sometimes a `detail`. What \
    you may not see is answered with 404.";

fn schemes(cookie_name: &str) -> [(&'static str, SecurityScheme); 4] {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The access token of a log-in."))
        .build();
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A personal key, `sk-salus-…`; or an access token in its place."))
        .build();
    let cookie = ApiKeyValue::with_description(cookie_name, "The session cookie of a browser.");
    let about = "Goes with the cookie whenever something is changed.";
    let csrf = ApiKeyValue::with_description(crate::csrf::HEADER, about);
    [
        ("bearer", SecurityScheme::Http(bearer)),
        ("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        ("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf))),
        ("key", SecurityScheme::Http(key)),
    ]
}

/// The paths of those that say [`super::Contract::idempotent`], and so need the layer of
/// [`crate::idempotency::replay`] around them. All of them are a `POST`.
#[must_use]
pub fn idempotent_paths(api: &OpenApi) -> BTreeSet<String> {
    let is_key = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == IDEMPOTENCY_KEY,
        RefOr::Ref(_) => false,
    };
    let posts = api.paths.paths.iter().filter(|(_, item)| {
        item.post.iter().flat_map(|post| post.parameters.iter().flatten()).any(is_key)
    });
    posts.map(|(path, _)| path.clone()).collect()
}

/// The document as JSON, its keys in alphabetical order: the same code gives the same bytes.
pub fn to_json(api: &OpenApi) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(api)?;
    value.sort_all_objects();
    serde_json::to_string_pretty(&value)
}

/// What the document says of one operation, for tests that demand that none is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facts {
    /// The path with its variables in braces.
    pub path: String,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The `operationId`.
    pub id: String,
    /// Who may call it, as [`super::Access`] is written; `None` if it has no contract.
    pub access: Option<String>,
    /// What the ledger records; `none: ` and a reason where it records nothing.
    pub audit: Option<String>,
    /// The stable codes it can be answered with.
    pub codes: Vec<String>,
    /// Whether it wants a fresh proof of who asks.
    pub step_up: bool,
}

/// The facts of every operation, in the order of paths and methods.
pub fn facts(api: &OpenApi) -> Result<Vec<Facts>, serde_json::Error> {
    const METHODS: [&str; 8] =
        ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let value = serde_json::to_value(api)?;
    let paths = value.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                found.push(facts_of(path, method, operation));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn facts_of(path: &str, method: &str, operation: &Value) -> Facts {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).map(str::to_owned);
    let codes = operation.get("x-error-codes").and_then(Value::as_array);
    Facts {
        path: path.to_owned(),
        method: method.to_ascii_uppercase(),
        id: text("operationId").unwrap_or_default(),
        access: text("x-access"),
        audit: text("x-audit"),
        codes: codes
            .into_iter()
            .flatten()
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect(),
        step_up: operation.get("x-step-up").and_then(Value::as_bool).unwrap_or_default(),
    }
}
