//! Bodies, queries and paths into types, and types into answers.
//!
//! What does not fit is refused with the name of the field, never with its value: the value may
//! be health data, and the refusal may end up in a log or on a screen of someone else.

mod strict;

use self::strict::Strict;
use crate::{bodies::Share, codes::UNSUPPORTED_MEDIA_TYPE, error::ApiError};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, path::ErrorKind as PathKind},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header::CONTENT_TYPE, request::Parts};
use kernel::{ErrorCode, common};
use serde::{Serialize, de::DeserializeOwned};
use serde_path_to_error::{Path as FieldPath, Segment};
use std::{error::Error, sync::Arc};

/// A JSON body. As an argument it is read, checked and bounded; as an answer it is written.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// A form (`application/x-www-form-urlencoded`), as a struct with one field per pair.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

/// The query string, as a struct with one field per parameter.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// The variable parts of the path: one value, a tuple or a struct.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(&UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = body_bytes(request, state).await?;
        from_json(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if essence(request.headers()) != "application/x-www-form-urlencoded" {
            return Err(ApiError::new(&UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = body_bytes(request, state).await?;
        // A form is written as a query is, so it is read as one.
        let uri = Uri::try_from([b"/?", bytes.as_ref()].concat());
        let uri = uri.map_err(|_| invalid("the body is not a form"))?;
        axum::extract::Query::<T>::try_from_uri(&uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| bad_pairs(&rejection))
    }
}

/// The whole body, as far as the limit of the route allows.
pub(crate) async fn body_bytes<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, ApiError> {
    let share = request.extensions().get::<Arc<Share>>().cloned();
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(&common::TOO_LARGE),
        _ => {
            share.and_then(|share| share.refusal()).unwrap_or_else(|| invalid("the body broke off"))
        }
    })
}

/// The type of the body, without what else is said of it; empty if nothing is said.
fn essence(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = essence(headers);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a JSON text; the error names the field that does not fit.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(invalid("the body is empty"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
        let at = field_name(error.path());
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data => invalid(misfit(&at, &error.to_string())),
            _ if error.to_string().starts_with("recursion limit") => {
                invalid("the body is nested too deeply")
            }
            _ => invalid(format!(
                "the body is not JSON at line {}, column {}",
                error.line(),
                error.column()
            )),
        }
    })?;
    reader.end().map_err(|_| invalid("there is something after the end of the JSON text"))?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| bad_pairs(&rejection))
    }
}

/// Finds the pair of a query or form that does not fit in what axum says.
fn bad_pairs(rejection: &(dyn Error + 'static)) -> ApiError {
    type WithPath = serde_path_to_error::Error<serde::de::value::Error>;
    let mut next = Some(rejection);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<WithPath>() {
            return invalid(misfit(&field_name(error.path()), &error.inner().to_string()));
        }
        next = error.source();
    }
    invalid("the pairs do not have the expected form")
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        use axum::extract::rejection::PathRejection;
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => Err(bad_path(error.kind())),
            Err(_) => Err(ApiError::new(&common::INTERNAL)),
        }
    }
}

fn bad_path(kind: &PathKind) -> ApiError {
    let invalid_id: &'static ErrorCode = &common::INVALID_ID;
    match kind {
        PathKind::ParseErrorAtKey { key, .. }
        | PathKind::DeserializeError { key, .. }
        | PathKind::InvalidUtf8InPathParam { key } => ApiError::with_detail(invalid_id, key),
        PathKind::WrongNumberOfParameters { .. } | PathKind::UnsupportedType { .. } => {
            ApiError::new(&common::INTERNAL)
        }
        _ => ApiError::new(invalid_id),
    }
}

/// A request that breaks the rules of the API; the detail says which.
pub(crate) fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::with_detail(&common::INVALID_REQUEST, detail)
}

/// The path of a field. A part that does not look like a name of ours may be something that the
/// client put into a key, so it is not repeated.
fn field_name(path: &FieldPath) -> String {
    let mut name = String::new();
    for segment in path {
        let dot = if name.is_empty() { "" } else { "." };
        match segment {
            Segment::Seq { index } => name.extend(["[", &index.to_string(), "]"]),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                name.push_str(dot);
                name.push_str(if is_name(key) { key } else { "*" });
            }
            Segment::Unknown => {}
        }
    }
    name
}

fn is_name(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=48).contains(&text.len()) && text.bytes().all(harmless)
}

/// Says what is wrong with a field in words of our own: serde's words repeat the value.
fn misfit(at: &str, serde_words: &str) -> String {
    let quoted = serde_words.split('`').nth(1).filter(|name| is_name(name));
    let dot = if at.is_empty() { "" } else { "." };
    match (serde_words, quoted) {
        (words, Some(name)) if words.starts_with("missing field") => {
            format!("{at}{dot}{name}: is missing")
        }
        (words, Some(name)) if words.starts_with("duplicate field") => {
            format!("{at}{dot}{name}: is given twice")
        }
        (words, _) if words.starts_with("unknown field") => match at {
            "" => "there is a field that is not known here".to_owned(),
            at => format!("{at}: is or has a field that is not known here"),
        },
        _ if at.is_empty() => "the whole does not have the expected form".to_owned(),
        _ => format!("{at}: does not have the expected form"),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

/// The answer to a request that made something: 201 and what was made.
#[derive(Debug, Clone, Copy)]
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::CREATED, &self.0)
    }
}

/// The answer to a request that needs none: 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let json = HeaderValue::from_static("application/json");
            (status, [(CONTENT_TYPE, json)], bytes).into_response()
        }
        Err(_) => ApiError::new(&common::INTERNAL).into_response(),
    }
}
