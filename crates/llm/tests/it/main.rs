//! The crate against real servers over real connections.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod connections;
mod dialects;

use llm::{ChatRequest, Dialect, Limits, Location, Message, RemoteConfig, RemoteProvider, Role};
use std::time::Duration;

/// Limits that tests can wait for.
fn limits() -> Limits {
    Limits {
        first_token: Duration::from_millis(400),
        idle: Duration::from_millis(300),
        ..Limits::default()
    }
}

fn provider_with(url: &str, dialect: Dialect, limits: Limits) -> RemoteProvider {
    let config = RemoteConfig {
        id: "mock".parse().unwrap(),
        dialect,
        url: url.to_owned(),
        location: Location::Local,
        key: Some(kernel::Secret::new("sk-test".to_owned())),
        limits,
    };
    RemoteProvider::new(config, kernel::Env::system()).unwrap()
}

fn provider(url: &str, dialect: Dialect) -> RemoteProvider {
    provider_with(url, dialect, limits())
}

fn question(model: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, "good day")])
}
