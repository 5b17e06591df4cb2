//! Samples of what is remembered.

use super::Body;
use serde_json::json;
use testkit::{Login, TestApp};

/// A fact of this person, where the path is about memory, and its tag.
pub async fn made(app: &TestApp, login: &Login, path: &str) -> Option<(String, String)> {
    if !path.starts_with("/api/memory") {
        return None;
    }
    let on = json!({ "enabled": true });
    app.request("PUT", "/api/memory").json(&on).by(login).send().await.expect(200);
    let new = json!({ "text": "I keep bees.", "kind": "about_me" });
    let made = app.post("/api/memory/facts", &new).by(login).send().await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    Some((id, made.header("etag").unwrap().to_owned()))
}

/// The body of a request about memory.
pub fn body(method: &str, path: &str) -> Option<Body> {
    match (method, path) {
        ("GET" | "DELETE", "/api/memory" | "/api/memory/facts" | "/api/memory/export")
        | ("DELETE", "/api/memory/facts/{id}") => Some(Body::None),
        ("PUT", "/api/memory") => Some(Body::Json(|_| json!({ "enabled": true }))),
        ("POST", "/api/memory/facts") => Some(Body::Json(|_| json!({ "text": "I sing." }))),
        ("PUT", "/api/memory/facts/{id}") => Some(Body::Json(|_| json!({ "text": "I sang." }))),
        _ => None,
    }
}
