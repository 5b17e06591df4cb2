//! Which models there are: the built-in companion always, and what the settings name.

use crate::config::ConfigError;
use care::{Care, Lang};
use companion::Gate;
use kernel::{Env, Secret};
use llm::{
    Abilities, Companion, Dialect, Gateway, Limits, Location, Model, ModelId, Place, Provider,
    ProviderId, Registry, RemoteConfig, RemoteProvider, Scripted,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a provider may take to say which models it has.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that may not be there at all.
const SOON: Duration = Duration::from_secs(1);

/// Providers of models.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Providers by the name that they have here: `[models.providers.lmstudio]`.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// Look every five minutes whether LM Studio or Ollama runs on this machine, where they listen
    /// unless told otherwise, and offer their models. A provider of that name in the settings wins.
    pub detect: bool,
    /// Offer the provider `scripted`, whose models do what their names say: for trying out.
    pub scripted: bool,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self { providers: BTreeMap::new(), detect: true, scripted: false }
    }
}

/// One provider.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What it speaks.
    pub kind: Kind,
    /// Where it answers, as its documentation says: `https://api.openai.com/v1`.
    pub url: String,
    /// Its key, if it wants one.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub key: Option<Secret<String>>,
    /// A file that holds the key.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Whether it runs on a machine of whoever runs this Salus. What is said goes to no other
    /// provider without the person's agreement.
    #[serde(default)]
    pub local: bool,
    /// Its models, as it calls them; it is asked for them if none is named.
    #[serde(default)]
    pub models: Vec<String>,
}

/// What a provider speaks.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Chat Completions, as OpenAI and very many others speak it.
    OpenaiChat,
    /// Responses, OpenAI's newer one.
    OpenaiResponses,
    /// Anthropic's Messages.
    Anthropic,
    /// LM Studio.
    Lmstudio,
    /// Ollama.
    Ollama,
}

impl From<Kind> for Dialect {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::OpenaiChat => Self::OpenAiChat,
            Kind::OpenaiResponses => Self::OpenAiResponses,
            Kind::Anthropic => Self::Anthropic,
            Kind::Lmstudio => Self::LmStudio,
            Kind::Ollama => Self::Ollama,
        }
    }
}

/// The providers that are set up, and which of their models are known already.
pub struct Providers {
    known: Registry,
    /// Those that have to be asked.
    unasked: Vec<Arc<dyn Provider>>,
    /// Where to look for others.
    places: Vec<Place>,
    env: Env,
}

impl Providers {
    /// Sets up what the settings name. Nothing is connected yet.
    pub async fn new(
        settings: &ModelSettings,
        env: &Env,
        care: &Care,
    ) -> Result<Self, ConfigError> {
        let wrong = |name: &str, reason: &dyn std::fmt::Display| {
            ConfigError::Setting(format!("models.providers.{name}: {reason}"))
        };
        let builtin = builtin(care)?;
        let models = builtin.models().await.map_err(|error| wrong("salus", &error))?;
        let mut known = Registry::new().with(builtin, models);
        let mut unasked: Vec<Arc<dyn Provider>> = Vec::new();
        if settings.scripted {
            let scripted = Scripted::new().map_err(|error| wrong("scripted", &error))?;
            let models = scripted.models().await.map_err(|error| wrong("scripted", &error))?;
            known = known.with(Arc::new(scripted), models);
        }
        for (name, provider) in &settings.providers {
            let id: ProviderId = name.parse().map_err(|error| wrong(name, &error))?;
            if known.provider(&id).is_some() {
                return Err(wrong(name, &"this name is taken"));
            }
            let location = if provider.local { Location::Local } else { Location::Remote };
            let config = RemoteConfig {
                id: id.clone(),
                dialect: provider.kind.into(),
                url: provider.url.clone(),
                location,
                key: provider.key.clone(),
                limits: Limits::default(),
            };
            let remote = RemoteProvider::new(config, env.clone());
            let remote = remote.map_err(|error| wrong(name, &error))?;
            // Nothing reaches someone else's machine as it was said.
            let remote: Arc<dyn Provider> = match location {
                Location::Remote => Arc::new(Gate::new(Arc::new(remote))),
                Location::Local | Location::Builtin => Arc::new(remote),
            };
            if provider.models.is_empty() {
                unasked.push(remote.clone());
            }
            let named = provider.models.iter().map(|model| named(&id, model, location));
            let named = named.collect::<Result<Vec<_>, _>>();
            known = known.with(remote, named.map_err(|error| wrong(name, &error))?);
        }
        let free = |place: &Place| !settings.providers.contains_key(&place.id);
        let places = if settings.detect { llm::usual_places() } else { Vec::new() };
        let places = places.into_iter().filter(free).collect();
        Ok(Self { known, unasked, places, env: env.clone() })
    }

    /// The models that are known without asking anybody.
    #[must_use]
    pub fn known(&self) -> Registry {
        self.known.clone()
    }

    /// Asks the providers whose models nobody named, and offers what they have.
    pub async fn ask(&self, gateway: &Gateway) {
        let mut registry = self.known.clone();
        for provider in &self.unasked {
            match timeout(PATIENCE, provider.models()).await {
                Ok(Ok(found)) => registry = registry.with(provider.clone(), found),
                Ok(Err(error)) => {
                    tracing::debug!(provider = %provider.id(), %error, "its models are not known");
                }
                Err(_) => tracing::debug!(provider = %provider.id(), "it does not answer"),
            }
        }
        for (provider, models) in
            llm::detect(&self.places, &self.env, Limits::default(), SOON).await
        {
            tracing::debug!(provider = %provider.id(), "found on this machine");
            registry = registry.with(provider, models);
        }
        gateway.replace(registry);
    }

    /// Whether somebody has to be asked at all.
    #[must_use]
    pub fn must_be_asked(&self) -> bool {
        !self.unasked.is_empty() || !self.places.is_empty()
    }
}

/// The companion that needs no model and no network.
fn builtin(care: &Care) -> Result<Arc<dyn Provider>, ConfigError> {
    let ids = care.skills.iter().map(|skill| skill.id.as_str());
    let all = ids.flat_map(|id| Lang::ALL.map(|lang| (id, lang)));
    let skills = all.filter_map(|(id, lang)| exercise(care, id, lang)).collect();
    let companion = Companion::new(skills);
    let companion = companion.map_err(|error| ConfigError::Setting(error.to_string()))?;
    Ok(Arc::new(companion))
}

/// An exercise in this language, if it is there in it.
fn exercise(care: &Care, id: &str, lang: Lang) -> Option<llm::Skill> {
    let (skill, found) = care.skills.localized(id, lang)?;
    let topic = |concern| match serde_json::to_value(concern) {
        Ok(serde_json::Value::String(name)) => Some(name),
        _ => None,
    };
    (found == lang).then(|| llm::Skill {
        id: skill.id,
        language: lang.tag().to_owned(),
        title: skill.title,
        steps: skill.steps,
        when: skill.situations.iter().filter_map(topic).collect(),
        caution: skill.caution,
    })
}

/// A model of which nothing but the name is known.
fn named(provider: &ProviderId, name: &str, location: Location) -> Result<Model, llm::NameError> {
    Ok(Model {
        id: ModelId::new(provider.clone(), name)?,
        title: name.to_owned(),
        location,
        context: None,
        abilities: Abilities { chat: true, ..Abilities::default() },
        prices: (location == Location::Local).then_some(llm::Prices::NOTHING),
    })
}
