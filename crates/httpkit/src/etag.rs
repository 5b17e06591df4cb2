//! Versions of things as ETags, so that nobody overwrites what they have not read.
//!
//! A version is a number that grows with every change; its ETag is `"v<number>"`, always strong.

use crate::{
    codes::{PRECONDITION_REQUIRED, VERSION_STALE},
    error::ApiError,
    extract::invalid,
};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue,
    header::{ETAG, IF_MATCH},
    request::Parts,
};
use kernel::{Coded, ErrorCode};

/// The most tags that one `If-Match` may list.
const MOST_TAGS: usize = 32;

/// The ETag of a version.
#[must_use]
pub fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// An answer that tells which version it shows.
#[derive(Debug, Clone, Copy)]
pub struct WithEtag<R>(pub u64, pub R);

impl<R: IntoResponse> IntoResponse for WithEtag<R> {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if let Ok(value) = HeaderValue::from_str(&etag(self.0)) {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

/// The versions that a client is willing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: whichever is there.
    Any,
    /// One of these. A tag that is no version of ours matches nothing.
    Versions(Vec<u64>),
}

/// The version has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the version has changed")]
pub struct StaleVersion;

impl Coded for StaleVersion {
    fn code(&self) -> &'static ErrorCode {
        &VERSION_STALE
    }
}

impl Precondition {
    /// Holds if this is the version of something that exists.
    pub fn check(&self, version: u64) -> Result<(), StaleVersion> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(StaleVersion),
        }
    }

    /// The one version it names, for stores that compare and swap in one statement.
    #[must_use]
    pub fn single(&self) -> Option<u64> {
        match self {
            Self::Versions(versions) => match versions.as_slice() {
                [version] => Some(*version),
                _ => None,
            },
            Self::Any => None,
        }
    }
}

/// `If-Match`, which must be there: without it the answer is 428.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(pub Precondition);

/// `If-Match`, where it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaybeIfMatch(pub Option<Precondition>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        from_headers(&parts.headers)?.map(Self).ok_or_else(|| ApiError::new(&PRECONDITION_REQUIRED))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeIfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        from_headers(&parts.headers).map(Self)
    }
}

fn from_headers(headers: &HeaderMap) -> Result<Option<Precondition>, ApiError> {
    let mut lines = Vec::new();
    for line in headers.get_all(IF_MATCH) {
        lines.push(line.to_str().map_err(|_| malformed())?);
    }
    if lines.is_empty() { Ok(None) } else { parse(&lines.join(",")).map(Some) }
}

fn parse(text: &str) -> Result<Precondition, ApiError> {
    if text.trim() == "*" {
        return Ok(Precondition::Any);
    }
    let mut versions = Vec::new();
    let mut rest = text.trim();
    for _ in 0..MOST_TAGS {
        if rest.starts_with("W/") {
            return Err(invalid("If-Match: weak tags cannot be used for changes"));
        }
        let (tag, after) =
            rest.strip_prefix('"').and_then(|tag| tag.split_once('"')).ok_or_else(malformed)?;
        versions.extend(version_of(tag));
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if after.trim().is_empty() => return Ok(Precondition::Versions(versions)),
            None => return Err(malformed()),
        }
    }
    Err(invalid(format!("If-Match: at most {MOST_TAGS} tags")))
}

fn version_of(tag: &str) -> Option<u64> {
    let version: u64 = tag.strip_prefix('v')?.parse().ok()?;
    (tag == format!("v{version}")).then_some(version)
}

fn malformed() -> ApiError {
    invalid("If-Match: must be * or a list of tags in quotes, such as \"v3\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::common;
    use proptest::prelude::*;

    fn refused(text: &str) -> bool {
        parse(text).is_err_and(|error| error.code() == &common::INVALID_REQUEST)
    }

    #[test]
    fn a_list_matches_any_of_its_versions() {
        let list = parse("\"v1\", \"v3\" ,\"other\"").unwrap();
        assert_eq!(list, Precondition::Versions(vec![1, 3]));
        assert_eq!(list.check(3), Ok(()));
        assert_eq!(list.check(2), Err(StaleVersion));
    }

    #[test]
    fn a_star_matches_whatever_is_there() {
        assert_eq!(parse(" * ").unwrap().check(9), Ok(()));
    }

    #[test]
    fn a_tag_of_someone_else_matches_nothing() {
        assert_eq!(parse("\"xyz\"").unwrap().check(0), Err(StaleVersion));
        assert_eq!(parse("\"v01\"").unwrap().check(1), Err(StaleVersion));
        assert_eq!(parse("\"v+1\"").unwrap().check(1), Err(StaleVersion));
    }

    #[test]
    fn weak_and_malformed_tags_are_refused() {
        for bad in ["", "v1", "\"v1", "W/\"v1\"", "\"v1\" \"v2\"", "\"v1\",", "*, \"v1\"", ","] {
            assert!(refused(bad), "{bad}");
        }
        assert!(refused(&vec!["\"v1\""; MOST_TAGS + 1].join(",")));
    }

    proptest! {
        #[test]
        fn every_version_matches_its_own_tag(version: u64, other: u64) {
            let condition = parse(&etag(version)).unwrap();
            prop_assert_eq!(condition.single(), Some(version));
            prop_assert_eq!(condition.check(other).is_ok(), other == version);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[ -~]{0,60}") {
            if parse(&text).is_err() {
                prop_assert!(refused(&text));
            }
        }
    }
}
