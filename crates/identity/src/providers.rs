//! Providers of log-ins (OpenID Connect): who they are, and what they say of people.
//!
//! What always holds: only what a provider signed, for us, for this question and a moment ago, counts;
//! algorithms and keys are chosen by us among what the provider publishes, and never by a token; a
//! provider that does not answer is left alone for a while. Nothing here knows our own accounts.

mod config;
mod flow;
mod id_token;
mod keys;
mod logout_token;
mod provider;
mod said;
mod wire;

pub use config::ProviderConfig;
pub(crate) use flow::{Flow, LIFE, Newcomer, Purpose};
pub(crate) use id_token::{Claims, Expected};
pub(crate) use logout_token::LogoutClaims;
pub(crate) use provider::{Provider, Returned};

use crate::config::ConfigError;
use std::{collections::BTreeMap, sync::Arc};

/// The system key that questions to providers follow from.
pub(crate) const KEY: &str = "identity.providers";

/// Why a provider vouches for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or not as a provider would.
    #[error("the provider does not answer as it should: {0}")]
    Unreachable(&'static str),
    /// What it said does not hold.
    #[error("what the provider said does not hold: {0}")]
    Refused(&'static str),
}

/// The providers of an installation, by the names that they have in the settings.
pub(crate) struct Providers(BTreeMap<String, Arc<Provider>>);

impl Providers {
    pub(crate) fn new(configs: &BTreeMap<String, ProviderConfig>) -> Result<Self, ConfigError> {
        let known = configs
            .iter()
            .map(|(id, config)| Ok((id.clone(), Arc::new(Provider::new(id, config)?))));
        let known: BTreeMap<_, Arc<Provider>> = known.collect::<Result<_, ConfigError>>()?;
        let mut issuers: Vec<&str> = known.values().map(|known| known.issuer()).collect();
        issuers.sort_unstable();
        // Two names for one issuer would be one account behind two buttons.
        if issuers.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(ConfigError::Providers("two providers have the same issuer"));
        }
        Ok(Self(known))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Provider>> {
        self.0.get(id)
    }

    /// The provider with this issuer.
    pub(crate) fn of_issuer(&self, issuer: &str) -> Option<&Arc<Provider>> {
        self.0.values().find(|known| known.issuer() == issuer)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.values()
    }
}
