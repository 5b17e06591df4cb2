//! Web origins that are trusted by name: exact, without patterns.

use http::{HeaderMap, HeaderValue, header::ORIGIN};
use std::{str::FromStr, sync::Arc};

/// One origin, such as `https://app.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(HeaderValue);

/// The text was not an origin as browsers send them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an origin such as https://app.example.org (lower case, no path, no default port)")]
pub struct WebOriginError;

impl FromStr for WebOrigin {
    type Err = WebOriginError;
    fn from_str(text: &str) -> Result<Self, WebOriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(WebOriginError)?;
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return Err(WebOriginError),
        };
        let harmless =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b);
        if rest.is_empty() || rest.ends_with(default_port) || !rest.bytes().all(harmless) {
            return Err(WebOriginError);
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| WebOriginError)
    }
}

/// The origins whose pages may use the API with a person's cookie.
#[derive(Debug, Clone, Default)]
pub struct Origins(Arc<[WebOrigin]>);

impl Origins {
    /// These and no others; our own origin needs no mention.
    #[must_use]
    pub fn new(origins: Vec<WebOrigin>) -> Self {
        Self(origins.into())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of them, letter by letter.
    #[must_use]
    pub fn allow(&self, origin: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| allowed.0 == *origin)
    }
}

/// What a browser tells about the page that made a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// One of our own pages, or one that is allowed by name.
    Ours,
    /// A page of someone else.
    Foreign,
    /// Nothing is told: most likely not a browser.
    Untold,
}

impl Source {
    /// Reads `Sec-Fetch-Site` and `Origin`; `host` is the one that the request was sent to.
    pub(crate) fn of(headers: &HeaderMap, host: Option<&str>, allowed: &Origins) -> Self {
        let origin = headers.get(ORIGIN);
        if origin.is_some_and(|origin| allowed.allow(origin)) {
            return Self::Ours;
        }
        match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            Some(b"same-origin") => Self::Ours,
            Some(b"none") => Self::Untold,
            Some(_) => Self::Foreign,
            None => match origin {
                None => Self::Untold,
                Some(origin) if is_host(origin, host) => Self::Ours,
                Some(_) => Self::Foreign,
            },
        }
    }
}

/// Whether the origin is the host that the browser sent the request to. A page cannot choose
/// either, so they agree only for our own pages. Needed where browsers send no `Sec-Fetch-Site`:
/// plain HTTP on a home network.
fn is_host(origin: &HeaderValue, host: Option<&str>) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((authority, host), (Some((_, authority)), Some(host)) if authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source(pairs: &[(&'static str, &str)]) -> Source {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let allowed = Origins::new(vec!["https://app.example.org".parse().unwrap()]);
        Source::of(&headers, Some("salus.home:8787"), &allowed)
    }

    #[test]
    fn what_the_browser_tells_decides() {
        assert_eq!(source(&[("sec-fetch-site", "same-origin")]), Source::Ours);
        assert_eq!(source(&[("sec-fetch-site", "same-site")]), Source::Foreign);
        assert_eq!(source(&[("sec-fetch-site", "cross-site")]), Source::Foreign);
        assert_eq!(source(&[("origin", "http://salus.home:8787")]), Source::Ours);
        assert_eq!(source(&[("origin", "http://evil.example")]), Source::Foreign);
        assert_eq!(source(&[("origin", "null")]), Source::Foreign);
        assert_eq!(source(&[]), Source::Untold);
    }

    #[test]
    fn an_allowed_origin_is_ours_even_across_sites() {
        let allowed = [("origin", "https://app.example.org"), ("sec-fetch-site", "cross-site")];
        assert_eq!(source(&allowed), Source::Ours);
    }

    #[test]
    fn only_what_a_browser_would_send_can_be_allowed() {
        for bad in [
            "",
            "*",
            "null",
            "https://",
            "https://A.example",
            "https://a.example/",
            "https://a.example:443",
            "http://a.example:80",
            "ftp://a.example",
            "https://*.example",
            "https://u@a.example",
        ] {
            assert_eq!(bad.parse::<WebOrigin>(), Err(WebOriginError), "{bad}");
        }
        assert!("http://localhost:5173".parse::<WebOrigin>().is_ok());
        assert!("http://[::1]:5173".parse::<WebOrigin>().is_ok());
    }

    proptest! {
        #[test]
        fn nothing_but_the_exact_text_is_allowed(origin in "https?://[a-zA-Z0-9.:/*-]{0,40}") {
            let allowed = Origins::new(vec!["https://app.example.org".parse().unwrap()]);
            let header = HeaderValue::from_str(&origin).unwrap();
            prop_assert_eq!(allowed.allow(&header), origin == "https://app.example.org");
        }
    }
}
