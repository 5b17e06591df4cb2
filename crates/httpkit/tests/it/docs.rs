//! The page that shows the API document.

use crate::world::{Client, Sent, World};
use httpkit::docs;

fn client() -> Client {
    World::new().around(docs::routes(r#"{"openapi": "3.1.0"}"#))
}

#[tokio::test]
async fn the_document_and_its_page_are_there_for_anyone() {
    let client = client();
    for (path, content_type) in [
        ("/api/openapi.json", "application/json"),
        ("/api/docs", "text/html; charset=utf-8"),
        ("/api/docs/viewer.css", "text/css; charset=utf-8"),
        ("/api/docs/viewer.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = client.send(Sent::get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, content_type));
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    }
    assert_eq!(client.send(Sent::get("/api/openapi.json")).await.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn the_page_needs_nothing_inline_and_nothing_from_elsewhere() {
    let client = client();
    let page = client.send(Sent::get("/api/docs")).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-inline"));
    for inline in ["<style", "style=", "onclick", "onload", "javascript:", "<script>"] {
        assert!(!page.text.contains(inline), "{inline}");
    }
    for path in ["/api/docs", "/api/docs/viewer.css", "/api/docs/viewer.js"] {
        let text = client.send(Sent::get(path)).await.text;
        for elsewhere in ["http://", "https://", "//cdn", "@import", "innerHTML", "eval("] {
            assert!(!text.contains(elsewhere), "{path}: {elsewhere}");
        }
    }
}
