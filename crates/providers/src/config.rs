//! Providers as the settings file names them.

use kernel::Secret;
use llm::Dialect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};
use utoipa::ToSchema;

/// A provider in the settings cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("models.providers.{name}: {reason}")]
pub struct SettingsError {
    name: String,
    reason: String,
}

impl SettingsError {
    /// The provider of this name cannot be set up, for this reason.
    #[must_use]
    pub fn new(name: &str, reason: &dyn std::fmt::Display) -> Self {
        Self { name: name.to_owned(), reason: reason.to_string() }
    }
}

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
#[derive(Debug, Serialize, Deserialize, JsonSchema, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderKind)]
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

impl Kind {
    const ALL: [Self; 5] =
        [Self::OpenaiChat, Self::OpenaiResponses, Self::Anthropic, Self::Lmstudio, Self::Ollama];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai_chat",
            Self::OpenaiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Lmstudio => "lmstudio",
            Self::Ollama => "ollama",
        }
    }

    /// The one with this stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
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

impl From<Dialect> for Kind {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenAiChat => Self::OpenaiChat,
            Dialect::OpenAiResponses => Self::OpenaiResponses,
            Dialect::Anthropic => Self::Anthropic,
            Dialect::LmStudio => Self::Lmstudio,
            Dialect::Ollama => Self::Ollama,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_stored_by_the_names_that_clients_use() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert_eq!(Kind::from(Dialect::from(kind)), kind);
        }
        assert_eq!(Kind::from_name("something"), None);
    }
}
