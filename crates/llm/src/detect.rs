//! Looks whether a server of models runs on this machine: LM Studio or Ollama, where they listen
//! unless told otherwise. Nothing is sent but the question which models there are.

use crate::{
    dialect::Dialect,
    model::{Location, Model},
    provider::Provider,
    remote::{RemoteConfig, RemoteProvider},
    wire::Limits,
};
use kernel::Env;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// A place to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the provider will be called.
    pub id: String,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it listens.
    pub url: String,
}

/// Where such servers listen.
#[must_use]
pub fn usual_places() -> Vec<Place> {
    let place = |id: &str, dialect, url: &str| Place { id: id.into(), dialect, url: url.into() };
    vec![
        place("lmstudio", Dialect::LmStudio, "http://127.0.0.1:1234"),
        place("ollama", Dialect::Ollama, "http://127.0.0.1:11434"),
    ]
}

/// Those that answer with at least one model within the time, all asked at once.
pub async fn detect(
    places: &[Place],
    env: &Env,
    limits: Limits,
    patience: Duration,
) -> Vec<(Arc<dyn Provider>, Vec<Model>)> {
    let found = places.iter().map(|place| look(place, env, limits, patience));
    futures_util::future::join_all(found).await.into_iter().flatten().collect()
}

async fn look(
    place: &Place,
    env: &Env,
    limits: Limits,
    patience: Duration,
) -> Option<(Arc<dyn Provider>, Vec<Model>)> {
    let config = RemoteConfig {
        id: place.id.parse().ok()?,
        dialect: place.dialect,
        url: place.url.clone(),
        location: Location::Local,
        key: None,
        limits,
    };
    let provider: Arc<dyn Provider> = Arc::new(RemoteProvider::new(config, env.clone()).ok()?);
    let models = timeout(patience, provider.models()).await.ok()?.ok()?;
    (!models.is_empty()).then_some((provider, models))
}
