//! An answer as it is kept: status, a few headers and the body, in one piece to be sealed.

use super::{REPLAYED, StoreError};
use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION},
};
use http_body_util::BodyExt;
use kernel::Phi;
use serde::{Deserialize, Serialize};

/// Headers that belong to the answer. Cookies do not: each is for one browser at one time.
const KEPT_HEADERS: [HeaderName; 4] = [CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION];

/// Larger answers are given but not kept.
const LARGEST: u64 = 1024 * 1024;

/// The answer to a request.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Phi<Vec<u8>>,
}

/// What is written before the body, as JSON after its length in two bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// What of the response is worth keeping, and the response itself to be sent. Failures are
    /// not kept, nor are streams, which have no end yet.
    pub(super) async fn of(response: Response) -> (Response, Option<Self>) {
        let whole = response.body().size_hint().exact().is_some_and(|size| size <= LARGEST);
        if !response.status().is_success() || !whole {
            return (response, None);
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
            return (StatusCode::INTERNAL_SERVER_ERROR.into_response(), None);
        };
        let headers = KEPT_HEADERS
            .into_iter()
            .filter_map(|name| parts.headers.get(&name).map(|value| (name, value.clone())))
            .collect();
        let answer = Self { status: parts.status, headers, body: Phi::new(bytes.to_vec()) };
        (Response::from_parts(parts, Body::from(bytes)), Some(answer))
    }

    /// As it is sealed.
    pub(super) fn to_bytes(&self) -> Phi<Vec<u8>> {
        let headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let head = Head { status: self.status.as_u16(), headers };
        let head = serde_json::to_vec(&head).unwrap_or_default();
        let length = u16::try_from(head.len()).unwrap_or_default();
        // EXPOSE: the body goes from one sealed value into another.
        Phi::new([&length.to_be_bytes(), head.as_slice(), self.body.expose()].concat())
    }

    /// From what was opened.
    pub(super) fn from_bytes(plain: &Phi<Vec<u8>>) -> Result<Self, StoreError> {
        // EXPOSE: the answer goes back to the person it was for.
        Self::parse(plain.expose()).ok_or_else(|| StoreError("a kept answer cannot be read".into()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (head, body) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let head: Head = serde_json::from_slice(head).ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in head.headers {
            let name: HeaderName = name.parse().ok()?;
            headers.insert(name, HeaderValue::try_from(value).ok()?);
        }
        let status = StatusCode::from_u16(head.status).ok()?;
        Some(Self { status, headers, body: Phi::new(body.to_vec()) })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        // EXPOSE: the answer goes back to the person it was for.
        let body = Bytes::copy_from_slice(self.body.expose());
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stored_format_never_changes() {
        let stored =
            b"\x00\x3e{\"status\":201,\"headers\":[[\"content-type\",\"application/json\"]]}[1]";
        let answer = Answer::parse(stored).unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        assert_eq!(answer.body.expose(), b"[1]");
        assert_eq!(answer.to_bytes().expose(), stored);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Answer::parse(&bytes);
        }

        #[test]
        fn every_answer_reads_back(status in 200u16..300, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let status = StatusCode::from_u16(status).unwrap();
            let headers = HeaderMap::from_iter([(ETAG, HeaderValue::from_static("\"v1\""))]);
            let answer = Answer { status, headers, body: Phi::new(body.clone()) };
            let again = Answer::from_bytes(&answer.to_bytes()).unwrap();
            prop_assert_eq!((again.status, &again.headers), (status, &answer.headers));
            prop_assert_eq!(again.body.expose(), &body);
        }
    }
}
