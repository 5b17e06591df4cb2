//! Where models come from. Part of the program are the built-in companion always, and the scripted
//! ones where the settings want them.

use crate::config::{Config, ConfigError};
use audit::Ledger;
use care::{Care, Lang};
use db::Db;
use kernel::Env;
use llm::{Companion, Gateway, GatewayConfig, Provider, Registry, Scripted};
use providers::{ModelSettings, Providers, SettingsError};
use std::sync::Arc;
use vault::Vault;

/// Who answers: part of the program, named by the settings, or set up by administrators.
pub async fn providers(
    config: &Config,
    env: &Env,
    (db, vault, ledger): (&Db, &Vault, &Ledger),
    care: &Care,
) -> Result<Providers, ConfigError> {
    let parts = providers::Parts {
        db: db.clone(),
        vault: vault.clone(),
        ledger: ledger.clone(),
        env: env.clone(),
        gateway: gateway(config, env)?,
        builtin: builtin(&config.models, care).await?,
        elsewhere: config.companion.elsewhere.clone(),
    };
    let providers = Providers::new(parts, &config.models)?;
    // What cannot be read now is read a second later.
    if let Err(error) = providers.load().await {
        tracing::warn!(%error, "what administrators set up is not known yet");
    }
    Ok(providers)
}

/// The order that the settings name.
fn gateway(config: &Config, env: &Env) -> Result<Gateway, ConfigError> {
    let wrong = |error| ConfigError::Setting(format!("companion.models: {error}"));
    let names = config.companion.models.iter();
    let preferred = names.map(|name| name.parse().map_err(wrong)).collect::<Result<_, _>>()?;
    let settings = GatewayConfig { preferred, ..GatewayConfig::default() };
    Ok(Gateway::new(env.clone(), settings, Registry::new()))
}

/// What is part of the program.
async fn builtin(settings: &ModelSettings, care: &Care) -> Result<Registry, ConfigError> {
    let wrong = |name: &str, reason| SettingsError::new(name, &reason);
    let companion = companion(care)?;
    let models = companion.models().await.map_err(|error| wrong("salus", error))?;
    let registry = Registry::new().with(companion, models);
    if !settings.scripted {
        return Ok(registry);
    }
    let scripted = Scripted::new().map_err(|error| wrong("scripted", error))?;
    let models = scripted.models().await.map_err(|error| wrong("scripted", error))?;
    Ok(registry.with(Arc::new(scripted), models))
}

/// The companion that needs no model and no network.
fn companion(care: &Care) -> Result<Arc<dyn Provider>, ConfigError> {
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
