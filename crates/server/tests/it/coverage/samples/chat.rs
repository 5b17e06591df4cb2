//! Samples of conversations and of help in a crisis.

use super::{Body, World};
use serde_json::json;
use testkit::{Login, TestApp};

/// Something that was said, and its answer.
#[derive(Default)]
pub struct Talk {
    conversation: String,
    message: String,
    answer: String,
    picture: String,
    key: String,
    provider: String,
}

impl Talk {
    /// For an operation with this path, if it is about something that was said.
    pub async fn of(app: &TestApp, login: &Login, path: &str) -> Self {
        if path.starts_with("/api/ai/keys/") {
            let new = json!({ "name": "a program" });
            let made = app.post("/api/ai/keys", &new).by(login).send().await.expect(201).json();
            let key = made["key"]["id"].as_str().unwrap().to_owned();
            return Self { key, ..Self::default() };
        }
        if path.starts_with("/api/providers/{id}") {
            let provider = provider(app, &login.username).await;
            return Self { provider, ..Self::default() };
        }
        if path.starts_with("/v1/") {
            return Self::default();
        }
        let about = ["/conversation", "/messages", "/chat", "/pictures"];
        if !about.iter().any(|part| path.contains(part)) || path == "/api/chat/options" {
            return Self::default();
        }
        let pictures = json!([{ "media_type": "image/gif", "data": "R0lGODlhAQABAAAAADs=" }]);
        let ask = json!({ "content": "Good morning", "pictures": pictures });
        let talk = app.post("/api/ai/chat", &ask).by(login).send().await.expect(200).json();
        let id = |place: &str| talk.pointer(place).unwrap().as_str().unwrap().to_owned();
        let path = format!("/api/conversations/{}/messages", id("/conversation_id"));
        let page = app.get(&path).by(login).send().await.expect(200).json();
        let picture = page.pointer("/messages/0/pictures/0/id").unwrap().as_str().unwrap();
        Self {
            picture: picture.to_owned(),
            conversation: id("/conversation_id"),
            message: id("/message/parent_id"),
            answer: id("/message/id"),
            ..Self::default()
        }
    }

    /// What the path names, if it is one of these.
    pub fn id(&self, path: &str) -> Option<&String> {
        if path.starts_with("/api/ai/keys/") {
            return Some(&self.key);
        }
        match path.split('/').nth(2) {
            Some("providers") => Some(&self.provider),
            Some("conversations" | "ai") => Some(&self.conversation),
            Some("messages") => Some(&self.message),
            Some("pictures") => Some(&self.picture),
            Some("chat") => Some(&self.answer),
            _ => None,
        }
    }
}

/// The body of an operation.
pub fn body(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        (
            "GET",
            "/api/conversations"
            | "/api/conversations/{id}"
            | "/api/conversations/{id}/messages"
            | "/api/ai/conversation/{id}"
            | "/api/chat/stream/{id}"
            | "/api/providers"
            | "/api/providers/health"
            | "/api/admin/providers"
            | "/api/ai/keys"
            | "/api/conversations/export"
            | "/api/pictures/{id}"
            | "/v1/models"
            | "/api/usage"
            | "/api/admin/usage"
            | "/api/crisis/hotlines",
        )
        | (
            "DELETE",
            "/api/conversations/{id}"
            | "/api/messages/{id}"
            | "/api/ai/keys/{id}"
            | "/api/providers/{id}",
        ) => Body::None,
        ("POST", "/api/providers") => Body::Json(|world| nowhere(&world.login.username)),
        ("PATCH", "/api/providers/{id}") => Body::Json(|_| json!({ "models": ["two"] })),
        ("POST", "/api/providers/{id}/test") => Body::Json(|_| json!({})),
        ("PUT", "/api/providers/visibility") => {
            Body::Json(|_| json!({ "model": "nobody/one", "roles": null }))
        }
        ("PUT", "/api/providers/elsewhere") => Body::Json(|_| json!({ "models": null })),
        ("POST", "/api/conversations/import") => {
            Body::File("application/json", r#"{"salus_conversations":1,"conversations":[]}"#)
        }
        ("POST", "/api/ai/keys") => Body::Json(|_| json!({ "name": "a program" })),
        ("POST", "/v1/chat/completions") => Body::Json(|_| {
            let said = json!([{ "role": "user", "content": "Good morning" }]);
            json!({ "model": "scripted/echo", "messages": said })
        }),
        ("POST", "/v1/messages") => Body::Json(|_| {
            let said = json!([{ "role": "user", "content": "Good morning" }]);
            json!({ "model": "scripted/echo", "max_tokens": 50, "messages": said })
        }),
        ("POST", "/v1/embeddings") => {
            Body::Json(|_| json!({ "model": "scripted/echo", "input": "Good morning" }))
        }
        ("POST", "/api/conversations/search") => Body::Json(|_| json!({ "words": "morning" })),
        ("POST", "/api/conversations") => Body::Json(|_| json!({ "title": "A talk" })),
        ("PATCH", "/api/conversations/{id}") => Body::Json(|_| json!({ "archived": true })),
        ("PATCH", "/api/messages/{id}") => Body::Json(|_| json!({ "content": "Anew." })),
        ("POST", "/api/chat/stream" | "/api/chat/message" | "/api/ai/chat") => Body::Json(spoken),
        ("POST", "/api/chat/approve") => Body::Json(refused),
        ("POST", "/api/chat/cancel") => Body::Json(stopped),
        ("POST", "/api/crisis/assess") => Body::Json(|_| json!({ "text": "Hello." })),
        ("POST", "/api/crisis/resources") => Body::Json(|_| json!({ "country": "AT" })),
        _ => return None,
    })
}

/// What is said to a tool that does not wait any more.
fn refused(world: &World) -> serde_json::Value {
    json!({ "stream_id": world.talk.answer, "number": 1, "decision": "refuse" })
}

fn stopped(world: &World) -> serde_json::Value {
    json!({ "stream_id": world.talk.answer })
}

/// A provider that nobody can reach.
fn nowhere(name: &str) -> serde_json::Value {
    let url = "http://127.0.0.1:9";
    json!({ "name": name, "kind": "openai_chat", "url": url, "local": true, "models": ["one"] })
}

/// The name of a provider that an administrator set up.
async fn provider(app: &TestApp, name: &str) -> String {
    let name = format!("of-{name}");
    let draft = providers::Draft {
        name: name.clone(),
        kind: providers::Kind::OpenaiChat,
        url: "http://127.0.0.1:9".to_owned(),
        local: true,
        key: None,
        models: vec!["one".to_owned()],
    };
    let ctx = kernel::Ctx::operator(app.app.env.clone());
    // Another sample of the same person may have made it.
    match app.app.providers.add(&ctx, draft).await {
        Ok(_) | Err(providers::ProvidersError::Taken) => name,
        Err(error) => panic!("{error}"),
    }
}

fn spoken(world: &World) -> serde_json::Value {
    json!({ "reply_to": world.talk.message })
}
