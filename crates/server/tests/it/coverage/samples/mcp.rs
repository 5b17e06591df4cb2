//! Samples of servers of tools, with one that nobody can reach.

use super::Body;
use mcp::{Draft, McpError};
use serde_json::json;
use testkit::{Login, TestApp};

const NOWHERE: &str = "http://127.0.0.1:9/mcp";

/// The name of a server that an administrator set up, for paths that name one.
pub async fn server(app: &TestApp, login: &Login, path: &str) -> String {
    if !path.starts_with("/api/admin/mcp/") {
        return String::new();
    }
    let name = format!("of-{}", login.username);
    let draft = Draft { name: name.clone(), url: NOWHERE.to_owned(), local: true, key: None };
    let ctx = kernel::Ctx::operator(app.app.env.clone());
    // Another sample of the same person may have made it.
    match app.app.mcp.add(&ctx, draft).await {
        Ok(_) | Err(McpError::Taken) => name,
        Err(error) => panic!("{error}"),
    }
}

/// The body of an operation.
pub fn body(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        ("GET", "/api/admin/mcp")
        | ("DELETE", "/api/admin/mcp/{id}")
        | ("POST", "/api/admin/mcp/{id}/look") => Body::None,
        ("POST", "/api/admin/mcp") => Body::Json(
            |world| json!({ "name": world.login.username, "url": NOWHERE, "local": true }),
        ),
        ("PUT", "/api/admin/mcp/{id}/tools") => Body::Json(|_| json!({ "tools": [] })),
        _ => return None,
    })
}
