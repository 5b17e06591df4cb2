//! The web app, as `build.rs` put it into the program: files that never change under their names,
//! and the page that answers wherever a person may be in the app.

use axum::{
    Router,
    extract::Request,
    response::{Html, IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG,
        IF_NONE_MATCH, VARY,
    },
};
use httpkit::headers::is_foreign;

/// Shown where the program was built without the app: what is missing.
const FRONT: &str = include_str!("pages/front.html");

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// A file of the app, with what it is like when packed.
struct File {
    path: &'static str,
    content_type: &'static str,
    tag: &'static str,
    /// Its name changes with its content, so a browser may keep it for good.
    immutable: bool,
    plain: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

/// Answers wherever no other route does.
pub fn routes() -> Router {
    Router::new().fallback(async |request: Request| answer(FILES, &request))
}

/// Whether the program was built with the app.
#[must_use]
pub fn is_there() -> bool {
    !FILES.is_empty()
}

fn answer(files: &'static [File], request: &Request) -> Response {
    let path = request.uri().path();
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    if !readable || path == "/api" || path.starts_with("/api/") || is_foreign(path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let named = |path: &str| files.iter().find(|file| file.path == path);
    if let Some(file) = named(path) {
        return send(file, request.headers());
    }
    if !is_page(path, request.headers()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match named("/index.html") {
        Some(page) => send(page, request.headers()),
        None if path == "/" => Html(FRONT).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether a browser asks for a page of the app. Missing files must not be answered with a page.
fn is_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).is_none_or(|value| {
        value.to_str().is_ok_and(|text| text.contains("text/html") || text.contains("*/*"))
    });
    accepts && !path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn send(file: &'static File, asked: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    let keep = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(ETAG, HeaderValue::from_static(file.tag));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == file.tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    let packed = [("br", file.br), ("gzip", file.gz)];
    let best = packed
        .into_iter()
        .find_map(|(name, body)| body.filter(|_| accepts(asked, name)).map(|body| (name, body)));
    let body = best.map_or(file.plain, |(name, body)| {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        body
    });
    (headers, body).into_response()
}

/// Whether the caller unpacks this encoding. What is named with a quality of zero is refused.
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let lines = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let (name, quality) = item.split_once(';').unwrap_or((item, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    static APP: &[File] = &[
        File {
            path: "/index.html",
            content_type: "text/html; charset=utf-8",
            tag: "\"a\"",
            immutable: false,
            plain: b"<!doctype html>",
            br: Some(b"br"),
            gz: Some(b"gz"),
        },
        File {
            path: "/assets/app-1.js",
            content_type: "text/javascript",
            tag: "\"b\"",
            immutable: true,
            plain: b"1",
            br: None,
            gz: Some(b"gz"),
        },
    ];

    fn get(path: &str, headers: &[(http::HeaderName, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        answer(APP, &request.body(Body::empty()).unwrap())
    }

    fn header(response: &Response, name: http::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn any_place_in_the_app_is_answered_with_its_page() {
        for path in ["/", "/journal", "/journal/0198-abc", "/help-now"] {
            let response = get(path, &[(ACCEPT, "text/html,*/*;q=0.8")]);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(header(&response, CACHE_CONTROL), "no-cache");
        }
    }

    #[test]
    fn what_is_missing_is_no_page() {
        for path in ["/assets/old-0.js", "/favicon.png", "/api", "/api/nothing"] {
            assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(get("/journal", &[(ACCEPT, "image/png")]).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn only_reading_is_answered() {
        let request = Request::post("/").body(Body::empty()).unwrap();
        assert_eq!(answer(APP, &request).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn files_with_a_hash_in_their_name_are_kept_for_good() {
        let response = get("/assets/app-1.js", &[]);
        assert_eq!(header(&response, CACHE_CONTROL), "public, max-age=31536000, immutable");
    }

    #[test]
    fn a_browser_gets_the_packing_that_it_can_open() {
        let of = |path, accepted| get(path, &[(ACCEPT_ENCODING, accepted)]);
        assert_eq!(header(&of("/", "gzip, deflate, br"), CONTENT_ENCODING), "br");
        assert_eq!(header(&of("/", "gzip"), CONTENT_ENCODING), "gzip");
        assert_eq!(header(&of("/", "br;q=0, gzip;q=0.5"), CONTENT_ENCODING), "gzip");
        assert_eq!(header(&of("/", "identity"), CONTENT_ENCODING), "");
        assert_eq!(header(&of("/assets/app-1.js", "br"), CONTENT_ENCODING), "");
    }

    #[test]
    fn what_a_browser_has_already_is_not_sent_again() {
        let response = get("/", &[(IF_NONE_MATCH, "\"x\", \"a\"")]);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_program_without_the_app_says_so_on_its_front_page_only() {
        let of = |path: &str| answer(&[], &Request::get(path).body(Body::empty()).unwrap());
        assert_eq!(of("/").status(), StatusCode::OK);
        assert_eq!(of("/journal").status(), StatusCode::NOT_FOUND);
    }
}
