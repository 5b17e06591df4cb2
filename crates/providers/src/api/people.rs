//! Which models there are, and how their providers are.

use crate::{rules::Viewer, service::Providers, supply::PATIENCE};
use axum::extract::State;
use httpkit::{ApiResult, Json, LoggedIn};
use kernel::Coded;
use llm::{Location, Model};
use serde::Serialize;
use std::collections::BTreeMap;
use tokio::time::timeout;
use utoipa::ToSchema;

/// Where a model runs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelLocation)]
pub(super) enum LocationName {
    /// Inside Salus.
    Builtin,
    /// On a machine of whoever runs this Salus.
    Local,
    /// With someone else.
    Remote,
}

/// A model.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(super) struct ModelView {
    /// Its name, `provider/name`.
    id: String,
    /// Its name for people.
    title: String,
    /// Where it runs, and so who sees what is said.
    location: LocationName,
    /// How many tokens it can read and write at once; null if nobody said.
    context: Option<u32>,
    /// Whether it sees pictures.
    vision: bool,
    /// Whether it can ask for tools.
    tools: bool,
}

/// A provider with its models.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderView {
    /// Its name.
    id: String,
    /// Its models.
    models: Vec<ModelView>,
}

/// All providers.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderList {
    /// The providers.
    providers: Vec<ProviderView>,
}

/// How a provider is.
#[derive(Serialize, ToSchema)]
struct ProviderHealth {
    /// Its name.
    id: String,
    /// Whether it answers.
    ok: bool,
    /// The code of what is wrong.
    error: Option<String>,
}

/// How all providers are.
#[derive(Serialize, ToSchema)]
pub(super) struct ProvidersHealth {
    /// The providers.
    providers: Vec<ProviderHealth>,
}

impl From<Model> for ModelView {
    fn from(model: Model) -> Self {
        let location = match model.location {
            Location::Builtin => LocationName::Builtin,
            Location::Local => LocationName::Local,
            Location::Remote => LocationName::Remote,
        };
        Self {
            id: model.id.to_string(),
            title: model.title,
            location,
            context: model.context,
            vision: model.abilities.vision,
            tools: model.abilities.tools,
        }
    }
}

/// Providers and the models that answer messages, as far as the caller may use them.
#[utoipa::path(get, path = "/api/providers", operation_id = "list_providers", tag = "models",
    responses((status = 200, body = ProviderList)))]
pub(super) async fn list(
    State(providers): State<Providers>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<ProviderList>> {
    let viewer = Viewer::of(&ctx);
    let mut models: BTreeMap<String, Vec<ModelView>> = BTreeMap::new();
    let registry = providers.gateway().registry();
    let offered = |model: &&Model| model.abilities.chat && providers.offers(viewer, model);
    for model in registry.models().filter(offered).cloned() {
        models.entry(model.id.provider().to_string()).or_default().push(model.into());
    }
    let providers = models.into_iter().map(|(id, models)| ProviderView { id, models }).collect();
    Ok(Json(ProviderList { providers }))
}

/// Asks each provider how it is.
#[utoipa::path(get, path = "/api/providers/health", operation_id = "providers_health",
    tag = "models", responses((status = 200, body = ProvidersHealth)))]
pub(super) async fn health(
    State(providers): State<Providers>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<ProvidersHealth>> {
    let ask = async |provider: std::sync::Arc<dyn llm::Provider>| {
        let answer = timeout(PATIENCE, provider.models()).await;
        let error = match answer {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.code().code.to_owned()),
            Err(_) => Some(llm::PROVIDER_TIMEOUT.code.to_owned()),
        };
        ProviderHealth { id: provider.id().to_string(), ok: error.is_none(), error }
    };
    let viewer = Viewer::of(&ctx);
    let registry = providers.gateway().registry();
    let there = registry.providers().filter(|provider| providers.is_for(viewer, provider.id()));
    let all = there.cloned().map(ask);
    Ok(Json(ProvidersHealth { providers: futures_util::future::join_all(all).await }))
}
